package report

import (
	"bytes"
	"io"
	"strings"
	"unicode"

	"golang.org/x/text/width"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// style is the parameters of an SGR sequence.
type style string

const (
	plain   style = ""
	bold    style = "1"
	dim     style = "2"
	red     style = "31"
	green   style = "32"
	yellow  style = "33"
	magenta style = "35"
	cyan    style = "36"
	failing style = "1;31"
	passing style = "1;32"
	warning style = "1;33"
	ours    style = "1;35"
)

// atom is a piece of text that a line is broken around, never inside, unless it
// is wider than the page by itself.
type atom struct {
	gap   int // columns before it where it does not begin a line; zero glues
	text  string
	style style
	whole bool // not broken even when it is too wide: it is meant to be copied
}

// page lays text out in columns. Its constructors of atoms are the only way in
// for text, and each of them makes its text safe.
type page struct {
	buf    bytes.Buffer
	words  words
	tag    lang.Tag
	width  int
	color  bool
	on     style             // the style that is on
	glyphs *strings.Replacer // nil keeps the marks as they are
}

func newPage(o Options, run lang.Tag) *page {
	p := &page{words: dictionary(), tag: o.tag(run), width: o.width(), color: o.Color}
	if o.ASCII {
		p.glyphs = strings.NewReplacer("✓", "+", "✗", "x", "→", "->", "←", "<-", "·", "-", "…", "...", "⏎", `\n`)
	}
	return p
}

// flush writes the page out at once and empties it.
func (p *page) flush(w io.Writer) error {
	_, err := w.Write(p.buf.Bytes())
	p.buf.Reset()
	return err
}

func (p *page) glyph(s string) string {
	if p.glyphs == nil {
		return s
	}
	return p.glyphs.Replace(s)
}

// say is a text of ours, broken at its spaces.
func (p *page) say(st style, s string) []atom { return p.split(st, prose(s)) }

// quote is a text that may come from the receiver, bounded, broken at its spaces.
func (p *page) quote(st style, s string) []atom { return p.split(st, Safe(s)) }

// whole is a text that is never broken: a command, an address.
func (p *page) whole(st style, s string) []atom {
	return alone(atom{text: clean(s, commandLimit), style: st, whole: true}, p)
}

// unit is a short text of several words that stay together.
func (p *page) unit(st style, s string) []atom {
	return alone(atom{text: Safe(s), style: st}, p)
}

// alone makes one atom a run; nothing of one without text, which would leave
// its gap behind.
func alone(a atom, p *page) []atom {
	a.text = p.glyph(strings.TrimRight(a.text, " "))
	if a.text == "" {
		return nil
	}
	a.gap = 1
	return []atom{a}
}

func (p *page) split(st style, s string) []atom {
	var out []atom
	for _, w := range strings.Fields(p.glyph(s)) {
		out = append(out, atom{gap: 1, text: w, style: st})
	}
	return out
}

// after sets the columns before a run of atoms.
func after(gap int, atoms []atom) []atom {
	if len(atoms) > 0 {
		atoms[0].gap = gap
	}
	return atoms
}

func concat(parts ...[]atom) []atom {
	var out []atom
	for _, part := range parts {
		out = append(out, part...)
	}
	return out
}

// dotted joins what is not empty with middle dots, which stay at line ends.
func (p *page) dotted(parts ...[]atom) []atom {
	var out []atom
	for _, part := range parts {
		if len(part) == 0 {
			continue
		}
		if len(out) > 0 {
			out = append(out, atom{text: " " + p.glyph("·"), style: dim})
		}
		out = append(out, part...)
	}
	return out
}

// comma joins short texts with commas, which stay at line ends.
func (p *page) comma(st style, items []string) []atom {
	var out []atom
	for i, s := range items {
		if i < len(items)-1 {
			s += ","
		}
		out = append(out, p.unit(st, s)...)
	}
	return out
}

// flow fills lines from column col on and begins the next ones at column hang.
func (p *page) flow(col, hang int, atoms []atom) {
	for begin := true; len(atoms) > 0; begin = false {
		n := 1
		for n < len(atoms) && atoms[n].gap == 0 {
			n++
		}
		unit, gap := atoms[:n], atoms[0].gap
		atoms = atoms[n:]
		if begin {
			gap = 0
		} else if col+gap+columns(unit) > p.width {
			p.newline(hang)
			col, gap = hang, 0
		}
		p.spaces(gap)
		col += gap
		for _, a := range unit {
			col = p.put(a, col, hang)
		}
	}
	p.blank()
}

// put writes one atom and returns the column after it.
func (p *page) put(a atom, col, hang int) int {
	w := textColumns(a.text)
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
	return col + textColumns(rest)
}

// fitting is how many bytes of s go into room columns, up to a space where
// there is one. On a line of its own at least one character goes in.
func fitting(s string, room int) int {
	space, width := 0, 0
	for i, r := range s {
		if r == ' ' {
			space = i
		}
		if width += cells(r); width > room && i > 0 {
			if space > 0 {
				return space
			}
			return i
		}
	}
	return len(s)
}

// paint writes text in a style, which stays on until another one or the end of
// the line: one sequence for a sentence, not for each of its words.
func (p *page) paint(st style, s string) {
	if p.color && st != p.on {
		p.unpaint()
		if st != plain {
			p.buf.WriteString("\x1b[" + string(st) + "m")
			p.on = st
		}
	}
	p.buf.WriteString(s)
}

func (p *page) unpaint() {
	if p.on != plain {
		p.buf.WriteString("\x1b[0m")
		p.on = plain
	}
}

func (p *page) spaces(n int) { p.buf.WriteString(strings.Repeat(" ", n)) }

// blank ends a line.
func (p *page) blank() {
	p.unpaint()
	p.buf.WriteByte('\n')
}

func (p *page) newline(indent int) {
	p.blank()
	p.spaces(indent)
}

// line writes a paragraph at an indentation; nothing at all for no atoms.
func (p *page) line(indent, hang int, atoms []atom) {
	if len(atoms) == 0 {
		return
	}
	p.spaces(indent)
	p.flow(indent, hang, atoms)
}

// field is a labelled paragraph, or labelled lines that are kept as they are.
type field struct {
	label   lang.Text
	text    []atom
	command string   // broken only before its flags
	lines   []string // safe already; the first stands beside the label
}

// fields writes labelled paragraphs in two columns.
func (p *page) fields(indent int, fs []field) {
	p.fieldsAt(indent, p.textColumn(indent, fs), fs)
}

// textColumn is where the texts of fields begin.
func (p *page) textColumn(indent int, fs []field) int {
	label := 0
	for _, f := range fs {
		label = max(label, textColumns(f.label.In(p.tag)))
	}
	return indent + label + 2
}

func (p *page) fieldsAt(indent, hang int, fs []field) {
	for _, f := range fs {
		f.command = strings.TrimRight(p.glyph(clean(f.command, commandLimit)), " ")
		p.spaces(indent)
		name := p.glyph(Safe(f.label.In(p.tag)))
		p.paint(dim, name)
		if len(f.text) == 0 && f.command == "" && len(f.lines) == 0 {
			p.blank()
			continue
		}
		p.unpaint()
		p.spaces(hang - indent - textColumns(name))
		switch {
		case f.command != "":
			p.command(hang, hang+2, f.command)
		case len(f.lines) > 0:
			p.verbatim(hang, f.lines)
		default:
			p.flow(hang, hang, f.text)
		}
	}
}

// verbatim writes lines below one another; those that are indented are code
// and are not wrapped.
func (p *page) verbatim(indent int, lines []string) {
	for i, l := range lines {
		text := strings.TrimLeft(l, " ")
		if i > 0 && text != "" {
			p.spaces(indent)
		}
		if lead := len(l) - len(text); lead > 0 {
			p.spaces(lead)
			p.flow(indent+lead, indent+lead, p.whole(plain, text))
		} else {
			p.flow(indent, indent, p.split(plain, text))
		}
	}
}

// command writes a shell command, safe already, so that it can be copied: broken only before
// a flag, with the backslash that the shell wants there. One with quotes is
// left alone, since a break might fall inside them.
func (p *page) command(col, hang int, cmd string) {
	if strings.ContainsAny(cmd, `'"`) {
		p.paint(plain, cmd)
		p.blank()
		return
	}
	parts := strings.Split(cmd, " --")
	for i, part := range parts {
		if i > 0 {
			part = "--" + part
			more := 0
			if i < len(parts)-1 {
				more = 2 // room for the backslash that the next part may need
			}
			if col+1+textColumns(part)+more > p.width {
				p.paint(plain, " \\")
				p.newline(hang)
				col = hang
			} else {
				p.spaces(1)
				col++
			}
		}
		p.paint(plain, part)
		col += textColumns(part)
	}
	p.blank()
}

func columns(atoms []atom) int {
	n := 0
	for _, a := range atoms {
		n += textColumns(a.text)
	}
	return n
}

// lineColumns is the width of atoms on one line, the first at its beginning.
func lineColumns(atoms []atom) int {
	n := columns(atoms)
	for i, a := range atoms {
		if i > 0 {
			n += a.gap
		}
	}
	return n
}

func textColumns(s string) int {
	n := 0
	for _, r := range s {
		n += cells(r)
	}
	return n
}

// cells is how many columns a terminal gives a character: none to what
// combines with the one before, two to East Asian wide ones and emoji.
func cells(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	default:
		return 1
	}
}
