package payload_test

import (
	"encoding/json"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"pgregory.net/rapid"

	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/simulator/payload"
)

// A fault of a receiver, as a property of the payload.
type weakness struct {
	name string
	hits func(event any) bool
}

func text(event any, path string) string {
	v, _ := jsontree.Get(event, path)
	s, _ := v.(string)
	return s
}

func lines(event any) []any {
	v, _ := jsontree.Get(event, "data.object.items")
	list, _ := v.([]any)
	return list
}

func weaknesses() []weakness {
	amount := func(event any, path string) int64 {
		v, _ := jsontree.Get(event, path)
		n, _ := v.(json.Number)
		i, err := n.Int64()
		if err != nil {
			return -1
		}
		return i
	}
	return []weakness{
		{"null", func(e any) bool {
			v, err := jsontree.Get(e, "data.object.items[0].vendor")
			return err == nil && v == nil
		}},
		{"free", func(e any) bool { return amount(e, "data.object.total_price") == 0 }},
		{"big", func(e any) bool { return amount(e, "data.object.total_price") > 1<<31-1 }},
		{"emoji", func(e any) bool { return strings.ContainsRune(text(e, "data.object.shipping.name"), '😀') }},
		{"long", func(e any) bool { return len([]rune(text(e, "data.object.customer_note"))) > 255 }},
		{"lines", func(e any) bool { return len(lines(e)) > 50 }},
		{"canceled", func(e any) bool { return text(e, "data.object.status") == "canceled" }},
		{"two", func(e any) bool {
			return text(e, "data.object.status") == "archived" && text(e, "data.object.billing.name") == ""
		}},
	}
}

var _ = Describe("Shrinker", func() {
	It("leaves a case that still fails, is no larger and as valid as it was", Label("whole", "unraced"), func() {
		// What hits each weakness is looked for first, so that every draw tries one.
		g := generator(payload.Config{Seed: 1, Kinds: []string{"order.placed"}, Phases: []payload.Phase{payload.Random, payload.Coverage}})
		type hit struct {
			weakness
			c, plain *payload.Case
		}
		var hits []hit
		seen := map[string]int{}
		for index := range uint64(1200) {
			c := caseOf(g, index)
			plain, err := g.Base(c)
			Expect(err).NotTo(HaveOccurred())
			for _, w := range weaknesses() {
				if w.hits(c.Tree) && !w.hits(plain.Tree) {
					hits = append(hits, hit{w, c, plain})
					seen[w.name]++
				}
			}
		}
		// Two at once are rare in so few cases, and so are made here.
		for index := range uint64(20) {
			c := caseOf(g, index)
			if c.Tree == nil || len(c.Changed) == 0 {
				continue
			}
			plain, err := g.Base(c)
			Expect(err).NotTo(HaveOccurred())
			both := *c
			both.Tree = jsontree.Clone(c.Tree).(*jsontree.Object)
			Expect(jsontree.SetPath(both.Tree, "data.object.status", "archived")).To(Succeed())
			if jsontree.SetPath(both.Tree, "data.object.billing.name", "") == nil && schemas.Builtin().Validate("order.placed", both.Tree) == nil {
				w := weaknesses()[len(weaknesses())-1]
				Expect(w.hits(both.Tree)).To(BeTrue())
				hits = append(hits, hit{w, &both, plain})
				seen[w.name]++
			}
		}
		for _, w := range weaknesses() {
			Expect(seen[w.name]).To(BeNumerically(">", 0), "the generator hits what receivers break on: %s", w.name)
		}
		rapid.Check(GinkgoT(), func(t *rapid.T) {
			h := hits[rapid.IntRange(0, len(hits)-1).Draw(t, "hit")]
			tries := 0
			s := payload.Shrinker{
				Plain: h.plain.Tree,
				Keep:  func(v any) bool { return schemas.Builtin().Validate("order.placed", v) == nil },
				Fails: func(v any) bool { tries++; return h.hits(v) },
			}
			small := s.Shrink(h.c.Tree)
			Expect(h.hits(small)).To(BeTrue(), h.name)
			Expect(schemas.Builtin().Validate("order.placed", small)).To(Succeed(), h.name)
			places, length := payload.Size(h.plain.Tree, small)
			before, beforeLength := payload.Size(h.plain.Tree, h.c.Tree)
			Expect(places).To(BeNumerically("<=", before), h.name)
			if places == before {
				Expect(length).To(BeNumerically("<=", beforeLength), h.name)
			}
			Expect(places).To(BeNumerically("<=", 2), h.name)
			Expect(tries).To(BeNumerically("<", 400), h.name)
		})
	})

	DescribeTable("finds the threshold", func(path string, failing, want any, hits func(any) bool) {
		g := generator(payload.Config{Seed: 1, Kinds: []string{"order.placed"}})
		plain, err := g.Plain("order.placed", "shrink", 0)
		Expect(err).NotTo(HaveOccurred())
		tree := jsontree.Clone(plain.Tree)
		Expect(jsontree.SetPath(tree, path, failing)).To(Succeed())
		s := payload.Shrinker{
			Plain: plain.Tree,
			Keep:  func(any) bool { return true },
			Fails: func(v any) bool { got, err := jsontree.Get(v, path); return err == nil && hits(got) },
		}
		got, err := jsontree.Get(s.Shrink(tree), path)
		Expect(err).NotTo(HaveOccurred())
		Expect(got).To(Equal(want))
	},
		Entry("of 32 bits", "data.object.total_price", json.Number("107374182437"), json.Number("2147483648"), func(v any) bool {
			n, _ := v.(json.Number)
			i, err := n.Int64()
			return err == nil && i > 1<<31-1
		}),
		Entry("of a column", "data.object.customer_note", strings.Repeat("palabra ", 100), strings.Repeat("a", 192), func(v any) bool {
			s, _ := v.(string)
			return len(s) > 191
		}),
		Entry("of a character", "data.object.customer_note", "hola 😀 adiós", "😀", func(v any) bool {
			s, _ := v.(string)
			return strings.ContainsRune(s, '😀')
		}),
	)

	It("gives back what it got when nothing smaller fails", func() {
		g := generator(payload.Config{Seed: 1})
		c := caseOf(g, 0)
		plain, err := g.Base(c)
		Expect(err).NotTo(HaveOccurred())
		s := payload.Shrinker{Plain: plain.Tree, Keep: func(any) bool { return true }, Fails: func(any) bool { return false }}
		Expect(jsontree.Encode(s.Shrink(c.Tree), jsontree.Plain)).To(Equal(jsontree.Encode(c.Tree, jsontree.Plain)))
	})
})
