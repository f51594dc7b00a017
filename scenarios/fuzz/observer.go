package fuzz

import (
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/kometia-sim/kometia-sim/scenarios/fuzz/history"
	"github.com/kometia-sim/kometia-sim/scenarios/fuzz/oracle"
	"github.com/kometia-sim/kometia-sim/scenarios/model"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/simulator/payload"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// observer sees what the receiver does with the payloads that it accepts.
type observer struct {
	receiver *receiver.Receiver
	effects  *receiver.Effects
	gen      *payload.Generator
	sender   *sender
	judge    *judge
	life     *lifetime
	calm     *sync.RWMutex
	suspects *suspects
	backlog  *backlog
	fields   map[string]map[string]receiver.Relation // by kind, by field of the state
	stories  map[string]map[string]receiver.Relation // the same of events that come in their stories
	varies   bool                                    // what an event brings about depends on more than its kind
	queue    chan acceptance
	room     chan struct{} // has an element when a group was taken from the queue
}

// acceptance is a payload that was accepted, whose effects are to be seen.
type acceptance struct {
	c       *payload.Case
	subject observe.Subject
}

// How many acceptances are asked about together, and how many wait. What does not
// fit is not looked at, so that watching does not slow the sending down, but for
// the coverage phase, whose cases come only once.
const (
	batch   = 256
	waiting = 256
)

func newObserver(r *Runner) *observer {
	return &observer{
		receiver: r.receiver, effects: r.receiver.Effects(), gen: r.gen, sender: r.sender, judge: r.judge, life: r.life,
		calm: &r.calm, suspects: r.suspects, backlog: newBacklog(r), fields: map[string]map[string]receiver.Relation{}, queue: make(chan acceptance, waiting),
		room: make(chan struct{}, 64),
	}
}

// clean is how many effects a clean delivery of a kind has.
func (o *observer) clean(kind string) int {
	n, _ := o.effects.Clean(kind)
	return n
}

// lessons is how many normal events of each kind teach what the receiver keeps.
const lessons = 5

// calibrate measures what one clean delivery of each kind does, and learns which
// fields of the state tell which members of the event: only what held for every
// normal event is held against a payload.
func (o *observer) calibrate(ctx context.Context, bundles []*payload.Bundle, p *verdict.Profile) {
	clean := make([]observe.Clean, len(bundles))
	for i, b := range bundles {
		clean[i].Subject = b.Last().Subject
	}
	kinds, measured := o.effects.Calibrate(ctx, clean)
	for i, m := range measured {
		if !m.StateOnly {
			p.Effects = append(p.Effects, verdict.KindEffects{Kind: kinds[i], Count: m.D0, Within: m.Took})
		}
	}
	if len(measured) == 0 {
		return
	}
	p.PerObject = o.effects.PerObject()
	o.inStory(ctx, bundles, kinds, measured)
	o.fields = o.learn(ctx, bundles, "lesson", o.sender.insist)
	o.stories = maps.Clone(o.fields)
	storied := slices.DeleteFunc(slices.Clone(bundles), func(b *payload.Bundle) bool {
		_, needed := o.sender.parents.Load(b.Last().Kind)
		return needed || len(b.Messages) == 1
	})
	maps.Copy(o.stories, o.learn(ctx, storied, "story lesson", o.sender.tell))
}

// inStory measures again, with what comes before it, a kind of which alone nothing
// was to be seen: a receiver whose update is a bare UPDATE keeps nothing of one
// whose object it does not know. Where that makes a difference the kind is
// delivered in its story from then on.
func (o *observer) inStory(ctx context.Context, bundles []*payload.Bundle, kinds []string, measured []observe.Calibration) {
	var clean []observe.Clean
	alone := map[string]observe.Calibration{}
	for i, kind := range kinds {
		alone[kind] = measured[i]
	}
	for _, b := range bundles {
		kind := b.Last().Kind
		was, seen := alone[kind]
		_, needed := o.sender.parents.Load(kind)
		if !seen || needed || len(b.Messages) == 1 || was.D0 > 0 && told(was.State) || o.life.over() {
			continue
		}
		o.sender.parents.Store(kind, true)
		fresh := o.sender.fresh.Bundle(b)
		if !o.sender.insist(ctx, o.sender.patient, fresh).Accepted() {
			o.sender.parents.Delete(kind)
			continue
		}
		clean = append(clean, observe.Clean{Subject: fresh.Last().Subject})
	}
	kinds, measured = o.effects.Calibrate(ctx, clean)
	for i, kind := range kinds {
		if was := alone[kind]; measured[i].D0 == was.D0 && told(measured[i].State) == told(was.State) {
			o.sender.parents.Delete(kind)
		}
	}
}

// told reports whether a state says anything.
func told(state map[string]any) bool {
	for _, v := range state {
		if v != nil {
			return true
		}
	}
	return false
}

// learn learns which fields of the state tell which members of the event, from
// normal events that are delivered in a way.
func (o *observer) learn(
	ctx context.Context, bundles []*payload.Bundle, name string,
	deliver func(context.Context, *receiver.Sender, *payload.Bundle) receiver.Response,
) map[string]map[string]receiver.Relation {
	fields := map[string]map[string]receiver.Relation{}
	learners := map[string]*receiver.Learner{}
	patient := true // until something was waited for in vain, which would take all the time
	for round := range lessons {
		if o.life.over() || o.sender.limited() > 0 {
			return fields // what is left of its patience is for the cases
		}
		var expects []observe.Expect
		var trees []*jsontree.Object
		for i, b := range bundles {
			kind := b.Last().Kind
			if o.clean(kind) == 0 && !o.effects.Tells(b.Last().Subject.ObjectType) || o.gen.Deletes(kind) {
				continue
			}
			plain, err := o.gen.Plain(kind, name, i*lessons+round)
			var lesson *payload.Bundle
			if err == nil {
				lesson, err = o.gen.Bundle(plain, plain.Tree, o.gen.Body(plain.Tree))
			}
			if err != nil {
				o.life.broke(err)
				return fields
			}
			if o.receiver.Means(kind, plain.Tree) || !deliver(ctx, o.sender.patient, lesson).Accepted() {
				continue
			}
			e := observe.Expect{Subject: lesson.Last().Subject}
			if patient {
				e.D0 = o.expected(kind, payload.Plausible)
			}
			expects = append(expects, e)
			trees = append(trees, plain.Tree)
		}
		readings, err := o.effects.Settle(ctx, expects)
		if err != nil {
			o.effects.Distrust(err)
			return fields
		}
		patient = patient && !missing(expects, readings)
		hasState := false
		for i, reading := range readings {
			kind := expects[i].Subject.EventKind
			o.varies = o.varies || reading.Effects != o.clean(kind)
			if reading.State == nil {
				continue
			}
			hasState = true
			if learners[kind] == nil {
				learners[kind] = receiver.NewLearner(o.receiver.StateMap())
			}
			learners[kind].Learn(trees[i], reading.State)
		}
		if !hasState {
			return fields // no state is shown at all
		}
	}
	for kind, l := range learners {
		fields[kind] = l.Relations()
	}
	return fields
}

func (o *observer) trusted() bool { return o.effects.Err() == nil }

// looks reports whether there is anything to see of a payload.
func (o *observer) looks(kind string, class payload.Class) bool {
	switch class {
	case payload.Plausible, payload.Equal:
		return o.clean(kind) > 0 && o.judge.wanted[oracle.EffectsOnce] || len(o.fields[kind]) > 0 && o.judge.wanted[oracle.StateConverges]
	case payload.Cut:
		return o.clean(kind) > 0 && o.judge.wanted[oracle.NothingFromBroken]
	default:
		return false
	}
}

// accepted takes every response that broke no oracle.
func (o *observer) accepted(c *payload.Case, a receiver.Response) {
	if !o.looks(c.Kind, c.Class) || c.Class.Good() && o.receiver.Means(c.Kind, c.Tree) || c.Class.Good() && !a.Outcome.Acknowledged() || !o.trusted() {
		return
	}
	s := acceptance{c, c.Event.Subject()}
	if !o.effects.Covers(s.subject) {
		return
	}
	if o.expected(c.Kind, c.Class) > 0 {
		o.backlog.add(s)
	}
	select {
	case o.queue <- s:
		return
	default:
	}
	// What comes only once is waited for, and so is a receiver that cannot keep up.
	for (o.backlog.slow() || c.Phase == payload.Coverage && c.Index < o.gen.CoverageEnd()) && !o.life.over() {
		select {
		case o.queue <- s:
			return
		case <-o.receiver.Stop():
			return
		case <-o.room:
		}
	}
}

func (o *observer) finish() { close(o.queue) }

// run looks at what was accepted, many at once.
func (o *observer) run(ctx context.Context) {
	for first := range o.queue {
		group := []acceptance{first}
	more:
		for len(group) < batch {
			select {
			case s, open := <-o.queue:
				if !open {
					break more
				}
				group = append(group, s)
			default:
				break more
			}
		}
		for range cap(o.room) {
			select {
			case o.room <- struct{}{}:
			default:
			}
		}
		if o.life.dead.Load() || ctx.Err() != nil || !o.trusted() {
			continue
		}
		expects := make([]observe.Expect, len(group))
		for i, s := range group {
			expects[i] = observe.Expect{Subject: s.subject, D0: o.expected(s.c.Kind, s.c.Class)}
		}
		o.calm.RLock()
		readings, caughtUp, err := o.settle(ctx, expects, true)
		o.calm.RUnlock()
		if err == nil && !caughtUp {
			continue
		}
		if err != nil {
			if ctx.Err() == nil {
				o.effects.Distrust(err)
			}
			continue
		}
		for i, s := range group {
			for _, sus := range o.compare(s.c.Kind, s.c.Class, s.c.Tree, readings[i]) {
				o.suspects.add(s.c, sus)
			}
		}
	}
}

// settle waits until effects may be believed. Of what is missing nothing is known
// unless the receiver has caught up. Who is not patient leaves the waiting to
// that: what was sent behind it is done.
func (o *observer) settle(ctx context.Context, expects []observe.Expect, patient bool) (readings []observe.Reading, caughtUp bool, err error) {
	atOnce := slices.Clone(expects)
	for i := range atOnce {
		atOnce[i].D0 = 0
	}
	first := atOnce
	if patient || o.receiver.Drains() {
		first = expects
	}
	readings, err = o.effects.Settle(ctx, first)
	if err != nil || !missing(expects, readings) {
		return readings, true, err
	}
	if !o.backlog.caughtUp(ctx) {
		return nil, false, nil
	}
	readings, err = o.effects.Settle(ctx, atOnce)
	return readings, true, err
}

// missing reports whether effects that were waited for are not there.
func missing(expects []observe.Expect, readings []observe.Reading) bool {
	for i := range expects {
		if !readings[i].StateOnly && readings[i].Effects < expects[i].D0 {
			return true
		}
	}
	return false
}

// expected is how many effects of an event are waited for.
func (o *observer) expected(kind string, class payload.Class) int {
	if class == payload.Cut {
		return 0
	}
	if o.varies {
		return min(1, o.clean(kind))
	}
	return o.clean(kind)
}

// violation plays a bundle and looks at what came of it: the outcome is that of the
// last message. known is false when nothing could be seen.
func (o *observer) violation(ctx context.Context, b *payload.Bundle) (found suspicion, outcome *wire.Outcome, failed, known bool) {
	a := o.sender.insist(ctx, o.sender.quick, b)
	if a.Ours() || b.Class.Good() && !a.Outcome.Acknowledged() || !o.trusted() {
		return suspicion{}, a.Outcome, false, true
	}
	kind := b.Last().Kind
	readings, caughtUp, err := o.settle(ctx, []observe.Expect{{Subject: b.Last().Subject, D0: o.expected(kind, b.Class)}}, false)
	if err != nil || !caughtUp {
		return suspicion{}, a.Outcome, false, err != nil
	}
	for _, s := range o.compare(kind, b.Class, b.Last().Tree, readings[0]) {
		return s, a.Outcome, true, true
	}
	return suspicion{}, a.Outcome, false, true
}

// compare holds what is seen against what was sent, as the model has it. How many
// effects an event has may depend on what it says; that it has none although its
// kind has some is against the receiver.
func (o *observer) compare(kind string, class payload.Class, tree *jsontree.Object, reading observe.Reading) []suspicion {
	if class.Good() && o.receiver.Means(kind, tree) {
		return nil
	}
	line := &model.Line{
		Kind: kind, Changed: []string{"data.object"}, Acknowledged: true, Broken: class == payload.Cut,
		Effects: &model.Effects{Count: reading.Effects, Plain: o.clean(kind)},
	}
	if tree != nil && reading.State != nil {
		line.Kept = o.kept(kind, tree, reading.State)
	}
	for _, v := range model.Hold(line) {
		s := suspicion{oracle: oracle.StateConverges, found: v.Found}
		switch v.Breach {
		case model.Acted:
			s.oracle, s.code, s.found = oracle.NothingFromBroken, "acted", history.EffectsInWords(reading.Effects)
		case model.Vanished:
			s.oracle, s.code, s.found = oracle.EffectsOnce, "lost", history.EffectsInWords(0)
		case model.Altered, model.Restyled:
			s.code, s.soft = v.Field, !v.Certain()
		default:
			continue
		}
		if o.judge.wanted[s.oracle] {
			return []suspicion{s} // one is enough to tell
		}
	}
	return nil
}

// kept are the fields of a state that repeat what a plain event says.
func (o *observer) kept(kind string, tree *jsontree.Object, state map[string]any) (list []model.Field) {
	for _, name := range slices.Sorted(maps.Keys(o.fields[kind])) {
		rel := o.fields[kind][name]
		said, err := jsontree.Get(tree, rel.Path)
		if got, there := state[name]; err == nil && there {
			list = append(list, model.Field{Name: name, Relation: rel, Kept: got, Said: said, By: kind})
		}
	}
	return list
}
