package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// The widths of terminal output, in columns.
const (
	DefaultWidth = 80
	MinWidth     = 40
)

// Options says how a report is told. The zero value is a plain, short report
// of 80 columns in the language of the run.
type Options struct {
	// Strict makes every warning decide the verdict (--strict).
	Strict bool
	// RequireEffects asks for proof of every MUST: a run that found no fault but
	// did not observe them all is inconclusive (--require effects).
	RequireEffects bool

	// Lang is the language of the reader; empty means that of the run.
	Lang lang.Tag
	// Width is the number of columns to wrap at; zero means DefaultWidth, less
	// than MinWidth means MinWidth. Only the terminal formats wrap.
	Width int
	// Color asks for SGR colours. Only the terminal formats have any.
	Color bool
	// ASCII replaces the marks (✓ ✗ → …) by ASCII ones.
	ASCII bool
	// Verbose lists passed and inapplicable checks too, and every id of a group.
	Verbose bool

	// PlanShown says that the reader has the plan before their eyes already; only
	// the terminal report leaves it out then.
	PlanShown bool

	// Reports are the paths of the other reports of this run, named in the last
	// line; nil for none.
	Reports []string
	// CauseTitle gives the one-line title of a diagnosis code; nil, or an empty
	// title, shows the code alone.
	CauseTitle func(code string) lang.Text
}

func (o Options) width() int {
	switch {
	case o.Width == 0:
		return DefaultWidth
	case o.Width < MinWidth:
		return MinWidth
	default:
		return o.Width
	}
}

func (o Options) tag(run lang.Tag) lang.Tag {
	if o.Lang != "" {
		return o.Lang
	}
	return run
}

// Writer tells a finished run in one format. An error is that of w; a writer
// accepts every report, however hostile its texts.
type Writer interface {
	Write(w io.Writer, r *verdict.Report) error
}

// Format is one way of telling a run.
type Format struct {
	Name string // as named by --report
	File string // default file name; "" writes to standard output
	New  func(Options) Writer
}

// Formats lists the formats in the order in which help names them.
func Formats() []Format {
	return []Format{
		{Name: "terminal", New: func(o Options) Writer { return Terminal{Options: o} }},
		{Name: "json", File: "report.json", New: func(o Options) Writer { return lines{o} }},
		{Name: "junit", File: "report.xml", New: func(o Options) Writer { return JUnit{Options: o} }},
		{Name: "html", File: "report.html", New: func(o Options) Writer { return HTML{Options: o} }},
		{Name: "markdown", File: "report.md", New: func(o Options) Writer { return Markdown{Options: o} }},
	}
}

// Lookup finds a format by its name.
func Lookup(name string) (Format, error) {
	var names []string
	for _, f := range Formats() {
		if f.Name == name {
			return f, nil
		}
		names = append(names, f.Name)
	}
	return Format{}, fmt.Errorf("unknown report format %q (known: %s)", name, strings.Join(names, ", "))
}
