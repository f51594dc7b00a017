package practice

import (
	"bytes"
	"errors"
	"net/http"
	"sync/atomic"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// malformedFlaws break on what is no event.
func malformedFlaws() []flaw {
	internal := answer{status: http.StatusInternalServerError, verdict: flawed, reason: errors.New("internal server error")}
	return []flaw{
		{
			Flaw: Flaw{
				Name:  "crash-malformed",
				Title: lang.Text{ES: "responde 500 a un cuerpo que no es un evento", EN: "answers 500 to a body that is no event"},
				Fails: []string{"KOM-MAL-001", "KOM-MAL-002"},
			},
			wrap: with(func(a *answer) {
				if a.verdict == malformed {
					*a = internal
				}
			}),
		},
		{
			Flaw: Flaw{
				Name:  "stuck-after-malformed",
				Title: lang.Text{ES: "después de un cuerpo mal formado responde 500 a todos los eventos", EN: "after a malformed body it answers 500 to every event"},
				Fails: []string{"KOM-MAL-003"},
			},
			wrap: func(_ *Receiver, next handling) handling {
				var stuck atomic.Bool
				return func(d *delivery) answer {
					// The malformed body itself is refused as it should be.
					if _, err := d.event(); err != nil {
						stuck.Store(true)
					} else if stuck.Load() {
						return internal
					}
					return next(d)
				}
			},
		},
		{
			Flaw: Flaw{
				Name:  "crash-deep",
				Title: lang.Text{ES: "responde 500 a un cuerpo con miles de listas anidadas", EN: "answers 500 to a body of thousands of nested lists"},
				Fails: []string{"KOM-MAL-002"},
			},
			wrap: refusing(internal, func(_ *Receiver, d *delivery) bool { return bytes.Contains(d.body, bytes.Repeat([]byte("["), 1000)) }),
		},
		{
			Flaw: Flaw{
				Name:  "acts-on-malformed",
				Title: lang.Text{ES: "actúa en cuanto ve el id de un evento, aunque el resto no se pueda leer", EN: "acts as soon as it sees an event's id, although the rest cannot be read"},
				Fails: []string{"KOM-MAL-004", "KOM-MAL-001"},
			},
			wrap: after(func(r *Receiver, d *delivery, a answer) answer {
				if id := glimpse(d.body); a.verdict == malformed && id != "" {
					return r.repeat(d, event{id: id}, a)
				}
				return a
			}),
		},
	}
}
