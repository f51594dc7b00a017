package practice

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// orderFlaws take the order in which events come for that in which they happened.
func orderFlaws() []flaw {
	return []flaw{
		{
			Flaw: Flaw{
				Name:  "last-write-wins",
				Title: lang.Text{ES: "guarda lo último que llegó, aunque sea más viejo", EN: "keeps what came last, although it is older"},
				Fails: []string{"KOM-ORD-002", "KOM-ORD-003", "KOM-ORD-001"},
			},
			// UPDATE ... WHERE id = ?, without a look at updated_at. What is
			// deleted is gone, so that no row is left to update.
			wrap: overwriting{overwrite + ` AND NOT deleted`, func(event) bool { return true }}.does,
		},
		{
			Flaw: Flaw{
				Name:  "resurrects",
				Title: lang.Text{ES: "vuelve a crear lo borrado si después llega una actualización", EN: "makes anew what was deleted when an update comes afterwards"},
				Fails: []string{"KOM-ORD-002", "KOM-ORD-003"},
			},
			// DELETE, and then INSERT ... ON CONFLICT UPDATE: nothing tells that
			// there was something.
			wrap: overwriting{overwrite + ` AND deleted`, func(e event) bool { return !e.about.Deletes() }}.does,
		},
		{
			Flaw: Flaw{
				Name:  "created-overwrites",
				Title: lang.Text{ES: "un «creado» que llega tarde reemplaza lo que ya sabía", EN: "a \"created\" that comes late replaces what it knew already"},
				Fails: []string{"KOM-ORD-003", "KOM-ORD-002", "KOM-ORD-001"},
			},
			// Updates are compared by time; for a creation that seemed needless.
			wrap: overwriting{overwrite, func(e event) bool { return e.about.Action == schemas.Create }}.does,
		},
		{
			Flaw: Flaw{
				Name:  "drops-orphans",
				Title: lang.Text{ES: "responde 200 y no hace nada si falta aquello de lo que depende el evento", EN: "answers 200 and does nothing while what the event depends on is missing"},
				Fails: []string{"KOM-ORD-001", "KOM-ORD-003"},
				// For a payment that is taken up before its order of the same instant.
				Perhaps: []string{"KOM-ORD-005", "KOM-ORD-002"},
			},
			wrap: func(r *Receiver, next handling) handling {
				return with(func(a *answer) {
					if a.status == http.StatusConflict {
						*a = answer{status: http.StatusOK, verdict: flawed, reason: a.reason}
					}
				})(r, parents(r, next))
			},
		},
		{
			Flaw: Flaw{
				Name:  "dates-as-text",
				Title: lang.Text{ES: "compara fechas escritas como día/mes/año", EN: "compares dates that are written as day/month/year"},
				Fails: []string{"KOM-ORD-006"},
				// In the first days of a month, of which the run's past is the last one.
				Perhaps: []string{"KOM-ORD-001", "KOM-ORD-002", "KOM-ORD-003", "KOM-DUP-006", "KOM-PAY-012", "KOM-RTY-003", "KOM-DUR-001"},
			},
			wrap: func(_ *Receiver, next handling) handling {
				return func(d *delivery) answer {
					if e, err := d.event(); err == nil {
						d.parsed.updatedAt, d.parsed.createdAt = asText(e.updatedAt), asText(e.createdAt)
					}
					return next(d)
				}
			},
		},
		{
			Flaw: Flaw{
				Name:  "event-clock",
				Title: lang.Text{ES: "compara el updated_at del evento, y no el del objeto", EN: "compares the updated_at of the event, and not that of the object"},
				Fails: []string{"KOM-ORD-008"},
			},
			wrap: func(_ *Receiver, next handling) handling {
				return func(d *delivery) answer {
					var said struct {
						UpdatedAt int64 `json:"updated_at"`
					}
					if _, err := d.event(); err == nil && json.Unmarshal(d.body, &said) == nil && said.UpdatedAt > 0 {
						d.parsed.updatedAt = said.UpdatedAt
					}
					return next(d)
				}
			},
		},
		{
			Flaw: Flaw{
				Name:  "strictly-newer",
				Title: lang.Text{ES: "descarta un cambio cuyo updated_at no es mayor que el guardado", EN: "drops an update whose updated_at is not greater than the one it keeps"},
				Fails: []string{"KOM-ORD-007"},
			},
			wrap: counted{
				answer{status: http.StatusOK, reason: errors.New("not newer")},
				func(e event) bool { return strings.HasSuffix(e.kind, ".updated") },
				`SELECT count(*) FROM state WHERE object_id = ?1 AND event_id <> ?2 AND updated_at = ?4`,
			}.refuses,
		},
		{
			Flaw: Flaw{
				Name:  "strict-transitions",
				Title: lang.Text{ES: "responde 422 al pago de un pedido que ya estaba pagado", EN: "answers 422 to the payment of an order that was paid already"},
				Fails: []string{"KOM-ORD-004"},
			},
			// A state machine: from paid there is no way to paid.
			wrap: counted{
				answer{status: http.StatusUnprocessableEntity, reason: errors.New("invalid transition")},
				func(e event) bool { return e.kind == "order.paid" },
				`SELECT count(*) FROM state WHERE object_id = ?1 AND event_id <> ?2 AND CAST(body AS TEXT) ->> '$.financial_status' = 'paid'`,
			}.refuses,
		},
		{
			Flaw: Flaw{
				Name:  "ships-twice",
				Title: lang.Text{ES: "surte un pedido que llega ya pagado, y otra vez con su pago", EN: "ships an order that comes paid already, and again at its payment"},
				Fails: []string{"KOM-ORD-004"},
			},
			names: shipsWhenPaid,
		},
		{
			Flaw: Flaw{
				Name:  "invoices-changes",
				Title: lang.Text{ES: "factura cuando un pedido pasa a pagado, y nunca el que llega ya pagado", EN: "invoices when an order becomes paid, and never one that comes paid already"},
				Fails: []string{"KOM-ORD-004"},
			},
			names: invoiceAtChange(),
		},
		{
			Flaw: Flaw{
				Name:  "insert-fails",
				Title: lang.Text{ES: "responde 500 al «creado» de lo que ya conoce por un evento posterior", EN: "answers 500 to the \"created\" of what it knows from a later event"},
				Fails: []string{"KOM-ORD-001"},
			},
			// The payment made the order, and now its INSERT meets the primary
			// key: 500 at every retry, until Kometia gives up.
			wrap: counted{
				answer{status: http.StatusInternalServerError, reason: errors.New("duplicate key")},
				func(e event) bool { return e.known() && e.about.Begins() },
				`SELECT count(*) FROM state WHERE object_id = ?1 AND event_id <> ?2 AND rank > ?5`,
			}.refuses,
		},
	}
}

