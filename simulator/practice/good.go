package practice

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/practice/strictjson"
)

// goodOnes differ from the good receiver in ways that Kometia's rules allow.
func goodOnes() []flaw {
	good := func(name, es, en string, wrap wrapping) flaw {
		return flaw{Flaw: Flaw{Name: name, Title: lang.Text{ES: es, EN: en}, Good: true}, wrap: wrap}
	}
	fromAPI := good("thin", "lee el evento y su objeto de la API antes de actuar", "reads the event and its object from the API before it acts", thin)
	fromAPI.UsesAPI = true
	later := good("asks-later", "responde 202 y pregunta después a la API, hasta que le responda", "answers 202 and asks the API afterwards, until that answers", queueing)
	later.UsesAPI, later.asksLater = true, true
	later.Warns = []string{"KOM-VER-004"} // it drops what the API does not know yet
	upsert := good("upsert", "guarda una fila por objeto, y no una por evento", "keeps a row for each object, and not for each event", nil)
	upsert.PerObject = true
	notYet := good("parents", "responde 409 a lo que llega antes que aquello de lo que depende", "answers 409 to what comes before that which it depends on", parents)
	// For a payment alone, of which nobody said that it subscribes to it, and
	// for what it took at a retry.
	notYet.Warns = []string{"KOM-ACK-001", "KOM-ORD-001"}
	lines := good("lines", "reserva cada línea de un pedido", "reserves each line of an order", nil)
	lines.acts = forEachLine
	noted := good("note", "avisa a su personal solo de los pedidos que traen una nota", "informs its staff only of the orders that come with a note", nil)
	noted.acts = forNotes
	welcomes := good("welcomes", "manda una bienvenida con el primer pedido de cada cliente", "sends a welcome with the first order of each customer", nil)
	welcomes.acts = welcomeOnce()
	keyed := good("outbox", "guarda la llamada al ERP con el evento y la repite con su clave hasta que salga bien", "keeps the call to the ERP with the event and repeats it with its key until it succeeds", outbox)
	keyed.CallsERP, keyed.names = true, invoice
	keyed.afterwards = func(ctx context.Context, r *Receiver, e event) error { return r.callERP(ctx, e, e.id) }
	names := good("names", "dice por nombre lo que hizo: una factura y, de los pedidos, un correo", "reports by name what it did: an invoice and, of orders, a mail", nil)
	names.names = invoiceAndMail
	stateOnly := good("state-only", "dice solo el estado que guarda, no cuántas veces actuó", "reports only the state that it keeps, not how often it acted", nil)
	stateOnly.stateOnly = true
	single := good("single", "atiende una conexión a la vez", "serves one connection at a time", nil)
	single.single = true
	return []flaw{
		fromAPI, later, upsert, notYet, lines, noted, welcomes, keyed, names, stateOnly, single,
		good("skips-tests", "no hace nada con los pedidos de prueba (is_test)", "does nothing about test orders (is_test)", skipsTests),
		good("batched", "responde 202 y hace el trabajo de todos juntos, cada 400 ms", "answers 202 and does the work of all together, every 400 ms", batched),
		good("queue", "responde 202 y hace el trabajo después", "answers 202 and works afterwards", queueing),
		good("picky", "responde 422 a un evento que no conoce", "answers 422 to a kind that it does not know", with(picky)),
		good("closes", "cierra la conexión después de cada respuesta", "closes the connection after every response",
			with(func(a *answer) { a.header = map[string]string{"Connection": "close"} })),
		good("accepted-html", "responde 200 con una página HTML", "answers 200 with an HTML page", with(acceptedHTML)),
		good("unwraps", "entiende también el evento dentro de {\"data\": ...}", "understands the event inside {\"data\": ...}, too", unwrapping),
		good("locks", "responde 409 a una copia que llega mientras trabaja en la primera", "answers 409 to a copy that comes while it works on the first", locking),
		good("throttled", "acepta 60 peticiones por minuto y responde 429 a las demás", "takes 60 requests a minute and answers 429 to the others", throttled),
	}
}

