package receiver_test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"pgregory.net/rapid"

	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// limited is a receiver that answers at once, and takes so many requests in
// each window of time; to the others it says when the next one begins.
type limited struct {
	clock  *retryclock.Virtual
	most   int
	window time.Duration

	mu      sync.Mutex
	began   time.Time
	n       int
	at      []time.Time // when each request came
	refused int
}

func (l *limited) Do(_ context.Context, _ *wire.Request) *wire.Outcome {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.clock.Now()
	l.at = append(l.at, now)
	if now.Sub(l.began) >= l.window {
		l.began, l.n = now, 0
	}
	if l.n++; l.n <= l.most {
		return &wire.Outcome{Status: http.StatusNoContent}
	}
	l.refused++
	left := l.began.Add(l.window).Sub(now)
	return &wire.Outcome{Status: http.StatusTooManyRequests, Header: []wire.Field{
		{Name: "Retry-After", Value: fmt.Sprint(int((left + time.Second - 1) / time.Second))},
	}}
}

var _ = Describe("Pace", func() {
	DescribeTable("is read strictly", func(s string, spacing time.Duration) {
		p, err := receiver.ParsePace(s)
		Expect(err).NotTo(HaveOccurred())
		Expect(p.Spacing()).To(Equal(spacing))
		Expect(p.String()).To(Equal(s))
	},
		Entry(nil, "60/m", time.Second), Entry(nil, "30/s", 33333334*time.Nanosecond),
		Entry(nil, "1/h", time.Hour), Entry(nil, "7/m", 8571428572*time.Nanosecond),
	)
	DescribeTable("refuses what is none", func(s string) {
		_, err := receiver.ParsePace(s)
		Expect(err).To(HaveOccurred())
	},
		Entry(nil, ""), Entry(nil, "60"), Entry(nil, "0/m"), Entry(nil, "-1/m"), Entry(nil, "60/d"), Entry(nil, "6e1/m"),
		Entry(nil, "60/m "), Entry(nil, "99999999999999999999/s"), Entry(nil, "060/m"),
	)
	It("never allows more than it says, and no less than it must", func() {
		rapid.Check(GinkgoT(), func(t *rapid.T) {
			p := receiver.Pace{
				Requests: rapid.IntRange(1, 999_999).Draw(t, "requests"),
				Per:      rapid.SampledFrom([]time.Duration{time.Second, time.Minute, time.Hour}).Draw(t, "per"),
			}
			again, err := receiver.ParsePace(p.String())
			if err != nil || again != p {
				t.Fatalf("%v is read as %v, %v", p, again, err)
			}
			whole := p.Spacing() * time.Duration(p.Requests)
			if whole < p.Per || whole >= p.Per+time.Duration(p.Requests) {
				t.Fatalf("%v: %d requests take %v", p, p.Requests, whole)
			}
		})
	})
})

