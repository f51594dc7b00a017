package scenarios

import (
	"maps"
	"slices"

	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/model"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
)

// line is the exchange's event as the ledger has it.
func (e *exchange) line(follows follows) *model.Line {
	l := &model.Line{
		Event: e.event, Kind: e.kind, Changed: e.changed, Spelled: e.spelled,
		Broken: e.broken || e.cutOff(), Acknowledged: e.acknowledged(), Late: e.late, Follows: e.follows,
	}
	if e.inert && !l.Broken {
		return l // what a receiver makes of it is its own affair
	}
	if l.Effects = e.counted(); l.Effects != nil && l.Broken && e.effects != nil {
		l.Effects.Count = *e.effects // what came before the retry that was whole
	}
	if !l.Broken {
		l.Kept, l.Missing = e.kept(follows), e.missing(follows)
	}
	return l
}

// counted are the effects of an exchange's event; nil where they cannot be told,
// and for a kind of which no plain delivery was seen.
func (e *exchange) counted() *model.Effects {
	s := e.seen
	if s == nil || s.err != nil || s.meant || s.shared || s.stateOnly || !s.measured {
		return nil
	}
	return s.effects()
}

// cutOff reports whether no attempt of the exchange came whole.
func (e *exchange) cutOff() bool {
	return len(e.result.Attempts) > 0 && !slices.ContainsFunc(e.result.Attempts, func(a delivery.Attempt) bool { return !a.Fault.Cuts() })
}

// follows are the fields of the state that have what the newest event says when
// events are delivered plainly, by the kinds that came of the object: others the
// receiver keeps in a way of its own.
type follows map[string]map[string]followed

// followed is how a field repeats the event, and the value with which it did.
type followed struct {
	receiver.Relation
	said any
}

// learn takes what was seen of the object of a plain event.
func (f follows) learn(e *exchange, state map[string]any, paths map[string]string) {
	if e.version == nil || len(state) == 0 || len(paths) == 0 || receiver.SaysDeleted(state, paths) {
		return
	}
	f.take(e.kind, e.version, state, paths)
}

// take takes what is kept of an object whose newest event is a version.
func (f follows) take(key string, of *version, state map[string]any, paths map[string]string) {
	learner := receiver.NewLearner(paths)
	learner.Learn(of.tree, state)
	f[key] = map[string]followed{}
	for field, rel := range learner.Relations() {
		f[key][field] = followed{rel, of.value(rel.Path)}
	}
}

// kept are the fields of the exchange's object that can be compared with what the
// newest event says that was taken.
func (e *exchange) kept(follows follows) (out []model.Field) {
	h := e.history
	if h == nil {
		return nil
	}
	seen := h.last()
	if r := seen.sees(); !r.known || seen.newest == nil || seen.newest.gone || seen.absent() {
		return nil
	}
	relations := follows[h.lifeKey()]
	for _, field := range slices.Sorted(maps.Keys(relations)) {
		rel := relations[field]
		said, err := jsontree.Get(seen.newest.tree, rel.Path)
		have, told := seen.state[field]
		if err != nil || !told || e.brokenBefore(field, rel.Relation) {
			continue
		}
		one := model.Field{Name: field, Relation: rel.Relation, Kept: have, Said: said, By: seen.newest.event(), Other: !receiver.Same(said, rel.said)}
		for _, v := range h.versions {
			if other, err := jsontree.Get(v.tree, rel.Path); err == nil && v != seen.newest {
				one.Older = append(one.Older, model.Saying{By: v.event(), Value: other})
			}
		}
		out = append(out, one)
	}
	return out
}

// missing reports whether nothing is kept of the exchange's object, where that is
// all that an observer tells of what was done.
func (e *exchange) missing(follows follows) bool {
	if e.history == nil || e.seen == nil || e.seen.err != nil || !e.seen.stateOnly {
		return false
	}
	seen := e.history.last()
	return seen.sees().known && seen.newest != nil && !seen.newest.gone && seen.absent() && len(follows[seen.newest.kind]) > 0
}

// brokenBefore reports whether a field was not as it should have been already when
// the exchange began, which is not its situation's doing.
func (e *exchange) brokenBefore(field string, rel receiver.Relation) bool {
	if e.since == 0 || e.since > len(e.history.states) {
		return false
	}
	before := &e.history.states[e.since-1]
	if before.newest == nil || !before.sees().known {
		return false
	}
	said, err := jsontree.Get(before.newest.tree, rel.Path)
	return err == nil && !rel.Holds(before.state[field], said)
}

// hold takes a verdict back that the answers alone gave: what was acknowledged
// has to be done, once, and kept. A verdict against the receiver stands, with the
// fix for what was seen.
func (c *judge) hold(f *finding, check *language.Check, e *exchange) {
	violations := model.Hold(e.line(c.follows))
	if len(violations) == 0 {
		return
	}
	worst := violations[0]
	switch f.verdict {
	case verdict.Pass, verdict.Info:
		if !worst.Certain() && (worst.Breach != model.Restyled || check.Level == verdict.Informative) {
			if f.note.IsZero() {
				f.note = worst.Found
			}
			return
		}
		f.verdict, f.note, f.found, f.fix = levelled(check.Level), lang.Text{}, beside(describe(e), worst.Found), worst.Fix
		f.fault, f.matters, f.expects = model.Fault(worst.Breach), model.Why(worst.Breach), model.Expected(worst.Breach)
		f.cause = causeOfBreach(worst.Breach)
		if e.orphan {
			f.orphaned()
		}
		if worst.Breach == model.Restyled {
			f.verdict = verdict.Warn
		}
	case verdict.Fail, verdict.Warn:
		// The check's own fix is for what it is about.
		own := model.Lost
		if check.Cause == "dedupe" {
			own = model.Doubled
		}
		if b := worst.Breach; f.fix.IsZero() && b != own && (b == model.Lost || b == model.Doubled) && e.acknowledged() {
			f.fix, f.matters = worst.Fix, model.Why(b)
		}
	}
}

// causeOfBreach is what a breach probably has in common with those of checks that
// are about it; "" where none is.
func causeOfBreach(b model.Breach) string {
	switch b {
	case model.Doubled:
		return "dedupe"
	case model.Stale:
		return "stale"
	}
	return ""
}

// levelled is the verdict of a check whose invariant is broken.
func levelled(l verdict.Level) verdict.Verdict {
	switch l {
	case verdict.Must:
		return verdict.Fail
	case verdict.Should:
		return verdict.Warn
	default:
		return verdict.Info
	}
}
