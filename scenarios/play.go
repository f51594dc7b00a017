package scenarios

import (
	"context"
	"errors"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/emit"
	"github.com/kometia-sim/kometia-sim/scenarios/judge"
	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
)

// playGate plays the cases of the gate, one after the other.
func (r *Runner) playGate(ctx context.Context, s *language.Scenario) (out []judge.Case) {
	inVain := 0
	for _, one := range r.cfg.Parts(s, r.gate.kind) {
		if inVain >= maxInVain || r.kindEnough(s, out) {
			return out
		}
		c := r.playCase(ctx, s, one.Spec, one.Kind, 0, nil)
		out = append(out, c)
		if len(c.Exchanges) > 0 && c.Exchanges[0].Slowly() {
			inVain++
		} else {
			inVain = 0
		}
	}
	r.forgiveColdStart(ctx, s, out)
	return out
}

// forgiveColdStart plays the very first case of the gate again when it alone got
// no answer in time. The second answer tells a receiver that had to start first
// from one that is too slow for that kind of event.
func (r *Runner) forgiveColdStart(ctx context.Context, s *language.Scenario, cases []judge.Case) {
	first := &cases[0]
	answered := func(c judge.Case) bool { return len(c.Exchanges) > 0 && !c.Exchanges[0].Slowly() }
	if len(first.Exchanges) == 0 || !first.Exchanges[0].TimedOut() || !slices.ContainsFunc(cases, answered) {
		return
	}
	again := r.playCase(ctx, s, first.Spec, first.Kind, 1, nil)
	if len(again.Exchanges) == 0 {
		return
	}
	for _, e := range first.Exchanges {
		r.deliverer.plain(e)
	}
	if !again.Exchanges[0].TimedOut() {
		r.report.Notes = append(r.report.Notes, textColdStart(r.receiver.Timeout()))
	}
	*first = again
}

// maxInVain is how many kinds in a row may go without an answer in time before
// the gate asks for no more: each costs a whole timeout.
const maxInVain = 2

// kindEnough reports whether the gate has found a kind to play with, has tried
// those that a wanted check names, and neither the gate's own checks nor its
// latencies are wanted.
func (r *Runner) kindEnough(s *language.Scenario, cases []judge.Case) bool {
	if r.planner.wantsWhole(s) {
		return false
	}
	for _, other := range r.suite.Scenarios() {
		for _, one := range r.cfg.Parts(other, r.gate.kind) {
			if !r.planner.plays(other, one.Spec) {
				continue
			}
			kinds := one.Spec.Kinds()
			if other.Repeats(one.Spec) {
				kinds = append(kinds, one.Kind)
			}
			for _, kind := range kinds {
				tried := slices.ContainsFunc(cases, func(c judge.Case) bool { return c.Kind == kind })
				if !tried && slices.Contains(r.cfg.Tried(), kind) {
					return false
				}
			}
		}
	}
	return slices.ContainsFunc(cases, func(c judge.Case) bool {
		return len(c.Exchanges) > 0 && c.Exchanges[0].Acknowledged()
	})
}

// barred tells why a case cannot say anything: it sends a kind that the
// receiver is not subscribed to, or one that it did not acknowledge at the gate,
// which is said there. Nil when nothing is in its way.
func (r *Runner) barred(s *language.Scenario, spec *language.Case, played string) *judge.Finding {
	if s.Group == language.GroupGate {
		return nil
	}
	if err := r.receiver.Process().Broken(); err != nil {
		return &judge.Finding{Verdict: verdict.Inconclusive, Reason: textHook(err)}
	}
	for i := range spec.Steps {
		e := spec.Steps[i].Emit
		if e == nil || e.Kind == "" && spec.Each == "" {
			continue // the plain kind, which is neither
		}
		kind := e.KindFor(played)
		if r.cfg.Kinds != nil && !slices.Contains(r.cfg.Kinds, kind) {
			return &judge.Finding{Verdict: verdict.NotApplicable, Reason: textNotSubscribed(kind)}
		}
		if r.observation.storied[kind] > 0 && !r.behindWhatItNeeds(spec, e, kind, played) {
			return &judge.Finding{Verdict: verdict.NotObserved, Reason: judge.TextNoEffects(kind)}
		}
		// The gate sends each event alone, and an event that goes on with a story
		// may be refused only because it stands alone there. One without an answer
		// in time stays barred: each of its retries would cost a whole timeout.
		if id := r.gate.refused[kind]; id != "" && (e.Story == "" || r.gate.silent[kind]) {
			return &judge.Finding{Verdict: verdict.Inconclusive, Because: id}
		}
	}
	return nil
}

