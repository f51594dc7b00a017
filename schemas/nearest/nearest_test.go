package nearest_test

import (
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/schemas/nearest"
)

var _ = DescribeTable("the name that was meant",
	func(name string, among []string, want string) {
		Expect(nearest.Name(name, among)).To(Equal(want))
	},
	Entry("a letter short", "order.create", []string{"order.placed", "order.created", "product.created"}, "order.created"),
	Entry("two letters swapped", "order.palced", []string{"order.placed", "order.paid"}, "order.placed"),
	Entry("another case", "TOTAL_PRICE", []string{"total_price", "total_taxes"}, "total_price"),
	Entry("a short name", "oder", []string{"order", "sku"}, "order"),
	Entry("only the end of it", "placed", []string{"order.placed", "order.paid"}, "order.placed"),
	Entry("an end that two share", "created", []string{"order.created", "product.created"}, ""),
	Entry("another word", "invoice", []string{"order", "product"}, ""),
	Entry("the alphabet decides a draw", "sky", []string{"ska", "sku"}, "ska"),
	Entry("no name", "", []string{"a"}, ""),
	Entry("no candidates", "a", nil, ""),
	Entry("accents count as one letter", "envio", []string{"envío"}, "envío"),
	Entry("a hostile name", strings.Repeat("x", 1<<20), []string{"order"}, ""),
)
