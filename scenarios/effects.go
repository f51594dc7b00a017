package scenarios

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
)

// sight is what was seen of the effects of one event.
type sight struct {
	effects int
	d0      int   // effects of one clean delivery of the kind; zero: it does not act on it
	shared  bool  // they are counted by object, and others of its events were delivered
	err     error // why effects cannot be told
}

// watch is the runner's eye on what the receiver does.
type watch struct {
	settler *observe.Settler
	d0      map[string]int  // by kind, measured at the gate
	took    time.Duration   // the longest that an effect took there
	tells   map[string]bool // types of objects of which the state was seen there
	err     error           // once set, nothing more is believed
}

func newWatch(cfg *Config, receiver *process) (*watch, error) {
	if cfg.Observer == nil {
		return nil, nil
	}
	s, err := observe.NewSettler(observe.SettlerConfig{
		Observer: cfg.Observer, Clock: cfg.Clock, Drain: cfg.Drain,
		Env:    func() []string { return []string{observe.Offset(receiver.offset)} },
		Fields: slices.Sorted(maps.Keys(cfg.StateMap)),
	})
	return &watch{settler: s, d0: map[string]int{}, tells: map[string]bool{}}, err
}

// calibrate measures what one clean delivery of each kind does (CHECKS rule 2),
// and prefers a kind on which the receiver acts for what follows.
func (r *Runner) calibrate(ctx context.Context, cases []playedCase) {
	if r.watch == nil {
		return
	}
	var clean []observe.Clean
	for i := range cases {
		for _, e := range cases[i].exchanges {
			if e.acknowledged() && r.visible(e.subject) {
				clean = append(clean, observe.Clean{Subject: e.subject, Delivered: e.last().Started})
			}
		}
	}
	if len(clean) == 0 {
		return
	}
	measured, err := r.watch.settler.CalibrateAll(ctx, clean)
	if err != nil {
		r.watch.err = err
		return
	}
	acts := ""
	for i, m := range measured {
		kind := clean[i].Subject.EventKind
		r.watch.d0[kind] = m.D0
		r.watch.took = max(r.watch.took, m.Took)
		if len(r.mapped(m.State)) > 0 {
			r.watch.tells[clean[i].Subject.ObjectType] = true
		}
		if m.D0 > 0 {
			r.report.Profile.Effects = append(r.report.Profile.Effects, verdict.KindEffects{Kind: kind, Count: m.D0, Within: m.Took})
			acts = cmp.Or(acts, kind)
		}
	}
	if acts != "" && r.watch.d0[r.kind] == 0 {
		r.kind = acts
	}
	if acts != "" {
		r.report.Profile.PerObject = r.countsPerObject(ctx, r.kind)
		r.court.byObject = r.report.Profile.PerObject
	}
}

// countsPerObject asks about a later event of an object on which the receiver
// has acted, one that is never delivered: who sees effects of it counts rows of
// the object and not what an event did (CHECKS rule 3).
func (r *Runner) countsPerObject(ctx context.Context, kind string) bool {
	s := r.suite.Played()[0] // the gate
	c := &s.Cases[0]
	key := shop.Key{Name: emitKey(s, c, c.Steps[0].Emit.Name(), kind)}
	events, err := r.world.Tell(shop.Story{Key: key, Kinds: []string{kind, kind}, At: r.startOf(c, r.cfg.Start)})
	if err != nil {
		return false
	}
	subject := events[1].Subject()
	return r.visible(subject) && errors.Is(r.watch.settler.Fresh(ctx, []observe.Subject{subject}), observe.ErrSeen)
}

// watches reports whether what a scenario's events bring about is to be seen.
func (r *Runner) watches(s *language.Scenario) bool {
	return r.watch != nil && s.Group != language.GroupGate && slices.ContainsFunc(s.Checks, func(c language.Check) bool {
		return r.suite.Wants(c.ID) && (c.Takes(language.EvidenceEffects) || c.Takes(language.EvidenceState))
	})
}