// playCase plays the steps of a case as often as the case says, and counts the
// rounds from the given one. It waits by its turn, which gives the receiver back
// as it was found, however the case ends.
func (r *Runner) playCase(ctx context.Context, s *language.Scenario, spec *language.Case, kind string, first int, t *turn) judge.Case {
	c := playing{&judge.Case{Name: spec.Name, Spec: spec, Kind: kind, Declared: r.cfg.Kinds != nil, Watched: r.observation.watches(s)}, t}
	switch {
	case s.Each == "kind":
		c.Name = kind
	case spec.Each == "family":
		object, _, _ := strings.Cut(kind, ".")
		c.Name += " (" + object + ")"
	case spec.Each != "":
		c.Name += " (" + kind + ")"
	}
	if c.Skipped = r.barred(s, spec, kind); c.Skipped != nil {
		return *c.Case
	}
	if r.collapse.dead {
		c.Skipped = &judge.Finding{Verdict: verdict.Inconclusive, Reason: textCollapsed()}
		return *c.Case
	}
	if s.Group == language.GroupBurst && r.deliverer.paced {
		c.Skipped = &judge.Finding{Verdict: verdict.Inconclusive, Reason: textPaceRefused()}
		return *c.Case
	}
	start := r.maker.StartOf(spec, r.base)
	rounds := make([]map[string]told, r.planner.times(spec))
	for i := range spec.Steps {
		if r.halted(ctx, c) || c.Skipped != nil || c.Err != nil {
			return *c.Case
		}
		switch step := &spec.Steps[i]; {
		case step.Emit != nil:
			r.emitStep(ctx, s, c, step.Emit, rounds, first, start)
		case step.Deliver != nil:
			r.deliverStep(ctx, s, c, step.Deliver, rounds)
			if step.Deliver.Connection == "kept" {
				r.receiver.CloseIdle() // nobody else is kept waiting by it
			}
		case step.Search != nil:
			for n := range rounds {
				r.search(ctx, s, spec, step.Search, c, kind, first+n, start)
			}
		case step.Sweep != nil:
			for n := range rounds {
				r.sweep(ctx, s, step.Sweep, c, first+n, start)
			}
		case step.API != nil:
			for _, made := range rounds {
				r.deliverer.answer(step.API, made[step.API.EventName()].Emitted)
			}
		case step.Hook != nil, step.Sink != nil:
			c.hooked(ctx, t.do(interventionOf(step)))
			if c.NoteProcess(interventionOf(step).verb); step.Hook != nil && step.Hook.Run == verdict.VerbReconcile {
				c.catchUp()
			}
		case c.Watched:
			t.settle(ctx, r.observation, c.Exchanges)
		}
	}
	return *c.Case
}

// halted reports whether a case goes no further: the run was stopped, or waits for no
// more responses.
func (r *Runner) halted(ctx context.Context, c playing) bool {
	c.Tired = r.deliverer.tired()
	c.Stopped = c.Stopped || c.Tired || r.stopped(ctx)
	return c.Stopped
}

// emitStep makes the events of a step, one for each round.
func (r *Runner) emitStep(ctx context.Context, s *language.Scenario, c playing, e *language.Emit, rounds []map[string]told, first int, start time.Time) {
	made := make([]*emit.Emitted, len(rounds))
	for n := range rounds {
		if rounds[n] == nil {
			rounds[n] = map[string]told{}
		}
		if made[n], c.Err = r.maker.Emit(s, c.Spec, e, c.Kind, first+n, start); c.Err != nil {
			return
		}
		switch {
		case s.Group == language.GroupGate:
			r.gate.sent[c.Kind] = made[n]
		case e.First && r.gate.sent[made[n].Kind] != nil:
			made[n] = r.gate.sent[made[n].Kind]
		}
		if before := rounds[n][e.Again]; e.Again != "" {
			rounds[n][e.Name()] = told{made[n], before.history, before.version}
		} else {
			rounds[n][e.Name()] = c.keeping(made[n], e)
		}
	}
	if e.Again != "" || e.First {
		return // they are to have had their effects
	}
	// Where effects are counted by object, those of the event before are there
	// already.
	switch {
	case s.Group == language.GroupGate:
		r.observation.known = r.observation.known || errors.Is(r.observation.fresh(ctx, made), observe.ErrSeen)
	case c.Watched && r.observation.known && (e.Story == "" || !r.report.Profile.PerObject):
		c.Unfresh = errors.Join(c.Unfresh, r.observation.fresh(ctx, made))
	}
}

