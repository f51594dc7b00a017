package scenarios

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/model"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/fault"
)

// eventEffects is what was seen of the effects of one event.
type eventEffects struct {
	count    int
	own      *int  // after one clean delivery of this very event; nil when it had none
	d0       int   // effects of one plain delivery of the kind; zero: it does not act on it
	measured bool  // d0 is the kind's own
	shared   bool  // they are counted by object, and others of its events were delivered
	err      error // why effects cannot be told
	// The same by their names; nil where the observer gives none.
	named, ownNamed, d0Named map[string]int
	stateOnly                bool      // the observer tells no number
	meant                    bool      // they are the receiver's own affair
	skipped                  bool      // it is a test order, about which the receiver does nothing
	failedAt                 time.Time // of the first call to a sink that failed on purpose; zero without one
}

// effects are the counts as a model of them has it.
func (s *eventEffects) effects() *model.Effects {
	return &model.Effects{Count: s.count, Plain: s.d0, Own: s.own, Named: model.NamedEffects(s.named, s.d0Named, s.ownNamed)}
}

// observation is what is seen of the effects of what was delivered, and of the
// state that is kept.
type observation struct {
	suite    *language.Suite
	receiver *receiver.Receiver
	judge    *judge
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
func (o *observation) calibrate(ctx context.Context, cases []playedCase) {
	effects := o.receiver.Effects()
	if effects == nil {
		return
	}
	var clean []observe.Clean
	for i := range cases {
		for _, e := range cases[i].exchanges {
			if e.acknowledged() {
				clean = append(clean, observe.Clean{Subject: e.subject, Delivered: e.last().Started})
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
			for _, e := range cases[k].exchanges {
				if e.kind == kinds[i] && e.acknowledged() && !e.meant {
					o.judge.follows.learn(e, measured[i].State, o.judge.paths)
				}
			}
		}
	}
	o.report.Profile.PerObject = effects.PerObject()
	o.judge.byObject = effects.PerObject()
}

// watches reports whether what a scenario's events bring about is to be seen:
// wherever it can be, for what was acknowledged is to be done whatever a check is
// about. Where times are measured nobody looks on.
func (o *observation) watches(s *language.Scenario) bool {
	return o.receiver.Effects() != nil && s.Group != language.GroupGate && !s.Measures()
}

// canJudge reports whether there is any evidence at all for a check.
func (c *judge) canJudge(check *language.Check) bool {
	return (c.api != nil || !check.Takes(language.EvidenceAPI)) && len(c.lacks(check)) == 0 && slices.ContainsFunc(check.Evidence, func(e string) bool {
		return e != language.EvidenceProcess && !c.lack(e).lacking
	})
}

// canPlay reports whether a case can be played, and show something for a check.
func (c *judge) canPlay(check *language.Check, spec *language.Case) bool {
	return c.canJudge(check) && len(lacks(c.hooks, spec)) == 0
}

// lack is what keeps a kind of evidence from being had in this run.
type lack struct {
	lacking        bool
	reason, enable lang.Text
}

// lack tells why some evidence, and each of its alternatives, cannot be had in
// this run. Evidence of the process counts as there: a check that needs hooks is
// not judged without them.
func (c *judge) lack(evidence string) (l lack) {
	for e := range strings.SplitSeq(evidence, "|") {
		l = lack{lacking: true, reason: textNeedsMore.both()}
		switch {
		case e == language.EvidenceWire, e == language.EvidenceProcess, e == language.EvidenceAPI,
			e == language.EvidenceEffects && c.observer, e == language.EvidenceState && c.observer && len(c.paths) > 0:
			return lack{}
		case e == language.EvidenceEffects:
			l.reason, l.enable = textNeedsEffects.both(), textEnableEffects.both()
		case e == language.EvidenceState:
			l.reason, l.enable = textNeedsState.both(), textEnableState("")
			if !c.observer {
				l.enable = textEnableObserver.both()
			}
		}
	}
	return l
}

// lacks names the hooks without which no case of a check can be played; none
// when one can.
func (c *judge) lacks(check *language.Check) (keys []string) {
	if !slices.Contains(check.Evidence, language.EvidenceProcess) {
		return nil
	}
	for i := range check.Scenario().Cases {
		spec := &check.Scenario().Cases[i]
		if !spec.Delivers(check.Exchange()) {
			continue
		}
		if keys = lacks(c.hooks, spec); len(keys) == 0 {
			return nil
		}
	}
	return keys
}

// wanting says which evidence keeps a check from being judged, and which lines of
// the config would switch that evidence on.
func (c *judge) wanting(check *language.Check) (reason, enable lang.Text) {
	keys := c.lacks(check)
	switch {
	case len(keys) == 0:
		l := c.lack(check.Evidence[0])
		return l.reason, l.enable
	case c.observer || !slices.Contains(check.Evidence, language.EvidenceEffects):
		return textNeedsHooks(keys), textEnableHooks(keys)
	}
	return textNeedsHooks(keys), joined([]lang.Text{textEnableHooks(keys), textEnableEffects.both()}, lang.Same("\n"))
}

// fresh makes sure that events which are about to be delivered have had no
// effects before.
func (o *observation) fresh(ctx context.Context, events []*emitted) error {
	if o.receiver.Effects() == nil {
		return nil
	}
	var subjects []observe.Subject
	for _, e := range events {
		if e.event != nil {
			subjects = append(subjects, e.event.Subject())
		}
	}
	return o.receiver.Effects().Fresh(ctx, subjects)
}

// settle waits until the effects of the exchanges' events no longer change, and
// records them.
func (o *observation) settle(ctx context.Context, exchanges []*exchange) {
	expects, at := o.expectations(exchanges)
	if len(expects) == 0 {
		return
	}
	readings, err := o.receiver.Effects().Settle(ctx, expects)
	if err == nil {
		o.noteOwn(exchanges, at, readings)
	}
	latest := map[int]*exchange{}
	for _, e := range exchanges {
		i, asked := at[e.subject.EventID]
		if !asked {
			continue
		}
		e.seen = &eventEffects{err: err, meant: e.meant, skipped: o.skipped[e.kind], shared: o.report.Profile.PerObject && e.sharesObject()}
		e.seen.d0, e.seen.measured = o.d0(e)
		e.seen.d0Named = o.d0Named(e)
		if own, known := o.own[e.subject.EventID]; known {
			e.seen.own, e.seen.ownNamed = &own.Effects, own.Named
		}
		if err == nil {
			e.seen.count, e.seen.named, e.seen.stateOnly = readings[i].Effects, readings[i].Named, readings[i].StateOnly
			e.seen.failedAt = readings[i].FailedAt
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
		if e.effects == nil {
			e.effects = &readings[i].Effects
		}
	}
}

// arrive waits until what the exchanges' events are to bring about is there.
func (o *observation) arrive(ctx context.Context, exchanges []*exchange) {
	if expects, _ := o.expectations(exchanges); len(expects) > 0 {
		_ = o.receiver.Effects().Arrive(ctx, expects) // what fails here fails when it settles, and is told then
	}
}

// expectations are what the exchanges' events are to bring about, one for each
// event, and where among them each event is.
func (o *observation) expectations(exchanges []*exchange) (expects []observe.Expect, at map[string]int) {
	at = map[string]int{}
	for _, e := range exchanges {
		if e.seen != nil && e.seen.err != nil {
			continue
		}
		if i, known := at[e.subject.EventID]; known {
			// Of several deliveries of one event it is enough that one was taken.
			if n := o.expected(e); n > expects[i].D0 {
				expects[i].D0, expects[i].Named = n, o.expectedNamed(e)
			}
			continue
		}
		if !o.receiver.Effects().Covers(e.subject) {
			e.seen = &eventEffects{meant: e.meant}
			continue
		}
		at[e.subject.EventID] = len(expects)
		expects = append(expects, observe.Expect{Subject: e.subject, D0: o.expected(e), Named: o.expectedNamed(e)})
	}
	return expects, at
}

// d0 is how many effects a clean delivery of the event's kind has. For a kind that
// the gate did not try it is the number of the plain kind.
func (o *observation) d0(e *exchange) (n int, measured bool) {
	if e.orphan {
		return o.storied[e.kind], true
	}
	if n, measured = o.receiver.Effects().Clean(e.kind); measured {
		return n, true
	}
	n, _ = o.receiver.Effects().Clean(o.gate.kind)
	return n, false
}

// d0Named is d0 by the names of effects; nil where the observer gives none.
func (o *observation) d0Named(e *exchange) map[string]int {
	kind := e.kind
	if _, measured := o.receiver.Effects().Clean(kind); !measured {
		kind = o.gate.kind
	}
	return o.receiver.Effects().CleanNamed(kind)
}

// noteOwn records the effects of events that were delivered cleanly, and once.
func (o *observation) noteOwn(exchanges []*exchange, at map[string]int, readings []observe.Reading) {
	deliveries := map[string]int{}
	for _, e := range exchanges {
		deliveries[e.subject.EventID] += max(len(e.result.Attempts), 1)
	}
	for _, e := range exchanges {
		i, asked := at[e.subject.EventID]
		if _, known := o.own[e.subject.EventID]; known || !asked || deliveries[e.subject.EventID] > 1 || !e.acknowledged() {
			continue
		}
		if e.result.Attempts[0].Fault.Kind == fault.None {
			o.own[e.subject.EventID] = readings[i]
		}
	}
}

// expected is how many effects are waited for. It is zero for an event that is
// not to have any, for one that the receiver neither took nor looked up, and for one that is
// older than what the receiver has, because the receiver may ignore it. From one
// that no longer works nothing is expected.
func (o *observation) expected(e *exchange) int {
	if e.inert || e.meant || e.late || !e.acknowledged() && !e.caughtUp || o.collapse.dead {
		return 0
	}
	n, _ := o.d0(e)
	if len(e.changed) > 0 {
		return min(n, 1) // how many it has of another content, nobody knows
	}
	return n
}

// expectedNamed is expected by the names of effects.
func (o *observation) expectedNamed(e *exchange) map[string]int {
	if o.expected(e) == 0 || len(e.changed) > 0 {
		return nil
	}
	return o.d0Named(e)
}

// unseen takes back a pass when the evidence that the check needs was not seen.
func (c *judge) unseen(f *finding, check *language.Check, e *exchange, in *language.Case) {
	if f.verdict != verdict.Pass || e.seen == nil {
		return
	}
	for _, evidence := range check.Evidence {
		if missing := c.missing(check, evidence, e, in); !missing.known {
			f.verdict, f.reason, f.enable = missing.verdict, missing.why, missing.enable
			return
		}
	}
}

// missing tells why an exchange shows no evidence of some kind, or none of its
// alternatives; known when it does.
func (c *judge) missing(check *language.Check, evidence string, e *exchange, in *language.Case) (out ruling) {
	for one := range strings.SplitSeq(evidence, "|") {
		r := ruling{known: true}
		switch {
		case e.seen.err != nil && one != language.EvidenceWire && one != language.EvidenceProcess:
			r = stuck(textObserver(e.seen.err))
		case one == language.EvidenceEffects && check.AsksNames() && len(e.seen.named) > 0 && e.seen.err == nil:
			// What is asked is not held against a plain event.
		case one == language.EvidenceEffects:
			r = e.seen.shows(e.kind)
		case one == language.EvidenceState && len(c.paths) == 0:
			r = unknown(textNeedsState.both())
			r.enable = textEnableState("")
		case one == language.EvidenceState:
			r = c.stateKnown(check, e, in)
		}
		if r.known {
			return r
		}
		if out.why.IsZero() {
			out = r
		}
		if out.enable.IsZero() {
			out.enable = r.enable
		}
	}
	return out
}

// shows tells why effects show nothing of an event; known when they do.
func (s *eventEffects) shows(kind string) ruling {
	switch {
	case s.err != nil:
		return stuck(textObserver(s.err))
	case s.meant:
		return unknown(textMeant.both())
	case s.stateOnly:
		return unknown(textStateOnly.both())
	case s.d0 == 0 && s.skipped:
		r := unknown(textSkipsTests.both())
		r.enable = lang.Same("live_orders: true")
		return r
	case s.d0 == 0:
		return unknown(textNoEffects(kind))
	case s.shared:
		return unknown(textSharedEffects.both())
	}
	return ruling{known: true}
}

// observed words why an observer could not tell.
func observed(err error) lang.Text {
	if e, ok := errors.AsType[*observe.Error](err); ok {
		return e.Text
	}
	return lang.Both(err)
}
