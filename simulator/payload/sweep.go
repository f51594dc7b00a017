package payload

import (
	"math/rand/v2"
	"slices"

	"github.com/kometia-sim/kometia-sim/simulator/shop"
)

// What a sweep is made of.
const (
	// plainContents begin a sweep: what a receiver makes of normal events is what
	// the others are held against.
	plainContents = 3
	// perContent is how many changes a content has at the most: few enough to
	// remain an event that a shop might send.
	perContent = 12
)

// Sweep is a small set of contents of one kind that covers what its schema
// allows and a shop might send: each null, boundary, enum value and plausible
// extreme is in one of them. The first are plain. It is the same for every seed.
type Sweep struct {
	gen      *Generator
	kind     *kind
	contents [][]*mutation
}

// Sweep makes the sweep of a kind, of at most so many contents; zero is all. A kind
// that is not generated has an empty one.
func (g *Generator) Sweep(kindName string, most int) *Sweep {
	s := &Sweep{gen: g}
	i := slices.IndexFunc(g.kinds, func(k *kind) bool { return k.Name == kindName })
	if i < 0 {
		return s
	}
	s.kind = g.kinds[i]
	s.contents = make([][]*mutation, plainContents)
	for i := range s.kind.singles {
		if m := &s.kind.singles[i]; m.sweeps() {
			s.place(m)
		}
	}
	s.contents = append(s.contents, s.bare("true"), s.bare("false"))
	if most > 0 && len(s.contents) > most {
		s.contents = s.contents[:most]
	}
	return s
}

// sweeps reports whether a change belongs into a sweep: nothing that a receiver may
// refuse, that rests on inference alone, or that is longer than 255 characters
// where nobody writes at length. What state an object is in is told by stories, and
// amounts that follow from others follow.
func (m *mutation) sweeps() bool {
	if m.odd || m.soft || m.label == "300 characters" && !long(m.place.last()) {
		return false
	}
	switch m.place.String() {
	case "data.object.status", "data.object.financial_status", "data.object.fulfillment_status", "data.object.is_test",
		"data.object.subtotal_price", "data.object.total_items_price", "data.object.transactions[0].amount",
		"data.object.shipping_lines.price", "data.object.items[0].total", "data.object.total_items", "data.object.total_products":
		return false
	}
	return true
}

// place puts a change into the first content that has room for it.
func (s *Sweep) place(m *mutation) {
	for i := plainContents; i < len(s.contents); i++ {
		if len(s.contents[i]) < perContent && !slices.ContainsFunc(s.contents[i], m.disturbs) {
			s.contents[i] = append(s.contents[i], m)
			return
		}
	}
	s.contents = append(s.contents, []*mutation{m})
}

// bare is the content with as little as the schema asks for, all of it at once: what
// may be null or missing is, and every switch stands alike. Whoever reads one member
// only where another says so meets both here.
func (s *Sweep) bare(switches string) (some []*mutation) {
	for i := range s.kind.singles {
		m := &s.kind.singles[i]
		if m.sweeps() && (m.label == "null" || m.label == "absent" || m.label == switches) && !slices.ContainsFunc(some, m.disturbs) {
			some = append(some, m)
		}
	}
	return some
}

// disturbs reports whether two changes would undo each other: those of one place,
// and of amounts, from which others follow.
func (m *mutation) disturbs(other *mutation) bool {
	money := func(m *mutation) bool {
		switch m.place.last() {
		case "price", "quantity", "discount", "shipping_rate", "total_taxes", "total_discount", "total_price":
			return len(m.place) < 4 || m.place.String() == "data.object.items[0]."+m.place.last()
		}
		return m.lines > 0
	}
	return overlaps([]place{m.place}, other.place) || money(m) && money(other)
}

// Len is how many contents there are.
func (s *Sweep) Len() int { return len(s.contents) }

// Changes names what is out of the ordinary in the n-th content; none where it is
// plain.
func (s *Sweep) Changes(n int) (names []string) {
	for _, m := range s.contents[n] {
		names = append(names, m.name())
	}
	return names
}

// Before are the kinds of what has to have happened before, in order.
func (s *Sweep) Before() []string {
	if s.kind == nil {
		return nil
	}
	return s.gen.cfg.Catalogue.Before(s.kind.Name)
}

// Content makes the n-th content with those of its changes that only lists by their
// positions; nil is all of them. The story says under which identities and when;
// its kinds are filled in. The events that have to come before are the first of
// the result, without changes. What a schema refuses is an error.
func (s *Sweep) Content(n int, only []int, story shop.Story) ([]*shop.Event, error) {
	var some []*mutation
	for i, m := range s.contents[n] {
		if only == nil || slices.Contains(only, i) {
			some = append(some, m)
			story.Lines = max(story.Lines, m.lines)
		}
	}
	story.Kinds = append(s.gen.cfg.Catalogue.Before(s.kind.Name), s.kind.Name)
	events, err := s.gen.world.Draft(story)
	if err != nil {
		return nil, err
	}
	last := events[len(events)-1]
	c := &Case{Kind: s.kind.Name, Class: Plausible, Story: story, Event: last, Tree: last.Tree}
	s.gen.apply(c, s.kind, rand.New(rand.NewPCG(uint64(n), 3)), some) //nolint:gosec // not negative
	if err := s.gen.cfg.Catalogue.Validate(s.kind.Name, c.Tree); err != nil {
		return nil, err
	}
	last.Tree = c.Tree
	return events, nil
}
