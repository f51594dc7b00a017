package practice

import (
	"errors"
	"net/http"
	"time"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// ageFlaws refuse events for their age, as a replay guard copied from another
// platform does; Kometia repeats for 48 hours with the same bytes.
func ageFlaws() []flaw {
	tooOld := func(limit time.Duration) wrapping {
		return refusingEvents(answer{status: http.StatusBadRequest, reason: errors.New("event too old")}, func(r *Receiver, e event) bool {
			return r.clock.Now().Sub(time.Unix(e.createdAt, 0)) >= limit // a retry after exactly one interval is refused too
		})
	}
	return []flaw{
		{
			Flaw: Flaw{
				Name:  "refuses-future",
				Title: lang.Text{ES: "rechaza con 400 los eventos fechados más de 1 s adelante de su reloj", EN: "refuses events dated more than 1 s ahead of its clock with 400"},
				Fails: []string{"KOM-CLK-002"},
			},
			wrap: refusingEvents(answer{status: http.StatusBadRequest, reason: errors.New("event from the future")}, func(r *Receiver, e event) bool {
				return time.Unix(e.createdAt, 0).Sub(r.clock.Now()) > time.Second
			}),
		},
		{
			Flaw: Flaw{
				Name:  "refuses-old-1h",
				Title: lang.Text{ES: "rechaza con 400 los eventos de hace 1 h o más", EN: "refuses events that are 1 h old or older with 400"},
				Fails: []string{"KOM-RTY-001", "KOM-RTY-006"},
			},
			wrap: tooOld(time.Hour),
		},
		{
			Flaw: Flaw{
				Name:  "refuses-old-47h",
				Title: lang.Text{ES: "rechaza con 400 los eventos de hace 47 h o más", EN: "refuses events that are 47 h old or older with 400"},
				Fails: []string{"KOM-RTY-006"},
			},
			wrap: tooOld(47 * time.Hour),
		},
	}
}
