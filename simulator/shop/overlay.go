package shop

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"

	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/schemas/objects"
)

// apply writes what an event kind changes in its object.
func apply(set map[string]any, object *jsontree.Object) error {
	for _, path := range slices.Sorted(maps.Keys(set)) {
		if err := jsontree.SetPath(object, path, jsontree.Clone(set[path])); err != nil {
			return err
		}
	}
	return nil
}

// foreignEvent carries an object that only an overlay knows: the example of its
// schema with fresh ids and times. The same id in the example is the same fresh
// id throughout the story; an order_id, customer_id, product_id or
// fulfillment_id is that of the story's own object when there is one.
func (s *story) foreignEvent(kind schemas.Kind, at int64) (*jsontree.Object, error) {
	object, told := s.foreign[kind.Object]
	if told {
		object = jsontree.Clone(object).(*jsontree.Object)
		touch(object, "updated_at", at)
	} else {
		example, ok := s.w.catalogue.Example(kind.Object)
		if !ok {
			return nil, lang.Errorf("el esquema del objeto %q no tiene ejemplos, así que no hay qué enviar; dele uno",
				"the schema of object %q has no examples, so there is nothing to send; give it one", kind.Object)
		}
		object, ok = jsontree.Clone(example).(*jsontree.Object)
		if !ok {
			return nil, lang.Errorf("el ejemplo del esquema del objeto %q no es un objeto JSON",
				"the example in the schema of object %q is no JSON object", kind.Object)
		}
		if s.foreign == nil {
			s.foreign, s.renamed = map[string]*jsontree.Object{}, map[string]string{}
		}
		s.link(object)
		s.rename(object, at)
		touch(object, "created_at", at)
		touch(object, "updated_at", at)
	}
	s.foreign[kind.Object] = object
	return jsontree.Clone(object).(*jsontree.Object), nil
}

// precede lets what must have come before the first event of an object that only
// an overlay knows happen, as far as the story has not told it: a refund needs
// an order to refund. It is not told.
func (s *story) precede(kind schemas.Kind, at int64) {
	at = max(s.floor, at-60)
	has := map[string]bool{
		objects.TypeOrder: s.order != nil, objects.TypeFulfillment: s.fulfillment != nil, objects.TypeProduct: s.product != nil,
		objects.TypeCustomer: s.customer.made != 0, objects.TypeCollection: s.collection != nil,
	}
	for object := range s.foreign {
		has[object] = true
	}
	if _, own := has[kind.Object]; own { // the shop knows the past of its own objects
		return
	}
	for _, name := range s.w.catalogue.Before(kind.Name) {
		if before, ok := s.w.kinds[name]; ok && !has[before.Object] {
			// Without an example there is nothing to refer to either.
			_, _ = s.happen(before, at)
		}
	}
}

// link points references of the example to the story's own objects.
func (s *story) link(v any) {
	own := map[string]string{}
	if s.order != nil {
		own["order_id"] = s.order.ID
	}
	if s.customer.made != 0 {
		own["customer_id"] = s.customer.id()
	}
	if s.product != nil {
		own["product_id"] = s.product.ID
	}
	if s.fulfillment != nil {
		own["fulfillment_id"] = s.fulfillment.ID
	}
	visit(v, "", func(name, value string) string {
		if id, ok := own[name]; ok && isID(value) {
			s.renamed[value] = id
		}
		return value
	})
}

// rename gives every id in v a fresh one.
func (s *story) rename(v any, at int64) {
	visit(v, "", func(_, value string) string {
		if !isID(value) {
			return value
		}
		id, ok := s.renamed[value]
		if !ok {
			id = s.mint.cuid(value[:3], at, ordForeign+len(s.renamed))
			s.renamed[value] = id
		}
		return id
	})
}

// visit replaces every string in v by what change makes of it and of the name of
// the member that it stands under.
func visit(v any, name string, change func(name, value string) string) any {
	switch v := v.(type) {
	case *jsontree.Object:
		for i := range v.Members {
			m := &v.Members[i]
			m.Value = visit(m.Value, m.Name, change)
		}
	case []any:
		for i := range v {
			v[i] = visit(v[i], name, change)
		}
	case string:
		return change(name, v)
	}
	return v
}

// touch sets every number of that name.
func touch(v any, name string, at int64) {
	switch v := v.(type) {
	case *jsontree.Object:
		for i := range v.Members {
			if _, number := v.Members[i].Value.(json.Number); number && v.Members[i].Name == name {
				v.Members[i].Value = json.Number(strconv.FormatInt(at, 10))
			} else {
				touch(v.Members[i].Value, name, at)
			}
		}
	case []any:
		for _, e := range v {
			touch(e, name, at)
		}
	}
}

// isID says whether a string is an id of the platform: three letters, "_c" and
// 24 letters or digits.
func isID(s string) bool {
	if len(s) != 29 || s[3] != '_' || s[4] != 'c' {
		return false
	}
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z', i == 3, i > 4 && c >= '0' && c <= '9':
		default:
			return false
		}
	}
	return true
}
