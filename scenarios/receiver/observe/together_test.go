package observe_test

import (
	"context"
	"errors"
	"sync"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
)

// held is an observer that answers when it is let.
type held struct {
	mu     sync.Mutex
	asked  [][]observe.Subject
	failed error
	begun  chan struct{}
	answer chan struct{}
}

func (h *held) Observe(ctx context.Context, s []observe.Subject) ([]observe.Reading, error) {
	h.mu.Lock()
	h.asked = append(h.asked, s)
	h.mu.Unlock()
	h.begun <- struct{}{}
	select {
	case <-h.answer:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	out := make([]observe.Reading, len(s))
	for i := range s {
		out[i].Effects = len(s[i].OrderNumber) + int(s[i].EventID[len(s[i].EventID)-1])
	}
	return out, h.failed
}

var _ = Describe("Together", func() {
	newHeld := func() (*held, observe.Observer) {
		h := &held{begun: make(chan struct{}, 16), answer: make(chan struct{}, 16)}
		return h, observe.Together(h, retryclock.Wall{})
	}
	type reply struct {
		readings []observe.Reading
		err      error
	}
	ask := func(ctx context.Context, o observe.Observer, of ...observe.Subject) chan reply {
		out := make(chan reply, 1)
		go func() {
			r, err := o.Observe(ctx, of)
			out <- reply{r, err}
		}()
		return out
	}
	waiting := func(of any, n int) {
		GinkgoHelper()
		Eventually(of.(interface{ Waiting() int }).Waiting).Should(Equal(n))
	}

	It("makes one question of what is asked while another is under way, and gives each its own answers", func(ctx SpecContext) {
		h, o := newHeld()
		first := ask(ctx, o, subject(0))
		<-h.begun
		second, third := ask(ctx, o, subject(1), subject(2)), ask(ctx, o, subject(3))
		waiting(o, 3)
		h.answer <- struct{}{}
		Expect((<-first).readings).To(HaveLen(1))
		<-h.begun
		h.answer <- struct{}{}
		want := func(n int) int { return len(subject(n).OrderNumber) + '0' + n }
		Expect(effects((<-second).readings)).To(Equal([]int{want(1), want(2)}))
		Expect(effects((<-third).readings)).To(Equal([]int{want(3)}))
		Expect(h.asked).To(HaveLen(2))
	})

	It("tells a failure to all who asked", func(ctx SpecContext) {
		h, o := newHeld()
		h.failed = errors.New("away")
		first := ask(ctx, o, subject(0))
		<-h.begun
		h.answer <- struct{}{}
		Expect((<-first).err).To(MatchError("away"))
	})

	It("gives up a question once nobody waits for it", func(ctx SpecContext) {
		h, o := newHeld()
		leaving, leave := context.WithCancel(ctx)
		gone := ask(leaving, o, subject(0))
		<-h.begun
		leave()
		Expect((<-gone).err).To(MatchError(context.Canceled))
		next := ask(ctx, o, subject(1))
		<-h.begun
		h.answer <- struct{}{}
		Expect((<-next).err).NotTo(HaveOccurred())
	})

	It("does not let those who left take others with them", func(ctx SpecContext) {
		h, o := newHeld()
		first := ask(ctx, o, subject(0))
		<-h.begun
		leaving, leave := context.WithCancel(ctx)
		gone := ask(leaving, o, subject(1))
		waiting(o, 1)
		leave()
		Expect((<-gone).err).To(MatchError(context.Canceled))
		next := ask(ctx, o, subject(2))
		waiting(o, 1)
		h.answer <- struct{}{}
		Expect((<-first).err).NotTo(HaveOccurred())
		<-h.begun
		h.answer <- struct{}{}
		Expect((<-next).err).NotTo(HaveOccurred())
	})

	It("runs an action once for all who wait for it", func(ctx SpecContext) {
		begun, end, runs := make(chan struct{}), make(chan struct{}), 0
		shared := observe.Shared(observe.ActionFunc(func(context.Context, ...string) error {
			runs++ // never two at once: the race detector would tell
			begun <- struct{}{}
			<-end
			return nil
		}))
		var all sync.WaitGroup
		run := func() {
			all.Go(func() {
				defer GinkgoRecover()
				Expect(shared.Run(ctx)).To(Succeed())
			})
		}
		run()
		<-begun
		for range 5 {
			run()
		}
		waiting(shared, 5)
		end <- struct{}{}
		<-begun
		end <- struct{}{}
		all.Wait()
		Expect(runs).To(Equal(2))
	})
})
