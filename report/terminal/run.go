// Package terminal tells runs and sends to a person at a terminal: one line of
// verdict when all is well, and for each cause of failure one block that says
// what was expected, what was seen, why it matters and how to fix it.
package terminal

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/kometia-sim/kometia-sim/report/columns"
	"github.com/kometia-sim/kometia-sim/report/view"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// idsShown is how many ids of a group a short report names.
const idsShown = 6

// assumedShown is how many assumptions a short report names; of more it says how
// many there are.
const assumedShown = 4

// Write tells a run.
func Write(w io.Writer, v *view.Report) error {
	p := &run{columns.Checks{Page: columns.New(v.Options), Words: v.Words, Told: map[string]string{}}, v}
	p.head()
	p.Blank()
	if v.Options.Verbose {
		p.passed()
	}
	if v.Unreachable && !v.Options.Verbose {
		p.whyUnreachable()
	} else {
		p.results()
	}
	p.foot()
	return p.Flush(w)
}

// WritePlan writes the line that says what a run is going to send, and the one
// that says what it leaves out for want of consent.
func WritePlan(w io.Writer, plan verdict.Plan, o view.Options) error {
	p := columns.New(o)
	p.Fields(0, fields(p, view.Plan(plan, o.Tag(lang.Spanish))))
	return p.Flush(w)
}

func fields(p *columns.Page, fs []view.Field) []columns.Field {
	out := make([]columns.Field, len(fs))
	for i, f := range fs {
		out[i] = columns.Field{Label: f.Label, Text: p.Say(columns.Toned(f.Tone), f.Text)}
	}
	return out
}

// run is the page of a run.
type run struct {
	columns.Checks
	v *view.Report
}

func (p *run) head() {
	w, v := p.Words, p.v
	target := columns.Join(p.Whole(columns.Bold, v.Target), columns.After(3, p.Unit(columns.Dim, fmt.Sprintf(w.Seed, v.Seed))))
	if v.IDs != "" {
		target = append(target, columns.After(2, p.Unit(columns.Dim, "ids "+v.IDs))...)
	}
	if v.Start != "" {
		target = append(target, columns.After(2, p.Unit(columns.Dim, fmt.Sprintf(w.Start, v.Start)))...)
	}
	fs := []columns.Field{{Label: w.Target, Text: target}}
	if !v.Options.PlanShown {
		fs = append(fs, fields(p.Page, v.Plan)...)
	}
	if !v.Unreachable {
		fs = append(fs, columns.Field{Label: w.Receiver, Text: p.Items(v.Receiver)})
	}
	p.Fields(0, fs)
}

// each calls tell for the checks of some verdicts, in the order of the verdicts,
// and reports whether there were any.
func (p *run) each(tell func(*view.Check), of ...verdict.Verdict) (found bool) {
	for _, v := range of {
		for i := range p.v.Checks {
			if c := &p.v.Checks[i]; c.Verdict == v {
				tell(c)
				found = true
			}
		}
	}
	return found
}

// passed lists the checks that passed, before all that did not, so that what
// matters stands last.
func (p *run) passed() {
	if p.each(func(c *view.Check) {
		p.Title(c, "✓", columns.Green)
		p.Notes(c)
	}, verdict.Pass) {
		p.Blank()
	}
}

// results writes what needs the reader: failures by cause, our own errors,
// warnings, and in a line or two what could not be judged.
func (p *run) results() {
	full := func(c *view.Check) {
		if c.Told {
			return
		}
		p.Check(c, p.shared(c))
		if also := p.alsoWarned(c); also != "" {
			p.Line(4, 6, p.Say(columns.Yellow, fmt.Sprintf(p.Words.AlsoWarned, also)))
		}
		p.Blank()
	}
	brief := func(c *view.Check) {
		if c.Finding != nil && c.Told {
			return
		}
		if c.Finding == nil || !slices.Contains(p.reds(), c.ID) {
			p.Brief(c)
		}
	}
	p.each(full, verdict.Fail, verdict.Error, view.Outdated)
	if p.each(p.known, view.Known) {
		p.Blank()
	}
	short := []verdict.Verdict{verdict.Warn, verdict.Info}
	if p.v.Options.Strict {
		p.each(full, verdict.Warn)
		short = short[1:]
	}
	if p.each(brief, short...) {
		p.Blank()
	}
	p.each(func(c *view.Check) {
		if c.Alone {
			p.Title(c, "~", columns.Plain)
			p.Explain(c)
			p.Blank()
		}
	}, verdict.Inconclusive)
	p.groups("~", p.Words.Inconclusive, p.v.Inconclusive)
	p.toEnable()
	p.groups("?", p.Words.NotObserved, p.v.NotObserved)
	if p.v.Options.Verbose {
		p.groups("-", p.Words.NotApplicable, p.v.NotApplicable)
	}
}

