package scenarios

import (
	"encoding/json"
	"maps"
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
// for a gift or for a note does not become the measure of all others.
func plainContent(w *shop.World) shop.Key {
	const tries = 100
	for i := range tries {
		key := shop.Key{Name: "plain", Index: i}
		events, err := w.Draft(shop.Story{Key: key, Kinds: []string{"order.placed"}})
		if err != nil {
			break // a catalogue without orders
		}
		if ordinary(events[0].Tree) {
			return key
		}
	}
	return shop.Key{Name: "plain"}
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
