package practice

import (
	"errors"
	"net/http"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// methodFlaws take more than a POST for a delivery.
func methodFlaws() []flaw {
	return []flaw{
		{
			Flaw: Flaw{
				Name:  "any-method",
				Title: lang.Text{ES: "actúa con cualquier método, también GET", EN: "acts on any method, GET as well"},
				Fails: []string{"KOM-MTH-001"},
			},
			// A route that names no method: any('/webhook'), app.use, a plain
			// PHP file.
			methods: []string{http.MethodGet, http.MethodHead, http.MethodPut, http.MethodPatch, http.MethodDelete},
		},
		{
			Flaw: Flaw{
				Name:  "put-500",
				Title: lang.Text{ES: "responde 500 a PUT", EN: "answers 500 to PUT"},
				Fails: []string{"KOM-MTH-001"},
			},
			methods: []string{http.MethodPut},
			wrap: refusing(answer{status: http.StatusInternalServerError, reason: errors.New("internal server error")},
				func(_ *Receiver, d *delivery) bool { return d.request.Method == http.MethodPut }),
		},
	}
}
