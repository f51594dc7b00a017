package scenarios

import (
	"slices"

	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

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
			if e.copies == 0 || slices.Contains(events, e.event) || e.seen == nil || e.seen.err != nil {
				continue
			}
			events = append(events, e.event)
			all++
			if e.seen.count != e.seen.d0 {
				wrong++
			}
		}
	}
	return wrong, all
}
