package jsontree

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/schemas/secret"
)

// excerptWidth is how many characters of a line an excerpt shows: enough to
// know the place, short enough for a terminal.
const excerptWidth = 72

// Locate turns a byte offset into a line and a column, both from 1; columns
// count characters. An offset past the end is the end.
func Locate(data []byte, offset int) (line, column int) {
	offset = min(max(offset, 0), len(data))
	line = 1 + bytes.Count(data[:offset], []byte{'\n'})
	start := bytes.LastIndexByte(data[:offset], '\n') + 1
	return line, 1 + utf8.RuneCount(data[start:offset])
}

// Mistake is what is wrong at a place of a file, with its line and a caret:
// "kometia-sim.yaml:3:9: unknown key ...".
func Mistake(file string, data []byte, line, column int, what error) error {
	return lang.Errorf("%s:%d:%d: %s\n%s", "%s:%d:%d: %s\n%s", file, line, column, what, Excerpt(data, line, column))
}

// Excerpt shows a line of data with a caret under a column:
//
//	3 |   "price": 01,
//	  |            ^
//
// What looks like a secret is starred out. Long lines are cut on both sides of the column, and what is no printable
// character becomes a space or U+FFFD, so the text is fit for a terminal.
func Excerpt(data []byte, line, column int) string { return ExcerptAt(data, line, column, line) }

// ExcerptAt is Excerpt for data that is a part of a file, in which the line has
// another number.
func ExcerptAt(data []byte, line, column, shown int) string {
	rest := data
	for range line - 1 {
		i := bytes.IndexByte(rest, '\n')
		if i < 0 {
			return ""
		}
		rest = rest[i+1:]
	}
	if i := bytes.IndexByte(rest, '\n'); i >= 0 {
		rest = rest[:i]
	}
	rest, before := near(bytes.TrimSuffix(rest, []byte{'\r'}), column)
	column -= before
	rest = []byte(secret.Mask(string(rest)))
	from, to := window(rest, column)
	var text strings.Builder
	caret, i := 0, 0
	for _, r := range string(rest[from.bytes:to.bytes]) {
		if from.runes+i < column-1 {
			caret++
		}
		i++
		switch {
		case r == '\t':
			r = ' '
		case !unicode.IsPrint(r):
			r = utf8.RuneError
		}
		text.WriteRune(r)
	}
	excerpt := text.String()
	if from.bytes > 0 || before > 0 {
		excerpt, caret = "…"+excerpt, caret+1
	}
	if to.bytes < len(rest) {
		excerpt += "…"
	}
	number := fmt.Sprint(shown)
	return fmt.Sprintf("  %s | %s\n  %s | %s^", number, excerpt, strings.Repeat(" ", len(number)), strings.Repeat(" ", caret))
}

// maxMasked bounds the part of a line that is looked through for secrets.
const maxMasked = 64 << 10

// near is the part of a long line around a column, and how many characters come
// before it.
func near(line []byte, column int) (part []byte, before int) {
	if len(line) <= maxMasked {
		return line, 0
	}
	at, _ := window(line, column)
	from := max(0, at.bytes-maxMasked/2)
	for from > 0 && !utf8.RuneStart(line[from]) {
		from--
	}
	return line[from:min(len(line), from+maxMasked)], utf8.RuneCount(line[:from])
}

// place is a point within a line, in bytes and in characters.
type place struct{ bytes, runes int }

// window picks the part of a line that an excerpt shows: around the column.
func window(line []byte, column int) (from, to place) {
	first := max(0, column-1-excerptWidth*2/3)
	p := place{}
	for p.bytes < len(line) && p.runes < first {
		_, size := utf8.DecodeRune(line[p.bytes:])
		p.bytes += size
		p.runes++
	}
	if p.runes < 8 { // not worth cutting
		p = place{}
	}
	from = p
	for p.bytes < len(line) && p.runes < from.runes+excerptWidth {
		_, size := utf8.DecodeRune(line[p.bytes:])
		p.bytes += size
		p.runes++
	}
	return from, p
}
