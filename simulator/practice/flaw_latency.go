package practice

import (
	"time"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// latencyFlaws do their work first and keep the sender waiting then, as one
// does who sends the mails before he answers.
func latencyFlaws() []flaw {
	waiting := func(own time.Duration) func(*Receiver, handling) handling {
		return func(r *Receiver, next handling) handling {
			return func(d *delivery) answer {
				a := next(d)
				r.wait(d.request, own)
				return a
			}
		}
	}
	return []flaw{
		{
			Flaw: Flaw{
				Name:  "hang",
				Title: lang.Text{ES: "responde después de 15 s, cuando ya nadie espera", EN: "answers after 15 s, when nobody waits any more"},
				Fails: []string{"KOM-LAT-001"},
			},
			wrap: waiting(15 * time.Second), // Kometia's timeout is assumed to be 10 s
		},
		{
			Flaw: Flaw{
				Name:  "slow",
				Title: lang.Text{ES: "tarda 5.5 s en cada respuesta", EN: "takes 5.5 s for every answer"},
				Fails: []string{"KOM-LAT-002"},
			},
			wrap: waiting(5500 * time.Millisecond),
		},
	}
}
