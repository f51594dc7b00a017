package report

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

//go:embed page
var pageFiles embed.FS

// HTML tells a run as one page that stands for itself: it asks the network for
// nothing, runs no script, and forbids both by its own policy. It is meant to
// be opened from a file or from the artifacts of a CI server, on a phone too.
type HTML struct{ Options Options }

// Write implements [Writer].
func (h HTML) Write(w io.Writer, r *verdict.Report) error {
	css, err := pageFiles.ReadFile("page/style.css")
	if err != nil {
		return fmt.Errorf("html: %w", err)
	}
	v := newHTMLPage(h.Options, r)
	v.CSS = template.CSS(css) //nolint:gosec // our own file
	v.CSP = policy(css)
	tmpl, err := template.New("page.html").Funcs(template.FuncMap{
		"t":     func(t lang.Text) string { return t.In(v.tag) },
		"pair":  func(page *htmlPage, check any) pair { return pair{page, check} },
		"flags": apartFlags,
		"rest": func(all []fixView, shown int) string {
			return v.Words.Page.RowsLeftOut.of(len(all)-shown, v.tag)
		},
	}).ParseFS(pageFiles, "page/page.html")
	if err != nil {
		return fmt.Errorf("html: %w", err)
	}
	// Whole or not at all: half a page would look like a short run.
	var b bytes.Buffer
	if err := tmpl.Execute(&b, v); err != nil {
		return fmt.Errorf("html: %w", err)
	}
	_, err = w.Write(b.Bytes())
	return err
}

// policy lets the page use its own style sheet and nothing else at all.
func policy(css []byte) string {
	sum := sha256.Sum256(css)
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'"
}

// pair hands a template its page along with what it is about.
type pair struct {
	Page  *htmlPage
	Check any
}

// htmlPage is all that the template shows.
type htmlPage struct {
	tag lang.Tag

	Lang      lang.Tag
	CSS       template.CSS
	CSP       string
	Words     *words
	Run       struct{ Tool, Target string }
	Verdict   string
	Headline  string
	Measure   string // of what the headline is said, in parentheses; may be ""
	State     string
	Lead      string
	Remarks   []string
	Strip     []segment
	Counts    []countView
	Facts     []fact
	Mend      []mendView
	Matrix    *matrix
	Standings []legendView
	Observe   []observeView
	Meter     *meterView
	Groups    []groupView
	Histogram *histogram
}

type segment struct{ Mark, X, Width string }

// meterView is how many MUSTs were proved, and what would prove how many more.
type meterView struct {
	Strip []segment
	Says  string
	Keys  []meterKey
}

type meterKey struct{ Mark, Text string }

type countView struct{ Mark, Anchor, Text string }

type legendView struct {
	Mark string
	Word lang.Text
}

type mendView struct {
	Standing                               standing
	Anchor, ID, Title, Cause, Remedy, Also string
}

type observeView struct {
	Checks []link
	Must   string // how many more MUSTs it would prove
	Enable []addView
}

type groupView struct {
	Anchor, Heading string
	Checks          []*checkView
}

type matrix struct {
	Levels []string
	Rows   []matrixRow
}

type matrixRow struct {
	Code, Name string
	Cells      []cell
}

type cell struct {
	Level string
	Tiles []tile
}

type tile struct{ Mark, Anchor, ID, Number, Title, Word string }

func newHTMLPage(o Options, r *verdict.Report) *htmlPage {
	o.ASCII, o.Color = false, false
	p := newPage(o, r.Run.Lang)
	r = inLightOfList(r, o)
	sum := Summarize(r, o)
	views := p.checks(r.Results, o)
	for i := range views {
		views[i].Timeline = p.drawTimeline(fmt.Sprintf("_t%d", i), r.Results[i].Attempts, r.Results[i].Events)
	}
	head, measure, _ := strings.Cut(sum.Sentence(p.tag), " (")
	v := &htmlPage{
		tag: p.tag, Lang: language(p.tag), Words: &p.words,
		Verdict: upperFirst(sum.Sentence(p.tag)), Headline: upperFirst(head), Measure: joined("(", measure), State: stateOf(sum), Lead: p.lead(r, sum),
		Remarks: p.remarks(r, sum), Facts: p.facts(r), Mend: p.mend(r.Results, views),
		Matrix: p.matrix(r.Results, views), Observe: p.observe(r.Results, views), Meter: p.meter(r.Results, sum), Histogram: p.drawHistogram(latencies(r.Results)),
	}
	v.Run.Tool, v.Run.Target = Safe(r.Run.Tool), clean(r.Run.Target, commandLimit)
	v.group(p, views)
	return v
}

// group files the checks under their verdicts, and draws how much there is of
// each.
func (v *htmlPage) group(p *page, views []checkView) {
	x := 0.0
	for _, s := range p.words.Page.standings() {
		g := groupView{Anchor: "_" + s.Mark, Heading: s.Heading.In(p.tag)}
		for i := range views {
			if views[i].Standing.Verdict == s.Verdict {
				g.Checks = append(g.Checks, &views[i])
			}
		}
		n := len(g.Checks)
		if n == 0 {
			continue
		}
		v.Groups = append(v.Groups, g)
		v.Standings = append(v.Standings, legendView{s.Mark, s.Word})
		v.Counts = append(v.Counts, countView{s.Mark, g.Anchor, p.count(s.Verdict, n)})
		width := 100 * float64(n) / float64(len(views))
		v.Strip = append(v.Strip, segment{s.Mark, percent(x), percent(math.Max(width-0.3, 0.1))})
		x += width
	}
}

