package judge

import (
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/model"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// findCutIDs looks for a receiver that compares only the beginnings of the ids of events.
// Then exactly those were lost whose id begins as one that came before.
func findCutIDs(heard, taken []*Exchange, follows Follows) *pattern {
	alike := likeness(heard, taken)
	cut, wrong, longest, right, later := 0, 0, 0, 0, 0
	for _, e := range firsts(taken) {
		switch lost, known := e.lost(follows); {
		case !known || lost && e.Seen.Count > 0:
			// Nothing is kept of its object, for the sake of another event.
		case lost:
			if wrong++; wrong == 1 || alike[e.Event].any < cut {
				cut = alike[e.Event].any
			}
		default:
			longest = max(longest, alike[e.Event].before)
			if right++; wrong > 0 {
				later++
			}
		}
	}
	if wrong < enoughWrong || right < enoughRight || later < enoughLater || cut <= longest {
		return nil
	}
	p := &pattern{
		breach: model.Lost, cause: "ids",
		fault: lang.Text{ES: "Toma dos eventos por uno solo porque sus ids empiezan igual", EN: "Takes two events for one because their ids start alike"},
		matters: lang.Text{
			ES: "Los ids de eventos cercanos empiezan igual: el segundo se toma por un duplicado, y lo que se descarta con un 2xx se pierde.",
			EN: "The ids of events that are close in time start alike: the second one is taken for a duplicate, and what is dropped with a 2xx is lost.",
		},
		fix: lang.Text{
			ES: "Compare el id entero del evento (29 caracteres). Revise el largo de la columna donde lo guarda: VARCHAR(64) alcanza; una columna más corta puede recortarlo sin avisar.",
			EN: "Compare the event's whole id (29 characters). Check the length of the column in which you store it: VARCHAR(64) is enough; a shorter one may truncate it silently.",
		},
		note: lang.Textf("Se perdieron los eventos cuyo id comparte al menos los primeros %d caracteres con uno anterior; los demás no.",
			"Lost were the events whose ids share at least their first %d characters with an earlier one; no others.", cut),
	}
	for _, e := range taken {
		if seen := e.Counted(); alike[e.Event].any >= cut && (seen == nil || seen.Count == 0) {
			p.take(e)
		}
	}
	return p
}

// alike is how many characters the id of an event has in common, from its beginning,
// with that of another one: one that had surely been taken when it came, and any.
type alike struct{ before, any int }

func likeness(heard, taken []*Exchange) map[string]alike {
	out := map[string]alike{}
	of := map[string]map[string]bool{} // the ids that begin so, two at the most
	came := firstCame(heard)
	for _, e := range heard {
		for n := range e.Event {
			ids := of[e.Event[:n+1]]
			if ids == nil {
				ids = map[string]bool{}
				of[e.Event[:n+1]] = ids
			}
			if len(ids) < 2 {
				ids[e.Event] = true
			}
		}
	}
	known := map[string]time.Time{} // when an id that begins so had been taken
	for _, e := range taken {
		if _, again := out[e.Event]; again {
			continue
		}
		var one alike
		for n := len(e.Event); n > 0; n-- {
			begins := e.Event[:n]
			if one.any == 0 && len(of[begins]) > 1 {
				one.any = n
			}
			at, there := known[begins]
			if one.before == 0 && there && at.Before(came[e.Event]) {
				one.before = n
			}
			if !there || e.answered().Before(at) {
				known[begins] = e.answered()
			}
		}
		out[e.Event] = one
	}
	return out
}
