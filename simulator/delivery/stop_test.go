package delivery_test

import (
	"context"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/fault"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// breaker refuses every attempt and calls stop at one of them, before or after
// that attempt's own end; an attempt whose context has ended is cancelled, as
// on the wire.
type breaker struct {
	at    int32
	stop  func()
	asked atomic.Int32
}

func (b *breaker) Do(ctx context.Context, _ *wire.Request) *wire.Outcome {
	if b.asked.Add(1) == b.at {
		b.stop()
	}
	runtime.Gosched()
	if ctx.Err() != nil {
		return &wire.Outcome{Err: &wire.Error{Kind: wire.ErrCanceled, Err: ctx.Err()}}
	}
	return &wire.Outcome{Status: 500}
}

func TestARunThatIsBrokenOffEndsAndKeepsWhatWasDone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var clock retryclock.Clock = retryclock.NewVirtual(start)
		interval, begin := time.Hour, start
		if rapid.Bool().Draw(t, "wall") {
			clock, interval = retryclock.Wall{}, time.Millisecond
			begin = clock.Now()
		}
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		stop := make(chan struct{})
		b := &breaker{at: int32(rapid.IntRange(0, 12).Draw(t, "at")), stop: func() { close(stop) }}
		hard := rapid.Bool().Draw(t, "by the context")
		if hard {
			b.stop = cancel
		}
		if b.at == 0 {
			b.stop()
		}
		ds := make([]delivery.Delivery, rapid.IntRange(1, 5).Draw(t, "deliveries"))
		for i := range ds {
			ds[i] = delivery.Delivery{
				Due: begin.Add(time.Duration(rapid.IntRange(0, 3).Draw(t, "due")) * interval), Request: &wire.Request{},
				Faults: rapid.SliceOfN(rapid.SampledFrom([]fault.Fault{{}, fault.Of(fault.Refuse), fault.Of(fault.LoseAnswer), fault.Of(fault.Reset)}), 0, 4).Draw(t, "faults"),
			}
		}
		policy := retryclock.Policy{Interval: interval, Window: 3 * interval}
		var told int
		e, err := delivery.New(delivery.Config{
			Clock: clock, Policy: policy, Sender: b, Stop: stop,
			Concurrency: rapid.IntRange(1, 4).Draw(t, "concurrency"),
			OnAttempt:   func(delivery.Attempt) { told++ },
		})
		if err != nil {
			t.Fatal(err)
		}
		results, err := e.Run(ctx, ds)
		broken := b.asked.Load() >= b.at
		if wantErr := hard && broken; (err != nil) != wantErr {
			t.Fatalf("error %v, broken off by the context %v", err, wantErr)
		}
		booked := 0
		for i, r := range results {
			booked += len(r.Attempts)
			for n, a := range r.Attempts {
				if a.Number != n+1 || !a.At.Equal(ds[i].Due.Add(policy.Offset(n+1))) {
					t.Fatalf("delivery %d: attempt %d is number %d at %s", i, n, a.Number, a.At)
				}
			}
			switch whole := len(r.Attempts) == policy.Attempts(); {
			case r.State == delivery.Expired && !whole, r.State == delivery.Interrupted && !broken,
				r.State != delivery.Expired && r.State != delivery.Interrupted:
				t.Fatalf("delivery %d: %s after %d attempts, broken off %v", i, r.State, len(r.Attempts), broken)
			}
		}
		if booked != told {
			t.Fatalf("%d attempts in the results, %d told", booked, told)
		}
	})
}
