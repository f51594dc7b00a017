package api_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/api"
)

// description is the API's own, read by a library that knows nothing of it.
func description(text []byte) *openapi3.T {
	GinkgoHelper()
	doc, err := openapi3.NewLoader().LoadFromData(text)
	Expect(err).NotTo(HaveOccurred())
	Expect(doc.Validate(context.Background())).To(Succeed())
	return doc
}

var _ = Describe("the description of the API", func() {
	var w *world
	BeforeEach(func() { w = newWorld(7) })

	It("is served to everybody, in both languages, and is OpenAPI 3.1", func() {
		en := w.do("", http.MethodGet, "openapi.json", "")
		es := w.do("", http.MethodGet, "openapi.json?lang=es", "")
		for _, res := range []answer{en, es} {
			Expect(res.status).To(Equal(200))
			doc := description([]byte(res.body))
			Expect(doc.OpenAPI).To(Equal("3.1.0"))
			Expect(doc.Webhooks).To(HaveLen(len(schemas.Builtin().Kinds())))
		}
		Expect(en.body).To(And(ContainSubstring("Ships an order"), Not(ContainSubstring("x-"))))
		Expect(es.body).To(ContainSubstring(`Env\u00eda un pedido`))
	})
	It("knows the objects that only a user's schema file knows", func() {
		doc := api.Document(nil, lang.English)
		_, err := jsontree.Get(doc, "components.schemas.fulfillment_item.properties")
		Expect(err).NotTo(HaveOccurred())
		Expect(string(jsontree.Encode(doc, jsontree.Plain))).NotTo(ContainSubstring("kometia-sim.invalid"))
	})

	It("is what the API does: every operation, and every status that it names", func() {
		doc := description([]byte(w.get("openapi.json").body))
		router, err := legacy.NewRouter(doc)
		Expect(err).NotTo(HaveOccurred())
		left := map[string]bool{} // what no request has shown yet
		for path, item := range doc.Paths.Map() {
			for method, op := range item.Operations() {
				for status := range op.Responses.Map() {
					left[method+" "+path+" "+status] = true
				}
			}
		}
		Expect(len(left)).To(BeNumerically(">", 150))
		check := func(key, method, path, body string) answer {
			GinkgoHelper()
			res := w.do(key, method, path, body)
			r := httptest.NewRequestWithContext(context.Background(), method, "/api/v1/"+path, strings.NewReader(body))
			r.Header.Set("Content-Type", "application/json")
			r.SetBasicAuth(key, "")
			route, args, err := router.FindRoute(r)
			Expect(err).NotTo(HaveOccurred(), method+" "+path)
			in := input(r, route, args)
			if res.status < 300 {
				Expect(openapi3filter.ValidateRequest(context.Background(), in)).To(Succeed(), method+" "+path)
			}
			Expect(openapi3filter.ValidateResponse(context.Background(), (&openapi3filter.ResponseValidationInput{
				RequestValidationInput: in, Status: res.status, Header: res.header, Options: in.Options,
			}).SetBodyBytes([]byte(res.body)))).To(Succeed(), "%s %s: %d", method, path, res.status)
			delete(left, fmt.Sprint(method, " ", route.Path, " ", res.status))
			return res
		}

		order, partial, canceled := "", "", ""
		for _, o := range w.get("orders").data().([]any) {
			o := o.(map[string]any)
			if o["fulfillment_status"] == "unfulfilled" {
				order, partial = o["id"].(string), order
			} else {
				canceled = o["id"].(string)
			}
		}
		Expect([]string{order, partial, canceled}).NotTo(ContainElement(""))
		shipment := w.get("orders/" + canceled + "/fulfillments").ids()[0]
		args := map[string]string{"order": canceled, "fulfillment": shipment}
		for _, of := range []string{"product", "sku", "customer", "collection", "gateway", "blog", "post", "page"} {
			args[of] = w.standing(of+"s", 0)
		}
		args["category"] = w.standing("categories", 0)
		for _, id := range w.get("customers").ids() {
			if addresses := w.get("customers/" + id + "/addresses").ids(); len(addresses) > 0 {
				args["customer"], args["customer_address"] = id, addresses[0]
			}
		}
		Expect(check(secret, "POST", "products", `{"name":"Rebozo","skus":[{"price":120000}]}`).status).To(Equal(201))
		args["event"] = w.last().ID
		fill := func(path string, with map[string]string) string {
			parts := strings.Split(strings.TrimPrefix(path, "/"), "/")
			for i, p := range parts {
				if strings.HasPrefix(p, "{") {
					parts[i] = with[strings.Trim(p, "{}")]
				}
			}
			return strings.Join(parts, "/")
		}
		none := map[string]string{}
		for name := range args {
			none[name] = "xxx_9"
		}

		bodies := map[string]string{
			"/products": `{"name":"Taza","tags":["cocina"],"vendor":"Barro","images":[{"url":"https://x.example/a.png"}],"skus":[{"price":100,"in_stock":3}]}`,
			"/skus":     fmt.Sprintf(`{"product_id":%q,"price":5}`, args["product"]), "/collections": `{"title":"Nueva","kind":"products"}`,
			"/customers": `{"email":"ana@example.com","first_name":"Ana"}`, "/products/{product}": `{"name":"Otra"}`, "/skus/{sku}": `{"in_stock":9}`,
			"/collections/{collection}": `{"title":"Otra"}`, "/customers/{customer}": `{"notes":"x"}`,
			"/orders/{order}/fulfillments/{fulfillment}": `{"carrier":"DHL"}`, "/orders/{order}/fulfillments": `{"carrier":"DHL"}`,
		}
		paths := doc.Paths.InMatchingOrder()
		slices.Sort(paths)
		Expect(paths).To(HaveLen(len(doc.Paths.Map())))
		for _, method := range []string{"GET", "POST", "DELETE"} { // what is deleted is asked for before
			for _, path := range paths {
				op := doc.Paths.Value(path).GetOperation(method)
				if op == nil {
					continue
				}
				check("", method, fill(path, args), "")
				check(public, method, fill(path, args), "")
				check(secret, method, fill(path, none), bodies[path])
				if op.Responses.Value("422") != nil && (method == "GET" || op.RequestBody != nil) {
					check(secret, method, fill(path, args)+"?page=x", `{"title":7,"name":7,"email":7,"carrier":7,"price":"x"}`)
				}
				if op.Responses.Value("413") != nil {
					check(secret, method, fill(path, args), strings.Repeat(" ", 1<<20+1))
				}
				with := args
				if strings.HasSuffix(path, "/fulfillments") && method == "POST" {
					with = map[string]string{"order": order}
				}
				Expect(check(secret, method, fill(path, with), bodies[path]).status).To(BeNumerically("<", 300), method+" "+path)
				if strings.HasSuffix(path, "/cancel") { // a second time
					check(secret, method, fill(path, with), "")
				}
			}
		}
		check(secret, "POST", "orders/"+order+"/fulfillments", "") // nothing is left
		check(secret, "GET", "products?active=true&published=true&price[min]=1&options[Talla]=Chica&sort_by=name-ascending&q=a&per_page=3", "")
		var never []string
		for what := range left {
			// A body is not needed to find no object, nor is an object to refuse a body.
			if !strings.HasSuffix(what, " 404") || strings.HasPrefix(what, "GET") {
				never = append(never, what)
			}
		}
		Expect(never).To(BeEmpty())
	})
})

func input(r *http.Request, route *routers.Route, args map[string]string) *openapi3filter.RequestValidationInput {
	return &openapi3filter.RequestValidationInput{
		Request: r, PathParams: args, Route: route,
		Options: &openapi3filter.Options{
			AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true,
			SchemaValidationOptions: []openapi3.SchemaValidationOption{openapi3.EnableJSONSchema2020()},
		},
	}
}
