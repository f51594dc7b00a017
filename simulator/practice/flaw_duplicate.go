package practice

import (
	"context"
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
				Fails: []string{"KOM-DUP-002", "KOM-RTY-003", "KOM-RTY-004", "KOM-DUP-003", "KOM-DUP-005", "KOM-DUP-007"},
			},
			wrap: func(r *Receiver, next handling) handling {
				return func(d *delivery) answer {
					a := next(d)
					if a.verdict != repeated {
						return a
					}
					e, _ := d.event() // a repeated event is one
					if err := r.store.again(context.WithoutCancel(d.request.Context()), e, r.clock.Now()); err != nil {
						return answer{status: http.StatusInternalServerError, verdict: failed, reason: err}
					}
					return a
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
