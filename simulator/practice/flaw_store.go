package practice

import (
	"net/http"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// storeFlaws say yes to what they could not keep.
func storeFlaws() []flaw {
	return []flaw{
		{
			Flaw: Flaw{
				Name:  "acks-when-down",
				Title: lang.Text{ES: "responde 204 aunque su base de datos no esté", EN: "answers 204 although its database is away"},
				Fails: []string{"KOM-DEP-001"},
			},
			wrap: func(_ *Receiver, next handling) handling {
				return func(d *delivery) answer {
					a := next(d)
					if a.verdict == failed {
						return answer{status: http.StatusNoContent, verdict: flawed}
					}
					return a
				}
			},
		},
	}
}
