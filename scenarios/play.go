package scenarios

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/kometia-sim/kometia-sim/retryclock"
)

// play plays all cases of a scenario.
func (r *Runner) play(ctx context.Context, s *Scenario) []playedCase {
	var out []playedCase
	inVain := 0
	for _, kind := range r.kindsFor(s) {
		for i := range s.Cases {
			if s.Group == GroupGate && (inVain >= maxInVain || r.kindEnough(s, out)) {
				return out
			}
			if !r.plays(s, &s.Cases[i]) {
				continue
			}
			c := r.playCase(ctx, s, &s.Cases[i], kind, 0)
			out = append(out, c)
			if len(c.exchanges) > 0 && c.exchanges[0].slowly() {
				inVain++
			} else {
				inVain = 0
			}
		}
	}
	if s.Group == GroupGate {
		r.forgiveColdStart(ctx, s, out)
	}
	if r.watches(s) {
		// All sends of a scenario settle together.
		var all []*exchange
		for i := range out {
			all = append(all, out[i].exchanges...)
		}
		r.settle(ctx, all)
	}
	return out
}

// forgiveColdStart plays the very first case of the gate again when it alone
// got no answer in time: only then can be told whether the receiver had to
// start first or is too slow for that kind of event.
func (r *Runner) forgiveColdStart(ctx context.Context, s *Scenario, cases []playedCase) {
	first := &cases[0]
	answered := func(c playedCase) bool { return len(c.exchanges) > 0 && !c.exchanges[0].slowly() }
	if len(first.exchanges) == 0 || !first.exchanges[0].timedOut() || !slices.ContainsFunc(cases, answered) {
		return
	}
	again := r.playCase(ctx, s, first.spec, first.kind, 1)
	if len(again.exchanges) == 0 {
		return
	}
	r.court.plain = append(r.court.plain, first.exchanges...)
	if !again.exchanges[0].timedOut() {
		r.report.Notes = append(r.report.Notes, textColdStart(r.cfg.Wire.Timeout))
	}
	*first = again
}

// maxInVain is how many kinds in a row may go without an answer in time before
// the gate asks for no more: each costs a whole timeout.
const maxInVain = 2

// kindEnough reports whether the gate has found a kind to play with, has tried
// those that a wanted check names, and nobody wants its own checks or the
// latencies that it measures.
func (r *Runner) kindEnough(s *Scenario, cases []playedCase) bool {
	if r.wantsWhole(s) {
		return false
	}
	for _, other := range r.suite.Scenarios() {
		for i := range other.Cases {
			if !r.plays(other, &other.Cases[i]) {
				continue
			}
			for _, kind := range other.Cases[i].kinds() {
				tried := slices.ContainsFunc(cases, func(c playedCase) bool { return c.kind == kind })
				if !tried && slices.Contains(r.cfg.kinds(), kind) {
					return false
				}
			}
		}
	}
	return slices.ContainsFunc(cases, func(c playedCase) bool {
		return len(c.exchanges) > 0 && c.exchanges[0].acknowledged()
	})
}

// wantsWhole reports whether the gate is played with every kind, because its own
// checks are wanted or the latencies that it measures.
func (r *Runner) wantsWhole(gate *Scenario) bool {
	return r.suite.wantsAny(gate) || slices.ContainsFunc(r.suite.Scenarios(), func(s *Scenario) bool {
		return slices.ContainsFunc(s.Checks, func(c Check) bool { return c.Slow != nil && r.suite.wants(c.ID) })
	})
}

// kinds are the event kinds that the case names itself.
func (c *CaseSpec) kinds() (kinds []string) {
	for i := range c.Steps {
		if e := c.Steps[i].Emit; e != nil && e.Kind != "" && e.Kind != "{kind}" {
			kinds = append(kinds, e.Kind)
		}
	}
	return kinds
}

// barred tells why a case cannot say anything: it sends a kind that the
// receiver is not subscribed to, or one that it did not acknowledge at the gate,
// which is said there. Nil when nothing is in its way.
func (r *Runner) barred(s *Scenario, spec *CaseSpec) *finding {
	if s.Group == GroupGate {
		return nil
	}
	for _, kind := range spec.kinds() {
		if r.cfg.Kinds != nil && !slices.Contains(r.cfg.Kinds, kind) {
			return &finding{verdict: NotApplicable, reason: textNotSubscribed(kind)}
		}
		if id := r.refused[kind]; id != "" {
			return &finding{verdict: Inconclusive, because: id}
		}
	}
	return nil
}

