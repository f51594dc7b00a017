package scenarios_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/simulator/api"
)

var _ = Describe("a receiver that verifies", func() {
	const key = "sk_test_verify"
	const every = "KOM-VER-*"
	// asking is a run of a receiver that asks the simulated API about every event,
	// with the given key (empty asks nothing), and what it was answered.
	asking := func(with string) (setup, func() map[string]int) {
		GinkgoHelper()
		simulated := api.NewSimulated(api.SimulatedConfig{Key: key, OtherKey: "sk_test_other"})
		server := httptest.NewServer(simulated)
		DeferCleanup(server.Close)
		var mu sync.Mutex
		answers := map[string]int{}
		rec := receive(func(w http.ResponseWriter, _ *http.Request, p post) bool {
			if p.Event.ID == "" || with == "" {
				return false
			}
			req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, server.URL+"/api/v1/events/"+p.Event.ID, http.NoBody)
			if err != nil {
				return false
			}
			req.SetBasicAuth(with, "")
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				w.WriteHeader(http.StatusServiceUnavailable)
				return true
			}
			defer res.Body.Close()
			mu.Lock()
			answers[p.Event.Kind] = res.StatusCode
			mu.Unlock()
			w.WriteHeader(map[int]int{200: 204, 404: 422}[res.StatusCode])
			return true
		})
		cfg := configFor(rec.URL)
		cfg.API, cfg.Kinds = simulated, []string{"order.placed"}
		return cfg, func() map[string]int {
			mu.Lock()
			defer mu.Unlock()
			return answers
		}
	}

	It("is one for whoever never asks only as far as its configuration says so", func(ctx SpecContext) {
		cfg, _ := asking("")
		rep := run(ctx, cfg, every)
		Expect(result(rep, "KOM-VER-001").Verdict).To(Equal(verdict.Info))
		Expect(result(rep, "KOM-VER-001").Notes).To(ConsistOf(HaveField("EN", ContainSubstring("api.listen"))))
		for _, id := range []string{"KOM-VER-002", "KOM-VER-003", "KOM-VER-004"} {
			Expect(result(rep, id).Verdict).To(BeElementOf(verdict.NotApplicable, verdict.NotObserved), id)
		}
		cfg, _ = asking("")
		cfg.Auth = language.AuthPath
		Expect(result(run(ctx, cfg, "KOM-VER-001"), "KOM-VER-001").Verdict).To(Equal(verdict.NotApplicable))
		cfg, _ = asking("")
		cfg.Auth = language.AuthAPI
		rep = run(ctx, cfg, every)
		Expect(result(rep, "KOM-VER-001").Verdict).To(Equal(verdict.Warn))
		Expect(rep.Notes).To(BeEmpty())
	}, SpecTimeout(time.Minute))

	It("needs an API to ask, and it does not count against one that nobody says it of", func(ctx SpecContext) {
		cfg := configFor(receive(nil).URL)
		rep := run(ctx, cfg, every)
		Expect(verdicts(rep)).To(Equal(map[string]verdict.Verdict{
			"KOM-VER-001": verdict.NotObserved, "KOM-VER-002": verdict.NotApplicable,
			"KOM-VER-003": verdict.NotApplicable, "KOM-VER-004": verdict.NotApplicable,
		}))
		Expect(result(rep, "KOM-VER-001").Enable.EN).To(ContainSubstring("api: {listen:"))
		Expect(rep.Run.Plan.Events).To(BeNumerically("<", 20), "nothing was forged in vain")
		cfg.Auth = language.AuthAPI
		Expect(verdicts(run(ctx, cfg, every))).To(HaveEach(verdict.NotObserved))
	}, SpecTimeout(time.Minute))

	It("is told when it asks with another key, or with none", func(ctx SpecContext) {
		cfg, _ := asking("sk_live_of_mine")
		rep := run(ctx, cfg, "KOM-VER-001")
		Expect(rep.Notes).To(ContainElement(HaveField("EN", MatchRegexp(`asked the simulated API with another key \(questions: \d+, each answered 401\)`))))
		cfg, _ = asking(key)
		rep = run(ctx, cfg, "KOM-VER-001")
		Expect(rep.Notes).To(BeEmpty())
		Expect(result(rep, "KOM-VER-001").Verdict).To(Equal(verdict.Pass))
	}, SpecTimeout(time.Minute))

	It("is told of unknown kinds as genuine, and of no malformed event", func(ctx SpecContext) {
		cfg, answers := asking(key)
		rep := run(ctx, cfg, "KOM-ACK-004", "KOM-MAL-00?")
		Expect(result(rep, "KOM-ACK-004").Verdict).To(Equal(verdict.Pass))
		Expect(answers()).To(HaveKeyWithValue("order.reserved", 200))
		Expect(answers()).To(HaveKeyWithValue("gift_card.created", 200))
		Expect(answers()).To(HaveKeyWithValue("", 404), "one without a kind")
		Expect(answers()).To(HaveKeyWithValue("order.placed", 200), "the last normal one")
		Expect(result(rep, "KOM-MAL-003").Verdict).To(Equal(verdict.Pass))
	}, SpecTimeout(time.Minute))
})
