package api_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/simulator/api"
)

const otherSecret = "sk_test_11111111111111111111111111111"

var _ = Describe("the API of a run", func() {
	var simulated *api.Simulated
	var clock *retryclock.Virtual
	BeforeEach(func() {
		clock = retryclock.NewVirtual(noon)
		simulated = api.NewSimulated(api.SimulatedConfig{Key: secret, OtherKey: otherSecret, Clock: clock})
		simulated.Add(event("evn_1", "order.placed", "ord_1", noon))
		simulated.Add(event("evn_2", "order.placed", "ord_2", noon))
		simulated.AddOther(event("evn_9", "order.placed", "ord_9", noon))
	})
	question := func(path, key string) (*httptest.ResponseRecorder, func()) {
		r := httptest.NewRequestWithContext(context.Background(), http.MethodGet, path, nil)
		if key != "" {
			r.SetBasicAuth(key, "")
		}
		w := httptest.NewRecorder()
		return w, func() { simulated.ServeHTTP(w, r) }
	}
	status := func(path, key string) int {
		w, do := question(path, key)
		do()
		return w.Code
	}

	It("tells another account's events from ours", func() {
		Expect(status("/api/v1/events/evn_1", secret)).To(Equal(200))
		for _, path := range []string{"/api/v1/events/evn_9", "/api/v1/orders/ord_9"} {
			Expect(status(path, secret)).To(Equal(404))
			Expect(status(path, otherSecret)).To(Equal(200))
		}
		Expect(status("/api/v1/events/evn_1", otherSecret)).To(Equal(404))
		w, do := question("/api/v1/events", secret)
		do()
		Expect(w.Body.String()).NotTo(ContainSubstring("evn_9"))
	})

	It("lets nobody in with the key of no other account", func() {
		simulated = api.NewSimulated(api.SimulatedConfig{Key: secret})
		Expect(status("/api/v1/events", "")).To(Equal(401))
		Expect(status("/api/v1/events", otherSecret)).To(Equal(401))
	})

	DescribeTable("fails on purpose about one event and its object, until it heals",
		func(with api.Trouble, want int) {
			simulated.Fail("evn_1", with, 0)
			simulated.Fail("ord_1", with, 0)
			for range 3 {
				Expect(status("/api/v1/events/evn_1", secret)).To(Equal(want))
			}
			Expect(status("/api/v1/orders/ord_1", secret)).To(Equal(want))
			Expect(status("/api/v1/events/evn_2", secret)).To(Equal(200))
			Expect(status("/api/v1/events/evn_1", "another")).To(Equal(401), "who has no key learns nothing")
			simulated.Heal("evn_1")
			Expect(status("/api/v1/events/evn_1", secret)).To(Equal(200))
			Expect(status("/api/v1/orders/ord_1", secret)).To(Equal(want))
		},
		Entry(nil, api.Unauthorized, 401),
		Entry(nil, api.NotFound, 404),
		Entry(nil, api.TooManyRequests, 429),
		Entry(nil, api.ServerError, 500),
	)

	It("fails at the first questions only, when told so", func() {
		simulated.Fail("evn_1", api.ServerError, 2)
		for _, want := range []int{500, 500, 200, 200} {
			Expect(status("/api/v1/events/evn_1", secret)).To(Equal(want))
		}
	})

	It("is slow, and answers rightly in the end", func() {
		simulated.Fail("evn_1", api.Slow, 1)
		Expect(status("/api/v1/events/evn_1", secret)).To(Equal(200))
		Expect(clock.Now().Sub(noon)).To(BeNumerically(">", 10*time.Second))
	})

	It("is down: the connection ends without a response", func(ctx SpecContext) {
		s, err := api.Serve(ctx, "", simulated)
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(s.Close)
		get := func(path string) (int, error) {
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+path, nil)
			Expect(err).NotTo(HaveOccurred())
			req.SetBasicAuth(secret, "")
			res, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
			if err != nil {
				return 0, err
			}
			defer res.Body.Close()
			return res.StatusCode, nil
		}
		simulated.Fail("evn_1", api.Down, 0)
		_, err = get("/api/v1/events/evn_1")
		Expect(err).To(MatchError(io.EOF))
		Expect(get("/api/v1/events/evn_2")).To(Equal(200))
	}, NodeTimeout(10*time.Second))

	It("counts what it was asked, and with which key", func() {
		Expect(simulated.Asked("evn_1")).To(BeZero())
		simulated.Fail("evn_1", api.ServerError, 1)
		Expect(status("/api/v1/events/evn_1", secret)).To(Equal(500))
		Expect(status("/api/v1/events/evn_1", secret)).To(Equal(200))
		Expect(status("/api/v1/orders/ord_1/fulfillments/ful_1", secret)).To(Equal(404))
		Expect(status("/api/v1/events/evn_1", "another")).To(Equal(401))
		Expect(status("/api/v1/events/evn_1", "")).To(Equal(401))
		Expect(status("/elsewhere", secret)).To(Equal(404))
		Expect(simulated.Asked("evn_1")).To(Equal(2))
		Expect(simulated.Asked("ord_1")).To(Equal(1))
		Expect(simulated.Asked("ful_1")).To(Equal(1))
		Expect(simulated.Asked("evn_2")).To(BeZero())
		Expect(simulated.Keys()).To(Equal(api.Keys{Right: 3, Other: 1, None: 1}))
	})
})

var _ = DescribeTable("of a body that was sent the API knows", func(body string, known bool) {
	Expect(api.EventIn([]byte(body)) != nil).To(Equal(known))
},
	Entry("an event", `{"id":"evn_1","kind":"order.placed","data":{"object":{"id":"ord_1","object":"order"}}}`, true),
	Entry("one in an envelope", `{"data":{"id":"evn_1","kind":"order.placed","data":{"object":{"id":"ord_1","object":"order"}}}}`, true),
	Entry("none that is cut", `{"id":"evn_1","kind":"order.placed","data":{"object":{"id":"ord_1"`, false),
	Entry("none without a kind", `{"id":"evn_1","data":{"object":{"id":"ord_1","object":"order"}}}`, false),
	Entry("none without an object", `{"id":"evn_1","kind":"order.placed","data":{}}`, false),
	Entry("none without an id", `{"kind":"order.placed","data":{"object":{"id":"ord_1","object":"order"}}}`, false),
	Entry("no list", `[]`, false),
)
