package judge

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

// Line is the exchange's event as the ledger has it.
func (e *Exchange) Line(follows Follows) *model.Line {
	l := &model.Line{
		Event: e.Event, Kind: e.Kind, Changed: e.Changed, Spelled: e.Spelled,
		Broken: e.Broken || e.cutOff(), Acknowledged: e.Acknowledged(), Late: e.Late, Follows: e.Follows,
	}
	if e.Inert && !l.Broken {
		return l // what a receiver makes of it is its own affair
	}
	if l.Effects = e.Counted(); l.Effects != nil && l.Broken && e.Effects != nil {
		l.Effects.Count = *e.Effects // what came before the retry that was whole
	}
	if !l.Broken {
		l.Kept, l.Missing, l.InOrder = e.kept(follows), e.missing(follows), e.inOrder()
	}
	return l
}

// Counted are the effects of an exchange's event; nil where they cannot be told,
// and for a kind of which no plain delivery was seen.
func (e *Exchange) Counted() *model.Effects {
	s := e.Seen
	if s == nil || s.Err != nil || s.Meant || s.Shared || s.StateOnly || !s.Measured {
		return nil
	}
	return s.effects()
}

// cutOff reports whether no attempt of the exchange came whole.
func (e *Exchange) cutOff() bool {
	return len(e.Result.Attempts) > 0 && !slices.ContainsFunc(e.Result.Attempts, func(a delivery.Attempt) bool { return !a.Fault.Cuts() })
}

// Follows are the fields of the state that have what the newest event says when
// events are delivered plainly, by the kinds that came of the object: others the
// receiver keeps in a way of its own.
type Follows map[string]map[string]followed

// followed is how a field repeats the event, and the value with which it did.
type followed struct {
	receiver.Relation
	said any
}

// Learn takes what was seen of the object of a plain event.
func (f Follows) Learn(e *Exchange, state map[string]any, paths map[string]string) {
	if e.Version == nil || len(state) == 0 || len(paths) == 0 || receiver.SaysDeleted(state, paths) {
		return
	}
	f.Take(e.Kind, e.Version, state, paths)
}

// Take takes what is kept of an object whose newest event is a version.
func (f Follows) Take(key string, of *Version, state map[string]any, paths map[string]string) {
	learner := receiver.NewLearner(paths)
	learner.Learn(of.Tree, state)
	f[key] = map[string]followed{}
	for field, rel := range learner.Relations() {
		f[key][field] = followed{rel, of.value(rel.Path)}
	}
}

// inOrder reports whether the exchange's event came by itself and last of its object,
// as the newest.
func (e *Exchange) inOrder() bool {
	if e.Late || e.Beside || e.Copies > 0 || e.History == nil || e.Version == nil || e.Version != e.History.Newest() {
		return false
	}
	return !slices.ContainsFunc(e.History.Versions, func(v *Version) bool { return v.Taken && v.Arrived.After(e.Version.Arrived) })
}

// overtaken reports whether a newer event of its object had come after the exchange
// before anybody looked: what is kept then is that one's affair.
func (e *Exchange) overtaken(newest *Version) bool {
	return e.Version != nil && !e.Beside && e.Version.At.Before(newest.At) && e.Version.Arrived.Before(newest.Arrived)
}

// kept are the fields of the exchange's object that can be compared with what the
// newest event says that was taken.
func (e *Exchange) kept(follows Follows) (out []model.Field) {
	h := e.History
	if h == nil {
		return nil
	}
	seen := h.Last()
	if r := seen.sees(); !r.known || seen.Newest == nil || seen.Newest.gone || seen.Absent() || e.overtaken(seen.Newest) {
		return nil
	}
	relations := follows[h.LifeKey()]
	for _, field := range slices.Sorted(maps.Keys(relations)) {
		rel := relations[field]
		said, err := jsontree.Get(seen.Newest.Tree, rel.Path)
		have, told := seen.State[field]
		if err != nil || !told || e.brokenBefore(field, rel.Relation) {
			continue
		}
		one := model.Field{Name: field, Relation: rel.Relation, Kept: have, Said: said, By: seen.Newest.event(), Other: !receiver.Same(said, rel.said)}
		for _, v := range h.Versions {
			if other, err := jsontree.Get(v.Tree, rel.Path); err == nil && v != seen.Newest {
				one.Older = append(one.Older, model.Saying{By: v.event(), Value: other})
			}
		}
		out = append(out, one)
	}
	return out
}

// missing reports whether nothing is kept of the exchange's object. Where an observer
// tells more of what was done than that, the event with which the object came into
// being has to have been taken, and its content to be the plain one: what is kept of an
// update to something unknown, or of something inactive, is the receiver's own affair.
func (e *Exchange) missing(follows Follows) bool {
	if e.History == nil || e.Seen == nil || e.Seen.Err != nil {
		return false
	}
	if !e.Seen.StateOnly && (len(e.Changed) > 0 || !slices.ContainsFunc(e.History.Versions, func(v *Version) bool { return v.made && v.Taken })) {
		return false
	}
	seen := e.History.Last()
	return seen.sees().known && seen.Newest != nil && !seen.Newest.gone && seen.Absent() && len(follows[seen.Newest.Kind]) > 0
}

// brokenBefore reports whether a field was not as it should have been already when
// the exchange began, which is not its situation's doing.
func (e *Exchange) brokenBefore(field string, rel receiver.Relation) bool {
	if e.Since == 0 || e.Since > len(e.History.States) {
		return false
	}
	before := &e.History.States[e.Since-1]
	if before.Newest == nil || !before.sees().known {
		return false
	}
	said, err := jsontree.Get(before.Newest.Tree, rel.Path)
	return err == nil && !rel.Holds(before.State[field], said)
}

