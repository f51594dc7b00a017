package api_test

import (
	"crypto/tls"
	"fmt"
	"net/http"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/simulator/api"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
)

var _ = Describe("the key", func() {
	store := func() *api.Memory {
		s := api.NewStore(api.StoreConfig{})
		s.Add(event("evn_1", "order.placed", "ord_1", noon))
		return s
	}
	basic := func(user, password string) func(*http.Request) {
		return func(r *http.Request) { r.SetBasicAuth(user, password) }
	}
	header := func(value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set("Authorization", value) }
	}
	DescribeTable("opens", func(change func(*http.Request)) {
		Expect(ask(store(), http.MethodGet, "/api/v1/events/evn_1", change).status).To(Equal(http.StatusOK))
	},
		Entry("as user name", basic(secret, "")),
		Entry("as bearer token", header("Bearer "+secret)),
		Entry("as bearer token, in another case", header("bearer "+secret)),
	)
	DescribeTable("does not open", func(change func(*http.Request)) {
		res := ask(store(), http.MethodGet, "/api/v1/events/evn_1", change)
		Expect(res.status).To(Equal(http.StatusUnauthorized))
		Expect(res.header.Get("WWW-Authenticate")).To(HavePrefix("Basic realm="))
		Expect(res.header.Get("Content-Type")).To(Equal("application/json"))
		Expect(res.member("error")).To(HaveKeyWithValue("type", "authentication_error"))
		Expect(res.body).NotTo(ContainSubstring(secret))
	},
		Entry("when there is none", func(r *http.Request) { r.Header.Del("Authorization") }),
		Entry("when it is another", basic(secret[:len(secret)-1]+"1", "")),
		Entry("when it is a part", basic(secret[:8], "")),
		Entry("as password", basic("", secret)),
		Entry("with a password", basic(secret, "x")),
		Entry("as another bearer token", header("Bearer x")),
		Entry("without a scheme", header(secret)),
		Entry("in another scheme", header("Digest "+secret)),
		Entry("in broken base64", header("Basic %%%")),
		Entry("when nothing is given", basic("", "")),
	)
	It("is not known before the path is", func() {
		none := func(r *http.Request) { r.Header.Del("Authorization") }
		for _, path := range []string{"/api/v1/events/evn_9", "/api/v1/nothing/here/at/all"} {
			Expect(ask(store(), http.MethodGet, path, none).status).To(Equal(http.StatusUnauthorized))
		}
	})
	It("lets nobody in when there is none", func() {
		for _, change := range []func(*http.Request){basic("", ""), header("Bearer "), func(r *http.Request) { r.Header.Del("Authorization") }} {
			Expect(askOf(api.Options{Keys: api.Fixed(api.Key{Store: store()})}, http.MethodGet, "/api/v1/events", change).status).To(Equal(http.StatusUnauthorized))
		}
	})
})

