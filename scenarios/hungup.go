package scenarios

import (
	"slices"

	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// fitsBroken reports whether what we broke went as a rule wants it.
func fitsBroken(r *language.Rule, check *language.Check, cases []playedCase, i int, e *exchange) bool {
	if r.Expect != "" && r.Expect != e.expectation() {
		return false
	}
	for name, answers := range r.When {
		heard := false
		for _, other := range cases[i].of(name) {
			if other.event != e.event {
				continue
			}
			if heard = true; !answers.Match(other.statuses()) {
				return false
			}
		}
		if !heard {
			return false
		}
	}
	if r.HungUp == "" {
		return true
	}
	inTime, _ := hangUps(check, cases)
	return (inTime > 0) == (r.HungUp == "in-time")
}

// expectation is what became of Expect: 100-continue, as a rule names it.
func (e *exchange) expectation() string {
	switch o := e.last(); {
	case o == nil:
		return ""
	case o.Noted(wire.NoteRefused):
		return "refused"
	case o.Noted(wire.NoteContinued):
		return "continued"
	case o.Noted(wire.NoteUnanswered):
		return "silent"
	}
	return ""
}

// hangUps counts how often we hung up in the cases of a check, and how often
// that was before the answer.
func hangUps(check *language.Check, cases []playedCase) (inTime, all int) {
	for i := range cases {
		if !cases[i].spec.Delivers(check.Exchange()) {
			continue
		}
		for _, e := range cases[i].exchanges {
			for k := range e.result.Attempts {
				a := &e.result.Attempts[k]
				if !a.Fault.Abandons() || a.Outcome == nil {
					continue
				}
				all++
				if a.Outcome.Err != nil && a.Outcome.Err.Kind == wire.ErrHungUp {
					inTime++
				}
			}
		}
	}
	return inTime, all
}

// rounds counts in how many rounds copies raced, and in how many of them the
// event had another effect than a clean delivery has.
func rounds(check *language.Check, cases []playedCase) (wrong, all int) {
	for i := range cases {
		var events []string
		for _, e := range cases[i].of(check.Exchange()) {
			if e.copies == 0 || slices.Contains(events, e.event) || e.sight == nil || e.sight.err != nil {
				continue
			}
			events = append(events, e.event)
			all++
			if e.sight.effects != e.sight.d0 {
				wrong++
			}
		}
	}
	return wrong, all
}