// reds are the rules of fuzz that have a finding which fails: what is only a warning
// of the same rule is told there.
func (p *run) reds() (ids []string) {
	for i := range p.v.Checks {
		if c := &p.v.Checks[i]; c.Finding != nil && c.Verdict == verdict.Fail {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

// alsoWarned names, at the last finding of a rule, the cases that are only a warning.
func (p *run) alsoWarned(c *view.Check) string {
	if c.Finding == nil || c.Verdict != verdict.Fail {
		return ""
	}
	var cases []string
	last := false
	for i := range p.v.Checks {
		switch other := &p.v.Checks[i]; {
		case other.ID != c.ID || other.Finding == nil:
		case other.Verdict == verdict.Fail:
			last = other.Finding.ID == c.Finding.ID
		case other.Verdict == verdict.Warn && !p.v.Options.Strict:
			cases = append(cases, strings.TrimSpace(other.Finding.ID+" "+strings.Join(other.Notes[other.Finding.Notes:], " ")))
		}
	}
	if !last {
		return ""
	}
	return strings.Join(cases, "; ")
}

// shared are the failures with the cause of another one.
func (p *run) shared(c *view.Check) (out []string) {
	for _, s := range c.Shared {
		if other := p.v.Checks[s.At].Verdict; c.Verdict == verdict.Fail && (other == verdict.Fail || other == verdict.Warn) {
			out = append(out, s.Text)
		}
	}
	return out
}

// known writes a check that failed as the list says in two or three lines: it
// is no news.
func (p *run) known(c *view.Check) {
	p.Title(c, "=", columns.Plain)
	p.Contrast(c, nil)
	p.Fields(4, []columns.Field{{Label: p.Words.Known, Text: p.Quote(columns.Plain, c.Listed)}})
}

// whyUnreachable says once why no connection was made: every check of such a
// run has the same thing to say.
func (p *run) whyUnreachable() {
	for i := range p.v.Checks {
		d := p.v.Checks[i].Diagnosis
		if d == nil {
			continue
		}
		fs := p.Diagnosis(d, p.Words.Cause)
		if len(d.Hint) > 0 {
			fs = append(fs, columns.Field{Label: p.Words.Fix, Lines: d.Hint})
		}
		p.Fields(0, fs)
		p.Blank()
		return
	}
}

// groups writes what could not be judged, by reason.
func (p *run) groups(mark, title string, gs []view.Group) {
	if len(gs) == 0 {
		return
	}
	total := 0
	for _, g := range gs {
		total += len(g.IDs)
	}
	head := columns.Join(p.Unit(columns.Cyan, mark), p.Say(columns.Plain, fmt.Sprintf(title, total)))
	indent := 4
	if len(gs) == 1 {
		head = append(head, p.ids(&gs[0])...)
	}
	p.Line(0, indent, head)
	for i := range gs {
		if len(gs) > 1 {
			p.Line(4, 4, p.ids(&gs[i]))
			indent = 6
		}
		if gs[i].Enable == nil {
			p.Line(indent, indent, p.Quote(columns.Dim, gs[i].Reason))
		} else {
			p.enabling(indent, gs[i].Enable)
		}
	}
	p.Blank()
}

// toEnable lists what could not be observed by what it lacks, and says once what is
// to be added for all of it.
func (p *run) toEnable() {
	total := 0
	for _, g := range p.v.ToEnable {
		total += len(g.IDs)
	}
	if total > 0 {
		p.Line(0, 4, columns.Join(p.Unit(columns.Cyan, "?"), p.Say(columns.Plain, fmt.Sprintf(p.Words.NotObserved, total)), p.Say(columns.Bold, p.v.Advice)))
	}
	for i := range p.v.ToEnable {
		g := &p.v.ToEnable[i]
		var names columns.Text
		if said := g.Names(p.Words); said != "" {
			names = p.Say(columns.Dim, said)
		}
		p.Line(4, 6, columns.Join(names, columns.After(2, p.ids(g))))
	}
	p.enabling(4, p.v.Actions)
	if total+len(p.v.Actions) > 0 {
		p.Blank()
	}
}

// ids lists the checks of a group; a short report names the first few.
func (p *run) ids(g *view.Group) columns.Text {
	shown := g.IDs
	if !p.v.Options.Verbose && len(shown) > idsShown+1 {
		shown = shown[:idsShown]
	}
	t := p.Comma(columns.Plain, shown)
	if n := len(g.IDs) - len(shown); n > 0 {
		t = append(t, p.Unit(columns.Dim, fmt.Sprintf(p.Words.AndMore, n))...)
	}
	if g.Enable != nil {
		t = append(t, columns.After(2, p.Unit(columns.Dim, g.Must))...)
	}
	return t
}

// enabling says what to add, and where, so that checks can be played.
func (p *run) enabling(indent int, what []view.Addition) {
	for _, a := range what {
		lead, lines := p.Say(columns.Dim, a.Lead), strings.Split(a.Text, "\n")
		switch {
		case !a.Code:
			p.Line(indent, indent+2, columns.Join(lead, p.Say(columns.Plain, a.Text)))
		case len(lines) == 1:
			p.Line(indent, indent+2, columns.Join(lead, columns.After(2, p.Whole(columns.Plain, a.Text))))
		default:
			p.Line(indent, indent, lead)
			for _, l := range lines {
				code := strings.TrimLeft(l, " ")
				in := indent + 2 + len(l) - len(code)
				p.Line(in, in, p.Whole(columns.Plain, code))
			}
		}
	}
}

// foot writes the verdict, what it rests on and what to do afterwards.
func (p *run) foot() {
	w, v := p.Words, p.v
	st, mark := columns.Failing, "✗ "
	switch v.Summary.Mark() {
	case "pass":
		if st, mark = columns.Green, "✓ "; v.Summary.Conclusion == view.Conforms || v.Summary.Conclusion == view.SelectedPassed {
			st = columns.Passing
		}
	case "unclear":
		st, mark = columns.Warning, "? "
	case "error":
		st, mark = columns.Ours, "E "
	}
	p.Line(0, 2, columns.Join(p.Headline(st, mark+upper(v.Sentence)), columns.After(2, p.Items(v.Counts))))
	p.Line(0, 0, p.Say(columns.Plain, v.Hint))
	p.Line(0, 0, p.Say(columns.Bold, v.Why))
	p.Line(0, 0, p.Say(columns.Plain, v.Tested))
	for _, a := range v.Aside {
		p.Line(0, 0, p.Say(columns.Dim, a))
	}
	if v.Proved != "" {
		for _, n := range v.Notes {
			p.Line(0, 0, p.Quote(columns.Yellow, n))
		}
		switch n := len(v.Assumed); {
		case n > assumedShown && !v.Options.Verbose:
			p.Line(0, 0, p.Say(columns.Dim, w.AssumptionsIn.Of(n)))
		case n > 0:
			p.Line(0, 0, columns.Join(p.Say(columns.Dim, w.Assumptions), p.Comma(columns.Dim, v.Assumed), p.Unit(columns.Dim, w.ExplainAssumed)))
		}
	}
	for _, u := range v.Unwritten {
		p.Line(0, 2, columns.Join(p.Unit(columns.Ours, "E"), p.Quote(columns.Plain, u)))
	}
	var files columns.Text
	for i, path := range v.Options.Reports {
		if i == 0 {
			files = p.Say(columns.Dim, w.ReportFiles)
		}
		if i < len(v.Options.Reports)-1 {
			path += ","
		}
		files = append(files, p.Whole(columns.Plain, path)...)
	}
	p.Line(0, 2, files)
	if v.CleanUp != "" {
		p.Line(0, 2, columns.Join(p.Say(columns.Dim, w.CleanUp), p.Whole(columns.Plain, v.CleanUp)))
	}
	p.Line(0, 0, p.Say(columns.Dim, fmt.Sprintf(w.Exit, v.Summary.Exit)))
}

// upper is for headlines; what stands in parentheses keeps its case.
func upper(s string) string {
	head, tail, _ := strings.Cut(s, "(")
	if tail != "" {
		tail = "(" + tail
	}
	return strings.ToUpper(head) + tail
}
