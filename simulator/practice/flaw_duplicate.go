package practice

import (
	"cmp"
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
	return []flaw{
		{
			Flaw: Flaw{
				Name:  "conflict",
				Title: lang.Text{ES: "responde 409 a un evento que ya conoce", EN: "answers 409 to an event that it knows already"},
				Fails: []string{"KOM-RTY-002", "KOM-DUP-001", "KOM-DUP-003"},
				// For what was done when it was killed, and not acknowledged.
				Perhaps: []string{"KOM-DUR-001"},
			},
			wrap: func(_ *Receiver, next handling) handling {
				return func(d *delivery) answer {
					a := next(d)
					if a.verdict == repeated {
						return answer{status: http.StatusConflict, verdict: flawed, reason: errors.New("event exists already")}
					}
					return a
				}
			},
		},
		{
			Flaw: Flaw{
				Name:  "no-dedupe",
				Title: lang.Text{ES: "actúa otra vez con cada copia de un evento", EN: "acts again on every copy of an event"},
				Fails: []string{"KOM-DUP-002", "KOM-RTY-003", "KOM-RTY-004", "KOM-DUP-003", "KOM-DUP-005", "KOM-DUP-007", "KOM-DUP-001", "KOM-RTY-002", "KOM-RTY-008", "KOM-DUP-008"},
				// For what was done when it was killed, and not acknowledged.
				Perhaps: []string{"KOM-DUR-001"},
			},
			wrap: func(r *Receiver, next handling) handling {
				return func(d *delivery) answer {
					a := next(d)
					if a.verdict != repeated {
						return a
					}
					e, _ := d.event() // a repeated event is one
					return r.repeat(d, e, a)
				}
			},
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
				return func(d *delivery) answer {
					e, err := d.event()
					if err != nil || !e.known() || len(e.id) <= column {
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
				}
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
			wrap: func(r *Receiver, next handling) handling {
				return swallowing(r, next, `SELECT count(*) FROM events WHERE object_id = ?1 AND id <> ?2`)
			},
		},
		{
			Flaw: Flaw{
				Name:  "dedupe-object-kind",
				Title: lang.Text{ES: "toma por duplicado otro evento igual del mismo objeto", EN: "takes another event of the same kind about the same object for a duplicate"},
				Fails: []string{"KOM-DUP-006", "KOM-ORD-003"},
			},
			// "order 7 was paid already": true of a payment, not of an update.
			wrap: func(r *Receiver, next handling) handling {
				return swallowing(r, next, `SELECT count(*) FROM events WHERE object_id = ?1 AND id <> ?2 AND kind = ?3`)
			},
		},
		{
			Flaw: Flaw{
				Name:  "parcel-by-order",
				Title: lang.Text{ES: "guarda un envío por pedido, y toma otro del mismo pedido por un duplicado", EN: "keeps one parcel for an order, and takes another one of it for a duplicate"},
				Fails: []string{"KOM-DUP-004", "KOM-ORD-005"},
			},
			wrap: func(_ *Receiver, next handling) handling {
				var mu sync.Mutex
				parcels := map[string]string{} // by order
				return func(d *delivery) answer {
					var parcel struct {
						Items []struct {
							OrderID string `json:"order_id"`
						}
					}
					e, err := d.event()
					if err != nil || e.objectType != "fulfillment" || json.Unmarshal(e.object, &parcel) != nil || len(parcel.Items) == 0 {
						return next(d)
					}
					mu.Lock()
					known := cmp.Or(parcels[parcel.Items[0].OrderID], e.objectID)
					parcels[parcel.Items[0].OrderID] = known
					mu.Unlock()
					if known != e.objectID {
						return answer{status: http.StatusOK, verdict: flawed, reason: errors.New("this order was sent already")}
					}
					return next(d)
				}
			},
		},
		{
			Flaw: Flaw{
				Name:  "natural-key",
				Title: lang.Text{ES: "toma un objeto nuevo por el que antes tuvo su permalink o correo", EN: "takes a new object for the one that had its permalink or email before"},
				Fails: []string{"KOM-DUP-004"},
			},
			wrap: func(_ *Receiver, next handling) handling {
				var mu sync.Mutex
				owners := map[string]string{} // object by what it was called when it came
				return func(d *delivery) answer {
					var named struct{ Permalink, Email string }
					e, err := d.event()
					if err != nil || e.objectType == "order" || json.Unmarshal(e.object, &named) != nil || named.Permalink+named.Email == "" {
						return next(d)
					}
					name := e.objectType + " " + named.Permalink + named.Email
					mu.Lock()
					owner := cmp.Or(owners[name], e.objectID)
					owners[name] = owner
					mu.Unlock()
					if owner != e.objectID {
						return answer{status: http.StatusOK, verdict: flawed, reason: errors.New("there is one of that name already")}
					}
					return next(d)
				}
			},
		},
		{
			Flaw: Flaw{
				Name:  "dedupe-content",
				Title: lang.Text{ES: "toma por duplicado un pedido del mismo cliente con los mismos artículos", EN: "takes an order of the same customer with the same items for a duplicate"},
				Fails: []string{"KOM-DUP-004"},
			},
			wrap: func(_ *Receiver, next handling) handling {
				var mu sync.Mutex
				first := map[string]string{} // the event that was the first to say it
				return func(d *delivery) answer {
					e, err := d.event()
					if err != nil || !e.known() || e.objectType != "order" {
						return next(d)
					}
					content, ok := bought(e)
					if !ok {
						return next(d)
					}
					mu.Lock()
					known, again := first[content]
					if !again {
						first[content] = e.id
					}
					mu.Unlock()
					if again && known != e.id {
						return answer{status: http.StatusNoContent, verdict: flawed}
					}
					return next(d)
				}
			},
		},
	}
}

// swallowing answers 204 and does nothing where the query, asked with object id,
// event id and kind, counts something.
func swallowing(r *Receiver, next handling, query string) handling {
	return acting(next, func(d *delivery, e event) answer {
		n, err := r.count(d, query, e.objectID, e.id, e.kind)
		switch {
		case err != nil:
			return r.failed(err)
		case n > 0:
			return answer{status: http.StatusNoContent, verdict: flawed}
		}
		return next(d)
	})
}

// bought tells who bought what, as one who takes that for an order's identity
// does; false when the order does not say.
func bought(e event) (string, bool) {
	var o struct {
		Customer string `json:"customer_id"`
		Items    []struct {
			SKU      string `json:"sku_id"`
			Quantity int64  `json:"quantity"`
		} `json:"items"`
	}
	if json.Unmarshal(e.object, &o) != nil || o.Customer == "" || len(o.Items) == 0 {
		return "", false
	}
	return fmt.Sprint(e.kind, o), true
}
