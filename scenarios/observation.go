package scenarios

import (
	"cmp"
	"context"
	"slices"

	"github.com/kometia-sim/kometia-sim/scenarios/emit"
	"github.com/kometia-sim/kometia-sim/scenarios/judge"
	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/simulator/fault"
)

// observation is what is seen of the effects of what was delivered, and of the
// state that is kept.
type observation struct {
	suite    *language.Suite
	receiver *receiver.Receiver
	judge    *judge.Judge
	gate     *gate
	report   *verdict.Report
	collapse *collapse
	own      map[string]observe.Reading // of events after one clean delivery
	// known says that the gate's events had effects before they were sent. Ids belong
	// to a run: only then may others of it be known as well.
	known bool
	// storied are the effects of kinds that have none alone and some behind what
	// they depend on.
	storied map[string]int
	skipped map[string]bool // kinds with which it does nothing because they say is_test: true
}

// calibrate measures what one clean delivery of each kind does,
// and prefers a kind on which the receiver acts for what follows.
func (o *observation) calibrate(ctx context.Context, cases []judge.Case) {
	effects := o.receiver.Effects()
	if effects == nil {
		return
	}
	var clean []observe.Clean
	for i := range cases {
		for _, e := range cases[i].Exchanges {
			if e.Acknowledged() {
				clean = append(clean, observe.Clean{Subject: e.Subject, Delivered: e.Last().Started})
			}
		}
	}
	kinds, measured := effects.Calibrate(ctx, clean)
	acts := ""
	for i, m := range measured {
		if !m.StateOnly {
			o.report.Profile.Effects = append(o.report.Profile.Effects, verdict.KindEffects{Kind: kinds[i], Count: m.D0, Within: m.Took})
		}
		if m.D0 > 0 {
			acts = cmp.Or(acts, kinds[i])
		}
	}
	if n, _ := effects.Clean(o.gate.kind); acts != "" && n == 0 {
		o.gate.kind = acts
	}
	for i := range measured {
		for k := range cases {
			for _, e := range cases[k].Exchanges {
				if e.Kind == kinds[i] && e.Acknowledged() && !e.Meant {
					o.judge.Follows.Learn(e, measured[i].State, o.judge.Paths)
					o.judge.Alone.Learn(e, effects.Mapped(measured[i].State))
				}
			}
		}
	}
	o.report.Profile.PerObject = effects.PerObject()
	o.judge.ByObject = effects.PerObject()
}

// watches reports whether what a scenario's events bring about is to be seen:
// wherever it can be, for what was acknowledged is to be done whatever a check is
// about. Where times are measured nobody looks on.
func (o *observation) watches(s *language.Scenario) bool {
	return o.receiver.Effects() != nil && s.Group != language.GroupGate && !s.Measures()
}

// fresh makes sure that events which are about to be delivered have had no
// effects before.
func (o *observation) fresh(ctx context.Context, events []*emit.Emitted) error {
	if o.receiver.Effects() == nil {
		return nil
	}
	var subjects []observe.Subject
	for _, e := range events {
		if e.Event != nil {
			subjects = append(subjects, e.Event.Subject())
		}
	}
	return o.receiver.Effects().Fresh(ctx, subjects)
}

// settle waits until the effects of the exchanges' events no longer change, and
// records them.
func (o *observation) settle(ctx context.Context, exchanges []*judge.Exchange) {
	if o.receiver.Effects() != nil {
		o.record(ctx, exchanges, o.receiver.Effects().Settle)
	}
}

// glance records which effects of the exchanges' events are there within a short time.
func (o *observation) glance(ctx context.Context, exchanges []*judge.Exchange) {
	if o.receiver.Effects() != nil {
		o.record(ctx, exchanges, o.receiver.Effects().Glance)
	}
}

func (o *observation) record(ctx context.Context, exchanges []*judge.Exchange, look func(context.Context, []observe.Expect) ([]observe.Reading, error)) {
	expects, at := o.expectations(exchanges)
	if len(expects) == 0 {
		return
	}
	readings, err := look(ctx, expects)
	if err == nil {
		o.noteOwn(exchanges, at, readings)
	}
	latest := map[int]*judge.Exchange{}
	for _, e := range exchanges {
		i, asked := at[e.Subject.EventID]
		if !asked {
			continue
		}
		e.Seen = &judge.Effects{Err: err, Meant: e.Meant, Skipped: o.skipped[e.Kind], Shared: o.report.Profile.PerObject && e.SharesObject()}
		e.Seen.D0, e.Seen.Measured = o.d0(e)
		e.Seen.D0Named = o.d0Named(e)
		if own, known := o.own[e.Subject.EventID]; known {
			e.Seen.Own, e.Seen.OwnNamed = &own.Effects, own.Named
		}
		if err == nil {
			e.Seen.Count, e.Seen.Named, e.Seen.StateOnly = readings[i].Effects, readings[i].Named, readings[i].StateOnly
			e.Seen.FailedAt = readings[i].FailedAt
			latest[i] = e
		}
	}
	seen := map[string]observe.Reading{}
	for id, i := range at {
		if err == nil {
			seen[id] = readings[i]
		}
	}
	o.noteStates(exchanges, seen, err)
	for i, e := range latest {
		if e.Effects == nil {
			e.Effects = &readings[i].Effects
		}
	}
}

