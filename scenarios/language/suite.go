package language

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/kometia-sim/kometia-sim/scenarios/catalogue"
	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/files"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/diagnose"
)

// Suite is a set of scenarios, in the order in which they are played, and the
// checks of them that are wanted.
type Suite struct {
	scenarios []*Scenario
	wanted    map[string]bool // nil means all
}

// Builtin is the catalogue that comes with the product. An error is a fault of
// the product.
func Builtin() (*Suite, error) {
	s, err := builtin()
	if err != nil {
		return nil, err
	}
	return &Suite{scenarios: slices.Clone(s.scenarios)}, nil // which its owner may add to
}

// builtin decodes the catalogue, which takes longer than most runs of a check.
var builtin = sync.OnceValues(func() (*Suite, error) { //nolint:gochecknoglobals // memo of a constant
	names, err := fs.Glob(catalogue.Files, "*.yaml")
	if err != nil {
		return nil, err
	}
	s := &Suite{}
	for _, name := range names {
		data, err := catalogue.Files.ReadFile(name)
		if err != nil {
			return nil, err
		}
		// A file of the catalogue may name checks of files that come later. The
		// catalogue's test proves that all of them exist.
		if err := s.add(path.Base(name), data, nil); err != nil {
			return nil, err
		}
	}
	return s, nil
})

// Add reads a user's scenario file into the suite. Its errors tell file, line
// and column, all that is wrong at once.
func (s *Suite) Add(file string) error {
	data, err := files.Read(file, MaxFile)
	if err != nil {
		return err
	}
	return s.Read(file, data)
}

// MaxFile is far more, in bytes, than any scenario file that a person writes.
const MaxFile = 1 << 20

// Read is Add for what has been read of a file of that name.
func (s *Suite) Read(name string, data []byte) error {
	return s.add(name, data, &names{
		check: func(id string) bool { return s.Check(id) != nil },
		codes: diagnose.Builtin().Codes(),
	})
}

func (s *Suite) add(file string, data []byte, known *names) error {
	sc, err := decode(file, data, known)
	if err != nil {
		return err
	}
	if sc.Group == GroupGate && known != nil {
		sc.read.Fail("group", "group gate: qué pasa la entrada lo decide el catálogo: use plain", "group gate: what passes the gate is settled by the catalogue: use plain")
	}
	for i, c := range sc.Checks {
		if old := s.Check(c.ID); old != nil {
			sc.read.Fail(fmt.Sprintf("checks[%d].id", i), "la prueba %s ya está en %s: dele otro id", "check %s stands already in %s: give it another id", c.ID, old.scenario.File())
		}
	}
	for _, other := range s.scenarios {
		if other.Family == sc.Family {
			at := "family"
			sc.read.Fail(at, "la familia %q ya está en %s: dele otro nombre", "family %q stands already in %s: give it another name", sc.Family, other.File())
		}
	}
	if err := sc.read.Err(); err != nil {
		return err
	}
	s.scenarios = append(s.scenarios, sc)
	order := groups()
	// One that measures is played by itself. It comes first of its group, so that it
	// does not stand between others, which wait together.
	place := func(s *Scenario) int {
		n := 2 * slices.Index(order, s.Group)
		if !s.Measures() {
			n++
		}
		return n
	}
	slices.SortStableFunc(s.scenarios, func(a, b *Scenario) int { return place(a) - place(b) })
	return nil
}

// Check is the check of that id, wanted or not; nil when there is none.
func (s *Suite) Check(id string) *Check {
	for _, sc := range s.scenarios {
		for i := range sc.Checks {
			if sc.Checks[i].ID == id {
				return &sc.Checks[i]
			}
		}
	}
	return nil
}

// Scenarios lists the scenarios that hold a wanted check, in the order in which
// they are played.
func (s *Suite) Scenarios() []*Scenario {
	var out []*Scenario
	for _, sc := range s.scenarios {
		if s.WantsAny(sc) {
			out = append(out, sc)
		}
	}
	return out
}

// Checks lists the wanted checks by id.
func (s *Suite) Checks() []*Check {
	var out []*Check
	for _, sc := range s.scenarios {
		for i := range sc.Checks {
			if s.Wants(sc.Checks[i].ID) {
				out = append(out, &sc.Checks[i])
			}
		}
	}
	slices.SortFunc(out, func(a, b *Check) int { return strings.Compare(a.ID, b.ID) })
	return out
}

// All lists the ids of all checks, wanted or not, sorted.
func (s *Suite) All() []string {
	var ids []string
	for _, sc := range s.scenarios {
		for i := range sc.Checks {
			ids = append(ids, sc.Checks[i].ID)
		}
	}
	slices.Sort(ids)
	return ids
}

// Played lists the scenarios that a run plays, in order: the gate, and those
// that hold a wanted check.
func (s *Suite) Played() (out []*Scenario) {
	for _, sc := range s.scenarios {
		if sc.Group == GroupGate || s.WantsAny(sc) {
			out = append(out, sc)
		}
	}
	return out
}

// Wants reports whether a check is wanted.
func (s *Suite) Wants(id string) bool { return s.wanted == nil || s.wanted[id] }

// WantsAny reports whether some check of a scenario is wanted.
func (s *Suite) WantsAny(sc *Scenario) bool {
	return slices.ContainsFunc(sc.Checks, func(c Check) bool { return s.Wants(c.ID) })
}

// ErrNothingSelected is a selection that leaves no check.
var ErrNothingSelected = lang.Errorf("la selección no deja ninguna prueba", "the selection leaves no check")

// Select returns the suite reduced to the checks that one of only names and
// none of skip does; ids and globs such as KOM-RTY-* will do, and an empty only
// means all. A pattern that names no check is a [*schemas.UnknownError], and a
// selection that leaves none is [ErrNothingSelected].
func (s *Suite) Select(only, skip []string) (*Suite, error) {
	var errs []error
	var ids []string
	for _, c := range s.Checks() {
		ids = append(ids, c.ID)
	}
	matching := func(patterns []string) map[string]bool {
		out := map[string]bool{}
		for _, p := range patterns {
			hit := false
			for _, id := range ids {
				// A pattern that cannot be read names nothing, either.
				if ok, _ := path.Match(strings.ToUpper(p), id); ok {
					out[id], hit = true, true
				}
			}
			if !hit {
				errs = append(errs, &schemas.UnknownError{What: lang.Text{ES: "la prueba", EN: "check"}, Name: p, Suggestion: schemas.Suggest(strings.ToUpper(p), ids)})
			}
		}
		return out
	}
	wanted := matching(only)
	unwanted := matching(skip)
	if len(only) == 0 {
		for _, id := range ids {
			wanted[id] = true
		}
	}
	for id := range unwanted {
		delete(wanted, id)
	}
	if len(errs) == 0 && len(wanted) == 0 {
		errs = append(errs, ErrNothingSelected)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return &Suite{scenarios: s.scenarios, wanted: wanted}, nil
}
