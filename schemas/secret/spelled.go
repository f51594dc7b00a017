package secret

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// spelled is a value that is looked for however it is written: as it is, or with
// any of its characters escaped as JSON, HTML, URLs or source code escape them,
// more than once as well. A receiver that repeats a key does so in its own way,
// and our own formats escape that again.
type spelled struct {
	chars []string // the bytes of each character
}

func spell(value string) spelled {
	var v spelled
	for value != "" {
		_, size := utf8.DecodeRuneInString(value)
		v.chars = append(v.chars, value[:size])
		value = value[size:]
	}
	return v
}

// shortestCut is how many characters of a value are recognised before the mark
// that an excerpt was cut there: there may be no more of it.
const shortestCut = 6

// at matches the value at a place of s: end is where the longest spelling of it
// ends, -1 for none; more says that what follows s may still make another one. The
// beginning of a value before a mark that the text was cut there is one, too.
func (v spelled) at(s string, from int) (end int, more bool) {
	// Every character may be written in several ways of different length.
	ends, next := []int{from}, []int(nil)
	for n, char := range v.chars {
		next = next[:0]
		for _, i := range ends {
			if n >= shortestCut {
				if i, found := cutBehind(s, i); found {
					return i, more
				}
			}
			var cut bool
			next, cut = written(next, s, i, char)
			more = more || cut
		}
		if ends, next = next, ends; len(ends) == 0 {
			return -1, more
		}
	}
	return slices.Max(ends), more
}

// longestSpelling is more than any character takes in letters and escapes.
const longestSpelling = 12

// cutBehind finds the mark of an excerpt at i, or behind the beginning of an
// escape there.
func cutBehind(s string, i int) (at int, found bool) {
	at = i
	for at < min(len(s), i+longestSpelling) {
		if strings.HasPrefix(s[at:], "…") || strings.HasPrefix(s[at:], "...") {
			return at, at == i || strings.IndexByte(`\&%`, s[i]) >= 0
		}
		at++
	}
	return i, false
}

// written adds to ends where each spelling of a character ends that begins at i;
// cut says that s ends within one. SQL and CSV write quotes twice.
func written(ends []int, s string, i int, char string) (_ []int, cut bool) {
	before := len(ends)
	ends, cut = once(ends, s, i, char)
	if char == `'` || char == `"` {
		for _, end := range ends[before:] {
			var more bool
			ends, more = once(ends, s, end, char)
			cut = cut || more
		}
	}
	return ends, cut
}

