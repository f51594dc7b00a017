package practice

import (
	"sync"
	"time"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// memoryFlaws know an event again, but not for long enough.
func memoryFlaws() []flaw {
	return []flaw{
		{
			Flaw: Flaw{
				Name:  "dedupe-memory",
				Title: lang.Text{ES: "recuerda en memoria qué eventos conoce: al reiniciar los olvida", EN: "remembers in memory which events it knows: a restart forgets them"},
				Fails: []string{"KOM-DUP-005", "KOM-DUP-007", "KOM-DUP-008"},
				// For what was done when it was killed, and not acknowledged.
				Perhaps: []string{"KOM-DUR-001"},
			},
			wrap: func(r *Receiver, next handling) handling {
				var mu sync.Mutex
				seen := map[string]bool{}
				return func(d *delivery) answer {
					e, err := d.event()
					if err != nil {
						return next(d)
					}
					mu.Lock()
					defer mu.Unlock()
					a := next(d)
					if a.verdict == repeated && !seen[e.id] {
						a = r.repeat(d, e, a)
					}
					if a.verdict != failed {
						seen[e.id] = true
					}
					return a
				}
			},
		},
		{
			Flaw: Flaw{
				Name:  "forgets-24h",
				Title: lang.Text{ES: "olvida a las 24 h los eventos que conoce", EN: "forgets the events that it knows after 24 h"},
				Fails: []string{"KOM-DUP-007"},
			},
			// SET evn_... EX 86400: a day is what other platforms' examples use;
			// Kometia repeats for two.
			wrap: forgetting{`SELECT received_at FROM events WHERE id = ?`, func(r *Receiver, at int64) bool {
				return r.clock.Now().Sub(time.UnixMilli(at)) >= 24*time.Hour
			}}.does,
		},
		{
			Flaw: Flaw{
				Name:  "remembers-50",
				Title: lang.Text{ES: "recuerda solo los últimos 50 eventos", EN: "remembers the last 50 events only"},
				Fails: []string{"KOM-DUP-002", "KOM-RTY-003", "KOM-RTY-004", "KOM-DUP-008", "KOM-RTY-008"},
				// Where enough is sent between the restart and what came before.
				Perhaps: []string{"KOM-DUP-005", "KOM-DUP-007"},
			},
			// A list that is trimmed: LPUSH, LTRIM 0 49.
			wrap: forgetting{
				`SELECT count(*) FROM effects WHERE seq > (SELECT max(seq) FROM effects WHERE event_id = ?)`,
				func(_ *Receiver, since int64) bool { return since >= 50 },
			}.does,
		},
	}
}

// forgetting does an event again that it knows, once it has forgotten it, by the
// number that the query finds for its id.
type forgetting struct {
	query     string
	forgotten func(*Receiver, int64) bool
}

func (f forgetting) does(r *Receiver, next handling) handling {
	return afterRepeated(func(_ *Receiver, d *delivery, e event, a answer) answer {
		n, err := r.count(d, f.query, e.id)
		switch {
		case err != nil:
			return r.failed(err)
		case f.forgotten(r, n):
			return r.repeat(d, e, a)
		}
		return a
	})(r, next)
}
