package payload

import (
	"errors"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
)

// Config says what is generated.
type Config struct {
	Seed uint64
	IDs  string
	// Start is the time of every event; it has no zero meaning.
	Start time.Time
	// Catalogue is nil for the built-in one; Kinds nil for all of it.
	Catalogue *schemas.Catalogue
	Kinds     []string
	// Phases is nil for DefaultPhases.
	Phases []Phase
	// Style, Envelope and LiveOrders are those of the shop's events.
	Style      jsontree.Style
	Envelope   delivery.Envelope
	LiveOrders bool
}

// Generator makes cases. It is safe for concurrent use.
type Generator struct {
	cfg      Config
	world    *shop.World
	schedule schedule
	kinds    []*kind
	// order is the singles of the coverage phase over all kinds.
	order     []single
	coverage  *coverage
	spellings []spelling
}

// kind is an event kind with all that can be changed in it.
type kind struct {
	schemas.Kind
	top       *view
	singles   []mutation
	tolerant  []mutation
	broken    []mutation
	excessive []mutation
	examples  []any
}

type single struct{ kind, mutation int }

// New reads the schemas. All mistakes of cfg are joined.
func New(cfg Config) (*Generator, error) {
	if cfg.Catalogue == nil {
		cfg.Catalogue = schemas.Builtin()
	}
	if cfg.Phases == nil {
		cfg.Phases = DefaultPhases()
	}
	if cfg.Style == "" {
		cfg.Style = jsontree.PHP
	}
	var errs []error
	for _, p := range cfg.Phases {
		if !slices.Contains(Phases(), p) {
			errs = append(errs, lang.Errorf("no existe la fase %q", "unknown phase %q", p))
		}
	}
	if len(cfg.Phases) == 0 {
		errs = append(errs, lang.Errorf("no hay fases", "no phases"))
	}
	world, err := shop.New(shop.Config{Seed: cfg.Seed, IDs: cfg.IDs, Start: cfg.Start, Catalogue: cfg.Catalogue, LiveOrders: cfg.LiveOrders})
	errs = append(errs, err)
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	g := &Generator{cfg: cfg, world: world, schedule: newSchedule(cfg.Phases), spellings: spellings()}
	r := &reader{nodes: map[string]*node{}}
	vs := views{}
	for _, k := range cfg.Catalogue.Kinds() {
		if cfg.Kinds != nil && !slices.Contains(cfg.Kinds, k.Name) {
			continue
		}
		root, err := r.readKind(cfg.Catalogue, k.Name)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		top := vs.of(root)
		g.kinds = append(g.kinds, &kind{
			Kind: k, top: top, singles: enumerate(top), tolerant: tolerate(top), broken: violate(top), excessive: exceed(top),
			examples: cfg.Catalogue.Examples(k.Object),
		})
	}
	for _, name := range cfg.Kinds {
		if _, err := cfg.Catalogue.Kind(name); err != nil {
			errs = append(errs, err)
		}
	}
	if len(g.kinds) == 0 && len(errs) == 0 {
		errs = append(errs, lang.Errorf("no hay tipos de evento", "no event kinds"))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	vs.settle(r.points)
	g.coverage = newCoverage(r.points)
	g.arrange()
	return g, nil
}

// arrange puts the singles of all kinds in turn. Kinds of one object begin at
// different mutations, so that all of them have been seen once in a fraction of
// the time that all kinds take.
func (g *Generator) arrange() {
	siblings := map[string]int{}
	for _, k := range g.kinds {
		siblings[k.Object]++
	}
	begin := make([]int, len(g.kinds))
	seen := map[string]int{}
	most := 0
	for i, k := range g.kinds {
		begin[i] = len(k.singles) * seen[k.Object] / siblings[k.Object]
		seen[k.Object]++
		most = max(most, len(k.singles))
	}
	for n := range most {
		for i, k := range g.kinds {
			if n < len(k.singles) {
				g.order = append(g.order, single{i, (begin[i] + n) % len(k.singles)})
			}
		}
	}
}

// HasPayloads reports whether there is any phase that makes payloads.
func (g *Generator) HasPayloads() bool { return len(g.schedule.cycle) > 0 }

// Kinds are the names of the kinds that are generated.
func (g *Generator) Kinds() []string {
	var names []string
	for _, k := range g.kinds {
		names = append(names, k.Name)
	}
	return names
}

// Deletes reports whether events of a kind say that their object was deleted.
func (g *Generator) Deletes(kind string) bool {
	k, _ := g.cfg.Catalogue.Kind(kind)
	return k.Deletes()
}

// Config is what is generated, with the defaults filled in.
func (g *Generator) Config() Config { return g.cfg }

// Body writes an event as the run's deliveries have it.
func (g *Generator) Body(tree *jsontree.Object) []byte {
	return delivery.Body(tree, g.cfg.Envelope, g.cfg.Style)
}

// World is the shop that the events come from.
func (g *Generator) World() *shop.World { return g.world }

// Singles is how many cases the coverage phase has before it goes on to pairs.
func (g *Generator) Singles() int { return len(g.order) }

// CoverageEnd is the index of the case by which the coverage phase has gone
// through everything once.
func (g *Generator) CoverageEnd() uint64 {
	times := g.schedule.times[Coverage]
	if times == 0 {
		return 0
	}
	rounds := (uint64(len(g.order)) + times - 1) / times
	return rounds * uint64(len(g.schedule.cycle))
}

// Covered is how much of what the schemas allow has been made so far, in
// percent: values of enums, nulls, boundaries, members left out.
func (g *Generator) Covered() float64 { return g.coverage.percent() }

// Uncovered names what of it has not been made yet.
func (g *Generator) Uncovered() []string { return g.coverage.missing() }

// Stream is the chance of one case. The purposes of one index share nothing: 1
// is its payload, 2 its history.
func (g *Generator) Stream(index, purpose uint64) *rand.Rand {
	return rand.New(rand.NewPCG(g.cfg.Seed^index*0x9e3779b97f4a7c15, purpose<<32^index))
}
