package practice

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// connectionFlaws go wrong about how requests follow each other, or their parts,
// on a connection. They need Serve, which knows one connection from another.
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
		{
			Flaw: Flaw{
				Name:  "expect-hangs",
				Title: lang.Text{ES: "con Expect: 100-continue espera un cuerpo que no pide", EN: "with Expect: 100-continue it waits for a body that it does not ask for"},
				Fails: []string{"KOM-NET-002"},
			},
			// A server of one's own that does not know the header: it neither
			// says 100 nor reads what comes without it.
			early: func(r *Receiver, req *http.Request) {
				if strings.EqualFold(req.Header.Get("Expect"), "100-continue") {
					r.wait(req, 15*time.Second)
				}
			},
		},
	}
}
