package retryclock_test

import (
	"context"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/retryclock"
)

var _ = Describe("Virtual", func() {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var clock *retryclock.Virtual

	BeforeEach(func() { clock = retryclock.NewVirtual(start) })

	It("stands still until someone waits, then jumps", func(ctx SpecContext) {
		Expect(clock.Now()).To(Equal(start))
		Expect(clock.WaitUntil(ctx, start.Add(48*time.Hour))).To(Succeed())
		Expect(clock.Now()).To(Equal(start.Add(48 * time.Hour)))
	}, SpecTimeout(5*time.Second))

	It("never goes back", func(ctx SpecContext) {
		Expect(clock.WaitUntil(ctx, start.Add(-time.Hour))).To(Succeed())
		Expect(clock.Now()).To(Equal(start))
	}, SpecTimeout(5*time.Second))

	It("does not move while it is held", func(ctx SpecContext) {
		release := clock.Hold()
		done := make(chan time.Time)
		go func() {
			defer GinkgoRecover()
			Expect(clock.WaitUntil(ctx, start.Add(time.Hour))).To(Succeed())
			done <- clock.Now()
		}()
		Consistently(done, "20ms").ShouldNot(Receive())
		Expect(clock.Now()).To(Equal(start))
		release()
		release() // a second call changes nothing
		Eventually(ctx, done).Should(Receive(Equal(start.Add(time.Hour))))
	}, SpecTimeout(5*time.Second))

	It("wakes the earliest first and jumps over nobody", func(ctx SpecContext) {
		release := clock.Hold()
		woken := make(chan time.Duration, 3)
		var all sync.WaitGroup
		for _, d := range []time.Duration{3 * time.Hour, time.Hour, 2 * time.Hour} {
			all.Go(func() {
				defer GinkgoRecover()
				Expect(clock.WaitUntil(ctx, start.Add(d))).To(Succeed())
				woken <- clock.Now().Sub(start)
				Expect(clock.WaitUntil(ctx, start.Add(10*time.Hour))).To(Succeed())
			})
		}
		Consistently(woken, "20ms").ShouldNot(Receive())
		release()
		for _, want := range []time.Duration{time.Hour, 2 * time.Hour, 3 * time.Hour} {
			var got time.Duration
			Eventually(ctx, woken).Should(Receive(&got))
			Expect(got).To(Equal(want))
		}
		all.Wait()
		Expect(clock.Now()).To(Equal(start.Add(10 * time.Hour)))
	}, SpecTimeout(5*time.Second))

	It("gives up with the context", func(ctx SpecContext) {
		release := clock.Hold()
		defer release()
		short, cancel := context.WithCancel(ctx)
		cancel()
		Expect(clock.WaitUntil(short, start.Add(time.Hour))).To(MatchError(context.Canceled))
		Expect(clock.Now()).To(Equal(start))
	}, SpecTimeout(5*time.Second))
})

var _ = Describe("Wall", func() {
	It("waits in real time and gives up with the context", func(ctx SpecContext) {
		var clock retryclock.Wall
		begin := clock.Now()
		Expect(clock.WaitUntil(ctx, begin.Add(5*time.Millisecond))).To(Succeed())
		Expect(clock.Now().Sub(begin)).To(BeNumerically(">=", 5*time.Millisecond))
		Expect(clock.WaitUntil(ctx, begin)).To(Succeed())
		clock.Hold()()

		gone, cancel := context.WithCancel(ctx)
		cancel()
		Expect(clock.WaitUntil(gone, begin.Add(time.Hour))).To(MatchError(context.Canceled))
	}, SpecTimeout(5*time.Second))
})

var _ = Describe("Shifted", func() {
	It("shows another time and waits by it", func(ctx SpecContext) {
		start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		for _, by := range []time.Duration{47 * time.Hour, -time.Hour} {
			under := retryclock.NewVirtual(start)
			clock := retryclock.Shifted{Clock: under, By: by}
			Expect(clock.Now()).To(Equal(start.Add(by)))
			Expect(clock.WaitUntil(ctx, start.Add(by+time.Minute))).To(Succeed())
			Expect(under.Now()).To(Equal(start.Add(time.Minute)))
			Expect(clock.Now()).To(Equal(start.Add(by + time.Minute)))
		}
	}, SpecTimeout(5*time.Second))
})
