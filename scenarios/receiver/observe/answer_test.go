//go:build unix

package observe_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
)

var _ = Describe("a response", func() {
	one := func(ctx SpecContext, printed string) observe.Reading {
		GinkgoHelper()
		readings, err := must(shell(`printf '%s\n' "$2"`, "{event.id}", printed)).Observe(ctx, subjects(2)[1:])
		Expect(err).NotTo(HaveOccurred())
		return readings[0]
	}

	It("names effects, whose sum is the number", func(ctx SpecContext) {
		Expect(one(ctx, `{"effects":{"invoice":1,"mail":2,"shipment":0}}`)).To(Equal(observe.Reading{
			Effects: 3, Named: map[string]int{"invoice": 1, "mail": 2, "shipment": 0},
		}))
	})

	It("tells a state alone", func(ctx SpecContext) {
		Expect(one(ctx, `{"state":{"pago":"paid"}}`)).To(Equal(observe.Reading{StateOnly: true, State: map[string]any{"pago": "paid"}}))
		Expect(one(ctx, `{"state":null}`)).To(Equal(observe.Reading{StateOnly: true}))
	})

	It("tells states alone of those that it names, and no number of the others", func(ctx SpecContext) {
		all := must(shell(`cat > /dev/null; echo '{"ord_c0":{"state":{"pago":"paid"}}}'`))
		readings, err := all.Observe(ctx, subjects(2))
		Expect(err).NotTo(HaveOccurred())
		Expect(readings).To(Equal([]observe.Reading{{StateOnly: true, State: map[string]any{"pago": "paid"}}, {StateOnly: true}}))
	})

	It("gives the names by event in a map as well", func(ctx SpecContext) {
		all := must(shell(`cat > /dev/null; echo '{"evn_c0":{"effects":{"mail":1}},"ord_c1":{"effects":{"mail":7}}}'`))
		readings, err := all.Observe(ctx, subjects(2))
		Expect(err).NotTo(HaveOccurred())
		Expect(readings).To(Equal([]observe.Reading{{Effects: 1, Named: map[string]int{"mail": 1}}, {}}))
	})
})
