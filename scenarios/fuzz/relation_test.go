package fuzz_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/scenarios/fuzz"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver/receivertest"
)

var _ = It("judges a kept value as the documentation says", func() {
	pairs, err := receivertest.Pairs("../../docs/configuration.md")
	Expect(err).NotTo(HaveOccurred())
	for _, p := range pairs {
		Expect(fuzz.Holds(p.Said, p.Kept)).To(Equal(p.Same), p.Row)
	}
})
