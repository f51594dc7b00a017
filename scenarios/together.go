package scenarios

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/judge"
	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/simulator/fault"
)

// What a run waits for is mostly quiet: that nothing moves any more at the
// receiver. Cases on objects of their own need no order among each other, so they
// are played in lockstep: each goes on until it has to wait, and then all wait
// once. A case is a coroutine for that: of all cases, one runs at a time.

// turn is the part that a case has in a lockstep. The nil turn is that of a case
// that is played by itself.
type turn struct {
	sequence string // of what it has done to the receiver's process; equal ones go together

	// How often it will yet do something to the process, and whether it did.
	ahead      int
	intervened bool

	parked chan struct{} // it waits, or has ended
	resume chan struct{}
	ended  bool

	settling []*judge.Exchange // what it waits for to come to rest
	alone    bool              // it waits for the receiver to be its own
	act      intervention      // it waits for this to be done to the process, with alone
	err      error             // of the act
}

// playing is a case that is being played, with its turn.
type playing struct {
	*judge.Case
	turn *turn
}

// alone is a case of events that are no check's own, which is played by itself.
func alone() playing { return playing{Case: &judge.Case{}} }

// intervention is something that is done to the receiver's process, or to what it
// calls; the zero one does nothing.
type intervention struct {
	verb         string
	offset       time.Duration
	sink, answer string
}

// interventionOf is what a step does; the zero one for a step of another sort.
func interventionOf(st *language.Step) intervention {
	switch {
	case st.Hook != nil:
		return intervention{verb: st.Hook.Run, offset: st.Hook.Offset}
	case st.Sink != nil:
		return intervention{verb: verdict.VerbSink, sink: st.Sink.Name, answer: st.Sink.Answer}
	}
	return intervention{}
}

// settle waits until what exchanges brought about has come to rest.
func (t *turn) settle(ctx context.Context, o *observation, exchanges []*judge.Exchange) {
	if t == nil {
		o.settle(ctx, exchanges)
		return
	}
	if len(exchanges) > 0 {
		t.settling = exchanges
		t.park()
	}
}

// do has something done to the receiver's process, in front of which it waits
// for all that would be upset by it. The zero one only waits.
func (t *turn) do(act intervention) error {
	t.ahead, t.intervened = t.ahead-1, true
	t.alone, t.act = true, act
	t.park()
	return t.err
}

func (t *turn) park() {
	t.parked <- struct{}{}
	<-t.resume
}

// step lets a case go on until it waits again or has ended.
func (t *turn) step() {
	t.settling, t.alone, t.act = nil, false, intervention{}
	t.resume <- struct{}{}
	<-t.parked
}

func (t *turn) waits() bool { return t.settling != nil || t.alone }

// lockstep plays cases to their ends, so that they wait together. Each gets its
// own turn.
func (r *Runner) lockstep(ctx context.Context, cases []func(*turn)) {
	turns := make([]*turn, len(cases))
	for i, play := range cases {
		t := &turn{parked: make(chan struct{}), resume: make(chan struct{})}
		turns[i] = t
		go func() {
			<-t.resume
			play(t)
			t.ended = true
			t.parked <- struct{}{}
		}()
	}
	r.advance(ctx, turns, false)
}

// advance lets cases go on until all have ended. The receiver is theirs when
// nobody else's events would be upset by what they do to its process: then they go
// on until it runs again as it was found, and what they brought about is there. The
// quiet after that they wait for with all the others who got so far.
func (r *Runner) advance(ctx context.Context, turns []*turn, theirs bool) {
	for {
		for _, t := range turns {
			if !t.ended && !t.waits() {
				t.step()
			}
		}
		var settling, done, alone []*turn
		for _, t := range turns {
			switch {
			case t.ended:
			case t.settling == nil:
				alone = append(alone, t)
			case t.intervened && t.ahead == 0 && r.receiver.Process().AsFound():
				done = append(done, t)
			default:
				settling = append(settling, t)
			}
		}
		switch {
		case len(settling) > 0:
			r.settleAll(ctx, settling)
		case len(alone) == 0 && theirs:
			r.observation.arrive(ctx, exchangesOf(done))
			return
		case len(alone) == 0 && len(done) > 0:
			r.settleAll(ctx, done)
		case len(alone) == 0:
			return
		case theirs:
			r.intervene(ctx, alone)
		default:
			first := alone[0].sequence
			r.advance(ctx, slices.DeleteFunc(alone, func(t *turn) bool { return t.sequence != first }), true)
			r.restore(ctx)
		}
	}
}

