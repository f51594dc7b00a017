package receiver_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver/receivertest"
)

var _ = It("judges a kept value of fuzz as the documentation says", func() {
	pairs, err := receivertest.Pairs("../../docs/configuration.md")
	Expect(err).NotTo(HaveOccurred())
	for _, p := range pairs {
		Expect(receiver.Relation{}.Holds(p.Kept, p.Said)).To(Equal(p.Same), p.Row)
	}
})
