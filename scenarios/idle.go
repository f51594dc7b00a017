package scenarios

import (
	"context"

	"github.com/kometia-sim/kometia-sim/scenarios/judge"
	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
)

// idle waits until the receiver is done with an attempt on which we hung up; where
// effects are seen, they have to be at rest as well.
func (dl *deliverer) idle(ctx context.Context, c playing, x *judge.Exchange, a delivery.Attempt) {
	if c.turn.idle(ctx, dl.receiver, dl.receiver.AtWork(a)) != nil {
		return
	}
	if made := a.Number - max(a.Delivery.First, 1) + 1; c.Watched && made < a.Delivery.MaxAttempts {
		c.turn.settle(ctx, dl.observation, []*judge.Exchange{{Kind: x.Kind, Subject: x.Subject, Inert: x.Inert}})
	}
}

// plain records an exchange of a normal event that was sent by itself.
func (dl *deliverer) plain(e *judge.Exchange) {
	dl.judge.Plain = append(dl.judge.Plain, e)
	switch o := e.Last(); {
	case e.TimedOut():
		dl.receiver.Answered(e.Kind, dl.receiver.Timeout())
	case o != nil:
		dl.receiver.Answered(e.Kind, o.Latency)
	}
}

// race plays copies. It sends the first attempts of all together, waits until
// their effects are at rest, and then retries one after the other those that were
// not acknowledged.
func (dl *deliverer) race(ctx context.Context, c playing, d *language.Deliver, events map[string]told, round int) {
	first, rest := *d, *d
	first.Attempts, first.Faults = 1, d.Faults[:min(len(d.Faults), 1)]
	racing := dl.outgoing(c, &first, events, round)
	dl.send(ctx, c, &first, racing, nil)
	rest.Attempts, rest.Faults = d.Attempts-1, d.Faults[len(first.Faults):]
	var together []*judge.Exchange
	var losers []outgoing
	for _, p := range racing {
		together = append(together, p.Exchange)
		if again, more := dl.resumed(&rest, p.Exchange); more && rest.Attempts > 0 {
			losers = append(losers, again)
		}
	}
	if len(losers) > 0 && c.Watched {
		c.turn.settle(ctx, dl.observation, together)
	}
	dl.send(ctx, c, &rest, losers, nil)
}
