package language_test

import (
	"slices"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/schemas"
)

var _ = Describe("a case for each family", func() {
	It("finds the kinds of each role, as far as the run has them", func() {
		kinds := slices.DeleteFunc(schemas.Builtin().Kinds(), func(k schemas.Kind) bool { return k.Name == "product.deleted" })
		roles := map[string]map[string]string{}
		for _, f := range language.FamiliesOf(kinds) {
			roles[f.Object] = f.Roles
		}
		Expect(roles).To(HaveLen(5))
		Expect(roles["order"]).To(Equal(map[string]string{"{created}": "order.placed", "{updated}": "order.paid"}))
		Expect(roles["collection"]).To(Equal(map[string]string{
			"{created}": "collection.created", "{updated}": "collection.updated", "{edited}": "collection.updated", "{deleted}": "collection.deleted",
		}))
		Expect(roles["product"]).NotTo(HaveKey("{deleted}"))
	})

	It("fills the roles in a copy, and makes none without the kind", func() {
		c := &language.Case{Each: "family", Steps: []language.Step{{Emit: &language.Emit{Kind: "{updated}"}}, {Deliver: &language.Deliver{}}}}
		order := language.Family{Object: "order", Roles: map[string]string{"{updated}": "order.paid"}}
		Expect(c.For(order).Kinds()).To(Equal([]string{"order.paid"}))
		Expect(c.Steps[0].Emit.Kind).To(Equal("{updated}"))
		Expect(c.For(language.Family{Object: "order"})).To(BeNil())
	})
})

var _ = DescribeTable("a time of day", func(of language.TimeOfDay, want string) {
	now := time.Date(2026, 3, 1, 13, 0, 0, 0, time.UTC)
	Expect(of.Last(now).Format(time.RFC3339)).To(Equal(want))
},
	Entry("none", language.TimeOfDay(""), "2026-03-01T13:00:00Z"),
	Entry("of today", language.TimeOfDay("12:59:30"), "2026-03-01T12:59:30Z"),
	Entry("now", language.TimeOfDay("13:00:00"), "2026-03-01T13:00:00Z"),
	Entry("of yesterday", language.TimeOfDay("23:59:30"), "2026-02-28T23:59:30Z"),
	Entry("of the end of a month", language.TimeOfDay("month-end 12:00:00"), "2026-02-28T12:00:00Z"),
	Entry("no time", language.TimeOfDay("noon"), "2026-03-01T13:00:00Z"),
)
