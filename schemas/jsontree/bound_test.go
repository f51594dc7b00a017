package jsontree_test

import (
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
)

var _ = DescribeTable("Bound", func(data, want string) {
	err := jsontree.Bound{Depth: 3, Values: 10, Digits: 4}.Check([]byte(data))
	if want == "" {
		Expect(err).NotTo(HaveOccurred())
		return
	}
	Expect(err).To(MatchError(want))
},
	Entry("takes what is small", `{"a": [1, 2, {"b": null}]}`, ""),
	Entry("takes siblings that are deep together", `[[[]],[[]],[[]]]`, ""),
	Entry("sees no bracket in a text", `"[[[[[[\"[[[[,,,,,,,,,,,,"`, ""),
	Entry("refuses what is deep", `[[[[`, "more than 3 levels of arrays and objects"),
	Entry("refuses what is deep behind a text", `["\\",[[[`, "more than 3 levels of arrays and objects"),
	Entry("refuses what is many", "["+strings.Repeat("{},", 9), "more than 10 values"),
	Entry("takes numbers that are long together", `[1234, 1234.1234]`, ""),
	Entry("refuses a number without end", `[12345]`, "a number of more than 4 digits"),
	Entry("ends within a text", `["a\`, ""),
)
