package view

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/kometia-sim/kometia-sim/schemas/secret"
)

const (
	// SafeLimit is how many characters Safe lets through.
	SafeLimit = 400
	// commandLimit bounds what is meant to be copied, which a cut would spoil.
	commandLimit = 4000
	// lineLimit bounds a text of several lines, such as a fix.
	lineLimit = 40
)

// Safe makes s fit for one line of any output: secrets that are known by their
// shape become ***, control characters, escape
// sequences, invisible and bidirectional formatting characters and invalid
// UTF-8 are shown as escapes (\x1b, \u202e), a line end as ⏎, and what is longer
// than SafeLimit characters ends in an ellipsis. Safe(Safe(s)) is Safe(s).
func Safe(s string) string { return clean(s, SafeLimit) }

// Command makes s fit for one line like Safe, with room for what is meant to be
// copied: a command, an address.
func Command(s string) string { return clean(s, commandLimit) }

func clean(s string, limit int) string {
	s = secret.Shapes(s)
	if len(s) <= limit && printableASCII(s) {
		return s
	}
	var b strings.Builder
	for i, n := 0, 0; i < len(s); {
		shown, size := show(s[i:])
		n += utf8.RuneCountInString(shown)
		if n > limit || n == limit && i+size < len(s) {
			b.WriteRune('…')
			break
		}
		b.WriteString(shown)
		i += size
	}
	return b.String()
}

// show says how the first character of s is shown and how many bytes it took.
func show(s string) (shown string, size int) {
	r, size := utf8.DecodeRuneInString(s)
	switch {
	case r == utf8.RuneError && size == 1:
		return fmt.Sprintf(`\x%02x`, s[0]), 1
	case r == '\n':
		return "⏎", 1
	case strings.HasPrefix(s, "\r\n"):
		return "⏎", 2
	case r == '\r':
		return `\r`, 1
	case r == '\t':
		return `\t`, 1
	case r < 0x20, r == 0x7f:
		return fmt.Sprintf(`\x%02x`, r), size
	case Hidden(r):
		if r > 0xffff {
			return fmt.Sprintf(`\U%08x`, r), size
		}
		return fmt.Sprintf(`\u%04x`, r), size
	default:
		return s[:size], size
	}
}

// Hidden reports characters that print nothing of their own but change how
// the rest is shown, and those that XML cannot hold. The joiners stay: emoji
// and several scripts are made with them.
func Hidden(r rune) bool {
	switch {
	case r == 0x200c, r == 0x200d:
		return false
	case r&0xfffe == 0xfffe:
		return true
	default:
		return unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp)
	}
}

func printableASCII(s string) bool {
	for i := range len(s) {
		if s[i] < 0x20 || s[i] > 0x7e {
			return false
		}
	}
	return true
}

// Lines makes a text of several lines fit for output, line by line,
// without the indentation that all of them share. Tabs are indentation here,
// not evidence. A text without any letter has no lines.
func Lines(s string) []string {
	var out []string
	for line := range strings.SplitSeq(strings.ReplaceAll(s, "\r\n", "\n"), "\n") {
		line = strings.TrimRightFunc(clean(strings.ReplaceAll(line, "\t", "    "), SafeLimit), unicode.IsSpace)
		if len(out) == 0 && line == "" {
			continue
		}
		if out = append(out, line); len(out) > lineLimit {
			out[lineLimit] = "…"
			break
		}
	}
	for len(out) > 0 && out[len(out)-1] == "" {
		out = out[:len(out)-1]
	}
	return dedent(out)
}

// Text is a text of several lines for programs: as safe as Lines, its lines as
// long as Command leaves them. Lines(Text(s)) is Lines(s).
func Text(s string) string {
	var out []string
	for line := range strings.SplitSeq(strings.ReplaceAll(s, "\r\n", "\n"), "\n") {
		if out = append(out, clean(strings.ReplaceAll(line, "\t", "    "), commandLimit)); len(out) > 2*lineLimit {
			break
		}
	}
	return strings.Join(out, "\n")
}

func dedent(lines []string) []string {
	shared := -1
	for _, l := range lines {
		if lead := len(l) - len(strings.TrimLeft(l, " ")); l != "" && (shared < 0 || lead < shared) {
			shared = lead
		}
	}
	for i, l := range lines {
		if l != "" {
			lines[i] = l[shared:]
		}
	}
	return lines
}

// Prose makes a text of ours one paragraph: its line ends are only where a
// data file was wrapped.
func Prose(s string) string {
	return Command(strings.Join(strings.Fields(s), " "))
}
