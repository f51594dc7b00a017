package platform_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/simulator/api"
	"github.com/kometia-sim/kometia-sim/simulator/platform"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// live is a Kometia on the computer's clock, written to through its API.
type live struct {
	*kometia
	handler http.Handler
	path    string // of a product
}

func openLive(ctx context.Context, where *town) *live {
	GinkgoHelper()
	cfg := config(where, "")
	cfg.Wall = retryclock.Wall{}
	k := &live{kometia: open(ctx, cfg)}
	k.handler = api.New(k.API())
	found, _, err := k.API().Keys()[0].Store.List(ctx, "product", api.Query{Limit: 1})
	Expect(err).NotTo(HaveOccurred())
	id, _ := found[0].Lookup("id")
	k.path = "products/" + id.(string)
	return k
}

// write writes the product.
func (k *live) write(body string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(context.Background(), http.MethodPost, "/api/v1/"+k.path, strings.NewReader(body))
	r.SetBasicAuth(k.Keys()[0].Value, "")
	w := httptest.NewRecorder()
	k.handler.ServeHTTP(w, r)
	return w
}

// A receiver that writes back in answer to an event causes the next one: in a
// store that goes on for ever, and costs who notices late.
var _ = Describe("a receiver that answers its own events", func() {
	It("is stopped, and what happened is shown as a chain", func(ctx SpecContext) {
		where := &town{}
		k := openLive(ctx, where)
		var refused []string // by the receiver's one attempt at a time; read when all is done
		where.at("http://localhost/echo").answer = func(int) *wire.Outcome {
			// Before it answers, as a handler does that keeps a product in step.
			if w := k.write(`{"excerpt":"visto"}`); w.Code != 200 {
				refused = append(refused, w.Body.String())
				return &wire.Outcome{Status: 500, Latency: time.Millisecond}
			}
			return &wire.Outcome{Status: 200, Latency: time.Millisecond}
		}
		k.subscribe(ctx, "http://localhost/echo", "product.updated")
		Expect(k.write(`{"name":"Uno"}`).Code).To(Equal(200))
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

	It("is told from a job, a person or an import that writes the same product all the time", func(ctx SpecContext) {
		where := &town{}
		k := openLive(ctx, where)
		k.subscribe(ctx, "http://localhost/careful", "product.updated")
		write := func(pause time.Duration) {
			for n := range 24 {
				w := k.write(fmt.Sprintf(`{"name":"Nombre %d"}`, n))
				Expect(w.Code).To(Equal(200), "write %d: %s", n, w.Body)
				time.Sleep(pause) // as the job does between two writes
			}
		}
		write(20 * time.Millisecond)
		write(0)
		k.rest(ctx)
		Expect(where.at("http://localhost/careful").received()).To(HaveLen(48))
	}, NodeTimeout(2*time.Minute))

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
