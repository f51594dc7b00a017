package console

import (
	"io"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/kometia-sim/kometia-sim/report/columns"
	"github.com/kometia-sim/kometia-sim/report/view"
)

const (
	// HelpWidth is the longest line of a help, on a terminal that is not narrower.
	HelpWidth = 100
	// pageWidth is the same of a page of explanations.
	pageWidth = 88
	// termWidth is the widest first column of a table whose second one stands
	// beside it.
	termWidth = 26
)

// Sheet is text for a person: as wide as the terminal, and no wider than it reads
// well; with colours where the terminal has them.
type Sheet struct {
	*columns.Page
	// width is that of the terminal; zero where there is none.
	width int
}

// Sheet makes an empty sheet for stdout of at most so many columns; zero is as wide
// as the terminal.
func (t *Terminal) Sheet(most int) *Sheet { return sheet(t.ReportOptions(), most) }

// TalkSheet is Sheet for stderr.
func (t *Terminal) TalkSheet(most int) *Sheet { return sheet(t.TalkOptions(t.ReportOptions()), most) }

func sheet(o view.Options, most int) *Sheet {
	s := &Sheet{width: o.Width}
	if most > 0 && (o.Width == 0 || o.Width > most) {
		o.Width = most
	}
	s.Page = columns.New(o)
	return s
}

// Head stands above what follows it.
func (s *Sheet) Head(label string) { s.Line(0, 2, s.Say(columns.Bold, label)) }

// Table writes rows of two columns, the second one wrapped.
func (s *Sheet) Table(rows [][2]string) {
	widest := 0
	for _, r := range rows {
		if n := ansi.StringWidth(r[0]); n <= termWidth {
			widest = max(widest, n)
		}
	}
	col := widest + 4
	for _, r := range rows {
		term, text := s.Unit(columns.Plain, r[0]), s.Say(columns.Plain, r[1])
		if n := ansi.StringWidth(r[0]); n <= widest {
			s.Line(2, col, columns.Join(term, columns.After(col-2-n, text)))
			continue
		}
		s.Line(2, 4, term)
		s.Line(col, col, text)
	}
}

// Rows writes rows with their columns aligned, a column that is empty in every row
// left out. On a terminal the last column is wrapped below itself; elsewhere each
// row is one line, for grep.
func (s *Sheet) Rows(rows [][]string, w io.Writer) error {
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], ansi.StringWidth(view.Safe(cell)))
		}
	}
	if s.width == 0 {
		_, err := io.WriteString(w, plainRows(rows, widths))
		return err
	}
	for _, row := range rows {
		var line columns.Text
		at, col := 0, 0 // where the line ends, where the next column begins
		for i, cell := range row {
			if widths[i] == 0 {
				continue
			}
			text := s.Unit(columns.Dim, cell)
			switch {
			case line == nil:
				text = s.Unit(columns.Bold, cell)
			case i == len(row)-1:
				text = s.Say(columns.Plain, cell)
			}
			if len(text) > 0 {
				line = append(line, columns.After(col-at, text)...)
				at = col + ansi.StringWidth(view.Safe(cell))
			}
			if i < len(row)-1 {
				col += widths[i] + 2
			}
		}
		if col > s.width/2 { // no room beside the first columns
			col = 4
		}
		s.Line(0, col, line)
	}
	return s.Flush(w)
}

func plainRows(rows [][]string, widths []int) string {
	var b strings.Builder
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			if widths[i] == 0 {
				continue
			}
			cell = view.Safe(cell)
			line.WriteString(cell)
			line.WriteString(strings.Repeat(" ", widths[i]-ansi.StringWidth(cell)+2))
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	return b.String()
}

// Clip cuts a text that is longer than length columns.
func Clip(text string, length int) string { return ansi.Truncate(text, length, "…") }

// Page is a page of explanations: a title, and paragraphs with a label.
type Page struct{ *Sheet }

// Page makes an empty page.
func (t *Terminal) Page() Page { return Page{t.Sheet(pageWidth)} }

// Title begins the page.
func (p *Page) Title(id, title string) {
	p.Line(0, 2, columns.Join(p.Unit(columns.Bold, id), columns.After(2, p.Say(columns.Bold, title))))
}

// Paragraph writes a labelled paragraph, each of its lines wrapped; nothing when
// it is empty.
func (p *Page) Paragraph(label, text string) {
	if strings.TrimSpace(text) == "" {
		return
	}
	p.Label(label)
	for paragraph := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		p.Text(2, paragraph)
	}
}

// Label stands above what follows it, behind an empty line.
func (p *Page) Label(label string) {
	p.Blank()
	p.Head(label)
}

// Text writes a text wrapped and indented.
func (p *Page) Text(indent int, text string) {
	p.Line(indent, indent, p.Say(columns.Plain, text))
}

// Code writes lines as they are, to be copied.
func (p *Page) Code(indent int, code string) {
	for line := range strings.SplitSeq(code, "\n") {
		text := strings.TrimLeft(line, " ")
		if text == "" {
			p.Blank()
			continue
		}
		in := indent + len(line) - len(text)
		p.Line(in, in, p.Whole(columns.Plain, text))
	}
}
