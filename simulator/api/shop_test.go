package api_test

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/simulator/api"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
)

const public = "pk_test_00000000000000000000000000000"

// world is a whole shop in memory: what stands in it, what is written, and what
// that makes happen.
type world struct {
	*api.Memory
	shop *shop.World

	mu       sync.Mutex
	now      time.Time
	serial   int
	happened []*shop.Event
	causedBy []api.Cause
	causes   api.Causes
	calls    []api.Call
	handler  http.Handler
}

func newWorld(seed uint64) *world {
	GinkgoHelper()
	w, err := openWorld(seed)
	Expect(err).NotTo(HaveOccurred())
	return w
}

// shops are made once for each seed: nobody changes them, nor what stands in them.
var shops sync.Map

type madeShop struct {
	shop     *shop.World
	standing []*jsontree.Object
}

func shopOf(seed uint64) (madeShop, error) {
	if made, ok := shops.Load(seed); ok {
		return made.(madeShop), nil
	}
	s, err := shop.New(shop.Config{Seed: seed, Start: noon})
	if err != nil {
		return madeShop{}, err
	}
	standing, err := s.Standing()
	made := madeShop{s, standing}
	shops.Store(seed, made)
	return made, err
}

func openWorld(seed uint64) (*world, error) {
	made, err := shopOf(seed)
	if err != nil {
		return nil, err
	}
	s, standing := made.shop, made.standing
	w := &world{Memory: api.NewStore(api.StoreConfig{Max: math.MaxInt}), shop: s, now: noon}
	w.Hold(noon, standing...)
	w.handler = api.New(api.Options{
		Keys: api.Fixed(
			api.Key{Value: secret, Name: "secret", Store: w, Writer: w},
			api.Key{Value: public, Name: "public", Public: true, Store: w, Writer: w},
		),
		Shop: s, Today: func() time.Time { return w.now }, Calls: func(c api.Call) { w.calls = append(w.calls, c) },
	})
	return w, nil
}

// Write implements api.Writer.
func (w *world) Write(_ context.Context, in api.Intent, decide func(api.Store, api.Moment) (api.Change, error)) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.serial++
	m := api.Moment{At: w.now, Serial: w.serial, Cause: w.causes.Of(in.About, w.now)}
	c, err := decide(w, m)
	if err != nil {
		return err
	}
	for _, e := range c.Events {
		w.Add(e, c.Objects...)
		w.happened, w.causedBy = append(w.happened, e), append(w.causedBy, m.Cause)
	}
	w.Hold(w.now, c.Objects...)
	return nil
}

// do asks with a key and a body; the body is JSON or nothing.
func (w *world) do(key, method, path, body string) answer {
	r := httptest.NewRequestWithContext(context.Background(), method, "http://api.test/api/v1/"+path, strings.NewReader(body))
	r.SetBasicAuth(key, "")
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r)
	return answer{rec.Code, rec.Header(), rec.Body.String()}
}

func (w *world) get(path string) answer { return w.do(secret, http.MethodGet, path, "") }

func (w *world) post(path, format string, args ...any) answer {
	return w.do(secret, http.MethodPost, path, fmt.Sprintf(format, args...))
}

// last is the event that happened last.
func (w *world) last() *shop.Event {
	GinkgoHelper()
	Expect(w.happened).NotTo(BeEmpty())
	return w.happened[len(w.happened)-1]
}

// standing is the id of the n-th of a type, as its list has them.
func (w *world) standing(path string, n int) string {
	GinkgoHelper()
	return w.get(path).ids()[n]
}

// one is an object decoded.
func (w *world) one(path string) map[string]any {
	GinkgoHelper()
	res := w.get(path)
	Expect(res.status).To(Equal(200), path+" "+res.body)
	return res.data().(map[string]any)
}

func message(a answer) string {
	GinkgoHelper()
	return a.member("error").(map[string]any)["message"].(string)
}

