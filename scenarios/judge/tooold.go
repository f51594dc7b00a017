package judge

import (
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/model"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// findTooOld looks for a receiver that ignores events which happened long before they
// come. Then exactly those were lost that had a certain age.
func findTooOld(heard, taken []*Exchange, follows Follows) *pattern {
	came := firstCame(heard)
	age := func(e *Exchange) time.Duration { return came[e.Event].Sub(e.Dated) }
	var youngest, oldest time.Duration // of those that were lost, and of those that were done
	wrong, right, later := 0, 0, 0
	for _, e := range firsts(taken) {
		switch lost, known := e.lost(follows); {
		case !known || e.Dated.IsZero():
		case lost:
			if wrong++; wrong == 1 || age(e) < youngest {
				youngest = age(e)
			}
		default:
			oldest = max(oldest, age(e))
			if right++; wrong > 0 {
				later++
			}
		}
	}
	if wrong < enoughWrong || right < enoughRight || later < enoughLater || youngest < time.Hour || youngest <= oldest {
		return nil
	}
	p := &pattern{
		breach: model.Lost, cause: "too-old",
		fault: lang.Text{ES: "Acepta un evento y lo ignora por viejo", EN: "Accepts an event but ignores it because it is old"},
		matters: lang.Text{
			ES: "Kometia repite un evento durante dos días: lo que llega después de una caída es justo lo viejo, y con un 2xx se pierde.",
			EN: "Kometia retries an event for two days: what arrives after an outage is old by nature, and with a 2xx it is lost.",
		},
		fix: lang.Text{
			ES: "No descarte eventos por su created_at: contra repeticiones, guarde el id de cada evento más de 48 horas; contra datos viejos, compare el updated_at del objeto con el que guarda.",
			EN: "Do not drop events because of their created_at: against repeats, store each event id for more than 48 hours; against old data, compare the object's updated_at with the one you have stored.",
		},
		note: lang.Textf("Se perdieron los eventos que tenían %s o más al llegar; los de hasta %s, no.", "Lost were the events that were %s old or older when they arrived; those of up to %s were not.",
			lang.Duration(youngest.Truncate(time.Hour)), lang.Duration(oldest.Truncate(time.Minute))),
	}
	for _, e := range taken {
		if seen := e.Counted(); !e.Dated.IsZero() && age(e) >= youngest && (seen == nil || seen.Count == 0) {
			p.take(e)
		}
	}
	return p
}
