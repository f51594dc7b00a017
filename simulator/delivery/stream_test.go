package delivery_test

import (
	"context"
	"errors"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// said is a sender whose every response is a status.
type said int

func (s said) Do(context.Context, *wire.Request) *wire.Outcome { return &wire.Outcome{Status: int(s)} }

var _ = Describe("a Stream", func() {
	It("ends with the error of its book, whatever was about to begin", func(ctx SpecContext) {
		full := errors.New("the disk is full")
		calls := 0
		clock := retryclock.NewSteered(start, nil)
		stream, err := delivery.NewStream(delivery.StreamConfig{
			Clock: clock, Policy: retryclock.DefaultPolicy(),
			Book: func(_ context.Context, _ []delivery.Done, starting []delivery.Ticket) ([]delivery.Start, error) {
				if calls++; calls > 1 {
					return nil, full
				}
				starts := make([]delivery.Start, len(starting))
				for i := range starts {
					starts[i] = delivery.Start{Delivery: &delivery.Delivery{Request: &wire.Request{}}, Sender: said(500)}
				}
				return starts, nil
			},
		})
		Expect(err).NotTo(HaveOccurred())
		for id := range int64(20) {
			stream.Add(delivery.Ticket{ID: id, Lane: 1, Due: start, Number: 1})
		}
		release, err := stream.Run(ctx)
		Expect(err).To(MatchError(full))
		release()
	}, SpecTimeout(10*time.Second))
})
