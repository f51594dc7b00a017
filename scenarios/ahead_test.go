package scenarios_test

import (
	"net/http"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
)

var _ = Describe("an event dated a little ahead", func() {
	const ahead = "KOM-CLK-002"

	It("is ahead of the receiver's clock, whenever the run began", func(ctx SpecContext) {
		var furthest time.Duration
		cfg := configFor(receive(func(_ http.ResponseWriter, _ *http.Request, p post) bool {
			furthest = max(furthest, time.Until(time.Unix(p.Event.CreatedAt, 0)))
			return false
		}).URL)
		cfg.Start = cfg.Start.Add(-time.Hour)
		Expect(result(run(ctx, cfg, ahead), ahead).Verdict).To(Equal(verdict.Pass))
		Expect(furthest).To(BeNumerically("~", 2*time.Second, 1500*time.Millisecond))
	}, SpecTimeout(time.Minute))

	It("is refused by one that waits for its own clock", func(ctx SpecContext) {
		cfg := configFor(receive(func(w http.ResponseWriter, _ *http.Request, p post) bool {
			future := time.Until(time.Unix(p.Event.CreatedAt, 0)) > 0
			if future {
				w.WriteHeader(http.StatusUnprocessableEntity)
			}
			return future
		}).URL)
		cfg.Start = cfg.Start.Add(-time.Hour)
		r := result(run(ctx, cfg, ahead), ahead)
		Expect(r.Verdict).To(Equal(verdict.Warn))
		Expect(r.Fix.EN).To(ContainSubstring("allow at least a minute"))
	}, SpecTimeout(time.Minute))
})
