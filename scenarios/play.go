package scenarios

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/emit"
	"github.com/kometia-sim/kometia-sim/scenarios/judge"
	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
)

// player plays the steps of cases.
type player struct {
	cfg         *Config
	receiver    *receiver.Receiver
	judge       *judge.Judge
	gate        *gate
	collapse    *collapse
	report      *verdict.Report
	planner     *planner
	maker       *emit.Maker
	deliverer   *deliverer
	observation *observation
	sweeper     *sweeper
}

// barred tells why a case cannot say anything: it sends a kind that the
// receiver is not subscribed to, or one that it did not acknowledge at the gate,
// which is said there. Nil when nothing is in its way.
func (pr *player) barred(s *language.Scenario, spec *language.Case, played string) *judge.Finding {
	if s.Group == language.GroupGate {
		return nil
	}
	if err := pr.receiver.Process().Broken(); err != nil {
		return &judge.Finding{Verdict: verdict.Inconclusive, Reason: textHook(err)}
	}
	for i := range spec.Steps {
		e := spec.Steps[i].Emit
		if e == nil || e.Kind == "" && spec.Each == "" {
			continue // the plain kind, which is neither
		}
		kind := e.KindFor(played)
		if pr.cfg.Kinds != nil && !slices.Contains(pr.cfg.Kinds, kind) {
			return &judge.Finding{Verdict: verdict.NotApplicable, Reason: textNotSubscribed(kind)}
		}
		if pr.observation.storied[kind] > 0 && !pr.behindWhatItNeeds(spec, e, kind, played) {
			return &judge.Finding{Verdict: verdict.NotObserved, Reason: judge.TextNoEffects(kind)}
		}
		// The gate sends each event alone, and an event that goes on with a story
		// may be refused only because it stands alone there. One without an answer
		// in time stays barred: each of its retries would cost a whole timeout.
		if id := pr.gate.refused[kind]; id != "" && (e.Story == "" || pr.gate.silent[kind]) {
			return &judge.Finding{Verdict: verdict.Inconclusive, Because: id}
		}
	}
	return nil
}

// behindWhatItNeeds reports whether a case has the event on which one of that kind
// depends.
func (pr *player) behindWhatItNeeds(spec *language.Case, e *language.Emit, kind, played string) bool {
	before := pr.cfg.Catalogue.Before(kind)
	told, _ := spec.Told(e)
	return len(before) == 0 || slices.ContainsFunc(told, func(t *language.Emit) bool { return t.KindFor(played) == before[0] })
}

// play plays the steps of a case as often as the case says, and counts the
// rounds from the given one. It waits by its turn, which gives the receiver back
// as it was found, however the case ends.
func (pr *player) play(ctx context.Context, s *language.Scenario, spec *language.Case, kind string, first int, t *turn) judge.Case {
	c := playing{&judge.Case{Name: spec.Name, Spec: spec, Kind: kind, Declared: pr.cfg.Kinds != nil, Watched: pr.observation.watches(s)}, t, s}
	switch {
	case s.Each == "kind":
		c.Name = kind
	case spec.Each == "family":
		object, _, _ := strings.Cut(kind, ".")
		c.Name += " (" + object + ")"
	case spec.Each != "", s.FailsSinks() && kind != pr.gate.kind:
		c.Name += " (" + kind + ")"
	}
	if c.Skipped = pr.barred(s, spec, kind); c.Skipped != nil {
		return *c.Case
	}
	if pr.collapse.dead {
		c.Skipped = &judge.Finding{Verdict: verdict.Inconclusive, Reason: textCollapsed()}
		return *c.Case
	}
	if s.Group == language.GroupBurst && pr.deliverer.paced {
		c.Skipped = &judge.Finding{Verdict: verdict.Inconclusive, Reason: textPaceRefused()}
		return *c.Case
	}
	start := pr.maker.StartOf(spec, pr.gate.base)
	rounds := make([]map[string]told, pr.planner.times(spec))
	for i := range spec.Steps {
		if pr.deliverer.halted(ctx, c) || c.Skipped != nil || c.Err != nil {
			return *c.Case
		}
		switch step := &spec.Steps[i]; {
		case step.Emit != nil:
			pr.emitStep(ctx, c, step.Emit, rounds, first, start)
		case step.Deliver != nil:
			pr.deliverStep(ctx, c, step.Deliver, rounds)
			if step.Deliver.Connection == "kept" {
				pr.receiver.CloseIdle() // nobody else is kept waiting by it
			}
		case step.Search != nil:
			for n := range rounds {
				pr.search(ctx, c, step.Search, first+n, start)
			}
		case step.Sweep != nil:
			for n := range rounds {
				pr.sweeper.sweep(ctx, c, step.Sweep, first+n, start)
			}
		case step.API != nil:
			for _, made := range rounds {
				pr.deliverer.answer(step.API, made[step.API.EventName()].Emitted)
			}
		case step.Hook != nil, step.Sink != nil:
			c.hooked(ctx, t.do(interventionOf(step)))
			if c.NoteProcess(interventionOf(step).verb); step.Hook != nil && step.Hook.Run == verdict.VerbReconcile {
				c.catchUp()
			}
		case c.Watched:
			t.settle(ctx, pr.observation, c.Exchanges)
		}
	}
	return *c.Case
}

