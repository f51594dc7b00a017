package judge_test

import (
	"encoding/json"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"pgregory.net/rapid"

	"github.com/kometia-sim/kometia-sim/scenarios/judge"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver/receivertest"
)

var _ = It("judges a kept value as the documentation says", func() {
	pairs, err := receivertest.Pairs("../../docs/configuration.md")
	Expect(err).NotTo(HaveOccurred())
	for _, p := range pairs {
		// Beside a field that says that the object is there at all.
		older, newest := map[string]any{"v": "before", "there": "yes"}, map[string]any{"v": p.Said, "there": "yes"}
		known, yes := judge.AskState("newest", []map[string]any{older, newest}, 0, older, map[string]any{"v": p.Kept, "there": "yes"})
		Expect(known && yes).To(Equal(p.Same), p.Row)
	}
})

var _ = Describe("the history of an object", func() {
	field := rapid.SampledFrom([]any{nil, true, "1", "a", "b", "c", json.Number("1"), json.Number("2"), json.Number("3")})
	object := rapid.Custom(func(t *rapid.T) map[string]any {
		return map[string]any{"x": field.Draw(t, "x"), "y": field.Draw(t, "y")}
	})
	seen := rapid.Custom(func(t *rapid.T) map[string]any {
		if rapid.IntRange(0, 5).Draw(t, "absent") == 0 {
			return nil
		}
		return object.Draw(t, "row")
	})

	It("is never newest and stale at once, nor updated and older", func() {
		met := map[string]int{}
		rapid.Check(GinkgoT(), func(t *rapid.T) {
			versions := rapid.SliceOfN(object, 2, 4).Draw(t, "versions")
			late := rapid.IntRange(0, len(versions)-2).Draw(t, "late")
			before, after := seen.Draw(t, "before"), seen.Draw(t, "after")
			if rapid.Bool().Draw(t, "had the newest") {
				before = versions[len(versions)-1]
			}
			if rapid.Bool().Draw(t, "has a version") {
				after = rapid.SampledFrom(versions).Draw(t, "after")
			}
			ask := func(question string) bool {
				known, yes := judge.AskState(question, versions, late, before, after)
				if yes && !known {
					t.Fatalf("%s without knowing", question)
				}
				if yes {
					met[question]++
				}
				return yes
			}
			newest, updated, older, frozen, stale := ask("newest"), ask("updated"), ask("older"), ask("frozen"), ask("stale")
			switch {
			case newest && stale, newest && older, updated && older, newest && !updated, frozen && !older:
				t.Fatalf("newest %t, updated %t, older %t, frozen %t, stale %t", newest, updated, older, frozen, stale)
			}
		})
		for _, question := range []string{"newest", "updated", "older", "frozen", "stale"} {
			Expect(met[question]).To(BeNumerically(">", 0), question)
		}
	})

	It("does not go back when nothing changed, or when it holds the newest", func() {
		rapid.Check(GinkgoT(), func(t *rapid.T) {
			versions := rapid.SliceOfN(object, 2, 4).Draw(t, "versions")
			before := seen.Draw(t, "before")
			for _, after := range []map[string]any{before, versions[len(versions)-1]} {
				if _, stale := judge.AskState("stale", versions, 0, before, after); stale {
					t.Fatalf("stale: %v, then %v", before, after)
				}
			}
		})
	})

	It("ends in order when it ends with the same version, whatever the values of its round", func() {
		rapid.Check(GinkgoT(), func(t *rapid.T) {
			first := rapid.SliceOfN(object, 3, 3).Draw(t, "first")
			mine := rapid.SliceOfN(object, 3, 3).Draw(t, "mine")
			which := rapid.IntRange(0, 2).Draw(t, "which")
			known, yes := judge.AskOrder("in-order", first, mine, first[which], mine[which])
			if known && !yes {
				t.Fatal("not in order")
			}
			if _, out := judge.AskOrder("out-of-order", first, mine, first[which], mine[which]); out {
				t.Fatal("out of order")
			}
		})
	})

	It("ends out of order when it ends with another", func() {
		versions := func(a, b, c string) (out []map[string]any) {
			for _, v := range []string{a, b, c} {
				out = append(out, map[string]any{"x": v})
			}
			return out
		}
		first, mine := versions("1", "2", "3"), versions("4", "5", "6")
		ask := func(question string, model, seen any) []bool {
			known, yes := judge.AskOrder(question, first, mine, map[string]any{"x": model}, map[string]any{"x": seen})
			return []bool{known, yes}
		}
		Expect(ask("out-of-order", "3", "5")).To(Equal([]bool{true, true}))
		Expect(ask("out-of-order", "3", nil)).To(Equal([]bool{true, true}), "nothing is left")
		Expect(ask("out-of-order", nil, "5")).To(Equal([]bool{true, true}), "what was gone is back")
		Expect(ask("out-of-order", nil, nil)).To(Equal([]bool{true, false}))
		Expect(ask("in-order", "3", "6")).To(Equal([]bool{true, true}))
		Expect(ask("in-order", "30", "60")).To(Equal([]bool{false, false}), "made by the receiver itself")
	})
})
