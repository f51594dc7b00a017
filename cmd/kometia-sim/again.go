package main

import (
	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/state"
	"github.com/kometia-sim/kometia-sim/report"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// remember keeps what is about to be sent. That it cannot be kept (a read-only
// folder) is no reason not to send it.
func (s *session) remember(set *settings, letters []letter) {
	l := state.Last{Seed: set.seed, IDs: set.ids, Start: set.start}
	if set.target.kept() {
		l.Target = set.target.word
	}
	for _, value := range s.flags.StringSlice("header") {
		if field, err := wire.ParseField(value); err == nil {
			l.Headers = append(l.Headers, field.Name)
		}
	}
	for _, letter := range letters {
		l.Events = append(l.Events, state.LastEvent{ID: letter.about.ID, Kind: letter.about.Kind, Due: letter.due, Body: letter.body})
	}
	if err := s.state().Remember(l); err != nil {
		s.Warn("no se pudo guardar para --again: %s", "could not be kept for --again: %s", err)
	}
}

// lettersOf are the events of the last send, byte for byte.
func lettersOf(l *state.Last) []letter {
	var out []letter
	for _, e := range l.Events {
		about := report.Event{ID: e.ID, Kind: e.Kind, Bytes: len(e.Body)}
		if doc, err := jsontree.Parse(e.Body); err == nil {
			about = describe(doc.Root, len(e.Body))
		}
		out = append(out, letter{about: about, due: e.Due, body: e.Body})
	}
	return out
}
