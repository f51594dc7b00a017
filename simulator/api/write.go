package api

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
)

// maxBody is how long the body of a write may be, in bytes.
const maxBody = 1 << 20

// made is what a write does to the shop: the object that it answers with and
// those that change besides it.
type made struct {
	object *jsontree.Object
	also   []*jsontree.Object
	action schemas.Action
}

// writer makes a write of what it finds.
type writer func(a *ask, in Store, w shop.Write, fields *jsontree.Object) (made, error)

// writes are the operations that change something. Kometia's verb for it is
// POST; DELETE answers 204.
func writes() []route {
	productFields := []string{
		"permalink", "name", "excerpt", "description", "modifiers", "meta_title", "meta_description", "tags", "vendor", "skus", "images",
		"is_active", "available_at",
	}
	skuFields := []string{
		"permalink", "name", "code", "barcode", "price", "compared_price", "modifiers", "is_listable", "is_taxable", "in_stock",
		"is_backorderable", "is_shipping_required", "is_notify", "stock_policy", "low_threshold", "weight", "weight_unit", "position", "image",
	}
	collectionFields := []string{
		"title", "description", "meta_title", "meta_description", "image_url", "kind", "sorting_rule", "is_visible", "visible_at",
	}
	customerFields := []string{"first_name", "last_name", "email", "is_newsletterable", "is_active", "notes", "tags"}
	shipmentFields := []string{"tracking_code", "carrier", "is_customer_notified"}
	all := []route{
		{
			path: "products", body: "product", fields: productFields, needs: []string{"name"}, answer: create("product"),
			title: lang.Text{ES: "Crea un producto", EN: "Creates a product"},
		},
		{
			path: "products/{product}", body: "product", fields: productFields, answer: update("product"),
			title: lang.Text{ES: "Cambia un producto", EN: "Changes a product"},
		},
		{
			path: "products/{product}", method: http.MethodDelete, answer: remove("product"),
			title: lang.Text{ES: "Borra un producto", EN: "Deletes a product"},
		},
		{
			path: "skus", gives: "sku", body: "sku", fields: append([]string{"product_id"}, skuFields...), needs: []string{"product_id"},
			answer: writeOf(http.StatusCreated, aboutBodyProduct, newSku), title: lang.Text{ES: "Agrega un sku a un producto", EN: "Adds a sku to a product"},
		},
		{
			path: "skus/{sku}", gives: "sku", body: "sku", fields: skuFields, answer: writeOf(http.StatusOK, aboutSku, changedSku),
			title: lang.Text{ES: "Cambia un sku, y con él su producto", EN: "Changes a sku, and its product with it"},
		},
		{
			path: "collections", body: "collection", fields: collectionFields, needs: []string{"title", "kind"}, answer: create("collection"),
			title: lang.Text{ES: "Crea una colección", EN: "Creates a collection"},
		},
		{
			path: "collections/{collection}", body: "collection", fields: collectionFields, answer: update("collection"),
			title: lang.Text{ES: "Cambia una colección", EN: "Changes a collection"},
		},
		{
			path: "collections/{collection}", method: http.MethodDelete, answer: remove("collection"),
			title: lang.Text{ES: "Borra una colección", EN: "Deletes a collection"},
		},
		{
			path: "customers", body: "customer", fields: customerFields, needs: []string{"email"}, answer: create("customer"),
			title: lang.Text{ES: "Crea un cliente", EN: "Creates a customer"},
		},
		{
			path: "customers/{customer}", body: "customer", fields: customerFields, answer: update("customer"),
			title: lang.Text{ES: "Cambia un cliente", EN: "Changes a customer"},
		},
		{
			path: "orders/{order}/fulfillments", gives: "fulfillment", body: "fulfillment", fields: append(shipmentFields, "items"),
			answer: writeOf(http.StatusCreated, aboutArgs, ship), title: lang.Text{ES: "Envía un pedido, entero o en parte", EN: "Ships an order, whole or in part"},
		},
		{
			path: "orders/{order}/fulfillments/{fulfillment}", gives: "fulfillment", body: "fulfillment", fields: shipmentFields,
			answer: writeOf(http.StatusOK, aboutArgs, changeShipment), title: lang.Text{ES: "Cambia un envío", EN: "Changes a fulfillment"},
		},
		{
			path: "orders/{order}/fulfillments/{fulfillment}/cancel", gives: "fulfillment",
			answer: writeOf(http.StatusOK, aboutArgs, cancelShipment), title: lang.Text{ES: "Cancela un envío", EN: "Cancels a fulfillment"},
		},
	}
	for i := range all {
		r := &all[i]
		switch {
		case r.method == http.MethodDelete:
			r.status = http.StatusNoContent
			continue
		case r.gives == "":
			r.gives = r.body
		}
		r.method = http.MethodPost
		if len(r.needs) > 0 || strings.HasSuffix(r.path, "/fulfillments") {
			r.status = http.StatusCreated
		}
	}
	return all
}

