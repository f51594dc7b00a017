package shellquote_test

import (
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/kometia-sim/kometia-sim/schemas/shellquote"
)

// What is quoted is one word of a shell, the same text, and nothing that a
// terminal would obey.
func FuzzQuote(f *testing.F) {
	for _, seed := range []string{"", "a", "it's", "$(id)", "`id`", "a\nb", "\x1b[2J", "\xff\xfe", "a\u202eb", "'\\''", "-x", "é\x80'"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, word := range []string{shellquote.Quote(text), shellquote.Word(text)} {
			if got := evaluate(t, word); got != text {
				t.Fatalf("%q is quoted as %s, which is %q", text, word, got)
			}
			for _, r := range word {
				if r != '\n' && !unicode.IsPrint(r) {
					t.Fatalf("%q is quoted as %q", text, word)
				}
			}
		}
	})
}

// evaluate is what a shell makes of one word, as far as shellquote writes any; it
// knows no other syntax.
func evaluate(t *testing.T, word string) string {
	var b strings.Builder
	for word != "" {
		if rest, ok := strings.CutPrefix(word, `"$(printf '`); ok {
			octal, rest, ok := strings.Cut(rest, `')"`)
			if !ok || len(octal)%4 != 0 {
				t.Fatalf("not ended: %q", word)
			}
			for ; octal != ""; octal = octal[4:] {
				n, err := strconv.ParseUint(octal[1:4], 8, 8)
				if err != nil || octal[0] != '\\' {
					t.Fatalf("no octal: %q", word)
				}
				b.WriteByte(byte(n))
			}
			word = rest
			continue
		}
		switch {
		case strings.HasPrefix(word, `\'`):
			b.WriteByte('\'')
			word = word[2:]
		case word[0] == '\'':
			quoted, rest, ok := strings.Cut(word[1:], "'")
			if !ok {
				t.Fatalf("not ended: %q", word)
			}
			b.WriteString(quoted)
			word = rest
		case strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:@%+,=", rune(word[0])):
			b.WriteByte(word[0])
			word = word[1:]
		default:
			t.Fatalf("bare: %q", word)
		}
	}
	return b.String()
}
