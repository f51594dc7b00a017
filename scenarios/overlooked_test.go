package scenarios_test

import (
	"context"
	"fmt"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
)

// passing does nothing about an object that is there already.
func passing(s *shelf, f fact) (int, bool) {
	if s.rows[f.object()] != nil {
		return 204, false
	}
	return careful(s, f)
}

// firstOnly acts on each event and keeps what the first of a product says.
func firstOnly(s *shelf, f fact) (int, bool) {
	if s.rows[f.object()] != nil && strings.HasPrefix(f.Kind, "product.") {
		return 204, true
	}
	return careful(s, f)
}

// sameMinute knows an event by its kind, its object and the minute.
var sameMinute reader = func(s *shelf, f fact) (int, bool) {
	key := fmt.Sprint(f.Kind, f.object(), f.at()/60)
	if s.known[key] {
		return 204, false
	}
	s.known[key] = true
	return careful(s, f)
}

var _ = Describe("a change that came in order and is not there", Label("whole", "unraced"), func() {
	verdictAlone := func(ctx context.Context, read reader, id string) verdict.Result {
		GinkgoHelper()
		return result(run(ctx, newShelf().config(read, fieldsOfShelf), id), id)
	}

	DescribeTable("has one cause, whichever check meets it",
		func(ctx SpecContext, read reader, fault string, also ...string) {
			checks := []string{"KOM-DUP-006", "KOM-ORD-003", "KOM-ORD-006", "KOM-ORD-007", "KOM-PAY-012"}
			rep := run(ctx, newShelf().config(read, fieldsOfShelf), checks...)
			Expect(result(rep, "KOM-DUP-006").Fault.EN).To(Equal(fault))
			for _, id := range append(also, "KOM-DUP-006") {
				Expect(result(rep, id).Verdict).To(BeElementOf(verdict.Fail, verdict.Warn), id)
			}
			for i := range rep.Results {
				if res := &rep.Results[i]; res.Verdict == verdict.Fail || res.Verdict == verdict.Warn {
					Expect(res.Cause).To(Equal("dedupe-by-object"), "%s: %s", res.ID, res.Found.EN)
				}
			}
		},
		Entry("passed over", SpecTimeout(5*time.Minute), reader(passing), "Treats two changes to one object as one event", "KOM-ORD-006", "KOM-ORD-007", "KOM-PAY-012"),
		Entry("passed over within a minute", SpecTimeout(5*time.Minute), sameMinute, "Treats two changes to one object as one event", "KOM-ORD-007"),
		Entry("acted on", SpecTimeout(5*time.Minute), reader(firstOnly), "Acts on a change but does not store what it says", "KOM-ORD-006", "KOM-ORD-007"),
	)

	It("says nothing of the content of an event that is passed over", func(ctx SpecContext) {
		res := verdictAlone(ctx, passing, "KOM-PAY-012")
		Expect(res.Verdict).To(Equal(verdict.Pass))
		Expect(res.Cases).To(ContainElement(And(HaveField("Name", "order.placed"), HaveField("Verdict", verdict.Pass))))
		Expect(res.Cases).To(ContainElement(And(HaveField("Name", "order.paid"), HaveField("Verdict", verdict.NotObserved))))
	}, SpecTimeout(5*time.Minute))

	It("is not lost on the way where a race goes back", func(ctx SpecContext) {
		res := verdictAlone(ctx, func(s *shelf, f fact) (int, bool) {
			if !strings.HasSuffix(f.Kind, ".updated") && f.Kind != "order.paid" {
				s.mu.Unlock() // the older one takes longer
				time.Sleep(50 * time.Millisecond)
				s.mu.Lock()
			}
			return lastWins(s, f)
		}, "KOM-ORD-005")
		Expect(res.Verdict).To(Equal(verdict.Fail))
		Expect(res.Fault.EN).To(Equal("Goes back to older data"))
		Expect(res.Cause).To(Equal("stale"))
		Expect(res.Fix.EN).To(ContainSubstring("WHERE id = :id AND updated_at <= :new"))
	}, SpecTimeout(5*time.Minute))

	It("is known from when an event arrived, not from when it is dated", func(ctx SpecContext) {
		dated := map[string]int64{}
		res := verdictAlone(ctx, func(s *shelf, f fact) (int, bool) {
			for id, at := range dated {
				if time.Since(time.Unix(at, 0)) > 24*time.Hour {
					delete(s.known, id)
				}
			}
			dated[f.ID] = f.at()
			return careful(s, f)
		}, "KOM-RTY-003")
		Expect(res.Verdict).To(Equal(verdict.Fail))
		Expect(res.Fault.EN).To(Equal("Forgets an event that arrived late and processes it again"))
		Expect(res.Fix.EN).To(ContainSubstring("from its arrival, not from its created_at"))
	}, SpecTimeout(5*time.Minute))
})
