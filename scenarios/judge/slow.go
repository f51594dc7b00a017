package judge

import (
	"slices"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// judgeSlow judges the latencies of the run's plain deliveries together, and
// reports whether what it found rests on the check's assumptions. The very
// first delivery may have met a cold start and does not count beside others.
func (c *Judge) judgeSlow(check *language.Check, cases []Case, r *verdict.Result) (assumed bool) {
	own, f := ownDeliveries(cases)
	if f.Verdict == verdict.Error {
		r.Verdict, r.Reason = f.Verdict, f.Reason
		return false
	}
	limit := check.Slow.Over
	if limit == 0 {
		limit = c.Timeout
	}
	m := c.measure(limit)
	if len(m.took) > 0 {
		r.Found = textLatency(m.took, len(m.over), limit)
	}
	blame := func(v verdict.Verdict, e *Exchange, cause string) {
		r.Verdict, r.Attempts, r.Diagnosis, r.Variant, r.Cause = v, e.Attempts(), e.Diagnosis, e.Kind, cause
	}
	switch {
	case len(m.over) >= check.Slow.Count:
		blame(check.Slow.Then, m.over[0], "slow")
		return true
	case len(own.silent) > 0 && check.Slow.Over == 0:
		// A delivery without an answer is too slow for every limit.
		r.Found = textSilent(len(own.silent), own.played, Describe(own.silent[0]))
		blame(check.Slow.Then, own.silent[0], "")
	case len(m.over)+m.unknown >= check.Slow.Count:
		r.Verdict, r.Reason = verdict.Inconclusive, textWaitedLess(c.Timeout, limit)
	case f.Verdict != "":
		r.Verdict, r.Reason, r.Needs = f.Verdict, f.why(), f.Because
	case len(m.took) == 0:
		r.Verdict, r.Reason = verdict.Inconclusive, textNoAnswers.both()
	case len(own.silent)+len(own.refused) > 0:
		// Quick refusals do not show that work would be quick.
		e := append(own.refused, own.silent...)[0]
		r.Verdict, r.Reason = verdict.Inconclusive, textNotTaken(len(own.silent)+len(own.refused), own.played, Describe(e))
		r.Attempts, r.Diagnosis = e.Attempts(), e.Diagnosis
	default:
		r.Verdict = verdict.Pass
	}
	return false
}

// measured are the latencies of plain deliveries.
type measured struct {
	took    []time.Duration // sorted
	over    []*Exchange     // that took longer than the limit
	unknown int             // given up before the limit
}

func (c *Judge) measure(limit time.Duration) (m measured) {
	plain := c.Plain
	if len(plain) > 1 {
		plain = plain[1:]
	}
	for _, e := range plain {
		switch o := e.Last(); {
		case e.TimedOut() && c.Timeout < limit:
			m.unknown++
		case e.TimedOut():
			m.took, m.over = append(m.took, c.Timeout), append(m.over, e)
		case o != nil && o.Status != 0 && o.Latency > limit:
			m.took, m.over = append(m.took, o.Latency), append(m.over, e)
		case e.Acknowledged():
			m.took = append(m.took, o.Latency)
		}
	}
	slices.Sort(m.took)
	return m
}

// deliveries are those that a scenario played to be timed.
type deliveries struct {
	played          int
	silent, refused []*Exchange // without an answer, though not for want of time; not acknowledged
}

// ownDeliveries sorts the deliveries that a scenario played to be timed. The
// finding tells what stood in the way; its verdict is empty when nothing did.
func ownDeliveries(cases []Case) (d deliveries, f Finding) {
	for i := range cases {
		c := &cases[i]
		switch {
		case c.Err != nil:
			return d, Finding{Verdict: verdict.Error, Reason: lang.Both(c.Err)}
		case c.Skipped != nil:
			f = *c.Skipped
		case c.Stopped:
			f = Finding{Verdict: verdict.Inconclusive, Reason: textInterrupted.both()}
		}
		for _, e := range c.Exchanges {
			d.played++
			switch other, stood := inTheWay(e); {
			case stood && other.Verdict == verdict.Error:
				return d, other
			case stood && !e.Throttled:
				f = other
			case stood, e.TimedOut(), e.Acknowledged():
			case e.Last().Status == 0:
				d.silent = append(d.silent, e)
			default:
				d.refused = append(d.refused, e)
			}
		}
	}
	return d, f
}

// MaxMeasuring is how long measuring latencies may go on, in real time: two slow
// answers say as much as forty.
const MaxMeasuring = 30 * time.Second

// Waited is how long the plain deliveries have taken together.
func (c *Judge) Waited() (sum time.Duration) {
	for _, e := range c.Plain {
		if o := e.Last(); o != nil {
			sum += o.Total
		}
	}
	return sum
}

// latencies are those of all answers that a check judges, sorted.
func latencies(check *language.Check, cases []Case) (took []time.Duration) {
	for i := range cases {
		for _, e := range cases[i].Of(check.Exchange()) {
			for _, a := range e.Result.Attempts {
				if a.Outcome != nil && a.Outcome.Status != 0 {
					took = append(took, a.Outcome.Latency)
				}
			}
		}
	}
	slices.Sort(took)
	return took
}