// emitStep makes the events of a step, one for each round.
func (pr *player) emitStep(ctx context.Context, c playing, e *language.Emit, rounds []map[string]told, first int, start time.Time) {
	made := make([]*emit.Emitted, len(rounds))
	for n := range rounds {
		if rounds[n] == nil {
			rounds[n] = map[string]told{}
		}
		if made[n], c.Err = pr.maker.Emit(c.scenario, c.Spec, e, c.Kind, first+n, start); c.Err != nil {
			return
		}
		switch {
		case c.scenario.Group == language.GroupGate:
			pr.gate.sent[c.Kind] = made[n]
		case e.First && pr.gate.sent[made[n].Kind] != nil:
			made[n] = pr.gate.sent[made[n].Kind]
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
	case c.scenario.Group == language.GroupGate:
		pr.observation.known = pr.observation.known || errors.Is(pr.observation.fresh(ctx, made), observe.ErrSeen)
	case c.Watched && pr.observation.known && (e.Story == "" || !pr.report.Profile.PerObject):
		c.Unfresh = errors.Join(c.Unfresh, pr.observation.fresh(ctx, made))
	}
}

// deliverStep sends what a step delivers: the rounds one after the other, or
// all together.
func (pr *player) deliverStep(ctx context.Context, c playing, d *language.Deliver, rounds []map[string]told) {
	if d.Parallel > 0 || d.KillAfter > 0 {
		pr.deliverTogether(ctx, c, d, rounds)
		return
	}
	for n := range rounds {
		for range max(d.Times, 1) {
			if pr.deliverer.halted(ctx, c) {
				return
			}
			if d.Copies > 0 || len(d.Together) > 0 {
				pr.deliverer.race(ctx, c, d, rounds[n], n)
				continue
			}
			pr.deliverer.send(ctx, c, d, pr.deliverer.outgoing(c, d, rounds[n], n), nil)
		}
		if c.scenario.Measures() {
			pr.deliverer.plain(c.Exchanges[len(c.Exchanges)-1])
			if pr.judge.Waited() > judge.MaxMeasuring {
				return
			}
		}
	}
}

// deliverTogether sends the deliveries of all rounds at once, and has the
// receiver killed under them when the step says so.
func (pr *player) deliverTogether(ctx context.Context, c playing, d *language.Deliver, rounds []map[string]told) {
	receipts, deadly := 0, pr.planner.killAt(c, d)
	if deadly > 0 {
		c.hooked(ctx, c.turn.do(intervention{}))
	}
	var all []outgoing
	for n := range rounds {
		all = append(all, pr.deliverer.outgoing(c, d, rounds[n], n)...)
	}
	pr.deliverer.send(ctx, c, d, all, func() {
		if receipts++; receipts == deadly {
			c.hooked(ctx, pr.receiver.Process().Do(ctx, verdict.VerbKill, 0))
		}
	})
	if deadly > 0 && receipts >= deadly {
		c.NoteProcess(verdict.VerbKill)
	}
	switch {
	case stopped(ctx, pr.receiver):
		c.Stopped = true
	case receipts < deadly && !slices.ContainsFunc(c.Exchanges, func(e *judge.Exchange) bool { return e.Throttled }):
		c.Skipped = &judge.Finding{Verdict: verdict.Inconclusive, Reason: textNeverKilled(receipts, deadly)}
	}
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
