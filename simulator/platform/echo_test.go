package platform_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/simulator/api"
	"github.com/kometia-sim/kometia-sim/simulator/platform"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// A receiver that writes back in answer to an event causes the next one: in a
// store that goes on for ever, and costs who notices late.
var _ = Describe("a receiver that answers its own events", func() {
	It("is stopped, and what happened is shown as a chain", func(ctx SpecContext) {
		where := &town{}
		k := open(ctx, config(where, ""))
		handler, key := api.New(k.API()), k.Keys()[0].Value
		write := func(path, body string) *httptest.ResponseRecorder {
			r := httptest.NewRequestWithContext(context.WithoutCancel(ctx), http.MethodPost, "/api/v1/"+path, strings.NewReader(body))
			r.SetBasicAuth(key, "")
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			return w
		}
		found, _, err := k.API().Keys()[0].Store.List(ctx, "product", api.Query{Limit: 1})
		Expect(err).NotTo(HaveOccurred())
		id, _ := found[0].Lookup("id")
		path := "products/" + id.(string)

		var refused []string // by the receiver's one attempt at a time; read when all is done
		where.at("http://localhost/echo").answer = func(int) *wire.Outcome {
			// Before it answers, as a handler does that keeps a product in step.
			if w := write(path, `{"excerpt":"visto"}`); w.Code != 200 {
				refused = append(refused, w.Body.String())
				return &wire.Outcome{Status: 500, Latency: time.Millisecond}
			}
			return &wire.Outcome{Status: 200, Latency: time.Millisecond}
		}
		k.subscribe(ctx, "http://localhost/echo", "product.updated")
		Expect(write(path, `{"name":"Uno"}`).Code).To(Equal(200))
		k.advance(ctx, time.Minute)

		events, more, err := k.Events(ctx, 0, 100)
		Expect(err).NotTo(HaveOccurred())
		Expect(more).To(BeFalse())
		Expect(events).To(HaveLen(api.DefaultMaxDepth))
		for i, e := range events[:len(events)-1] {
			Expect(e.Cause).To(Equal(api.Cause{Event: events[i+1].ID, Depth: len(events) - 1 - i}))
		}
		Expect(events[len(events)-1].Cause).To(BeZero(), "the first was somebody's own doing")
		Expect(refused).To(ConsistOf(ContainSubstring("echo_loop")))
		calls, err := k.Calls(ctx, 0, 1, "")
		Expect(err).NotTo(HaveOccurred())
		Expect(calls[0].Cause).To(Equal(api.Cause{Event: events[0].ID, Depth: api.DefaultMaxDepth}))
		counts, err := k.Counts(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(counts).To(And(HaveKeyWithValue("delivered", api.DefaultMaxDepth-1), HaveKeyWithValue("pending", 1)))
	}, NodeTimeout(30*time.Second))

	It("does not lose what a write changed to the stories that come after it", func(ctx SpecContext) {
		k := open(ctx, config(&town{}, ""))
		handler, key := api.New(k.API()), k.Keys()[0].Value
		ask := func(method, path, body string) string {
			r := httptest.NewRequestWithContext(ctx, method, "/api/v1/"+path, strings.NewReader(body))
			r.SetBasicAuth(key, "")
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			return w.Body.String()
		}
		products, _, err := k.API().Keys()[0].Store.List(ctx, "product", api.Query{})
		Expect(err).NotTo(HaveOccurred())
		Expect(products).To(HaveLen(24))
		for _, p := range products {
			id, _ := p.Lookup("id")
			Expect(ask(http.MethodPost, "products/"+id.(string), `{"name":"Con otro nombre"}`)).To(ContainSubstring("Con otro nombre"))
		}
		_, err = k.Emit(ctx, platform.Emission{Kinds: []string{"order.placed", "order.paid"}, Count: 20})
		Expect(err).NotTo(HaveOccurred())
		for _, p := range products {
			id, _ := p.Lookup("id")
			Expect(ask(http.MethodGet, "products/"+id.(string), "")).To(ContainSubstring("Con otro nombre"))
		}
	})
})
