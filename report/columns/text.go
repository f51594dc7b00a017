package columns

import (
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/kometia-sim/kometia-sim/report/view"
)

// Style is the parameters of an SGR sequence.
type Style string

// The styles.
const (
	Plain   Style = ""
	Bold    Style = "1"
	Dim     Style = "2"
	Red     Style = "31"
	Green   Style = "32"
	Yellow  Style = "33"
	Magenta Style = "35"
	Cyan    Style = "36"
	Failing Style = "1;31"
	Passing Style = "1;32"
	Warning Style = "1;33"
	Ours    Style = "1;35"
)

// Toned is the style of a tone.
func Toned(t view.Tone) Style {
	return [...]Style{view.Plain: Plain, view.Good: Green, view.Bad: Red, view.Caution: Yellow, view.Ours: Magenta}[t]
}

// Text is pieces of text, laid out on one line or several.
type Text []piece

// piece is a piece of text that a line is broken around, never inside, unless
// it is wider than the page by itself.
type piece struct {
	gap   int // columns before it where it does not begin a line; zero glues
	text  string
	style Style
	whole bool // not broken even when it is too wide: it is meant to be copied
}

// Say is a text of ours, broken at its spaces.
func (p *Page) Say(st Style, s string) Text { return p.split(st, view.Prose(s)) }

// Quote is a text that may come from the receiver, bounded, broken at its spaces.
func (p *Page) Quote(st Style, s string) Text { return p.split(st, view.Safe(s)) }

// Whole is a text that is never broken: a command, an address.
func (p *Page) Whole(st Style, s string) Text {
	return p.one(piece{text: view.Command(s), style: st, whole: true})
}

// Unit is a short text of several words that stay together.
func (p *Page) Unit(st Style, s string) Text { return p.one(piece{text: view.Safe(s), style: st}) }

// one makes a text of one piece; nothing of one without letters, which would
// leave its gap behind.
func (p *Page) one(a piece) Text {
	a.text = p.glyph(strings.TrimRight(a.text, " "))
	if a.text == "" {
		return nil
	}
	a.gap = 1
	return Text{a}
}

func (p *Page) split(st Style, s string) Text {
	var out Text
	for _, w := range strings.Fields(p.glyph(s)) {
		out = append(out, piece{gap: 1, text: w, style: st})
	}
	return out
}

func (p *Page) glyph(s string) string {
	if p.glyphs == nil {
		return s
	}
	return p.glyphs.Replace(s)
}

// After sets the columns before a text.
func After(gap int, t Text) Text {
	if len(t) > 0 {
		t[0].gap = gap
	}
	return t
}

// Glue is a mark that stands right behind what is before it.
func Glue(st Style, mark string) Text { return Text{{text: mark, style: st}} }

// Join puts texts behind one another.
func Join(parts ...Text) Text { return slices.Concat(parts...) }

// Items are short texts with middle dots between them, which stay at line ends.
func (p *Page) Items(items []view.Item) Text {
	var out Text
	for _, i := range items {
		t := Join(p.Unit(Toned(i.Tone), i.Text), p.Unit(Plain, i.Aside))
		if len(t) > 0 && len(out) > 0 {
			out = append(out, piece{text: " " + p.glyph("·"), style: Dim})
		}
		out = append(out, t...)
	}
	return out
}

// Comma joins short texts with commas, which stay at line ends.
func (p *Page) Comma(st Style, items []string) Text {
	var out Text
	for i, s := range items {
		if i < len(items)-1 {
			s += ","
		}
		out = append(out, p.Unit(st, s)...)
	}
	return out
}

// bare is the width of a text without its gaps.
func (t Text) bare() int {
	n := 0
	for _, a := range t {
		n += Width(a.text)
	}
	return n
}

// Width is the width of a text on one line, the first piece at its beginning.
func (t Text) Width() int {
	n := t.bare()
	for i, a := range t {
		if i > 0 {
			n += a.gap
		}
	}
	return n
}

// Width is how many columns a terminal gives a text.
func Width(s string) int { return ansi.StringWidth(s) }
