package language_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/scenarios/language"
)

var _ = Describe("Answers", func() {
	DescribeTable("fit the responses of the attempts that arrived",
		func(patterns []string, statuses []int, want bool) {
			Expect(language.Matches(patterns, statuses...)).To(Equal(want))
		},
		Entry("no pattern fits all", nil, []int{500}, true),
		Entry("no pattern fits nothing", nil, nil, true),
		Entry("a class", []string{"2xx"}, []int{204}, true),
		Entry("another class", []string{"2xx"}, []int{301}, false),
		Entry("one pattern is for the last attempt", []string{"2xx"}, []int{500, 200}, true),
		Entry("a code", []string{"409"}, []int{409}, true),
		Entry("alternatives", []string{"409|425|503"}, []int{425}, true),
		Entry("alternatives that do not fit", []string{"409|425|503"}, []int{429}, false),
		Entry("negation", []string{"!2xx"}, []int{500}, true),
		Entry("negated alternatives", []string{"!2xx|409"}, []int{409}, false),
		Entry("silence", []string{"none"}, []int{0}, true),
		Entry("silence is in no class", []string{"4xx|5xx"}, []int{0}, false),
		Entry("silence is not a 2xx", []string{"!2xx"}, []int{0}, true),
		Entry("in order", []string{"2xx", "409", "2xx"}, []int{200, 409, 204}, true),
		Entry("not in order", []string{"2xx", "409", "2xx"}, []int{409, 200, 204}, false),
		Entry("one attempt more", []string{"2xx", "2xx"}, []int{200, 200, 500}, false),
		Entry("one attempt less", []string{"2xx", "2xx"}, []int{200}, false),
		Entry("the rest", []string{"!2xx", "..."}, []int{500, 200, 200}, true),
		Entry("no rest", []string{"!2xx", "..."}, []int{500}, true),
		Entry("nothing arrived", []string{"any"}, nil, false),
	)

	DescribeTable("name what cannot be read",
		func(patterns []string, message string) {
			Expect(language.ValidPatterns(patterns)).To(MatchError(ContainSubstring(message)))
		},
		Entry(nil, []string{"2x"}, `"2x" is no pattern`),
		Entry(nil, []string{"6xx"}, `"6xx" is no pattern`),
		Entry(nil, []string{"99"}, `"99" is no pattern`),
		Entry(nil, []string{"..."}, `may only stand last`),
		Entry(nil, []string{"...", "2xx"}, `may only stand last`),
		Entry(nil, []string{"2xx|"}, `is no pattern`),
	)
})
