package payload_test

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/simulator/payload"
)

func start() time.Time { return time.Date(2026, 1, 31, 10, 0, 0, 0, time.UTC) }

func generator(cfg payload.Config) *payload.Generator {
	GinkgoHelper()
	if cfg.Start.IsZero() {
		cfg.Start = start()
	}
	g, err := payload.New(cfg)
	Expect(err).NotTo(HaveOccurred())
	return g
}

func caseOf(g *payload.Generator, index uint64) *payload.Case {
	GinkgoHelper()
	c, err := g.Case(index)
	Expect(err).NotTo(HaveOccurred())
	return c
}

var _ = Describe("Generator", func() {
	It("makes the same case for the same seed, whatever was made before", Label("whole", "unraced"), func() {
		a, b := generator(payload.Config{Seed: 7}), generator(payload.Config{Seed: 7})
		digest := func(g *payload.Generator, indexes []uint64) map[uint64][32]byte {
			out := map[uint64][32]byte{}
			for _, i := range indexes {
				out[i] = sha256.Sum256(caseOf(g, i).Body)
			}
			return out
		}
		var indexes []uint64
		for i := range uint64(400) {
			indexes = append(indexes, i, 1<<40+i)
		}
		forward := digest(a, indexes)
		slices.Reverse(indexes)
		Expect(digest(b, indexes)).To(Equal(forward))
		other := digest(generator(payload.Config{Seed: 8}), indexes)
		same := 0
		for i, sum := range forward {
			if other[i] == sum {
				same++
			}
		}
		// What has nothing of an event in it ("", [], 7 ...) is the same for all.
		Expect(same).To(BeNumerically("<", 60))
	})

	It("makes valid what is said to be valid and breaks what is said to be broken", Label("whole", "unraced"), func() {
		g := generator(payload.Config{Seed: 3})
		seen := map[payload.Phase]map[payload.Class]int{}
		for i := range uint64(4000) {
			c := caseOf(g, i)
			if seen[c.Phase] == nil {
				seen[c.Phase] = map[payload.Class]int{}
			}
			seen[c.Phase][c.Class]++
			what := fmt.Sprintf("case %d (%s, %s): %s", i, c.Phase, c.Class, c.Name)
			_, err := schemas.Builtin().ValidateBytes(c.Body)
			switch c.Class {
			case payload.Plausible, payload.Odd, payload.Equal:
				if c.Phase == payload.Tolerant {
					continue
				}
				Expect(err).NotTo(HaveOccurred(), what)
			case payload.Broken, payload.Cut:
				Expect(json.Valid(c.Body)).To(BeFalse(), what)
			case payload.Invalid:
				if c.Phase == payload.NearValid {
					Expect(err).To(HaveOccurred(), what)
					Expect(json.Valid(c.Body)).To(BeTrue(), what)
				}
			}
		}
		for _, p := range payloadPhases() {
			Expect(seen).To(HaveKey(p))
		}
		Expect(seen[payload.Coverage][payload.Plausible]).To(BeNumerically(">", 1000))
		Expect(seen[payload.NearValid][payload.Invalid]).To(BeNumerically(">", 450))
		Expect(seen).NotTo(HaveKey(payload.Extreme))
	})

	It("shows every phase and every kind to a short budget", func() {
		g := generator(payload.Config{Seed: 5})
		phases, kinds := map[payload.Phase]bool{}, map[string]bool{}
		for i := range uint64(48) {
			c := caseOf(g, i)
			phases[c.Phase], kinds[c.Kind] = true, true
		}
		Expect(phases).To(HaveLen(len(payloadPhases())))
		Expect(kinds).To(HaveLen(len(schemas.Builtin().Kinds())))
	})

	It("has exercised every constraint of the built-in schemas after the coverage phase", Label("whole", "unraced"), func() {
		g := generator(payload.Config{Seed: 1, Phases: []payload.Phase{payload.Coverage}})
		Expect(g.Covered()).To(BeZero())
		for i := range g.CoverageEnd() {
			caseOf(g, i)
		}
		Expect(g.Uncovered()).To(BeEmpty())
		Expect(g.Covered()).To(BeEquivalentTo(100))
	})

	It("gives every case identities of its own", Label("whole", "unraced"), func() {
		g := generator(payload.Config{Seed: 2})
		events, numbers := map[string]uint64{}, map[string]uint64{}
		for i := range uint64(3000) {
			c := caseOf(g, i)
			Expect(events).NotTo(HaveKey(c.Event.ID))
			events[c.Event.ID] = i
			if c.Event.Number != "" {
				Expect(numbers).NotTo(HaveKey(c.Event.Number))
				numbers[c.Event.Number] = i
			}
		}
	})

	It("keeps the amounts of an order in agreement", func() {
		g := generator(payload.Config{Seed: 4, Kinds: []string{"order.placed"}, Phases: []payload.Phase{payload.Coverage}})
		number := func(o any, path string) int64 {
			GinkgoHelper()
			v, err := jsontree.Get(o, path)
			Expect(err).NotTo(HaveOccurred())
			n, err := v.(json.Number).Int64()
			Expect(err).NotTo(HaveOccurred())
			return n
		}
		for i := range g.CoverageEnd() {
			c := caseOf(g, i)
			if c.Class != payload.Plausible || strings.Contains(c.Name, "data.object.items: ") {
				continue
			}
			o, err := jsontree.Get(c.Tree, "data.object")
			Expect(err).NotTo(HaveOccurred())
			items, err := jsontree.Get(o, "items")
			Expect(err).NotTo(HaveOccurred())
			var sum int64
			for n := range items.([]any) {
				at := fmt.Sprintf("items[%d].", n)
				var discount int64
				if v, _ := jsontree.Get(o, at+"discount"); v != nil {
					discount = number(o, at+"discount")
				}
				Expect(number(o, at+"total")).To(Equal(number(o, at+"price")*number(o, at+"quantity")-discount), c.Name)
				sum += number(o, at+"total")
			}
			Expect(number(o, "subtotal_price")).To(Equal(sum), c.Name)
			Expect(number(o, "total_price")).To(Equal(sum-number(o, "total_discount")+number(o, "shipping_rate")+number(o, "total_taxes")), c.Name)
		}
	})

	It("joins what is wrong with its configuration", func() {
		_, err := payload.New(payload.Config{Start: start(), Phases: []payload.Phase{"coverage", "cover"}})
		Expect(err).To(MatchError(ContainSubstring(`unknown phase "cover"`)))
		_, err = payload.New(payload.Config{Start: start(), Kinds: []string{"order.place"}})
		Expect(err).To(MatchError(ContainSubstring("order.placed")))
	})
})

func BenchmarkCase(b *testing.B) {
	g, err := payload.New(payload.Config{Seed: 7, Start: start()})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for i := range uint64(b.N) {
		if _, err := g.Case(i); err != nil {
			b.Fatal(err)
		}
	}
}

// payloadPhases are the default phases that make payloads.
func payloadPhases() []payload.Phase {
	return slices.DeleteFunc(payload.DefaultPhases(), func(p payload.Phase) bool { return p == payload.Histories })
}
