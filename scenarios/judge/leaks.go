package judge

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
func (c *Judge) judgeLeaks(check *language.Check, cases []Case, r *verdict.Result) {
	_, f := ownDeliveries(cases)
	if f.Verdict == verdict.Error {
		r.Verdict, r.Reason = f.Verdict, f.Reason
		return
	}
	var found []lang.Text
	answers := 0
	seen := map[string]bool{} // most answers are alike
	for _, e := range c.Heard {
		for i := range e.Result.Attempts {
			o := e.Result.Attempts[i].Outcome
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
					r.Attempts, r.Diagnosis, r.Variant = e.Attempts(), e.Diagnosis, e.Kind
				}
				found = append(found, mark.What)
			}
		}
	}
	switch {
	case len(found) > 0:
		r.Verdict, r.Found = check.Leaks.Then, joined(found, lang.Same(", "))
	case f.Verdict != "":
		r.Verdict, r.Reason, r.Needs = f.Verdict, f.why(), f.Because
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
