package payload

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
)

// Class is what a receiver owes a payload.
type Class string

// The classes.
const (
	// Plausible: valid, or outside the schema where it is to be accepted all the
	// same. It deserves a 2xx.
	Plausible Class = "plausible"
	// Odd: valid, and nothing that a shop would send. It may be refused.
	Odd Class = "odd"
	// Equal: a plausible event in another spelling. It deserves the answer that
	// the usual spelling gets.
	Equal Class = "equal"
	// Invalid: JSON that breaks the schema or can be read in two ways.
	Invalid Class = "invalid"
	// Broken: no JSON.
	Broken Class = "broken"
	// Cut: the beginning of an event, whose rest never came.
	Cut Class = "cut"
)

// Classes lists all classes.
func Classes() []Class { return []Class{Plausible, Odd, Equal, Invalid, Broken, Cut} }

// Good reports whether a payload of the class has to be acknowledged.
func (c Class) Good() bool { return c == Plausible || c == Equal }

// Case is one payload.
type Case struct {
	Seed  uint64
	Index uint64
	Phase Phase
	Kind  string
	// Name says what is out of the ordinary: "data.object.vendor: null"; "" for
	// a normal event.
	Name  string
	Class Class
	// Soft says that to refuse it weighs as SHOULD.
	Soft bool
	// Story tells the event with a generator's World; the event is its last one,
	// those before it are what must have happened before.
	Story shop.Story
	Event *shop.Event
	// Tree is the payload, nil where it is no JSON or not the spelling of a tree.
	Tree *jsontree.Object
	Body []byte
	// Changed are the places that were changed.
	Changed []string

	changed []place
}

// Plain makes a normal event of a kind, the n-th of its name.
func (g *Generator) Plain(kindName, name string, n int) (*Case, error) {
	return g.draft(g.find(kindName), shop.Story{Key: shop.Key{Name: "fuzz " + name, Index: n}})
}

// Base makes the normal event that a case was made from.
func (g *Generator) Base(c *Case) (*Case, error) {
	story := c.Story
	story.Lines = 0
	return g.draft(g.find(c.Kind), story)
}

func (g *Generator) find(name string) *kind {
	for _, k := range g.kinds {
		if k.Name == name {
			return k
		}
	}
	return g.kinds[0]
}

// draft makes a normal event of a kind with all that comes before it.
func (g *Generator) draft(k *kind, story shop.Story) (*Case, error) {
	story.Kinds = append(g.cfg.Catalogue.Before(k.Name), k.Name)
	events, err := g.world.Draft(story)
	if err != nil {
		return nil, err
	}
	event := events[len(events)-1]
	return &Case{Seed: g.cfg.Seed, Kind: k.Name, Class: Plausible, Story: story, Event: event, Tree: event.Tree}, nil
}

// Case makes the case of an index: the same bytes for the same seed, ids and
// start, whatever was made before.
func (g *Generator) Case(index uint64) (*Case, error) {
	phase, n := g.schedule.at(index)
	c, err := g.make(phase, n, index)
	if err != nil {
		return nil, lang.Errorf("caso %d de la semilla %d: %s", "case %d of seed %d: %s", index, g.cfg.Seed, err)
	}
	c.Index, c.Phase = index, phase
	return c, nil
}

func (g *Generator) make(phase Phase, n, index uint64) (*Case, error) {
	r := g.Stream(index, 1)
	var c *Case
	var err error
	switch phase {
	case Coverage:
		if n < uint64(len(g.order)) {
			s := g.order[n]
			k := g.kinds[s.kind]
			c, err = g.mutated(k, index, r, &k.singles[s.mutation])
		} else {
			k := g.kinds[r.IntN(len(g.kinds))]
			a, b := &k.singles[r.IntN(len(k.singles))], &k.singles[r.IntN(len(k.singles))]
			c, err = g.mutated(k, index, r, a, b)
		}
	case Random:
		k := g.kinds[r.IntN(len(g.kinds))]
		var some []*mutation
		for range 1 + r.IntN(6) {
			some = append(some, &k.singles[r.IntN(len(k.singles))])
		}
		c, err = g.mutated(k, index, r, some...)
	case Tolerant:
		c, err = g.outside(index, n, r)
	case NearValid:
		c, err = g.nearValid(index, n, r)
	case Extreme:
		k := g.kinds[n%uint64(len(g.kinds))]
		if len(k.excessive) > 0 {
			c, err = g.mutated(k, index, r, &k.excessive[n/uint64(len(g.kinds))%uint64(len(k.excessive))])
		} else {
			c, err = g.mutated(k, index, r)
		}
	case Examples:
		c, err = g.example(index, n, r)
	default:
		return g.written(index, n, r)
	}
	if err != nil {
		return nil, err
	}
	if c.Body == nil {
		c.Body = g.Body(c.Tree)
	}
	return c, nil
}