var _ = Describe("an object", func() {
	var store *api.Memory
	BeforeEach(func() {
		store = api.NewStore(api.StoreConfig{})
		store.Add(event("evn_1", "order.placed", "ord_1", noon),
			tree(`{"id":"prd_1","object":"product","permalink":"mochila","created_at":1,"skus":[{"id":"sku_1","object":"sku","permalink":"default","product_id":"prd_1"}]}`),
			tree(`{"id":"cus_1","object":"customer","addresses":[{"id":"adr_1","object":"customer_address"},{"id":"adr_2","object":"customer_address"}]}`),
			tree(`{"id":"shr_1","kind":"weight"}`))
		store.Add(event("evn_2", "fulfillment.created", "ful_1", noon),
			tree(`{"id":"ful_1","object":"fulfillment","order_id":"ord_1"}`))
		store.Add(event("evn_3", "fulfillment.created", "ful_2", noon),
			tree(`{"id":"ful_2","object":"fulfillment","order_id":"ord_2"}`))
		store.Add(event("evn_4", "collection.created", "col_1", noon))
		store.Add(event("evn_5", "cart.updated", "crt_1", noon))
	})
	DescribeTable("is found", func(path, id string) {
		res := ask(store, http.MethodGet, path)
		Expect(res.status).To(Equal(http.StatusOK))
		Expect(res.header.Get("Content-Type")).To(Equal("application/json"))
		Expect(res.data()).To(HaveKeyWithValue("id", id))
	},
		Entry(nil, "/api/v1/events/evn_1", "evn_1"),
		Entry(nil, "/api/v1/orders/ord_1", "ord_1"),
		Entry(nil, "/api/v1/orders/ord_1/fulfillments/ful_1", "ful_1"),
		Entry(nil, "/api/v1/products/prd_1", "prd_1"),
		Entry(nil, "/api/v1/skus/sku_1", "sku_1"),
		Entry(nil, "/api/v1/customers/cus_1", "cus_1"),
		Entry(nil, "/api/v1/customers/cus_1/addresses/adr_2", "adr_2"),
		Entry(nil, "/api/v1/collections/col_1", "col_1"),
		Entry("of a type of the user's own", "/api/v1/carts/crt_1", "crt_1"),
	)
	DescribeTable("is not found", func(path string) {
		res := ask(store, http.MethodGet, path)
		Expect(res.status).To(Equal(http.StatusNotFound))
		Expect(res.header.Get("Content-Type")).To(Equal("application/json"))
		Expect(res.member("error")).To(And(HaveKeyWithValue("type", "not_found"), HaveKey("message")))
	},
		Entry("by another id", "/api/v1/events/evn_9"),
		Entry("by the id of another type", "/api/v1/products/ord_1"),
		Entry("a fulfillment of another order", "/api/v1/orders/ord_1/fulfillments/ful_2"),
		Entry("a fulfillment without its order", "/api/v1/fulfillments/ful_1"),
		Entry("fulfillments of no order", "/api/v1/orders/ord_2/fulfillments"),
		Entry("addresses of no customer", "/api/v1/customers/cus_9/addresses"),
		Entry("an address that it does not have", "/api/v1/customers/cus_1/addresses/adr_9"),
		Entry("what has no address", "/api/v1/shipping_rates/shr_1"),
		Entry("a list of carts", "/api/v1/carts"),
		Entry("a slash too many", "/api/v1/events/"),
		Entry("the root", "/api/v1/"),
		Entry("another version", "/api/v2/events"),
		Entry("too deep", "/api/v1/orders/ord_1/fulfillments/ful_1/items"),
		Entry("an empty part", "/api/v1//events"),
		Entry("a nested thing that there is not", "/api/v1/products/prd_1/orders"),
	)
	DescribeTable("lists", func(path string, ids ...string) {
		Expect(ask(store, http.MethodGet, path).ids()).To(Equal(append([]string{}, ids...)))
	},
		Entry(nil, "/api/v1/events", "evn_5", "evn_4", "evn_3", "evn_2", "evn_1"),
		Entry(nil, "/api/v1/orders", "ord_1"),
		Entry(nil, "/api/v1/orders/ord_1/fulfillments", "ful_1"),
		Entry(nil, "/api/v1/customers/cus_1/addresses", "adr_1", "adr_2"),
		Entry(nil, "/api/v1/products?permalink=gorra,mochila", "prd_1"),
		Entry(nil, "/api/v1/products?id=prd_9"),
		Entry(nil, "/api/v1/skus?id=sku_1&id=sku_2", "sku_1"),
	)
	It("comes in the style of PHP by default", func() {
		store.Add(event("evn_6", "product.updated", "prd_2", noon), tree(`{"id":"prd_2","object":"product","name":"Niño/a"}`))
		Expect(ask(store, http.MethodGet, "/api/v1/products/prd_2").body).To(Equal(`{"data":{"id":"prd_2","object":"product","name":"Ni\u00f1o\/a"}}`))
		o := options(store)
		o.Style = jsontree.Plain
		plain := askOf(o, http.MethodGet, "/api/v1/products/prd_2")
		Expect(plain.body).To(Equal(`{"data":{"id":"prd_2","object":"product","name":"Niño/a"}}`))
	})
	DescribeTable("is only read", func(method string) {
		res := ask(store, method, "/api/v1/orders/ord_1")
		Expect(res.status).To(Equal(http.StatusMethodNotAllowed))
		Expect(res.header.Get("Allow")).To(Equal("GET, HEAD"))
		Expect(res.member("error")).To(HaveKeyWithValue("type", "method_not_allowed"))
	},
		Entry(nil, http.MethodPost), Entry(nil, http.MethodPut), Entry(nil, http.MethodDelete), Entry(nil, http.MethodOptions),
	)
	It("tells who asked for what, and when", func() {
		var seen []api.Call
		o := options(store)
		o.Calls, o.Now = func(c api.Call) { seen = append(seen, c) }, func() time.Time { return noon }
		askOf(o, http.MethodGet, "/api/v1/events/evn_1?x=1")
		askOf(o, http.MethodHead, "/api/v1/events/evn_9", func(r *http.Request) { r.Header.Del("Authorization") })
		askOf(o, http.MethodPost, "/api/v1/events")
		Expect(seen).To(Equal([]api.Call{
			{At: noon, Key: "secret", Method: "GET", Path: "/api/v1/events/evn_1", Query: "x=1", Status: 200},
			{At: noon, Method: "HEAD", Path: "/api/v1/events/evn_9", Status: 401},
			{At: noon, Key: "secret", Method: "POST", Path: "/api/v1/events", Status: 405},
		}))
	})
})

