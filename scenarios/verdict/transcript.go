package verdict

import (
	"slices"

	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// Of a check that is red or inconclusive these many exchanges are shown, with so
// much of each body. The others are not kept, so that a long run stays small.
const (
	exchangesShown = 4
	bodyShown      = 4 << 10
)

// Transcribe puts what went over the wire beside the attempts that decided: the
// first, which tells how it began, and the last ones. It leaves no attempt with
// more than it tells.
func (r *Result) Transcribe() {
	if slices.Contains([]Verdict{Fail, Warn, Inconclusive}, r.Verdict) {
		for i := range r.Attempts {
			if i > 0 && i <= len(r.Attempts)-exchangesShown {
				continue
			}
			if a := &r.Attempts[i]; a.Made != nil && a.Made.Outcome != nil && a.Made.Delivery != nil && a.Made.Delivery.Request.Check() == nil {
				a.Exchange = Transcribe(a.Made.Delivery.Request, a.Made.Outcome)
			}
		}
	}
	forget(r.Attempts)
	for i := range r.Cases {
		forget(r.Cases[i].Attempts)
	}
}

// Transcribe shows one exchange as reports do; see [wire.Transcribe].
func Transcribe(r *wire.Request, o *wire.Outcome) *wire.Transcript {
	return wire.Transcribe(r, o, bodyShown)
}

func forget(as []Attempt) {
	for i := range as {
		as[i].Made = nil
	}
}
