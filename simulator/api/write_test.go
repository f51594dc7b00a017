package api_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"pgregory.net/rapid"

	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/simulator/api"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
)

// object is the object that an event carries, as bytes.
func objectOf(e *shop.Event) string {
	GinkgoHelper()
	o, err := jsontree.Get(e.Tree, "data.object")
	Expect(err).NotTo(HaveOccurred())
	return string(jsontree.Encode(o, jsontree.PHP))
}

var _ = Describe("what is written", func() {
	var w *world
	BeforeEach(func() {
		w = newWorld(7)
		w.now = noon.Add(time.Hour)
	})
	// caused holds the last event against what was answered and is now read.
	caused := func(res answer, kind, path string) map[string]any {
		GinkgoHelper()
		Expect(res.status).To(BeElementOf(200, 201), res.body)
		e := w.last()
		Expect(e.Kind).To(Equal(kind))
		Expect(schemas.Builtin().Validate(kind, e.Tree)).To(Succeed())
		Expect(e.At).To(Equal(w.now))
		Expect(res.body).To(Equal(`{"data":` + objectOf(e) + `}`))
		Expect(w.get(fmt.Sprintf(path, e.ObjectID)).body).To(Equal(res.body))
		Expect(w.get("events/" + e.ID).body).To(Equal(`{"data":` + string(e.Body(jsontree.PHP)) + `}`))
		o := res.data().(map[string]any)
		Expect(o).To(HaveKeyWithValue("updated_at", float64(w.now.Unix())))
		return o
	}

	It("makes products, with skus, images, tags and a vendor", func() {
		o := caused(w.post("products", `{"name":"Rebozo Azul","modifiers":["Talla","Color"],"tags":["ropa","nuevo"],"vendor":"Telar Nuevo",
			"images":[{"url":"https://img.example/a/b.png?x=1"}],"is_active":false,
			"skus":[{"price":120000,"compared_price":150000,"in_stock":4,"modifiers":{"Color":"Azul","Talla":"Única"}},{"price":90000,"modifiers":["M","Rojo"]}]}`),
			"product.created", "products/%s")
		Expect(o).To(And(HaveKeyWithValue("price", 90000.0), HaveKeyWithValue("compared_price", 0.0), HaveKeyWithValue("is_active", false),
			HaveKeyWithValue("image_url", "https://img.example/a/b.png?x=1"), HaveKeyWithValue("meta_title", "Rebozo Azul"),
			HaveKeyWithValue("permalink", HavePrefix("rebozo-azul-")), HaveKeyWithValue("vendor", HaveKeyWithValue("name", "Telar Nuevo"))))
		skus := o["skus"].([]any)
		Expect(skus[0]).To(And(HaveKeyWithValue("name", "Única / Azul"), HaveKeyWithValue("stock_policy", "overall"), HaveKeyWithValue("in_stock", 4.0)))
		Expect(skus[1]).To(And(HaveKeyWithValue("name", "M / Rojo"), HaveKeyWithValue("in_stock", BeNil())))
		Expect(w.one("skus/" + skus[0].(map[string]any)["id"].(string))).To(HaveKeyWithValue("product_id", o["id"]))
		Expect(w.get("products/" + o["id"].(string) + "/categories").ids()).NotTo(BeEmpty())
		bare := caused(w.post("products", `{"name":"Solo"}`), "product.created", "products/%s")
		Expect(bare["skus"]).To(HaveLen(1))
	})
	It("changes products, a sku of them, and takes one that is written back as it was read", func() {
		id := w.standing("products", 2)
		path := "products/" + id
		before := w.one(path)
		o := caused(w.post(path, `{"name":"Otro nombre","excerpt":null}`), "product.updated", "products/%s")
		Expect(o).To(And(HaveKeyWithValue("name", "Otro nombre"), HaveKeyWithValue("excerpt", BeNil()), HaveKeyWithValue("created_at", before["created_at"])))
		Expect(o["skus"]).To(Equal(before["skus"]))
		back := w.post(path, "%s", w.get(path).body)
		Expect(caused(back, "product.updated", "products/%s")["name"]).To(Equal("Otro nombre"))
		sku := before["skus"].([]any)[0].(map[string]any)["id"].(string)
		res := w.post("skus/"+sku, `{"price":100,"in_stock":7,"stock_policy":"overall"}`)
		Expect(res.data()).To(And(HaveKeyWithValue("id", sku), HaveKeyWithValue("price", 100.0), HaveKeyWithValue("in_stock", 7.0)))
		Expect(w.last().Kind).To(Equal("product.updated"))
		Expect(w.last().ObjectID).To(Equal(id))
		Expect(w.one(path)).To(HaveKeyWithValue("price", 100.0))
		Expect(w.get(path).body).To(Equal(`{"data":` + objectOf(w.last()) + `}`))
		res = w.post("skus", `{"product_id":%q,"price":50}`, id)
		Expect(res.status).To(Equal(201))
		Expect(w.one("skus/" + res.data().(map[string]any)["id"].(string))).To(HaveKeyWithValue("price", 50.0))
		Expect(w.one(path)["skus"]).To(HaveLen(len(before["skus"].([]any)) + 1))
	})
	It("makes, changes and deletes collections", func() {
		o := caused(w.post("collections", `{"title":"Día de Muertos","kind":"products"}`), "collection.created", "collections/%s")
		path := "collections/" + o["id"].(string)
		Expect(w.get(path + "/products").ids()).To(BeEmpty())
		Expect(caused(w.post(path, `{"is_visible":false}`), "collection.updated", "collections/%s")).To(HaveKeyWithValue("is_visible", false))
		gone := w.do(secret, http.MethodDelete, path, "")
		Expect(gone.status).To(Equal(204))
		Expect(gone.body).To(BeEmpty())
		Expect(w.last().Kind).To(Equal("collection.deleted"))
		Expect(objectOf(w.last())).To(ContainSubstring(o["id"].(string)))
		Expect(w.get(path).status).To(Equal(404))
		Expect(w.post(path, `{}`).status).To(Equal(404))
		Expect(w.do(secret, http.MethodDelete, path, "").status).To(Equal(404))
	})
	It("deletes a product with its skus", func() {
		id := w.standing("products", 0)
		sku := w.one("products/" + id)["skus"].([]any)[0].(map[string]any)["id"].(string)
		Expect(w.do(secret, http.MethodDelete, "products/"+id, "").status).To(Equal(204))
		Expect(w.last().Kind).To(Equal("product.deleted"))
		Expect(w.get("skus/" + sku).status).To(Equal(404))
	})
	It("makes and changes customers", func() {
		o := caused(w.post("customers", `{"email":"ana@example.com","first_name":"Ana","tags":["vip"]}`), "customer.created", "customers/%s")
		Expect(o).To(And(HaveKeyWithValue("name", "Ana"), HaveKeyWithValue("addresses", BeEmpty()), HaveKeyWithValue("is_active", true)))
		o = caused(w.post("customers/"+o["id"].(string), `{"last_name":"Ruiz"}`), "customer.updated", "customers/%s")
		Expect(o).To(HaveKeyWithValue("name", "Ana Ruiz"))
	})
	Describe("a shipment", func() {
		var order string
		BeforeEach(func() {
			for _, o := range w.get("orders").data().([]any) {
				o := o.(map[string]any)
				if o["fulfillment_status"] == "unfulfilled" && len(o["items"].([]any)) > 1 {
					order = "orders/" + o["id"].(string)
				}
			}
			Expect(order).NotTo(BeEmpty())
		})
		It("takes all that is left, and the order says so", func() {
			o := caused(w.post(order+"/fulfillments", `{"carrier":"DHL","tracking_code":"77"}`), "fulfillment.created", order+"/fulfillments/%s")
			Expect(o).To(And(HaveKeyWithValue("kind", "full"), HaveKeyWithValue("status", "succeeded"), HaveKeyWithValue("carrier", "DHL")))
			after := w.one(order)
			Expect(after).To(HaveKeyWithValue("fulfillment_status", "fulfilled"))
			for _, item := range after["items"].([]any) {
				item := item.(map[string]any)
				Expect(item["fulfilled"]).To(Equal(item["quantity"]))
			}
			Expect(message(w.post(order+"/fulfillments", ``))).To(Equal("items: nothing is left to ship"))
			path := order + "/fulfillments/" + o["id"].(string)
			Expect(caused(w.post(path, `{"tracking_code":"78"}`), "fulfillment.updated", order+"/fulfillments/%s")).To(HaveKeyWithValue("tracking_code", "78"))
			Expect(caused(w.post(path+"/cancel", ``), "fulfillment.updated", order+"/fulfillments/%s")).To(HaveKeyWithValue("status", "canceled"))
			Expect(w.one(order)).To(HaveKeyWithValue("fulfillment_status", "unfulfilled"))
			Expect(message(w.post(path+"/cancel", ``))).To(Equal("the fulfillment is already canceled"))
		})
		It("takes a part, and the rest later", func() {
			items := w.one(order)["items"].([]any)
			first := items[0].(map[string]any)
			o := caused(w.post(order+"/fulfillments", `{"items":[{"id":%q,"quantity":1}]}`, first["id"]), "fulfillment.created", order+"/fulfillments/%s")
			Expect(o).To(And(HaveKeyWithValue("kind", "parcial"), HaveKeyWithValue("items_count", 1.0)))
			Expect(o["items"].([]any)[0]).To(And(HaveKeyWithValue("fulfilled_quantity", 1.0), HaveKeyWithValue("fulfilled_weight", first["weight"]), HaveKeyWithValue("fulfilled", 1.0)))
			Expect(w.one(order)).To(HaveKeyWithValue("fulfillment_status", "partial"))
			caused(w.post(order+"/fulfillments", `{}`), "fulfillment.created", order+"/fulfillments/%s")
			Expect(w.one(order)).To(HaveKeyWithValue("fulfillment_status", "fulfilled"))
			Expect(w.get(order + "/fulfillments").ids()).To(HaveLen(2))
		})
		DescribeTable("is refused", func(body, why string) {
			id := w.one(order)["items"].([]any)[0].(map[string]any)["id"]
			res := w.post(order+"/fulfillments", "%s", strings.ReplaceAll(body, "ID", id.(string)))
			Expect(res.status).To(Equal(422))
			Expect(message(res)).To(MatchRegexp(why))
			Expect(w.happened).To(BeEmpty())
		},
			Entry(nil, `{"items":[{"id":"itm_9"}]}`, `items\[0\]\.id: the order has no such item`),
			Entry(nil, `{"items":[{"id":"ID"},{"id":"ID"}]}`, `items\[1\]\.id: stands twice`),
			Entry(nil, `{"items":[{"id":"ID","quantity":0}]}`, `quantity: expected a whole number`),
			Entry(nil, `{"items":[{"id":"ID","quantity":1.5}]}`, `quantity: expected a whole number`),
			Entry(nil, `{"items":[{"id":"ID","quantity":99}]}`, `of that item \d+ are left`),
			Entry(nil, `{"items":{}}`, `items: expected a list`),
			Entry(nil, `{"items":[7]}`, `items\[0\]: expected an object`),
			Entry(nil, `{"carrier":7}`, `carrier: .*string`),
			Entry(nil, `{"carier":"DHL"}`, `carier: unknown field \(did you mean carrier\?\)`),
		)
	})
	DescribeTable("is refused", func(path, body, why string) {
		res := w.post(path, "%s", body)
		Expect(res.status).To(Equal(422))
		Expect(res.member("error")).To(HaveKeyWithValue("type", "invalid_request"))
		Expect(message(res)).To(MatchRegexp(why))
		Expect(w.happened).To(BeEmpty())
	},
		Entry(nil, "products", `{}`, `name: is required`),
		Entry(nil, "products", ``, `name: is required`),
		Entry(nil, "products", `{"name":7}`, `name: `),
		Entry(nil, "products", `{"name":"a","nam":"b"}`, `nam: unknown field \(did you mean name\?\)`),
		Entry(nil, "products", `{"name":"a","skus":[{"price":-1}]}`, `skus\[0\]\.price: `),
		Entry(nil, "products", `{"name":"a","skus":[{"price":1e400}]}`, `skus\[0\]\.price: `),
		Entry(nil, "products", `{"name":"a","skus":[{"id":"sku_9"}]}`, `skus\[0\]\.id: the product has no such sku`),
		Entry(nil, "products", `{"name":"a","modifiers":["Talla"],"skus":[{"modifiers":{"Color":"Azul"}}]}`, `"Talla" is missing; skus\[0\]\.modifiers\.Color: the product has no such`),
		Entry(nil, "products", `{"name":"a","tags":"x"}`, `tags: expected a list`),
		Entry(nil, "products", `{"name":"a","images":[{"id":"fil_9"}]}`, `images\[0\]\.id: `),
		Entry(nil, "products", `{"name":"a","vendor":7}`, `vendor: `),
		Entry(nil, "products", `[]`, `the body is no JSON object`),
		Entry(nil, "products", `{"name":`, `the body is no JSON: `),
		Entry(nil, "products", `name=Rebozo`, `the body is no JSON: `),
		Entry(nil, "skus", `{"price":1}`, `product_id: is required`),
		Entry(nil, "skus", `{"product_id":"prd_9"}`, `product_id: no product has the id`),
		Entry(nil, "collections", `{"title":"a"}`, `kind: is required`),
		Entry(nil, "collections", `{"title":"a","kind":"manual"}`, `kind: .*smart`),
		Entry(nil, "customers", `{"first_name":"Ana"}`, `email: is required`),
		Entry(nil, "customers", `{"email":"ana"}`, `email: `),
	)
	It("is refused when it is too long, or nested too deeply", func() {
		Expect(w.post("products", "%s", strings.Repeat(" ", 1<<20+1)).status).To(Equal(413))
		Expect(w.post("products", "%s", strings.Repeat("[", 5000)).status).To(Equal(422))
	})
	It("has ids of its own, however many are written", func() {
		seen := map[string]bool{}
		for range 50 {
			res := w.post("products", `{"name":"Igual","skus":[{"price":1},{"price":2}]}`)
			id := res.data().(map[string]any)["id"].(string)
			Expect(seen).NotTo(HaveKey(id))
			seen[id] = true
			Expect(seen).NotTo(HaveKey(w.last().ID))
			seen[w.last().ID] = true
		}
	})
	It("is told to the log with what it made happen", func() {
		w.post("products", `{"name":"a"}`)
		c := w.calls[len(w.calls)-1]
		Expect(c).To(And(HaveField("Key", "secret"), HaveField("Status", 201), HaveField("Events", []string{w.last().ID})))
		w.post("products", `{}`)
		Expect(w.calls[len(w.calls)-1].Events).To(BeEmpty())
	})
	It("comes to an end when a receiver answers its own events", func() {
		id := w.standing("products", 0)
		depths := 0
		res := w.post("products/"+id, `{"name":"0"}`)
		for res.status == 200 {
			e, cause := w.last(), w.causedBy[len(w.causedBy)-1]
			Expect(cause.Depth).To(Equal(depths))
			depths++
			w.causes.Sent(e, cause.Depth+1, w.now) // delivered; and the receiver writes back
			res = w.post("products/"+id, `{"name":"%d"}`, depths)
			Expect(depths).To(BeNumerically("<", 100))
		}
		Expect(res.status).To(Equal(422))
		Expect(res.member("error")).To(HaveKeyWithValue("type", "echo_loop"))
		Expect(message(res)).To(And(ContainSubstring(w.last().ID), ContainSubstring("the last of 16")))
		Expect(w.happened).To(HaveLen(16))
		Expect(w.calls[len(w.calls)-1].Cause).To(HaveField("Depth", 16))
		w.now = w.now.Add(time.Hour)
		Expect(w.post("products/"+id, `{"name":"later"}`).status).To(Equal(200), "by a person, an hour later")
	})
})

