package diagnose

import (
	"html"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// quoteLimit is how many characters of a receiver's answer evidence quotes.
const quoteLimit = 80

// Visible is the text that a reader of a response sees: of HTML what a browser shows,
// one line per block; anything else as it is.
func Visible(body string) string {
	if !strings.HasPrefix(strings.TrimSpace(body), "<") {
		return body
	}
	return untagged(body)
}

// visible is what a reader of the HTML page sees: no tags, comments, scripts
// or styles, entities resolved, white space squeezed, one line per block. Hidden CSRF fields and
// the meta tags of ordinary pages would otherwise look like a CSRF rejection.
// It takes linear time of any input.
// lower is body in lower case, see asciiLower.
func visible(body, lower string) string {
	var b strings.Builder
	var blocks []string
	for i := 0; i < len(body); {
		open := strings.IndexByte(body[i:], '<')
		if open < 0 {
			b.WriteString(body[i:])
			break
		}
		b.WriteString(body[i : i+open])
		i += open
		end := skipMarkup(body, lower, i)
		if end == i { // a lone <
			b.WriteByte('<')
			i++
			continue
		}
		if !inline(lower[i:end]) {
			blocks = append(blocks, squeeze(html.UnescapeString(b.String())))
			b.Reset()
		}
		i = end
	}
	blocks = append(blocks, squeeze(html.UnescapeString(b.String())))
	blocks = slices.DeleteFunc(blocks, func(s string) bool { return s == "" })
	return strings.Join(blocks, "\n")
}

// untagged is what a reader sees of a piece of HTML, or the piece itself when
// that is nothing.
func untagged(s string) string {
	if seen := visible(s, asciiLower(s)); seen != "" {
		return seen
	}
	return s
}

// skipMarkup gives the end of the tag, comment, script or style that starts at
// i, or i itself when the < there starts nothing.
func skipMarkup(body, lower string, i int) int {
	rest := lower[i:]
	switch {
	case strings.HasPrefix(rest, "<!--"):
		return endOf(body, i, "-->")
	case hasTag(rest, "script"):
		return endOf(body, endOf(lower, i, "</script"), ">")
	case hasTag(rest, "style"):
		return endOf(body, endOf(lower, i, "</style"), ">")
	case len(rest) > 1 && (isLetter(rest[1]) || strings.IndexByte("/!?", rest[1]) >= 0):
		return endOf(body, i, ">")
	}
	return i
}

func hasTag(rest, name string) bool {
	if !strings.HasPrefix(rest, "<"+name) || len(rest) == len(name)+1 {
		return false
	}
	return !isLetter(rest[len(name)+1])
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// endOf is the index after the next mark from i on; a mark that never comes
// ends with the text.
func endOf(s string, i int, mark string) int {
	if n := strings.Index(s[i:], mark); n >= 0 {
		return i + n + len(mark)
	}
	return len(s)
}

// inline reports whether the tag leaves the words around it together.
func inline(tag string) bool {
	name := strings.TrimLeft(tag, "</")
	if n := strings.IndexFunc(name, func(r rune) bool { return r < 'a' || r > 'z' }); n >= 0 {
		name = name[:n]
	}
	switch name {
	case "b", "i", "a", "em", "strong", "span", "code", "u", "small", "tt":
		return true
	}
	return false
}

// asciiLower leaves every offset of a valid UTF-8 text where it is.
func asciiLower(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 0x20
		}
		return r
	}, s)
}

// squeeze makes one line of s: white space, control and invisible formatting
// characters become single spaces, invalid UTF-8 becomes U+FFFD.
func squeeze(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	space := false
	for _, r := range s {
		if unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r) {
			space = b.Len() > 0
			continue
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		b.WriteRune(r)
	}
	return b.String()
}

// quote makes evidence of s: one line of at most quoteLimit characters.
func quote(s string) string {
	// A rune takes four bytes at most; squeezing the whole would cost more.
	if limit := 16 * quoteLimit; len(s) > limit {
		s = s[:limit]
		for len(s) > 0 && !utf8.RuneStart(s[len(s)-1]) {
			s = s[:len(s)-1]
		}
		if len(s) > 0 && s[len(s)-1] >= utf8.RuneSelf {
			s = s[:len(s)-1]
		}
	}
	s = squeeze(s)
	if utf8.RuneCountInString(s) <= quoteLimit {
		return s
	}
	n := 0
	for i := range s {
		if n == quoteLimit-1 {
			return strings.TrimRight(s[:i], " ") + "…"
		}
		n++
	}
	return s
}

// sentence widens the match at [from, to) of s to the sentence or line that it
// stands in, as far as a quotation allows.
func sentence(s string, from, to int) string {
	const mostly = quoteLimit - 10
	start := from
	room := mostly - utf8.RuneCountInString(s[from:min(to, from+4*quoteLimit)])
	for room > 0 && from > 0 {
		r, size := utf8.DecodeLastRuneInString(s[:from])
		if strings.ContainsRune(".!?<>{}[]\"\n", r) {
			break
		}
		from -= size
		room--
	}
	if room == 0 { // not in the middle of a word
		if n := strings.IndexByte(s[from:start], ' '); n >= 0 {
			from += n
		}
	}
	for room > 0 && to < len(s) {
		r, size := utf8.DecodeRuneInString(s[to:])
		if strings.ContainsRune("<>{}[]\"\n", r) {
			break
		}
		to += size
		room--
		if strings.ContainsRune(".!?", r) {
			break
		}
	}
	return s[from:to]
}