// queueing keeps the body in the database before it says 202, so that the work
// outlives the process; Receiver.work does it a little later.
func queueing(r *Receiver, next handling) handling {
	return acting(next, func(d *delivery, _ event) answer { return r.keep(d, r.due(50*time.Millisecond)) })
}

// keep has the background do a delivery's work once it is due.
func (r *Receiver) keep(d *delivery, due time.Time) answer {
	if err := r.store.enqueue(d.lasting(), d.body, due); err != nil {
		return answer{status: http.StatusServiceUnavailable, verdict: failed, reason: err}
	}
	r.wakeUp()
	return answer{status: http.StatusAccepted, verdict: queued}
}

func picky(a *answer) {
	if a.verdict == ignored {
		a.status, a.reason = http.StatusUnprocessableEntity, errors.New("unknown kind")
	}
}

func acceptedHTML(a *answer) {
	if a.status == http.StatusNoContent {
		a.status = http.StatusOK
		a.header = map[string]string{"Content-Type": "text/html; charset=utf-8"}
		a.body = "<!DOCTYPE html>\n<html><head><title>OK</title></head><body><p>OK</p></body></html>\n"
	}
}

// unwrapping goes on with what stands in data when that is an event.
func unwrapping(r *Receiver, next handling) handling {
	return func(d *delivery) answer {
		if _, err := d.event(); err != nil {
			root, err := strictjson.Members("body", d.body)
			if err == nil && len(root) == 1 {
				if _, err := parse(root["data"]); err == nil {
					return next(r.delivery(d.request, root["data"]))
				}
			}
		}
		return next(d)
	}
}

// locking refuses the losers of a race; their retry meets a known event.
func locking(_ *Receiver, next handling) handling {
	var mu sync.Mutex
	working := map[string]bool{}
	return func(d *delivery) answer {
		e, err := d.event()
		if err != nil {
			return next(d)
		}
		mu.Lock()
		taken := working[e.id]
		working[e.id] = true
		mu.Unlock()
		if taken {
			return answer{status: http.StatusConflict, verdict: repeated, reason: errors.New("at work on it")}
		}
		defer func() {
			mu.Lock()
			defer mu.Unlock()
			delete(working, e.id)
		}()
		return next(d)
	}
}

// parents refuses for now what it cannot hang anywhere yet: a payment or a
// shipment without its order, a deletion without its object. The retry of an
// hour later finds the parent, or the one of an hour after that.
func parents(r *Receiver, next handling) handling {
	return acting(next, func(d *delivery, e event) answer {
		parent := r.parent(e)
		if parent == "" {
			return next(d)
		}
		o, err := r.store.observe(d.request.Context(), parent)
		if err != nil {
			return answer{status: http.StatusServiceUnavailable, verdict: failed, reason: err}
		}
		if o.State == nil {
			return answer{status: http.StatusConflict, verdict: ignored, reason: fmt.Errorf("%q is not known yet", parent)}
		}
		return next(d)
	})
}

// throttled counts in windows of a minute by its clock.
func throttled(r *Receiver, next handling) handling {
	const limit = 60
	window := r.span(time.Minute)
	var mu sync.Mutex
	var start time.Time
	count := 0
	admit := func(now time.Time) (wait time.Duration, ok bool) {
		mu.Lock()
		defer mu.Unlock()
		if start.IsZero() || now.Sub(start) >= window {
			start, count = now, 0
		}
		count++
		return start.Add(window).Sub(now), count <= limit
	}
	return func(d *delivery) answer {
		wait, ok := admit(r.clock.Now())
		if ok {
			return next(d)
		}
		seconds := strconv.Itoa(int(math.Ceil(wait.Seconds())))
		return answer{
			status: http.StatusTooManyRequests, header: map[string]string{"Retry-After": seconds},
			verdict: ignored, reason: errors.New("too many requests"),
		}
	}
}