var _ = Describe("a page", func() {
	var store *api.Memory
	BeforeEach(func() {
		store = api.NewStore(api.StoreConfig{})
		for i := range 120 {
			store.Add(event(fmt.Sprintf("evn_%03d", i), "order.placed", fmt.Sprintf("ord_%03d", i), noon.Add(time.Duration(i)*time.Second)))
		}
	})
	pagination := func(a answer) map[string]any { return a.member("meta").(map[string]any)["pagination"].(map[string]any) }

	It("is the first 50 by default, the newest first", func() {
		res := ask(store, http.MethodGet, "/api/v1/events")
		Expect(res.body).To(HavePrefix(`{"meta":{"pagination":{"current_page":1,"previous_page":null,"next_page":2,"per_page":50,"from":1,"to":50,` +
			`"total_pages":3,"total_items":120,"links":{"previous_page":null,"next_page":"http:\/\/api.test\/api\/v1\/events?page=2&per_page=50"}}},"data":[{"id":"evn_119"`))
		Expect(res.ids()).To(HaveLen(50))
	})
	It("has the rest at the end", func() {
		res := ask(store, http.MethodGet, "/api/v1/events?page=3&per_page=50")
		Expect(res.ids()).To(HaveLen(20))
		Expect(pagination(res)).To(And(
			HaveKeyWithValue("previous_page", 2.0), HaveKeyWithValue("next_page", BeNil()),
			HaveKeyWithValue("from", 101.0), HaveKeyWithValue("to", 120.0)))
	})
	It("visits every event once when its links are followed", func() {
		var all []string
		path := "/api/v1/events?per_page=7"
		for range 100 {
			res := ask(store, http.MethodGet, path)
			all = append(all, res.ids()...)
			next, ok := pagination(res)["links"].(map[string]any)["next_page"].(string)
			if !ok {
				break
			}
			path = next[len("http://api.test"):]
		}
		Expect(all).To(HaveLen(120))
		Expect(all[0]).To(Equal("evn_119"))
		Expect(all[119]).To(Equal("evn_000"))
	})
	DescribeTable("past the end is empty", func(page string) {
		res := ask(store, http.MethodGet, "/api/v1/events?page="+page)
		Expect(res.status).To(Equal(http.StatusOK))
		Expect(res.ids()).To(BeEmpty())
		Expect(pagination(res)).To(And(
			HaveKeyWithValue("from", BeNil()), HaveKeyWithValue("next_page", BeNil()), HaveKeyWithValue("previous_page", 3.0)))
	},
		Entry(nil, "4"), Entry(nil, "9223372036854775807"),
	)
	It("of nothing is empty", func() {
		res := ask(api.NewStore(api.StoreConfig{}), http.MethodGet, "/api/v1/events")
		Expect(res.body).To(HaveSuffix(`"data":[]}`))
		Expect(pagination(res)).To(And(HaveKeyWithValue("total_pages", 1.0), HaveKeyWithValue("total_items", 0.0)))
	})
	It("links to itself over TLS when it came so, with its filters", func() {
		store.Add(event("evn_p", "product.created", "prd_1", noon))
		store.Add(event("evn_q", "product.created", "prd_2", noon))
		res := ask(store, http.MethodGet, "/api/v1/products?per_page=1&id=prd_1,prd_2", func(r *http.Request) { r.TLS = &tls.ConnectionState{} })
		Expect(pagination(res)["links"]).To(HaveKeyWithValue("next_page", "https://api.test/api/v1/products?id=prd_1%2Cprd_2&page=2&per_page=1"))
	})
	DescribeTable("is refused with 422 for", func(path string) {
		res := ask(store, http.MethodGet, "/api/v1/"+path)
		Expect(res.status).To(Equal(http.StatusUnprocessableEntity))
		Expect(res.member("error")).To(HaveKeyWithValue("type", "invalid_request"))
	},
		Entry(nil, "events?page=0"), Entry(nil, "events?page=-1"), Entry(nil, "events?page=x"), Entry(nil, "events?page="),
		Entry(nil, "events?page=1.5"), Entry(nil, "events?page=9223372036854775808"), Entry(nil, "events?per_page=0"), Entry(nil, "events?per_page=251"),
		Entry(nil, "skus?options[color]=rojo"), Entry(nil, "products?active=si"), Entry(nil, "products?price[min]=x"), Entry(nil, "products?price[max]=-1"),
		Entry(nil, "products?sort_by=price"),
	)
})

