package fuzz_test

import (
	"fmt"
	"os"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/scenarios/fuzz"
)

// make fuzz-proof: every fault of the family, from any of five seeds, with the
// settings that a user has who sets nothing.
var _ = Describe("Proof", func() {
	for seed := range uint64(5) {
		for _, flaw := range append(payloadFlaws(), historyFlaws()...) {
			It(fmt.Sprintf("finds %s from seed %d", flaw.name, seed+1), SpecTimeout(2*time.Minute), func(ctx SpecContext) {
				if os.Getenv("FUZZ_PROOF") == "" {
					Skip("make fuzz-proof")
				}
				cfg, found := hunting(flaw, seed+1)
				cfg.Time = fuzz.DefaultTime
				run(ctx, cfg)
				Expect(found.took).NotTo(BeZero(), "not found")
				AddReportEntry("took", found.took.Round(time.Millisecond).String())
				Expect(found.took).To(BeNumerically("<", 60*time.Second))
				Expect(found.changes).To(BeNumerically("<=", 2))
				Expect(found.moments).To(BeNumerically("<=", max(4, flaw.moments)), found.what)
				_, _ = fmt.Fprintf(GinkgoWriter, "PROOF %d %s %s\n", seed+1, flaw.name, found.took)
			})
		}
	}
})
