package retryclock_test

import (
	"context"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/retryclock"
)

// byHand is a wall clock that goes when it is told to.
type byHand struct {
	mu      sync.Mutex
	now     time.Time
	changed chan struct{}
}

func (b *byHand) Now() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

func (b *byHand) pass(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = b.now.Add(d)
	close(b.changed)
	b.changed = make(chan struct{})
}

func (b *byHand) WaitUntil(ctx context.Context, t time.Time) error {
	for {
		b.mu.Lock()
		there, changed := !b.now.Before(t), b.changed
		b.mu.Unlock()
		if there {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (*byHand) Hold() func() { return func() {} }

var _ = Describe("Steered", func() {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var wall *byHand
	var clock *retryclock.Steered
	BeforeEach(func() {
		wall = &byHand{now: start, changed: make(chan struct{})}
		clock = retryclock.NewSteered(start, wall)
		running, cancel := context.WithCancel(context.Background())
		done := make(chan struct{})
		go func() {
			defer close(done)
			clock.Run(running)
		}()
		DeferCleanup(func() {
			cancel()
			<-done
		})
	})

	It("stands still by itself", func(ctx SpecContext) {
		wall.pass(time.Hour)
		Expect(clock.Now()).To(Equal(start))
		Expect(clock.Rest(ctx)).To(Succeed())
	}, SpecTimeout(10*time.Second))

	It("goes ahead over nobody who expects an earlier instant, and waits until they have acted", func(ctx SpecContext) {
		e := clock.Expect(start.Add(time.Hour))
		clock.Advance(start.Add(3*time.Hour), false)
		Eventually(ctx, e.Reached()).Should(BeClosed())
		Expect(clock.Now()).To(Equal(start.Add(time.Hour)))
		Expect(clock.Steering().Moving()).To(BeTrue())
		again := clock.Expect(start.Add(2 * time.Hour)) // while the first one holds it
		e.End()
		Eventually(ctx, again.Reached()).Should(BeClosed())
		Expect(clock.Now()).To(Equal(start.Add(2 * time.Hour)))
		again.End()
		Expect(clock.Rest(ctx)).To(Succeed())
		Expect(clock.Now()).To(Equal(start.Add(3 * time.Hour)))
	}, SpecTimeout(10*time.Second))

	It("does not move over work, and never back", func(ctx SpecContext) {
		release := clock.Hold()
		clock.Advance(start.Add(time.Hour), false)
		Expect(clock.Now()).To(Equal(start))
		release()
		Expect(clock.Rest(ctx)).To(Succeed())
		Expect(clock.Now()).To(Equal(start.Add(time.Hour)))
		past := clock.Expect(start)
		Eventually(ctx, past.Reached()).Should(BeClosed())
		past.End()
		clock.Advance(start, false)
		Expect(clock.Rest(ctx)).To(Succeed())
		Expect(clock.Now()).To(Equal(start.Add(time.Hour)))
	}, SpecTimeout(10*time.Second))

	It("ends going ahead where nothing is left to be done", func(ctx SpecContext) {
		e := clock.Expect(start.Add(time.Hour))
		clock.Advance(start.Add(48*time.Hour), true)
		Eventually(ctx, e.Reached()).Should(BeClosed())
		clock.Idle()
		e.End()
		Expect(clock.Rest(ctx)).To(Succeed())
		Expect(clock.Now()).To(Equal(start.Add(time.Hour)))
	}, SpecTimeout(10*time.Second))

	It("goes at a speed, and waits for work when that is faster than the wall clock", func(ctx SpecContext) {
		clock.Play(60)
		e := clock.Expect(start.Add(time.Hour))
		wall.pass(30 * time.Second)
		Consistently(e.Reached(), "20ms").ShouldNot(BeClosed())
		Expect(clock.Now()).To(Equal(start.Add(30 * time.Minute)))
		wall.pass(31 * time.Second)
		Eventually(ctx, e.Reached()).Should(BeClosed())
		at := clock.Now()
		wall.pass(time.Minute) // an attempt takes a minute
		Expect(clock.Now()).To(Equal(at))
		e.End()
		wall.pass(time.Second)
		Expect(clock.Now()).To(Equal(at.Add(time.Minute)))
	}, SpecTimeout(10*time.Second))

	It("goes as the wall clock does also while work is under way", func(ctx SpecContext) {
		clock.Play(1)
		release := clock.Hold()
		defer release()
		e := clock.Expect(start.Add(time.Minute))
		wall.pass(2 * time.Minute)
		Eventually(ctx, e.Reached()).Should(BeClosed())
		Expect(clock.Now()).To(Equal(start.Add(2 * time.Minute)))
		e.End()
		clock.Play(0)
		wall.pass(time.Hour)
		Expect(clock.Now()).To(Equal(start.Add(2 * time.Minute)))
	}, SpecTimeout(10*time.Second))

	It("wakes and lets go as every clock does", func(ctx SpecContext) {
		short, cancel := context.WithCancel(ctx)
		cancel()
		Expect(clock.WaitUntil(short, start.Add(time.Hour))).To(MatchError(context.Canceled))
		go clock.Advance(start.Add(time.Hour), false)
		Expect(clock.WaitUntil(ctx, start.Add(time.Hour))).To(Succeed())
		Expect(clock.Now()).To(Equal(start.Add(time.Hour)))
	}, SpecTimeout(10*time.Second))
})
