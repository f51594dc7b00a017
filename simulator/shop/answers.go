package shop

import (
	"strings"

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/objects"
)

// snapshot is the state of a story's objects at one event. The pointers are to
// values that nobody changes.
type snapshot struct {
	gone        bool // the event's own object was deleted, by it or before
	order       *objects.Order
	fulfillment *objects.Fulfillment
	product     *product
	collection  *objects.Collection
	customer    *customer
}

func (s *story) snapshot(object string) snapshot {
	n := snapshot{gone: s.gone[object]}
	if !s.gone[objects.TypeOrder] {
		n.order = s.order
	}
	if !s.gone[objects.TypeFulfillment] {
		n.fulfillment = s.fulfillment
	}
	if !s.gone[objects.TypeProduct] {
		n.product = s.product
	}
	if !s.gone[objects.TypeCollection] {
		n.collection = s.collection
	}
	if s.customer.made != 0 && !s.gone[objects.TypeCustomer] {
		c := s.customer
		n.customer = &c
	}
	return n
}

// Objects gives what the simulated API answers for an event: its object as told
// (none when it was deleted), and every other object of the
// story and of the shop that it refers to, as they were then. Each has its own
// "id"; none is there twice. The trees are the caller's.
func (w *World) Objects(e *Event) []*jsontree.Object {
	out := w.Own(e)
	if e.told.order == nil {
		return out
	}
	seen := map[string]bool{}
	if e.told.product != nil {
		seen[e.told.product.ID] = true
	}
	for i := range e.told.order.Items {
		if p, ok := w.byID[e.told.order.Items[i].ProductID]; ok && !seen[p.ID] {
			seen[p.ID] = true
			out = append(out, jsontree.OfStruct(&p.Product))
		}
	}
	return out
}

// Own gives the objects of an event's story alone: what Objects gives but for
// the products that the shop carries for all stories, which are as they were made.
// A shop that is written to keeps its own of these.
func (w *World) Own(e *Event) []*jsontree.Object {
	var out []*jsontree.Object
	seen := map[string]bool{e.ObjectID: true}
	if !e.told.gone {
		if main, err := jsontree.Get(e.Tree, "data.object"); err == nil {
			if object, ok := main.(*jsontree.Object); ok {
				out = append(out, jsontree.Clone(object).(*jsontree.Object))
			}
		}
	}
	add := func(id string, object any) {
		if !seen[id] {
			seen[id] = true
			out = append(out, jsontree.OfStruct(object))
		}
	}
	n := e.told
	if n.order != nil {
		add(n.order.ID, n.order)
	}
	if n.fulfillment != nil {
		add(n.fulfillment.ID, n.fulfillment)
	}
	if n.customer != nil {
		c := n.customer.object(w.tables)
		add(c.ID, c)
	}
	if n.product != nil {
		add(n.product.ID, &n.product.Product)
	}
	if n.collection != nil {
		add(n.collection.ID, n.collection)
	}
	return out
}

// Products gives the products that the shop carries for all stories, in the
// order of the shop. The trees are the caller's.
func (w *World) Products() []*jsontree.Object {
	out := make([]*jsontree.Object, len(w.products))
	for i := range w.products {
		out[i] = jsontree.OfStruct(&w.products[i].Product)
	}
	return out
}

// Identities lists all in a body by which rows can be found again, as an event's
// own Identities do; the body may have been edited.
func (w *World) Identities(body *jsontree.Object) []Identity {
	c := collector{w: w, found: make([]Identity, 0, 24)}
	c.object(body)
	return c.found
}

type collector struct {
	w     *World
	found []Identity
	seen  map[string]bool // only once there are many
}

func (c *collector) object(o *jsontree.Object) {
	for i := range o.Members {
		m := &o.Members[i]
		switch v := m.Value.(type) {
		case string:
			if what := c.what(m.Name, v); what != "" {
				c.add(what, v)
			}
		case *jsontree.Object:
			c.object(v)
		case []any:
			for _, e := range v {
				if o, ok := e.(*jsontree.Object); ok {
					c.object(o)
				}
			}
		}
	}
}

// what names the identity that a member is; "" when it is none.
func (c *collector) what(name, value string) string {
	if len(value) == 29 && value[3] == '_' && value[17:21] == host { // as cuid makes them
		if label, ok := c.w.labels[value[:3]]; ok {
			return label
		}
		return value[:3] + " id"
	}
	switch name {
	case "number":
		return "order number"
	case "email", "phone":
		return name
	case "permalink":
		// A sku's permalink ("default", "rojo-chico") is its product's affair.
		if strings.Contains(value, "-"+c.w.ids) {
			return name
		}
	case "code":
		if value != "" {
			return "sku code"
		}
	}
	return ""
}

const manyIdentities = 64

func (c *collector) add(what, value string) {
	if c.seen == nil {
		for i := range c.found {
			if c.found[i].Value == value {
				return
			}
		}
		if c.found = append(c.found, Identity{what, value}); len(c.found) == manyIdentities {
			c.seen = make(map[string]bool, 2*manyIdentities)
			for i := range c.found {
				c.seen[c.found[i].Value] = true
			}
		}
		return
	}
	if !c.seen[value] {
		c.seen[value] = true
		c.found = append(c.found, Identity{what, value})
	}
}
