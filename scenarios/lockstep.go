package scenarios

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/judge"
	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
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
	scenario int    // its place among those that are played together
	sequence string // of what it has done to the receiver's process; equal ones go together

	moves bool // that moves the receiver's clock

	// How often it will yet do something to the process, and whether it did.
	ahead      int
	intervened bool

	parked chan struct{} // it waits, or has ended
	resume chan struct{}
	ended  bool

	pausing  sync.Mutex        // of several deliveries of a case one waits at a time
	working  time.Duration     // what the receiver may yet be at work on, which it waits for
	settling []*judge.Exchange // what it waits for to come to rest
	alone    bool              // it waits for the receiver to be its own
	act      intervention      // it waits for this to be done to the process, with alone
	err      error             // of the act
}

// playing is a case that is being played, with its turn and the scenario that it
// belongs to; nil for one of events that are no check's own.
type playing struct {
	*judge.Case
	turn     *turn
	scenario *language.Scenario
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
		t.pausing.Lock()
		defer t.pausing.Unlock()
		t.settling = exchanges
		t.park()
	}
}

// idle waits until the receiver can be done with an attempt on which we hung up. Its
// error says that nothing is to be sent any more.
func (t *turn) idle(ctx context.Context, r *receiver.Receiver, work time.Duration) error {
	if t == nil {
		return r.Idle(ctx, work)
	}
	if work == 0 {
		return nil
	}
	t.pausing.Lock()
	defer t.pausing.Unlock()
	t.working = work
	t.park()
	return t.err
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
	t.working, t.settling, t.alone, t.act = 0, nil, false, intervention{}
	t.resume <- struct{}{}
	<-t.parked
}

func (t *turn) waits() bool { return t.settling != nil || t.alone || t.working > 0 }

// lockstep has cases wait together, and does to the receiver what they wait for.
type lockstep struct {
	receiver    *receiver.Receiver
	observation *observation
	report      *verdict.Report
}

// play plays cases to their ends, so that they wait together. Each gets its own turn.
// Those of one scenario stand together.
func (l *lockstep) play(ctx context.Context, scenarios [][]func(*turn)) {
	var turns []*turn
	for i, cases := range scenarios {
		for _, play := range cases {
			t := &turn{scenario: i, parked: make(chan struct{}), resume: make(chan struct{})}
			turns = append(turns, t)
			go func() {
				<-t.resume
				play(t)
				t.ended = true
				t.parked <- struct{}{}
			}()
		}
	}
	l.advance(ctx, turns, false)
}

// proceed lets cases go on until each waits for the receiver to come to rest, or to be
// its own. We hang up in all cases of a scenario before any is retried, and wait once
// until the receiver can be done; the next scenario does not begin before that.
func (l *lockstep) proceed(ctx context.Context, turns []*turn) {
	for len(turns) > 0 {
		n := slices.IndexFunc(turns, func(t *turn) bool { return t.scenario != turns[0].scenario })
		if n < 0 {
			n = len(turns)
		}
		for more := true; more; {
			var working []time.Duration
			for _, t := range turns[:n] {
				if !t.ended && !t.waits() {
					t.step()
				}
				working = append(working, t.working)
			}
			more = slices.Max(working) > 0
			err := l.receiver.Idle(ctx, working...)
			for _, t := range turns[:n] {
				if t.working > 0 {
					t.err = err
					t.step()
				}
			}
		}
		turns = turns[n:]
	}
}

// advance lets cases go on until all have ended. The receiver is theirs when
// nobody else's events would be upset by what they do to its process: then they go
// on until it runs again as it was found, and what they brought about is there. The
// quiet after that they wait for with all the others who got so far.
func (l *lockstep) advance(ctx context.Context, turns []*turn, theirs bool) {
	for {
		l.proceed(ctx, turns)
		var settling, done, alone []*turn
		for _, t := range turns {
			switch {
			case t.ended:
			case t.settling == nil:
				alone = append(alone, t)
			case t.intervened && t.ahead == 0 && l.receiver.Process().AsFound():
				done = append(done, t)
			default:
				settling = append(settling, t)
			}
		}
		switch {
		case len(settling) > 0:
			l.settleAll(ctx, settling)
		case len(alone) == 0 && theirs:
			l.observation.arrive(ctx, exchangesOf(done))
			return
		case len(alone) == 0 && len(done) > 0:
			l.settleAll(ctx, done)
		case len(alone) == 0:
			return
		case theirs:
			l.act(ctx, alone)
		default:
			// A clock that runs days ahead and back upsets what others have begun: they end first.
			i := slices.IndexFunc(alone, func(t *turn) bool { return !t.moves })
			if i < 0 && len(done) > 0 {
				l.settleAll(ctx, done)
				continue
			}
			first := alone[max(i, 0)].sequence
			l.advance(ctx, slices.DeleteFunc(alone, func(t *turn) bool { return t.sequence != first }), true)
			l.restore(ctx)
		}
	}
}

// settleAll waits once for all that cases wait for, and lets them go on.
func (l *lockstep) settleAll(ctx context.Context, settling []*turn) {
	l.observation.settle(ctx, exchangesOf(settling))
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

// act does to the receiver's process what cases wait for, once for all of
// those that want the same next.
func (l *lockstep) act(ctx context.Context, waiting []*turn) {
	act := waiting[0].act
	err := l.receiver.Process().Broken()
	if act.verb != "" && err == nil {
		err = intervene(ctx, l.receiver.Process(), act)
	}
	for _, t := range waiting {
		if t.act == act {
			t.err = err
			t.step()
		}
	}
}

func intervene(ctx context.Context, process *receiver.Process, act intervention) error {
	if act.verb != verdict.VerbSink {
		return process.Do(ctx, act.verb, act.offset)
	}
	answer, err := fault.ParseAnswer(act.answer)
	if err != nil {
		return err
	}
	return process.Sink(act.sink, answer)
}

// restore gives the receiver back as it was found, even when the run is canceled.
func (l *lockstep) restore(ctx context.Context) {
	if err := l.receiver.Process().Restore(context.WithoutCancel(ctx)); err != nil {
		l.report.Notes = append(l.report.Notes, textNotRestored(err))
	}
}
