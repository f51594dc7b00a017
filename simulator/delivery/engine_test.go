package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"pgregory.net/rapid"

	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/fault"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

var start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// receiver answers the attempts it sees with a script of status codes, the
// last of which goes on; zero means that there is no answer.
type receiver struct {
	mu     sync.Mutex
	script []int
	seen   []string
	fresh  []bool
}

func (s *receiver) Do(ctx context.Context, r *wire.Request) *wire.Outcome {
	s.mu.Lock()
	defer s.mu.Unlock()
	if ctx.Err() != nil {
		return &wire.Outcome{Err: &wire.Error{Kind: wire.ErrCanceled, Err: ctx.Err()}}
	}
	status := s.script[min(len(s.seen), len(s.script)-1)]
	s.seen = append(s.seen, string(r.Body))
	s.fresh = append(s.fresh, r.Fresh)
	if status == 0 {
		return &wire.Outcome{Err: &wire.Error{Kind: wire.ErrConnectRefused, Err: errors.New("refused")}}
	}
	return &wire.Outcome{Status: status}
}

func answers(script ...int) *receiver { return &receiver{script: script} }

func one() delivery.Delivery {
	return delivery.Delivery{Event: "evn_1", Kind: "order.placed", Due: start, Request: &wire.Request{Body: []byte("one")}}
}

