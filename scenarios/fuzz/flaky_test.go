package fuzz_test

import (
	"net/http"
	"sync/atomic"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
)

var _ = Describe("what is flaky", Label("whole"), func() {
	It("decides nothing, with --strict as without", SpecTimeout(time.Minute), func(ctx SpecContext) {
		var heard atomic.Int64
		h := newReceiver(flawed{payload: func(map[string]any) int {
			if heard.Add(1) == 40 {
				return http.StatusServiceUnavailable
			}
			return 0
		}})
		cfg := serve(h, 3)
		cfg.Generator.Phases, cfg.Cases = payloadPhases(), 200
		report, findings := run(ctx, cfg)
		Expect(findings).To(ContainElement(HaveField("Flaky", true)))
		told := 0
		for _, res := range report.Results {
			Expect(res.Verdict).To(BeElementOf(verdict.Pass, verdict.Info, verdict.NotObserved), "%s: %s", res.ID, res.Found.EN)
			if res.Verdict == verdict.Info {
				told++
				Expect(res.Level).To(Equal(verdict.Informative))
				Expect(res.Notes).To(ContainElement(HaveField("EN", HavePrefix("Flaky: "))))
			}
		}
		Expect(told).To(Equal(len(findings)))
	})
})
