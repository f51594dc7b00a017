package history_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"pgregory.net/rapid"

	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/scenarios/fuzz/history"
	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/simulator/fault"
	"github.com/kometia-sim/kometia-sim/simulator/payload"
)

var _ = Describe("histories", func() {
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	generator := func(seed uint64) *payload.Generator {
		GinkgoHelper()
		g, err := payload.New(payload.Config{Seed: seed, IDs: "ab12", Start: start})
		Expect(err).NotTo(HaveOccurred())
		return g
	}
	const many = 400
	all := func(g *payload.Generator, kinds []string, restarts bool) []*history.History {
		GinkgoHelper()
		var list []*history.History
		for i := range uint64(many) {
			h, err := history.Generate(g, i, history.Material{Kinds: kinds, Restarts: restarts})
			Expect(err).NotTo(HaveOccurred())
			list = append(list, h)
		}
		return list
	}

	It("are a function of seed and index, whatever was made before", Label("whole"), func() {
		g := generator(7)
		first := all(g, g.Kinds(), true)
		again := generator(7)
		for _, i := range []int{399, 3, 200, 0} {
			h, err := history.Generate(again, uint64(i), history.Material{Kinds: again.Kinds(), Restarts: true}) //nolint:gosec // small
			Expect(err).NotTo(HaveOccurred())
			Expect(h).To(Equal(first[i]))
		}
		other := all(generator(8), g.Kinds(), true)
		same := 0
		for i := range other {
			if words(other[i]) == words(first[i]) {
				same++
			}
		}
		Expect(same).To(BeNumerically("<", many/10))
	})

	It("connect anew for what is due an hour later, is broken or raced", func() {
		at := func(after time.Duration) history.Delivery {
			return history.Delivery{Message: message("order.placed", start), Due: start.Add(after)}
		}
		raced, broken := at(3*time.Second), at(4*time.Second)
		raced.Copies, broken.Faults = 2, []fault.Fault{fault.Of(fault.Refuse)}
		h := &history.History{Deliveries: []history.Delivery{at(0), at(time.Second), raced, broken, at(time.Hour), at(time.Hour + time.Second)}}
		Expect(history.Fresh(h)).To(Equal([]bool{false, false, true, true, true, true, false}))
	})

	It("are valid, dated back to the run's start, and share no event", Label("whole"), func() {
		g := generator(3)
		seen := map[string]bool{}
		for _, h := range all(g, g.Kinds(), true) {
			Expect(h.Deliveries).NotTo(BeEmpty())
			last := start.Add(-48 * time.Hour)
			for _, w := range h.Deliveries {
				doc, err := jsontree.Parse(w.Body)
				Expect(err).NotTo(HaveOccurred())
				Expect(schemas.Builtin().Validate(w.Kind, doc.Root)).To(Succeed())
				Expect(seen).NotTo(HaveKey(w.Subject.EventID))
				seen[w.Subject.EventID] = true
				Expect(w.Due).NotTo(BeTemporally("<", w.At), "delivered before it happened: %s", words(h))
				Expect(w.At).To(BeTemporally(">", start.Add(-48*time.Hour)))
				if end := w.Due.Add(time.Duration(len(w.Faults)) * time.Hour); end.After(last) {
					last = end
				}
			}
			Expect(last).To(Equal(start), words(h))
		}
	})

	It("try everything that can go wrong, restarts only where they can be made", func() {
		g := generator(1)
		seen := map[string]bool{}
		for _, h := range all(g, g.Kinds(), true) {
			for _, w := range h.Deliveries {
				for _, f := range w.Faults {
					seen[string(f.Kind)] = true
				}
				seen[fmt.Sprintf("x%d", w.Copies)] = true
				seen[w.Kind] = true
				if w.Withheld {
					seen["withheld"] = true
				}
			}
			if len(h.Restarts) > 0 {
				seen["restart"] = true
			}
		}
		for _, f := range []fault.Kind{fault.Refuse, fault.LoseAnswer, fault.Reset, fault.HangUp, fault.CutFIN, fault.CutRST} {
			Expect(seen).To(HaveKey(string(f)))
		}
		Expect(seen).To(And(HaveKey("x2"), HaveKey("x8"), HaveKey("withheld"), HaveKey("restart")))
		for _, kind := range g.Kinds() {
			Expect(seen).To(HaveKey(kind))
		}
		for _, h := range all(g, g.Kinds(), false) {
			Expect(h.Restarts).To(BeEmpty())
		}
	})

	It("treat a kind of the user's own as its schema says", func() {
		dir := GinkgoT().TempDir()
		for name, text := range map[string]string{
			"refund":         `{"x-object":"refund","type":"object","required":["order_id"],"examples":[{"id":"rfd_cixarpesl00005004cpjqxuo2","object":"refund","order_id":"ord_cix9i2dss0000ro0412gpstv4"}]}`,
			"refund.issued":  `{"x-kind":{"name":"refund.issued","object":"refund","action":"create","after":["order.paid"]}}`,
			"refund.changed": `{"x-kind":{"name":"refund.changed","object":"refund"}}`,
			"a.voided":       `{"x-kind":{"name":"a.voided","object":"refund","action":"delete","after":["refund.issued"]}}`,
		} {
			Expect(os.WriteFile(filepath.Join(dir, name+".json"), []byte(text), 0o600)).To(Succeed())
		}
		own, err := schemas.Load(dir)
		Expect(err).NotTo(HaveOccurred())
		g, err := payload.New(payload.Config{Seed: 5, IDs: "ab12", Start: start, Catalogue: own})
		Expect(err).NotTo(HaveOccurred())
		Expect(g.Deletes("a.voided")).To(BeTrue())
		counts := map[string]int{}
		for _, h := range all(g, []string{"order.placed", "order.paid", "refund.issued", "refund.changed", "a.voided"}, false) {
			stories := map[int][]string{}
			for _, d := range h.Deliveries {
				stories[d.Story] = append(stories[d.Story], d.Kind)
				counts[d.Kind]++
			}
			for _, kinds := range stories {
				for i, kind := range kinds {
					before := kinds[:i]
					switch kind {
					case "refund.issued":
						Expect(before).To(ContainElement("order.paid"))
						Expect(before).NotTo(ContainElement(kind), "a refund begins once")
					case "refund.changed":
						Expect(before).To(ContainElement("refund.issued"))
					case "a.voided":
						Expect(before).To(ContainElement("refund.issued"))
						Expect(kinds[i+1:]).To(BeEmpty(), "nothing comes after the deletion")
					}
				}
			}
		}
		Expect(counts).To(HaveLen(5))

		c, err := g.Plain("a.voided", "own", 1)
		Expect(err).NotTo(HaveOccurred())
		Expect(c.Story.Kinds).To(Equal([]string{"order.placed", "order.paid", "refund.issued", "a.voided"}))
	})

	It("are made of the kinds that are accepted, one alone as well", func() {
		g := generator(5)
		for _, kind := range g.Kinds() {
			for i := range uint64(20) {
				h, err := history.Generate(g, i, history.Material{Kinds: []string{kind}, Restarts: false})
				Expect(err).NotTo(HaveOccurred())
				for _, w := range h.Deliveries {
					Expect(w.Kind).To(Equal(kind))
				}
			}
		}
	})

	It("are told in words and in a shape that leaves out what does not matter", func() {
		at := func(minutes int) time.Time { return start.Add(time.Duration(minutes) * time.Minute) }
		lose, refuse := fault.Of(fault.LoseAnswer), fault.Of(fault.Refuse)
		tell := func(restarts []time.Time, ways ...history.Delivery) (string, string) {
			for i := range ways {
				ways[i].Subject.EventID = fmt.Sprint(i)
			}
			h := history.Minimal(&history.History{Deliveries: ways, Restarts: restarts}, 0, func(*history.History) bool { return false })
			return words(h), h.Shape(retryclock.DefaultPolicy())
		}
		text, shape := tell(nil, history.Delivery{Message: message("order.placed", at(0)), Due: at(0), Faults: []fault.Fault{lose}})
		Expect(text).To(Equal("order.placed (lose-answer), +1h order.placed again"))
		Expect(shape).To(Equal("1 (lose-answer), 1 again"))
		text, shape = tell(nil,
			history.Delivery{Message: message("order.placed", at(0)), Due: at(0), Faults: []fault.Fault{refuse, refuse}},
			history.Delivery{Message: message("order.paid", at(1)), Due: at(1)})
		Expect(text).To(Equal("order.paid, +2h order.placed"))
		Expect(shape).To(Equal("2, 1"))
		text, _ = tell([]time.Time{at(30)}, history.Delivery{Message: message("order.placed", at(0)), Due: at(0), Copies: 2, Faults: []fault.Fault{lose}})
		Expect(text).To(Equal("order.placed x2 (lose-answer), +30m restart, +1h order.placed again"))
		text, _ = tell(nil,
			history.Delivery{Message: message("order.placed", at(0)), Due: at(0)},
			history.Delivery{Message: message("order.placed", at(61)), Due: at(61), Story: 1, Withheld: true, Faults: []fault.Fault{fault.Of(fault.CutFIN)}})
		Expect(text).To(Equal("order.placed A, +1h order.placed B (cut-fin 60%)"))
	})
})

