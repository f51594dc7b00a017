package console

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/kometia-sim/kometia-sim/report/view"
)

const (
	// HelpWidth is the longest line of a help.
	HelpWidth = 100
	// termWidth is the widest first column of a table whose second one stands
	// beside it.
	termWidth = 26
	// pageWidth is where the paragraphs of a page are wrapped.
	pageWidth = 88
)

// Table writes rows of two columns, the second one wrapped.
func Table(w io.Writer, rows [][2]string) {
	widest := 0
	for _, r := range rows {
		if n := utf8.RuneCountInString(r[0]); n <= termWidth {
			widest = max(widest, n)
		}
	}
	pad := strings.Repeat(" ", widest+4)
	for _, r := range rows {
		lines := Wrap(r[1], HelpWidth-len(pad))
		if n := utf8.RuneCountInString(r[0]); n > widest {
			fmt.Fprintf(w, "  %s\n%s%s\n", r[0], pad, lines[0])
		} else {
			fmt.Fprintf(w, "  %s%s%s\n", r[0], strings.Repeat(" ", widest-n+2), lines[0])
		}
		for _, line := range lines[1:] {
			fmt.Fprintf(w, "%s%s\n", pad, line)
		}
	}
}

// Columns lays rows out with their columns aligned, but for the last; a column
// that is empty in every row is left out.
func Columns(rows [][]string) string {
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(view.Safe(cell)))
		}
	}
	var b strings.Builder
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			if widths[i] == 0 {
				continue
			}
			cell = view.Safe(cell)
			line.WriteString(cell)
			line.WriteString(strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)+2))
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	return b.String()
}

// Wrap breaks a text between words; it has at least one line.
func Wrap(text string, width int) []string {
	lines := []string{""}
	for _, word := range strings.Fields(text) {
		last := lines[len(lines)-1]
		switch {
		case last == "":
			lines[len(lines)-1] = word
		case utf8.RuneCountInString(last)+1+utf8.RuneCountInString(word) <= width:
			lines[len(lines)-1] = last + " " + word
		default:
			lines = append(lines, word)
		}
	}
	return lines
}

// Indent puts spaces before every line of a text.
func Indent(text, spaces string) string {
	return spaces + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n"+spaces)
}

// Clip cuts a text that is longer than length characters.
func Clip(text string, length int) string {
	if runes := []rune(text); len(runes) > length {
		return string(runes[:length-1]) + "…"
	}
	return text
}

// Page is a page of explanations: a title, and paragraphs with a label.
type Page struct{ strings.Builder }

// Title begins the page.
func (p *Page) Title(id, title string) {
	fmt.Fprintf(p, "%s  %s\n", view.Safe(id), view.Safe(title))
}

// Paragraph writes a labelled paragraph, each of its lines wrapped; nothing when
// it is empty.
func (p *Page) Paragraph(label, text string) {
	if strings.TrimSpace(text) == "" {
		return
	}
	p.Label(label)
	for _, paragraph := range strings.Split(strings.TrimSpace(text), "\n") {
		p.Lines("  ", paragraph)
	}
}

// Label stands above what follows it.
func (p *Page) Label(label string) { fmt.Fprintf(p, "\n%s\n", label) }

// Lines writes a text wrapped and indented.
func (p *Page) Lines(indent, text string) {
	for _, line := range Wrap(text, pageWidth) {
		fmt.Fprintf(p, "%s%s\n", indent, line)
	}
}
