// Package report tells what a run or a send brought to light: to a person in a
// terminal, on a page that stands for itself or in a comment on a pull request,
// to a program as NDJSON, to a CI server as JUnit XML.
//
// It has two floors. Package view says, once and in words, what there is to
// say of a [verdict.Report]; it counts, chooses the verdict and the exit code,
// and makes every text safe. The writers lay a view out: terminal, html,
// markdown, junit, github, badge and ndjson, which also writes a run while it goes on. A new
// format is a folder beside theirs and one row in Formats.
//
// Nothing here reads the clock, the environment or the terminal: width, colour
// and language are asked for in [view.Options].
package report

import (
	"io"
	"strings"

	"github.com/kometia-sim/kometia-sim/report/badge"
	"github.com/kometia-sim/kometia-sim/report/github"
	"github.com/kometia-sim/kometia-sim/report/html"
	"github.com/kometia-sim/kometia-sim/report/junit"
	"github.com/kometia-sim/kometia-sim/report/markdown"
	"github.com/kometia-sim/kometia-sim/report/ndjson"
	"github.com/kometia-sim/kometia-sim/report/terminal"
	"github.com/kometia-sim/kometia-sim/report/view"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// Format is one way of telling a run.
type Format struct {
	Name string // as named by --report
	File string // default file name; "" writes to standard output
	// Lay lays a view out. An error is that of the writer; a format accepts every
	// run, however hostile its texts.
	Lay func(io.Writer, *view.Report) error
}

// Formats lists the formats in the order in which help names them.
func Formats() []Format {
	return []Format{
		{"terminal", "", terminal.Write},
		{"json", "report.json", ndjson.Write},
		{"junit", "report.xml", junit.Write},
		{"html", "report.html", html.Write},
		{"markdown", "report.md", markdown.Write},
		{"github", "", github.Write},
		{"badge", "badge.svg", badge.Write},
	}
}

// Write tells a finished run.
func (f Format) Write(w io.Writer, r *verdict.Report, o view.Options) error {
	return f.Lay(w, view.New(r, o))
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
	return Format{}, lang.Errorf("no existe el formato de informe %q (hay: %s)", "unknown report format %q (known: %s)", name, strings.Join(names, ", "))
}