// hold takes a verdict back that the answers alone gave: what was acknowledged
// has to be done, once, and kept. A verdict against the receiver stands, with the
// fix for what was seen.
func (c *Judge) hold(f *Finding, check *language.Check, e *Exchange) {
	violations := model.Hold(e.Line(c.Follows))
	if len(violations) == 0 && f.Verdict == verdict.Fail && e.Content != nil && altered(e, false).yes {
		violations = model.Kept(e.contents()) // also of a content that is the normal one
	}
	if len(violations) == 0 {
		return
	}
	worst := violations[0]
	f.breach = worst.Breach
	switch f.Verdict {
	case verdict.Pass, verdict.Info:
		if !worst.Certain() && (worst.Breach != model.Restyled || check.Level == verdict.Informative) {
			if f.note.IsZero() {
				f.note = worst.Found
			}
			return
		}
		f.Verdict, f.note, f.found, f.fix = levelled(check.Level), lang.Text{}, beside(Describe(e), worst.Found), worst.Fix
		f.fault, f.matters, f.expects = model.Fault(worst.Breach), model.Why(worst.Breach), model.Expected(worst.Breach)
		f.cause = causeOfBreach(worst.Breach)
		if worst.Breach == model.Overlooked && e.passedOver() {
			f.cause = overlooking
		}
		f.altered(&worst, e)
		if e.Orphan {
			f.orphaned()
		}
		if worst.Breach == model.Restyled {
			f.Verdict = verdict.Warn
		}
	case verdict.Fail, verdict.Warn:
		// The check's own fix is for what it is about.
		own := model.Lost
		if check.Cause == "dedupe" {
			own = model.Doubled
		}
		if b := worst.Breach; f.fix.IsZero() && b != own && (b == model.Lost || b == model.Doubled) && e.Acknowledged() {
			f.fix, f.matters = worst.Fix, model.Why(b)
			if check.Cause == "" {
				f.cause = causeOfBreach(b)
			}
		}
		if worst.Breach == model.Altered && f.fix.IsZero() {
			f.altered(&worst, e)
		}
		if worst.Breach == model.Vanished && check.Cause == "" {
			f.cause = causeOfBreach(worst.Breach)
		}
		// What was done and is older all the same was not lost on the way: it went back.
		if x := e.Counted(); worst.Breach == model.Stale && check.Cause == "" && f.fault.IsZero() && x != nil && x.Count > 0 {
			f.fault, f.fix, f.matters, f.cause = model.Fault(worst.Breach), worst.Fix, model.Why(worst.Breach), causeOfBreach(worst.Breach)
		}
	}
}

// altered words a finding by what became of the value that is kept. An object that an
// update made, before the event with which it came into being, may lack what only that
// says.
func (f *Finding) altered(v *model.Violation, e *Exchange) {
	switch {
	case v.Breach != model.Altered && (v.Damage == "" || e.passedOver()):
	case e.Content == nil && e.History.updatedFirst(e.Beside):
		f.cause = "partial"
		f.fault = lang.Text{ES: "Crea el objeto incompleto cuando un cambio llega antes que él", EN: "Creates an incomplete object when an update arrives before it"}
		f.fix = lang.Textf("Cuando un cambio o un pago llega antes que el objeto, créelo con todo lo que dice ese evento, que trae el objeto entero (también %s), no con ceros ni valores por omisión; y que el más viejo, que llega después, no cambie nada.",
			"When an update or a payment arrives before its object, create it with everything that event says, which contains the whole object (%s too), not with zeros or defaults; and let the older event that arrives later change nothing.", v.Field)
	case v.Damage != "":
		f.cause, f.fault, f.fix, f.matters = v.Damage.Cause(), v.Damage.Fault(), v.Fix, model.Why(v.Breach)
	default:
		f.cause = "altered " + v.Field
	}
}

// overlooking is the cause of what makes no change of an object that is there already.
const overlooking = "dedupe-by-object"

// overlooked has what fails because a change that came in order is never made share the
// cause with the check that is about that, where it has failed on objects of that kind.
func (c *Judge) overlooked(f *Finding, check *language.Check, played *Case, e *Exchange) {
	if f.Verdict != verdict.Fail && f.Verdict != verdict.Warn || e.History == nil || !e.Acknowledged() {
		return
	}
	object := e.History.Kind
	if check.Cause == overlooking {
		if c.overlooks == nil {
			c.overlooks = map[string]bool{}
		}
		c.overlooks[object] = c.overlooks[object] || played.Spec.Day == "" // those are about dates
		return
	}
	if c.overlooks[object] && slices.ContainsFunc(played.Exchanges, func(x *Exchange) bool {
		return x.History != nil && x.History.Kind == object && !x.Late && (x.passedOver() || x.History.isOlder(c.Paths, x.Since, 1).yes)
	}) {
		f.cause = overlooking
	}
}

// passedOver reports whether nothing was done for an event that was acknowledged and
// is done where it comes alone.
func (e *Exchange) passedOver() bool { return e.Acknowledged() && e.idle() && e.Seen.D0 > 0 }

// causeOfBreach is what a breach probably has in common with those of checks that
// are about it; "" where none is.
func causeOfBreach(b model.Breach) string {
	switch b {
	case model.Doubled:
		return "dedupe"
	case model.Stale, model.Overlooked:
		return "stale"
	case model.Vanished:
		return "vanished"
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