// A receiver that asks the API has to find what it was sent, field for field,
// whatever happened before.
func TestObjectsAreWhatEventsCarried(t *testing.T) {
	RegisterTestingT(t)
	catalogue := schemas.Builtin()
	rapid.Check(t, func(t *rapid.T) {
		w, err := openWorld(rapid.Uint64Range(0, 4).Draw(t, "seed"))
		if err != nil {
			t.Fatal(err)
		}
		carried := map[string]string{} // by path
		took := func(events []*shop.Event) {
			for _, e := range events {
				path := e.ObjectType + "s/" + e.ObjectID
				o, _ := jsontree.Get(e.Tree, "data.object")
				if e.ObjectType == "fulfillment" {
					order, _ := o.(*jsontree.Object).Lookup("order_id")
					path = fmt.Sprint("orders/", order, "/", path)
				}
				carried[path] = `{"data":` + string(jsontree.Encode(o, jsontree.PHP)) + `}`
				if e.Gone {
					carried[path] = ""
				}
			}
		}
		n, steps := 0, 0
		write := func(t *rapid.T, method, path string, body any) {
			before := len(w.happened)
			res := w.do(secret, method, path, fmt.Sprint(body))
			if res.status >= 500 {
				t.Fatalf("%s %s: %d %s", method, path, res.status, res.body)
			}
			took(w.happened[before:])
		}
		pick := func(t *rapid.T, path string) string {
			all, _, err := w.List(context.Background(), strings.TrimSuffix(path, "s"), api.Query{})
			if err != nil || len(all) == 0 {
				t.Skip("nothing there")
			}
			id, _ := all[rapid.IntRange(0, len(all)-1).Draw(t, "which")].Lookup("id")
			return fmt.Sprint(path, "/", id)
		}
		t.Repeat(map[string]func(*rapid.T){
			"story": func(t *rapid.T) {
				n++
				var kinds []string
				for _, k := range catalogue.Kinds() {
					kinds = append(kinds, k.Name)
				}
				// What was written is newer than what stories tell: both go by one clock.
				w.now = w.now.Add(time.Minute)
				events, err := w.shop.Tell(shop.Story{
					Key: shop.Key{Name: "told", Index: n}, Kinds: rapid.SliceOfN(rapid.SampledFrom(kinds), 1, 3).Draw(t, "kinds"), At: w.now,
				})
				if err != nil {
					t.Fatal(err)
				}
				for _, e := range events {
					w.Add(e, w.shop.Own(e)...)
				}
				took(events)
				for _, e := range events { // an order of the story moves with its shipment
					if e.ObjectType == "fulfillment" {
						o, _ := jsontree.Get(e.Tree, "data.object.order_id")
						delete(carried, fmt.Sprint("orders/", o))
					}
				}
				w.now = w.now.Add(time.Minute)
			},
			"product":    func(t *rapid.T) { write(t, "POST", "products", `{"name":"Nuevo","tags":["ropa"]}`) },
			"collection": func(t *rapid.T) { write(t, "POST", "collections", `{"title":"Nueva","kind":"smart"}`) },
			"customer":   func(t *rapid.T) { write(t, "POST", "customers", `{"email":"b@example.com"}`) },
			"rename":     func(t *rapid.T) { write(t, "POST", pick(t, "products"), `{"name":"Otro","skus":[{"price":5}]}`) },
			"retitle":    func(t *rapid.T) { write(t, "POST", pick(t, "collections"), `{"title":"Otra"}`) },
			"note":       func(t *rapid.T) { write(t, "POST", pick(t, "customers"), `{"notes":"x"}`) },
			"delete": func(t *rapid.T) {
				write(t, "DELETE", pick(t, rapid.SampledFrom([]string{"products", "collections"}).Draw(t, "of")), "")
			},
			"": func(t *rapid.T) {
				if steps++; steps%8 != 0 { // to look at all of it takes its time
					return
				}
				for path, want := range carried {
					got := w.get(path)
					if want == "" && got.status != 404 || want != "" && got.body != want {
						t.Fatalf("%s\n got %s\nwant %s", path, got.body, want)
					}
				}
			},
		})
	})
}
