package practice

import (
	"net/http"
	"slices"

	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// phpError is what PHP with display_errors=1 answers, with status 200, when a
// script dies.
const phpError = `<br />
<b>Fatal error</b>:  Uncaught Error: Call to undefined function guardar_pedido() in /var/www/html/webhook.php:12
Stack trace:
#0 {main}
  thrown in <b>/var/www/html/webhook.php</b> on line <b>12</b><br />
`

const serverError = `<!DOCTYPE html>
<html><head><title>Server Error</title></head><body><h1>500 | Server Error</h1></body></html>
`

// acknowledgeFlaws answer something else than a 2xx, or a 2xx that is none.
func acknowledgeFlaws() []flaw {
	html := map[string]string{"Content-Type": "text/html; charset=UTF-8"}
	broken := answer{status: http.StatusInternalServerError, header: html, body: serverError, verdict: flawed}
	return []flaw{
		{
			Flaw: Flaw{
				Name:  "error-500",
				Title: lang.Text{ES: "responde 500 a todo", EN: "answers 500 to everything"},
				Fails: []string{"KOM-ACK-001"},
			},
			wrap: instead(broken),
		},
		{
			Flaw: Flaw{
				Name:  "refuses-placed",
				Title: lang.Text{ES: "responde 500 a order.placed", EN: "answers 500 to order.placed"},
				Fails: []string{"KOM-ACK-001"},
			},
			wrap: refusingEvents(broken, func(_ *Receiver, e event) bool { return e.kind == "order.placed" }),
		},
		{
			Flaw: Flaw{
				Name:  "php-error",
				Title: lang.Text{ES: "responde 200 con un error fatal de PHP y no hace nada", EN: "answers 200 with a PHP fatal error and does nothing"},
				// The page tells path and stack trace, as PHP's does.
				Fails: []string{"KOM-ACK-003", "KOM-LEA-001"},
			},
			wrap: instead(answer{status: http.StatusOK, header: html, body: phpError}),
		},
		{
			Flaw: Flaw{
				Name:  "unknown-kind-500",
				Title: lang.Text{ES: "responde 500 a un evento que no conoce", EN: "answers 500 to a kind that it does not know"},
				Fails: []string{"KOM-ACK-004"},
			},
			wrap: with(func(a *answer) {
				if a.verdict == ignored {
					*a = broken
				}
			}),
		},
		{
			Flaw: Flaw{
				Name:  "by-object",
				Title: lang.Text{ES: "se guía por el objeto y no por el tipo del evento", EN: "goes by the object and not by the event's kind"},
				Fails: []string{"KOM-ACK-005"},
			},
			wrap: func(r *Receiver, next handling) handling {
				return func(d *delivery) answer {
					e, err := d.event()
					if err != nil || e.known() || !slices.ContainsFunc(r.catalogue.Kinds(), func(k schemas.Kind) bool { return k.Object == e.objectType }) {
						return next(d)
					}
					// A new kind about a known object is taken for one it knows.
					if _, err := r.store.act(d.lasting(), e, r.clock.Now()); err != nil {
						return r.failed(err)
					}
					return answer{status: http.StatusNoContent, verdict: flawed}
				}
			},
		},
	}
}