// deliverStep sends what a step delivers: the rounds one after the other, or
// all together.
func (r *Runner) deliverStep(ctx context.Context, s *language.Scenario, c playing, d *language.Deliver, rounds []map[string]told) {
	if d.Parallel > 0 || d.KillAfter > 0 {
		r.deliverTogether(ctx, s, c, d, rounds)
		return
	}
	for n := range rounds {
		for range max(d.Times, 1) {
			if r.halted(ctx, c) {
				return
			}
			if d.Copies > 0 || len(d.Together) > 0 {
				r.race(ctx, c, d, rounds[n], n)
				continue
			}
			r.deliverer.send(ctx, c, d, r.deliverer.outgoing(c, d, rounds[n], n), nil)
		}
		if s.Measures() {
			r.deliverer.plain(c.Exchanges[len(c.Exchanges)-1])
			if r.judge.Waited() > judge.MaxMeasuring {
				return
			}
		}
	}
}

// deliverTogether sends the deliveries of all rounds at once, and has the
// receiver killed under them when the step says so.
func (r *Runner) deliverTogether(ctx context.Context, s *language.Scenario, c playing, d *language.Deliver, rounds []map[string]told) {
	receipts, deadly := 0, r.killAt(s, c.Spec, d, c.Kind)
	if deadly > 0 {
		c.hooked(ctx, c.turn.do(intervention{}))
	}
	var all []outgoing
	for n := range rounds {
		all = append(all, r.deliverer.outgoing(c, d, rounds[n], n)...)
	}
	r.deliverer.send(ctx, c, d, all, func() {
		if receipts++; receipts == deadly {
			c.hooked(ctx, r.receiver.Process().Do(ctx, verdict.VerbKill, 0))
		}
	})
	if deadly > 0 && receipts >= deadly {
		c.NoteProcess(verdict.VerbKill)
	}
	switch {
	case r.stopped(ctx):
		c.Stopped = true
	case receipts < deadly && !slices.ContainsFunc(c.Exchanges, func(e *judge.Exchange) bool { return e.Throttled }):
		c.Skipped = &judge.Finding{Verdict: verdict.Inconclusive, Reason: textNeverKilled(receipts, deadly)}
	}
}

// killAt is after how many receipts of a step the receiver is killed; zero for
// a step that does not.
func (r *Runner) killAt(s *language.Scenario, spec *language.Case, d *language.Deliver, kind string) int {
	if d.KillAfter == 0 {
		return 0
	}
	most := min(d.KillAfter, r.planner.times(spec))
	least := most
	if d.KillFrom > 0 {
		least = min(d.KillFrom, most)
	}
	key := fnv.New64a()
	_, _ = key.Write([]byte(emit.Key(s, spec, "kill", kind)))
	return least + rand.New(rand.NewPCG(r.cfg.Seed, key.Sum64())).IntN(most-least+1)
}

// hooked records that a hook failed. It ends the case, because nothing that
// follows would say anything about the receiver.
func (c playing) hooked(ctx context.Context, err error) {
	switch {
	case err == nil:
	case ctx.Err() != nil:
		c.Stopped = true
	default:
		c.Skipped = &judge.Finding{Verdict: verdict.Inconclusive, Reason: textHook(err)}
	}
}

// catchUp records that the receiver has looked in the API for what it missed: what
// was delivered of the case so far is to be done by now.
func (c playing) catchUp() {
	for _, e := range c.Exchanges {
		e.CaughtUp = c.Skipped == nil && !c.Stopped
	}
}

// restore gives the receiver back as it was found, even when the run is canceled.
func (r *Runner) restore(ctx context.Context) {
	if err := r.receiver.Process().Restore(context.WithoutCancel(ctx)); err != nil {
		r.report.Notes = append(r.report.Notes, textNotRestored(err))
	}
}
