package receiver_test

import (
	"net/http"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

var _ = Describe("what the receiver is given after we closed the connection", func() {
	const ms, margin = time.Millisecond, 50 * time.Millisecond
	gate := []receiver.Plain{{"order.created", 900 * ms}, {"order.placed", 20 * ms}, {"customer.created", 6000 * ms}}
	DescribeTable("is twice what a normal event of the kind took", func(kind string, gate []receiver.Plain, want time.Duration) {
		Expect(receiver.Busy(kind, gate...)).To(Equal(want))
	},
		Entry("whatever another kind takes", "order.placed", gate, 40*ms+margin),
		Entry("a slow one", "customer.created", gate, 12000*ms+margin),
		Entry("the slowest, where only the cold start was of the kind", "order.created", gate, 12000*ms+margin),
		Entry("the slowest, where none was", "product.created", gate, 12000*ms+margin),
		Entry("the only one that there is", "order.created", gate[:1], 1800*ms+margin),
	)
})

// acknowledged is an attempt that the receiver took.
func acknowledged() delivery.Attempt {
	return delivery.Attempt{Delivery: &delivery.Delivery{Event: "evn_1"}, Outcome: &wire.Outcome{Status: http.StatusNoContent}}
}
