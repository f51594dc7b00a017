package scenarios

import (
	"slices"
	"strings"

	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// judgeLeaks looks for marks in all answers of the run so far. It passes only when
// there were answers and none is still to come.
func (c *judge) judgeLeaks(check *language.Check, cases []playedCase, r *verdict.Result) {
	_, f := ownDeliveries(cases)
	if f.verdict == verdict.Error {
		r.Verdict, r.Reason = f.verdict, f.reason
		return
	}
	var found []lang.Text
	answers := 0
	seen := map[string]bool{} // most answers are alike
	for _, e := range c.heard {
		for i := range e.result.Attempts {
			o := e.result.Attempts[i].Outcome
			if o == nil || o.Status == 0 {
				continue
			}
			answers++
			said := saying(o)
			if seen[said] {
				continue
			}
			seen[said] = true
			for k := range check.Leaks.Marks {
				mark := &check.Leaks.Marks[k]
				if slices.Contains(found, mark.What) || !mark.Fits(said) {
					continue
				}
				if found == nil {
					r.Attempts, r.Diagnosis, r.Variant = e.attempts(), e.diagnosis, e.kind
				}
				found = append(found, mark.What)
			}
		}
	}
	switch {
	case len(found) > 0:
		r.Verdict, r.Found = check.Leaks.Then, joined(found, lang.Same(", "))
	case f.verdict != "":
		r.Verdict, r.Reason, r.Needs = f.verdict, f.why(), f.because
	case answers == 0:
		r.Verdict, r.Reason = verdict.Inconclusive, textNoAnswers.both()
	default:
		r.Verdict, r.Found = verdict.Pass, textNoLeaks(answers)
	}
}

// saying is all that an answer tells: its header's values and its body.
func saying(o *wire.Outcome) string {
	var b strings.Builder
	for _, f := range o.Header {
		if !strings.EqualFold(f.Name, "Date") {
			b.WriteString(f.Value)
			b.WriteByte('\n')
		}
	}
	b.WriteByte('\n')
	b.Write(o.Body)
	return b.String()
}
