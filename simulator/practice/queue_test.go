package practice_test

import (
	"path/filepath"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/simulator/practice"
)

var _ = Describe("the queue", func() {
	It("loses no job to a worker that strikes off one which another has done", func(ctx SpecContext) {
		first := spec{id: "evn_1", kind: "product.updated", object: "prd_1"}.body()
		second := spec{id: "evn_2", kind: "product.updated", object: "prd_2"}.body()
		effects, err := practice.WorkTwice(ctx, filepath.Join(GinkgoT().TempDir(), "q.sqlite"), []byte(first), []byte(second), "evn_2")
		Expect(err).NotTo(HaveOccurred())
		Expect(effects).To(Equal(1))
	})
})
