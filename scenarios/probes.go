package scenarios

import (
	"context"
	"slices"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/consent"
	"github.com/kometia-sim/kometia-sim/scenarios/emit"
	"github.com/kometia-sim/kometia-sim/scenarios/judge"
	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
)

// probes are stories that are no check's own, told behind the gate to learn what the
// receiver does about them.
type probes struct {
	cfg         *Config
	receiver    *receiver.Receiver
	judge       *judge.Judge
	gate        *gate
	report      *verdict.Report
	planner     *planner
	maker       *emit.Maker
	deliverer   *deliverer
	observation *observation
}

// story makes the normal events of a story that has just ended.
func (pb *probes) story(maker *emit.Maker, name string, kinds []string) ([]*emit.Emitted, error) {
	return maker.Plainly(shop.Story{
		Key: shop.Key{Name: name}, Kinds: kinds, Gap: time.Minute,
		At: pb.gate.base.Add(-time.Duration(len(kinds)) * time.Minute),
	})
}

// tell sends one event of a story.
func (pb *probes) tell(ctx context.Context, c playing, e told) *judge.Exchange {
	return pb.deliverer.sendOne(ctx, c, &language.Deliver{As: e.Kind}, e)
}

// liveOrders finds out, of a receiver that does nothing at all about orders,
// whether that is because they say that they are tests: it tells one story of an
// order that does not. Another machine is asked only with leave.
func (pb *probes) liveOrders(ctx context.Context, cases []judge.Case) {
	kinds := pb.idleTestOrders(cases)
	if len(kinds) == 0 || pb.cfg.LiveOrders || !pb.receiver.Allows(consent.Probe) || stopped(ctx, pb.receiver) {
		return
	}
	world, err := pb.cfg.World(true)
	if err != nil {
		return
	}
	events, err := pb.story(pb.maker.In(world), "live order", kinds)
	if err != nil {
		return
	}
	c := alone()
	for _, made := range events {
		pb.tell(ctx, c, c.keeping(made, &language.Emit{As: made.Kind, Story: "live order"}))
	}
	pb.observation.settle(ctx, c.Exchanges)
	acts := slices.ContainsFunc(c.Exchanges, func(e *judge.Exchange) bool { return e.Seen != nil && e.Seen.Err == nil && e.Seen.Count > 0 }) ||
		slices.ContainsFunc(c.Histories, func(h *judge.History) bool { l := h.Last(); return l.Shows() && !l.Absent() })
	if !acts {
		return
	}
	pb.observation.skipped = map[string]bool{}
	for _, kind := range kinds {
		pb.observation.skipped[kind] = true
	}
	pb.report.Notes = append(pb.report.Notes, textTestOrders())
}

// idleTestOrders are the kinds of test orders that the gate saw taken; none where
// the receiver was seen to do something about one of them.
func (pb *probes) idleTestOrders(cases []judge.Case) (kinds []string) {
	effects := pb.receiver.Effects()
	if effects == nil {
		return nil
	}
	for i := range cases {
		for _, e := range cases[i].Exchanges {
			sent := pb.gate.sent[e.Kind]
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
