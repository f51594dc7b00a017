// Package shellquote writes texts so that a POSIX shell takes each for one
// word: every command that the product prints is meant to be copied.
//
// Word leaves alone what a shell leaves alone; Quote puts every text in quotes.
package shellquote

import "strings"

// Word is s as one word of a shell: as it is when nothing in it means anything
// to a shell, else in quotes. A URL, for one, may well have an ampersand.
func Word(s string) string {
	if s != "" && strings.IndexFunc(s, special) < 0 {
		return s
	}
	return Quote(s)
}

// Quote is s in single quotes, whatever it holds.
func Quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// special reports whether a character might mean something to a shell.
func special(c rune) bool {
	switch {
	case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		return false
	}
	return !strings.ContainsRune("_-./:@%+,=", c)
}
