package fuzz

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/kometia-sim/kometia-sim/scenarios/fuzz/history"
	"github.com/kometia-sim/kometia-sim/scenarios/fuzz/payload"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// watch is the runner's eye on what the receiver does with what it accepts.
type watch struct {
	*Runner
	effects *receiver.Effects
	fields  map[string]map[string]receiver.Relation // by kind, by field of the state
	queue   chan sighting
	room    chan struct{} // has an element when a group was taken from the queue
}

// sighting is an accepted payload whose effects are to be seen.
type sighting struct {
	c       *payload.Case
	subject observe.Subject
}

// How many sightings are asked about together, and how many wait. What does not
// fit is not looked at, so that watching does not slow the sending down, but for
// the coverage phase, whose cases come only once.
const (
	batch   = 256
	waiting = 256
)

func newWatch(r *Runner) *watch {
	return &watch{
		Runner: r, effects: r.receiver.Effects(), fields: map[string]map[string]receiver.Relation{}, queue: make(chan sighting, waiting),
		room: make(chan struct{}, 64),
	}
}

// clean is how many effects a clean delivery of a kind has.
func (w *watch) clean(kind string) int {
	n, _ := w.effects.Clean(kind)
	return n
}

// lessons is how many plain events of each kind teach what the receiver keeps.
const lessons = 5

// calibrate measures what one clean delivery of each kind does, and learns which
// fields of the state tell which members of the event: only what held for every
// plain event is held against a payload.
func (w *watch) calibrate(ctx context.Context, bundles []*payload.Bundle) {
	clean := make([]observe.Clean, len(bundles))
	for i, b := range bundles {
		clean[i].Subject = b.Last().Subject
	}
	kinds, measured := w.effects.Calibrate(ctx, clean)
	for i, m := range measured {
		if m.D0 > 0 {
			w.report.Profile.Effects = append(w.report.Profile.Effects, verdict.KindEffects{Kind: kinds[i], Count: m.D0, Within: m.Took})
		}
	}
	if len(measured) == 0 {
		return
	}
	w.report.Profile.PerObject = w.effects.PerObject()
	learners := map[string]*receiver.Learner{}
	for round := range lessons {
		if w.over() || w.player.limited() > 0 {
			return // what is left of its patience is for the cases
		}
		var expects []observe.Expect
		var trees []*jsontree.Object
		for i, b := range bundles {
			kind := b.Last().Kind
			if w.clean(kind) == 0 || strings.HasSuffix(kind, ".deleted") {
				continue
			}
			plain, err := w.gen.Plain(kind, "lesson", i*lessons+round)
			var lesson *payload.Bundle
			if err == nil {
				lesson, err = w.gen.Bundle(plain, plain.Tree, w.gen.Body(plain.Tree))
			}
			if err != nil {
				w.broke(err)
				return
			}
			if a := w.player.insist(ctx, w.player.patient, lesson); a.Outcome == nil || !a.Outcome.Acknowledged() {
				continue
			}
			expects = append(expects, observe.Expect{Subject: lesson.Last().Subject, D0: w.clean(kind)})
			trees = append(trees, plain.Tree)
		}
		readings, err := w.effects.Settle(ctx, expects)
		if err != nil {
			w.effects.Distrust(err)
			return
		}
		told := false
		for i, reading := range readings {
			kind := expects[i].Subject.EventKind
			if reading.State == nil {
				continue
			}
			told = true
			if learners[kind] == nil {
				learners[kind] = receiver.NewLearner(w.receiver.StateMap())
			}
			learners[kind].Learn(trees[i], reading.State)
		}
		if !told {
			return // no state is told at all
		}
	}
	for kind, l := range learners {
		w.fields[kind] = l.Relations()
	}
}

func (w *watch) trusted() bool { return w.effects.Err() == nil }

// looks reports whether there is anything to see of a payload.
func (w *watch) looks(kind string, class payload.Class) bool {
	switch class {
	case payload.Plausible, payload.Equal:
		return w.clean(kind) > 0 && (w.court.wanted[EffectsOnce] || w.court.wanted[StateConverges])
	case payload.Cut:
		return w.clean(kind) > 0 && w.court.wanted[NothingFromBroken]
	default:
		return false
	}
}

