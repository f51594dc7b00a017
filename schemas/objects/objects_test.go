package objects_test

import (
	"encoding/json"
	"reflect"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/objects"
)

// fill sets every field, so that no field can be forgotten or swapped unseen:
// each value is another one.
func fill(v reflect.Value, n *int64) {
	*n++
	switch v.Kind() {
	case reflect.String:
		v.SetString(string(rune('a'+*n%26)) + string(rune('a'+*n/26%26)))
	case reflect.Int, reflect.Int64:
		v.SetInt(*n)
	case reflect.Bool:
		v.SetBool(*n%2 == 0)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), n)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			fill(v.Index(i), n)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), n)
		}
	case reflect.Interface:
		v.Set(reflect.ValueOf("any"))
	}
}

var _ = Describe("the trees", func() {
	types := []any{
		&objects.Event{}, &objects.EventData{}, &objects.Order{}, &objects.OrderItem{}, &objects.ShippingLine{}, &objects.Contact{},
		&objects.Address{}, &objects.Transaction{}, &objects.Fulfillment{}, &objects.FulfillmentItem{}, &objects.Product{}, &objects.Sku{},
		&objects.Tag{}, &objects.Vendor{}, &objects.File{}, &objects.Collection{}, &objects.CollectionRule{}, &objects.Customer{},
		&objects.CustomerAddress{}, &objects.Category{}, &objects.Gateway{}, &objects.Blog{}, &objects.Post{}, &objects.Page{},
	}
	for _, zero := range types {
		It("of "+reflect.TypeOf(zero).Elem().Name()+" are what encoding/json makes", func() {
			value := reflect.New(reflect.TypeOf(zero).Elem())
			same := func() {
				want, err := json.Marshal(value.Interface())
				Expect(err).NotTo(HaveOccurred())
				Expect(string(jsontree.Encode(jsontree.OfStruct(value.Interface()), jsontree.Plain))).To(Equal(string(want)))
			}
			same()
			n := int64(0)
			fill(value.Elem(), &n)
			same()
		})
	}

	// The order of `properties` in the schemas is the order of the samples.
	DescribeTable("have the key order of the schema",
		func(object string, of any) { Expect(jsontree.OfStruct(of).Names()).To(Equal(properties(object))) },
		Entry(nil, "event", new(objects.Event)),
		Entry(nil, "order", new(objects.Order)),
		Entry(nil, "order_item", new(objects.OrderItem)),
		Entry(nil, "order_address", new(objects.Contact)),
		Entry(nil, "shipping_lines", new(objects.ShippingLine)),
		Entry(nil, "transaction", new(objects.Transaction)),
		Entry(nil, "fulfillment", new(objects.Fulfillment)),
		Entry(nil, "product", new(objects.Product)),
		Entry(nil, "sku", new(objects.Sku)),
		Entry(nil, "tag", new(objects.Tag)),
		Entry(nil, "vendor", new(objects.Vendor)),
		Entry(nil, "file", new(objects.File)),
		Entry(nil, "collection", new(objects.Collection)),
		Entry(nil, "collection_rule", new(objects.CollectionRule)),
		Entry(nil, "customer", new(objects.Customer)),
		Entry(nil, "customer_address", new(objects.CustomerAddress)),
		Entry(nil, "gateway", new(objects.Gateway)),
		Entry(nil, "blog", new(objects.Blog)),
		Entry(nil, "post", new(objects.Post)),
		Entry(nil, "page", new(objects.Page)),
	)

	It("put a category's children, which only the tree has, behind its own keys", func() {
		Expect(append(jsontree.OfStruct(new(objects.Category)).Names(), "children")).To(Equal(properties("category")))
	})

	It("put a shipment's own two keys before those of the order's line", func() {
		Expect(jsontree.OfStruct(new(objects.FulfillmentItem)).Names()).
			To(Equal(append(properties("fulfillment_item"), properties("order_item")...)))
	})

	It("have the key order of the schema inside an order's address", func() {
		Expect(jsontree.OfStruct(new(objects.Address)).Names()).To(Equal(properties("order_address", "address")))
	})
})

// properties lists a schema's property names in their order; inside names
// properties to go down into.
func properties(object string, inside ...string) []string {
	GinkgoHelper()
	text, err := schemas.Builtin().Schema(object)
	Expect(err).NotTo(HaveOccurred())
	doc, err := jsontree.Parse(text)
	Expect(err).NotTo(HaveOccurred())
	path := "properties"
	for _, name := range inside {
		path += "." + name + ".properties"
	}
	found, err := jsontree.Get(doc.Root, path)
	Expect(err).NotTo(HaveOccurred())
	return found.(*jsontree.Object).Names()
}
