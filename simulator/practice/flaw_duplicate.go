package practice

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// duplicateFlaws do or say the wrong thing about a copy.
func duplicateFlaws() []flaw {
	swallowed := answer{status: http.StatusNoContent}
	return []flaw{
		{
			Flaw: Flaw{
				Name:  "conflict",
				Title: lang.Text{ES: "responde 409 a un evento que ya conoce", EN: "answers 409 to an event that it knows already"},
				Fails: []string{"KOM-RTY-002", "KOM-DUP-001", "KOM-DUP-003"},
				// For what was done when it was killed, and not acknowledged.
				Perhaps: []string{"KOM-DUR-001"},
			},
			wrap: afterRepeated(func(*Receiver, *delivery, event, answer) answer {
				return answer{status: http.StatusConflict, verdict: flawed, reason: errors.New("event exists already")}
			}),
		},
		{
			Flaw: Flaw{
				Name:  "no-dedupe",
				Title: lang.Text{ES: "actúa otra vez con cada copia de un evento", EN: "acts again on every copy of an event"},
				Fails: []string{"KOM-DUP-002", "KOM-RTY-003", "KOM-RTY-004", "KOM-DUP-003", "KOM-DUP-005", "KOM-DUP-007", "KOM-DUP-001", "KOM-RTY-002", "KOM-RTY-008", "KOM-DUP-008"},
				// For what was done when it was killed, and not acknowledged.
				Perhaps: []string{"KOM-DUR-001"},
			},
			wrap: afterRepeated((*Receiver).repeat),
		},
		{
			Flaw: Flaw{
				Name:  "unique-job",
				Title: lang.Text{ES: "responde 200 y no hace nada si trabaja en otro evento del mismo objeto", EN: "answers 200 and does nothing while it works on another event of the same object"},
				Fails: []string{"KOM-ORD-005"},
			},
			wrap: func(r *Receiver, next handling) handling {
				var working sync.Map
				return acting(next, func(d *delivery, e event) answer {
					if _, busy := working.LoadOrStore(e.objectID, true); busy {
						return answer{status: http.StatusOK, verdict: flawed}
					}
					defer working.Delete(e.objectID)
					r.takeTime(d.request)
					return next(d)
				})
			},
		},
		{
			Flaw: Flaw{
				Name:  "cuts-ids",
				Title: lang.Text{ES: "guarda solo los primeros 20 caracteres del id del evento", EN: "stores only the first 20 characters of the event's id"},
				Fails: []string{"KOM-DUP-004"},
			},
			wrap: func(r *Receiver, next handling) handling {
				const column = 20
				return acting(next, func(d *delivery, e event) answer {
					if len(e.id) <= column {
						return next(d)
					}
					n, err := r.count(d, `SELECT count(*) FROM events WHERE substr(id, 1, ?) = ?`, column, e.id[:column])
					if err != nil {
						return r.failed(err)
					}
					if n > 0 {
						return answer{status: http.StatusNoContent, verdict: repeated}
					}
					return next(d)
				})
			},
		},
		{
			Flaw: Flaw{
				Name:  "check-then-insert",
				Title: lang.Text{ES: "mira si conoce el evento, trabaja y lo guarda después, sin índice único", EN: "looks whether it knows the event, works and stores it afterwards, without a unique index"},
				Fails: []string{"KOM-DUP-003"},
			},
			// "if not exists: ... insert": right for one copy after the other,
			// wrong for two that both look before either has stored.
			wrap: func(r *Receiver, next handling) handling {
				return acting(next, func(d *delivery, e event) answer {
					n, err := r.count(d, `SELECT count(*) FROM events WHERE id = ?`, e.id)
					if err != nil {
						return r.failed(err)
					}
					if n > 0 {
						return answer{status: http.StatusNoContent, verdict: repeated}
					}
					r.takeTime(d.request)
					a := next(d)
					if a.verdict == repeated {
						return r.repeat(d, e, a)
					}
					return a
				})
			},
		},
		{
			Flaw: Flaw{
				Name:  "dedupe-body",
				Title: lang.Text{ES: "reconoce un evento por una huella de su cuerpo", EN: "knows an event by a hash of its body"},
				Fails: []string{"KOM-RTY-008"},
			},
			// The unique index is on sha256(body), and the retry is not the same bytes.
			wrap: func(r *Receiver, next handling) handling {
				var mu sync.Mutex
				first := map[string][sha256.Size]byte{} // the body that an event came in
				return func(d *delivery) answer {
					mu.Lock()
					defer mu.Unlock()
					a, hash := next(d), sha256.Sum256(d.body)
					e, err := d.event()
					if err != nil {
						return a
					}
					if known, again := first[e.id]; again && known != hash && a.verdict == repeated {
						return r.repeat(d, e, a)
					}
					first[e.id] = hash
					return a
				}
			},
		},
		{
			Flaw: Flaw{
				Name:  "dedupe-object",
				Title: lang.Text{ES: "toma por duplicado otro evento del mismo objeto", EN: "takes another event about the same object for a duplicate"},
				Fails: []string{"KOM-DUP-006", "KOM-ORD-003", "KOM-PAY-012"},
			},
			// The unique index is on the object's id, which one took for the
			// event's: both are called id.
			wrap: counted{swallowed, event.known, `SELECT count(*) FROM events WHERE object_id = ?1 AND id <> ?2`}.refuses,
		},
		{
			Flaw: Flaw{
				Name:  "dedupe-object-kind",
				Title: lang.Text{ES: "toma por duplicado otro evento igual del mismo objeto", EN: "takes another event of the same kind about the same object for a duplicate"},
				Fails: []string{"KOM-DUP-006", "KOM-ORD-003"},
			},
			// "order 7 was paid already": true of a payment, not of an update.
			wrap: counted{swallowed, event.known, `SELECT count(*) FROM events WHERE object_id = ?1 AND id <> ?2 AND kind = ?3`}.refuses,
		},
		{
			Flaw: Flaw{
				Name:  "parcel-by-order",
				Title: lang.Text{ES: "guarda un envío por pedido, y toma otro del mismo pedido por un duplicado", EN: "keeps one parcel for an order, and takes another one of it for a duplicate"},
				Fails: []string{"KOM-DUP-004", "KOM-ORD-005"},
			},
			wrap: owning(answer{status: http.StatusOK, reason: errors.New("this order was sent already")}, event.ofObject, func(e event) string {
				var parcel struct {
					Items []struct {
						OrderID string `json:"order_id"`
					}
				}
				if e.objectType != "fulfillment" || json.Unmarshal(e.object, &parcel) != nil || len(parcel.Items) == 0 {
					return ""
				}
				return parcel.Items[0].OrderID
			}),
		},
		{
			Flaw: Flaw{
				Name:  "natural-key",
				Title: lang.Text{ES: "toma un objeto nuevo por el que antes tuvo su permalink o correo", EN: "takes a new object for the one that had its permalink or email before"},
				Fails: []string{"KOM-DUP-004"},
			},
			wrap: owning(answer{status: http.StatusOK, reason: errors.New("there is one of that name already")}, event.ofObject, func(e event) string {
				var named struct{ Permalink, Email string }
				if e.objectType == "order" || json.Unmarshal(e.object, &named) != nil || named.Permalink+named.Email == "" {
					return ""
				}
				return e.objectType + " " + named.Permalink + named.Email
			}),
		},
		{
			Flaw: Flaw{
				Name:  "dedupe-content",
				Title: lang.Text{ES: "toma por duplicado un pedido del mismo cliente con los mismos artículos", EN: "takes an order of the same customer with the same items for a duplicate"},
				Fails: []string{"KOM-DUP-004"},
			},
			wrap: owning(swallowed, event.itself, bought),
		},
	}
}

// owning refuses what bears a name that came with another one first: a name is what
// the receiver takes for an identity, and whose it is an object's or an event's. An
// event without such a name is treated well.
func owning(a answer, whose, name func(event) string) wrapping {
	return func(r *Receiver, next handling) handling {
		var owners sync.Map
		return refusingEvents(a, func(_ *Receiver, e event) bool {
			called := name(e)
			if called == "" {
				return false
			}
			first, _ := owners.LoadOrStore(called, whose(e))
			return first != whose(e)
		})(r, next)
	}
}

func (e event) itself() string   { return e.id }
func (e event) ofObject() string { return e.objectID }

// bought tells who bought what, as one who takes that for an order's identity
// does; "" when the order does not say.
func bought(e event) string {
	var o struct {
		Customer string `json:"customer_id"`
		Items    []struct {
			SKU      string `json:"sku_id"`
			Quantity int64  `json:"quantity"`
		} `json:"items"`
	}
	if !e.known() || e.objectType != "order" || json.Unmarshal(e.object, &o) != nil || o.Customer == "" || len(o.Items) == 0 {
		return ""
	}
	return fmt.Sprint(e.kind, o)
}
