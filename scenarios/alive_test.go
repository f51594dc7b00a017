package scenarios_test

import (
	"context"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
)

var _ = Describe("a receiver that breaks down", func() {
	It("is red for what broke it, and what comes later needs that", func(ctx SpecContext) {
		var broken atomic.Bool
		rec := receive(func(w http.ResponseWriter, _ *http.Request, p post) bool {
			if p.Event.Kind == "order.reserved" {
				broken.Store(true)
				return false
			}
			if broken.Load() {
				w.WriteHeader(http.StatusInternalServerError)
			}
			return broken.Load()
		})
		rep := run(ctx, configFor(rec.URL), "KOM-NET-001", "KOM-ACK-004", "KOM-DUP-001", "KOM-RTY-006", "KOM-PAY-001")
		Expect(result(rep, "KOM-NET-001").Verdict).To(Equal(verdict.Pass))
		Expect(reds(rep)).To(Equal([]string{"KOM-ACK-004 fail"}))
		red := result(rep, "KOM-ACK-004")
		Expect(red.Found.EN).To(ContainSubstring("it stopped working after"))
		Expect(red.Attempts).NotTo(BeEmpty())
		for _, id := range []string{"KOM-DUP-001", "KOM-RTY-006", "KOM-PAY-001"} {
			Expect(result(rep, id).Verdict).To(Equal(verdict.Inconclusive), id)
			Expect(result(rep, id).Needs).To(Equal("KOM-ACK-004"), id)
		}
	}, SpecTimeout(time.Minute))

	It("is red for the event that blocks its queue, be it the gate's own", func(ctx SpecContext) {
		var blocked atomic.Bool
		books := newLedger()
		cfg := configFor(receive(func(_ http.ResponseWriter, _ *http.Request, p post) bool {
			if p.Event.Kind == "order.paid" {
				blocked.Store(true)
			}
			if !blocked.Load() && books.first(p.Event.ID) {
				books.act(p.Event.ID)
			}
			return false
		}).URL)
		cfg.Observer, cfg.Drain, cfg.Observing = books, observe.ActionFunc(drained), "url"
		rep := run(ctx, cfg, "KOM-ACK-001", "KOM-NET-001", "KOM-DUP-002")
		Expect(reds(rep)).To(Equal([]string{"KOM-ACK-001 fail"}))
		red := result(rep, "KOM-ACK-001")
		Expect(red.Found.EN).To(ContainSubstring("the first one it did not process: order.paid"))
		Expect(red.Variant).To(Equal("order.paid"))
		Expect(red.Title.EN).To(Equal("Keeps working after every event"))
		Expect(red.Fault.EN).To(ContainSubstring("stops processing them after one"))
		Expect(result(rep, "KOM-DUP-002").Needs).To(Equal("KOM-ACK-001"))
	}, SpecTimeout(time.Minute))

	It("is red where it broke, also when that was late in a case", func(ctx SpecContext) {
		var blocked atomic.Bool
		books := newLedger()
		object := regexp.MustCompile(`"object":\{"id":"([^"]+)"`)
		cfg := configFor(receive(func(_ http.ResponseWriter, _ *http.Request, p post) bool {
			fresh := books.first(p.Event.ID)
			if m := object.FindStringSubmatch(p.Body); fresh && m != nil && !books.first(m[1]) {
				blocked.Store(true) // its queue never gets past a second event of an object
			}
			if !blocked.Load() && fresh {
				books.act(p.Event.ID)
			}
			return false
		}).URL)
		cfg.Observer, cfg.Drain, cfg.Observing = books, observe.ActionFunc(drained), "url"
		rep := run(ctx, cfg, "KOM-ACK-001", "KOM-NET-001", "KOM-ACK-004", "KOM-DUP-006", "KOM-PAY-001")
		Expect(reds(rep)).To(Equal([]string{"KOM-DUP-006 fail"}))
		Expect(result(rep, "KOM-DUP-006").Found.EN).To(MatchRegexp("the first one it did not process: [a-z.]+ evn_"))
		Expect(result(rep, "KOM-NET-001").Verdict).To(Equal(verdict.Pass))
		Expect(result(rep, "KOM-PAY-001").Needs).To(Equal("KOM-DUP-006"))
	}, SpecTimeout(time.Minute))

	It("is red when its process is gone for good", func(ctx SpecContext) {
		var served atomic.Int64
		var rec *receiver
		rec = receive(func(http.ResponseWriter, *http.Request, post) bool {
			if served.Add(1) == 40 { // out of memory, with nobody who starts it again
				Expect(rec.Listener.Close()).To(Succeed())
				rec.CloseClientConnections()
				panic(http.ErrAbortHandler)
			}
			return false
		})
		rep := run(ctx, configFor(rec.URL))
		Expect(reds(rep)).To(HaveLen(1))
		id, _, _ := strings.Cut(reds(rep)[0], " ")
		red := result(rep, id)
		Expect(red.Verdict).To(Equal(verdict.Fail))
		Expect(red.Fault.EN).To(ContainSubstring("after an event"))
		Expect(red.Found.EN).To(ContainSubstring("a later normal event got no response"))
	}, SpecTimeout(time.Minute))

	It("is not taken for gone while it starts again", func(ctx SpecContext) {
		var served atomic.Int64
		var rec *receiver
		rec = receive(func(http.ResponseWriter, *http.Request, post) bool {
			if served.Add(1) == 40 {
				address := rec.Listener.Addr().String()
				Expect(rec.Listener.Close()).To(Succeed())
				time.AfterFunc(time.Second, func() {
					defer GinkgoRecover()
					again, err := (&net.ListenConfig{}).Listen(context.WithoutCancel(ctx), "tcp", address)
					Expect(err).NotTo(HaveOccurred())
					go func() { _ = rec.Config.Serve(again) }()
				})
			}
			return false
		})
		rep := run(ctx, configFor(rec.URL))
		for _, red := range reds(rep) {
			id, _, _ := strings.Cut(red, " ")
			Expect(result(rep, id).Cause).NotTo(Equal("collapse"), red)
		}
		Expect(served.Load()).To(BeNumerically(">", 60), "the run went on")
	}, SpecTimeout(time.Minute))

	It("is not red because it does nothing about the last kinds", func(ctx SpecContext) {
		books := newLedger()
		cfg := configFor(receive(func(_ http.ResponseWriter, _ *http.Request, p post) bool {
			if p.Event.Kind == "order.created" && books.first(p.Event.ID) {
				books.act(p.Event.ID)
			}
			return false
		}).URL)
		cfg.Observer, cfg.Drain, cfg.Observing = books, observe.ActionFunc(drained), "url"
		Expect(reds(run(ctx, cfg, "KOM-ACK-001", "KOM-NET-001"))).To(BeEmpty())
	}, SpecTimeout(time.Minute))

	It("is not taken for broken by one event that it loses", func(ctx SpecContext) {
		var n atomic.Int64
		rec := receive(func(w http.ResponseWriter, _ *http.Request, _ post) bool {
			if n.Add(1) == 20 { // the sentinel behind 13 of the gate, 5 and 1
				w.WriteHeader(http.StatusServiceUnavailable)
				return true
			}
			return false
		})
		rep := run(ctx, configFor(rec.URL), "KOM-NET-001", "KOM-DUP-001")
		Expect(reds(rep)).To(BeEmpty())
	}, SpecTimeout(time.Minute))

	It("is told that it leaves duplicates without a response, and waits for a dozen of them only", func(ctx SpecContext) {
		books := newLedger()
		var asked atomic.Int32
		cfg := configFor(receive(func(_ http.ResponseWriter, r *http.Request, p post) bool {
			if books.first(p.Event.ID) {
				books.act(p.Event.ID)
				return false
			}
			asked.Add(1)
			<-r.Context().Done() // it waits for a lock that nobody lets go
			return true
		}).URL)
		cfg.Observer, cfg.Drain, cfg.Observing = books, observe.ActionFunc(drained), "url"
		cfg.Wire.Timeout = 200 * time.Millisecond
		rep := run(ctx, cfg, "KOM-DUP-*", "KOM-RTY-*", "KOM-ORD-*")
		Expect(reds(rep)).NotTo(BeEmpty())
		tired := 0
		for _, r := range rep.Results {
			if r.Verdict == verdict.Fail {
				Expect(r.Fault.EN).To(Equal("Leaves events it should accept without a response"), r.ID)
				Expect(r.Cause).To(Equal("unanswered"), r.ID)
			}
			if r.Verdict == verdict.Inconclusive && strings.Contains(r.Reason.EN, "a dozen responses had already failed to arrive") {
				tired++
			}
		}
		Expect(tired).To(BeNumerically(">", 0))
		Expect(asked.Load()).To(BeNumerically("<", 30))
	}, SpecTimeout(time.Minute))
})
