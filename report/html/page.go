package html

import (
	"fmt"
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
	Headline  string
	Measure   string // of what the headline is said, in parentheses; may be ""
	State     string
	Strip     []segment
	Groups    []group
	Fix       []*check // what the reader has to change, one for each cause
	Matrix    *matrix
	Checks    []check
	Meter     *meter
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

// meter is how many MUSTs were proved, and what would prove how many more.
type meter struct {
	Strip []segment
	Says  string
	Keys  []struct{ Mark, Text string }
}

func newPage(v *view.Report) *page {
	checks := newChecks(v)
	headline, measure, measured := strings.Cut(v.Sentence, " (")
	p := &page{
		Report: v, Checks: checks, Verdict: view.UpperFirst(v.Sentence), Headline: view.UpperFirst(headline), State: v.Summary.Mark(),
		Matrix: newMatrix(v, checks), Meter: newMeter(v), Histogram: newHistogram(v),
	}
	if measured {
		p.Measure = "(" + measure
	}
	for _, want := range []verdict.Verdict{verdict.Fail, verdict.Warn} {
		for i := range checks {
			if c := &checks[i]; c.Verdict == want && !c.Told {
				p.Fix = append(p.Fix, c)
			}
		}
	}
	p.group(checks)
	return p
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

// newMeter is nil when no line would prove any more.
func newMeter(v *view.Report) *meter {
	if len(v.Steps) == 0 {
		return nil
	}
	w, sum := v.Words, &v.Summary
	m := &meter{Says: fmt.Sprintf(w.Proved, sum.MustObserved, sum.MustTotal) + "."}
	from := 0
	draw := func(mark string, to int, text string) {
		if to > from {
			m.Strip = append(m.Strip, newSegment(mark, 100*float64(from)/float64(sum.MustTotal), 100*float64(to-from)/float64(sum.MustTotal)))
			m.Keys = append(m.Keys, struct{ Mark, Text string }{mark, text})
		}
		from = to
	}
	draw("proved", sum.MustObserved, fmt.Sprintf(w.ProvedNow, sum.MustObserved))
	for i, s := range v.Steps {
		draw(fmt.Sprintf("more more-%d", min(i+1, 3)), s.To, fmt.Sprintf(w.ProvedWith, s.To-from, s.Names(w)))
	}
	draw("rest", sum.MustTotal, fmt.Sprintf(w.ProvedNot, sum.MustTotal-from))
	return m
}

// matrix orders the checks by family and level.
type matrix struct {
	Levels []string
	Rows   []row
}

type row struct {
	Code, Name string
	Cells      []cell
}

type cell struct {
	Level string
	Tiles []*check
}

// newMatrix is nil when there are no checks.
func newMatrix(v *view.Report, checks []check) *matrix {
	if len(checks) == 0 {
		return nil
	}
	m := &matrix{}
	var levels []verdict.Level
	for _, l := range []verdict.Level{verdict.Must, verdict.Should, verdict.Informative} {
		if slices.ContainsFunc(checks, func(c check) bool { return c.Weight == l }) {
			levels = append(levels, l)
			m.Levels = append(m.Levels, v.Words.Levels[l])
		}
	}
	at := map[string]int{}
	for i := range checks {
		c := &checks[i]
		code := strings.TrimPrefix(c.Family, "KOM-")
		n, known := at[code]
		if !known {
			n = len(m.Rows)
			at[code] = n
			r := row{Code: code, Name: v.Words.Families[code]}
			for _, l := range m.Levels {
				r.Cells = append(r.Cells, cell{Level: l})
			}
			m.Rows = append(m.Rows, r)
		}
		tiles := &m.Rows[n].Cells[slices.Index(levels, c.Weight)].Tiles
		*tiles = append(*tiles, c)
	}
	for _, r := range m.Rows {
		for _, c := range r.Cells {
			slices.SortFunc(c.Tiles, func(a, b *check) int { return strings.Compare(a.ID, b.ID) })
		}
	}
	return m
}
