package scenarios_test

import (
	"net/http"
	"strings"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
)

var _ = DescribeTable("a service that fails is called by the kinds on which the receiver calls it", func(ctx SpecContext, swallows bool, want verdict.Verdict) {
	observer, err := observe.New(ctx, observe.Config{Sinks: []observe.SinkConfig{{Name: "erp", Address: "127.0.0.1:0"}}})
	Expect(err).NotTo(HaveOccurred())
	sinks := observe.SinksOf(observer)
	DeferCleanup(sinks.Close)
	n := newNames() // what it does about every event
	var mu sync.Mutex
	known := map[string]bool{}
	call := func(event string) bool {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, sinks.All()[0].URL(), strings.NewReader(event))
		Expect(err).NotTo(HaveOccurred())
		req.Header.Set("Idempotency-Key", event)
		res, err := (&http.Client{Timeout: 200 * time.Millisecond}).Do(req)
		if err != nil {
			return false
		}
		_ = res.Body.Close()
		return res.StatusCode == http.StatusOK
	}
	cfg := configFor(receive(func(w http.ResponseWriter, _ *http.Request, p post) bool {
		mu.Lock()
		defer mu.Unlock()
		if !p.Valid || known[p.Event.ID] {
			return false
		}
		if p.Event.Kind != "order.paid" {
			known[p.Event.ID] = true
			n.act(p.Event.ID, "noted")
			return false
		}
		if !call(p.Event.ID) && !swallows {
			w.WriteHeader(http.StatusServiceUnavailable)
			return true
		}
		known[p.Event.ID] = true
		n.act(p.Event.ID, "noted")
		return false
	}).URL)
	cfg.Observer, cfg.Observing = observe.Beside(n, "url", sinks), "url"
	r := result(run(ctx, cfg, "KOM-DEP-002"), "KOM-DEP-002")
	Expect(r.Verdict).To(Equal(want), "%s %s", r.Found.EN, r.Reason.EN)
	Expect(r.Cases).NotTo(BeEmpty())
	for _, c := range r.Cases {
		Expect(c.Name).To(HaveSuffix("(order.paid)"))
	}
},
	Entry("one that forgets what failed", true, verdict.Fail),
	Entry("one that leaves it to the retries", false, verdict.Pass),
)