func (g *Generator) story(index uint64, lines int) shop.Story {
	return shop.Story{Key: shop.Key{Name: "fuzz", Index: int(index & (1<<62 - 1))}, Lines: lines} //nolint:gosec // masked
}

// mutated applies mutations to an event of the shop. What the schema then
// refuses goes out as the normal event that it was.
func (g *Generator) mutated(k *kind, index uint64, r *rand.Rand, some ...*mutation) (*Case, error) {
	lines := 0
	for _, m := range some {
		lines = max(lines, m.lines)
	}
	c, err := g.draft(k, g.story(index, lines))
	if err != nil {
		return nil, err
	}
	g.apply(c, k, r, some)
	if err := g.cfg.Catalogue.Validate(k.Name, c.Tree); err != nil {
		if c, err = g.draft(k, g.story(index, 0)); err != nil {
			return nil, err
		}
		if err := g.cfg.Catalogue.Validate(k.Name, c.Tree); err != nil {
			return nil, err
		}
	}
	if !g.coverage.complete() {
		g.coverage.book(k.top, c.Tree)
	}
	return c, nil
}

// apply changes the tree of a case.
func (g *Generator) apply(c *Case, k *kind, r *rand.Rand, some []*mutation) {
	s := &synth{rand: r, now: c.Event.At.Unix()}
	var names []string
	for _, m := range some {
		if overlaps(c.changed, m.place) {
			continue
		}
		switch {
		case m.lines > 0:
		case m.value == nil:
			drop(c.Tree, m.place)
		default:
			reach(c.Tree, m.place, k.top, s)
			was, _ := get(c.Tree, m.place)
			if !set(c.Tree, m.place, m.value(was, s)) {
				continue
			}
		}
		c.changed = append(c.changed, m.place)
		c.Changed = append(c.Changed, m.place.String())
		names = append(names, m.name())
		c.Soft = c.Soft || m.soft
		if m.odd && c.Class == Plausible {
			c.Class = Odd
		}
	}
	c.Name = strings.Join(names, ", ")
	consequences(c)
}

// overlaps reports whether a place lies in one of others or the other way round.
func overlaps(others []place, p place) bool {
	for _, o := range others {
		n := min(len(o), len(p))
		if slices.Equal(o[:n], p[:n]) {
			return true
		}
	}
	return false
}

// consequences makes true what follows from the changes, so that the event
// tells one story.
func consequences(c *Case) {
	object, ok := get(c.Tree, place{{name: "data"}, {name: "object"}})
	if !ok {
		return
	}
	o, ok := object.(*jsontree.Object)
	if !ok {
		return
	}
	for _, p := range c.changed {
		if monetary(p.last()) || p.last() == "quantity" || p.last() == "total" {
			balance(o, c.changed)
			break
		}
	}
	if status, _ := o.Lookup("status"); status == "canceled" || status == "archived" {
		at, _ := o.Lookup("updated_at")
		name := fmt.Sprint(status) + "_at"
		if was, there := o.Lookup(name); there && was == nil {
			o.Set(name, at)
		}
	}
	if items, _ := o.Lookup("items"); items != nil {
		if list, ok := items.([]any); ok {
			if _, there := o.Lookup("items_count"); there && !slices.Contains(c.Changed, "data.object.items_count") {
				o.Set("items_count", number(int64(len(list))))
			}
		}
	}
}
