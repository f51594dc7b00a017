package platform_test

import (
	"fmt"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/fault"
	"github.com/kometia-sim/kometia-sim/simulator/platform"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

const (
	one   = "http://localhost:1/kometia/webhook"
	other = "http://localhost:2/kometia/webhook"
)

var _ = Describe("a platform", func() {
	for name, path := range map[string]func() string{"in memory": func() string { return "" }, "on disk": file} {
		Describe(name, func() {
			var receivers *town
			BeforeEach(func() { receivers = &town{} })

			It("delivers what a subscription wants, and counts pending_webhooks down", func(ctx SpecContext) {
				k := open(ctx, config(receivers, path()))
				k.subscribe(ctx, one, "order.placed", "order.paid")
				k.subscribe(ctx, other, "order.placed")
				receivers.at(other).answer = always(500, "boom")
				events := k.emit(ctx, "order.placed", "order.paid", "fulfillment.created")
				k.rest(ctx)
				Expect(events).To(HaveLen(3))
				Expect(receivers.at(one).received()).To(HaveLen(2))
				Expect(receivers.at(other).received()).To(HaveLen(1))
				Expect(field(receivers.at(other).received()[0], "pending_webhooks")).To(Equal(2.0))
				placed := k.all(ctx)
				Expect(placed).To(HaveLen(3))
				Expect([]string{placed[0].State, placed[1].State, placed[2].State}).To(Equal([]string{"delivered", "pending", "delivered"}))
				known, err := k.API().Keys()[0].Store.Find(ctx, "event", events[0].ID)
				Expect(err).NotTo(HaveOccurred())
				left, _ := known.Lookup("pending_webhooks")
				Expect(fmt.Sprint(left)).To(Equal("1"))
			}, SpecTimeout(30*time.Second))

			It("makes 49 attempts over 48 hours with the same bytes, and then never again", func(ctx SpecContext) {
				k := open(ctx, config(receivers, path()))
				receivers.at(one).answer = always(302, "elsewhere")
				k.subscribe(ctx, one, "order.placed")
				k.emit(ctx, "order.placed")
				began := k.Clock().Now
				k.advance(ctx, 47*time.Hour+59*time.Minute)
				d := k.all(ctx)[0]
				Expect(d.State).To(Equal("pending"))
				Expect(d.Attempts).To(Equal(48))
				Expect(d.Next).To(Equal(began.Add(48 * time.Hour)))
				k.advance(ctx, time.Minute)
				d, err := k.Delivery(ctx, d.ID)
				Expect(err).NotTo(HaveOccurred())
				Expect(d.State).To(Equal("expired"))
				Expect(d.Attempts).To(Equal(49))
				Expect(d.Runs).To(HaveLen(1))
				run := d.Runs[0]
				Expect(run.Count).To(Equal(49))
				Expect(run.Step).To(Equal(time.Hour))
				Expect(run.First).To(Equal(began))
				Expect(run.Last).To(Equal(began.Add(48 * time.Hour)))
				Expect(run.Verdict).To(Equal(delivery.Rejected))
				Expect(run.Response.Body).To(BeEquivalentTo("elsewhere"))
				Expect(run.Diagnosis).NotTo(BeNil())
				k.advance(ctx, 100*time.Hour)
				bodies := receivers.at(one).received()
				Expect(bodies).To(HaveLen(49))
				for _, body := range bodies {
					Expect(body).To(Equal(bodies[0]))
				}
				Expect(k.Redeliver(ctx, d.ID)).To(MatchError(ContainSubstring("has expired")))
			}, SpecTimeout(30*time.Second))

			It("ends going ahead where nothing is left to be done", func(ctx SpecContext) {
				k := open(ctx, config(receivers, path()))
				receivers.at(one).answer = func(n int) *wire.Outcome {
					if n < 4 {
						return &wire.Outcome{Status: 503}
					}
					return &wire.Outcome{Status: 204}
				}
				k.subscribe(ctx, one, "order.placed")
				k.emit(ctx, "order.placed")
				began := k.Clock().Now
				_, err := k.Finish(ctx)
				Expect(err).NotTo(HaveOccurred())
				k.rest(ctx)
				Expect(k.Clock().Now.Sub(began)).To(Equal(3 * time.Hour))
				Expect(k.all(ctx)[0].State).To(Equal("delivered"))
				_, err = k.Finish(ctx)
				Expect(err).NotTo(HaveOccurred())
				k.rest(ctx)
				Expect(k.Clock().Now.Sub(began)).To(Equal(3*time.Hour), "there was nothing to wait for")
			}, SpecTimeout(30*time.Second))

			It("delivers again what is asked for, beside the schedule", func(ctx SpecContext) {
				k := open(ctx, config(receivers, path()))
				receivers.at(one).answer = always(500, "")
				k.subscribe(ctx, one, "order.placed")
				k.emit(ctx, "order.placed")
				k.rest(ctx)
				id := k.all(ctx)[0].ID
				k.advance(ctx, 10*time.Minute)
				Expect(k.Redeliver(ctx, id)).To(Succeed())
				k.rest(ctx)
				d := k.all(ctx)[0]
				Expect(d.Attempts).To(Equal(2))
				Expect(d.Next).To(Equal(d.First.Add(time.Hour)), "the schedule is what it was")
				receivers.at(one).answer = nil
				Expect(k.Redeliver(ctx, id)).To(Succeed())
				k.rest(ctx)
				Expect(k.all(ctx)[0].State).To(Equal("delivered"))
				Expect(k.Redeliver(ctx, id)).To(Succeed())
				k.advance(ctx, 48*time.Hour)
				Expect(receivers.at(one).received()).To(HaveLen(4))
				Expect(k.all(ctx)[0].Runs).To(HaveLen(4))
			}, SpecTimeout(30*time.Second))

			It("breaks as many attempts as it is told to", func(ctx SpecContext) {
				k := open(ctx, config(receivers, path()))
				s := k.subscribe(ctx, one, "order.placed")
				_, err := k.Break(ctx, s.ID, fault.Of(fault.LoseAnswer), 2)
				Expect(err).NotTo(HaveOccurred())
				k.emit(ctx, "order.placed")
				k.advance(ctx, 5*time.Hour)
				Expect(receivers.at(one).received()).To(HaveLen(3))
				d := k.all(ctx)[0]
				Expect(d.State).To(Equal("delivered"))
				Expect(d.Runs).To(HaveLen(2))
				Expect(d.Runs[0].Fault).To(Equal("lose-answer"))
				Expect(d.Runs[0].Count).To(Equal(2))
				Expect(k.Subscriptions()[0].Fault.Kind).To(Equal(fault.None))
			}, SpecTimeout(30*time.Second))

			It("tells a removed subscription nothing more", func(ctx SpecContext) {
				k := open(ctx, config(receivers, path()))
				receivers.at(one).answer = always(500, "")
				s := k.subscribe(ctx, one, "order.placed")
				k.emit(ctx, "order.placed")
				k.rest(ctx)
				Expect(k.Unsubscribe(ctx, s.ID)).To(Succeed())
				k.emit(ctx, "order.placed")
				k.advance(ctx, 48*time.Hour)
				Expect(receivers.at(one).received()).To(HaveLen(1))
				Expect(k.all(ctx)[0].State).To(Equal("canceled"))
				Expect(k.Subscriptions()).To(BeEmpty())
				Expect(k.Unsubscribe(ctx, s.ID)).To(MatchError(ContainSubstring("no subscription")))
			}, SpecTimeout(30*time.Second))

			It("forgets all at a reset and goes on", func(ctx SpecContext) {
				k := open(ctx, config(receivers, path()))
				k.subscribe(ctx, one, "order.placed")
				before := k.emit(ctx, "order.placed")[0]
				k.rest(ctx)
				Expect(k.Reset(ctx)).To(Succeed())
				Expect(k.all(ctx)).To(BeEmpty())
				k.subscribe(ctx, one, "order.placed")
				after := k.emit(ctx, "order.placed")[0]
				k.rest(ctx)
				Expect(after.ID).NotTo(Equal(before.ID))
				Expect(receivers.at(one).received()).To(HaveLen(2))
				k.advance(ctx, time.Hour)
			}, SpecTimeout(30*time.Second))
			It("takes resets while things happen", func(ctx SpecContext) {
				k := open(ctx, config(receivers, path()))
				var all sync.WaitGroup
				for range 3 {
					all.Go(func() {
						defer GinkgoRecover()
						for range 15 {
							k.subscribe(ctx, one, "order.placed")
							k.emit(ctx, "order.placed")
						}
					})
				}
				for range 10 {
					Expect(k.Reset(ctx)).To(Succeed())
				}
				all.Wait()
				k.subscribe(ctx, one, "order.placed")
				before := len(receivers.at(one).received())
				k.emit(ctx, "order.placed")
				k.advance(ctx, time.Hour)
				Expect(len(receivers.at(one).received())).To(BeNumerically(">", before))
				for _, d := range k.all(ctx) {
					Expect(d.State).To(Equal("delivered"))
				}
			}, SpecTimeout(30*time.Second))
		})
	}

	It("lets no two processes at one file", func(ctx SpecContext) {
		path := file()
		open(ctx, config(&town{}, path))
		_, err := platform.Open(ctx, config(&town{}, path))
		Expect(err).To(MatchError(ContainSubstring("another kometia-sim serve uses this file")))
	}, SpecTimeout(10*time.Second))
})
