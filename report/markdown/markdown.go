// Package markdown lays a run out as a comment on a pull request: the verdict,
// a table of what failed, and the rest folded. No text of the receiver can
// become markup, a link or a mention in it; see text.
package markdown

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/kometia-sim/kometia-sim/report/view"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
)

// Limit is how many bytes of Markdown a run is told in at most, whatever the
// run: GitHub refuses comments over 65,536 characters, and takes 1 MiB as the
// summary of a job.
const Limit = 60_000

const (
	// A table of failures longer than this is no summary any more.
	failuresShown = 40
	// Room that stays free for the note on what was left out.
	noteRoom = 600
	// Attempts of one check: the first and the last of them.
	attemptsHead, attemptsTail = 6, 2
	remediesShown              = 3
	idsShown                   = 6 // of a group
	// An answer is shown when it is no longer than this.
	answerShown = 900
)

// Write writes the comment.
func Write(w io.Writer, v *view.Report) error {
	d := &comment{Report: v, w: v.Words}
	d.head()
	d.failures()
	d.details()
	d.unjudged()
	d.all()
	d.how()
	if d.left > 0 {
		d.b.WriteString("\n" + text(d.w.LeftOut.Of(d.left)) + " " + text(d.w.WhereRest) + "\n")
	}
	_, err := io.WriteString(w, d.b.String())
	return err
}

// comment is Markdown in the making.
type comment struct {
	*view.Report
	w    *view.Words
	b    strings.Builder
	left int // blocks that there was no room for
}

// add writes a block whole or not at all. Blocks stand apart by a blank line.
func (d *comment) add(block string) {
	block = strings.TrimRight(block, "\n")
	if block == "" {
		return
	}
	if d.b.Len()+len(block)+2 > Limit-noteRoom {
		d.left++
		return
	}
	if d.b.Len() > 0 {
		d.b.WriteString("\n")
	}
	d.b.WriteString(block + "\n")
}

// folded is a block that a reader opens.
func folded(summary, body string) string {
	return "<details>\n<summary>" + summary + "</summary>\n" + body + "\n</details>\n"
}

func (d *comment) head() {
	glyph := map[string]string{"pass": "✓", "fail": "✗", "error": "E", "unclear": "?"}[d.Summary.Mark()]
	d.add("## " + glyph + " " + text(view.UpperFirst(d.Sentence)))
	d.add(text(view.Line(d.Counts)) + "\n")
	d.add(text(d.Proved))
	made := []string{code(d.Target), strings.ToLower(d.w.SeedLabel) + " " + code(d.Seed), joined("ids ", code(d.IDs))}
	if d.Start != "" {
		made = append(made, fmt.Sprintf(d.w.Start, code(d.Start)))
	}
	d.add(strings.Join(slices.DeleteFunc(made, func(s string) bool { return s == "" }), " · "))
	for _, s := range d.Remarks() {
		if d.b.Len() > Limit/6 { // the checks are to be told, too
			d.left++
			continue
		}
		d.add(joined("> ", text(s)))
	}
}

// joined puts a prefix before what is not empty.
func joined(prefix, s string) string {
	if s == "" {
		return ""
	}
	return prefix + s
}

// label is a word of ours in bold, and what it is about.
func label(label, said string) string { return joined("**"+label+"** ", said) }

// header is that of a table.
func header(columns ...string) string {
	return strings.Replace(line(columns), "|  |", "| |", 1) + line(slices.Repeat([]string{"---"}, len(columns)))
}

func line(cells []string) string { return "| " + strings.Join(cells, " | ") + " |\n" }

