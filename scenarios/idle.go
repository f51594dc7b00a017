package scenarios

import (
	"context"

	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
)

// idle waits until the receiver is done with an attempt on which we hung up; where
// effects are seen, they have to be at rest as well.
func (dl *deliverer) idle(ctx context.Context, c playing, x *exchange, a delivery.Attempt) {
	if dl.receiver.Idle(ctx, a) != nil {
		return
	}
	if made := a.Number - max(a.Delivery.First, 1) + 1; c.watched && made < a.Delivery.MaxAttempts {
		c.turn.settle(ctx, dl.observation, []*exchange{{kind: x.kind, subject: x.subject, inert: x.inert}})
	}
}

// plain records an exchange of a normal event that was sent by itself.
func (dl *deliverer) plain(e *exchange) {
	dl.judge.plain = append(dl.judge.plain, e)
	switch o := e.last(); {
	case e.timedOut():
		dl.receiver.Answered(e.kind, dl.receiver.Timeout())
	case o != nil:
		dl.receiver.Answered(e.kind, o.Latency)
	}
}

// race plays copies. It sends the first attempts of all together, waits until
// their effects are at rest, and then retries one after the other those that were
// not acknowledged.
func (r *Runner) race(ctx context.Context, c playing, d *language.Deliver, events map[string]told, round int) {
	first, rest := *d, *d
	first.Attempts, first.Faults = 1, d.Faults[:min(len(d.Faults), 1)]
	racing := r.deliverer.outgoing(c, &first, events, round)
	r.deliverer.send(ctx, c, &first, racing, nil)
	rest.Attempts, rest.Faults = d.Attempts-1, d.Faults[len(first.Faults):]
	var together []*exchange
	var losers []outgoing
	for _, p := range racing {
		together = append(together, p.exchange)
		if again, more := r.deliverer.resumed(&rest, p.exchange); more && rest.Attempts > 0 {
			losers = append(losers, again)
		}
	}
	if len(losers) > 0 && c.watched {
		c.turn.settle(ctx, r.observation, together)
	}
	r.deliverer.send(ctx, c, &rest, losers, nil)
}
