package judge

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"

	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// kept is what became of a text that is not all ASCII.
type kept int

const (
	otherwise kept = iota // changed in a way that says nothing of its letters
	whole
	replaced   // "?" or U+FFFD in the place of letters
	cut        // at a letter that is no ASCII
	misread    // UTF-8 taken for Latin-1 or Windows-1252
	dropped    // letters that are no ASCII are gone
	unaccented // their accents are gone
)

// keeps tells what became of a text. Only what is known for certain is called
// damage: a receiver may keep a text in capitals, or only the first word of it.
func keeps(said, seen string) kept {
	raw := strings.TrimSpace(seen)
	said, seen = receiver.Normal(said), receiver.Normal(seen)
	marks := func(s string) int { return strings.Count(s, "?") + strings.Count(s, string(utf8.RuneError)) }
	switch {
	case said == seen:
		return whole
	case seen == "":
		return otherwise
	case marks(seen) > marks(said) && others(seen) < others(said) && strings.HasPrefix(ascii(said), ascii(seen)):
		return replaced
	case misreads(said, raw):
		return misread
	case strings.HasPrefix(said, seen):
		if next, _ := utf8.DecodeRuneInString(said[len(seen):]); next >= utf8.RuneSelf {
			return cut
		}
		return otherwise
	case withoutMarks(said) == withoutMarks(seen):
		return unaccented
	case thinned(said, seen):
		return dropped
	}
	return otherwise
}

// ascii is a text without the letters that are not ASCII, and without the
// characters that stand in for them.
func ascii(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= utf8.RuneSelf || r == '?' {
			return -1
		}
		return r
	}, s)
}

// others counts the letters that are no ASCII.
func others(s string) (n int) {
	for _, r := range s {
		if r >= utf8.RuneSelf && r != utf8.RuneError {
			n++
		}
	}
	return n
}

// withoutMarks is a text without accents.
func withoutMarks(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(s))
}

// misreads reports whether seen is said, its bytes taken for letters.
func misreads(said, seen string) bool {
	for _, table := range []*charmap.Charmap{charmap.ISO8859_1, charmap.Windows1252} {
		if wrong, err := table.NewDecoder().String(said); err == nil && strings.TrimSpace(wrong) == seen {
			return true
		}
	}
	return false
}

// thinned reports whether seen is said without some letters, none of them ASCII.
func thinned(said, seen string) bool {
	rest := []rune(seen)
	for _, r := range said {
		switch {
		case len(rest) > 0 && rest[0] == r:
			rest = rest[1:]
		case r < utf8.RuneSelf && !unicode.IsSpace(r):
			return false
		}
	}
	return len(rest) == 0
}

// text names the damage.
func (k kept) text() lang.Text {
	switch k {
	case replaced:
		return lang.Text{ES: "hay ? o U+FFFD en lugar de letras", EN: "letters are replaced by ? or U+FFFD"}
	case cut:
		return lang.Text{ES: "está cortado", EN: "it is cut off"}
	case misread:
		return lang.Text{ES: "el UTF-8 se leyó como Latin-1", EN: "UTF-8 was read as Latin-1"}
	case dropped:
		return lang.Text{ES: "faltan letras que no son ASCII", EN: "non-ASCII letters are missing"}
	case unaccented:
		return lang.Text{ES: "faltan los acentos", EN: "the accents are missing"}
	}
	return lang.Text{}
}
