package scenarios

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/judge"
	"github.com/kometia-sim/kometia-sim/scenarios/language"
)

// interventions tells the cases that do the same to the receiver's process from
// all others, counts what they do, and says whether it moves the clock. One that kills
// it under its deliveries goes by itself.
func interventions(s *language.Scenario, spec *language.Case, kind string) (sequence string, n int, moves bool) {
	killing := false
	for i := range spec.Steps {
		if act := interventionOf(&spec.Steps[i]); act.verb != "" {
			sequence, n, moves = sequence+fmt.Sprint(act, " "), n+1, moves || act.offset != 0
		}
		if d := spec.Steps[i].Deliver; d != nil && d.KillAfter > 0 {
			killing, n = true, n+1
		}
	}
	if killing {
		sequence = s.Family + "/" + spec.Name + "/" + kind
	}
	return sequence, n, moves
}

// batch is how many of the scenarios in front are played in lockstep: those of a
// group, of all groups that send only what upsets no receiver, and large orders behind
// odd contents, as far as they need not be played by themselves.
func batch(scenarios []*language.Scenario) int {
	calm := []language.Group{language.GroupPlain, language.GroupDuplicates, language.GroupRetries, language.GroupOrder}
	heavy := []language.Group{language.GroupPayload, language.GroupSize}
	both := func(of []language.Group, a, b language.Group) bool {
		return slices.Contains(of, a) && slices.Contains(of, b)
	}
	alike := func(a, b language.Group) bool { return a == b || both(calm, a, b) || both(heavy, a, b) }
	n := 1
	for n < len(scenarios) && alike(scenarios[0].Group, scenarios[n].Group) && !byItself(scenarios[0]) && !byItself(scenarios[n]) {
		n++
	}
	return n
}

// byItself reports whether a scenario measures times, which others would spoil,
// or may upset a receiver, which would spoil the others.
func byItself(s *language.Scenario) bool {
	return s.Measures() || slices.Contains([]language.Group{language.GroupGate, language.GroupBurst, language.GroupMalformed}, s.Group)
}

// played is a scenario with what came of its cases.
type played struct {
	scenario *language.Scenario
	refused  bool // nobody allowed what it sends
	cases    []judge.Case
	felt     bool // a sentinel followed it
	pulse    pulse
	elapsed  time.Duration // of the whole lockstep, for each of its checks
}

// playTogether plays scenarios behind the gate in lockstep.
func (r *Runner) playTogether(ctx context.Context, scenarios []*language.Scenario, blocked string) []played {
	began, checks := r.receiver.Clock().Now(), 0
	out := make([]played, len(scenarios))
	var plays [][]func(*turn)
	for i, s := range scenarios {
		p := &out[i]
		p.scenario, p.refused = s, !r.receiver.Allows(s.Consent)
		checks += len(s.Checks)
		if p.refused || r.planner.slowed(s) || blocked != "" {
			continue
		}
		var cases []func(*turn)
		for _, one := range r.planner.parts(s) {
			if !r.planner.plays(s, one.Spec) {
				continue
			}
			at := len(p.cases)
			p.cases = append(p.cases, judge.Case{}) // which may move them
			cases = append(cases, func(t *turn) {
				t.sequence, t.ahead, t.moves = interventions(s, one.Spec, one.Kind)
				p.cases[at] = r.player.play(ctx, s, one.Spec, one.Kind, 0, t)
				c := playing{&p.cases[at], t, s}
				if c.Watched && c.Skipped == nil {
					t.settle(ctx, r.observation, c.Exchanges)
					r.observation.learn(c.Case)
				}
			})
		}
		plays = append(plays, cases)
		if len(cases) > 0 && r.planner.feels(s) {
			plays = append(plays, []func(*turn){func(t *turn) { r.sentinels.follow(ctx, p, t) }})
		}
	}
	r.sentinels.askAgain(ctx, blocked)
	r.lockstep.play(ctx, plays)
	for i := range out {
		if !r.collapse.dead {
			r.sweeper.narrow(ctx, out[i].scenario, out[i].cases)
		}
	}
	elapsed := r.receiver.Clock().Now().Sub(began) / time.Duration(max(checks, 1))
	for i := range out {
		out[i].elapsed = elapsed
	}
	return r.sentinels.mourn(ctx, out)
}
