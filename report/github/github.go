// Package github lays a run out as annotations of GitHub Actions: workflow
// commands, one a line, that the runner reads out of a step's output.
//
// Of a step GitHub shows ten errors, ten warnings and ten notices, so there is
// one annotation for each cause, and the tenth counts the rest. [Defuse] keeps
// what a receiver said from being read as a command.
package github

import (
	"fmt"
	"io"
	"strings"

	"github.com/kometia-sim/kometia-sim/report/view"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
)

// shown is how many annotations of one kind GitHub shows.
const shown = 10

// Write writes the annotations: the verdict, and one for each cause of what is
// red or a warning.
func Write(w io.Writer, v *view.Report) error {
	var b strings.Builder
	level := map[string]string{"pass": "notice", "unclear": "warning"}[v.Summary.Mark()]
	if level == "" {
		level = "error"
	}
	left := map[string]int{"error": shown, "warning": shown}
	left[level]--
	lines := append([]string{view.Line(v.Counts)}, v.Remarks()...)
	b.WriteString(command(level, "kometia-sim: "+view.UpperFirst(v.Sentence), append(lines, v.Target)))
	told := map[string]int{}
	for i := range v.Checks {
		c := &v.Checks[i]
		if level := levelOf(c, v.Options.Strict); level != "" && !c.Told {
			told[level]++
		}
	}
	for _, level := range []string{"error", "warning"} {
		written := 0
		for i := range v.Checks {
			c := &v.Checks[i]
			if levelOf(c, v.Options.Strict) != level || c.Told {
				continue
			}
			if more := told[level] - written; written == left[level]-1 && more > 1 {
				b.WriteString(command(level, "kometia-sim", []string{fmt.Sprintf(v.Words.AndMore, more)}))
				break
			}
			written++
			b.WriteString(command(level, strings.TrimSpace(c.Name+" "+c.Title), says(c, v.Words)))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// levelOf is what a check is annotated as; "" for nothing.
func levelOf(c *view.Check, strict bool) string {
	switch c.Verdict {
	case verdict.Fail, verdict.Error, view.Outdated:
		return "error"
	case verdict.Warn:
		if strict {
			return "error"
		}
		return "warning"
	default:
		return ""
	}
}

// says is what there is to say of a check in a few lines.
func says(c *view.Check, w *view.Words) []string {
	var lines []string
	add := func(label, said string) {
		if said == "" {
			return
		}
		if label != "" {
			said = label + ": " + said
		}
		lines = append(lines, said)
	}
	add("", view.UpperFirst(c.Contrast))
	if c.Contrast == "" {
		add("", c.Found)
	}
	add(w.Reason, c.Reason)
	add("", c.Listed)
	if c.Diagnosis != nil {
		add(w.Cause, strings.TrimSpace(c.Diagnosis.Title+" ("+c.Diagnosis.Code+")"))
	}
	add(w.Matters, c.Why)
	add(w.Fix, c.Remedy)
	var same []string
	for _, s := range c.Shared {
		same = append(same, s.Text)
	}
	if len(same) > 0 {
		add("", fmt.Sprintf(w.SameCause, strings.Join(same, ", ")))
	}
	add(w.Repeat, c.Reproduce)
	return lines
}

// command is a workflow command: ::error title=T::MESSAGE. See "Workflow commands
// for GitHub Actions"; the escapes are those of actions/toolkit.
func command(level, title string, lines []string) string {
	message := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	var said []string
	for _, l := range lines {
		if l != "" {
			said = append(said, l)
		}
	}
	return "::" + level + " title=" + property.Replace(title) + "::" + Defuse(message.Replace(strings.Join(said, "\n"))) + "\n"
}

// Defuse breaks what the runner would take for a command in lines of other text:
// "::" where a line begins, behind blanks as well, and the older "##[" anywhere.
func Defuse(text string) string {
	if !strings.Contains(text, "::") && !strings.Contains(text, "##[") {
		return text
	}
	text = strings.ReplaceAll(text, "##[", "## [")
	var b strings.Builder
	for text != "" {
		end := strings.IndexAny(text, "\r\n") + 1 // either ends a line
		if end == 0 {
			end = len(text)
		}
		line := text[:end]
		if at := strings.Index(line, "::"); at >= 0 && strings.TrimSpace(line[:at]) == "" {
			line = line[:at] + ": :" + line[at+2:]
		}
		b.WriteString(line)
		text = text[end:]
	}
	return b.String()
}