var _ = Describe("Engine", func() {
	play := func(ctx context.Context, s delivery.Sender, d ...delivery.Delivery) []delivery.Result {
		GinkgoHelper()
		e, err := delivery.New(delivery.Config{Clock: retryclock.NewVirtual(start), Policy: retryclock.DefaultPolicy(), Sender: s})
		Expect(err).NotTo(HaveOccurred())
		results, err := e.Run(ctx, d)
		Expect(err).NotTo(HaveOccurred())
		return results
	}

	It("makes 49 attempts at 0, 3600 ... 172800 s and then gives up for good", func(ctx SpecContext) {
		s := answers(500)
		got := play(ctx, s, one())
		Expect(got).To(HaveLen(1))
		Expect(got[0].State).To(Equal(delivery.Expired))
		Expect(got[0].Attempts).To(HaveLen(49))
		for i, a := range got[0].Attempts {
			Expect(a.Number).To(Equal(i + 1))
			Expect(a.Offset).To(Equal(time.Duration(i) * time.Hour))
			Expect(a.At).To(Equal(start.Add(a.Offset)))
			Expect(a.Verdict).To(Equal(delivery.Rejected))
		}
		Expect(got[0].LastOffset()).To(Equal(172800 * time.Second))
		Expect(s.seen).To(HaveLen(49))
		Expect(s.seen).To(HaveEach("one"))
	}, SpecTimeout(5*time.Second))

	It("retries on fresh connections, as an hour has passed", func(ctx SpecContext) {
		s := answers(500, 500, 200)
		d := one()
		play(ctx, s, d)
		Expect(s.fresh).To(Equal([]bool{false, true, true}))
		Expect(d.Request.Fresh).To(BeFalse())
	})

	It("stops at the first 2xx", func(ctx SpecContext) {
		got := play(ctx, answers(500, 500, 500, 204), one())
		Expect(got[0].State).To(Equal(delivery.Delivered))
		Expect(got[0].Attempts).To(HaveLen(4))
	}, SpecTimeout(5*time.Second))

	DescribeTable("takes a 2xx and nothing else for a receipt",
		func(ctx SpecContext, status int, want delivery.Verdict) {
			got := play(ctx, answers(status), one())
			Expect(got[0].Attempts[0].Verdict).To(Equal(want))
		},
		Entry(nil, SpecTimeout(5*time.Second), 200, delivery.Acknowledged),
		Entry(nil, SpecTimeout(5*time.Second), 204, delivery.Acknowledged),
		Entry(nil, SpecTimeout(5*time.Second), 299, delivery.Acknowledged),
		Entry(nil, SpecTimeout(5*time.Second), 199, delivery.Rejected),
		Entry(nil, SpecTimeout(5*time.Second), 301, delivery.Rejected),
		Entry(nil, SpecTimeout(5*time.Second), 304, delivery.Rejected),
		Entry(nil, SpecTimeout(5*time.Second), 419, delivery.Rejected),
		Entry(nil, SpecTimeout(5*time.Second), 500, delivery.Rejected),
		Entry(nil, SpecTimeout(5*time.Second), 999, delivery.Rejected),
		Entry(nil, SpecTimeout(5*time.Second), 0, delivery.NoResponse),
	)

	It("never sends what is refused, and does not believe a response that is lost", func(ctx SpecContext) {
		d := one()
		d.Faults = []fault.Fault{fault.Of(fault.Refuse), fault.Of(fault.LoseAnswer)}
		s := answers(200)
		got := play(ctx, s, d)
		Expect(s.seen).To(HaveLen(2))
		a := got[0].Attempts
		Expect(a).To(HaveLen(3))
		Expect(a[0].Outcome).To(BeNil())
		Expect(a[0].Verdict).To(Equal(delivery.NoResponse))
		Expect(a[1].Outcome.Status).To(Equal(200))
		Expect(a[1].Verdict).To(Equal(delivery.NoResponse))
		Expect(a[2].Verdict).To(Equal(delivery.Acknowledged))
		Expect(a[2].Offset).To(Equal(2 * time.Hour))
	}, SpecTimeout(5*time.Second))

	It("ends at a delivery's own limit, counting from its origin", func(ctx SpecContext) {
		d := one()
		d.Due, d.Origin, d.MaxAttempts = start.Add(3*time.Hour), start, 2
		got := play(ctx, answers(500), d)
		Expect(got[0].State).To(Equal(delivery.Failed))
		Expect(got[0].Attempts).To(HaveLen(2))
		Expect(got[0].Attempts[0].Offset).To(Equal(3 * time.Hour))
	}, SpecTimeout(5*time.Second))

	It("goes on where another run stopped", func(ctx SpecContext) {
		d := one()
		d.First, d.Due, d.Origin = 3, start.Add(2*time.Hour), start
		d.MaxAttempts, d.Faults = 2, []fault.Fault{fault.Of(fault.LoseAnswer)}
		a := play(ctx, answers(200, 500), d)[0].Attempts
		Expect(a).To(HaveLen(2))
		Expect(a[0].Number).To(Equal(3))
		Expect(a[0].Fault).To(Equal(fault.Of(fault.LoseAnswer)))
		Expect(a[1].Number).To(Equal(4))
		Expect(a[1].Offset).To(Equal(3 * time.Hour))

		// The policy's end is where it was.
		d.First, d.MaxAttempts = 48, 0
		got := play(ctx, answers(500), d)[0]
		Expect(got.Attempts).To(HaveLen(2))
		Expect(got.State).To(Equal(delivery.Expired))
	}, SpecTimeout(5*time.Second))

	It("says failed, not expired, where no retry was asked for", func(ctx SpecContext) {
		e, err := delivery.New(delivery.Config{Clock: retryclock.NewVirtual(start), Sender: answers(500)})
		Expect(err).NotTo(HaveOccurred())
		got, err := e.Run(ctx, []delivery.Delivery{one()})
		Expect(err).NotTo(HaveOccurred())
		Expect(got[0].State).To(Equal(delivery.Failed))
		Expect(got[0].Attempts).To(HaveLen(1))
	}, SpecTimeout(5*time.Second))

	It("lets a second delivery take its turn between the attempts of the first", func(ctx SpecContext) {
		second := one()
		second.Event, second.Due = "evn_2", start.Add(90*time.Minute)
		var order []string
		e, err := delivery.New(delivery.Config{
			Clock: retryclock.NewVirtual(start), Policy: retryclock.Policy{Interval: time.Hour, Window: 2 * time.Hour},
			Sender: answers(500),
			OnAttempt: func(a delivery.Attempt) {
				order = append(order, fmt.Sprintf("%s@%s", a.Delivery.Event, a.At.Sub(start)))
			},
		})
		Expect(err).NotTo(HaveOccurred())
		_, err = e.Run(ctx, []delivery.Delivery{one(), second})
		Expect(err).NotTo(HaveOccurred())
		Expect(order).To(Equal([]string{
			"evn_1@0s", "evn_1@1h0m0s", "evn_2@1h30m0s", "evn_1@2h0m0s", "evn_2@2h30m0s", "evn_2@3h30m0s",
		}))
	}, SpecTimeout(5*time.Second))

	It("starts nothing new once it is told to stop, and keeps what was done", func(ctx SpecContext) {
		stop := make(chan struct{})
		var attempts int
		e, err := delivery.New(delivery.Config{
			Clock: retryclock.NewVirtual(start), Policy: retryclock.DefaultPolicy(), Sender: answers(500), Stop: stop,
			OnAttempt: func(delivery.Attempt) {
				if attempts++; attempts == 3 {
					close(stop)
				}
			},
		})
		Expect(err).NotTo(HaveOccurred())
		got, err := e.Run(ctx, []delivery.Delivery{one()})
		Expect(err).NotTo(HaveOccurred())
		Expect(got[0].State).To(Equal(delivery.Interrupted))
		Expect(got[0].Attempts).To(HaveLen(3))
	}, SpecTimeout(5*time.Second))

	It("ends with its context, also in the middle of a wait", func(ctx SpecContext) {
		short, cancel := context.WithCancel(ctx)
		e, err := delivery.New(delivery.Config{
			Clock: retryclock.Wall{}, Policy: retryclock.DefaultPolicy(), Sender: answers(500),
			OnAttempt: func(delivery.Attempt) { cancel() },
		})
		Expect(err).NotTo(HaveOccurred())
		got, err := e.Run(short, []delivery.Delivery{one()})
		Expect(err).To(MatchError(context.Canceled))
		Expect(got[0].State).To(Equal(delivery.Interrupted))
		Expect(got[0].Attempts).To(HaveLen(1))
	}, SpecTimeout(5*time.Second))

	It("refuses a configuration, naming all that is wrong", func() {
		_, err := delivery.New(delivery.Config{Concurrency: -1, Policy: retryclock.Policy{Interval: -1}})
		Expect(err).To(MatchError(And(
			ContainSubstring("no clock"), ContainSubstring("no sender"),
			ContainSubstring("concurrency -1"), ContainSubstring("interval"))))
	})
})

