package scenarios

import (
	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/model"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// evidence is what rules may ask of an exchange of the i-th case.
func (c *judge) evidence(check *language.Check, cases []playedCase, i int, e *exchange) *language.Evidence {
	played := &cases[i]
	out := &language.Evidence{
		Case: played.spec.Name, Declared: played.declared, Elsewhere: acknowledgedElsewhere(check, cases, i),
		Outcomes: e.outcomes(), Target: e.target(), Kept: e.keep, Diagnosis: e.diagnosis,
		State: func(question string) (bool, lang.Text) {
			r := e.ruling(question, c.paths)
			return r.yes, r.found
		},
		Meanwhile: e.meanwhile(), Verifies: c.verifies(),
		SameEvent: map[string][][]*wire.Outcome{},
	}
	out.Effects, out.Named = e.told()
	out.Together = played.together(e)
	if c.hooks != nil && c.hooks.Sinks != nil && e.seen != nil && e.seen.err == nil {
		out.Calls = e.calls(c.drains)
	}
	if e.content != nil && len(e.content.only) > 0 {
		out.Effects = &language.Effects{Conditional: true}
	}
	for _, other := range played.exchanges {
		if other.name == check.Exchange() {
			out.Alike = append(out.Alike, other.last())
		}
		if other.event == e.event {
			out.SameEvent[other.name] = append(out.SameEvent[other.name], other.outcomes())
		}
	}
	out.InTime, out.HangUps = hangUps(check, cases)
	if e.limit != nil && e.limit.refused != nil {
		out.Refused = e.limit.refused.size()
	}
	return out
}

// told are the effects of an exchange's event, whole and by their names; nil where
// they cannot be told.
func (e *exchange) told() (all *language.Effects, named map[string]language.Effects) {
	s := e.seen
	if s == nil || s.err != nil || s.meant || s.shared || s.stateOnly {
		return nil, nil
	}
	x := s.effects()
	for name, one := range x.Named {
		if named == nil {
			named = map[string]language.Effects{}
		}
		l := model.Line{Changed: e.changed, Effects: one}
		named[name] = language.Effects{Count: one.Count, Clean: l.Twin()}
	}
	if s.d0 == 0 {
		return nil, named
	}
	l := model.Line{Changed: e.changed, Effects: x}
	return &language.Effects{Count: s.count, Clean: l.Twin(), Named: named}, named
}

// together are the effects of all events of an exchange's object, by their names;
// nil where those of one cannot be told.
func (c *playedCase) together(e *exchange) map[string]language.Effects {
	if e.history == nil {
		return nil
	}
	sum, counted := map[string]language.Effects{}, map[string]bool{}
	for _, other := range c.exchanges {
		if other.history != e.history || counted[other.event] {
			continue
		}
		counted[other.event] = true
		_, named := other.told()
		if len(named) == 0 && (other.seen == nil || other.seen.meant || other.seen.err != nil) {
			return nil
		}
		for name, x := range other.seen.effects().Named {
			had := sum[name]
			sum[name] = language.Effects{Count: had.Count + x.Count, Clean: had.Clean + x.Plain}
		}
	}
	return sum
}

// calls is when an exchange's event first had the receiver call a sink that failed
// on purpose.
func (e *exchange) calls(drains bool) string {
	at, first := e.seen.failedAt, (*wire.Outcome)(nil)
	if len(e.result.Attempts) > 0 {
		first = e.result.Attempts[0].Outcome
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

// target is where the exchange went; nil when it was not played.
func (e *exchange) target() *wire.Target {
	if e.result.Delivery == nil || e.result.Delivery.Request == nil {
		return nil
	}
	return e.result.Delivery.Request.Target
}