// playCase plays the steps of a case, as often as it says, counting the rounds
// from the given one.
func (r *Runner) playCase(ctx context.Context, s *Scenario, spec *CaseSpec, kind string, first int) playedCase {
	c := playedCase{name: spec.Name, spec: spec, kind: kind, declared: r.cfg.Kinds != nil}
	if s.Each == "kind" {
		c.name = kind
	}
	if c.skipped = r.barred(s, spec); c.skipped != nil {
		return c
	}
	start := r.startOf(spec, r.base)
	rounds := make([]map[string]*emitted, r.times(spec))
	for i := range spec.Steps {
		step := &spec.Steps[i]
		var made []*emitted
		for n := range rounds {
			if r.stopped(ctx) {
				c.stopped = true
				return c
			}
			if e := step.Emit; e != nil {
				if rounds[n] == nil {
					rounds[n] = map[string]*emitted{}
				}
				if rounds[n][e.name()], c.err = r.emit(s, spec, e, kind, first+n, start); c.err != nil {
					return c
				}
				made = append(made, rounds[n][e.name()])
			}
			if d := step.Deliver; d != nil && !r.deliverTo(ctx, &c, d, rounds[n][d.of()]) {
				return c
			}
			if step.Deliver != nil && s.measures() {
				r.court.plain = append(r.court.plain, c.exchanges[len(c.exchanges)-1])
				if r.court.waited() > maxMeasuring {
					break
				}
			}
		}
		if r.watches(s) && len(made) > 0 {
			c.unfresh = r.fresh(ctx, made)
		}
		if r.watches(s) && step.Settle {
			r.settle(ctx, c.exchanges)
		}
	}
	return c
}

// deliverTo sends an event as often as the step says; false when the run is to
// stop.
func (r *Runner) deliverTo(ctx context.Context, c *playedCase, d *Deliver, e *emitted) bool {
	for range max(d.Times, 1) {
		if r.stopped(ctx) {
			c.stopped = true
			return false
		}
		x := r.deliver(ctx, d, e)
		if c.unfresh != nil {
			x.sight = &sight{err: c.unfresh}
		}
		c.exchanges = append(c.exchanges, x)
		r.court.heard = append(r.court.heard, x)
	}
	return true
}

// startOf is the virtual instant of a case's events in a run that ends at base.
func (r *Runner) startOf(spec *CaseSpec, base time.Time) time.Time {
	return base.Add(-span(spec, r.cfg.Policy)).Truncate(time.Second)
}

// rehearse makes every event of the suite once, for a run that ends at base, so
// that a scenario which cannot be played is told before anything is sent.
func (r *Runner) rehearse(base time.Time) error {
	var errs []error
	for _, s := range r.suite.scenarios {
		if s.Group != GroupGate && !r.suite.wantsAny(s) {
			continue
		}
		for _, kind := range r.kindsFor(s) {
			for i := range s.Cases {
				c := &s.Cases[i]
				for j := range c.Steps {
					if e := c.Steps[j].Emit; e != nil {
						errs = append(errs, r.rehearseEmit(s, c, e, kind, base))
					}
				}
			}
		}
	}
	return errors.Join(errs...)
}

// rehearseEmit makes one event. A step that changes members of an event whose
// kind only the gate will tell has to do so with every kind.
func (r *Runner) rehearseEmit(s *Scenario, c *CaseSpec, e *Emit, kind string, base time.Time) error {
	at := r.startOf(c, base)
	if s.Each == "kind" || e.Kind != "" || !e.changes() {
		_, err := r.emit(s, c, e, kind, 0, at)
		return err
	}
	for _, kind := range r.cfg.kinds() {
		if _, err := r.emit(s, c, e, kind, 0, at); err != nil {
			return fmt.Errorf("%w (the step names no kind, and this run may play it with %s: name one)", err, kind)
		}
	}
	return nil
}

// span is the virtual time from a case's first event to its last attempt.
func span(c *CaseSpec, p retryclock.Policy) time.Duration {
	var last time.Duration
	for i := range c.Steps {
		if d := c.Steps[i].Deliver; d != nil {
			last = max(last, c.emits(d.of()).After+d.At+p.Offset(min(max(d.Attempts, 1), p.Attempts())))
		}
	}
	return last
}
