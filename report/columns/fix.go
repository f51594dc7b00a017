package columns

import (
	"strings"

	"github.com/kometia-sim/kometia-sim/report/view"
)

// Fixes writes remedies under one label, their texts from a column on.
func (p *Checks) Fixes(indent, col int, fixes []view.Fix) {
	label := p.Words.Fix
	for _, f := range fixes {
		p.fix(label, indent, col, f)
		label = ""
	}
}

// fix writes a remedy behind its label, aligned with the diagnosis above: what
// it is for, then what to do below.
func (p *Checks) fix(label string, margin, col int, f view.Fix) {
	head, st := Bold, Plain
	var lines []Text
	if f.Code != "" {
		st = Dim // a remark about the code
		for l := range strings.SplitSeq(f.Code, "\n") {
			lines = append(lines, p.Whole(Plain, l))
		}
	}
	if f.For == "" && f.Code != "" { // a sentence about the code below
		f.For, f.Text, head = strings.TrimRight(f.Text, ":"), "", Plain
	}
	if f.Text != "" {
		for l := range strings.SplitSeq(f.Text, "\n") {
			lines = append(lines, p.Quote(st, l))
		}
	}
	first, indent := p.Say(head, f.For), col+2
	switch {
	case len(first) > 0 && len(lines) > 0:
		first = append(first, Glue(head, ":")...)
	case len(first) == 0 && len(lines) > 0:
		first, lines, indent = lines[0], lines[1:], col
	}
	p.FieldsAt(margin, col, []Field{{Label: label, Text: first}})
	for _, l := range lines {
		if len(l) == 0 {
			p.Blank()
		}
		p.Line(indent, indent, l)
	}
}
