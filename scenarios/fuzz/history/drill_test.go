package history_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/scenarios/fuzz/history"
	"github.com/kometia-sim/kometia-sim/simulator/payload"
)

var _ = Describe("the first histories", func() {
	It("bring each older event late and lose each response", func() {
		g, err := payload.New(payload.Config{Seed: 3, IDs: "ab12", Start: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)})
		Expect(err).NotTo(HaveOccurred())
		late, lost := map[string]bool{}, map[string]bool{}
		for i := range uint64(64) {
			h, err := history.Generate(g, i, history.Material{Kinds: g.Kinds()})
			Expect(err).NotTo(HaveOccurred())
			for _, d := range h.Deliveries {
				for _, other := range h.Deliveries {
					if other.Story == d.Story && other.At.After(d.At) && other.Due.Before(d.Due) {
						late[d.Kind+" behind "+other.Kind] = true
					}
				}
				if len(d.Faults) > 0 {
					lost[d.Kind] = true
				}
			}
		}
		for _, want := range []string{
			"order.placed behind order.paid", "order.created behind order.placed", "fulfillment.created behind fulfillment.updated",
			"fulfillment.updated behind fulfillment.updated", "product.created behind product.updated", "product.updated behind product.updated",
			"product.updated behind product.deleted", "collection.created behind collection.updated", "customer.updated behind customer.updated",
		} {
			Expect(late).To(HaveKey(want))
		}
		Expect(lost).To(HaveLen(len(g.Kinds())))
	})
})
