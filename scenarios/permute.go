package scenarios

import (
	"context"
	"time"

	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/scenarios/language"
)

// permuted are the deliveries of one round of a step in the order of its number.
func (r *Runner) permuted(c *playedCase, d *language.Deliver, events map[string]*emitted, round int) (out []parcel) {
	var due time.Time
	for _, name := range d.Permute {
		if at := events[name].at.Add(d.At); at.After(due) {
			due = at
		}
	}
	for i, name := range language.Permutation(d.Permute, round) {
		p := r.pack(d, events[name], round)
		p.Due, p.MaxAttempts = due.Add(time.Duration(i+1)*language.PermuteApart), d.Attempts
		out = append(out, r.begin(c, p))
	}
	return out
}

// overtaken notes which deliveries came when something newer of their object had
// been taken.
func overtaken(parcels []parcel) {
	for _, p := range parcels {
		for _, q := range parcels {
			if p.version == nil || q.history != p.history || !q.acknowledged() || !p.acknowledged() {
				continue
			}
			first, second := q.result.Last(), p.result.Last()
			p.late = p.late || q.version.at.After(p.version.at) && first.At.Before(second.At)
		}
	}
}

// restful is a virtual clock that lets the receiver come to rest before it jumps to
// a retry (CHECKS rule 5): what it has only queued so far may be what the retry
// needs. Its queue is worked off where there is a way to; else it gets real
// time, longer each time, until the run's patience is spent.
type restful struct {
	retryclock.Clock
	runner *Runner
	pause  time.Duration
}

// patience is how much real time a run gives to queues between retries.
const patience = 20 * time.Second

// WaitUntil implements retryclock.Clock.
func (c *restful) WaitUntil(ctx context.Context, t time.Time) error {
	r := c.runner
	if t.Sub(c.Now()) > time.Minute {
		switch {
		case r.cfg.Drain != nil:
			// What it could not do is seen when all has settled.
			_ = r.cfg.Drain.Run(ctx)
		case r.waited+c.pause <= patience:
			r.waited += c.pause
			if err := r.cfg.Clock.WaitUntil(ctx, r.cfg.Clock.Now().Add(c.pause)); err != nil {
				return err
			}
			c.pause *= 2
		}
	}
	return c.Clock.WaitUntil(ctx, t)
}

// clock is the virtual clock of a step's deliveries.
func (r *Runner) clock(d *language.Deliver, first time.Time) retryclock.Clock {
	if len(d.Permute) == 0 {
		return retryclock.NewVirtual(first)
	}
	return &restful{Clock: retryclock.NewVirtual(first), runner: r, pause: 50 * time.Millisecond}
}
