package jsontree

import (
	"bytes"
	"encoding/json"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

func (p *parser) number() (json.Number, error) {
	text := p.data[p.pos:]
	n := scanNumber(text)
	if n == 0 {
		return "", p.fail(p.pos, "un número que no es JSON", "a number that is not JSON")
	}
	// 01 would scan as 0 and leave a 1 behind: name the mistake, not the 1.
	if n < len(text) && text[n] >= '0' && text[n] <= '9' {
		return "", p.fail(p.pos, "un número con cero a la izquierda", "a number with a leading zero")
	}
	p.pos += n
	return json.Number(text[:n]), nil
}

// ValidNumber reports whether s is a number as JSON writes it: what a
// json.Number may hold.
func ValidNumber(s string) bool { return s != "" && scanNumber(s) == len(s) }

// scanNumber returns the length of the JSON number that s begins with; zero
// when it begins with none.
func scanNumber[T string | []byte](s T) int {
	i := 0
	digits := func() bool {
		from := i
		for i < len(s) && s[i] >= '0' && s[i] <= '9' {
			i++
		}
		return i > from
	}
	if i < len(s) && s[i] == '-' {
		i++
	}
	if i < len(s) && s[i] == '0' {
		i++
	} else if !digits() {
		return 0
	}
	if i < len(s) && s[i] == '.' {
		i++
		if !digits() {
			return 0
		}
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		i++
		if i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
		if !digits() {
			return 0
		}
	}
	return i
}

// str reads a string; the current place is its opening quote.
func (p *parser) str() (string, error) {
	opening := p.pos
	p.pos++
	start := p.pos
	var out []byte
	for p.pos < len(p.data) {
		switch c := p.data[p.pos]; {
		case c == '"':
			s := p.data[start:p.pos]
			p.pos++
			if out != nil {
				return string(append(out, s...)), nil
			}
			return string(s), nil
		case c == '\\':
			out = append(out, p.data[start:p.pos]...)
			var err error
			if out, err = p.escape(out); err != nil {
				return "", err
			}
			start = p.pos
		case c < 0x20:
			return "", p.fail(p.pos, "carácter de control %s en un texto: escápelo", "control character %s in a string: escape it", p.found())
		default:
			p.pos++
		}
	}
	return "", p.fail(opening, "un texto sin terminar", "a string that never ends")
}

func (p *parser) escape(out []byte) ([]byte, error) {
	at := p.pos
	p.pos++
	if p.pos >= len(p.data) {
		return nil, p.fail(at, "un texto sin terminar", "a string that never ends")
	}
	c := p.data[p.pos]
	p.pos++
	switch c {
	case '"', '\\', '/':
		return append(out, c), nil
	case 'b':
		return append(out, '\b'), nil
	case 'f':
		return append(out, '\f'), nil
	case 'n':
		return append(out, '\n'), nil
	case 'r':
		return append(out, '\r'), nil
	case 't':
		return append(out, '\t'), nil
	case 'u':
		r, ok := p.hex4()
		if !ok {
			return nil, p.fail(at, `\u sin cuatro dígitos hexadecimales`, `\u without four hex digits`)
		}
		if utf16.IsSurrogate(r) {
			if !bytes.HasPrefix(p.data[p.pos:], []byte(`\u`)) {
				return nil, p.fail(at, "la mitad de un par sustituto no es un carácter", "half of a surrogate pair is no character")
			}
			p.pos += 2
			low, ok := p.hex4()
			if r = utf16.DecodeRune(r, low); !ok || r == utf8.RuneError {
				return nil, p.fail(at, "la mitad de un par sustituto no es un carácter", "half of a surrogate pair is no character")
			}
		}
		return utf8.AppendRune(out, r), nil
	default:
		return nil, p.fail(at, `JSON no tiene el escape \%s`, `JSON has no escape \%s`, string(p.data[at+1:at+1+runeLen(p.data[at+1:])]))
	}
}

func runeLen(b []byte) int {
	_, size := utf8.DecodeRune(b)
	return size
}

func (p *parser) hex4() (rune, bool) {
	if len(p.data)-p.pos < 4 {
		return 0, false
	}
	n, err := strconv.ParseUint(string(p.data[p.pos:p.pos+4]), 16, 16)
	if err != nil {
		return 0, false
	}
	p.pos += 4
	return rune(n), true
}
