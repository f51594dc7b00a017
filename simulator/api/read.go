package api

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
)

// shipments answers those of an order.
func (a *ask) shipments() (*jsontree.Object, error) {
	if _, err := a.find("order", a.args["order"]); err != nil {
		return nil, err
	}
	return a.page(a.key.Store, "fulfillment", Query{Keep: func(o *jsontree.Object) bool { return o.Text("order_id") == a.args["order"] }})
}

func (a *ask) shipment() (*jsontree.Object, error) {
	o, err := shipmentOf(a.Context(), a.key.Store, a.args)
	if err != nil {
		return nil, err
	}
	return object("data", o), nil
}

// shipmentOf finds a shipment at its order only.
func shipmentOf(ctx context.Context, store Store, args map[string]string) (*jsontree.Object, error) {
	if _, err := find(ctx, store, "order", args["order"]); err != nil {
		return nil, err
	}
	o, err := store.Find(ctx, "fulfillment", args["fulfillment"])
	if err == nil && (o == nil || o.Text("order_id") != args["order"]) {
		err = notFound("no fulfillment of %s has the id %q", args["order"], args["fulfillment"])
	}
	return o, err
}

// addresses answers those that a customer keeps, or one of them.
func (a *ask) addresses() (*jsontree.Object, error) {
	customer, err := a.find("customer", a.args["customer"])
	if err != nil {
		return nil, err
	}
	kept := inside(customer.Objects("addresses"))
	id, one := a.args["customer_address"]
	if !one {
		return a.page(kept, "customer_address", Query{})
	}
	if o, _ := kept.Find(a.Context(), "", id); o != nil {
		return object("data", o), nil
	}
	return nil, notFound("no customer_address of %s has the id %q", a.args["customer"], id)
}

// collected answers the products of a collection: of a smart one those that its
// rules fit; of one that is picked by hand those that the shop picked, none
// when it was made through the API, which has no way to pick.
func (a *ask) collected() (*jsontree.Object, error) {
	c, err := a.find("collection", a.args["collection"])
	if err != nil {
		return nil, err
	}
	q, err := a.query("product", productFilters()[2:])
	if err != nil {
		return nil, err
	}
	wanted, in := q.Keep, func(p *jsontree.Object) bool { return belongs(p, c) }
	if c.Text("kind") != "smart" {
		picked := a.Shop.Picked(c.Text("id"))
		in = func(p *jsontree.Object) bool { return picked(p.Text("id")) }
	}
	q.Keep = func(p *jsontree.Object) bool { return in(p) && (wanted == nil || wanted(p)) }
	if by := c.Text("sorting_rule"); q.Compare == nil && by == "name-desc" {
		q.Compare = func(x, y *jsontree.Object) int { return cmp.Compare(folded(y.Text("name")), folded(x.Text("name"))) }
	}
	return a.page(a.key.Store, "product", q)
}

// belongs reports whether a product is in a smart collection: it fits all rules.
func belongs(p, c *jsontree.Object) bool {
	rules := c.Objects("rules")
	for _, rule := range rules {
		if !fits(p, rule.Text("field"), rule.Text("condition"), rule.Text("value")) {
			return false
		}
	}
	return len(rules) > 0
}

// fits holds a product against a rule of a smart collection. A rule that is not
// known fits nothing.
func fits(p *jsontree.Object, field, condition, value string) bool {
	var values []string
	switch field {
	case "product-title":
		values = []string{p.Text("name")}
	case "product-tag":
		for _, t := range p.Objects("tags") {
			values = append(values, t.Text("title"))
		}
	case "product-vendor":
		v, _ := p.Lookup("vendor")
		vendor, _ := v.(*jsontree.Object)
		values = []string{vendor.Text("name")}
	case "product-price":
		price, ok := whole(p, "price")
		limit, err := json.Number(value).Int64()
		if !ok || err != nil {
			return false
		}
		return condition == "less-than" && price < limit || condition == "greater-than" && price > limit || condition == "equals" && price == limit
	}
	return slices.ContainsFunc(values, func(v string) bool {
		switch condition {
		case "contains":
			return strings.Contains(folded(v), folded(value))
		case "equals":
			return folded(v) == folded(value)
		}
		return false
	})
}

// productCategories answers the categories that a product belongs to, by its
// tags.
func (a *ask) productCategories() (*jsontree.Object, error) {
	p, err := a.find("product", a.args["product"])
	if err != nil {
		return nil, err
	}
	var tags []string
	for _, t := range p.Objects("tags") {
		tags = append(tags, t.Text("title"))
	}
	belongs := a.Shop.Categories(tags)
	return a.page(flat{a.key.Store}, "category", Query{Keep: func(c *jsontree.Object) bool { return slices.Contains(belongs, c.Text("id")) }})
}

// categoryTree answers all categories, or one, with those below them.
func (a *ask) categoryTree() (*jsontree.Object, error) {
	all, _, err := a.key.Store.List(a.Context(), "category", Query{Compare: byOrder})
	if err != nil {
		return nil, err
	}
	below := map[string][]*jsontree.Object{}
	known := map[string]bool{}
	for _, c := range all {
		known[c.Text("id")] = true
	}
	for _, c := range all {
		parent := c.Text("parent_id")
		if !known[parent] {
			parent = ""
		}
		below[parent] = append(below[parent], c)
	}
	id, one := a.args["category"]
	if !one {
		return object("data", branches(below, "")), nil
	}
	c, err := a.find("category", id)
	if err != nil {
		return nil, err
	}
	return object("data", branch(below, c)), nil
}

// branches are the trees below a category. Each is hung up once, so that
// categories in a circle come to an end.
func branches(below map[string][]*jsontree.Object, parent string) []any {
	children := below[parent]
	delete(below, parent)
	list := make([]any, len(children))
	for i, c := range children {
		list[i] = branch(below, c)
	}
	return list
}

func branch(below map[string][]*jsontree.Object, c *jsontree.Object) *jsontree.Object {
	o, _ := jsontree.Clone(c).(*jsontree.Object)
	o.Set("children", branches(below, c.Text("id")))
	return o
}

func byOrder(a, b *jsontree.Object) int {
	x, _ := whole(a, "order")
	y, _ := whole(b, "order")
	return cmp.Or(cmp.Compare(a.Text("parent_id"), b.Text("parent_id")), cmp.Compare(x, y))
}

// flat gives categories as the samples of their list have them: without times.
type flat struct{ Store }

// List implements Store.
func (f flat) List(ctx context.Context, objectType string, q Query) ([]*jsontree.Object, int, error) {
	if q.Compare == nil {
		q.Compare = byOrder
	}
	found, total, err := f.Store.List(ctx, objectType, q)
	for i, c := range found {
		o, _ := jsontree.Clone(c).(*jsontree.Object)
		o.Delete("updated_at")
		o.Delete("created_at")
		found[i] = o
	}
	return found, total, err
}

// inside is a Store of the objects that another one holds, in its order.
type inside []*jsontree.Object

// Find implements Store.
func (in inside) Find(_ context.Context, _, id string) (*jsontree.Object, error) {
	for _, o := range in {
		if o.Text("id") == id {
			return o, nil
		}
	}
	return nil, nil
}

// List implements Store.
func (in inside) List(_ context.Context, _ string, q Query) ([]*jsontree.Object, int, error) {
	found, total := Select(in, q)
	return found, total, nil
}

func whole(o *jsontree.Object, name string) (int64, bool) {
	v, _ := o.Lookup(name)
	n, ok := v.(json.Number)
	if !ok {
		return 0, false
	}
	i, err := n.Int64()
	return i, err == nil
}
