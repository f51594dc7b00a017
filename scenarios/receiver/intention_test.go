package receiver_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
)

var _ = Describe("an intention", func() {
	tree := func() *jsontree.Object {
		v, err := jsontree.Parse([]byte(`{"kind":"order.placed","data":{"object":{"is_gift":false,"note":null,"status":"placed","items":[{"price":100},{"price":0}]}}}`))
		Expect(err).NotTo(HaveOccurred())
		return v.Root.(*jsontree.Object)
	}
	type values = map[string][]any

	DescribeTable("covers", func(i receiver.Intention, covers bool) {
		Expect(i.Covers("order.placed", tree())).To(Equal(covers))
	},
		Entry("a kind", receiver.Intention{Kinds: []string{"order.placed"}}, true),
		Entry("a family", receiver.Intention{Kinds: []string{"product.*", "order.*"}}, true),
		Entry("no other kind", receiver.Intention{Kinds: []string{"product.*"}}, false),
		Entry("a value", receiver.Intention{When: values{"data.object.is_gift": {false}}}, true),
		Entry("one of several values", receiver.Intention{When: values{"data.object.status": {"archived", "placed"}}}, true),
		Entry("no other value", receiver.Intention{When: values{"data.object.status": {"archived"}}}, false),
		Entry("all fields together", receiver.Intention{When: values{"data.object.status": {"placed"}, "data.object.is_gift": {true}}}, false),
		Entry("null", receiver.Intention{When: values{"data.object.note": {nil}}}, true),
		Entry("what is missing, as null", receiver.Intention{When: values{"data.object.gift_message": {nil}}}, true),
		Entry("any element of a list", receiver.Intention{When: values{"data.object.items[].price": {0}}}, true),
		Entry("no element that there is not", receiver.Intention{When: values{"data.object.items[].price": {7}}}, false),
		Entry("nothing that unless says", receiver.Intention{Unless: values{"data.object.is_gift": {false}}}, false),
		Entry("all that unless does not say", receiver.Intention{Unless: values{"data.object.is_gift": {true}}}, true),
	)

	DescribeTable("is checked against the events that there are", func(i receiver.Intention, mistake string) {
		err := i.Check(schemas.Builtin())
		if mistake == "" {
			Expect(err).NotTo(HaveOccurred())
			return
		}
		Expect(err).To(MatchError(ContainSubstring(mistake)))
	},
		Entry(nil, receiver.Intention{Kinds: []string{"order.*"}, When: values{"data.object.items[].price": {0}}}, ""),
		Entry(nil, receiver.Intention{Kinds: []string{"order.create"}}, "did you mean order.created?"),
		Entry(nil, receiver.Intention{Unless: values{"data.object.is_gfit": {true}}}, "did you mean is_gift?"),
		Entry(nil, receiver.Intention{Kinds: []string{"product.*"}, When: values{"data.object.is_gift": {true}}}, "no such event has data.object.is_gift"),
		Entry(nil, receiver.Intention{When: values{"is_gift": {true}}}, "such as data.object.is_gift"),
		Entry(nil, receiver.Intention{}, "kinds, when or unless"),
	)
})
