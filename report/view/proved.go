package view

import (
	"cmp"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
)

const (
	// stepsShown is how many steps the sentence on what would be tested names; the
	// groups have them all.
	stepsShown = 4
	// causesShown is how many causes of a failure the verdict names where there are
	// more than one more.
	causesShown = 3
)

// tested says how many of the required checks were tested, and with what result; of
// a selection, how many checks that is.
func (v *Report) tested() string {
	w, s := v.Words, &v.Summary
	if s.Conclusion == SelectedPassed {
		return w.OthersUntested.Of(s.All - s.Selected)
	}
	form := w.Proved
	if v.Run.Run.Hunt {
		form = w.ProvedOfFuzz
	}
	said := fmt.Sprintf(form, s.MustObserved, s.MustTotal)
	var results []string
	for _, of := range []struct {
		n    int
		form Counted
	}{{s.MustPassed, w.TestedPassed}, {s.MustFailed, w.TestedFailed}, {s.MustWarned, w.TestedWarned}, {s.MustKnown, w.TestedKnown}} {
		if of.n > 0 {
			results = append(results, of.form.Of(of.n))
		}
	}
	switch {
	case len(results) == 0:
	case s.MustPassed == s.MustObserved:
		said += w.AndOf + w.AllPassed
	default:
		said += w.AndOf + strings.Join(results, ", ")
	}
	said += "."
	if s.All > 0 {
		said = fmt.Sprintf(w.OfChecks, s.Selected, s.All) + " " + said
	}
	return said
}

// why says in one sentence why a run is red: what the receiver does, cause by
// cause. It is empty for one that is not.
func (v *Report) why() string {
	w := v.Words
	if v.Summary.Conclusion != DoesNotConform && v.Summary.Conclusion != FaultsFound {
		return ""
	}
	type cause struct {
		lead *Check
		n    int
	}
	var causes []cause
	at := map[string]int{}
	for _, weight := range verdict.Levels() {
		for i := range v.Checks {
			c := &v.Checks[i]
			if c.Weight != weight || c.Verdict != verdict.Fail && (c.Verdict != verdict.Warn || !v.Options.Strict) {
				continue
			}
			key := cmp.Or(c.Cause, "= "+c.Title) // findings of fuzz that break the same rule are told as one
			if n, known := at[key]; known {
				causes[n].n++
				continue
			}
			at[key] = len(causes)
			causes = append(causes, cause{c, 1})
		}
	}
	if len(causes) == 0 {
		return ""
	}
	if len(causes) == 1 {
		does := causes[0].lead.does(w)
		if n := causes[0].n; n > 1 {
			return fmt.Sprintf(w.BecauseShared, does, w.CountChecks.Of(n))
		}
		return fmt.Sprintf(w.Because, does)
	}
	var said []string
	for i, c := range causes {
		if i == causesShown && len(causes) > i+1 {
			said = append(said, fmt.Sprintf(w.Others, len(causes)-i))
			break
		}
		clause := c.lead.does(w)
		if c.n > 1 {
			clause = fmt.Sprintf(w.CauseOf, clause, w.CountChecks.Of(c.n))
		}
		said = append(said, clause)
	}
	return fmt.Sprintf(w.BecauseSeveral, len(causes), strings.Join(said, "; "))
}

// does says what a receiver does that fails a check, as a clause of a sentence.
func (c *Check) does(w *Words) string {
	switch {
	case c.Title == c.Requires:
		return fmt.Sprintf(w.BecauseUnnamed, c.ID, lowerFirst(c.Title))
	case strings.HasPrefix(c.Title, "Its "):
		return lowerFirst(c.Title)
	}
	return fmt.Sprintf(w.ItDoes, lowerFirst(c.Title))
}

// advice says which lines, added, would have how many of the required checks
// tested; "" where none would.
func (v *Report) advice() string {
	w := v.Words
	var said []string
	for i, s := range v.Steps {
		if i == stepsShown {
			break
		}
		if i == 0 {
			said = append(said, fmt.Sprintf(w.ToTestUpTo, s.Names(w), s.To, v.Summary.MustTotal))
		} else {
			said = append(said, fmt.Sprintf(w.AlsoToTestUpTo, s.Names(w), s.To))
		}
	}
	if said == nil {
		return ""
	}
	return fmt.Sprintf(w.TestWith, strings.Join(said, "; "))
}

// proved says what was tested, what would have more of it tested, what is gravest of
// the rest, and in which time: one paragraph, for documents.
func (v *Report) proved(r *verdict.Report) string {
	said := []string{v.Tested}
	if v.Advice != "" {
		said = append(said, v.Advice)
	}
	return strings.Join(append(said, v.aside(r)...), " ")
}

// aside says what is gravest of what was not tested, and in which time all was.
func (v *Report) aside(r *verdict.Report) (said []string) {
	w := v.Words
	if v.Foremost != nil {
		said = append(said, fmt.Sprintf(w.Foremost, v.Foremost.ID, lowerFirst(v.Foremost.Title)))
	}
	if r.Virtual > 0 {
		simulated := w.Simulated
		if r.Moved {
			simulated = w.SimulatedMoved
		}
		said = append(said, fmt.Sprintf(simulated, Span(r.Virtual.Round(exactness(r.Virtual))), Elapsed(r.Elapsed)))
	}
	return said
}

// exactness is how exactly a stretch of virtual time is told.
func exactness(d time.Duration) time.Duration {
	if d > 100*time.Hour {
		return time.Hour
	}
	return time.Second
}

// lowerFirst goes on with a sentence; a word in capitals keeps them.
func lowerFirst(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	if next, _ := utf8.DecodeRuneInString(s[size:]); !unicode.IsUpper(r) || unicode.IsUpper(next) {
		return s
	}
	return string(unicode.ToLower(r)) + s[size:]
}

// UpperFirst begins a sentence.
func UpperFirst(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	if !unicode.IsLower(r) {
		return s
	}
	return string(unicode.ToUpper(r)) + s[size:]
}
