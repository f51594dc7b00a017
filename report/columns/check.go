package columns

import (
	"fmt"
	"strings"

	"github.com/kometia-sim/kometia-sim/report/view"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
)

// A timeline longer than foldOver lines shows its first foldHead and its last
// foldTail.
const foldOver, foldHead, foldTail = 6, 3, 2

// Checks lays out checks on a page.
type Checks struct {
	*Page
	Words *view.Words
	// Told are the checks that told a diagnosis in full, by its code and evidence:
	// another one with the same refers to it. Nil tells each.
	Told map[string]string
}

// Check tells a check as its verdict wants: a failure or a warning in full, with
// those that share its cause, a fault of ours as ours, the rest in short.
func (p *Checks) Check(c *view.Check, shared []string) {
	switch c.Verdict {
	case verdict.Fail, verdict.Warn, view.Known:
		p.full(c, shared)
	case view.Outdated:
		p.Title(c, "✗", Failing)
		p.Line(4, 4, p.Quote(Plain, c.Listed))
	case verdict.Error:
		p.Title(c, "E", Ours)
		p.Line(4, 4, p.Say(Magenta, p.Words.OurErrors))
		p.Fields(4, append(p.Reason(c), p.reproduce(c)...))
	default:
		p.Brief(c)
	}
}

// Brief tells a warning, or a piece of information, in two or three lines.
func (p *Checks) Brief(c *view.Check) {
	if c.Verdict == verdict.Warn {
		p.Title(c, "!", Warning)
		p.Contrast(c, nil)
		if c.Told { // with what is to be done about it, and the others of its cause
			return
		}
	} else {
		p.Title(c, "i", Cyan)
		p.Contrast(c, nil)
	}
	p.Notes(c)
	if len(c.OwnFix) > 0 && c.Verdict == verdict.Warn {
		p.Fields(4, []Field{{Label: p.Words.Fix, Lines: c.OwnFix}})
	}
}

// Title is the headline of a check.
func (p *Checks) Title(c *view.Check, mark string, st Style) {
	t := Join(p.Unit(st, mark), p.Unit(st, c.ID), After(2, p.Unit(Dim, c.Level)), After(2, p.Say(Plain, c.Title)))
	if c.Variant != "" {
		t = append(t, p.Unit(Dim, "("+c.Variant+")")...)
	}
	p.Line(0, 4, t)
}

// Notes are the remarks on a check, a line each.
func (p *Checks) Notes(c *view.Check) {
	for _, n := range c.Notes {
		p.Line(4, 4, p.Quote(Dim, n))
	}
}

func (p *Checks) full(c *view.Check, shared []string) {
	mark, st := "✗", Failing
	if c.Verdict == verdict.Warn {
		mark, st = "!", Warning
	}
	p.Title(c, mark, st)
	var about Text
	if !c.Several {
		about = After(3, p.Unit(Dim, c.About))
	}
	if f := c.Finding; f != nil {
		p.Line(4, 4, p.Say(Bold, p.Words.Breaks))
		for _, line := range f.Breaks {
			p.Line(6, 8, p.Quote(Plain, line))
		}
		p.Line(6, 8, p.Say(Dim, f.Alike))
	}
	p.Contrast(c, about)
	p.timeline(c)
	why, fixes := p.Explanation(c)
	then := append(p.verify(c), Field{Label: p.Words.More, Command: c.Explain})
	col := max(TextColumn(4, why), TextColumn(4, then))
	p.FieldsAt(4, col, why)
	p.Fixes(4, col, fixes)
	p.FieldsAt(4, col, p.notes(c))
	if len(shared) > 0 {
		p.Line(4, 6, p.Say(Plain, fmt.Sprintf(p.Words.SameCause, strings.Join(shared, ", "))))
	}
	if len(c.Also) > 0 {
		p.Line(4, 6, Join(p.Say(Plain, p.Words.AlsoIn), p.Comma(Plain, view.Texts(c.Also))))
	}
	p.FieldsAt(4, col, then)
}

// verify is the command that checks the fix.
func (p *Checks) verify(c *view.Check) []Field {
	if c.Verify == "" {
		return nil
	}
	return []Field{{Label: p.Words.Verify, Command: c.Verify}}
}

func (p *Checks) reproduce(c *view.Check) []Field {
	if c.Reproduce == "" {
		return nil
	}
	return []Field{{Label: p.Words.Repeat, Command: c.Reproduce}}
}

// Reason is why a check was not judged.
func (p *Checks) Reason(c *view.Check) []Field {
	if c.Reason == "" {
		return nil
	}
	return []Field{{Label: p.Words.Reason, Text: p.Quote(Plain, c.Reason)}}
}

// Explanation is why a check failed, why that matters and, in code where there is
// any, what to do. What another check told already it only names.
func (p *Checks) Explanation(c *view.Check) (fs []Field, fixes []view.Fix) {
	fixes = c.Foremost
	if d := c.Diagnosis; d != nil {
		fs = p.Diagnosis(d, p.Words.Cause)
		key := d.Code + " " + d.Evidence
		if by, told := p.Told[key]; told && by != c.ID {
			fs, fixes = []Field{{Label: p.Words.Cause, Text: p.Say(Plain, fmt.Sprintf(p.Words.AsTold, by, d.Code))}}, nil
		} else if p.Told != nil {
			p.Told[key] = c.ID
		}
	}
	if c.Why != "" {
		fs = append(fs, Field{Label: p.Words.Matters, Text: p.Say(Plain, c.Why)})
	}
	return fs, fixes
}

