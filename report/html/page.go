package html

import (
	"cmp"
	"html/template"
	"math"
	"slices"
	"strings"

	"github.com/kometia-sim/kometia-sim/report/view"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
)

// page is all that the template shows.
type page struct {
	*view.Report
	CSS template.CSS
	CSP string

	Verdict   string
	Ended     string // when, by the clock on the wall; "" when nobody says
	Headline  string
	Measure   string // of what the headline is said, in parentheses; may be ""
	State     string
	Lead      string   // what it means, in a sentence
	Second    string   // what was tested; "" where the lead says it
	Told      []string // what else is to be known of the run
	Facts     []fact
	Strip     []segment
	Groups    []group
	Fix       []card // what the reader has to change, one for each cause
	Matrix    *matrix
	Checks    []check
	Histogram *histogram
}

// segment is a part of a strip, in percent of it.
type segment struct{ Mark, X, Width string }

// group is the checks of one verdict.
type group struct {
	view.Standing
	Anchor, Count string
	Checks        []*check
}

// card is one thing that the reader has to change.
type card struct {
	*check
	Wrong string // what is wrong, in a line
	Seen  string // how that was seen; "" where Expected and Found say it
	Full  bool   // told with its fix; the others are named
}

// The first cards are told in full; code of so many lines stands in them.
const (
	cardsFull     = 3
	cardCodeLines = 14
)

// Remedies are the first fix of the card.
func (c card) Remedies() []view.Fix {
	if len(c.Fixes) == 0 {
		return nil
	}
	first := c.Fixes[0]
	if strings.Count(first.Code, "\n") >= cardCodeLines {
		first.Code = ""
	}
	return []view.Fix{first}
}

func newPage(v *view.Report) *page {
	checks := newChecks(v)
	headline, measure, measured := strings.Cut(v.Sentence, " (")
	p := &page{
		Report: v, Checks: checks, Verdict: view.UpperFirst(v.Sentence), Headline: view.UpperFirst(headline), State: v.Summary.Mark(),
		Matrix: newMatrix(v, checks), Histogram: newHistogram(v), Fix: newCards(checks), Ended: ended(v.Run),
	}
	if measured {
		p.Measure = "(" + measure
	}
	p.group(checks)
	p.tell()
	return p
}

// fact is one of the facts of a run; a long one has a row of its own.
type fact struct {
	view.Field
	Long bool
}

const longFact = 90 // characters

// tell chooses what is said at the head and what at the end: the head of a page
// that is red belongs to what is wrong.
func (p *page) tell() {
	switch {
	case p.Hint != "":
		p.Lead = p.Hint
	case p.Why != "":
		p.Lead = p.Why
	default:
		p.Lead = p.Tested
	}
	if p.Lead != p.Tested && p.Summary.MustObserved > 0 {
		p.Second = p.Tested
	}
	p.Told = append(slices.Clone(p.Aside), p.Notes[:min(len(p.Notes), view.ListShown)]...)
	p.Told = slices.DeleteFunc(p.Told, func(s string) bool { return s == "" || s == p.SinceSays })
	for _, f := range p.Report.Facts {
		if f.Label == p.Words.StartLabel && p.Ended != "" {
			p.Facts = append(p.Facts, fact{Field: view.Field{Label: p.Words.EndLabel, Text: p.Ended}})
		}
		p.Facts = append(p.Facts, fact{f, len(f.Text)+len(f.Code) > longFact})
	}
}

// ended says when a run was over, by the clock on the wall; "" when nobody knows.
func ended(r *verdict.Report) string {
	if r.Run.Began.IsZero() || r.CutOff {
		return ""
	}
	return r.Run.Began.Add(r.Elapsed).UTC().Format("2006-01-02 15:04 UTC")
}

// newCards are what has to be changed, the weighty first: failures and warnings by
// their causes, then what kept checks from being judged.
func newCards(checks []check) (out []card) {
	for _, want := range []verdict.Verdict{verdict.Fail, verdict.Warn} {
		for i := range checks {
			if c := &checks[i]; c.Verdict == want && !c.Told {
				out = append(out, card{check: c, Wrong: c.Title})
			}
		}
	}
	said := map[string]bool{}
	for i := range checks {
		c := &checks[i]
		if d := c.Diagnosis; c.Alone && d != nil && !said[d.Code] {
			said[d.Code] = true
			out = append(out, card{check: c, Wrong: cmp.Or(d.Title, c.Title), Seen: cmp.Or(d.Evidence, c.Reason)})
		}
	}
	for i := range out {
		out[i].Full = i < cardsFull
	}
	return out
}

// group files the checks under their verdicts, and draws how much there is of
// each.
func (p *page) group(checks []check) {
	x := 0.0
	for _, s := range p.Words.Standings {
		g := group{Standing: s, Anchor: "_" + s.Mark}
		for i := range checks {
			if checks[i].Verdict == s.Verdict {
				g.Checks = append(g.Checks, &checks[i])
			}
		}
		n := len(g.Checks)
		if n == 0 {
			continue
		}
		g.Count = p.Words.Counts[s.Verdict].Of(n)
		p.Groups = append(p.Groups, g)
		width := 100 * float64(n) / float64(len(checks))
		p.Strip = append(p.Strip, newSegment(s.Mark, x, width))
		x += width
	}
}

// newSegment leaves a gap behind it.
func newSegment(mark string, x, width float64) segment {
	return segment{mark, percent(x), percent(math.Max(width-0.3, 0.1))}
}

// matrix orders the checks by what they are about: those that passed, or do not apply, as
// numbers, the others by name.
type matrix struct{ Rows []row }

type row struct {
	Code, Name string
	Tiles      []*check
	Rest       []counted
}

// counted is how many checks of a row have a verdict.
type counted struct{ Mark, Says string }

// newMatrix is nil where there is nothing to order: of no checks, and of the rules of
// fuzz, each of which is about something else.
func newMatrix(v *view.Report, checks []check) *matrix {
	if len(checks) == 0 || v.Run.Run.Hunt {
		return nil
	}
	m := &matrix{}
	at := map[string]int{}
	rest := map[string]map[verdict.Verdict]int{}
	for i := range checks {
		c := &checks[i]
		code := strings.TrimPrefix(c.Family, "KOM-")
		if _, known := at[code]; !known {
			at[code], rest[code] = len(m.Rows), map[verdict.Verdict]int{}
			m.Rows = append(m.Rows, row{Code: code, Name: cmp.Or(v.Words.Families[code], code)})
		}
		r := &m.Rows[at[code]]
		if c.Verdict == verdict.Pass || c.Verdict == verdict.NotApplicable {
			rest[code][c.Verdict]++
		} else {
			r.Tiles = append(r.Tiles, c)
		}
	}
	for i := range m.Rows {
		r := &m.Rows[i]
		slices.SortStableFunc(r.Tiles, func(a, b *check) int { return strings.Compare(a.ID, b.ID) })
		for _, of := range []verdict.Verdict{verdict.Pass, verdict.NotApplicable} {
			if n := rest[r.Code][of]; n > 0 {
				r.Rest = append(r.Rest, counted{v.Words.Standing(of).Mark, v.Words.Counts[of].Of(n)})
			}
		}
	}
	return m
}
