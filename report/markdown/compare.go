package markdown

import (
	"fmt"
	"io"
	"strings"

	"github.com/kometia-sim/kometia-sim/report/view"
)

// WriteComparison writes what changed from one run to another, as a comment on a
// pull request.
func WriteComparison(w io.Writer, c *view.Comparison) error {
	var b strings.Builder
	fmt.Fprintf(&b, "## kometia-sim: %s\n\n%s\n\n", text(c.Words.Title), text(view.UpperFirst(c.Sentence)))
	fmt.Fprintf(&b, "| | | |\n|---|---|---|\n")
	for _, run := range []struct {
		label string
		of    view.ComparedRun
	}{{c.Words.Old, c.Old}, {c.Words.New, c.New}} {
		fmt.Fprintf(&b, "| %s | %s | %s %s |\n", text(run.label), text(view.UpperFirst(run.of.Sentence)), cell(run.of.Target), text(run.of.When))
	}
	left := view.ListShown
	for _, p := range c.Parts() {
		fmt.Fprintf(&b, "\n### %s\n\n", text(view.UpperFirst(p.Heading)))
		if p.Hint != "" {
			fmt.Fprintf(&b, "%s\n\n", text(p.Hint))
		}
		shown := p.Differences[:min(len(p.Differences), left)]
		left -= len(shown)
		for i := range shown {
			d := &shown[i]
			line := fmt.Sprintf("- **%s** %s: %s", text(d.ID), text(d.Title), text(d.Change()))
			if d.Found != "" {
				line += fmt.Sprintf(" (%s)", text(d.Found))
			}
			b.WriteString(line + "\n")
			if p.Tone == view.Bad && d.Reproduce != "" {
				fmt.Fprintf(&b, "  %s\n", code(d.Reproduce))
			}
		}
		if len(p.Others) > 0 {
			fmt.Fprintf(&b, "%s\n", text(strings.Join(p.Others, ", ")))
		}
		if more := len(p.Differences) - len(shown); more > 0 {
			fmt.Fprintf(&b, "- %s\n", text(c.Words.More.Of(more)))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
