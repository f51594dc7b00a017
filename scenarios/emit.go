package scenarios

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
)

// emitted is an event of a case, ready to be sent.
type emitted struct {
	event   *shop.Event // nil when raw bytes are sent
	inert   bool        // what is sent is no event that is to have effects
	kind    string
	body    []byte
	at      time.Time
	summary string
}

// emit makes the event of a step. What it makes depends on seed, ids and start
// and on its place in the catalogue, never on what was played before.
func (r *Runner) emit(s *Scenario, c *CaseSpec, e *Emit, kind string, round int, at time.Time) (*emitted, error) {
	where := func(err error) error {
		return fmt.Errorf("%s: case %s: emit %s: %w", s.file, c.Name, e.name(), err)
	}
	at = at.Add(e.After)
	keyOf := func(name string) shop.Key {
		return shop.Key{Name: strings.Join([]string{s.Family, c.Name, name, e.kind(kind)}, "/"), Index: round}
	}
	story := shop.Story{Key: keyOf(e.name()), Kinds: []string{e.kind(kind)}, At: at}
	if e.Twin != "" {
		twin := keyOf(e.Twin)
		story.Twin = &twin
	}
	events, err := r.world.Tell(story)
	if err != nil {
		return nil, where(err)
	}
	out := &emitted{event: events[0], kind: events[0].Kind, at: at, inert: e.Outside != "" || e.Truncate > 0}
	if e.Raw != nil {
		return &emitted{body: []byte(*e.Raw), at: at, summary: e.summary()}, nil
	}
	tree := jsontree.Clone(out.event.Tree).(*jsontree.Object)
	// In order, so that a member and one inside it always end the same.
	for _, path := range slices.Sorted(maps.Keys(e.Set)) {
		if err := jsontree.SetPath(tree, path, jsontree.Of(e.Set[path])); err != nil {
			return nil, where(err)
		}
	}
	for _, path := range e.Unset {
		if err := jsontree.DeletePath(tree, path); err != nil {
			return nil, where(err)
		}
	}
	if e.Keys == "reversed" {
		reverseKeys(tree)
	}
	if len(e.Set)+len(e.Unset) > 0 && e.Outside == "" {
		if err := r.cfg.Catalogue.Validate(out.kind, tree); err != nil {
			return nil, where(fmt.Errorf("what it changes leaves the schema: mark it `outside: schema` if that is meant: %w", err))
		}
	}
	out.event.Tree = tree
	if k, ok := tree.Lookup("kind"); ok {
		out.kind, _ = k.(string)
	}
	style := r.cfg.Style
	if e.Spelling != "" {
		style = jsontree.Style(e.Spelling)
	}
	out.body = delivery.Body(tree, r.cfg.Envelope, style)
	if e.Truncate > 0 {
		out.body = out.body[:int(float64(len(out.body))*e.Truncate)]
	}
	out.summary = e.summary()
	return out, nil
}

// summary is what stands out about what is sent, for the timeline.
func (e *Emit) summary() string {
	switch {
	case e.Raw != nil && *e.Raw == "":
		return "empty body"
	case e.Raw != nil:
		return *e.Raw
	case e.Truncate > 0:
		return fmt.Sprintf("cut at %.0f %%", e.Truncate*100)
	case e.Spelling != "":
		return e.Spelling
	case e.Keys != "":
		return "keys " + e.Keys
	}
	return ""
}

// reverseKeys turns the order of the members round, at every level.
func reverseKeys(v any) {
	switch v := v.(type) {
	case *jsontree.Object:
		for i, j := 0, len(v.Members)-1; i < j; i, j = i+1, j-1 {
			v.Members[i], v.Members[j] = v.Members[j], v.Members[i]
		}
		for i := range v.Members {
			reverseKeys(v.Members[i].Value)
		}
	case []any:
		for i := range v {
			reverseKeys(v[i])
		}
	}
}
