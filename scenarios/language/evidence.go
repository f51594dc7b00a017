package language

import (
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/diagnose"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// Evidence is what was seen of one exchange, as far as rules ask for it.
// The judge fills it.
type Evidence struct {
	// Case is the name of the exchange's case. Declared says that the user
	// declared the case's kind as subscribed, Elsewhere that another case of the
	// check was acknowledged.
	Case                string
	Declared, Elsewhere bool
	// Outcomes are those of the attempts that reached the receiver, in order, and
	// Target is where they went; nil when the exchange was not played. Kept says
	// that it asked for a kept connection.
	Outcomes []*wire.Outcome
	Target   *wire.Target
	Kept     bool
	// Diagnosis is that of the last attempt; nil when there is none.
	Diagnosis *diagnose.Diagnosis
	// Effects are what the event has brought about; nil where that cannot be told.
	Effects *Effects
	// Named are its effects by their names, also of an event of whose kind a clean
	// delivery has none; nil where the observer gives none.
	Named map[string]Effects
	// Together are those of all events of the object in the case, by their names,
	// and of a clean delivery of each of their kinds; nil where they cannot be told.
	Together map[string]Effects
	// Meanwhile is how many they were when the case settled first; nil where that
	// cannot be told. Verifies is how the receiver makes sure of events.
	Meanwhile *int
	Verifies  Verifies
	// Calls is when the receiver called a sink that failed on purpose: none,
	// before-answer, after-answer; "" where no sink is observed, or its queue was
	// worked off.
	Calls string
	// State answers one of the questions about the object's state: whether it is
	// so, and what was found.
	State func(question string) (yes bool, found lang.Text)
	// Alike are the last outcomes of all exchanges of the case that the check
	// judges, nil for one without; SameEvent are, by their names, the exchanges
	// of the case that delivered the same event.
	Alike     []*wire.Outcome
	SameEvent map[string][][]*wire.Outcome
	// HangUps counts how often we hung up in the cases of the check, InTime how
	// often that was before the response.
	HangUps, InTime int
	// Refused is the size of the smallest event that a search saw refused, in
	// bytes; zero when there is none.
	Refused int
}

// Effects are those of an event when all had settled, and those of one clean
// delivery of its kind.
type Effects struct {
	Count, Clean int
	// Conditional says that there are none, and that another content had some.
	Conditional bool
	// Named are the same by their names; nil where the observer gives none.
	Named map[string]Effects
}

// last is the outcome of the last attempt that reached the receiver; nil when
// none did.
func (e *Evidence) last() *wire.Outcome {
	if len(e.Outcomes) == 0 {
		return nil
	}
	return e.Outcomes[len(e.Outcomes)-1]
}

// statuses are those of outcomes; zero stands for no response.
func statuses(outcomes []*wire.Outcome) (out []int) {
	for _, o := range outcomes {
		out = append(out, o.Status)
	}
	return out
}
