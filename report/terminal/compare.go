package terminal

import (
	"io"

	"github.com/kometia-sim/kometia-sim/report/columns"
	"github.com/kometia-sim/kometia-sim/report/view"
)

// WriteComparison tells what changed from one run to another.
func WriteComparison(w io.Writer, c *view.Comparison, o view.Options) error {
	p := columns.New(o)
	var fs []columns.Field
	for _, run := range []struct {
		label string
		of    view.ComparedRun
	}{{c.Words.Old, c.Old}, {c.Words.New, c.New}} {
		said := columns.Join(p.Whole(columns.Plain, run.of.Target), columns.After(3, p.Say(columns.Dim, run.of.When)))
		fs = append(fs, columns.Field{Label: run.label, Text: columns.Join(said, columns.After(3, p.Say(columns.Bold, run.of.Sentence)))})
	}
	p.Fields(0, fs)
	for _, part := range c.Parts() {
		p.Blank()
		p.Line(0, 2, p.Say(columns.Bold, view.UpperFirst(part.Heading)))
		p.Line(2, 2, p.Say(columns.Dim, part.Hint))
		shown := part.Differences
		if !o.Verbose {
			shown = shown[:min(len(shown), view.ListShown)]
		}
		for i := range shown {
			d := &shown[i]
			line := columns.Join(p.Unit(columns.Toned(part.Tone), d.ID), columns.After(2, p.Say(columns.Plain, d.Title)))
			p.Line(2, 4, columns.Join(line, columns.After(2, p.Say(columns.Dim, d.Change()))))
			p.Line(4, 4, p.Say(columns.Plain, d.Found))
			if part.Tone == view.Bad {
				p.Line(4, 6, p.Whole(columns.Dim, d.Reproduce))
			}
		}
		p.Line(2, 2, p.Comma(columns.Dim, part.Others))
		if more := len(part.Differences) - len(shown); more > 0 {
			p.Line(2, 2, p.Say(columns.Dim, c.Words.More.Of(more)))
		}
	}
	p.Blank()
	p.Line(0, 0, p.Say(columns.Bold, view.UpperFirst(c.Sentence)))
	return p.Flush(w)
}
