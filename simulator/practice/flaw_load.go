package practice

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// loadFlaws do well what comes alone, and not what comes together.
func loadFlaws() []flaw {
	all := func(*Receiver, event) bool { return true }
	late := func(r *Receiver, e event) bool { return r.clock.Now().Sub(time.Unix(e.createdAt, 0)) > 5*time.Hour }
	return []flaw{
		{
			Flaw: Flaw{
				Name:  "pool-exhausted",
				Title: lang.Text{ES: "responde 500 si ya trabaja en 8 eventos a la vez", EN: "answers 500 when it is at work on 8 events already"},
				Fails: []string{"KOM-BRS-001"},
			},
			wrap: beyond(8, all, answer{status: http.StatusInternalServerError, reason: errors.New("too many connections")}),
		},
		{
			Flaw: Flaw{
				Name:  "drops-in-a-burst",
				Title: lang.Text{ES: "responde 204 y no hace nada si ya trabaja en 8 eventos a la vez", EN: "answers 204 and does nothing when it is at work on 8 events already"},
				Fails: []string{"KOM-BRS-002"},
			},
			// A queue with a bound, and nobody looks at what offer() returned.
			wrap: beyond(8, all, answer{status: http.StatusNoContent}),
		},
		{
			Flaw: Flaw{
				Name:  "drops-batches",
				Title: lang.Text{ES: "procesa por lotes, y descarta el lote entero si un cliente de él lleva un emoji", EN: "works in batches, and drops a whole batch for one customer with an emoji in it"},
				Fails: []string{"KOM-PAY-012"},
				// For what happens to be in one batch with such a customer.
				Perhaps: []string{"KOM-PAY-001", "KOM-PAY-002", "KOM-PAY-003", "KOM-PAY-004", "KOM-PAY-005", "KOM-PAY-006", "KOM-PAY-009", "KOM-PAY-010"},
			},
			wrap: dropsBatches,
		},
		{
			Flaw: Flaw{
				Name:  "backlog-500",
				Title: lang.Text{ES: "responde 500 si más de 4 eventos atrasados llegan a la vez", EN: "answers 500 when more than 4 late events come at once"},
				Fails: []string{"KOM-RTY-007"},
			},
			// What comes late corrects the day's totals, under locks that few
			// can wait for.
			wrap: beyond(4, late, answer{status: http.StatusInternalServerError, reason: errors.New("lock wait timeout exceeded")}),
		},
	}
}

// dropsBatches keeps the body, as batched does; of a batch with a customer in whose
// data an emoji stands nothing is done.
func dropsBatches(r *Receiver, next handling) handling {
	keep := batched(r, next)
	var mu sync.Mutex
	var dropped time.Time // the last batch that was
	return acting(next, func(d *delivery, e event) answer {
		mu.Lock()
		defer mu.Unlock()
		due := r.clock.Now().Truncate(batch).Add(batch)
		var said any // in which escapes are read
		if e.objectType == "customer" && json.Unmarshal(e.object, &said) == nil && strings.ContainsFunc(fmt.Sprint(said), func(c rune) bool { return c > 0xFFFF }) {
			if err := r.change(d, `DELETE FROM jobs WHERE due = ?`, due.UnixMilli()); err != nil {
				return r.failed(err)
			}
			dropped = due
		}
		if due.Equal(dropped) {
			return answer{status: http.StatusAccepted, verdict: flawed, reason: errors.New("its batch failed")}
		}
		return keep(d)
	})
}

// beyond gives the answer of its own to an event that counts when as many as
// that are at work at the same moment already.
func beyond(limit int64, counts func(*Receiver, event) bool, own answer) wrapping {
	own.verdict = flawed
	return func(r *Receiver, next handling) handling {
		var working atomic.Int64
		return acting(next, func(d *delivery, e event) answer {
			if !counts(r, e) {
				return next(d)
			}
			defer working.Add(-1)
			if working.Add(1) > limit {
				return own
			}
			r.takeTime(d.request)
			return next(d)
		})
	}
}