// plays reports whether a case can show anything: some check that is wanted and
// can be judged in this run is judged on what it delivers.
func (r *Runner) plays(s *language.Scenario, spec *language.Case) bool {
	return s.Group == language.GroupGate || r.times(spec) > 0 && slices.ContainsFunc(s.Checks, func(c language.Check) bool {
		return r.suite.Wants(c.ID) && spec.Delivers(c.Exchange()) && r.court.canJudge(&c) && len(r.cfg.Hooks.lacks(spec)) == 0
	})
}

// canJudge reports whether there is any evidence at all for a check.
func (c *court) canJudge(check *language.Check) bool {
	return len(c.lacks(check)) == 0 && slices.ContainsFunc(check.Evidence, func(e string) bool {
		return e != language.EvidenceProcess && !c.lack(e).lacking
	})
}

// lack is what keeps a kind of evidence from being had in this run.
type lack struct {
	lacking        bool
	reason, enable lang.Text
}

// lack tells what keeps some evidence, or each of its alternatives, from being
// had. What a check needs hooks for is not judged without them.
func (c *court) lack(evidence string) (l lack) {
	for e := range strings.SplitSeq(evidence, "|") {
		l = lack{lacking: true, reason: textNeedsMore()}
		switch {
		case e == language.EvidenceWire, e == language.EvidenceProcess,
			e == language.EvidenceEffects && c.observer, e == language.EvidenceState && c.observer && len(c.paths) > 0:
			return lack{}
		case e == language.EvidenceEffects:
			l.reason, l.enable = textNeedsEffects(), textEnableEffects()
		case e == language.EvidenceState:
			l.reason, l.enable = textNeedsState(), textEnableState("")
			if !c.observer {
				l.enable = textEnableObserver()
			}
		}
	}
	return l
}

// lacks names the hooks without which no case of a check can be played; none
// when one can.
func (c *court) lacks(check *language.Check) (keys []string) {
	if !slices.Contains(check.Evidence, language.EvidenceProcess) {
		return nil
	}
	for i := range check.Scenario().Cases {
		spec := &check.Scenario().Cases[i]
		if !spec.Delivers(check.Exchange()) {
			continue
		}
		if keys = c.hooks.lacks(spec); len(keys) == 0 {
			return nil
		}
	}
	return keys
}

// wanting says what evidence a check lacks that cannot be judged, and what would
// switch it on.
func (c *court) wanting(check *language.Check) (reason, enable lang.Text) {
	keys := c.lacks(check)
	switch {
	case len(keys) == 0:
		l := c.lack(check.Evidence[0])
		return l.reason, l.enable
	case c.observer || !slices.Contains(check.Evidence, language.EvidenceEffects):
		return textNeedsHooks(keys), textEnableHooks(keys)
	}
	effects, hooks := textEnableEffects(), textEnableHooks(keys)
	return textNeedsHooks(keys), lang.Text{ES: hooks.ES + "\n" + effects.ES, EN: hooks.EN + "\n" + effects.EN}
}

// fresh makes sure that events which are about to be delivered have had no
// effects before.
func (r *Runner) fresh(ctx context.Context, events []*emitted) error {
	var subjects []observe.Subject
	for _, e := range events {
		if e.event != nil && r.visible(e.event.Subject()) {
			subjects = append(subjects, e.event.Subject())
		}
	}
	if r.watch.err != nil || len(subjects) == 0 {
		return r.watch.err
	}
	return r.watch.settler.Fresh(ctx, subjects)
}