// writeOf answers a write. The objects that it is about are told before it is
// made, so that what it answers can be found.
func writeOf(status int, about func(*ask, *jsontree.Object) ([]Ref, error), decide writer) func(*ask) (*jsontree.Object, error) {
	return func(a *ask) (*jsontree.Object, error) {
		fields, err := a.fields()
		if err != nil {
			return nil, err
		}
		refs, err := about(a, fields)
		if err != nil {
			return nil, err
		}
		var answer *jsontree.Object
		err = a.key.Writer.Write(a.Context(), Intent{Key: a.key.Name, About: refs}, func(in Store, at Moment) (c Change, err error) {
			answer, c, err = a.change(in, at, fields, decide)
			return c, err
		})
		if err != nil {
			a.call.Events = nil
			return nil, err
		}
		if a.status = status; status == http.StatusNoContent {
			return nil, nil
		}
		return object("data", answer), nil
	}
}

// change decides what a write does.
func (a *ask) change(in Store, at Moment, fields *jsontree.Object, decide writer) (*jsontree.Object, Change, error) {
	a.call.Cause = at.Cause
	if a.MaxDepth > 0 && at.Cause.Depth >= a.MaxDepth {
		return nil, Change{}, &problem{http.StatusUnprocessableEntity, "echo_loop", fmt.Sprintf(
			"stopped by the simulator: this write answers event %s, the last of %d that each came from a write that answered the one before (while one was held back, no write came). "+
				"A store would go on for ever. Do not write in answer to an event that your own write caused", at.Cause.Event, at.Cause.Depth)}
	}
	w := a.Shop.Write(at.At, at.Serial)
	m, err := decide(a, in, w, fields)
	if err != nil {
		return nil, Change{}, refused(err)
	}
	change := Change{Objects: append([]*jsontree.Object{m.object}, m.also...)}
	told := m.object
	if told.Text("object") == "sku" { // its product tells of it
		told, change.Objects = m.also[0], m.also
	}
	if m.action == schemas.Delete {
		change.Objects, change.Gone = m.also, []Ref{{m.object.Text("object"), m.object.Text("id")}}
	}
	event, err := w.Event(m.action, told)
	if err != nil { // a schema file of the user's refuses it
		return nil, Change{}, invalid("the event that it causes is not valid: %s", err)
	}
	if event != nil {
		change.Events = []*shop.Event{event}
		a.call.Events = []string{event.ID}
	}
	return m.object, change, nil
}

// refused makes what the shop refuses a problem of the request.
func refused(err error) error {
	var r *shop.RefusedError
	if errors.As(err, &r) {
		return invalid("%s", err)
	}
	return err
}

// fields reads the body of a write. Its content type is not looked at: a body
// that is a JSON object is one.
func (a *ask) fields() (*jsontree.Object, error) {
	if a.Method == http.MethodDelete {
		return nil, nil
	}
	data, err := io.ReadAll(io.LimitReader(a.Body, maxBody+1))
	switch {
	case err != nil:
		return nil, invalid("the body could not be read")
	case len(data) > maxBody:
		return nil, &problem{http.StatusRequestEntityTooLarge, "invalid_request", fmt.Sprintf("a body has at most %d bytes", maxBody)}
	case len(data) == 0:
		return &jsontree.Object{}, nil
	}
	if err := (jsontree.Bound{Depth: 40, Values: 100_000, Digits: 1000}).Check(data); err != nil {
		return nil, invalid("the body has %s", err)
	}
	doc, err := jsontree.Parse(data)
	if err != nil {
		return nil, invalid("the body is no JSON: %s", err)
	}
	fields, ok := doc.Root.(*jsontree.Object)
	if !ok {
		return nil, invalid("the body is no JSON object")
	}
	if inner, ok := fields.Lookup("data"); ok && len(fields.Members) == 1 {
		if o, ok := inner.(*jsontree.Object); ok { // as it was read
			fields = o
		}
	}
	return fields, nil
}

// aboutArgs names the objects of the path.
func aboutArgs(a *ask, _ *jsontree.Object) (refs []Ref, err error) {
	for objectType, id := range a.args {
		refs = append(refs, Ref{objectType, id})
	}
	return refs, nil
}

func nothing(*ask, *jsontree.Object) ([]Ref, error) { return nil, nil }

