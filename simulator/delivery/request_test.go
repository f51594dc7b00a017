package delivery_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

var _ = Describe("Header", func() {
	It("is Kometia's and nothing else", func() {
		Expect(delivery.Header("Kometia-Sim/1", nil)).To(Equal([]wire.Field{
			{Name: "Content-Type", Value: "application/json"}, {Name: "User-Agent", Value: "Kometia-Sim/1"},
		}))
	})

	It("lets a field of the user's replace ours in its place, and adds the others", func() {
		Expect(delivery.Header("Kometia-Sim/1", []wire.Field{
			{Name: "X-Debug", Value: "1"}, {Name: "content-type", Value: "text/json"}, {Name: "X-Debug", Value: "2"},
		})).To(Equal([]wire.Field{
			{Name: "content-type", Value: "text/json"},
			{Name: "User-Agent", Value: "Kometia-Sim/1"},
			{Name: "X-Debug", Value: "1"},
			{Name: "X-Debug", Value: "2"},
		}))
	})
})

var _ = Describe("Body", func() {
	event := &jsontree.Object{}
	event.Set("kind", "order.placed")

	DescribeTable("is the event, bare or in an envelope",
		func(in delivery.Envelope, want string) {
			Expect(string(delivery.Body(event, in, jsontree.PHP))).To(Equal(want))
		},
		Entry(nil, delivery.Envelope(""), `{"kind":"order.placed"}`),
		Entry(nil, delivery.Bare, `{"kind":"order.placed"}`),
		Entry(nil, delivery.Data, `{"data":{"kind":"order.placed"}}`),
	)
})
