package emit

import (
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/payload"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
)

// Swept is a sweep that was played: of one kind, with what its plain contents have
// taught of the receiver.
type Swept struct {
	*payload.Sweep
	Step  *language.Sweep
	Kind  string
	Round int
	At    time.Time
	More  int // events that were made to narrow a failure down
	// relations are the fields that the receiver keeps as an event says; nil as
	// long as no state was seen.
	Relations map[string]receiver.Relation
}

// SweepOf is the sweep of a kind, made from the schemas that the run goes by.
func (m *Maker) SweepOf(kind string, most int) (*payload.Sweep, error) {
	g, err := m.payloads()
	if err != nil {
		return nil, err
	}
	return g.Sweep(kind, most), nil
}

// Contents makes the events of a content: those that have to come before, and the
// one that is swept. The index tells its identities from all others of the sweep.
func (m *Maker) Contents(s *language.Scenario, spec *language.Case, w *Swept, n, index int, only []int) ([]*Emitted, error) {
	key := shop.Key{Name: Key(s, spec, w.Step.Name(), w.Kind), Index: index}
	story := shop.Story{Key: key, At: w.At.Add(-time.Duration(len(w.Before())) * time.Minute)}
	for i := range w.Before() {
		story.After = append(story.After, time.Duration(i+1)*time.Minute)
	}
	if len(w.Changes(n)) > 0 || n == 0 {
		story.Shape = &m.plain // the plain content, but for the changes
	}
	events, err := w.Content(n, only, story)
	if err != nil {
		return nil, lang.Errorf("%s: caso %s: contenido %d: %s", "%s: case %s: content %d: %s", s.File(), spec.Name, n, err)
	}
	var out []*Emitted
	for _, e := range events {
		out = append(out, &Emitted{Event: e, Kind: e.Kind, At: e.At, Body: delivery.Body(e.Tree, m.cfg.Envelope, m.cfg.Style)})
	}
	return out, nil
}
