package scenarios

import (
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// judgeLeaks looks for marks in all answers of the run so far. That there are
// none says something only when there were answers and none is still to come.
func (c *court) judgeLeaks(check *language.Check, cases []playedCase, r *verdict.Result) {
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
		r.Verdict, r.Found = check.Leaks.Then, textLeaks(found)
	case f.verdict != "":
		r.Verdict, r.Reason, r.Needs = f.verdict, f.why(), f.because
	case answers == 0:
		r.Verdict, r.Reason = verdict.Inconclusive, textNoAnswers()
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

// anew reports whether every one of several exchanges was given a cookie of the
// same name, each another value.
func anew(patterns []string, exchanges []*exchange) bool {
	given := map[string][]string{} // values by name
	for _, e := range exchanges {
		o := e.last()
		if o == nil {
			return false
		}
		for _, line := range o.Values("Set-Cookie") {
			cookie, err := http.ParseSetCookie(line)
			if err != nil || cookie.Value == "" || cookie.MaxAge < 0 {
				continue
			}
			fits := slices.ContainsFunc(patterns, func(p string) bool {
				ok, _ := path.Match(strings.ToLower(p), strings.ToLower(cookie.Name))
				return ok
			})
			if fits && !slices.Contains(given[cookie.Name], cookie.Value) {
				given[cookie.Name] = append(given[cookie.Name], cookie.Value)
			}
		}
	}
	for _, values := range given {
		if len(exchanges) > 1 && len(values) >= len(exchanges) {
			return true
		}
	}
	return false
}

// within reports whether an answer tells a time that is near ours.
func within(limit time.Duration, o *wire.Outcome) bool {
	if o == nil {
		return false
	}
	off, told := clock(o)
	return told && off.Abs() <= limit
}
