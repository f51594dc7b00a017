package fuzz

import (
	"slices"
	"time"

	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/scenarios/fuzz/payload"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
	"github.com/kometia-sim/kometia-sim/simulator/fault"
)

// Way is one event of a history, for tests.
type Way struct {
	Kind, Event string
	Story       int
	At, Due     time.Time
	Body        []byte
	Faults      []fault.Fault
	Copies      int
	Withheld    bool
}

// Told is a history, for tests.
type Told struct {
	Ways     []Way
	Restarts []time.Time
	Text     string
	Shape    string
}

func show(h *history) Told {
	out := Told{Restarts: h.restarts, Text: h.told(retryclock.DefaultPolicy()), Shape: h.shape(retryclock.DefaultPolicy())}
	for i := range h.passages {
		p := &h.passages[i]
		out.Ways = append(out.Ways, Way{
			Kind: p.Kind, Event: p.Subject.EventID, Story: p.story, At: p.At, Due: p.due, Body: p.Body,
			Faults: p.faults, Copies: p.copies, Withheld: p.withheld,
		})
	}
	return out
}

// History makes the history of an index.
func History(g *payload.Generator, index uint64, kinds []string, restarts bool) (Told, error) {
	h, err := generate(g, index, cast{kinds: kinds, restarts: restarts})
	if err != nil {
		return Told{}, err
	}
	return show(h), nil
}

// Minimal makes a history small that fails, when the way at an index showed it.
func Minimal(ways []Way, restarts []time.Time, at int, fails func(Told) bool) Told {
	h := &history{restarts: slices.Clone(restarts)}
	for _, w := range ways {
		h.passages = append(h.passages, passage{
			Message: payload.Message{Kind: w.Kind, At: w.At, Subject: observe.Subject{EventID: w.Event}}, due: w.Due,
			story: w.Story, faults: slices.Clone(w.Faults), copies: w.Copies, withheld: w.Withheld,
		})
	}
	everything := func(_, _ []passage) bool { return true }
	return show(minimal(h, at, everything, func(candidate *history) bool { return fails(show(candidate)) }))
}

// Holds reports whether a field of the state that tells a member of the event is
// taken for telling it still.
func Holds(said, kept any) bool { return relation{}.holds(kept, said) }
