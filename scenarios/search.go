package scenarios

import (
	"context"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/emit"
	"github.com/kometia-sim/kometia-sim/scenarios/judge"
	"github.com/kometia-sim/kometia-sim/scenarios/language"
)

// search sends events of growing size until one is refused, and then halves the
// range between. Each event is an exchange of its own.
func (pr *player) search(ctx context.Context, c playing, se *language.Search, round int, at time.Time) {
	found := &judge.Limit{Plain: pr.report.Profile.Latency, Timeout: pr.receiver.Timeout()}
	b := bisection{rungs: se.Rungs(), left: pr.planner.requests(se)}
	for n := 0; ; n++ {
		want, more := b.next()
		if !more {
			return
		}
		if pr.deliverer.halted(ctx, c) {
			return
		}
		var e *emit.Emitted
		if e, c.Err = pr.maker.Sized(c.scenario, c.Spec, se, c.Kind, round*se.Requests+n, want, at); c.Err != nil || len(e.Body) <= b.taken {
			return
		}
		d := &language.Deliver{As: se.As}
		p := pr.deliverer.prepare(d, told{Emitted: e}, round)
		x := p.Exchange
		x.Limit, x.Summary = found, language.TextSize(len(e.Body))
		c.Exchanges = append(c.Exchanges, x)
		pr.judge.Heard = append(pr.judge.Heard, x)
		pr.deliverer.send(ctx, c, d, []outgoing{p}, nil)
		switch {
		case x.Acknowledged():
			found.Taken, found.Proven = x, want
		case x.Apart():
			found.Stopped = x
			return
		default:
			found.Refused = x
		}
		if x.Hangs() {
			return // each would cost a whole timeout
		}
		b.learn(len(e.Body), x.Acknowledged())
	}
}
