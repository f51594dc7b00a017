package fuzz_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/scenarios/fuzz"
	"github.com/kometia-sim/kometia-sim/scenarios/fuzz/oracle"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/simulator/payload"
)

// observerFunc is an observer that is a function.
type observerFunc func(context.Context, []observe.Subject) ([]observe.Reading, error)

func (f observerFunc) Observe(ctx context.Context, s []observe.Subject) ([]observe.Reading, error) {
	return f(ctx, s)
}

// different is a receiver that does right in a way of its own, with what it is
// watched by.
type different struct {
	kinds    []string
	handles  func(r *receiver, req *http.Request, e *parsed) int
	observer func(r *receiver) observe.Observer
	drain    func(r *receiver) observe.Action
	states   map[string]string
}

// queue is a queue with four workers.
type queue struct {
	slots chan struct{}

	mu    sync.Mutex
	empty *sync.Cond
	open  int
}

func newQueue() *queue {
	q := &queue{slots: make(chan struct{}, 4)}
	q.empty = sync.NewCond(&q.mu)
	return q
}

func (q *queue) count(by int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.open += by; q.open == 0 {
		q.empty.Broadcast()
	}
}

func (q *queue) add(work func()) {
	q.count(1)
	go func() {
		defer q.count(-1)
		q.slots <- struct{}{}
		defer func() { <-q.slots }()
		time.Sleep(time.Duration(2+rand.IntN(20)) * time.Millisecond) // its work
		work()
	}()
}

// drain returns once nothing is queued.
func (q *queue) drain(context.Context, ...string) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.open > 0 {
		q.empty.Wait()
	}
	return nil
}

var _ = Describe("histories of receivers that are good and different", Label("whole"), func() {
	histories := func(h *receiver, d different) setup {
		GinkgoHelper()
		cfg := serve(h, 1)
		cfg.Observer, cfg.Drain, cfg.Observing = h, instantly(), "url"
		if d.observer != nil {
			cfg.Observer = d.observer(h)
		}
		if d.drain != nil {
			cfg.Drain = d.drain(h)
		}
		cfg.Generator.Kinds, cfg.Generator.Phases, cfg.StateMap = d.kinds, []payload.Phase{payload.Histories}, d.states
		cfg.Histories, cfg.Time = 150, 12*time.Second
		return cfg
	}
	products := []string{"product.created", "product.updated", "product.deleted"}
	workers := newQueue()

	DescribeTable("have no finding", func(ctx SpecContext, d different) {
		_, findings := run(ctx, histories(newReceiver(flawed{handles: d.handles}), d))
		for _, f := range findings {
			Expect(f).To(BeZero(), "%s: %s -> %s", f.Oracle, f.What, f.Found.EN)
		}
	},
		Entry("four workers at once, who leave undone what is out of date", SpecTimeout(40*time.Second), different{
			kinds: products,
			handles: func(r *receiver, _ *http.Request, e *parsed) int {
				r.mu.Lock()
				defer r.mu.Unlock()
				if r.seen[e.id] {
					return http.StatusAccepted
				}
				r.seen[e.id], r.objects[e.id] = true, e.object
				workers.add(func() {
					r.mu.Lock()
					defer r.mu.Unlock()
					if e.at >= r.newest[e.object] {
						r.act(e)
						r.keep(e)
					}
				})
				return http.StatusAccepted
			},
			drain: func(*receiver) observe.Action {
				return observe.ActionFunc(workers.drain)
			},
		}),
		Entry("takes a product's name the first time only", SpecTimeout(40*time.Second), different{
			kinds: products,
			handles: func(r *receiver, _ *http.Request, e *parsed) int {
				r.mu.Lock()
				defer r.mu.Unlock()
				if old := r.state[e.object]; old != nil && !r.seen[e.id] {
					e.o["name"] = old["name"]
				}
				return 0
			},
		}),
		Entry("a payment marks the order as paid and changes nothing else", SpecTimeout(40*time.Second), different{
			kinds: []string{"order.placed", "order.paid"}, states: map[string]string{"updated_at": "data.object.updated_at", "total_price": "data.object.total_price"},
			handles: func(r *receiver, _ *http.Request, e *parsed) int {
				r.mu.Lock()
				defer r.mu.Unlock()
				if e.kind != "order.paid" || r.seen[e.id] || r.state[e.object] == nil {
					return 0
				}
				r.seen[e.id], r.objects[e.id] = true, e.object
				r.act(e)
				r.state[e.object]["paid"] = true
				return http.StatusOK
			},
		}),
		Entry("counts new orders only", SpecTimeout(40*time.Second), different{
			kinds: []string{"order.placed", "order.paid"},
			handles: func(r *receiver, _ *http.Request, e *parsed) int {
				r.mu.Lock()
				defer r.mu.Unlock()
				if r.seen[e.id] || r.state[e.object] == nil {
					return 0
				}
				r.seen[e.id] = true
				r.keep(e)
				return http.StatusOK
			},
		}),
		Entry("is counted by its rows, which it deletes", SpecTimeout(40*time.Second), different{
			kinds: products,
			observer: func(r *receiver) observe.Observer {
				return observerFunc(func(_ context.Context, s []observe.Subject) ([]observe.Reading, error) {
					r.mu.Lock()
					defer r.mu.Unlock()
					out := make([]observe.Reading, len(s))
					for i := range s {
						if r.state[s[i].ObjectID] != nil {
							out[i].Effects = 1
						}
					}
					return out, nil
				})
			},
		}),
	)

	It("say so when nothing could be judged", SpecTimeout(30*time.Second), func(ctx SpecContext) {
		// It refuses payments of orders that it does not know, and hears of no others.
		h := newReceiver(flawed{handles: func(*receiver, *http.Request, *parsed) int { return 0 }})
		cfg := histories(h, different{kinds: []string{"order.paid"}})
		cfg.Observer = observerFunc(func(ctx context.Context, s []observe.Subject) ([]observe.Reading, error) {
			out, err := h.Observe(ctx, s)
			for i := range out {
				out[i].State = nil
			}
			return out, err
		})
		cfg.Histories = 60
		report, findings := run(ctx, cfg)
		Expect(findings).To(BeEmpty())
		got := map[string]verdict.Verdict{}
		for _, res := range report.Results {
			got[res.ID] = res.Verdict
		}
		Expect(got[oracle.EffectsOnce]).To(Equal(verdict.Pass))
		Expect(got[oracle.StateConverges]).To(Equal(verdict.Inconclusive))
		Expect(got[oracle.NoLeak]).To(Equal(verdict.Inconclusive))
	})
})

