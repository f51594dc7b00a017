package shop

import (
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/objects"
)

// Ship makes a shipment of an order, of the items that fields names or of all
// that is left, and gives it with the order as it is then.
func (wr Write) Ship(order, fields *jsontree.Object) (shipment, after *jsontree.Object, err error) {
	p := wr.pen()
	after = jsontree.Clone(order).(*jsontree.Object)
	o := jsontree.OfStruct(&objects.Fulfillment{
		ID: p.id("ful"), Object: objects.TypeFulfillment, Kind: "full", Status: "succeeded", Items: []objects.FulfillmentItem{},
		OrderID: order.Text("id"), CreatedAt: p.at, UpdatedAt: p.at,
	})
	p.take(o, objects.TypeFulfillment, fields, "", shipmentFields(), []string{"items"})
	shipped := p.load(after, fields)
	var items []*jsontree.Object
	for _, item := range after.Objects("items") {
		quantity, ok := shipped[item.Text("id")]
		ordered, _ := whole(item, "quantity")
		if quantity != ordered {
			o.Set("kind", "parcial")
		}
		if !ok {
			continue
		}
		fulfilled, _ := whole(item, "fulfilled")
		weight, _ := whole(item, "weight")
		item.Set("fulfilled", number(fulfilled+quantity))
		item.Set("updated_at", number(p.at))
		items = append(items, loaded(item, quantity, weight*quantity))
	}
	o.Set("items", listOf(items))
	o.Set("items_count", number(int64(len(items))))
	fulfilment(after, p.at)
	if o, err = p.done(objects.TypeFulfillment, o); err != nil {
		return nil, nil, err
	}
	return o, after, nil
}

func shipmentFields() []string { return []string{"tracking_code", "carrier", "is_customer_notified"} }

// load says how many of which item of the order go.
func (p *pen) load(order, fields *jsontree.Object) map[string]int64 {
	shipped, items := map[string]int64{}, order.Objects("items")
	left := func(item *jsontree.Object) int64 {
		ordered, _ := whole(item, "quantity")
		gone, _ := whole(item, "fulfilled")
		return ordered - gone
	}
	given, _ := fields.Lookup("items")
	wanted := p.objects(given, "items")
	for i, f := range wanted {
		id := f.Text("id")
		item := findIn(items, id)
		if item == nil {
			p.refuse(fieldOf("items", i, "id"), "el pedido no tiene esa línea", "the order has no such item")
			continue
		}
		if _, twice := shipped[id]; twice {
			p.refuse(fieldOf("items", i, "id"), "está dos veces", "stands twice")
		}
		quantity := left(item)
		if v, ok := f.Lookup("quantity"); ok {
			if quantity, ok = wholeOf(v); !ok || quantity < 1 {
				p.refuse(fieldOf("items", i, "quantity"), "se espera un número entero desde 1", "expected a whole number from 1 on")
				quantity = 0
			}
		}
		if quantity > left(item) || left(item) == 0 {
			p.refuse(jsontree.JoinIndex("items", i), "de esa línea quedan %d por enviar", "of that item %d are left to ship", left(item))
		}
		shipped[id] = quantity
	}
	if len(wanted) == 0 && len(p.refused) == 0 {
		for _, item := range items {
			if n := left(item); n > 0 {
				shipped[item.Text("id")] = n
			}
		}
		if len(shipped) == 0 {
			p.refuse("items", "no queda nada por enviar", "nothing is left to ship")
		}
	}
	return shipped
}

// loaded is an order's line as a shipment carries it.
func loaded(item *jsontree.Object, quantity, weight int64) *jsontree.Object {
	o := &jsontree.Object{}
	o.Set("fulfilled_quantity", number(quantity))
	o.Set("fulfilled_weight", number(weight))
	for _, m := range item.Members {
		o.Set(m.Name, jsontree.Clone(m.Value))
	}
	return o
}

// fulfilment says in the order how much of it was shipped.
func fulfilment(order *jsontree.Object, at int64) {
	status, all, none := "partial", true, true
	for _, item := range order.Objects("items") {
		ordered, _ := whole(item, "quantity")
		gone, _ := whole(item, "fulfilled")
		all = all && gone >= ordered
		none = none && gone <= 0
	}
	switch {
	case none:
		status = "unfulfilled"
	case all:
		status = "fulfilled"
	}
	order.Set("fulfillment_status", status)
	order.Set("updated_at", number(at))
}

// Shipment changes a shipment.
func (wr Write) Shipment(was, fields *jsontree.Object) (*jsontree.Object, error) {
	p := wr.pen()
	o := jsontree.Clone(was).(*jsontree.Object)
	p.take(o, objects.TypeFulfillment, fields, "", shipmentFields(), nil)
	o.Set("updated_at", number(p.at))
	return p.done(objects.TypeFulfillment, o)
}

// CancelShipment takes a shipment back, and gives it with the order as it is
// then.
func (wr Write) CancelShipment(order, was *jsontree.Object) (shipment, after *jsontree.Object, err error) {
	p := wr.pen()
	if was.Text("status") == "canceled" {
		p.refuse("", "el envío ya está cancelado", "the fulfillment is already canceled")
	}
	o, after := jsontree.Clone(was).(*jsontree.Object), jsontree.Clone(order).(*jsontree.Object)
	items := after.Objects("items")
	for _, line := range o.Objects("items") {
		quantity, _ := whole(line, "fulfilled_quantity")
		if item := findIn(items, line.Text("id")); item != nil {
			gone, _ := whole(item, "fulfilled")
			item.Set("fulfilled", number(max(0, gone-quantity)))
			item.Set("updated_at", number(p.at))
			line.Set("fulfilled", number(max(0, gone-quantity)))
			line.Set("updated_at", number(p.at))
		}
	}
	o.Set("status", "canceled")
	o.Set("updated_at", number(p.at))
	fulfilment(after, p.at)
	if o, err = p.done(objects.TypeFulfillment, o); err != nil {
		return nil, nil, err
	}
	return o, after, nil
}