func (p *Checks) notes(c *view.Check) (fs []Field) {
	notes := c.Notes
	if c.Finding != nil {
		notes = notes[min(c.Finding.Notes, len(notes)):] // they stand above
	}
	for _, n := range notes {
		fs = append(fs, Field{Label: p.Words.Note, Text: p.Quote(Plain, n)})
	}
	return fs
}

// Explain tells a check that could not be judged for a reason of its own.
func (p *Checks) Explain(c *view.Check) {
	fs, fixes := p.Explanation(c)
	fs = append(p.Reason(c), fs...)
	col := TextColumn(4, append(fs, Field{Label: p.Words.Fix}))
	p.FieldsAt(4, col, fs)
	p.Fixes(4, col, fixes)
	p.FieldsAt(4, col, p.notes(c))
}

// Diagnosis is the cause and its evidence; without the fix, which callers have
// in different forms.
func (p *Checks) Diagnosis(d *view.Diagnosis, label string) []Field {
	cause := p.Say(Bold, d.Title)
	code := d.Code + ", " + d.Certainty
	if len(cause) > 0 {
		code = "(" + code + ")"
	}
	fs := []Field{{Label: label, Text: Join(cause, After(2, p.Unit(Dim, code)))}}
	if d.Evidence != "" {
		fs = append(fs, Field{Label: p.Words.Evidence, Text: p.Quote(Plain, d.Evidence)})
	}
	return fs
}

// Contrast says what was expected and what there was, on one line where it
// fits, with the event that it was about.
func (p *Checks) Contrast(c *view.Check, about Text) {
	if c.Expected == "" && c.Found == "" {
		p.Line(4, 6, about)
		return
	}
	if t := p.Say(Plain, c.Contrast); len(about) == 0 && len(t) > 0 && t.Width()+4 <= p.width {
		p.Line(4, 6, t)
		return
	}
	var fs []Field
	if c.Expected != "" {
		fs = append(fs, Field{Label: p.Words.Expected, Text: p.Quote(Plain, c.Expected)})
	}
	if c.Found != "" {
		fs = append(fs, Field{Label: p.Words.Found, Text: p.Quote(Plain, c.Found)})
	}
	if len(about) > 0 { // not behind what was found, which may end in the names of other events
		fs = append(fs, Field{Label: p.Words.Event, Text: about})
	}
	p.Fields(4, fs)
}

// timeline writes the attempts in virtual time, a long one folded.
func (p *Checks) timeline(c *view.Check) {
	type row struct{ at, name, what, effects, mark Text }
	rows := make([]row, len(c.Attempts))
	var at, name, what, right int
	for i := range c.Attempts {
		a := &c.Attempts[i]
		r := row{at: p.Unit(Dim, a.At), what: p.attempt(a), mark: p.Unit(Failing, a.Duplicate)}
		if c.Several {
			r.name = p.Unit(Plain, a.Short)
		}
		if a.Effects != "" {
			r.effects = p.Unit(Plain, fmt.Sprintf(p.Words.EffectsNow, a.Effects))
		}
		rows[i] = r
		at, name, what = max(at, r.at.bare()), max(name, r.name.bare()), max(what, r.what.Width())
		right = max(right, 3+r.effects.Width()+2+r.mark.Width())
	}
	// Columns only where the widest row leaves room for them.
	if name > p.width/3 {
		name = 0
	}
	aligned := 4+at+2+name+2+what+right <= p.width
	for i := 0; i < len(rows); i++ {
		if len(rows) > foldOver && i == foldHead {
			i = len(rows) - foldTail
			p.Line(4, 4, p.Unit(Dim, fmt.Sprintf(p.Words.MoreLines, i-foldHead)))
		}
		r := rows[i]
		gap := 3
		if aligned {
			gap = what - r.what.Width() + 3
		}
		first := at - r.at.bare() + 2
		rest := After(first, r.what)
		if c.Several {
			rest = Join(After(first, r.name), After(max(name-r.name.bare(), 0)+2, r.what))
		}
		p.Line(4, 4+at+2, Join(r.at, rest, After(gap, r.effects), After(2, r.mark)))
	}
}

// attempt says what one attempt sent, what came back and what we did to it.
func (p *Checks) attempt(a *view.Attempt) Text {
	out := Join(p.Quote(Plain, a.Sent), p.Outcome(a))
	if a.Fault != "" {
		out = Join(out, Glue(Plain, ","), p.Say(Dim, a.Fault))
	}
	return out
}

// Outcome is the answer, or why there was none; nothing where our own fault says
// it all.
func (p *Checks) Outcome(a *view.Attempt) Text {
	if a.Answer == "" {
		return nil
	}
	arrow := p.Unit(Dim, "→")
	if a.Status <= 0 {
		return Join(arrow, p.Say(Red, a.Answer))
	}
	st := Red
	if a.Status >= 200 && a.Status <= 299 {
		st = Green
	}
	return Join(arrow, p.Unit(st, a.Answer), p.Unit(Plain, a.Late))
}
