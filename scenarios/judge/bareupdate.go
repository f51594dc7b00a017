package judge

import (
	"maps"
	"slices"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/model"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// Alone tells of the kinds of events whether anything is kept of an object of which a
// plain one is the only event. They are known by type of object and kind.
type Alone map[string]map[string]bool

// Learn takes what is kept of the object of a plain event.
func (a Alone) Learn(e *Exchange, state map[string]any) {
	if e.Version == nil || e.History == nil || e.Version.gone {
		return
	}
	if a[e.History.Kind] == nil {
		a[e.History.Kind] = map[string]bool{}
	}
	a[e.History.Kind][e.Kind] = !(&State{State: state}).Absent()
}

// bare reports whether nothing is kept of an object by an event of a kind alone, and
// something by another one.
func (a Alone) bare(e *Exchange) bool {
	kept, told := a[e.History.Kind][e.Kind]
	return told && !kept && slices.Contains(slices.Collect(maps.Values(a[e.History.Kind])), true)
}

// findBareUpdate looks for a receiver that only changes what is there already: then what an
// update says is lost that comes before the event with which its object came into being.
func findBareUpdate(taken []*Exchange, alone Alone) *pattern {
	p := &pattern{
		breach: model.Lost, cause: "bare-update",
		fault: lang.Text{ES: "Pierde un cambio que llega antes que el objeto que cambia", EN: "Loses an update that arrives before the object it updates"},
		matters: lang.Text{
			ES: "El evento que crea el objeto puede llegar después, con datos más viejos: lo que decía el cambio se pierde, y nadie lo manda otra vez.",
			EN: "The event that creates the object may arrive later, with older data: what the update said is lost, and nobody sends it again.",
		},
		fix: lang.Text{
			ES: "Cree la fila cuando un cambio llega primero, y no la pise con datos más viejos: INSERT ... ON CONFLICT (id) DO UPDATE SET ... WHERE tabla.updated_at <= excluded.updated_at, en vez de un UPDATE que no encuentra fila. O responda 503, y Kometia repite el cambio en una hora.",
			EN: "Create the row when an update arrives first, and do not overwrite it with older data: INSERT ... ON CONFLICT (id) DO UPDATE SET ... WHERE table.updated_at <= excluded.updated_at, instead of an UPDATE that finds no row. Or answer 503, and Kometia retries the update in an hour.",
		},
	}
	made := map[*History]time.Time{}
	for _, e := range taken {
		if e.History != nil && e.Version != nil && e.Version.made {
			made[e.History] = latest(made[e.History], e.answered())
		}
	}
	for _, e := range taken {
		if e.Version == nil || e.History == nil || e.Version.made || !alone.bare(e) {
			continue
		}
		if at, came := made[e.History]; came && e.Last().Started.Before(at) {
			p.take(e)
		}
	}
	if p.events == nil {
		return nil
	}
	return p
}