// saw is told of every response that broke no oracle.
func (w *watch) saw(c *payload.Case, a receiver.Response) {
	if !w.looks(c.Kind, c.Class) || c.Class.Good() && !a.Outcome.Acknowledged() || !w.trusted() {
		return
	}
	s := sighting{c, c.Event.Subject()}
	if !w.effects.Covers(s.subject) {
		return
	}
	select {
	case w.queue <- s:
		return
	default:
	}
	// What comes only once is waited for.
	for c.Phase == payload.Coverage && c.Index < w.gen.CoverageEnd() && !w.over() {
		select {
		case w.queue <- s:
			return
		case <-w.receiver.Stop():
			return
		case <-w.room:
		}
	}
}

func (w *watch) finish() { close(w.queue) }

// run looks at what was accepted, many at once.
func (w *watch) run(ctx context.Context) {
	for first := range w.queue {
		group := []sighting{first}
	more:
		for len(group) < batch {
			select {
			case s, open := <-w.queue:
				if !open {
					break more
				}
				group = append(group, s)
			default:
				break more
			}
		}
		for range cap(w.room) {
			select {
			case w.room <- struct{}{}:
			default:
			}
		}
		if w.dead.Load() || ctx.Err() != nil || !w.trusted() {
			continue
		}
		expects := make([]observe.Expect, len(group))
		for i, s := range group {
			expects[i] = observe.Expect{Subject: s.subject, D0: w.expected(s.c.Kind, s.c.Class)}
		}
		w.calm.RLock()
		readings, err := w.effects.Settle(ctx, expects)
		w.calm.RUnlock()
		if err != nil {
			if ctx.Err() == nil {
				w.effects.Distrust(err)
			}
			continue
		}
		for i, s := range group {
			for _, sus := range w.weigh(s.c.Kind, s.c.Class, s.c.Tree, readings[i]) {
				w.suspect(s.c, sus)
			}
		}
	}
}

func (w *watch) expected(kind string, class payload.Class) int {
	if class == payload.Cut {
		return 0
	}
	return w.clean(kind)
}

// judge plays a bundle and looks at what came of it.
func (w *watch) judge(ctx context.Context, b *payload.Bundle) (suspicion, bool) {
	a := w.player.insist(ctx, w.player.sender, b)
	if a.Ours() || b.Class.Good() && !a.Outcome.Acknowledged() || !w.trusted() {
		return suspicion{}, false
	}
	kind := b.Last().Kind
	readings, err := w.effects.Settle(ctx, []observe.Expect{{Subject: b.Last().Subject, D0: w.expected(kind, b.Class)}})
	if err != nil {
		return suspicion{}, false
	}
	for _, s := range w.weigh(kind, b.Class, b.Last().Tree, readings[0]) {
		return s, true
	}
	return suspicion{}, false
}

// weigh holds what is seen against what was sent.
func (w *watch) weigh(kind string, class payload.Class, tree *jsontree.Object, reading observe.Reading) []suspicion {
	var list []suspicion
	add := func(oracle, code string, found lang.Text) {
		if w.court.wanted[oracle] {
			list = append(list, suspicion{oracle: oracle, code: code, found: found})
		}
	}
	if class == payload.Cut {
		if reading.Effects > 0 {
			add(NothingFromBroken, "acted", history.EffectsInWords(reading.Effects))
		}
		return list
	}
	switch d0 := w.clean(kind); {
	case reading.Effects < d0:
		add(EffectsOnce, "lost", history.EffectsInWords(reading.Effects))
		return list
	case reading.Effects > d0:
		add(EffectsOnce, "doubled", history.EffectsInWords(reading.Effects))
		return list
	}
	if tree == nil || reading.State == nil {
		return list
	}
	for _, field := range slices.Sorted(maps.Keys(w.fields[kind])) {
		rel := w.fields[kind][field]
		want, err := jsontree.Get(tree, rel.Path)
		if err != nil {
			continue
		}
		if got, there := reading.State[field]; there && !rel.Holds(got, want) {
			add(StateConverges, field, lang.Text{
				ES: fmt.Sprintf("%s es %s, el evento dice %s", field, payload.Shown(got), payload.Shown(want)),
				EN: fmt.Sprintf("%s is %s, the event says %s", field, payload.Shown(got), payload.Shown(want)),
			})
			break // one field is enough to tell
		}
	}
	return list
}
