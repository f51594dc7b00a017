package practice

import (
	"slices"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// connectionFlaws go wrong on a connection that is kept alive. They need Serve,
// which knows one connection from another.
func connectionFlaws() []flaw {
	return []flaw{
		{
			Flaw: Flaw{
				Name:  "first-request-only",
				Title: lang.Text{ES: "solo entiende la primera petición de cada conexión", EN: "understands only the first request of each connection"},
				Fails: []string{"KOM-NET-001"},
			},
			// The bug is a real one: a buffer of the connection that is not
			// emptied between requests. The second body stands behind the
			// first one and is no JSON any more.
			wrap: func(_ *Receiver, next handling) handling {
				return func(d *delivery) answer {
					if c, ok := d.request.Context().Value(connectionKey{}).(*connection); ok {
						// Requests of one connection come one after the other.
						// The bound is ours, for long runs; past it the JSON is
						// broken all the same.
						if len(c.buffer) <= maxBody {
							c.buffer = append(c.buffer, d.body...)
						}
						d.body = slices.Clone(c.buffer)
					}
					return next(d)
				}
			},
		},
	}
}
