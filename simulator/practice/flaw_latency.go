package practice

import (
	"slices"
	"time"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// latencyFlaws do their work first and keep the sender waiting then, as one
// does who calls somebody else's service before he answers. Only some kinds
// take long: nobody sees it while he tries the others out.
func latencyFlaws() []flaw {
	waiting := func(own time.Duration, kinds ...string) wrapping {
		return after(func(r *Receiver, d *delivery, a answer) answer {
			if e, err := d.event(); err == nil && slices.Contains(kinds, e.kind) {
				r.wait(d.request, own)
			}
			return a
		})
	}
	return []flaw{
		{
			Flaw: Flaw{
				Name:  "hang",
				Title: lang.Text{ES: "responde a customer.created después de 15 s, cuando ya nadie espera", EN: "answers customer.created after 15 s, when nobody waits any more"},
				Fails: []string{"KOM-LAT-001"},
			},
			wrap: waiting(15*time.Second, "customer.created"), // Kometia's timeout is assumed to be 10 s
		},
		{
			Flaw: Flaw{
				Name:  "slow",
				Title: lang.Text{ES: "tarda 5.5 s en responder a las colecciones nuevas y cambiadas", EN: "takes 5.5 s to answer for collections that are new or changed"},
				Fails: []string{"KOM-LAT-002"},
			},
			wrap: waiting(5500*time.Millisecond, "collection.created", "collection.updated"),
		},
	}
}