var _ = Describe("the pacer", func() {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var rec *limited
	var stop chan struct{}

	BeforeEach(func() {
		rec = &limited{clock: retryclock.NewVirtual(start), most: 60, window: time.Minute}
		rec.began = start
		stop = make(chan struct{})
	})

	// statuses are the answers to n requests, one after the other.
	statuses := func(ctx context.Context, n int, pace string) map[int]int {
		GinkgoHelper()
		var p receiver.Pace
		if pace != "" {
			var err error
			p, err = receiver.ParsePace(pace)
			Expect(err).NotTo(HaveOccurred())
		}
		sender := receiver.NewPaced(rec, rec.clock, stop, p)
		got := map[int]int{}
		for range n {
			got[sender.Do(ctx, &wire.Request{}).Status]++
		}
		return got
	}
	elapsed := func() time.Duration { return rec.clock.Now().Sub(start) }

	It("keeps the pace that was asked for, from the first request to the last", func(ctx SpecContext) {
		Expect(statuses(ctx, 300, "60/m")).To(Equal(map[int]int{204: 300}))
		Expect(rec.refused).To(BeZero())
		Expect(elapsed()).To(Equal(299 * time.Second))
		for i := 1; i < len(rec.at); i++ {
			Expect(rec.at[i].Sub(rec.at[i-1])).To(Equal(time.Second))
		}
	}, SpecTimeout(5*time.Minute))

	It("gets through a limit that is lower than the pace, however long that takes", func(ctx SpecContext) {
		Expect(statuses(ctx, 300, "600/m")).To(Equal(map[int]int{204: 300}))
		Expect(elapsed()).To(BeNumerically("~", 4*time.Minute, 10*time.Second))
	}, SpecTimeout(5*time.Minute))

	It("counts for several senders together", func(ctx SpecContext) {
		sender := receiver.NewPaced(rec, rec.clock, stop, receiver.Pace{Requests: 60, Per: time.Minute})
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for range 10 {
					sender.Do(ctx, &wire.Request{})
				}
			})
		}
		wg.Wait()
		Expect(rec.refused).To(BeZero())
		Expect(rec.at).To(HaveLen(80))
		Expect(elapsed()).To(Equal(79 * time.Second))
	}, SpecTimeout(5*time.Minute))

	It("waits a minute for each request at the most, and gives a receiver up that never yields", func(ctx SpecContext) {
		rec.most = 0
		rec.window = 40 * time.Second
		Expect(statuses(ctx, 20, "60/s")).To(Equal(map[int]int{429: 20}))
		Expect(elapsed()).To(BeNumerically("<=", 3*time.Minute+time.Second))
		Expect(len(rec.at)).To(BeNumerically("<=", 20+3*60))
	}, SpecTimeout(5*time.Minute))

	It("does not wait at all for longer than a minute, with a pace or without", func(ctx SpecContext) {
		rec.most, rec.window = 0, time.Hour
		Expect(statuses(ctx, 5, "600/s")).To(Equal(map[int]int{429: 5}))
		Expect(statuses(ctx, 5, "")).To(Equal(map[int]int{429: 5}))
		Expect(elapsed()).To(BeNumerically("<", time.Second))
	}, SpecTimeout(5*time.Minute))

	It("waits at most a minute in all when nobody asked for a pace", func(ctx SpecContext) {
		got := statuses(ctx, 300, "")
		Expect(elapsed()).To(BeNumerically("<=", time.Minute))
		Expect(got[204]).To(BeNumerically(">=", 115), "two windows' worth")
		Expect(got[429]).To(Equal(300 - got[204]))
	}, SpecTimeout(5*time.Minute))

	It("goes on slower after it was asked for patience, so that it is asked seldom", func(ctx SpecContext) {
		// 20 a second, told in whole seconds: sent at once, every 21st would be refused.
		rec.most, rec.window = 20, time.Second
		Expect(statuses(ctx, 300, "")).To(Equal(map[int]int{204: 300}))
		Expect(rec.refused).To(BeNumerically("<=", 10), "14 without slowing down")
		Expect(elapsed()).To(BeNumerically("<", 25*time.Second))
	}, SpecTimeout(5*time.Minute))

	It("is soon as quick as ever after a single rest", func(ctx SpecContext) {
		rest := &resting{limited: rec}
		sender := receiver.NewPaced(rest, rec.clock, stop, receiver.Pace{})
		for range 300 {
			Expect(sender.Do(ctx, &wire.Request{}).Status).To(Equal(http.StatusNoContent))
		}
		Expect(elapsed()).To(BeNumerically("<=", 16*time.Second), "5 s of rest, and some caution")
	}, SpecTimeout(5*time.Minute))

	It("waits as often as it is asked to for a sender that has the time, until that is over", func(ctx SpecContext) {
		over := false
		sender := receiver.Endless(rec, rec.clock, func() bool { return over })
		for range 300 {
			Expect(sender.Do(ctx, &wire.Request{}).Status).To(Equal(http.StatusNoContent))
		}
		Expect(elapsed()).To(BeNumerically(">", 3*time.Minute), "three windows more than the first")
		over, rec.most = true, 0
		Expect(sender.Do(ctx, &wire.Request{}).Status).To(Equal(http.StatusTooManyRequests))
		over, rec.window = false, time.Hour
		Expect(sender.Do(ctx, &wire.Request{}).Status).To(Equal(http.StatusTooManyRequests), "longer than a minute")
	}, SpecTimeout(5*time.Minute))

	It("gives every copy of a burst its turn before the first one starts", func(ctx SpecContext) {
		sender := receiver.NewPaced(rec, rec.clock, stop, receiver.Pace{Requests: 60, Per: time.Minute})
		burst := sender.Burst(ctx, 4)
		Expect(elapsed()).To(Equal(3 * time.Second))
		for range 4 {
			Expect(burst.Do(ctx, &wire.Request{}).Status).To(Equal(http.StatusNoContent))
		}
		Expect(elapsed()).To(Equal(3 * time.Second))
		sender.Do(ctx, &wire.Request{})
		Expect(elapsed()).To(Equal(4 * time.Second))
	}, SpecTimeout(5*time.Minute))

	It("opens a large burst's connections a moment after each other, for servers with a short queue", func(ctx SpecContext) {
		burst := receiver.NewPaced(rec, rec.clock, stop, receiver.Pace{}).Burst(ctx, 8)
		for range 4 {
			burst.Do(ctx, &wire.Request{})
		}
		Expect(elapsed()).To(BeZero())
		burst.Do(ctx, &wire.Request{})
		Expect(elapsed()).To(And(BeNumerically(">", 0), BeNumerically("<", 10*time.Millisecond)))
		for range 3 {
			burst.Do(ctx, &wire.Request{})
		}
		Expect(elapsed()).To(BeNumerically("<", 50*time.Millisecond), "far less than the second after which a connection is asked for again")
	}, SpecTimeout(5*time.Minute))

	It("sends nothing more once it is stopped, and does not wait", func(ctx SpecContext) {
		close(stop)
		sender := receiver.NewPaced(rec, retryclock.Wall{}, stop, receiver.Pace{Requests: 1, Per: time.Hour})
		Expect(sender.Do(ctx, &wire.Request{}).Status).To(Equal(http.StatusNoContent), "nothing to wait for")
		o := sender.Do(ctx, &wire.Request{})
		Expect(o.Err.Kind).To(Equal(wire.ErrCanceled))
		Expect(rec.at).To(HaveLen(1))
	}, SpecTimeout(5*time.Minute))
})

// resting is a receiver that once asks for five seconds' rest.
type resting struct {
	*limited
	n atomic.Int32
}

func (r *resting) Do(ctx context.Context, q *wire.Request) *wire.Outcome {
	if r.n.Add(1) == 5 {
		return &wire.Outcome{Status: http.StatusServiceUnavailable, Header: []wire.Field{{Name: "Retry-After", Value: "5"}}}
	}
	r.most = 1 << 30
	return r.limited.Do(ctx, q)
}
