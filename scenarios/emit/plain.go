package emit

import (
	"cmp"
	"encoding/json"
	"maps"
	"math"
	"slices"

	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
)

// plainContent is the story whose content every event of a run has as far as its
// scenario does not change it, the gate's as well: what one of them brings about
// can be held against what another did, also where that depends on content. It is
// the first of the seed with an ordinary order, so that what a receiver does only
// for a gift or for a note does not become the measure of all others, and of those
// one that says the least of what is the receiver's own affair.
func plainContent(w *shop.World, kinds []string, meant func(kind string, tree *jsontree.Object) bool) shop.Key {
	const tries = 100
	best, least := shop.Key{Name: "plain"}, math.MaxInt
	for i := range tries {
		key := shop.Key{Name: "plain", Index: i}
		n := 0
		for _, kind := range kinds {
			events, err := w.Draft(shop.Story{Key: key, Kinds: []string{kind}})
			if err == nil && meant(kind, events[0].Tree) {
				n += 2
			}
		}
		events, err := w.Draft(shop.Story{Key: key, Kinds: []string{"order.placed"}})
		if err == nil && !ordinary(events[0].Tree) {
			n++
		}
		if n < least {
			best, least = key, n
		}
		if n == 0 {
			break
		}
	}
	return best
}

// meantKinds are the kinds that the plain content is chosen for; none where nothing
// is the receiver's own affair.
func meantKinds(rec *receiver.Receiver, cfg *Settings) []string {
	if len(rec.Intended()) == 0 {
		return nil
	}
	return cfg.Tried()
}

// ordinary reports whether an order has several lines and neither gift, note nor
// discount.
func ordinary(tree *jsontree.Object) bool {
	said := func(member string) any {
		v, _ := jsontree.Get(tree, "data.object."+member)
		return v
	}
	items, _ := said("items").([]any)
	return len(items) > 1 && !receiver.Same(true, said("is_gift")) && receiver.Same(json.Number("0"), said("total_discount")) &&
		said("customer_note") == nil && said("order_note") == nil
}

// changed are the members in which an event differs from the plain content, in
// order; none where it has that content. A story with lines of its own number
// differs in all of its events.
func changed(e *language.Emit, lines int) []string {
	out := slices.Collect(maps.Keys(e.Set))
	out = append(append(out, e.Unset...), slices.Collect(maps.Keys(e.Add))...)
	slices.Sort(out)
	if lines > 0 {
		out = append([]string{"data.object.items"}, out...)
	}
	return out
}

// spelling tells how an event is written otherwise than the plain one; "" for one
// that is not.
func spelling(e *language.Emit) string { return cmp.Or(e.Spelling, e.Keys, e.Envelope, e.Body) }
