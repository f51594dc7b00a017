// Package columns lays text out in columns for a reader with a fixed width: it
// fills lines, breaks them, paints them. On top of that it lays out one check,
// for every format that shows checks as plain text.
//
// Each constructor of a text makes it safe, so that no control character
// reaches a terminal.
package columns

import (
	"bytes"
	"io"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/kometia-sim/kometia-sim/report/view"
)

// Page is lines in the making.
type Page struct {
	buf    bytes.Buffer
	width  int
	color  bool
	on     Style             // the style that is on
	glyphs *strings.Replacer // nil keeps the marks as they are
}

// New makes an empty page. It heeds the width, the colours and the marks of the
// options.
func New(o view.Options) *Page {
	p := &Page{width: max(o.Width, view.MinWidth), color: o.Color}
	if o.Width == 0 {
		p.width = view.DefaultWidth
	}
	if o.ASCII {
		p.glyphs = strings.NewReplacer("✓", "+", "✗", "x", "→", "->", "←", "<-", "·", "-", "…", "...", "⏎", `\n`)
	}
	return p
}

// String is what was laid out.
func (p *Page) String() string { return p.buf.String() }

// Flush writes the page out at once and empties it.
func (p *Page) Flush(w io.Writer) error {
	_, err := w.Write(p.buf.Bytes())
	p.buf.Reset()
	return err
}

// Blank ends a line.
func (p *Page) Blank() {
	p.unpaint()
	p.buf.WriteByte('\n')
}

// Line writes a paragraph at an indentation; nothing at all for no text. The
// lines after the first begin at column hang.
func (p *Page) Line(indent, hang int, t Text) {
	if len(t) == 0 {
		return
	}
	p.spaces(indent)
	p.flow(indent, hang, t)
}

// Headline is a unit, or, where that would take more than half of the width, a
// text that is broken at its spaces.
func (p *Page) Headline(st Style, s string) Text {
	if t := p.Unit(st, s); len(t) == 0 || Width(t[0].text) <= p.width/2 {
		return t
	}
	return p.Say(st, s)
}

// flow fills lines from column col on and begins the next ones at column hang.
func (p *Page) flow(col, hang int, t Text) {
	for begin := true; len(t) > 0; begin = false {
		n := 1
		for n < len(t) && t[n].gap == 0 {
			n++
		}
		unit, gap := t[:n], t[0].gap
		t = t[n:]
		if begin {
			gap = 0
		} else if col+gap+unit.bare() > p.width {
			p.newline(hang)
			col, gap = hang, 0
		}
		p.spaces(gap)
		col += gap
		for _, a := range unit {
			col = p.put(a, col, hang)
		}
	}
	p.Blank()
}

// put writes one piece and returns the column after it.
func (p *Page) put(a piece, col, hang int) int {
	w := Width(a.text)
	if col+w <= p.width || a.whole {
		p.paint(a.style, a.text)
		return col + w
	}
	// Break at the last space that fits, or, where there is none, anywhere.
	rest := a.text
	for {
		cut := fitting(rest, p.width-col)
		if cut == len(rest) {
			break
		}
		if cut > 0 {
			p.paint(a.style, strings.TrimRight(rest[:cut], " "))
		}
		rest = strings.TrimLeft(rest[cut:], " ")
		p.newline(hang)
		col = hang
	}
	p.paint(a.style, rest)
	return col + Width(rest)
}

// fitting is how many bytes of s go into room columns, up to a space where
// there is one. On a line of its own at least one character goes in.
func fitting(s string, room int) int {
	if Width(s) <= room {
		return len(s)
	}
	head := ansi.Truncate(s, max(room, 0), "")
	if space := strings.LastIndexByte(s[:min(len(head)+1, len(s))], ' '); space > 0 {
		return space
	}
	if head == "" {
		head = ansi.Truncate(s, 2, "")
	}
	return len(head)
}

// paint writes text in a style, which stays on until another one or the end of
// the line: one sequence for a sentence, not for each of its words.
func (p *Page) paint(st Style, s string) {
	if p.color && st != p.on {
		p.unpaint()
		if st != Plain {
			p.buf.WriteString(ansi.Style(strings.Split(string(st), ";")).String())
			p.on = st
		}
	}
	p.buf.WriteString(s)
}

func (p *Page) unpaint() {
	if p.on != Plain {
		p.buf.WriteString(ansi.ResetStyle)
		p.on = Plain
	}
}

func (p *Page) spaces(n int) { p.buf.WriteString(strings.Repeat(" ", n)) }

func (p *Page) newline(indent int) {
	p.Blank()
	p.spaces(indent)
}

// Field is a labelled paragraph, or labelled lines that are kept as they are.
type Field struct {
	Label   string
	Text    Text
	Command string   // broken only before its flags
	Lines   []string // the first stands beside the label
}

// Fields writes labelled paragraphs in two columns.
func (p *Page) Fields(indent int, fs []Field) { p.FieldsAt(indent, TextColumn(indent, fs), fs) }

// TextColumn is where the texts of fields begin.
func TextColumn(indent int, fs []Field) int {
	label := 0
	for _, f := range fs {
		label = max(label, Width(f.Label))
	}
	return indent + label + 2
}

// FieldsAt is Fields with the texts at a column of the caller's.
func (p *Page) FieldsAt(indent, col int, fs []Field) {
	for _, f := range fs {
		f.Command = strings.TrimSpace(p.glyph(view.Command(f.Command)))
		p.spaces(indent)
		name := p.glyph(view.Safe(f.Label))
		if name != "" {
			p.paint(Dim, name)
		}
		if len(f.Text) == 0 && f.Command == "" && len(f.Lines) == 0 {
			p.Blank()
			continue
		}
		p.unpaint()
		p.spaces(col - indent - Width(name))
		switch {
		case f.Command != "":
			p.command(col, col+2, f.Command)
		case len(f.Lines) > 0:
			p.verbatim(col, f.Lines)
		default:
			p.flow(col, col, f.Text)
		}
	}
}

// verbatim writes lines below one another; those that are indented are code
// and are not wrapped.
func (p *Page) verbatim(indent int, lines []string) {
	for i, l := range lines {
		text := strings.TrimLeft(l, " ")
		if i > 0 && text != "" {
			p.spaces(indent)
		}
		if lead := len(l) - len(text); lead > 0 {
			p.spaces(lead)
			p.flow(indent+lead, indent+lead, p.Whole(Plain, text))
		} else {
			p.flow(indent, indent, p.Quote(Plain, text))
		}
	}
}

// command writes a shell command so that it can be copied: broken only before a flag,
// or between the words before the first one, with the backslash that the shell wants
// there. One with quotes is left alone, since a break might fall inside them.
func (p *Page) command(col, hang int, cmd string) {
	if strings.ContainsAny(cmd, `'"`) {
		p.paint(Plain, cmd)
		p.Blank()
		return
	}
	words, flags, _ := strings.Cut(cmd, " --")
	parts := strings.Fields(words)
	if flags != "" {
		for _, flag := range strings.Split(flags, " --") {
			parts = append(parts, "--"+flag)
		}
	}
	for i, part := range parts {
		if i > 0 {
			more := 0
			if i < len(parts)-1 {
				more = 2 // room for the backslash that the next part may need
			}
			if col+1+Width(part)+more > p.width {
				p.paint(Plain, " \\")
				p.newline(hang)
				col = hang
			} else {
				p.spaces(1)
				col++
			}
		}
		p.paint(Plain, part)
		col += Width(part)
	}
	p.Blank()
}
