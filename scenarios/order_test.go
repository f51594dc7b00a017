package scenarios_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
)

var _ = Describe("the order of events", Label("whole", "unraced"), func() {
	orders := []string{"KOM-ORD-001", "KOM-ORD-003"}
	play := func(ctx context.Context, read reader) map[string]verdict.Verdict {
		GinkgoHelper()
		return verdicts(run(ctx, newShelf().config(read, fieldsOfShelf), orders...))
	}
	both := func(first, third verdict.Verdict) map[string]verdict.Verdict {
		return map[string]verdict.Verdict{"KOM-ORD-001": first, "KOM-ORD-003": third}
	}

	DescribeTable("is no matter to who goes by the time of events, and one to who does not",
		func(ctx SpecContext, read reader, first, third verdict.Verdict) {
			Expect(play(ctx, read)).To(Equal(both(first, third)))
		},
		Entry("keeps what is newest", SpecTimeout(5*time.Minute), reader(careful), verdict.Pass, verdict.Pass),
		Entry("the last one to come wins", SpecTimeout(5*time.Minute), reader(lastWins), verdict.Fail, verdict.Warn),
		Entry("drops what it does not know yet", SpecTimeout(5*time.Minute), reader(func(s *shelf, f fact) (int, bool) {
			if strings.HasSuffix(f.Kind, ".updated") && s.rows[f.object()] == nil {
				return 204, false
			}
			return careful(s, f)
		}), verdict.Fail, verdict.Warn),
		Entry("says not now until the parent is there", SpecTimeout(5*time.Minute), reader(func(s *shelf, f fact) (int, bool) {
			if s.rows[f.object()] == nil && (f.Kind == "order.paid" || gone(f)) {
				return 409, false
			}
			return careful(s, f)
		}), verdict.Warn, verdict.Pass),
		Entry("refuses for ever what it knows from a later event", SpecTimeout(5*time.Minute), reader(func(s *shelf, f fact) (int, bool) {
			if s.rows[f.object()] != nil && f.Kind == "order.placed" {
				return 500, false
			}
			return careful(s, f)
		}), verdict.Fail, verdict.Inconclusive),
		Entry("refuses payments whenever they come", SpecTimeout(5*time.Minute), reader(func(s *shelf, f fact) (int, bool) {
			if f.Kind == "order.paid" {
				return 422, false
			}
			return careful(s, f)
		}), verdict.Inconclusive, verdict.Inconclusive),
	)

	It("is waited for where the parent is still in a queue", func(ctx SpecContext) {
		var queue []fact
		s := newShelf()
		cfg := s.config(func(s *shelf, f fact) (int, bool) {
			if f.Kind == "order.paid" && s.rows[f.object()] == nil {
				return 409, false
			}
			queue = append(queue, f)
			return 202, false
		}, fieldsOfShelf)
		cfg.Drain = observe.ActionFunc(func(context.Context, ...string) error {
			s.mu.Lock()
			defer s.mu.Unlock()
			for _, f := range queue {
				careful(s, f)
				s.done[f.ID]++
			}
			queue = nil
			return nil
		})
		res := result(run(ctx, cfg, "KOM-ORD-001"), "KOM-ORD-001")
		Expect(res.Verdict).To(Equal(verdict.Warn), res.Found.EN)
		Expect(res.Found.EN).To(HavePrefix("409, then 202"))
	}, SpecTimeout(5*time.Minute))

	It("is given time between retries where nothing tells when a queue is worked off, and no more than a run has", func(ctx SpecContext) {
		cfg := configFor(receive(unless(http.StatusConflict, func(p post) bool { return p.Event.Kind != "order.paid" && p.Event.Kind != "product.deleted" })).URL)
		clock := &hasty{}
		cfg.Clock = clock
		run(ctx, cfg, "KOM-ORD-001")
		Expect(clock.waited).To(And(BeNumerically(">", 10*time.Second), BeNumerically("<=", 20*time.Second)))
	}, SpecTimeout(5*time.Minute))

	It("is each of the 24 once, the first as written", func(ctx SpecContext) {
		var arrived []string
		seen := map[string]bool{}
		s := newShelf()
		run(ctx, s.config(func(s *shelf, f fact) (int, bool) {
			if strings.HasPrefix(f.Kind, "product.") {
				arrived = append(arrived, fmt.Sprint(f.object(), " ", f.at()))
			}
			return careful(s, f)
		}, fieldsOfShelf), "KOM-ORD-003")
		arrived = arrived[len(arrived)-24*4-2*6*3 : len(arrived)-2*6*3]
		for i := 0; i < len(arrived); i += 4 {
			round := arrived[i : i+4]
			if i == 0 {
				Expect(slices.IsSorted(round)).To(BeTrue())
			}
			sorted := slices.Sorted(slices.Values(round))
			order := ""
			for _, a := range round {
				order += fmt.Sprint(slices.Index(sorted, a))
			}
			seen[order] = true
		}
		Expect(seen).To(HaveLen(24))
	}, SpecTimeout(5*time.Minute))
})