var _ = Describe("with the shop", func() {
	It("answers everything that an event refers to", func() {
		w, err := shop.New(shop.Config{Seed: 7, Start: noon})
		Expect(err).NotTo(HaveOccurred())
		events, err := w.Tell(shop.Story{Key: shop.Key{Name: "api"}, Kinds: []string{"order.placed", "order.paid", "fulfillment.created"}})
		Expect(err).NotTo(HaveOccurred())
		store := api.NewStore(api.StoreConfig{})
		for _, e := range events {
			store.Add(e, w.Objects(e)...)
		}
		order := ask(store, http.MethodGet, "/api/v1/orders/"+events[0].ObjectID)
		Expect(order.data()).To(HaveKeyWithValue("financial_status", "paid"))
		for _, item := range order.data().(map[string]any)["items"].([]any) {
			item := item.(map[string]any)
			Expect(ask(store, http.MethodGet, "/api/v1/products/"+item["product_id"].(string)).status).To(Equal(http.StatusOK))
			Expect(ask(store, http.MethodGet, "/api/v1/skus/"+item["sku_id"].(string)).data()).To(HaveKeyWithValue("price", item["price"]))
		}
		customer := order.data().(map[string]any)["customer_id"].(string)
		Expect(ask(store, http.MethodGet, "/api/v1/customers/"+customer).status).To(Equal(http.StatusOK))
		Expect(ask(store, http.MethodGet, "/api/v1/orders/"+events[0].ObjectID+"/fulfillments").ids()).To(Equal([]string{events[2].ObjectID}))
		for _, e := range events {
			Expect(ask(store, http.MethodGet, "/api/v1/events/"+e.ID).body).To(Equal(`{"data":` + string(e.Body(jsontree.PHP)) + `}`))
		}
	})
})
