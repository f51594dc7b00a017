package judge

import (
	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/model"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// evidence is what rules may ask of an exchange of the i-th case.
func (c *Judge) evidence(check *language.Check, cases []Case, i int, e *Exchange) *language.Evidence {
	played := &cases[i]
	out := &language.Evidence{
		Case: played.Spec.Name, Declared: played.Declared, Elsewhere: acknowledgedElsewhere(check, cases, i),
		Outcomes: e.outcomes(), Target: targetOf(e), Kept: e.Keep, Diagnosis: e.Diagnosis,
		State: func(question string) (bool, lang.Text) {
			r := e.ruling(question, c.Paths)
			return r.yes, r.found
		},
		Meanwhile: meanwhile(e), Verifies: c.verifies(),
		SameEvent: map[string][][]*wire.Outcome{},
	}
	out.Effects, out.Named = e.told()
	if played.passesOver(e) {
		out.Effects, out.State = nil, func(string) (bool, lang.Text) { return false, lang.Text{} }
	}
	out.Together = played.together(e)
	if c.Hooks != nil && c.Hooks.Sinks != nil && e.Seen != nil && e.Seen.Err == nil {
		out.Calls = firstCall(e, c.Drains)
	}
	if e.Content != nil && len(e.Content.only) > 0 {
		out.Effects = &language.Effects{Conditional: true}
	}
	for _, other := range played.Exchanges {
		if other.Name == check.Exchange() {
			out.Alike = append(out.Alike, other.Last())
		}
		if other.Event == e.Event {
			out.SameEvent[other.Name] = append(out.SameEvent[other.Name], other.outcomes())
		}
	}
	out.InTime, out.HangUps = hangUps(check, cases)
	if e.Limit != nil && e.Limit.Refused != nil {
		out.Refused = e.Limit.Refused.size()
	}
	return out
}

// told are the effects of an exchange's event, whole and by their names; nil where
// they cannot be told.
func (e *Exchange) told() (all *language.Effects, named map[string]language.Effects) {
	s := e.Seen
	if s == nil || s.Err != nil || s.Meant || s.Shared || s.StateOnly {
		return nil, nil
	}
	x := s.effects()
	for name, one := range x.Named {
		if named == nil {
			named = map[string]language.Effects{}
		}
		l := model.Line{Changed: e.Changed, Effects: one}
		switch {
		case !e.Inert:
			named[name] = language.Effects{Count: one.Count, Clean: l.Twin()}
		case one.Count > 0:
			named[name] = language.Effects{Count: one.Count} // nothing was to come of it
		}
	}
	if s.D0 == 0 {
		return nil, named
	}
	l := model.Line{Changed: e.Changed, Effects: x}
	return &language.Effects{Count: s.Count, Clean: l.Twin(), Named: named}, named
}

// together are the effects of all events of an exchange's object, by their names;
// nil where those of one cannot be told.
func (c *Case) together(e *Exchange) map[string]language.Effects {
	if e.History == nil {
		return nil
	}
	sum, counted := map[string]language.Effects{}, map[string]bool{}
	for _, other := range c.Exchanges {
		if other.History != e.History || counted[other.Event] {
			continue
		}
		counted[other.Event] = true
		_, named := other.told()
		// Where effects are counted by object, each event shows those of all.
		if len(named) == 0 && (other.Seen == nil || other.Seen.Meant || other.Seen.Err != nil || other.Seen.Shared) {
			return nil
		}
		for name, x := range other.Seen.effects().Named {
			had := sum[name]
			sum[name] = language.Effects{Count: had.Count + x.Count, Clean: had.Clean + x.Plain}
		}
	}
	return sum
}

// firstCall is when an exchange's event first had the receiver call a sink that failed
// on purpose.
func firstCall(e *Exchange, drains bool) string {
	at, first := e.Seen.FailedAt, (*wire.Outcome)(nil)
	if len(e.Result.Attempts) > 0 {
		first = e.Result.Attempts[0].Outcome
	}
	switch {
	case at.IsZero():
		return "none"
	case first == nil, !at.After(first.Started.Add(first.Latency)):
		return "before-answer"
	case drains:
		return ""
	}
	return "after-answer"
}

// targetOf is where an exchange went; nil when it was not played.
func targetOf(e *Exchange) *wire.Target {
	if e.Result.Delivery == nil || e.Result.Delivery.Request == nil {
		return nil
	}
	return e.Result.Delivery.Request.Target
}