// words are a history in words, by Kometia's policy.
func words(h *history.History) string { return h.InWords(retryclock.DefaultPolicy()) }

// message is an event of a kind that happened at a time.
func message(kind string, at time.Time) payload.Message { return payload.Message{Kind: kind, At: at} }

func TestAMinimalHistoryStillFailsAndHasNothingToSpare(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
		n := rapid.IntRange(1, 8).Draw(t, "events")
		var ways []history.Delivery
		for i := range n {
			w := history.Delivery{
				Message: message("order.placed", base.Add(time.Duration(i)*time.Minute)), Story: rapid.IntRange(0, 2).Draw(t, "story"),
				Due:    base.Add(time.Duration(i) * time.Minute),
				Copies: rapid.SampledFrom([]int{0, 2, 8}).Draw(t, "copies"),
			}
			w.Subject.EventID = fmt.Sprint(i)
			for range rapid.IntRange(0, 4).Draw(t, "faults") {
				w.Faults = append(w.Faults, fault.Of(fault.Kind(rapid.SampledFrom(fault.Kinds()).Draw(t, "fault"))))
			}
			ways = append(ways, w)
		}
		var restarts []time.Time
		if rapid.Bool().Draw(t, "restart") {
			restarts = append(restarts, base.Add(30*time.Minute))
		}
		// The fault of the receiver: it takes these events, this many copies of one
		// of them, this fault of another, and a restart.
		culprits := rapid.SliceOfNDistinct(rapid.IntRange(0, n-1), 1, min(n, 3), rapid.ID[int]).Draw(t, "culprits")
		at := culprits[0]
		copies := rapid.SampledFrom([]int{0, 2}).Draw(t, "copies that it takes")
		var kind fault.Kind
		if len(ways[at].Faults) > 0 && rapid.Bool().Draw(t, "takes a fault") {
			kind = ways[at].Faults[rapid.IntRange(0, len(ways[at].Faults)-1).Draw(t, "which")].Kind
		}
		restart := len(restarts) > 0 && rapid.Bool().Draw(t, "takes the restart")
		asked := 0
		fails := func(h *history.History) bool {
			asked++
			if restart && len(h.Restarts) == 0 {
				return false
			}
			for _, c := range culprits {
				i := slices.IndexFunc(h.Deliveries, func(w history.Delivery) bool { return w.Subject.EventID == fmt.Sprint(c) })
				if i < 0 {
					return false
				}
				if c != at {
					continue
				}
				w := h.Deliveries[i]
				if w.Copies < min(copies, ways[at].Copies) {
					return false
				}
				if kind != "" && !slices.ContainsFunc(w.Faults, func(f fault.Fault) bool { return f.Kind == kind }) {
					return false
				}
			}
			return true
		}
		small := history.Minimal(&history.History{Deliveries: ways, Restarts: restarts}, at, fails)
		if !fails(small) {
			t.Fatalf("%s does not fail", words(small))
		}
		if len(small.Deliveries) != len(culprits) {
			t.Fatalf("%d events where it takes %d: %s", len(small.Deliveries), len(culprits), words(small))
		}
		if !restart && len(small.Restarts) > 0 {
			t.Fatalf("a restart that it does not take: %s", words(small))
		}
		for _, w := range small.Deliveries {
			want := 0
			if w.Subject.EventID == fmt.Sprint(at) {
				want = min(copies, ways[at].Copies)
			}
			if w.Copies != want {
				t.Fatalf("%d copies where it takes %d: %s", w.Copies, want, words(small))
			}
			most := 0
			if w.Subject.EventID == fmt.Sprint(at) && kind != "" {
				most = 1
			}
			if len(w.Faults) > most {
				t.Fatalf("%d faults where it takes %d: %s", len(w.Faults), most, words(small))
			}
		}
	})
}
