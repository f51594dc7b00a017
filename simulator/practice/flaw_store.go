package practice

import (
	"net/http"
	"sync"
	"time"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// storeFlaws say yes to what they have not kept, or keep it twice.
func storeFlaws() []flaw {
	return []flaw{
		{
			Flaw: Flaw{
				Name:  "acks-first",
				Title: lang.Text{ES: "responde 204 y trabaja después en memoria: si el proceso muere, se pierde", EN: "answers 204 and works afterwards in memory: lost when the process dies"},
				Fails: []string{"KOM-DUR-001"},
			},
			// setImmediate, go func, Task.Run, a thread: what waits there dies
			// with the process. For a database that is away it was thought of.
			wrap: func(r *Receiver, next handling) handling {
				return acting(next, func(d *delivery, _ event) answer {
					r.later(r.due(50*time.Millisecond), func() bool { return next(d).verdict != failed })
					return answer{status: http.StatusNoContent, verdict: queued}
				})
			},
		},
		{
			Flaw: Flaw{
				Name:  "acks-when-down",
				Title: lang.Text{ES: "responde 204 aunque su base de datos está caída", EN: "answers 204 although its database is down"},
				Fails: []string{"KOM-DEP-001"},
			},
			wrap: with(func(a *answer) {
				if a.verdict == failed {
					*a = answer{status: http.StatusNoContent, verdict: flawed}
				}
			}),
		},
		{
			Flaw: Flaw{
				Name:  "doubles-after-outage",
				Title: lang.Text{ES: "aparta y rechaza lo que llega mientras su base de datos está caída, y luego hace lo apartado y también el reintento", EN: "sets aside and refuses what comes while its database is down, and then does what it set aside and the retry as well"},
				Fails: []string{"KOM-DEP-001"},
			},
			wrap: func(r *Receiver, next handling) handling {
				var aside sync.Map
				return func(d *delivery) answer {
					a := next(d)
					if a.verdict != failed && a.verdict != acted {
						return a
					}
					e, _ := d.event() // what comes this far is one
					if a.verdict == failed {
						aside.Store(e.id, true)
					} else if _, waits := aside.LoadAndDelete(e.id); waits {
						return r.repeat(d, e, a)
					}
					return a
				}
			},
		},
	}
}
