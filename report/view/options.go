package view

import (
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
	// Unwritten says which of them could not be written, and why: such a run ends
	// with ExitHarness, whatever was found.
	Unwritten []lang.Text
	// Config are the keys that the user's config has, such as "observe"; what is to be
	// added is said to go beside them. Nil for none.
	Config []string
	// Baseline is an earlier run of the same receiver, and what has changed since is
	// told; nil for none.
	Baseline *verdict.Report
	// CauseTitle gives the one-line title of a diagnosis code; nil, or an empty
	// title, shows the code alone.
	CauseTitle func(code string) lang.Text
}

// Tag is the language of a report on a run made in another.
func (o Options) Tag(run lang.Tag) lang.Tag {
	if o.Lang != "" {
		return o.Lang
	}
	return run
}
