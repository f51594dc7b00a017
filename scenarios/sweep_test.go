package scenarios_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/simulator/practice"
)

var _ = Describe("the sweep of contents", Label("whole", "unraced"), func() {
	const sweep = "KOM-PAY-012"

	DescribeTable("names what makes a receiver fail", func(ctx SpecContext, flaw, found string) {
		r := result(run(ctx, practise(practice.Config{Flaw: flaw}), sweep), sweep)
		Expect(r.Verdict).To(Equal(verdict.Fail))
		Expect(r.Found.EN).To(ContainSubstring(found))
	},
		Entry("the field that it cannot take", SpecTimeout(time.Minute), "null-breaks", "data.object.default_address: null"),
		Entry("the field that it does not act on", SpecTimeout(time.Minute), "drops-gifts", "0 effects instead of 1; data.object.is_gift: true is enough"),
		Entry("the field for which it drops what is in the same batch", SpecTimeout(2*time.Minute), "drops-batches", "0 effects instead of 1; any is enough: data.object.name: an emoji"),
		Entry("the field that it keeps otherwise", SpecTimeout(time.Minute), "small-integer", "is 16777215 and the event says "),
	)

	It("is content with one that does something for some contents only, and keeps all", func(ctx SpecContext) {
		r := result(run(ctx, practise(practice.Config{Flaw: "note"}), sweep), sweep)
		Expect(r.Verdict).To(Equal(verdict.Info))
		Expect(r.Found.EN).To(ContainSubstring("a normal event has no effect, but one with data.object.customer_note"))
	}, SpecTimeout(time.Minute))
})
