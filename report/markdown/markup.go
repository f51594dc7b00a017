package markdown

import (
	"strings"
	"unicode"
)

// Escaping for Markdown as GitHub and GitLab read it. Three places, three
// rules: text between other text, code between backticks, inHTML inside a tag.
// All of them take text of a view, which is safe already and has neither line
// ends nor control characters.
//
// What the readers make of plain text after all markup is read is the harder
// part: @name notifies a person, #1 and !1 link an issue, www. and https: link
// anything, seven hexadecimal digits link a commit. Code spans are spared from
// it; elsewhere a zero width space, written as an entity so that it is seen in
// the source, takes such a word apart.
const apart = "&#8203;"

// text is text that shows as it is, wherever a line of Markdown has text, in
// a table too.
func text(s string) string { return escapeText(strings.TrimSpace(s), false) }

// inHTML is text between HTML tags, where Markdown is not read.
func inHTML(s string) string { return escapeText(strings.TrimSpace(s), true) }

func escapeText(s string, html bool) string {
	var b strings.Builder
	rs := []rune(s)
	next := func(i int) rune {
		if i+1 < len(rs) {
			return rs[i+1]
		}
		return ' '
	}
	hex := 0 // hexadecimal digits in a row, behind something that is no word
	for i, r := range rs {
		switch r {
		case '&':
			b.WriteString("&amp;")
		case '<':
			b.WriteString("&lt;")
		case '>':
			b.WriteString("&gt;")
		case '"':
			b.WriteString("&quot;")
		case '|':
			b.WriteString("&#124;")
		case '$':
			b.WriteString("&#36;")
		case '\\', '`', '*', '_', '[', ']', '#', '!', '~', '^':
			if !html {
				b.WriteByte('\\')
			}
			b.WriteRune(r)
		case '-', '+', '=':
			// Where a line begins: items, rules, the underline of a heading.
			if n := next(i); i == 0 && !html && (r == '=' || n == r || unicode.IsSpace(n)) {
				b.WriteByte('\\')
			}
			b.WriteRune(r)
		case '.', ')':
			if !html && unicode.IsSpace(next(i)) && numbered(rs[:i]) {
				b.WriteByte('\\')
			}
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
		n := next(i)
		switch {
		case strings.ContainsRune("@#!~$&%", r) && n != ' ',
			r == ':' && n != ' ',
			r == '.' && i >= 3 && strings.EqualFold(string(rs[i-3:i]), "www"),
			r == '-' && i >= 2 && strings.EqualFold(string(rs[i-2:i]), "gh"):
			b.WriteString(apart)
		}
		switch {
		case !isHex(r):
			hex = 0
		case hex > 0 || i == 0 || !isWord(rs[i-1]):
			hex++
			if hex%6 == 0 && isHex(n) {
				b.WriteString(apart)
			}
		}
	}
	return b.String()
}

// numbered reports a number that a list could begin with.
func numbered(rs []rune) bool {
	for _, r := range rs {
		if r < '0' || r > '9' {
			return false
		}
	}
	return len(rs) > 0
}

func isHex(r rune) bool { return r >= '0' && r <= '9' || r >= 'a' && r <= 'f' || r >= 'A' && r <= 'F' }

func isWord(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

// code is a code span. Nothing in it is read, and nothing in it ends it; an
// empty one would not be one and is left out.
func code(s string) string {
	s = strings.TrimSpace(s)
	if s == "" {
		return ""
	}
	fence := strings.Repeat("`", 1+longestRun(s))
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") {
		s = " " + s + " "
	}
	return fence + s + fence
}

// cell is a code span inside a table, where a bar would end the cell even
// so: it is shown as a broken one.
func cell(s string) string { return code(strings.ReplaceAll(s, "|", "¦")) }

// block is a fenced block; its lines must be safe one by one.
func block(language, s string) string {
	fence := strings.Repeat("`", max(3, 1+longestRun(s)))
	return fence + language + "\n" + s + "\n" + fence + "\n"
}

// longestRun is how many backticks stand in a row at most.
func longestRun(s string) int {
	longest, run := 0, 0
	for _, r := range s {
		if r != '`' {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	return longest
}