func once(ends []int, s string, i int, char string) (_ []int, cut bool) {
	rest := s[i:]
	if rest == "" {
		return ends, true
	}
	literal := func(at int) {
		switch {
		case strings.HasPrefix(s[at:], char):
			ends = append(ends, at+len(char))
		case strings.HasPrefix(char, s[at:]):
			cut = true
		}
	}
	switch rest[0] {
	case '\\':
		run := backslashes(rest)
		if cut = i+run == len(s); char == `\` {
			for n := 1; n <= run; n *= 2 { // each escaping doubles them
				ends = append(ends, i+n)
			}
		} else if !cut && s[i+run] != '\\' {
			return behindBackslash(ends, s, i+run, char)
		}
		end, more := unicodeEscape(s, i+run, char)
		return added(ends, end), cut || more
	case '&':
		literal(i)
		end, more := entity(s, i+1, char)
		return added(ends, end), cut || more
	case '%':
		literal(i)
		end, more := percent(s, i, char)
		return added(ends, end), cut || more
	case '+':
		if char == " " {
			return append(ends, i+1), cut
		}
	}
	literal(i)
	return ends, cut
}

// behindBackslash is once for a character with a backslash before it, which HTML
// and URLs may have escaped again.
func behindBackslash(ends []int, s string, i int, char string) (_ []int, cut bool) {
	ends, cut = once(ends, s, i, char)
	end, more := unicodeEscape(s, i, char)
	return added(ends, end), cut || more
}

// mostBackslashes is how many may stand before a character: six escapings of one
// another. A text may be made of nothing else.
const mostBackslashes = 64

func backslashes(s string) int {
	s = s[:min(len(s), mostBackslashes)]
	return len(s) - len(strings.TrimLeft(s, `\`))
}

func added(ends []int, end int) []int {
	if end < 0 {
		return ends
	}
	return append(ends, end)
}

// unicodeEscape matches what stands behind backslashes: u0041, u{41}, x41, or the
// letter of a control character. That & may head an entity again, as Go's JSON
// writes it.
func unicodeEscape(s string, i int, char string) (end int, cut bool) {
	end = -1
	if i >= len(s) {
		return end, true
	}
	if letter, ok := map[string]byte{"\n": 'n', "\t": 't', "\r": 'r', "\b": 'b', "\f": 'f'}[char]; ok && s[i] == letter {
		return i + 1, false
	}
	code, after, cut := codeOf(s, i)
	r, _ := utf8.DecodeRuneInString(char)
	switch {
	case code < 0:
		return -1, cut
	case code == '&':
		if end, cut = entity(s, after, char); end >= 0 || char != "&" {
			return end, cut
		}
		return after, cut
	case code == '%' && char != "%":
		return percentBehind(s, after, char)
	case code == '\\' && char != `\`: // escaped twice
		if after >= len(s) {
			return -1, true
		}
		if strings.HasPrefix(s[after:], char) {
			return after + len(char), false
		}
		return unicodeEscape(s, after, char)
	case code == int64(r):
		return after, false
	case r > 0xffff && code >= 0xd800 && code < 0xdc00: // the first of a pair
		run := backslashes(s[after:])
		low, end, cut := codeOf(s, after+run)
		if run > 0 && 0x10000+(code-0xd800)<<10+low-0xdc00 == int64(r) {
			return end, false
		}
		return -1, cut
	}
	return -1, false
}

// codeOf reads u0041, u{41} or x41; -1 for none of them.
func codeOf(s string, i int) (code int64, end int, cut bool) {
	if i >= len(s) {
		return -1, i, true
	}
	digits := 0
	switch s[i] {
	case 'u':
		digits = 4
		if strings.HasPrefix(s[i+1:], "{") {
			code, end, cut = number(s, i+2, 8)
			switch {
			case end >= len(s):
				return -1, end, true
			case code >= 0 && s[end] == '}':
				return code, end + 1, false
			}
			return -1, end, cut
		}
	case 'x':
		digits = 2
	default:
		return -1, i, false
	}
	code, end, _ = number(s, i+1, digits)
	if end-i-1 < digits {
		return -1, end, end >= len(s)
	}
	return code, end, false
}

// number reads at most so many hexadecimal digits; -1 for none.
func number(s string, i, most int) (n int64, end int, cut bool) {
	end = i
	for end < len(s) && end-i < most && strings.IndexByte("0123456789abcdefABCDEF", s[end]) >= 0 {
		end++
	}
	n, err := strconv.ParseInt(s[i:end], 16, 64)
	if err != nil {
		n = -1
	}
	return n, end, end == len(s)
}

// isNamed reports whether HTML has that name for a character.
func isNamed(name, char string) bool {
	switch name {
	case "lt":
		return char == "<"
	case "gt":
		return char == ">"
	case "quot":
		return char == "\""
	case "apos":
		return char == "'"
	case "sol":
		return char == "/"
	case "plus":
		return char == "+"
	case "equals":
		return char == "="
	case "colon":
		return char == ":"
	case "semi":
		return char == ";"
	case "comma":
		return char == ","
	case "period":
		return char == "."
	case "num":
		return char == "#"
	case "percnt":
		return char == "%"
	case "excl":
		return char == "!"
	case "dollar":
		return char == "$"
	case "ast", "midast":
		return char == "*"
	case "lowbar":
		return char == "_"
	case "lpar":
		return char == "("
	case "rpar":
		return char == ")"
	case "lsqb", "lbrack":
		return char == "["
	case "rsqb", "rbrack":
		return char == "]"
	case "lcub", "lbrace":
		return char == "{"
	case "rcub", "rbrace":
		return char == "}"
	case "verbar", "vert":
		return char == "|"
	case "quest":
		return char == "?"
	case "commat":
		return char == "@"
	case "Hat":
		return char == "^"
	case "grave":
		return char == "`"
	case "bsol":
		return char == "\\"
	case "nbsp":
		return char == " "
	case "Tab":
		return char == "\t"
	case "NewLine":
		return char == "\n"
	}
	return false
}

// longestEntity is the length of the longest name and number in them.
const longestEntity = 8

// entity matches what stands behind &: #43; or #x2b; or a name, after any number
// of amp; of further escaping.
func entity(s string, i int, char string) (end int, cut bool) {
	end = -1
	for {
		if i >= len(s) {
			return end, true
		}
		stop := strings.IndexByte(s[i:min(len(s), i+longestEntity+1)], ';')
		if stop < 0 {
			return end, cut || len(s)-i <= longestEntity && !strings.ContainsAny(s[i:], " \n<\"&")
		}
		name := s[i : i+stop]
		i += stop + 1
		if number, found := strings.CutPrefix(name, "#"); found {
			base := 10
			if number != "" && number[0]|0x20 == 'x' {
				base, number = 16, number[1:]
			}
			r, _ := utf8.DecodeRuneInString(char)
			switch code, err := strconv.ParseInt(number, base, 64); {
			case err == nil && code == int64(r):
				return i, cut
			case err != nil || code != '&':
				return end, cut
			}
		} else if name != "amp" {
			if isNamed(name, char) {
				return i, cut
			}
			return end, cut
		}
		if char == "&" {
			end = i
		}
	}
}

// percent matches %41, for each byte of the character.
func percent(s string, i int, char string) (end int, cut bool) {
	for n := range len(char) {
		switch {
		case i >= len(s):
			return -1, true
		case s[i] != '%':
			return -1, false
		}
		if i, cut = percentBehind(s, i+1, char[n:n+1]); i < 0 {
			return i, cut
		}
	}
	return i, false
}

// percentBehind matches what stands behind %, after any number of 25 of further
// escaping.
func percentBehind(s string, i int, char string) (end int, cut bool) {
	for {
		code, end, _ := number(s, i, 2)
		switch {
		case end-i < 2:
			return -1, end == len(s)
		case code == int64(char[0]):
			return end, false
		case code != '%':
			return -1, false
		}
		i = end
	}
}
