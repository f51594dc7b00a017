package retryclock_test

import (
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"pgregory.net/rapid"

	"github.com/kometia-sim/kometia-sim/retryclock"
)

// offsets plays a policy from the first attempt to the last.
func offsets(p retryclock.Policy) []time.Duration {
	var at time.Duration
	out := []time.Duration{0}
	for attempt := 1; ; attempt++ {
		wait, more := p.Next(attempt)
		if !more {
			return out
		}
		at += wait
		out = append(out, at)
	}
}

var _ = Describe("Policy", func() {
	It("tries at once and then every hour up to and including the 48th", func() {
		got := offsets(retryclock.DefaultPolicy())
		Expect(got).To(HaveLen(49))
		for i, o := range got {
			Expect(o).To(Equal(time.Duration(i) * time.Hour))
		}
	})

	DescribeTable("counts attempts",
		func(p retryclock.Policy, want int) {
			Expect(p.Attempts()).To(Equal(want))
			Expect(offsets(p)).To(HaveLen(want))
		},
		Entry("Kometia's", retryclock.DefaultPolicy(), 49),
		Entry("once", retryclock.Once(), 1),
		Entry("an interval without a window", retryclock.Policy{Interval: time.Hour}, 1),
		Entry("a window that the interval does not divide", retryclock.Policy{Interval: 7 * time.Hour, Window: 48 * time.Hour}, 7),
		Entry("a window shorter than the interval", retryclock.Policy{Interval: time.Hour, Window: time.Minute}, 1),
		Entry("a window as long as the interval", retryclock.Policy{Interval: time.Hour, Window: time.Hour}, 2),
	)

	It("names all that is wrong at once", func() {
		err := retryclock.Policy{Interval: -time.Second, Window: -time.Hour}.Validate()
		Expect(err).To(MatchError(And(ContainSubstring("interval -1s"), ContainSubstring("window -1h0m0s"))))
		Expect(retryclock.Policy{Window: time.Hour}.Validate()).To(MatchError(ContainSubstring("interval is zero")))
		Expect(retryclock.Policy{Interval: time.Nanosecond, Window: time.Hour}.Validate()).To(MatchError(ContainSubstring("make it longer")))
		Expect(retryclock.DefaultPolicy().Validate()).To(Succeed())
		Expect(retryclock.Once().Validate()).To(Succeed())
	})
})

func TestPolicyKeepsEveryAttemptInsideTheWindow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := retryclock.Policy{
			Interval: time.Duration(rapid.Int64Range(1, int64(50*time.Hour)).Draw(t, "interval")),
			Window:   time.Duration(rapid.Int64Range(0, int64(100*time.Hour)).Draw(t, "window")),
		}
		if p.Validate() != nil {
			t.Skip("too many attempts")
		}
		last := p.Offset(p.Attempts())
		if last > p.Window {
			t.Fatalf("last attempt at %s is outside the window", last)
		}
		if p.Window > 0 && last+p.Interval <= p.Window {
			t.Fatalf("one more attempt at %s would have fitted", last+p.Interval)
		}
		attempt := rapid.IntRange(1, p.Attempts()).Draw(t, "attempt")
		wait, more := p.Next(attempt)
		if more != (attempt < p.Attempts()) || more && wait != p.Interval {
			t.Fatalf("Next(%d) = %s, %v", attempt, wait, more)
		}
	})
}

func TestQueueOrdersByDueThenSequence(t *testing.T) {
	base := time.Unix(0, 0)
	rapid.Check(t, func(t *rapid.T) {
		dues := rapid.SliceOfN(rapid.IntRange(0, 5), 1, 40).Draw(t, "dues")
		var q retryclock.Queue[int]
		for i, d := range dues {
			q.Push(base.Add(time.Duration(d)*time.Second), i)
		}
		lastDue, lastSeq := base.Add(-time.Second), -1
		for q.Len() > 0 {
			peeked, ok := q.Peek()
			due, i := q.Pop()
			if !ok || !peeked.Equal(due) {
				t.Fatalf("peeked %s, popped %s", peeked, due)
			}
			if due.Before(lastDue) || due.Equal(lastDue) && i < lastSeq {
				t.Fatalf("%d left before its turn", i)
			}
			lastDue, lastSeq = due, i
		}
		if _, ok := q.Peek(); ok {
			t.Fatal("an empty queue has a next item")
		}
	})
}