// failures is a table of what failed, or was missed, in the order of its
// weight.
func (d *comment) failures() {
	var rows strings.Builder
	n, more := 0, 0
	for _, s := range d.w.Standings {
		for i := range d.Checks {
			c := &d.Checks[i]
			if !s.Open || c.Verdict != s.Verdict {
				continue
			}
			found := c.Found
			if found == "" {
				found = c.Reason
			}
			if s.Verdict == view.Outdated {
				found = c.Listed
			}
			row := fmt.Sprintf("| %s | %s %s | %s | %s | %s |\n", text(c.Glyph), cell(c.ID), text(c.Title), c.Level, text(c.Expected), text(found))
			if n == failuresShown || d.b.Len()+rows.Len()+len(row) > Limit/2 {
				more++
				continue
			}
			rows.WriteString(row)
			n++
		}
	}
	if n+more == 0 {
		return
	}
	d.add(header("", d.w.Check, d.w.Level, d.w.Expected, d.w.Found) + rows.String())
	if more > 0 {
		d.add(text(d.w.RowsLeftOut.Of(more)))
	}
}

// details are the checks that need the reader, folded. Those that share a
// cause are told once.
func (d *comment) details() {
	for _, s := range d.w.Standings {
		for i := range d.Checks {
			c := &d.Checks[i]
			if c.Verdict != s.Verdict || !s.Open && !c.Alone || c.Told {
				continue
			}
			d.add(folded(strings.TrimSpace(inHTML(c.Glyph)+" <b>"+inHTML(c.ID)+"</b> "+inHTML(c.Title)), d.detail(c)))
		}
	}
}

func (d *comment) detail(c *view.Check) string {
	w := d.w
	var b strings.Builder
	put := func(block string) {
		if block = strings.TrimRight(block, "\n"); block != "" {
			b.WriteString("\n" + block + "\n")
		}
	}
	put(text(c.Requirement))
	if c.Verdict == verdict.Error {
		put(text(w.OurErrors))
	}
	put(label(w.Known, text(c.Listed)))
	put(label(w.Reason, text(c.Reason)))
	put(label(w.Expected, text(c.Expected)))
	put(label(w.Found, text(c.Found)))
	if g := c.Diagnosis; g != nil {
		put(label(w.Cause, strings.TrimSpace(fmt.Sprintf("%s (%s, %s)", text(g.Title), code(g.Code), g.Certainty))))
		put(label(w.Evidence, text(g.Evidence)))
	}
	for i, f := range c.Fixes[:min(len(c.Fixes), remediesShown)] {
		said := strings.TrimSpace(strings.Join([]string{text(f.For), text(f.Text)}, "  \n"))
		if i == 0 {
			said = label(w.Fix, said)
		}
		put(said)
		if f.Code != "" {
			put(block("", f.Code))
		}
	}
	put(label(w.Matters, text(c.Why)))
	for _, n := range c.Notes {
		put(label(w.Note, text(n)))
	}
	var ids []string
	for _, s := range c.Shared[:min(len(c.Shared), failuresShown)] {
		ids = append(ids, code(s.Text))
	}
	put(label(w.SameCauseAs, strings.Join(ids, ", ")))
	put(label(w.AlsoIn, text(strings.Join(view.Texts(c.Also), ", "))))
	put(d.attempts(c))
	// The last answer is the one that decided.
	if n := len(c.Exchanges); n > 0 && c.Exchanges[n-1].Answer != "" && len(c.Exchanges[n-1].Answer) <= answerShown {
		put(label(w.AnswerGot, text(c.Exchanges[n-1].When)))
		put(block("http", c.Exchanges[n-1].Answer))
	}
	switch {
	case c.Reproduce == "":
	case len(c.Fixes) > 0:
		put("**" + w.Verify + "**")
		put(block("sh", c.Verify))
	default:
		put("**" + w.Repeat + "**")
		put(block("sh", c.Reproduce))
	}
	put(label(w.More, code(c.Explain)))
	return b.String()
}