var _ = Describe("a kept history", Label("whole"), func() {
	// keep hunts a flaw for histories and gives the cases that it kept.
	keep := func(ctx SpecContext, name string, start time.Time) (flawed, []*fuzz.Saved) {
		GinkgoHelper()
		for _, flaw := range historyFlaws() {
			if flaw.name != name {
				continue
			}
			cfg, _ := hunting(flaw, 1)
			store := fuzz.NewStore(GinkgoT().TempDir())
			cfg.Store, cfg.Generator.Start, cfg.Generator.Kinds = store, start, flaw.kinds
			cfg.Generator.Phases, cfg.Time = []payload.Phase{payload.Histories}, 20*time.Second
			run(ctx, cfg)
			kept, err := store.All()
			Expect(err).NotTo(HaveOccurred())
			Expect(kept).NotTo(BeEmpty())
			return flaw, kept
		}
		Fail("no flaw " + name)
		return flawed{}, nil
	}
	replay := func(ctx SpecContext, h *receiver, kept []*fuzz.Saved, o observe.Observer) (verdicts []fuzz.ReplayVerdict) {
		GinkgoHelper()
		cfg := serve(h, 1)
		cfg.Observer, cfg.Drain, cfg.Observing, cfg.Generator.IDs = o, instantly(), "url", "zzzz"
		Expect(replayAll(ctx, cfg, kept, false, func(r fuzz.Replayed) { verdicts = append(verdicts, r.Verdict) })).To(Succeed())
		return verdicts
	}

	It("is nothing that a limit of this computer could tell", SpecTimeout(time.Minute), func(ctx SpecContext) {
		_, kept := keep(ctx, "no dedupe", time.Now().UTC().Truncate(time.Second))
		for _, left := range []int64{0, 2} {
			h := newReceiver(flawed{})
			cfg := serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Connection", "close")
				h.ServeHTTP(w, r)
			}), 1)
			cfg.Observer, cfg.Drain, cfg.Observing, cfg.Generator.IDs = h, instantly(), "url", "zzzz"
			var dialed atomic.Int64
			cfg.Wire.Dialer.Permit = func(netip.AddrPort) error {
				if dialed.Add(1) > left {
					return errors.New("none left")
				}
				return nil
			}
			var verdicts []fuzz.ReplayVerdict
			err := replayAll(ctx, cfg, kept, false, func(r fuzz.Replayed) { verdicts = append(verdicts, r.Verdict) })
			Expect(err).To(MatchError(ContainSubstring("none left")))
			Expect(verdicts).NotTo(ContainElements(fuzz.StillFails))
			Expect(len(verdicts)).To(BeNumerically("<", len(kept)))
		}
	})

	It("still fails, is fixed, and is neither when the observer fails meanwhile", SpecTimeout(time.Minute), func(ctx SpecContext) {
		flaw, kept := keep(ctx, "no dedupe", time.Now().UTC().Truncate(time.Second))
		same := newReceiver(flaw)
		Expect(replay(ctx, same, kept, same)).To(HaveEach(fuzz.StillFails))
		mended := newReceiver(flawed{})
		Expect(replay(ctx, mended, kept, mended)).To(HaveEach(fuzz.Fixed))

		var failing atomic.Bool
		blind := newReceiver(flawed{handles: func(r *receiver, req *http.Request, e *parsed) int {
			r.mu.Lock()
			if r.seen[e.id] { // a second delivery, which only the case has
				failing.Store(true)
			}
			r.mu.Unlock()
			return flaw.handles(r, req, e)
		}})
		Expect(replay(ctx, blind, kept, observerFunc(func(ctx context.Context, s []observe.Subject) ([]observe.Reading, error) {
			if failing.Load() {
				return nil, &observe.Error{What: "observe", Kind: observe.Unreadable}
			}
			return blind.Observe(ctx, s)
		}))).To(HaveEach(fuzz.CannotRun))
	})

	It("restarts a receiver on another machine only with consent", SpecTimeout(time.Minute), func(ctx SpecContext) {
		flaw, kept := keep(ctx, "memory-only dedupe", time.Now().UTC().Truncate(time.Second))
		elsewhere := func(allow ...string) (setup, *atomic.Int64) {
			h := newReceiver(flaw)
			cfg := serve(h, 1)
			restarts := &atomic.Int64{}
			cfg.Observer, cfg.Drain, cfg.Observing, cfg.Safe, cfg.Allow = h, instantly(), "url", true, allow
			cfg.Hooks.Restart = observe.ActionFunc(func(ctx context.Context, env ...string) error {
				restarts.Add(1)
				return h.restart(ctx, env...)
			})
			return cfg, restarts
		}
		again := func(allow ...string) (verdicts []fuzz.ReplayVerdict) {
			cfg, _ := elsewhere(allow...)
			cfg.Generator.IDs = "zzzz"
			Expect(replayAll(ctx, cfg, kept, false, func(r fuzz.Replayed) { verdicts = append(verdicts, r.Verdict) })).To(Succeed())
			return verdicts
		}
		Expect(again("fuzz")).To(HaveEach(fuzz.CannotRun))
		Expect(again("fuzz", "restart")).To(HaveEach(fuzz.StillFails))

		hunted := func(allow ...string) int64 {
			cfg, restarts := elsewhere(allow...)
			cfg.Generator.Kinds, cfg.Generator.Phases = flaw.kinds, []payload.Phase{payload.Histories}
			cfg.Histories, cfg.Time = 40, 20*time.Second
			run(ctx, cfg)
			return restarts.Load()
		}
		Expect(hunted("fuzz")).To(BeZero())
		Expect(hunted("fuzz", "restart")).To(BeNumerically(">", 0))
	})

	It("is as young as it was, however long it was kept", SpecTimeout(time.Minute), func(ctx SpecContext) {
		flaw, kept := keep(ctx, "409 to what it knows", time.Now().Add(-10*24*time.Hour).UTC().Truncate(time.Second))
		same := newReceiver(flaw)
		Expect(replay(ctx, same, kept, same)).To(HaveEach(fuzz.StillFails))
		mended := newReceiver(flawed{handles: func(_ *receiver, _ *http.Request, e *parsed) int {
			if time.Since(time.Unix(e.at, 0)) > 72*time.Hour { // which Kometia never sends
				return http.StatusBadRequest
			}
			return 0
		}})
		Expect(replay(ctx, mended, kept, mended)).To(HaveEach(fuzz.Fixed))
	})
})