// stateOf is the mark that a verdict bears.
func stateOf(s Summary) string {
	switch s.Conclusion {
	case Conforms:
		return "pass"
	case NoFaults, KnownFaults:
		if s.Exit == ExitOK {
			return "pass"
		}
		return "unclear"
	case Inconclusive, Interrupted:
		return "unclear"
	case HarnessFailed:
		return "error"
	default:
		return "fail"
	}
}

// mend lists what the reader has to change, one line for each cause.
func (p *page) mend(rs []verdict.Result, views []checkView) []mendView {
	var out []mendView
	told := map[string]bool{}
	for _, want := range []verdict.Verdict{verdict.Fail, verdict.Warn} {
		for i := range rs {
			r := &rs[i]
			if r.Verdict != want || r.Cause != "" && told[r.Cause] {
				continue
			}
			told[r.Cause] = true
			m := mendView{Standing: views[i].Standing, Anchor: views[i].Anchor, ID: views[i].ID, Title: views[i].Title, Remedy: upperFirst(p.remedy(r))}
			if d := views[i].Diagnosis; d != nil && d.Sure {
				m.Cause = d.Title
			}
			var also []string
			for _, s := range views[i].Shared {
				also = append(also, s.Text)
			}
			m.Also = strings.Join(also, ", ")
			out = append(out, m)
		}
	}
	return out
}

// matrix orders the checks by family and level; nil when there are none.
func (p *page) matrix(rs []verdict.Result, views []checkView) *matrix {
	if len(rs) == 0 {
		return nil
	}
	m := &matrix{}
	var levels []verdict.Level
	for _, l := range []verdict.Level{verdict.Must, verdict.Should, verdict.Informative} {
		if slices.ContainsFunc(rs, func(r verdict.Result) bool { return column(r.Level) == l }) {
			levels = append(levels, l)
			m.Levels = append(m.Levels, p.words.level(l).In(p.tag))
		}
	}
	at := map[string]int{}
	for i := range rs {
		code := strings.TrimPrefix(family(rs[i].ID), "KOM-")
		n, known := at[code]
		if !known {
			n = len(m.Rows)
			at[code] = n
			row := matrixRow{Code: code, Name: p.words.Page.Families.of(code).In(p.tag)}
			for _, l := range m.Levels {
				row.Cells = append(row.Cells, cell{Level: l})
			}
			m.Rows = append(m.Rows, row)
		}
		_, number := parted(views[i].ID)
		if number == "" {
			number = views[i].Word
		}
		tiles := &m.Rows[n].Cells[slices.Index(levels, column(rs[i].Level))].Tiles
		*tiles = append(*tiles, tile{views[i].Standing.Mark, views[i].Anchor, views[i].ID, number, views[i].Title, views[i].Word})
	}
	for _, row := range m.Rows {
		for _, c := range row.Cells {
			slices.SortFunc(c.Tiles, func(a, b tile) int { return strings.Compare(a.ID, b.ID) })
		}
	}
	return m
}

// column is the level under which a check stands; what is neither MUST nor
// SHOULD decides nothing.
func column(l verdict.Level) verdict.Level {
	if l == verdict.Must || l == verdict.Should {
		return l
	}
	return verdict.Informative
}

// meter draws how many MUSTs were proved, and what the lines to be added would
// add; nil when no line would add any.
func (p *page) meter(rs []verdict.Result, sum Summary) *meterView {
	more := steps(rs, sum, p.tag)
	if len(more) == 0 {
		return nil
	}
	m := &meterView{Says: fmt.Sprintf(p.words.Proved.In(p.tag), sum.MustObserved, sum.MustTotal) + "."}
	from := 0
	draw := func(mark string, to int, text string) {
		x, width := 100*float64(from)/float64(sum.MustTotal), 100*float64(to-from)/float64(sum.MustTotal)
		if to > from {
			m.Strip = append(m.Strip, segment{mark, percent(x), percent(math.Max(width-0.3, 0.1))})
			m.Keys = append(m.Keys, meterKey{mark, text})
		}
		from = to
	}
	draw("proved", sum.MustObserved, fmt.Sprintf(p.words.Page.ProvedNow.In(p.tag), sum.MustObserved))
	for i, s := range more {
		text := fmt.Sprintf(p.words.Page.ProvedWith.In(p.tag), s.to-from, p.and(handles(s.add)))
		draw(fmt.Sprintf("more more-%d", min(i+1, 3)), s.to, text)
	}
	draw("rest", sum.MustTotal, fmt.Sprintf(p.words.Page.ProvedNot.In(p.tag), sum.MustTotal-from))
	return m
}

// observe gathers what could not be observed by the lines that would change it,
// those first that would prove the most.
func (p *page) observe(rs []verdict.Result, views []checkView) []observeView {
	var out []observeView
	for _, g := range unlocked(rs) {
		o := observeView{Enable: p.enable(g.text.In(p.tag))}
		if g.must > 0 {
			o.Must = fmt.Sprintf(p.words.MoreMust.In(p.tag), g.must)
		}
		for _, i := range g.at {
			o.Checks = append(o.Checks, link{views[i].Anchor, views[i].ID})
		}
		out = append(out, o)
	}
	return out
}