// attempts is a table in virtual time, a long one folded in its middle.
func (d *comment) attempts(c *view.Check) string {
	rows := c.Attempts[:min(len(c.Attempts), view.ListShown)]
	if len(rows) == 0 {
		return ""
	}
	effects := slices.ContainsFunc(rows, func(a view.Attempt) bool { return a.Effects != "" })
	cells := func(when, event, sent, answer, took, seen string) []string {
		out := []string{when}
		if c.Several {
			out = append(out, event)
		}
		out = append(out, sent, answer, took)
		if effects {
			out = append(out, seen)
		}
		return out
	}
	w := d.w
	var b strings.Builder
	b.WriteString(header(cells(w.When, w.Event, w.Sent, w.Answer, w.Took, w.EffectsSeen)...))
	for i := 0; i < len(rows); i++ {
		if i == attemptsHead && len(rows) > attemptsHead+attemptsTail+1 {
			hidden := len(rows) - attemptsTail - i
			b.WriteString(line(cells(text(fmt.Sprintf(w.MoreLines, hidden)), "", "", "", "", "")))
			i += hidden
		}
		a := &rows[i]
		b.WriteString(line(cells(text(a.At), cell(a.Name), text(a.Sent), text(a.Reply()), text(a.Took), text(a.Effects+" "+a.Duplicate))))
	}
	if n := len(c.Attempts) - len(rows); n > 0 {
		b.WriteString("\n" + text(w.RowsLeftOut.Of(n)) + "\n")
	}
	return b.String()
}

// unjudged says what is known to fail, and what could not be judged, by reason.
func (d *comment) unjudged() {
	for i := range d.Checks {
		if c := &d.Checks[i]; c.Verdict == view.Known {
			d.add(fmt.Sprintf("**%s** %s %s: %s", c.Word, code(c.ID), text(c.Title), text(c.Listed)))
		}
	}
	for i := range d.Inconclusive {
		d.add(d.group(d.w.Inconclusive, &d.Inconclusive[i]) + ": " + text(d.Inconclusive[i].Reason))
	}
	for i := range d.ToEnable {
		g := &d.ToEnable[i]
		said := d.group(d.w.NotObserved, g)
		if g.Must != "" {
			said += " " + text(g.Must)
		}
		for _, a := range g.Enable {
			said += "\n\n" + text(a.Lead)
			switch {
			case !a.Code:
				said += " " + text(a.Text)
			case strings.HasPrefix(a.Text, "--"):
				said += " " + code(a.Text)
			default:
				said += "\n\n" + block("yaml", a.Text)
			}
		}
		d.add(said)
	}
	for i := range d.NotObserved {
		d.add(d.group(d.w.NotObserved, &d.NotObserved[i]) + ": " + text(d.NotObserved[i].Reason))
	}
}

func (d *comment) group(title string, g *view.Group) string {
	var ids []string
	for _, id := range g.IDs[:min(len(g.IDs), idsShown)] {
		ids = append(ids, code(id))
	}
	s := "**" + fmt.Sprintf(title, len(g.IDs)) + "** " + strings.Join(ids, ", ")
	if n := len(g.IDs) - idsShown; n > 0 {
		s += " " + fmt.Sprintf(d.w.AndMore, n)
	}
	return s
}

// all lists every check in a line.
func (d *comment) all() {
	if len(d.Checks) == 0 {
		return
	}
	var b strings.Builder
	b.WriteString("\n" + header("", d.w.Check, d.w.Level, d.w.VerdictLabel))
	for i := range d.Checks {
		c := &d.Checks[i]
		fmt.Fprintf(&b, "| %s | %s %s | %s | %s |\n", text(c.Glyph), cell(c.ID), text(c.Title), c.Level, c.Word)
	}
	d.add(folded(inHTML(fmt.Sprintf(d.w.AllChecks, len(d.Checks))), b.String()))
}

// how says what the run was made with.
func (d *comment) how() {
	var b strings.Builder
	for _, f := range d.Facts {
		fmt.Fprintf(&b, "\n- %s: %s", text(f.Label), text(f.Text)+code(f.Code))
	}
	d.add(folded(inHTML(d.w.Details), b.String()+"\n"))
}