var _ = Describe("the shop, read", func() {
	var w *world
	BeforeEach(func() { w = newWorld(7) })

	It("has every resource that is documented: a list, and each by its id, valid", func() {
		for path, objectType := range map[string]string{
			"orders": "order", "products": "product", "skus": "sku", "customers": "customer", "collections": "collection",
			"categories": "category", "gateways": "gateway", "blogs": "blog", "posts": "post", "pages": "page",
		} {
			ids := w.get(path).ids()
			Expect(ids).NotTo(BeEmpty(), path)
			for _, id := range ids {
				res := w.get(path + "/" + id)
				Expect(res.status).To(Equal(200))
				doc, err := jsontree.Parse([]byte(res.body))
				Expect(err).NotTo(HaveOccurred())
				data, _ := doc.Root.(*jsontree.Object).Lookup("data")
				Expect(schemas.Builtin().ValidateObject(objectType, data)).To(Succeed())
			}
		}
	})
	It("has a list of gateways that knows no pages", func() {
		Expect(w.get("gateways?page=0").body).To(HavePrefix(`{"data":[`))
	})
	It("has categories without times in their list, with their children in their tree", func() {
		Expect(w.get("categories").body).NotTo(ContainSubstring("created_at"))
		tree := w.get("categories/tree")
		roots := tree.data().([]any)
		Expect(len(roots)).To(BeNumerically(">", 2))
		titles := 0
		var walk func(v any)
		walk = func(v any) {
			titles++
			o := v.(map[string]any)
			Expect(o).To(HaveKey("created_at"))
			for _, c := range o["children"].([]any) {
				Expect(c.(map[string]any)["parent_id"]).To(Equal(o["id"]))
				walk(c)
			}
		}
		for _, r := range roots {
			Expect(r.(map[string]any)["parent_id"]).To(BeNil())
			walk(r)
		}
		Expect(titles).To(Equal(len(w.get("categories").ids())))
		first := roots[0].(map[string]any)
		Expect(w.get("categories/" + first["id"].(string) + "/tree").data()).To(Equal(any(first)))
		Expect(w.get("categories/cat_9/tree").status).To(Equal(404))
	})
	It("has the products of collections: what a rule fits, what was picked", func() {
		some := 0
		for _, c := range w.get("collections").data().([]any) {
			c := c.(map[string]any)
			res := w.get("collections/" + c["id"].(string) + "/products?per_page=250")
			Expect(res.status).To(Equal(200))
			for _, p := range res.data().([]any) {
				some++
				p := p.(map[string]any)
				rules := c["rules"].([]any)
				if c["kind"] == "products" {
					Expect(rules).To(BeEmpty())
					continue
				}
				rule := rules[0].(map[string]any)
				switch rule["field"] {
				case "product-tag":
					Expect(fmt.Sprint(p["tags"])).To(ContainSubstring(rule["value"].(string)))
				case "product-price":
					Expect(p["price"]).To(BeNumerically("<", 50000))
				}
			}
			if c["kind"] == "products" {
				Expect(res.ids()).NotTo(BeEmpty())
				Expect(len(res.ids())).To(BeNumerically("<", 24))
			}
		}
		Expect(some).To(BeNumerically(">", 10))
	})
	It("has the categories of a product by its tags", func() {
		found := 0
		for _, p := range w.get("products").ids() {
			found += len(w.get("products/" + p + "/categories").ids())
		}
		Expect(found).To(BeNumerically(">", 20))
	})
	It("has the addresses and shipments of its customers and orders", func() {
		shipped := 0
		for _, id := range w.get("orders").ids() {
			for _, f := range w.get("orders/" + id + "/fulfillments").ids() {
				shipped++
				Expect(w.one("orders/" + id + "/fulfillments/" + f)).To(HaveKeyWithValue("order_id", id))
			}
		}
		Expect(shipped).To(Equal(4))
	})

	products := func(query string) (all []map[string]any) {
		GinkgoHelper()
		res := w.get("products?per_page=250&" + query)
		Expect(res.status).To(Equal(200), res.body)
		for _, p := range res.data().([]any) {
			all = append(all, p.(map[string]any))
		}
		return all
	}
	It("filters by price, both bounds included", func() {
		prices := func(query string) (all []float64) {
			for _, p := range products(query) {
				all = append(all, p["price"].(float64))
			}
			return all
		}
		all := prices("sort_by=price-ascending")
		Expect(all).To(HaveLen(24))
		low, high := all[5], all[15]
		between := prices(fmt.Sprintf("price[min]=%.0f&price[max]=%.0f&sort_by=price-descending", low, high))
		Expect(len(between)).To(BeNumerically(">=", 11))
		Expect(between[0]).To(Equal(high))
		Expect(between[len(between)-1]).To(Equal(low))
	})
	It("searches without accents and capitals, and sorts by name and age", func() {
		name := products("")[3]["name"].(string)
		found := products("q=" + strings.ReplaceAll(strings.ToUpper(name), " ", "+"))
		Expect(found).NotTo(BeEmpty())
		Expect(fmt.Sprint(found)).To(ContainSubstring(name))
		Expect(products("q=xyzzy")).To(BeEmpty())
		ascending, descending := products("sort_by=name-ascending"), products("sort_by=name-descending")
		Expect(ascending[0]["id"]).To(Equal(descending[23]["id"]))
		Expect(products("sort_by=created-ascending")[0]["id"]).To(Equal(products("sort_by=created-descending")[23]["id"]))
	})
	It("filters by state and option", func() {
		id := w.standing("products", 0)
		Expect(w.post("products/"+id, `{"is_active":false}`).status).To(Equal(200))
		Expect(products("active=true")).To(HaveLen(23))
		Expect(products("active=false")).To(HaveLen(1))
		Expect(w.post("products/"+id, `{"is_active":true,"available_at":%d}`, noon.Add(time.Hour).Unix()).status).To(Equal(200))
		Expect(products("published=true")).To(HaveLen(23))
		w.now = noon.Add(2 * time.Hour)
		Expect(products("published=1")).To(HaveLen(24))
		Expect(products("listable=false")).To(BeEmpty(), "one sku of each is")
		var with map[string]any
		for _, p := range products("") {
			if m, _ := p["modifiers"].([]any); len(m) == 1 {
				with = p
			}
		}
		Expect(with).NotTo(BeNil())
		value := with["skus"].([]any)[0].(map[string]any)["modifiers"].([]any)[0].(string)
		found := products("options[" + strings.ToUpper(with["modifiers"].([]any)[0].(string)) + "]=" + strings.ReplaceAll(value, " ", "%20"))
		Expect(fmt.Sprint(found)).To(ContainSubstring(with["id"].(string)))
		Expect(len(found)).To(BeNumerically("<", 24))
	})
	It("lists skus as their products are", func() {
		all := len(w.get("skus?per_page=250").ids())
		id := w.standing("products", 0)
		skus := len(w.one("products/" + id)["skus"].([]any))
		Expect(w.post("products/"+id, `{"is_active":false}`).status).To(Equal(200))
		Expect(w.get("skus?per_page=250&active=true").ids()).To(HaveLen(all - skus))
		Expect(w.get("skus?per_page=250&listable=true").ids()).To(HaveLen(24))
	})

	It("opens to a public key what everybody may see, and only what is active and published", func() {
		id := w.standing("products", 0)
		Expect(w.post("products/"+id, `{"is_active":false}`).status).To(Equal(200))
		for path, want := range map[string]int{
			"products": 200, "collections": 200, "categories": 200, "categories/tree": 200, "blogs": 200, "posts": 200, "pages": 200,
			"orders": 403, "events": 403, "customers": 403, "gateways": 403, "skus": 403, "customers/cus_1/addresses": 403, "nothing": 404,
		} {
			res := w.do(public, http.MethodGet, path, "")
			Expect(res.status).To(Equal(want), path)
			if want == 403 {
				Expect(res.member("error")).To(HaveKeyWithValue("type", "permission_error"))
			}
		}
		Expect(w.do(public, http.MethodGet, "products?active=false", "").ids()).To(HaveLen(23))
		Expect(w.do(public, http.MethodPost, "products", `{"name":"x"}`).status).To(Equal(403))
		Expect(w.do(public, http.MethodDelete, "products/"+id, "").status).To(Equal(403))
	})
})