// shipsWhenPaid names what is done for an event by one that looks at the event
// alone, and not at whether the order was shipped.
func shipsWhenPaid(e event) []string {
	if o, is := e.order(); is && o.Payment == "paid" {
		return []string{"noted", "shipment"}
	}
	return []string{"noted"}
}

// invoiceAtChange names what is done for an event by one that looks whether the order
// was paid before.
func invoiceAtChange() func(event) []string {
	var mu sync.Mutex
	paid := map[string]bool{}
	return func(e event) []string {
		if o, is := e.order(); !is || o.Payment != "paid" {
			return []string{"noted"}
		}
		mu.Lock()
		defer mu.Unlock()
		before := paid[e.objectID]
		paid[e.objectID] = true
		if before || e.kind != "order.paid" {
			return []string{"noted"}
		}
		return []string{"noted", "invoice"}
	}
}

// overwrite puts an event's object in place of the state, older or not.
const overwrite = `UPDATE state SET body = ?2, updated_at = ?3, event_at = ?4, rank = ?5, event_id = ?6, deleted = ?7 WHERE object_id = ?1`

// overwriting runs the query after each event that it is for.
type overwriting struct {
	query string
	when  func(event) bool
}

func (o overwriting) does(r *Receiver, next handling) handling {
	return func(d *delivery) answer {
		a := next(d)
		e, err := d.event()
		if err != nil || a.verdict != acted || !o.when(e) {
			return a
		}
		if err := r.change(d, o.query, e.row()...); err != nil {
			return r.failed(err)
		}
		return a
	}
}

// asText is a number that is ordered as the text of a time, day first.
func asText(seconds int64) int64 {
	n, _ := strconv.ParseInt(time.Unix(seconds, 0).UTC().Format("02012006150405"), 10, 64) // which are digits
	return n
}
