// Package shellquote writes texts so that a POSIX shell takes each for one
// word: every command that the product prints is meant to be copied.
//
// Word leaves alone what a shell leaves alone; Quote puts every text in quotes.
package shellquote

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Word is s as one word of a shell: as it is when nothing in it means anything
// to a shell, else in quotes. A URL, for one, may well have an ampersand.
func Word(s string) string {
	if s != "" && strings.IndexFunc(s, special) < 0 {
		return s
	}
	return Quote(s)
}

// Quote is s in quotes, whatever it holds. What a terminal would not print as it
// is, an escape sequence for one, is spelled out for printf; only line ends stay.
func Quote(s string) string {
	var b strings.Builder
	quoted := false
	quote := func(on bool) {
		if quoted != on {
			b.WriteByte('\'')
			quoted = on
		}
	}
	for s != "" || b.Len() == 0 {
		n := strings.IndexFunc(s, unprintable)
		if n != 0 {
			if n < 0 {
				n = len(s)
			}
			quote(true)
			b.WriteString(strings.ReplaceAll(s[:n], "'", `'\''`))
		} else {
			if n = strings.IndexFunc(s, func(r rune) bool { return !unprintable(r) }); n < 0 {
				n = len(s)
			}
			quote(false)
			b.WriteString(`"$(printf '`)
			for i := range n {
				fmt.Fprintf(&b, `\%03o`, s[i])
			}
			b.WriteString(`')"`)
		}
		s = s[n:]
	}
	quote(false)
	return b.String()
}

// unprintable reports what is not to reach a terminal as it is; what is no UTF-8
// comes as utf8.RuneError.
func unprintable(r rune) bool { return r == utf8.RuneError || r != '\n' && !unicode.IsPrint(r) }

// special reports whether a character might mean something to a shell.
func special(c rune) bool {
	switch {
	case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		return false
	}
	return !strings.ContainsRune("_-./:@%+,=", c)
}
