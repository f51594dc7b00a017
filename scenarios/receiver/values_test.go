package receiver_test

import (
	"encoding/json"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"pgregory.net/rapid"

	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver/receivertest"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
)

var _ = Describe("values", func() {
	DescribeTable("are the same however a database writes them",
		func(said, seen any, want bool) { Expect(receiver.Same(said, seen)).To(Equal(want)) },
		Entry("number", json.Number("1450"), json.Number("1450"), true),
		Entry("decimals", json.Number("1450"), "1450.00", true),
		Entry("exponent", json.Number("1450"), json.Number("1.45e3"), true),
		Entry("text that is a number", "1001", json.Number("1001"), true),
		Entry("beyond a float", json.Number("9007199254740993"), "9007199254740993", true),
		Entry("beyond a float, off by one", json.Number("9007199254740993"), "9007199254740992", false),
		Entry("Go's own number", json.Number("7"), 7, true),
		Entry("pesos", json.Number("1450"), "14.50", false),
		Entry("text is compared as text", "007", "7", false),
		Entry("true as 1", true, json.Number("1"), true),
		Entry("false as 0", false, "0", true),
		Entry("true as a word", true, "TRUE", true),
		Entry("false is not true", false, json.Number("1"), false),
		Entry("null is nothing", nil, nil, true),
		Entry("null is not zero", nil, json.Number("0"), false),
		Entry("null is an empty text", nil, "", true),
		Entry("zero is not nothing", json.Number("0"), nil, false),
		Entry("composed", "Zoe\u0308", "Zo\u00eb ", true),
		Entry("another case", "Ana", "ANA", false),
		Entry("a list", []any{json.Number("1"), "a"}, []any{"1", "a"}, true),
		Entry("another list", []any{json.Number("1")}, []any{}, false),
		Entry("an object, nulls aside", jsontree.Of(map[string]any{"a": 1, "b": nil}), map[string]any{"a": json.Number("1"), "c": nil}, true),
		Entry("another object", jsontree.Of(map[string]any{"a": 1}), map[string]any{"a": json.Number("1"), "c": "x"}, false),
		Entry("an object as text", jsontree.Of(map[string]any{"a": 1}), `{"a":1}`, false),
		Entry("a number of no end", json.Number("1"), json.Number("1e999999999"), false),
		Entry("a fraction", json.Number("1"), "2/2", false),
		Entry("a sign alone", json.Number("0"), "-", false),
		Entry("an exponent alone", json.Number("0"), "e+5", false),
		Entry("a date of a zone that Go does not know", json.Number("1767261600"), "2026-01-01 10:00:00 CST", false),
		Entry("a date of UTC by name", json.Number("1767261600"), "2026-01-01 10:00:00 UTC", true),
		Entry("a truth value is no date", true, "1970-01-01T00:00:01Z", false),
		Entry("hexadecimal", json.Number("16"), "0x10", false),
	)

	DescribeTable("are the same as the documentation says",
		func(page string) {
			pairs, err := receivertest.Pairs(page)
			Expect(err).NotTo(HaveOccurred())
			Expect(len(pairs)).To(BeNumerically(">=", 30))
			for _, p := range pairs {
				Expect(receiver.Same(p.Said, p.Kept)).To(Equal(p.Same), p.Row)
				Expect(receiver.Same(p.Kept, p.Said)).To(Equal(p.Same), p.Row)
			}
		},
		Entry(nil, "../../docs/configuration.md"),
		Entry(nil, "../../docs/configuration.es.md"),
	)

	It("are compared in both directions alike, and each with itself", func() {
		value := rapid.OneOf(
			rapid.SampledFrom([]any{nil, true, false, "", "1", "a", "Á", "1.0", json.Number("1"), json.Number("0")}),
			rapid.Custom(func(t *rapid.T) any { return []any{rapid.SampledFrom([]any{nil, "x", true}).Draw(t, "e")} }),
		)
		rapid.Check(GinkgoT(), func(t *rapid.T) {
			a, b := value.Draw(t, "a"), value.Draw(t, "b")
			if !receiver.Same(a, a) || receiver.Same(a, b) != receiver.Same(b, a) {
				t.Fatalf("%#v and %#v", a, b)
			}
		})
	})
})