// arrive waits until what the exchanges' events are to bring about is there.
func (o *observation) arrive(ctx context.Context, exchanges []*judge.Exchange) {
	if expects, _ := o.expectations(exchanges); len(expects) > 0 {
		_ = o.receiver.Effects().Arrive(ctx, expects) // what fails here fails when it settles, and is told then
	}
}

// expectations are what the exchanges' events are to bring about, one for each
// event, and where among them each event is.
func (o *observation) expectations(exchanges []*judge.Exchange) (expects []observe.Expect, at map[string]int) {
	at = map[string]int{}
	for _, e := range exchanges {
		if e.Seen != nil && e.Seen.Err != nil {
			continue
		}
		if i, known := at[e.Subject.EventID]; known {
			// Of several deliveries of one event it is enough that one was taken.
			if n := o.expected(e); n > expects[i].D0 {
				expects[i].D0, expects[i].Named = n, o.expectedNamed(e)
			}
			continue
		}
		if !o.receiver.Effects().Covers(e.Subject) {
			e.Seen = &judge.Effects{Meant: e.Meant}
			continue
		}
		at[e.Subject.EventID] = len(expects)
		expects = append(expects, observe.Expect{Subject: e.Subject, D0: o.expected(e), Named: o.expectedNamed(e)})
	}
	return expects, at
}

// clean is how many effects a plain event of a kind has; false where none are seen.
func (o *observation) clean(kind string) (n int, seen bool) {
	if o.receiver.Effects() == nil {
		return 0, false
	}
	return o.receiver.Effects().Clean(kind)
}

// d0 is how many effects a clean delivery of the event's kind has. For a kind that
// the gate did not try it is the number of the plain kind.
func (o *observation) d0(e *judge.Exchange) (n int, measured bool) {
	if e.Orphan {
		return o.storied[e.Kind], true
	}
	if n, measured = o.receiver.Effects().Clean(e.Kind); measured {
		return n, true
	}
	n, _ = o.receiver.Effects().Clean(o.gate.kind)
	return n, false
}

// d0Named is d0 by the names of effects; nil where the observer gives none.
func (o *observation) d0Named(e *judge.Exchange) map[string]int {
	kind := e.Kind
	if _, measured := o.receiver.Effects().Clean(kind); !measured {
		kind = o.gate.kind
	}
	return o.receiver.Effects().CleanNamed(kind)
}

// noteOwn records the effects of events that were delivered cleanly, and once.
func (o *observation) noteOwn(exchanges []*judge.Exchange, at map[string]int, readings []observe.Reading) {
	deliveries := map[string]int{}
	for _, e := range exchanges {
		deliveries[e.Subject.EventID] += max(len(e.Result.Attempts), 1)
	}
	for _, e := range exchanges {
		i, asked := at[e.Subject.EventID]
		if _, known := o.own[e.Subject.EventID]; known || !asked || deliveries[e.Subject.EventID] > 1 || !e.Acknowledged() {
			continue
		}
		if e.Result.Attempts[0].Fault.Kind == fault.None {
			o.own[e.Subject.EventID] = readings[i]
		}
	}
}

// expected is how many effects are waited for. It is zero for an event that is
// not to have any, for one that the receiver neither took nor looked up, and for one that is
// older than what the receiver has, because the receiver may ignore it. From one
// that no longer works nothing is expected.
func (o *observation) expected(e *judge.Exchange) int {
	if e.Inert || e.Meant || e.Late || !e.Acknowledged() && !e.CaughtUp || o.collapse.dead {
		return 0
	}
	n, _ := o.d0(e)
	if len(e.Changed) > 0 {
		return min(n, 1) // how many it has of another content, nobody knows
	}
	return n
}

// expectedNamed is expected by the names of effects.
func (o *observation) expectedNamed(e *judge.Exchange) map[string]int {
	if o.expected(e) == 0 || len(e.Changed) > 0 {
		return nil
	}
	return o.d0Named(e)
}

// noteStates records the states of the objects of exchanges that have settled
// together.
func (o *observation) noteStates(exchanges []*judge.Exchange, readings map[string]observe.Reading, err error) {
	if len(o.receiver.StateMap()) == 0 {
		return
	}
	var noted []*judge.History
	for _, e := range exchanges {
		if e.History == nil || slices.Contains(noted, e.History) {
			continue
		}
		noted = append(noted, e.History)
		e.History.See(o.states(e.History, exchanges, readings), !o.receiver.Effects().Tells(e.History.Kind) || o.skips(e.History), err)
	}
}

// skips reports whether the receiver was seen to do nothing about such objects
// because they are tests.
func (o *observation) skips(h *judge.History) bool {
	return slices.ContainsFunc(h.Versions, func(v *judge.Version) bool { return o.skipped[v.Kind] })
}

// states are the states that the observer gave for the object's events, by the mapped
// fields; empty where there is nothing.
func (o *observation) states(h *judge.History, exchanges []*judge.Exchange, readings map[string]observe.Reading) (out []map[string]any) {
	for _, e := range exchanges {
		reading, read := readings[e.Subject.EventID]
		if e.History != h || !read {
			continue
		}
		state := o.receiver.Effects().Mapped(reading.State)
		if receiver.SaysDeleted(reading.State, o.receiver.StateMap()) {
			state = nil
		}
		out = append(out, state)
	}
	return out
}
