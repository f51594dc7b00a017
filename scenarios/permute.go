package scenarios

import (
	"context"
	"slices"
	"time"

	"github.com/kometia-sim/kometia-sim/retryclock"
)

// permuteApart is the virtual time between the deliveries of a permuted step.
const permuteApart = time.Second

// maxPermuted is how many events a step may permute: 24 orders of four are
// more than anybody wants to read.
const maxPermuted = 5

// permutation is the n-th order of names; that of zero is as they stand.
func permutation(names []string, n int) []string {
	rest, out := slices.Clone(names), make([]string, 0, len(names))
	for len(rest) > 0 {
		block := factorial(len(rest) - 1)
		i := n / block % len(rest)
		out = append(out, rest[i])
		rest, n = slices.Delete(rest, i, i+1), n%block
	}
	return out
}

func factorial(n int) int {
	if n < 2 {
		return 1
	}
	return n * factorial(n-1)
}

// validatePermute checks a step that delivers several events.
func (d *Deliver) validatePermute(m *mistakes, at string, events []string, times int) {
	if len(d.Permute) == 0 {
		return
	}
	at += ".permute"
	if n := len(d.Permute); n < 2 || n > maxPermuted {
		m.add(at, "%d events: give 2 to %d", n, maxPermuted)
		return
	}
	for i, name := range d.Permute {
		switch {
		case !slices.Contains(events, name):
			m.add(at, "event %q was not emitted before in this case%s", name, didYouMean(name, events))
		case slices.Contains(d.Permute[:i], name):
			m.add(at, "event %q stands twice", name)
		}
	}
	if most := factorial(len(d.Permute)); times > most {
		m.add(at, "%d rounds of %d events: there are only %d orders", times, len(d.Permute), most)
	}
	if d.Event != "" || d.Resume != "" || d.Parallel > 0 || d.KillAfter > 0 || d.Times > 1 || len(d.Faults) > 0 || d.Copies > 0 {
		m.add(at, "permute names its events and sends each by the policy: it goes with as, at, attempts, connection and header only")
	}
}

// events are the names of the events that the step delivers.
func (d *Deliver) events() []string {
	if len(d.Permute) > 0 {
		return d.Permute
	}
	return []string{d.of()}
}

// begins is when the step's first delivery is due, after the case's start: once
// the last of what it delivers has happened.
func (d *Deliver) begins(c *CaseSpec) (at time.Duration) {
	for _, name := range d.events() {
		at = max(at, c.emits(name).After+d.At)
	}
	return at + time.Duration(len(d.Permute))*permuteApart
}

// permuted are the deliveries of one round of a step in the order of its number.
func (r *Runner) permuted(c *playedCase, d *Deliver, events map[string]*emitted, round int) (out []parcel) {
	var due time.Time
	for _, name := range d.Permute {
		if at := events[name].at.Add(d.At); at.After(due) {
			due = at
		}
	}
	for i, name := range permutation(d.Permute, round) {
		p := r.pack(d, events[name], round)
		p.Due, p.MaxAttempts = due.Add(time.Duration(i+1)*permuteApart), d.Attempts
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
func (r *Runner) clock(d *Deliver, first time.Time) retryclock.Clock {
	if len(d.Permute) == 0 {
		return retryclock.NewVirtual(first)
	}
	return &restful{Clock: retryclock.NewVirtual(first), runner: r, pause: 50 * time.Millisecond}
}
