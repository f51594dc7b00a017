package fuzz_test

import (
	"net/http"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/scenarios/fuzz"
	"github.com/kometia-sim/kometia-sim/scenarios/fuzz/oracle"
	"github.com/kometia-sim/kometia-sim/simulator/payload"
)

// inbox is a receiver that stores each event, answers, and works the events off
// one after the other.
type inbox struct {
	*receiver
	work chan *parsed
}

// newInbox begins to work until the test is over. takes is called before each
// event; false ends all work.
func newInbox(takes func(*parsed) bool) *inbox {
	q := &inbox{work: make(chan *parsed, 1<<20)}
	q.receiver = newReceiver(flawed{handles: func(_ *receiver, _ *http.Request, e *parsed) int {
		q.work <- e
		return http.StatusAccepted
	}})
	over := make(chan struct{})
	var worker sync.WaitGroup
	worker.Go(func() {
		for {
			select {
			case <-over:
				return
			case e := <-q.work:
				if !takes(e) {
					return
				}
				q.once(e)
			}
		}
	})
	DeferCleanup(func() {
		close(over)
		worker.Wait()
	})
	return q
}

var _ = Describe("a receiver with an inbox", Label("whole"), func() {
	hunt := func(ctx SpecContext, q *inbox, d time.Duration) (list []fuzz.Finding) {
		GinkgoHelper()
		cfg := serve(q, 1)
		cfg.Observer, cfg.Observing, cfg.Time = q, "url", d
		cfg.Generator.Kinds = []string{"order.placed", "customer.created"}
		_, list = run(ctx, cfg)
		return list
	}

	It("is not said to lose what it has not come to", SpecTimeout(2*time.Minute), func(ctx SpecContext) {
		q := newInbox(func(*parsed) bool {
			time.Sleep(4 * time.Millisecond) // slower than it is sent to
			return true
		})
		for _, f := range hunt(ctx, q, 30*time.Second) {
			Expect(f).To(BeZero(), "%s: %s -> %s", f.Oracle, f.What, f.Found.EN)
		}
	})

	It("is told to have stopped, and by which event", SpecTimeout(2*time.Minute), func(ctx SpecContext) {
		poison := func(e *parsed) bool { return len(textOf(e.o, "customer_note")) > 2000 }
		q := newInbox(func(e *parsed) bool { return !poison(e) })
		findings := hunt(ctx, q, 60*time.Second)
		Expect(findings).To(HaveLen(1))
		Expect(findings[0].Oracle).To(Equal(oracle.StillAlive))
		Expect(findings[0].Found.EN).To(Equal("it answers 2xx to a normal event and does nothing"))
		Expect(findings[0].What).To(ContainSubstring("customer_note"))
	})
})

var _ = Describe("a repeat that is done again", Label("whole"), func() {
	It("is told by a response that was lost, which will happen, and not by copies", SpecTimeout(time.Minute), func(ctx SpecContext) {
		for _, flaw := range historyFlaws() {
			if flaw.name != "no dedupe" {
				continue
			}
			cfg, _ := hunting(flaw, 1)
			cfg.Generator.Phases, cfg.Time = []payload.Phase{payload.Histories}, 30*time.Second
			_, findings := run(ctx, cfg)
			Expect(findings).NotTo(BeEmpty())
			Expect(findings[0].Level).To(BeEquivalentTo("must"))
			Expect(findings[0].What).To(MatchRegexp(`^[a-z.]+ \(lose-answer\), \+1h [a-z.]+ again$`))
			return
		}
	})
})
