package report

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// MarkdownLimit is how many bytes of Markdown a run is told in at most,
// whatever the run: GitHub refuses comments over 65,536 characters, and takes
// 1 MiB as the summary of a job.
const MarkdownLimit = 60_000

const (
	// A table of failures longer than this is no summary any more.
	failuresShown = 40
	// Room that stays free for the note on what was left out.
	noteRoom = 600
	// Attempts of one check: the first and the last of them.
	attemptsHead, attemptsTail = 6, 2
	remediesInMarkdown         = 3
)

// Markdown tells a run as a comment on a pull request: the verdict, a table of
// what failed, and the rest folded. No text of the receiver can become markup,
// a link or a mention in it; see mdText.
type Markdown struct{ Options Options }

// Write implements [Writer].
func (m Markdown) Write(w io.Writer, r *verdict.Report) error {
	o := m.Options
	o.ASCII, o.Color = false, false
	r = inLightOfList(r, o)
	d := &comment{page: newPage(o, r.Run.Lang), run: r}
	d.sum = Summarize(r, o)
	d.views = d.checks(r.Results, o)
	d.head()
	d.failures()
	d.details()
	d.unjudged()
	d.all()
	d.how()
	d.note()
	_, err := io.WriteString(w, d.b.String())
	return err
}

// comment is Markdown in the making.
type comment struct {
	*page
	b     strings.Builder
	run   *verdict.Report
	sum   Summary
	views []checkView
	left  int // blocks that there was no room for
}

// add writes a block whole or not at all. Blocks stand apart by a blank line.
func (d *comment) add(block string) {
	block = strings.TrimRight(block, "\n")
	if block == "" {
		return
	}
	if d.b.Len()+len(block)+2 > MarkdownLimit-noteRoom {
		d.left++
		return
	}
	if d.b.Len() > 0 {
		d.b.WriteString("\n")
	}
	d.b.WriteString(block + "\n")
}

func (d *comment) t(t lang.Text) string { return t.In(d.tag) }

// label is a word of ours in bold, and what it is about.
func (d *comment) label(label lang.Text, text string) string {
	if text == "" {
		return ""
	}
	return "**" + d.t(label) + "** " + text
}

func (d *comment) head() {
	glyph := map[string]string{"pass": "✓", "fail": "✗", "error": "E", "unclear": "?"}[stateOf(d.sum)]
	d.add("## " + glyph + " " + mdText(upperFirst(d.sum.Sentence(d.tag))))
	d.add(mdText(flat(d.counts(d.sum, d.run.Elapsed))) + "\n")
	d.add(mdText(d.lead(d.run, d.sum)))
	var made []string
	run := &d.run.Run
	for _, s := range []string{
		mdCode(clean(run.Target, commandLimit)), strings.ToLower(d.t(d.words.Page.SeedLabel)) + " " + mdCode(fmt.Sprint(run.Seed)), joined("ids ", mdCode(Safe(run.IDs))),
	} {
		if s != "" {
			made = append(made, s)
		}
	}
	if !run.Start.IsZero() {
		made = append(made, fmt.Sprintf(d.t(d.words.Start), mdCode(run.Start.UTC().Format(time.RFC3339))))
	}
	d.add(strings.Join(made, " · "))
	for _, s := range d.remarks(d.run, d.sum) {
		if d.b.Len() > MarkdownLimit/6 { // the checks are to be told, too
			d.left++
			continue
		}
		d.add(joined("> ", mdText(s)))
	}
}

// joined puts a prefix before what is not empty.
func joined(prefix, s string) string {
	if s == "" {
		return ""
	}
	return prefix + s
}