func create(objectType string) func(*ask) (*jsontree.Object, error) {
	return writeOf(http.StatusCreated, nothing, func(a *ask, _ Store, w shop.Write, fields *jsontree.Object) (made, error) {
		o, err := a.written(objectType, w, nil, fields)
		return made{object: o, action: schemas.Create}, err
	})
}

func update(objectType string) func(*ask) (*jsontree.Object, error) {
	return writeOf(http.StatusOK, aboutArgs, func(a *ask, in Store, w shop.Write, fields *jsontree.Object) (made, error) {
		was, err := find(a.Context(), in, objectType, a.args[objectType])
		if err != nil {
			return made{}, err
		}
		o, err := a.written(objectType, w, was, fields)
		return made{object: o, action: schemas.Update}, err
	})
}

func remove(objectType string) func(*ask) (*jsontree.Object, error) {
	return writeOf(http.StatusNoContent, aboutArgs, func(a *ask, in Store, w shop.Write, _ *jsontree.Object) (made, error) {
		was, err := find(a.Context(), in, objectType, a.args[objectType])
		if err != nil {
			return made{}, err
		}
		return made{object: w.Deleted(was), action: schemas.Delete}, nil
	})
}

func (a *ask) written(objectType string, w shop.Write, was, fields *jsontree.Object) (*jsontree.Object, error) {
	switch objectType {
	case "product":
		return w.Product(was, fields)
	case "collection":
		return w.Collection(was, fields)
	default:
		return w.Customer(was, fields)
	}
}

// aboutBodyProduct names the product that a new sku is for.
func aboutBodyProduct(_ *ask, fields *jsontree.Object) ([]Ref, error) {
	id := fields.Text("product_id")
	if id == "" {
		return nil, invalid("product_id: is required")
	}
	return []Ref{{"product", id}}, nil
}

func newSku(a *ask, in Store, w shop.Write, fields *jsontree.Object) (made, error) {
	was, err := in.Find(a.Context(), "product", fields.Text("product_id"))
	switch {
	case err != nil:
		return made{}, err
	case was == nil:
		return made{}, invalid("product_id: no product has the id %q", fields.Text("product_id"))
	}
	sku, _ := jsontree.Clone(fields).(*jsontree.Object)
	sku.Delete("id")
	return a.withSku(w, was, sku)
}

// aboutSku names a sku and its product.
func aboutSku(a *ask, _ *jsontree.Object) ([]Ref, error) {
	sku, err := a.find("sku", a.args["sku"])
	if err != nil {
		return nil, err
	}
	return []Ref{{"sku", a.args["sku"]}, {"product", sku.Text("product_id")}}, nil
}

func changedSku(a *ask, in Store, w shop.Write, fields *jsontree.Object) (made, error) {
	sku, err := find(a.Context(), in, "sku", a.args["sku"])
	if err != nil {
		return made{}, err
	}
	was, err := find(a.Context(), in, "product", sku.Text("product_id"))
	if err != nil {
		return made{}, err
	}
	change, _ := jsontree.Clone(fields).(*jsontree.Object)
	change.Delete("id")
	change.Set("id", a.args["sku"])
	return a.withSku(w, was, change)
}

// withSku writes one sku of a product.
func (a *ask) withSku(w shop.Write, was, sku *jsontree.Object) (made, error) {
	product, err := w.Product(was, object("skus", []any{sku}))
	if err != nil {
		return made{}, err
	}
	skus := inside(product.Objects("skus"))
	written := skus[len(skus)-1]
	if o, _ := skus.Find(a.Context(), "", sku.Text("id")); o != nil {
		written = o
	}
	return made{object: written, also: []*jsontree.Object{product}, action: schemas.Update}, nil
}

func ship(a *ask, in Store, w shop.Write, fields *jsontree.Object) (made, error) {
	order, err := find(a.Context(), in, "order", a.args["order"])
	if err != nil {
		return made{}, err
	}
	o, after, err := w.Ship(order, fields)
	return made{object: o, also: []*jsontree.Object{after}, action: schemas.Create}, err
}

func changeShipment(a *ask, in Store, w shop.Write, fields *jsontree.Object) (made, error) {
	was, err := shipmentOf(a.Context(), in, a.args)
	if err != nil {
		return made{}, err
	}
	o, err := w.Shipment(was, fields)
	return made{object: o, action: schemas.Update}, err
}

func cancelShipment(a *ask, in Store, w shop.Write, _ *jsontree.Object) (made, error) {
	was, err := shipmentOf(a.Context(), in, a.args)
	if err != nil {
		return made{}, err
	}
	order, err := find(a.Context(), in, "order", a.args["order"])
	if err != nil {
		return made{}, err
	}
	o, after, err := w.CancelShipment(order, was)
	return made{object: o, also: []*jsontree.Object{after}, action: schemas.Update}, err
}
