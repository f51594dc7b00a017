package control_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers/legacy"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/platform"
	"github.com/kometia-sim/kometia-sim/simulator/platform/control"
	"github.com/kometia-sim/kometia-sim/simulator/platform/platformtest"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

func TestControl(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "control")
}

// refusing are receivers of which none acknowledges anything.
type refusing struct{ target *wire.Target }

func (refusing) Elsewhere(_ context.Context, url string) error {
	if strings.HasPrefix(url, "http://away") {
		return lang.Errorf("%s no es esta computadora", "%s is not this computer", url)
	}
	return nil
}

func (r refusing) Receiver(_ context.Context, url string, _ bool) (platform.Receiver, error) {
	target, err := wire.ParseTarget(url)
	return refusing{target}, err
}

func (r refusing) Request(body []byte) *wire.Request {
	return &wire.Request{Target: r.target, Body: body}
}

func (refusing) Do(ctx context.Context, _ *wire.Request) *wire.Outcome {
	if ctx.Err() != nil {
		return &wire.Outcome{Err: &wire.Error{Kind: wire.ErrCanceled, Err: ctx.Err()}}
	}
	body := `<script>alert(1)</script>`
	return &wire.Outcome{Status: 500, Header: []wire.Field{{Name: "Set-Cookie", Value: "session=secret"}}, Body: []byte(body), BodyBytes: int64(len(body))}
}

// newConfig is a platform that runs until the spec ends.
func newConfig(ctx context.Context) control.Config {
	GinkgoHelper()
	p, _ := platformtest.Run(ctx, platformtest.Config(refusing{}))
	return control.Config{
		Platform: p, Lang: lang.English, Version: "test",
		Case: func(d platform.Delivery) ([]byte, error) { return fmt.Appendf(nil, `{"event":%q}`, d.Event), nil },
	}
}

type said struct {
	status int
	body   string
}

