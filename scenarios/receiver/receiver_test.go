package receiver_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/scenarios/consent"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

var _ = Describe("Receiver", func() {
	at := func(url string) *wire.Target {
		GinkgoHelper()
		target, err := wire.ParseTarget(url)
		Expect(err).NotTo(HaveOccurred())
		return target
	}

	It("is told all that is wrong with it at once, in either language", func() {
		_, err := receiver.New(receiver.Config{Allow: []string{"brust"}, Wire: wire.Config{Timeout: -time.Second}})
		Expect(lang.In(err, lang.English)).To(And(ContainSubstring("no target"), ContainSubstring("did you mean burst?"), ContainSubstring("timeout")))
		Expect(lang.In(err, lang.Spanish)).To(And(ContainSubstring("falta el destino"), ContainSubstring("brust")))
	})

	It("has defaults: its redacted URL for a name, Kometia's timeout, the root of its target for readiness", func() {
		rec, err := receiver.New(receiver.Config{Target: at("http://user:secret@127.0.0.1:9/webhook?x=1")})
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(rec.Close)
		Expect(rec.Name()).NotTo(ContainSubstring("secret"))
		Expect(rec.Timeout()).To(Equal(wire.DefaultConfig().Timeout))
		Expect(rec.Process().Hooks().Ready).To(HaveSuffix("127.0.0.1:9/"))
		Expect(rec.Effects()).To(BeNil())
		Expect(rec.Drains()).To(BeFalse())
	})

	It("gets what it allows when it is another machine's, and anything when it is ours", func() {
		for _, safe := range []bool{false, true} {
			rec, err := receiver.New(receiver.Config{Target: at("http://127.0.0.1:9/"), Safe: safe, Allow: []string{"burst"}})
			Expect(err).NotTo(HaveOccurred())
			DeferCleanup(rec.Close)
			Expect(rec.Allows("")).To(BeTrue())
			Expect(rec.Allows(consent.Burst)).To(BeTrue())
			Expect(rec.Allows(consent.Restart)).To(Equal(!safe))
			Expect(rec.Permits(consent.Restart)).To(BeFalse())
		}
	})

	It("is sent the user's header over ours", func() {
		rec, err := receiver.New(receiver.Config{
			Target: at("http://127.0.0.1:9/"), UserAgent: "Kometia/1",
			Header: []wire.Field{{Name: "content-type", Value: "text/plain"}, {Name: "Authorization", Value: "secret"}},
		})
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(rec.Close)
		Expect(rec.Request(nil).Header).To(Equal([]wire.Field{
			{Name: "content-type", Value: "text/plain"}, {Name: "User-Agent", Value: "Kometia/1"}, {Name: "Authorization", Value: "secret"},
		}))
		Expect(rec.PlainHeader()).To(Equal([]wire.Field{{Name: "Content-Type", Value: "application/json"}, {Name: "User-Agent", Value: "Kometia/1"}}))
	})

	It("is given no longer than a sender's limit, and each sender's requests are told before they go out", func(ctx SpecContext) {
		server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) { <-req.Context().Done() }))
		DeferCleanup(server.Close)
		rec, err := receiver.New(receiver.Config{Target: at(server.URL)})
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(rec.Close)
		var told atomic.Int64
		sender := rec.Sender(receiver.Sending{Limit: 100 * time.Millisecond, Before: func(*wire.Request) bool { return told.Add(1) < 2 }})
		defer sender.Close()
		Expect(sender.Do(ctx, rec.Request(nil)).Err.Kind).To(Equal(wire.ErrTimeout))
		Expect(sender.Do(ctx, rec.Request(nil)).Err.Kind).To(Equal(wire.ErrCanceled))
	}, SpecTimeout(time.Minute))

	It("has its queue worked off by one at a time, and rests before a long jump only when it may be at work", func(ctx SpecContext) {
		var drains atomic.Int64
		rec, err := receiver.New(receiver.Config{Target: at("http://127.0.0.1:9/"), Drain: observe.ActionFunc(func(context.Context, ...string) error {
			drains.Add(1)
			return nil
		})})
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(rec.Close)
		start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		rest, restarted := &receiver.Rest{}, []time.Time{}
		var clock retryclock.Clock
		clock = rec.RestfulClock(start, rest, []time.Time{start.Add(3 * time.Hour)}, func() { restarted = append(restarted, clock.Now()) })
		Expect(clock.WaitUntil(ctx, start.Add(time.Hour))).To(Succeed())
		Expect(drains.Load()).To(BeZero(), "nothing was sent")
		rest.Attempted(acknowledged())
		Expect(clock.WaitUntil(ctx, start.Add(time.Hour+time.Minute))).To(Succeed())
		Expect(drains.Load()).To(BeZero(), "a short jump")
		Expect(clock.WaitUntil(ctx, start.Add(4*time.Hour))).To(Succeed())
		Expect(drains.Load()).To(BeEquivalentTo(1))
		Expect(restarted).To(Equal([]time.Time{start.Add(3 * time.Hour)}))
	}, SpecTimeout(time.Minute))

	DescribeTable("lacks the keys without which a verb cannot be done", func(h receiver.Hooks, verb string, want ...string) {
		Expect(strings.Join(h.Lacks(verb), " ")).To(Equal(strings.Join(want, " ")))
	},
		Entry(nil, receiver.Hooks{}, verdict.VerbRestart, "kill", "start"),
		Entry(nil, receiver.Hooks{Restart: nothing()}, verdict.VerbRestart),
		Entry(nil, receiver.Hooks{Restart: nothing()}, verdict.VerbKill, "kill", "start"),
		Entry(nil, receiver.Hooks{Kill: nothing()}, verdict.VerbStart, "start"),
		Entry(nil, receiver.Hooks{Down: nothing()}, verdict.VerbDown, "up"),
		Entry(nil, receiver.Hooks{}, ""),
	)
})

func nothing() observe.Action {
	return observe.ActionFunc(func(context.Context, ...string) error { return nil })
}
