package scenarios

import (
	"context"
	"slices"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
)

// margin is what the receiver is given beyond the time that it may need.
const margin = 50 * time.Millisecond

// idle waits until the receiver can be done with an attempt on which we hung
// up: the retry of an hour later must not meet a handler that still runs (CHECKS
// rule 5). Nobody tells when it is done, so it is given the time that its
// answers take, and where effects are seen, they have to be at rest.
func (r *Runner) idle(ctx context.Context, c *playedCase, x *exchange, a delivery.Attempt) {
	if a.Outcome.Status == 0 && r.pacer.wait(ctx, r.court.busy(x.kind)) != nil {
		return
	}
	if made := a.Number - max(a.Delivery.First, 1) + 1; c.watched && made < a.Delivery.MaxAttempts {
		r.settle(ctx, []*exchange{{kind: x.kind, subject: x.subject, inert: x.inert}})
	}
}

// busy is how long the receiver may be at work on an event of a kind that nobody
// waits for any more: twice what the slowest answer to a plain one of that kind
// took, or of any where there is none. The first of all may have met a cold start.
func (c *court) busy(kind string) time.Duration {
	plain := c.plain
	if len(plain) > 1 {
		plain = plain[1:]
	}
	if own := slices.DeleteFunc(slices.Clone(plain), func(e *exchange) bool { return e.kind != kind }); len(own) > 0 {
		plain = own
	}
	var longest time.Duration
	for _, e := range plain {
		switch o := e.last(); {
		case e.timedOut():
			longest = max(longest, c.timeout)
		case o != nil:
			longest = max(longest, o.Latency)
		}
	}
	return 2*longest + margin
}

// race plays copies: the first attempts of all together and then, once what
// came of them is at rest, those that were not acknowledged again, one after
// the other.
func (r *Runner) race(ctx context.Context, c *playedCase, d *language.Deliver, events map[string]*emitted, round int) {
	first, rest := *d, *d
	first.Attempts, first.Faults = 1, d.Faults[:min(len(d.Faults), 1)]
	racing := r.parcels(c, &first, events, round)
	r.send(ctx, c, &first, racing, nil)
	rest.Attempts, rest.Faults = d.Attempts-1, d.Faults[len(first.Faults):]
	var together []*exchange
	var losers []parcel
	for _, p := range racing {
		together = append(together, p.exchange)
		if again, more := r.resumed(&rest, p.exchange); more && rest.Attempts > 0 {
			losers = append(losers, again)
		}
	}
	if len(losers) > 0 && c.watched {
		r.settle(ctx, together)
	}
	r.send(ctx, c, &rest, losers, nil)
}

// starting waits for the turns of requests that then start together. What the
// receiver says about our pace to one of them is its answer to a race.
func (r *Runner) starting(ctx context.Context, requests int) delivery.Sender {
	for range requests {
		if r.pacer.wait(ctx, r.pacer.slot()) != nil {
			break // nothing is sent any more, as the engine will see
		}
	}
	return r.pacer.sender
}