// failures is a table of what failed, or was missed, in the order of its
// weight.
func (d *comment) failures() {
	w := &d.words.Page
	var rows strings.Builder
	n, more := 0, 0
	for _, s := range w.standings() {
		if !s.Open {
			continue
		}
		for i := range d.views {
			v := &d.views[i]
			if v.Standing.Verdict != s.Verdict {
				continue
			}
			found := v.Found
			if found == "" {
				found = v.Reason
			}
			if s.Verdict == outdated {
				found = v.Listed
			}
			row := fmt.Sprintf("| %s | %s %s | %s | %s | %s |\n", mdText(v.Standing.Glyph), mdCell(v.ID), mdText(v.Title), v.Level, mdText(v.Expected), mdText(found))
			if n == failuresShown || d.b.Len()+rows.Len()+len(row) > MarkdownLimit/2 {
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
	head := fmt.Sprintf("| | %s | %s | %s | %s |\n| --- | --- | --- | --- | --- |\n",
		d.t(w.Check), d.t(w.Level), d.t(d.words.Expected), d.t(d.words.Found))
	d.add(head + rows.String())
	if more > 0 {
		d.add(mdText(w.RowsLeftOut.of(more, d.tag)))
	}
}

// details are the checks that need the reader, folded. Those that share a
// cause are told once.
func (d *comment) details() {
	told := map[string]bool{}
	for _, s := range d.words.Page.standings() {
		for i := range d.views {
			v, r := &d.views[i], &d.run.Results[i]
			if v.Standing.Verdict != s.Verdict || !s.Open && !standsAlone(r) {
				continue
			}
			if r.Verdict == verdict.Fail && r.Cause != "" && told[r.Cause] {
				continue
			}
			told[r.Cause] = r.Verdict == verdict.Fail
			d.add(d.detail(v))
		}
	}
}

func (d *comment) detail(v *checkView) string {
	w := &d.words
	var b strings.Builder
	put := func(block string) {
		if block = strings.TrimRight(block, "\n"); block != "" {
			b.WriteString("\n" + block + "\n")
		}
	}
	fmt.Fprintf(&b, "<details>\n<summary>%s</summary>\n", strings.TrimSpace(mdHTML(v.Standing.Glyph)+" <b>"+mdHTML(v.ID)+"</b> "+mdHTML(v.Title)))
	put(mdText(v.Requirement))
	if v.Standing.Verdict == verdict.Error {
		put(mdText(d.t(w.OurErrors)))
	}
	put(d.label(w.Known, mdText(v.Listed)))
	put(d.label(w.Reason, mdText(v.Reason)))
	put(d.label(w.Expected, mdText(v.Expected)))
	put(d.label(w.Found, mdText(v.Found)))
	if c := v.Diagnosis; c != nil {
		put(d.label(w.Cause, strings.TrimSpace(fmt.Sprintf("%s (%s, %s)", mdText(c.Title), mdCode(c.Code), c.Certainty))))
		put(d.label(w.Evidence, mdText(c.Evidence)))
	}
	for i, f := range v.Fixes[:min(len(v.Fixes), remediesInMarkdown)] {
		said := strings.TrimSpace(strings.Join([]string{mdText(f.For), mdText(f.Text)}, "  \n"))
		if i == 0 && said != "" {
			put(d.label(w.Fix, said))
		} else {
			put(said)
		}
		if f.Code != "" {
			put(mdBlock("", f.Code))
		}
	}
	put(d.label(w.Matters, mdText(v.Why)))
	for _, n := range v.Notes {
		put(d.label(w.Note, mdText(n)))
	}
	if len(v.Shared) > 0 {
		var ids []string
		for _, s := range v.Shared[:min(len(v.Shared), failuresShown)] {
			ids = append(ids, mdCode(s.Text))
		}
		put(d.label(w.Page.SameCauseAs, strings.Join(ids, ", ")))
	}
	put(d.attempts(&v.Attempts))
	// The last answer is the one that decided.
	if n := len(v.Wire); n > 0 && v.Wire[n-1].Answer != "" && len(v.Wire[n-1].Answer) <= answerInMarkdown {
		put(d.label(w.Page.AnswerGot, mdText(v.Wire[n-1].When)))
		put(mdBlock("http", v.Wire[n-1].Answer))
	}
	if v.Reproduce != "" {
		put(mdBlock("sh", v.Reproduce))
	}
	put(d.label(w.More, mdCode(v.Explain)))
	b.WriteString("\n</details>\n")
	return b.String()
}

// attempts is a table in virtual time, a long one folded in its middle.
func (d *comment) attempts(v *attemptsView) string {
	if len(v.Rows) == 0 {
		return ""
	}
	w := &d.words.Page
	columns := []string{d.t(w.When)}
	if v.Events {
		columns = append(columns, d.t(w.Event))
	}
	columns = append(columns, d.t(w.Sent), d.t(w.Answer), d.t(w.Took))
	if v.Effects {
		columns = append(columns, d.t(w.EffectsSeen))
	}
	var b strings.Builder
	line := func(cells []string) { b.WriteString("| " + strings.Join(cells, " | ") + " |\n") }
	line(columns)
	line(strings.Fields(strings.Repeat("--- ", len(columns))))
	for i := 0; i < len(v.Rows); i++ {
		if i == attemptsHead && len(v.Rows) > attemptsHead+attemptsTail+1 {
			hidden := len(v.Rows) - attemptsTail - i
			line(append([]string{mdText(fmt.Sprintf(d.t(d.words.MoreLines), hidden))}, make([]string, len(columns)-1)...))
			i += hidden
		}
		row := &v.Rows[i]
		cells := []string{mdText(row.At)}
		if v.Events {
			cells = append(cells, mdCell(row.Event))
		}
		cells = append(cells, mdText(row.Sent), mdText(row.Reply), mdText(row.Took))
		if v.Effects {
			cells = append(cells, mdText(row.Effects+" "+row.Mark))
		}
		line(cells)
	}
	if v.More != "" {
		b.WriteString("\n" + mdText(v.More) + "\n")
	}
	return b.String()
}

// unjudged says what is known to fail, and what could not be judged, by reason.
func (d *comment) unjudged() {
	rs, w := d.run.Results, d.words
	for i := range d.views {
		if v := &d.views[i]; v.Standing.Verdict == known {
			d.add(fmt.Sprintf("**%s** %s %s: %s", d.t(w.Page.Knowns), mdCode(v.ID), mdText(v.Title), mdText(v.Listed)))
		}
	}
	for _, g := range collect(rs, func(r *verdict.Result) (lang.Text, bool) {
		return r.Reason, r.Verdict == verdict.Inconclusive && !standsAlone(r)
	}) {
		d.add(d.reason(w.Inconclusive, g) + ": " + mdText(Safe(d.t(g.text))))
	}
	for _, g := range unlocked(rs) {
		block := d.reason(w.NotObserved, g)
		if g.must > 0 {
			block += " " + mdText(fmt.Sprintf(d.t(w.MoreMust), g.must))
		}
		for _, a := range d.enable(d.t(g.text)) {
			block += "\n\n" + mdText(a.Lead)
			switch {
			case !a.Code:
				block += " " + mdText(a.Text)
			case strings.HasPrefix(a.Text, "--"):
				block += " " + mdCode(a.Text)
			default:
				block += "\n\n" + mdBlock("yaml", a.Text)
			}
		}
		d.add(block)
	}
	for _, g := range collect(rs, func(r *verdict.Result) (lang.Text, bool) {
		return r.Reason, r.Verdict == verdict.NotObserved && r.Enable.IsZero()
	}) {
		d.add(d.reason(w.NotObserved, g) + ": " + mdText(Safe(d.t(g.text))))
	}
}

func (d *comment) reason(title lang.Text, g group) string {
	var ids []string
	for _, id := range g.ids[:min(len(g.ids), idsShown)] {
		ids = append(ids, mdCode(Safe(id)))
	}
	s := "**" + fmt.Sprintf(d.t(title), len(g.ids)) + "** " + strings.Join(ids, ", ")
	if n := len(g.ids) - idsShown; n > 0 {
		s += " " + fmt.Sprintf(d.t(d.words.AndMore), n)
	}
	return s
}

// all lists every check in a line.
func (d *comment) all() {
	if len(d.views) == 0 {
		return
	}
	w := &d.words.Page
	var b strings.Builder
	fmt.Fprintf(&b, "<details>\n<summary>%s</summary>\n\n", mdHTML(fmt.Sprintf(d.t(w.AllChecks), len(d.views))))
	fmt.Fprintf(&b, "| | %s | %s | %s |\n| --- | --- | --- | --- |\n", d.t(w.Check), d.t(w.Level), d.t(w.VerdictLabel))
	for i := range d.views {
		v := &d.views[i]
		fmt.Fprintf(&b, "| %s | %s %s | %s | %s |\n", mdText(v.Standing.Glyph), mdCell(v.ID), mdText(v.Title), v.Level, v.Word)
	}
	b.WriteString("\n</details>\n")
	d.add(b.String())
}

// how says what the run was made with.
func (d *comment) how() {
	var b strings.Builder
	fmt.Fprintf(&b, "<details>\n<summary>%s</summary>\n", mdHTML(d.t(d.words.Page.Details)))
	for _, f := range d.facts(d.run) {
		fmt.Fprintf(&b, "\n- %s: %s", mdText(f.Label), mdText(f.Text)+mdCode(f.Code))
	}
	b.WriteString("\n\n</details>\n")
	d.add(b.String())
}

// note says that there is more than what is told.
func (d *comment) note() {
	if d.left == 0 {
		return
	}
	w := &d.words.Page
	d.b.WriteString("\n" + mdText(w.LeftOut.of(d.left, d.tag)) + " " + mdText(d.t(w.WhereRest)) + "\n")
}
