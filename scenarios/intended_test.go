package scenarios_test

import (
	"net/http"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	undertest "github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/simulator/practice"
)

var _ = Describe("what a receiver does on purpose", func() {
	// onlyActive does nothing about a product that is not active.
	onlyActive := func() setup {
		n := newNames()
		cfg := configFor(receive(func(_ http.ResponseWriter, _ *http.Request, p post) bool {
			if p.Valid && !strings.Contains(p.Body, `"is_active":false`) {
				n.act(p.Event.ID, "update")
			}
			return false
		}).URL)
		cfg.Kinds = []string{"product.updated"}
		cfg.Observer, cfg.Drain, cfg.Observing = n, observe.ActionFunc(drained), "url"
		return cfg
	}

	It("is held against it as long as nobody says so", func(ctx SpecContext) {
		r := result(run(ctx, onlyActive(), "KOM-PAY-012"), "KOM-PAY-012")
		Expect(r.Verdict).To(Equal(verdict.Fail))
		Expect(r.Found.EN).To(ContainSubstring("is_active"))
	}, SpecTimeout(time.Minute))

	It("is its own affair when its owner does", func(ctx SpecContext) {
		cfg := onlyActive()
		cfg.Intended = []undertest.Intention{{Kinds: []string{"product.*"}, When: map[string][]any{"data.object.is_active": {false}}}}
		r := result(run(ctx, cfg, "KOM-PAY-012"), "KOM-PAY-012")
		Expect(r.Verdict).To(Equal(verdict.Pass), r.Found.EN)
	}, SpecTimeout(time.Minute))

	It("leaves a normal event of which nothing is meant, where there is one", func(ctx SpecContext) {
		n := newNames()
		cfg := configFor(receive(func(_ http.ResponseWriter, _ *http.Request, p post) bool {
			if p.Valid && strings.Contains(p.Body, `"is_gift":true`) {
				n.act(p.Event.ID, "mail") // on every copy
			}
			return false
		}).URL)
		cfg.Kinds = []string{"order.placed"}
		cfg.Observer, cfg.Drain, cfg.Observing = n, observe.ActionFunc(drained), "url"
		cfg.Intended = []undertest.Intention{{Unless: map[string][]any{"data.object.is_gift": {true}}}}
		Expect(result(run(ctx, cfg, "KOM-DUP-001"), "KOM-DUP-001").Verdict).To(Equal(verdict.Fail))
	}, SpecTimeout(time.Minute))
})

var _ = Describe("a receiver that skips test orders", func() {
	const duplicates = "KOM-DUP-002"
	skips := func() setup {
		cfg := practise(practice.Config{Flaw: "skips-tests"})
		cfg.Kinds = []string{"order.placed"}
		return cfg
	}

	It("is told so, and not only found without effects", func(ctx SpecContext) {
		rep := run(ctx, skips(), duplicates)
		r := result(rep, duplicates)
		Expect(r.Verdict).To(Equal(verdict.NotObserved))
		Expect(r.Reason.EN).To(ContainSubstring("is_test: true"))
		Expect(r.Enable.EN).To(Equal("live_orders: true"))
		Expect(rep.Notes).To(ContainElement(HaveField("EN", ContainSubstring("--live-orders"))))
	}, SpecTimeout(time.Minute))

	It("is judged on orders that are none", func(ctx SpecContext) {
		cfg := skips()
		cfg.LiveOrders = true
		rep := run(ctx, cfg, duplicates)
		Expect(result(rep, duplicates).Verdict).To(Equal(verdict.Pass))
		Expect(rep.Notes).To(BeEmpty())
	}, SpecTimeout(time.Minute))

	It("on another machine is not asked without leave", func(ctx SpecContext) {
		cfg := skips()
		cfg.Safe = true
		rep := run(ctx, cfg, duplicates)
		Expect(result(rep, duplicates).Reason.EN).NotTo(ContainSubstring("is_test"))
	}, SpecTimeout(time.Minute))
})
