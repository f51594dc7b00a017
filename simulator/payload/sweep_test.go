package payload_test

import (
	"fmt"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/simulator/payload"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
)

var _ = Describe("a sweep", func() {
	It("covers a kind with few contents, all of them valid and as changed as they say", func() {
		g, err := payload.New(payload.Config{Seed: 1, Start: time.Unix(1790000000, 0)})
		Expect(err).NotTo(HaveOccurred())
		Expect(g.Kinds()).NotTo(BeEmpty())
		for _, kind := range g.Kinds() {
			s := g.Sweep(kind, 0)
			fmt.Fprintln(GinkgoWriter, kind, s.Len())
			Expect(s.Len()).To(BeNumerically(">", 5), kind)
			Expect(s.Len()).To(BeNumerically("<", 80), kind)
			for n := range s.Len() {
				events, err := s.Content(n, nil, shop.Story{Key: shop.Key{Name: "sweep", Index: n}})
				Expect(err).NotTo(HaveOccurred(), "%s %d %v", kind, n, s.Changes(n))
				Expect(events).To(HaveLen(len(s.Before()) + 1))
			}
		}
		Expect(g.Sweep("no.such", 0).Len()).To(BeZero())
	})
})
