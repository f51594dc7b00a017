package scenarios_test

import (
	"context"
	"sync/atomic"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/simulator/practice"
)

var _ = Describe("scenarios in lockstep", func() {
	It("wait once for all of them, and are told in the order of the catalogue", func(ctx SpecContext) {
		cfg := practise(practice.Config{})
		drain := cfg.Drain
		var drained atomic.Int64
		cfg.Drain = observe.ActionFunc(func(ctx context.Context, env ...string) error {
			drained.Add(1)
			return drain.Run(ctx, env...)
		})
		rep := run(ctx, cfg, "KOM-DUP-002", "KOM-DUP-006", "KOM-RTY-006", "KOM-ORD-002")
		var ids []string
		for _, r := range rep.Results {
			Expect(r.Verdict).To(Equal(verdict.Pass), r.ID)
			ids = append(ids, r.ID)
		}
		Expect(ids).To(Equal([]string{"KOM-DUP-002", "KOM-DUP-006", "KOM-RTY-006", "KOM-ORD-002"}))
		// One for the gate, one for the lives, one in the midst of the cases, one at their end.
		Expect(drained.Load()).To(BeNumerically("==", 4))
	})

	It("wait once for all that were killed", func(ctx SpecContext) {
		cfg := practise(practice.Config{})
		drain := cfg.Drain
		var drained, killed atomic.Int64
		cfg.Drain = observe.ActionFunc(func(ctx context.Context, env ...string) error {
			drained.Add(1)
			return drain.Run(ctx, env...)
		})
		kill := cfg.Hooks.Kill
		cfg.Hooks.Kill = observe.ActionFunc(func(ctx context.Context, env ...string) error {
			killed.Add(1)
			return kill.Run(ctx, env...)
		})
		rep := run(ctx, cfg, "KOM-DUR-001")
		Expect(result(rep, "KOM-DUR-001").Verdict).To(Equal(verdict.Pass))
		Expect(killed.Load()).To(BeNumerically(">", 10))
		// One for the gate, one for the lives, one between the kills and the retries, one
		// after them, one for the sentinel.
		Expect(drained.Load()).To(BeNumerically("<=", 5))
	})
})
