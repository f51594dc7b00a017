package practice

import (
	"context"
	"errors"
	"net/http"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// duplicateFlaws do or say the wrong thing about a copy.
func duplicateFlaws() []flaw {
	return []flaw{
		{
			Flaw: Flaw{
				Name:  "conflict",
				Title: lang.Text{ES: "responde 409 a un evento que ya conoce", EN: "answers 409 to an event that it knows already"},
				Fails: []string{"KOM-RTY-002", "KOM-DUP-001", "KOM-DUP-003"},
			},
			wrap: func(_ *Receiver, next handling) handling {
				return func(d *delivery) answer {
					a := next(d)
					if a.verdict == repeated {
						return answer{status: http.StatusConflict, verdict: flawed, reason: errors.New("event exists already")}
					}
					return a
				}
			},
		},
		{
			Flaw: Flaw{
				Name:  "no-dedupe",
				Title: lang.Text{ES: "actúa otra vez con cada copia de un evento", EN: "acts again on every copy of an event"},
				Fails: []string{"KOM-DUP-002", "KOM-RTY-003", "KOM-RTY-004", "KOM-DUP-003", "KOM-DUP-005", "KOM-DUP-007"},
			},
			wrap: func(r *Receiver, next handling) handling {
				return func(d *delivery) answer {
					a := next(d)
					if a.verdict != repeated {
						return a
					}
					e, _ := d.event() // a repeated event is one
					if err := r.store.again(context.WithoutCancel(d.request.Context()), e, r.clock.Now()); err != nil {
						return answer{status: http.StatusInternalServerError, verdict: failed, reason: err}
					}
					return a
				}
			},
		},
	}
}
