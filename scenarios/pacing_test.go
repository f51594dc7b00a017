package scenarios_test

import (
	"net/http"
	"strings"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/scenarios/language/languagetest"
	undertest "github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
)

var _ = Describe("a run at a pace", func() {
	It("plans its time, keeps its distance and sends no burst", func(ctx SpecContext) {
		text := strings.Replace(languagetest.Plain, "group: plain", "group: burst\nconsent: burst", 1)
		play := func(pace undertest.Pace) (*verdict.Report, int) {
			suite, err := withMine(text).Select([]string{"KOM-DUP-001", "MY-SHOP-001"}, nil)
			Expect(err).NotTo(HaveOccurred())
			var mu sync.Mutex
			n := 0
			cfg := configFor(receive(func(w http.ResponseWriter, _ *http.Request, _ post) bool {
				mu.Lock()
				defer mu.Unlock()
				n++
				w.Header().Set("X-RateLimit-Limit", "120")
				return false
			}).URL)
			cfg.Kinds, cfg.Pace = []string{"order.paid"}, pace
			runner, err := newRunner(cfg, suite)
			Expect(err).NotTo(HaveOccurred())
			rep, err := runner.Run(ctx)
			Expect(err).NotTo(HaveOccurred())
			mu.Lock()
			defer mu.Unlock()
			return rep, n
		}
		rep, sent := play(undertest.Pace{})
		Expect(result(rep, "MY-SHOP-001").Verdict).To(Equal(verdict.Pass))
		Expect(rep.Run.Plan.Takes).To(BeZero())
		Expect(rep.Profile.RateLimit).To(Equal(120))

		paced, sentPaced := play(undertest.Pace{Requests: 50, Per: time.Second})
		Expect(sentPaced).To(Equal(sent - 2)) // the event, and the sentinel behind it
		Expect(result(paced, "KOM-DUP-001").Verdict).To(Equal(verdict.Pass))
		burst := result(paced, "MY-SHOP-001")
		Expect(burst.Verdict).To(Equal(verdict.NotObserved))
		Expect(burst.Reason.EN).To(ContainSubstring("--pace"))
		plan := paced.Run.Plan
		Expect(plan.Pace).To(Equal("50/s"))
		Expect(plan.Requests).To(Equal(sentPaced))
		Expect(plan.Takes).To(Equal(time.Duration(sentPaced-1) * 20 * time.Millisecond))
		Expect(paced.Elapsed).To(BeNumerically(">=", plan.Takes))
	}, SpecTimeout(5*time.Minute))
})
