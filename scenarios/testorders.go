package scenarios

import (
	"context"
	"slices"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/consent"
	"github.com/kometia-sim/kometia-sim/scenarios/judge"
	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
)

// probeLiveOrders finds out, of a receiver that does nothing at all about orders,
// whether that is because they say that they are tests: it tells one story of an
// order that does not. Another machine is asked only with leave.
func (r *Runner) probeLiveOrders(ctx context.Context, cases []judge.Case) {
	kinds := r.idleTestOrders(cases)
	if len(kinds) == 0 || r.cfg.LiveOrders || !r.receiver.Allows(consent.Probe) || r.stopped(ctx) {
		return
	}
	world, err := r.cfg.World(true)
	if err != nil {
		return
	}
	events, err := r.maker.In(world).Plainly(shop.Story{
		Key: shop.Key{Name: "live order"}, Kinds: kinds, Gap: time.Minute,
		At: r.base.Add(-time.Duration(len(kinds)) * time.Minute),
	})
	if err != nil {
		return
	}
	c := alone()
	for _, made := range events {
		e := c.keeping(made, &language.Emit{As: made.Kind, Story: "live order"})
		d := &language.Deliver{As: e.Kind}
		r.deliverer.send(ctx, c, d, []outgoing{r.deliverer.begin(c, r.deliverer.prepare(d, e, 0))}, nil)
	}
	r.observation.settle(ctx, c.Exchanges)
	acts := slices.ContainsFunc(c.Exchanges, func(e *judge.Exchange) bool { return e.Seen != nil && e.Seen.Err == nil && e.Seen.Count > 0 }) ||
		slices.ContainsFunc(c.Histories, func(h *judge.History) bool { l := h.Last(); return l.Shows() && !l.Absent() })
	if !acts {
		return
	}
	r.observation.skipped = map[string]bool{}
	for _, kind := range kinds {
		r.observation.skipped[kind] = true
	}
	r.report.Notes = append(r.report.Notes, textTestOrders())
}

// idleTestOrders are the kinds of test orders that the gate saw taken; none where
// the receiver was seen to do something about one of them.
func (r *Runner) idleTestOrders(cases []judge.Case) (kinds []string) {
	effects := r.receiver.Effects()
	if effects == nil {
		return nil
	}
	for i := range cases {
		for _, e := range cases[i].Exchanges {
			sent := r.gate.sent[e.Kind]
			if !e.Acknowledged() || e.Meant || sent == nil || !saysTest(sent.Event) {
				continue
			}
			if n, measured := effects.Clean(e.Kind); !measured || n > 0 || effects.Tells(e.Subject.ObjectType) {
				return nil
			}
			kinds = append(kinds, e.Kind)
		}
	}
	return kinds
}

func saysTest(e *shop.Event) bool {
	if e == nil {
		return false
	}
	said, err := jsontree.Get(e.Tree, "data.object.is_test")
	return err == nil && receiver.Same(true, said)
}