// flaky answers by what it is sent, so that concurrency changes nothing.
type flaky struct{ seed uint64 }

func (f flaky) Do(_ context.Context, r *wire.Request) *wire.Outcome {
	if rand.New(rand.NewPCG(f.seed, uint64(r.Body[0]))).IntN(3) == 0 {
		return &wire.Outcome{Status: 200}
	}
	return &wire.Outcome{Status: 500}
}

func TestVirtualTimeNeverGoesBackAndEveryAttemptIsOnTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		policy := retryclock.Policy{
			Interval: time.Duration(rapid.IntRange(1, 5).Draw(t, "interval")) * time.Hour,
			Window:   time.Duration(rapid.IntRange(0, 12).Draw(t, "window")) * time.Hour,
		}
		var ds []delivery.Delivery
		for i, due := range rapid.SliceOfN(rapid.IntRange(0, 20), 1, 12).Draw(t, "dues") {
			ds = append(ds, delivery.Delivery{Due: start.Add(time.Duration(due) * time.Hour), Request: &wire.Request{Body: []byte{byte(i)}}})
		}
		clock := retryclock.NewVirtual(start)
		last := start
		e, err := delivery.New(delivery.Config{
			Clock: clock, Policy: policy, Sender: flaky{seed: rapid.Uint64().Draw(t, "seed")},
			Concurrency: rapid.IntRange(1, 4).Draw(t, "concurrency"),
			OnAttempt: func(a delivery.Attempt) {
				if !a.At.Equal(clock.Now()) {
					t.Errorf("attempt due at %s was booked at %s", a.At, clock.Now())
				}
				if a.At.Before(last) {
					t.Errorf("time went back from %s to %s", last, a.At)
				}
				last = a.At
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		results, err := e.Run(context.Background(), ds)
		if err != nil {
			t.Fatal(err)
		}
		for i, r := range results {
			acknowledged := r.Last().Verdict == delivery.Acknowledged
			if acknowledged != (r.State == delivery.Delivered) || !acknowledged && len(r.Attempts) != policy.Attempts() {
				t.Fatalf("delivery %d: %s after %d attempts", i, r.State, len(r.Attempts))
			}
			for n, a := range r.Attempts {
				if a.Offset != policy.Offset(n+1) {
					t.Fatalf("delivery %d: attempt %d at %s", i, n+1, a.Offset)
				}
			}
		}
	})
}
