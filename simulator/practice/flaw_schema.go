package practice

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"unicode/utf8"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/practice/strictjson"
)

// schemaFlaws take what they have seen so far for all that can come.
func schemaFlaws() []flaw {
	broken := answer{status: http.StatusInternalServerError, verdict: flawed, reason: errors.New("internal server error")}
	// when answers an order of which it holds at once, and is good otherwise.
	when := func(at answer, holds func(order) bool) wrapping {
		return refusingEvents(at, func(_ *Receiver, e event) bool {
			o, is := e.order()
			return e.known() && is && holds(o)
		})
	}
	return []flaw{
		{
			Flaw: Flaw{
				Name:  "null-breaks",
				Title: lang.Text{ES: "responde 500 a un cliente sin dirección (default_address en null)", EN: "answers 500 to a customer without an address (default_address is null)"},
				Fails: []string{"KOM-PAY-001", "KOM-PAY-012"},
				// A customer who is new may have no address in a plain event, too.
				Perhaps: []string{"KOM-ACK-001"},
			},
			wrap: refusingEvents(broken, func(_ *Receiver, e event) bool {
				o, err := strictjson.Members("data.object", e.object)
				return e.known() && e.objectType == "customer" && err == nil && string(o["default_address"]) == "null"
			}),
		},
		{
			Flaw: Flaw{
				Name:  "closed-members",
				Title: lang.Text{ES: "responde 422 a un evento con un campo que no conoce", EN: "answers 422 to an event with a field that it does not know"},
				Fails: []string{"KOM-PAY-002"},
			},
			wrap: refusing(answer{status: http.StatusUnprocessableEntity, reason: errors.New("unknown field")}, func(_ *Receiver, d *delivery) bool {
				if _, err := d.event(); err != nil {
					return false
				}
				root, _ := strictjson.Members("event", d.body) // an event is an object
				for _, name := range []string{"id", "object", "kind", "data", "pending_webhooks", "created_at", "updated_at"} {
					delete(root, name)
				}
				return len(root) > 0
			}),
		},
		{
			Flaw: Flaw{
				Name:  "short-column",
				Title: lang.Text{ES: "responde 500 a un artículo cuyo nombre pasa de 191 caracteres", EN: "answers 500 to an item whose name has more than 191 characters"},
				Fails: []string{"KOM-PAY-004", "KOM-PAY-012"},
			},
			wrap: when(broken, func(o order) bool {
				return slices.ContainsFunc(o.Items, func(i item) bool { return utf8.RuneCountInString(i.Name) > 191 })
			}),
		},
		{
			Flaw: Flaw{
				Name:  "drops-gifts",
				Title: lang.Text{ES: "acusa y no hace nada con un regalo sin mensaje", EN: "acknowledges and does nothing with a gift that has no message"},
				Fails: []string{"KOM-PAY-012"},
			},
			wrap: when(answer{status: http.StatusAccepted, verdict: flawed}, func(o order) bool {
				return o.IsGift && o.GiftMessage == nil
			}),
		},
		{
			Flaw: Flaw{
				Name:  "drops-noteless",
				Title: lang.Text{ES: "acusa y no guarda un pedido sin nota del cliente", EN: "acknowledges and does not keep an order without a customer's note"},
				Fails: []string{"KOM-PAY-012"},
			},
			wrap: when(answer{status: http.StatusAccepted, verdict: flawed}, func(o order) bool {
				return o.CustomerNote == nil
			}),
		},
		{
			Flaw: Flaw{
				Name:  "closed-enum",
				Title: lang.Text{ES: "responde 500 a un pedido con un estado que no conoce", EN: "answers 500 to an order with a status that it does not know"},
				Fails: []string{"KOM-PAY-006"},
			},
			wrap: when(broken, func(o order) bool {
				return o.Status != "" && !slices.Contains([]string{"placed", "canceled", "archived"}, o.Status)
			}),
		},
	}
}

// order is what these flaws read of an order.
type order struct {
	Status       string  `json:"status"`
	Items        []item  `json:"items"`
	IsGift       bool    `json:"is_gift"`
	GiftMessage  *string `json:"gift_message"`
	CustomerNote *string `json:"customer_note"`
	Payment      string  `json:"financial_status"`
}

// order reads an event's order; false for another object.
func (e event) order() (o order, is bool) {
	return o, e.objectType == "order" && json.Unmarshal(e.object, &o) == nil
}

type item struct {
	Name string `json:"name"`
}
