package judge

import (
	"slices"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/model"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// enoughAlone is how many events that came alone have to be done, for what came together
// to be lost for that.
const enoughAlone = 10

// findAtOnce looks for a receiver that loses what it is told at the same time: a variable
// or a file that requests share, a worker that asks for what came after the last. Then
// nothing was lost that came alone, and not only events of one object get in each other's
// way, which is another matter.
func findAtOnce(heard, taken []*Exchange, follows Follows) *pattern {
	beside := underWayWith(heard)
	p := &pattern{
		breach: model.Lost, cause: "at-once",
		fault: lang.Text{ES: "Pierde eventos que aceptó cuando llegan varios a la vez", EN: "Loses events it acknowledged when several arrive at once"},
		matters: lang.Text{
			ES: "En una venta, y después de una caída, los eventos llegan juntos. Lo que se aceptó y no se hizo no vuelve a llegar.",
			EN: "In a sale, and after an outage, events arrive together. What was acknowledged and not done does not come again.",
		},
		fix: lang.Text{
			ES: "No comparta nada entre peticiones: ni variables globales ni un archivo que se lee, se cambia y se vuelve a escribir. Guarde cada evento en una fila propia, en una transacción, y márquela al hacer su trabajo: quien pide «lo que sigue al último id» se salta lo que se confirma tarde. Si guardar falla (base ocupada, cola llena), no responda 2xx.",
			EN: "Share nothing between requests: no global variable, and no file that is read, changed and written back. Store each event in a row of its own, in a transaction, and mark the row when its work is done: a worker that asks for \"what comes after the last id\" skips what is committed late. If storing fails (database busy, queue full), do not answer 2xx.",
		},
	}
	alone, together, among := 0, 0, 0 // done; lost; of all that came together
	for _, e := range taken {
		others := beside[e]
		lost, known := e.lost(follows)
		if lost && len(others) > 0 {
			p.take(e)
		}
		switch {
		case !known || slices.ContainsFunc(others, (*Exchange).brokeOff):
		case len(others) == 0 && lost:
			return nil
		case len(others) == 0:
			alone++
		default:
			among++
			if lost && !slices.ContainsFunc(others, func(o *Exchange) bool { return o.Subject.ObjectID == e.Subject.ObjectID }) {
				together++
			}
		}
	}
	if together < enoughWrong || alone < enoughAlone {
		return nil
	}
	p.note = lang.Textf("De %d eventos que llegaron con otros se perdieron %d por lo menos; de %d que llegaron solos, ninguno.",
		"Of %d events that arrived with others at least %d were lost; of %d that arrived alone, none.", among, together, alone)
	return p
}

// brokeOff reports whether the last attempt of an exchange ended without a response, as
// where the receiver's process was killed.
func (e *Exchange) brokeOff() bool { return e.Last().Err != nil && e.Last().Err.Kind != wire.ErrHungUp }

// underWayWith are, of each exchange, those of other events that were under way with it.
// How long the receiver works on an attempt that it did not answer nobody knows, so that
// one is taken to be under way until the next.
func underWayWith(heard []*Exchange) map[*Exchange][]*Exchange {
	type span struct {
		of         *Exchange
		from, till time.Time
	}
	var spans []span
	for _, e := range heard {
		outcomes := e.outcomes()
		for i, o := range outcomes {
			till := o.Started.Add(o.Latency)
			if o.Err != nil && i+1 < len(outcomes) {
				till = outcomes[i+1].Started
			}
			spans = append(spans, span{e, o.Started, till})
		}
	}
	slices.SortFunc(spans, func(a, b span) int { return a.from.Compare(b.from) })
	out := map[*Exchange][]*Exchange{}
	for i, a := range spans {
		for _, b := range spans[i+1:] {
			if !b.from.Before(a.till) {
				break
			}
			if a.of.Event != b.of.Event {
				out[a.of], out[b.of] = append(out[a.of], b.of), append(out[b.of], a.of)
			}
		}
	}
	return out
}