// settle waits until the effects of the exchanges' events may be believed
// (CHECKS rule 4), and books them.
func (r *Runner) settle(ctx context.Context, exchanges []*exchange) {
	var expects []observe.Expect
	at := map[string]int{}
	for _, e := range exchanges {
		if e.sight != nil && e.sight.err != nil {
			continue
		}
		if i, known := at[e.subject.EventID]; known {
			// Of several deliveries of one event it is enough that one was taken.
			expects[i].D0 = max(expects[i].D0, r.expected(e))
			continue
		}
		if !r.visible(e.subject) {
			e.sight = &sight{}
			continue
		}
		at[e.subject.EventID] = len(expects)
		expects = append(expects, observe.Expect{Subject: e.subject, D0: r.expected(e)})
	}
	if len(expects) == 0 {
		return
	}
	var readings []observe.Reading
	err := r.watch.err
	if err == nil {
		readings, err = r.watch.settler.Settle(ctx, expects, r.watch.took)
	}
	latest := map[int]*exchange{}
	for _, e := range exchanges {
		i, asked := at[e.subject.EventID]
		if !asked {
			continue
		}
		e.sight = &sight{d0: r.d0(e), err: err, shared: r.report.Profile.PerObject && e.history != nil && len(e.history.versions) > 1}
		if err == nil {
			e.sight.effects = readings[i].Effects
			latest[i] = e
		}
	}
	seen := map[string]observe.Reading{}
	for id, i := range at {
		if err == nil {
			seen[id] = readings[i]
		}
	}
	r.look(exchanges, seen, err)
	for i, e := range latest {
		if e.effects == nil {
			e.effects = &readings[i].Effects
		}
	}
}

// visible reports whether the observer can be asked about a subject at all.
func (r *Runner) visible(s observe.Subject) bool {
	return s.EventID != "" && (r.cfg.Covers == nil || r.cfg.Covers(s))
}

// d0 is what a clean delivery of the event's kind does; of a kind that the gate
// did not try, what one of the plain kind does.
func (r *Runner) d0(e *exchange) int {
	if n, measured := r.watch.d0[e.kind]; measured {
		return n
	}
	return r.watch.d0[r.kind]
}

// expected is how many effects are waited for: none of what is not to have any,
// none of what the receiver did not take, and none of what it had something
// newer of, which it may well leave alone.
func (r *Runner) expected(e *exchange) int {
	if e.inert || e.late || !e.acknowledged() {
		return 0
	}
	return r.d0(e)
}

// fitsEffects reports whether an exchange's effects are as a rule wants them.
func fitsEffects(r *language.Rule, e *exchange) bool {
	if r.Effects == "" {
		return true
	}
	if e.sight == nil || e.sight.err != nil || e.sight.d0 == 0 || e.sight.shared {
		return false
	}
	n, d0 := e.sight.effects, e.sight.d0
	switch r.Effects {
	case "once":
		return n == d0
	case "lost":
		return n < d0
	case "doubled":
		return n > d0
	case "none":
		return n == 0
	default:
		return n > 0
	}
}

// unseen takes back a pass for which more would have to be known than was seen.
func (c *court) unseen(f *finding, check *language.Check, e *exchange, in *language.Case) {
	if f.verdict != verdict.Pass || e.sight == nil {
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
func (c *court) missing(check *language.Check, evidence string, e *exchange, in *language.Case) (out ruling) {
	for one := range strings.SplitSeq(evidence, "|") {
		r := ruling{known: true}
		switch {
		case one == language.EvidenceEffects:
			r = e.sight.shows(e.kind)
		case one == language.EvidenceState && len(c.paths) == 0:
			r = unknown(textNeedsState())
			r.enable = textEnableState("")
		case one == language.EvidenceState:
			r = stateKnown(check, e, in, c.paths)
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
func (s *sight) shows(kind string) ruling {
	switch {
	case s.err != nil:
		return stuck(textObserver(s.err))
	case s.d0 == 0:
		return unknown(textNoEffects(kind))
	case s.shared:
		return unknown(textSharedEffects())
	}
	return ruling{known: true}
}

// observed words why an observer could not tell.
func observed(err error) lang.Text {
	if e, ok := errors.AsType[*observe.Error](err); ok {
		return e.Text
	}
	return lang.Said(err.Error())
}
