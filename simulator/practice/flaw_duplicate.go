package practice

import (
	"errors"
	"net/http"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// duplicateFlaws do the right thing about a copy and answer the wrong one.
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
	}
}
