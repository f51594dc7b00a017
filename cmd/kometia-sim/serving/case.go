package serving

import (
	"strconv"

	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/console"
	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/settings"
	"github.com/kometia-sim/kometia-sim/scenarios/fuzz"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/payload"
	"github.com/kometia-sim/kometia-sim/simulator/platform"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
)

// Case writes a delivery as a case that replay plays.
func Case(d platform.Delivery) ([]byte, error) {
	e := fuzz.Exported{
		Tool: console.Tool(), Identities: d.Identities, Header: delivery.Header(settings.UserAgent, nil), What: "serve",
		Message: payload.Message{
			Kind: d.Kind, At: d.At, Body: d.Body,
			Subject: shop.Subject{EventID: d.Event, EventKind: d.Kind, ObjectID: d.ObjectID, ObjectType: d.ObjectType},
		},
	}
	for _, i := range d.Identities {
		if i.What == "order number" {
			e.Message.Subject.OrderNumber = i.Value
		}
	}
	switch {
	case d.Status != 0:
		e.Code = strconv.Itoa(d.Status)
		e.Found = lang.Same(e.Code)
	case !d.Error.IsZero():
		e.Code, e.Found = "no-response", d.Error
	}
	return e.Case()
}
