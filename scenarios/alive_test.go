package scenarios_test

import (
	"net/http"
	"sync/atomic"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

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
		Expect(red.Found.EN).To(ContainSubstring("nothing is done any more: a plain event afterwards gave 500"))
		Expect(red.Attempts).NotTo(BeEmpty())
		for _, id := range []string{"KOM-DUP-001", "KOM-RTY-006", "KOM-PAY-001"} {
			Expect(result(rep, id).Verdict).To(Equal(verdict.Inconclusive), id)
			Expect(result(rep, id).Needs).To(Equal("KOM-ACK-004"), id)
		}
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
})
