package practice

import (
	"context"
	"net/http"
	"regexp"
	"sync"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// glimpse is the id of the event that a body seems to be, whole or not; empty
// when it has not come yet.
func glimpse(body []byte) string {
	found := regexp.MustCompile(`"id":\s*"(evn_[^"\\]+)"`).FindSubmatch(body)
	if found == nil {
		return ""
	}
	return string(found[1])
}

// abortFlaws go wrong when the sender hangs up too early: while it is worked, or
// before the body is whole.
func abortFlaws() []flaw {
	return []flaw{
		{
			Flaw: Flaw{
				Name:  "hang-up-loses",
				Title: lang.Text{ES: "marca el evento como procesado, y abandona el trabajo si quien lo envía cierra la conexión", EN: "marks the event as processed, and drops the work when the sender closes the connection"},
				Fails: []string{"KOM-RTY-004"},
			},
			// What a handler of Go or ASP.NET does that hands its request's
			// context to the work, after it has taken the event's id down.
			wrap: func(r *Receiver, next handling) handling {
				var processed sync.Map
				return acting(next, func(d *delivery, e event) answer {
					if _, known := processed.LoadOrStore(e.id, true); known {
						return answer{status: http.StatusNoContent, verdict: repeated}
					}
					r.wait(d.request, workTime)
					if d.request.Context().Err() != nil {
						return answer{status: http.StatusNoContent, verdict: flawed, reason: context.Canceled}
					}
					a := next(d)
					if a.verdict == failed {
						processed.Delete(e.id) // for an error it was thought of
					}
					return a
				})
			},
		},
		{
			Flaw: Flaw{
				Name:  "hang-up-doubles",
				Title: lang.Text{ES: "si quien envía cierra la conexión, deshace la marca del evento pero no lo que ya hizo", EN: "when the sender closes the connection, it takes the event's mark back but not what it has done"},
				Fails: []string{"KOM-RTY-004"},
			},
			// The mail is out, and the transaction that would have remembered
			// it is rolled back with the request.
			wrap: func(r *Receiver, next handling) handling {
				return acting(next, func(d *delivery, e event) answer {
					n, err := r.count(d, `SELECT count(*) FROM events WHERE id = ?`, e.id)
					if err != nil || n > 0 {
						return next(d)
					}
					r.wait(d.request, workTime)
					if err := d.request.Context().Err(); err != nil {
						return r.repeat(d, e, answer{status: http.StatusNoContent, verdict: flawed, reason: err})
					}
					return next(d)
				})
			},
		},
		{
			Flaw: Flaw{
				Name:  "cut-loses",
				Title: lang.Text{ES: "marca el evento como procesado en cuanto lee su id, aunque el cuerpo no llegue entero", EN: "marks the event as processed as soon as it reads its id, although the body does not come whole"},
				Fails: []string{"KOM-RTY-005"},
			},
			// A parser that streams: the id stands first, the data last.
			cut: func(r *Receiver, d *delivery) {
				if id := glimpse(d.body); id != "" {
					if err := r.store.mark(d.lasting(), id, r.clock.Now()); err != nil {
						r.logf("cut off, and not marked: %q", err)
					}
				}
			},
		},
		{
			Flaw: Flaw{
				Name:  "cut-acts",
				Title: lang.Text{ES: "actúa con lo que alcanzó a leer de un cuerpo cortado", EN: "acts on what it could read of a body that was cut off"},
				Fails: []string{"KOM-RTY-005"},
			},
			cut: func(r *Receiver, d *delivery) {
				if id := glimpse(d.body); id != "" {
					r.repeat(d, event{id: id}, answer{})
				}
			},
		},
	}
}
