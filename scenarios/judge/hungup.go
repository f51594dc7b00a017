package judge

import (
	"slices"

	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// hangUps counts how often we hung up in the cases of a check, and how often
// that was before the answer.
func hangUps(check *language.Check, cases []Case) (inTime, all int) {
	for i := range cases {
		if !cases[i].Spec.Delivers(check.Exchange()) {
			continue
		}
		for _, e := range cases[i].Exchanges {
			for k := range e.Result.Attempts {
				a := &e.Result.Attempts[k]
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
func rounds(check *language.Check, cases []Case) (wrong, all int) {
	for i := range cases {
		var events []string
		for _, e := range cases[i].Of(check.Exchange()) {
			if e.Copies == 0 || slices.Contains(events, e.Event) || e.Seen == nil || e.Seen.Err != nil {
				continue
			}
			events = append(events, e.Event)
			all++
			if e.Seen.Count != e.Seen.D0 {
				wrong++
			}
		}
	}
	return wrong, all
}

// deaths counts how often the receiver was killed under the deliveries of a check,
// and how many events it had in work then or had just acknowledged: the places in
// its work at which it died.
func deaths(check *language.Check, cases []Case) (kills, places int) {
	for i := range cases {
		for _, d := range cases[i].process {
			if d.verb != verdict.VerbKill {
				continue
			}
			kills++
			places++ // the one whose receipt it was
			for _, e := range cases[i].Of(check.Exchange()) {
				n := d.made[e]
				if n == 0 {
					continue
				}
				if o := e.Result.Attempts[n-1].Outcome; o != nil && o.Connected && !o.Acknowledged() {
					places++
				}
			}
		}
	}
	return kills, places
}