func ask(h http.Handler, method, path, body string, change ...func(*http.Request)) said {
	r := httptest.NewRequestWithContext(context.Background(), method, "http://localhost:8090"+path, strings.NewReader(body))
	for _, c := range change {
		c(r)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return said{w.Code, w.Body.String()}
}

var _ = Describe("the control API", func() {
	var cfg control.Config
	var h http.Handler
	BeforeEach(func(ctx SpecContext) {
		cfg = newConfig(ctx)
		h = control.New(cfg)
	})

	It("is what its description says: every operation, in the order of a day's work", func() {
		text := ask(h, "GET", "/_sim/openapi.json", "")
		Expect(text.status).To(Equal(200))
		doc, err := openapi3.NewLoader().LoadFromData([]byte(text.body))
		Expect(err).NotTo(HaveOccurred())
		Expect(doc.Validate(context.Background())).To(Succeed())
		doc.Servers = openapi3.Servers{{URL: "/"}}
		left := map[string]bool{}
		for path, item := range doc.Paths.Map() {
			if !strings.HasPrefix(path, "/_sim/") {
				doc.Paths.Delete(path) // those have a spec of their own
				continue
			}
			item.Servers = nil
			for method := range item.Operations() {
				left[method+" "+path] = true
			}
		}
		Expect(len(left)).To(BeNumerically(">=", 20))
		router, err := legacy.NewRouter(doc)
		Expect(err).NotTo(HaveOccurred())
		for _, line := range []string{
			`GET /_sim/status`, `GET /_sim/kinds`, `GET /_sim/keys`, `GET /_sim/clock`,
			`POST /_sim/subscriptions {"url": "http://localhost:1/hook", "kinds": ["order.placed"]}`,
			`GET /_sim/subscriptions`, `GET /_sim/subscriptions/1`,
			`POST /_sim/subscriptions/1 {"kinds": ["order.placed", "order.paid"]}`,
			`POST /_sim/subscriptions/1/fault {"fault": "timeout", "times": 1}`,
			`POST /_sim/draft {"kinds": ["order.placed"]}`,
			`POST /_sim/emit {"kinds": ["order.placed", "order.paid"], "wait": true}`,
			`GET /_sim/events?limit=1`, `GET /_sim/deliveries?state=pending&kind=order.placed&limit=10`, `GET /_sim/deliveries/1`,
			`POST /_sim/clock/advance {"by": "1h", "wait": true}`,
			`POST /_sim/deliveries/1/redeliver {"wait": true}`, `GET /_sim/deliveries/1`, `GET /_sim/deliveries/1/case`,
			`POST /_sim/clock/finish {"wait": true}`, `POST /_sim/clock/play {"speed": 0}`, `GET /_sim/deliveries`,
			`GET /_sim/calls?about=evn_1`, `DELETE /_sim/subscriptions/1`, `POST /_sim/reset {}`,
		} {
			words := strings.SplitN(line, " ", 3)
			body := strings.Join(words[2:], "")
			r := httptest.NewRequestWithContext(context.Background(), words[0], words[1], strings.NewReader(body))
			if body != "" {
				r.Header.Set("Content-Type", "application/json")
			}
			route, args, err := router.FindRoute(r)
			Expect(err).NotTo(HaveOccurred(), line)
			delete(left, route.Method+" "+route.Path)
			in := &openapi3filter.RequestValidationInput{Request: r, PathParams: args, Route: route, Options: &openapi3filter.Options{
				AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true,
				SchemaValidationOptions: []openapi3.SchemaValidationOption{openapi3.EnableJSONSchema2020()},
			}}
			Expect(openapi3filter.ValidateRequest(context.Background(), in)).To(Succeed(), line)
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			Expect(w.Code).To(Equal(200), "%s: %s", line, w.Body)
			Expect(openapi3filter.ValidateResponse(context.Background(), &openapi3filter.ResponseValidationInput{
				RequestValidationInput: in, Status: w.Code, Header: w.Header(), Body: io.NopCloser(w.Body), Options: in.Options,
			})).To(Succeed(), "%s: %s", line, w.Body)
		}
		Expect(left).To(BeEmpty())
	})

	It("describes itself in both languages", func() {
		es, en := jsontree.Encode(control.Document(cfg, lang.Spanish), jsontree.Plain), jsontree.Encode(control.Document(cfg, lang.English), jsontree.Plain)
		Expect(string(es)).To(ContainSubstring("Agrega un webhook"))
		Expect(string(en)).To(ContainSubstring("Add a webhook"))
	})

	DescribeTable("says what is wrong", func(method, path, body string, status int, es, en string) {
		for tag, want := range map[string]string{"es-MX,es;q=0.9": es, "en": en} {
			got := ask(h, method, path, body, func(r *http.Request) { r.Header.Set("Accept-Language", tag) })
			Expect(got.status).To(Equal(status), got.body)
			var p struct {
				Error struct{ Type, Message string }
			}
			Expect(json.Unmarshal([]byte(got.body), &p)).To(Succeed())
			Expect(p.Error.Message).To(ContainSubstring(want))
			Expect(p.Error.Type).NotTo(BeEmpty())
		}
	},
		Entry("no JSON", "POST", "/_sim/emit", "{", 400, "no es el JSON", "not the JSON"),
		Entry("a name that nobody knows", "POST", "/_sim/emit", `{"kind": "order.placed"}`, 400, "kind", "kind"),
		Entry("a kind that there is not", "POST", "/_sim/emit", `{"kinds": ["order.payed"]}`, 422, "order.paid", "order.paid"),
		Entry("nothing", "POST", "/_sim/emit", ``, 422, "elija un tipo", "choose an event kind"),
		Entry("no event", "POST", "/_sim/emit", `{"payloads": [{"id": 1}]}`, 422, "evento 1", "event 1"),
		Entry("no URL", "POST", "/_sim/subscriptions", `{"url": "javascript:alert(1)", "kinds": ["order.placed"]}`, 422, "http", "http"),
		Entry("all mistakes at once", "POST", "/_sim/subscriptions", `{"url": "", "kinds": []}`, 422, "falta la URL", "choose at least one"),
		Entry("another machine", "POST", "/_sim/subscriptions", `{"url": "http://away.example/", "kinds": ["order.placed"]}`, 422, `no es esta computadora. Lo confirma "other_machine": true`, `is not this computer. "other_machine": true confirms it`),
		Entry("nobody there", "GET", "/_sim/subscriptions/9", "", 404, "no hay una suscripción 9", "no subscription 9"),
		Entry("no number", "GET", "/_sim/deliveries/x", "", 400, "se espera un número", "want a number"),
		Entry("no such state", "GET", "/_sim/deliveries?state=lost", "", 422, "pending", "pending"),
		Entry("no time", "POST", "/_sim/clock/advance", `{"by": "two days"}`, 422, "48h", "48h"),
		Entry("back in time", "POST", "/_sim/clock/advance", `{"by": "-1h"}`, 422, "entre un segundo y un año", "by a second to a year"),
		Entry("no such thing", "POST", "/_sim/nothing", "", 404, "API de control", "control API"),
	)

	It("has another machine confirmed, once for each URL", func() {
		const away = `{"url": "http://away.example/", "kinds": ["order.placed"], "other_machine": true}`
		Expect(ask(h, "POST", "/_sim/subscriptions", away).body).To(ContainSubstring(`"other_machine":true`))
		Expect(ask(h, "POST", "/_sim/subscriptions/1", `{"kinds": ["order.paid"]}`).body).To(ContainSubstring(`"other_machine":true`))
		moved := ask(h, "POST", "/_sim/subscriptions/1", `{"url": "http://away.example/2"}`)
		Expect(moved.status).To(Equal(422))
		Expect(moved.body).To(ContainSubstring(`"confirmation_required"`))
		Expect(ask(h, "POST", "/_sim/subscriptions/1", `{"url": "http://localhost/", "other_machine": true}`).body).To(ContainSubstring(`"other_machine":false`))
	})

	It("refuses to deliver again what has expired", func() {
		ask(h, "POST", "/_sim/subscriptions", `{"url": "http://localhost:1/hook", "kinds": ["order.placed"]}`)
		ask(h, "POST", "/_sim/emit", `{"kinds": ["order.placed"]}`)
		Expect(ask(h, "POST", "/_sim/clock/advance", `{"by": "48h", "wait": true}`).status).To(Equal(200))
		Expect(ask(h, "POST", "/_sim/deliveries/1/redeliver", "").status).To(Equal(409))
		one := ask(h, "GET", "/_sim/deliveries/1", "").body
		Expect(one).To(ContainSubstring(`"count":49`))
		Expect(one).NotTo(ContainSubstring("<script>"))
		Expect(one).NotTo(ContainSubstring("session=secret"))
	})

	It("answers whatever anyone asks without failing", Label("whole"), func() {
		requests := 2_000
		if os.Getenv("SERVE_PROOF") != "" {
			requests = 20_000
		}
		random := mathrand.New(mathrand.NewPCG(uint64(GinkgoRandomSeed()), 7))
		pick := func(from ...string) string { return from[random.IntN(len(from))] }
		for range requests {
			path := "/_sim/" + pick("", "status", "clock", "clock/advance", "clock/play", "emit", "draft", "events", "subscriptions", "subscriptions/1", "subscriptions/1/fault",
				"deliveries", "deliveries/1", "deliveries/1/redeliver", "calls", "keys", "%2e%2e/", "deliveries/99999999999999999999", "subscriptions/-1") +
				pick("", "", "?before=1&limit=2", "?state=%00", "?limit=-1", "?before=x", "?event='%20OR%201=1--", "?kind=%ff")
			body := pick("", "{}", "[]", "null", `{"kinds": ["order.placed"]}`, `{"by": "1h"}`, `{"speed": -1}`, `{"speed": 1e999}`, `{"url": "http://localhost:1/", "kinds": ["order.paid"]}`,
				`{"url": "`+strings.Repeat("a", random.IntN(3000))+`", "kinds": [""]}`, `{"payloads": [{}]}`, `{"payloads": [null]}`, `{"count": -1}`, `{"fault": "drip", "times": 3}`, strings.Repeat("[", 2000))
			got := ask(h, pick("GET", "POST", "POST", "DELETE", "PUT", "HEAD", "OPTIONS"), path, body)
			Expect(got.status).To(BeNumerically("<", 500), "%s %s: %s", path, body, got.body)
		}
		Expect(ask(h, "GET", "/_sim/status", "").status).To(Equal(200))
	})
})

var _ = Describe("the door", func() {
	in := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	host := func(name string) func(*http.Request) { return func(r *http.Request) { r.Host = name } }
	header := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	const token = "0123456789abcdef"

	DescribeTable("lets in and keeps out", func(door control.Door, method string, status int, change ...func(*http.Request)) {
		Expect(ask(door.Guard(in), method, "/_sim/reset", "", change...).status).To(Equal(status))
	},
		Entry("this computer", control.Door{}, "POST", 204, host("localhost:8090")),
		Entry("this computer by its address", control.Door{}, "POST", 204, host("127.0.0.1:8090")),
		Entry("and by the other one", control.Door{}, "GET", 204, host("[::1]:8090")),
		Entry("a name below localhost", control.Door{}, "GET", 204, host("tienda.localhost:8090")),
		Entry("a name that may have been made to mean this computer", control.Door{}, "GET", 403, host("evil.example:8090")),
		Entry("one that only looks like it", control.Door{}, "GET", 403, host("localhost.evil.example")),
		Entry("an address of the network", control.Door{}, "GET", 403, host("192.168.1.2:8090")),
		Entry("a page of our own", control.Door{}, "POST", 204, header("Origin", "http://localhost:8090"), header("Sec-Fetch-Site", "same-origin")),
		Entry("a page of another origin", control.Door{}, "POST", 403, header("Origin", "http://evil.example")),
		Entry("a page of another port", control.Door{}, "POST", 403, header("Origin", "http://localhost:3000")),
		Entry("a form of another site", control.Door{}, "POST", 403, header("Sec-Fetch-Site", "cross-site")),
		Entry("a link from another site", control.Door{}, "GET", 204, header("Sec-Fetch-Site", "cross-site")),
		Entry("nobody without the token", control.Door{Token: token}, "GET", 401, host("serve.example")),
		Entry("nor with another", control.Door{Token: token}, "GET", 401, header("Authorization", "Bearer 0123456789abcdee")),
		Entry("who has the token", control.Door{Token: token}, "POST", 204, host("serve.example"), header("Authorization", "Bearer "+token)),
		Entry("who has it as a cookie", control.Door{Token: token}, "POST", 204, header("Cookie", control.Cookie+"="+token)),
		Entry("but not from another origin", control.Door{Token: token}, "POST", 403, header("Cookie", control.Cookie+"="+token), header("Origin", "http://evil.example")),
	)
})