// settleAll waits once for all that cases wait for, and lets them go on.
func (r *Runner) settleAll(ctx context.Context, settling []*turn) {
	r.observation.settle(ctx, exchangesOf(settling))
	for _, t := range settling {
		t.step()
	}
}

func exchangesOf(settling []*turn) (all []*judge.Exchange) {
	for _, t := range settling {
		all = append(all, t.settling...)
	}
	return all
}

// intervene does to the receiver's process what cases wait for, once for all of
// those that want the same next.
func (r *Runner) intervene(ctx context.Context, waiting []*turn) {
	act := waiting[0].act
	err := r.receiver.Process().Broken()
	if act.verb != "" && err == nil {
		err = r.intervention(ctx, act)
	}
	for _, t := range waiting {
		if t.act == act {
			t.err = err
			t.step()
		}
	}
}

func (r *Runner) intervention(ctx context.Context, act intervention) error {
	if act.verb != verdict.VerbSink {
		return r.receiver.Process().Do(ctx, act.verb, act.offset)
	}
	answer, err := fault.ParseAnswer(act.answer)
	if err != nil {
		return err
	}
	return r.receiver.Process().Sink(act.sink, answer)
}

// interventions tells the cases that do the same to the receiver's process from
// all others, and counts them. One that kills it under its deliveries goes by itself.
func interventions(s *language.Scenario, spec *language.Case, kind string) (sequence string, n int) {
	killing := false
	for i := range spec.Steps {
		if act := interventionOf(&spec.Steps[i]); act.verb != "" {
			sequence, n = sequence+fmt.Sprint(act, " "), n+1
		}
		if d := spec.Steps[i].Deliver; d != nil && d.KillAfter > 0 {
			killing, n = true, n+1
		}
	}
	if killing {
		sequence = s.Family + "/" + spec.Name + "/" + kind
	}
	return sequence, n
}

// batch is how many of the scenarios in front are played in lockstep: those of a
// group, and of all groups that send only what upsets no receiver, as far as they
// need not be played by themselves.
func batch(scenarios []*language.Scenario) int {
	calm := []language.Group{language.GroupPlain, language.GroupDuplicates, language.GroupRetries, language.GroupOrder}
	alike := func(a, b language.Group) bool { return a == b || slices.Contains(calm, a) && slices.Contains(calm, b) }
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

// feel looks whether the receiver still works. Where it did not before, the next
// lockstep asks again: each question may cost a whole timeout.
func (p *played) feel(ctx context.Context, r *Runner, t *turn) {
	if p.felt = true; r.collapse.dead {
		p.pulse = pulse{dead: true}
		return
	}
	p.pulse = r.feel(ctx, t)
	r.collapse.dead = p.pulse.dead
}

// playTogether plays scenarios behind the gate in lockstep.
func (r *Runner) playTogether(ctx context.Context, scenarios []*language.Scenario, blocked string) []played {
	began, checks := r.receiver.Clock().Now(), 0
	out := make([]played, len(scenarios))
	var plays []func(*turn)
	for i, s := range scenarios {
		p := &out[i]
		p.scenario, p.refused = s, !r.receiver.Allows(s.Consent)
		checks += len(s.Checks)
		if p.refused || r.planner.slowed(s) || blocked != "" {
			continue
		}
		before := len(plays)
		for _, one := range r.cfg.Parts(s, r.gate.kind) {
			if !r.planner.plays(s, one.Spec) {
				continue
			}
			at := len(p.cases)
			p.cases = append(p.cases, judge.Case{}) // which may move them
			plays = append(plays, func(t *turn) {
				t.sequence, t.ahead = interventions(s, one.Spec, one.Kind)
				p.cases[at] = r.playCase(ctx, s, one.Spec, one.Kind, 0, t)
				c := playing{&p.cases[at], t}
				if c.Watched && c.Skipped == nil {
					t.settle(ctx, r.observation, c.Exchanges)
					r.observation.learn(c.Case)
				}
			})
		}
		if len(plays) > before && r.planner.feels(s) {
			plays = append(plays, func(t *turn) { p.feel(ctx, r, t) })
		}
	}
	if r.collapse.dead && blocked == "" {
		r.collapse.dead = r.feel(ctx, nil).dead
	}
	if !r.collapse.dead {
		r.collapse.id = ""
	}
	r.lockstep(ctx, plays)
	for i := range out {
		if !r.collapse.dead {
			r.narrow(ctx, out[i].scenario, out[i].cases)
		}
	}
	elapsed := r.receiver.Clock().Now().Sub(began) / time.Duration(max(checks, 1))
	for i := range out {
		out[i].elapsed = elapsed
	}
	return r.mourn(ctx, out)
}
