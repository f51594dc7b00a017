package fuzz_test

import (
	"fmt"
	"os"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/scenarios/fuzz"
)

// make fuzz-proof: every fault of the family, from any of five seeds, with the
// settings that a user has who sets nothing.
var _ = Describe("Proof", func() {
	for seed := range uint64(5) {
		for _, flaw := range payloadFlaws() {
			It(fmt.Sprintf("finds %s from seed %d", flaw.name, seed+1), SpecTimeout(2*time.Minute), func(ctx SpecContext) {
				if os.Getenv("FUZZ_PROOF") == "" {
					Skip("make fuzz-proof")
				}
				h := newReceiver(flaw)
				cfg := serve(h, seed+1)
				cfg.Observer, cfg.Drain, cfg.Observing = h, instantly(), "url"
				cfg.Time = fuzz.DefaultTime
				stop := make(chan struct{})
				cfg.Stop = stop
				var once sync.Once
				began := time.Now()
				took, changes := time.Duration(0), 0
				cfg.OnFinding = func(f fuzz.Finding) {
					if f.Oracle == flaw.oracle {
						once.Do(func() { took, changes = time.Since(began), len(f.Changes); close(stop) })
					}
				}
				run(ctx, cfg)
				Expect(took).NotTo(BeZero(), "not found")
				AddReportEntry("took", took.Round(time.Millisecond).String())
				Expect(took).To(BeNumerically("<", 60*time.Second))
				Expect(changes).To(BeNumerically("<=", 2))
				_, _ = fmt.Fprintf(GinkgoWriter, "PROOF %d %s %s\n", seed+1, flaw.name, took)
			})
		}
	}
})
