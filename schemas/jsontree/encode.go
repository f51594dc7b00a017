package jsontree

import (
	"encoding/json"
	"unicode/utf8"
)

// Style is how a tree is written.
type Style string

// The styles.
const (
	// PHP is what PHP's json_encode writes by default, and so what Kometia's
	// samples show: / as \/, every character above ASCII as \uXXXX in lower
	// case (a surrogate pair above U+FFFF), no spaces.
	PHP Style = "php"
	// Plain is compact UTF-8 with the escapes that JSON demands and no others,
	// as JavaScript's JSON.stringify writes it.
	Plain Style = "plain"
	// Pretty is Plain on lines indented by two spaces, without a newline at
	// the end.
	Pretty Style = "pretty"
)

// Styles lists the styles, the default first.
func Styles() []Style { return []Style{PHP, Plain, Pretty} }

// bare marks with an x the bytes that are written unchanged in every style. The
// slash and the bytes above ASCII are not among them, because they depend on the
// style. One look-up for each byte is faster than four comparisons.
const bare = "" +
	"                                " + // controls
	"xx xxxxxxxxxxxx xxxxxxxxxxxxxxxx" + // not " and /
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxx xxx" + // not \
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" +
	"                                " + "                                " +
	"                                " + "                                "

const hex = "0123456789abcdef"

// Encode writes a tree as JSON.
func Encode(v any, s Style) []byte { return Append(nil, v, s) }

// Append writes a tree as JSON to the end of dst. A json.Number is written as
// it stands. Bytes in a string that are not UTF-8 become U+FFFD. An unknown
// style writes PHP. A Go value that is no tree is turned into one first, as Of
// does.
func Append(dst []byte, v any, s Style) []byte {
	if s == Pretty {
		return appendPretty(dst, v, 0)
	}
	return appendCompact(dst, v, s != Plain)
}

func appendCompact(dst []byte, v any, php bool) []byte {
	switch v := v.(type) {
	case *Object:
		if v == nil {
			return append(dst, "null"...)
		}
		dst = append(dst, '{')
		for i := range v.Members {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendString(dst, v.Members[i].Name, php)
			dst = append(dst, ':')
			dst = appendCompact(dst, v.Members[i].Value, php)
		}
		return append(dst, '}')
	case []any:
		dst = append(dst, '[')
		for i, e := range v {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendCompact(dst, e, php)
		}
		return append(dst, ']')
	default:
		return appendScalar(dst, v, php)
	}
}

func appendScalar(dst []byte, v any, php bool) []byte {
	switch v := v.(type) {
	case string:
		return appendString(dst, v, php)
	case json.Number:
		if v == "" { // as encoding/json: the zero Number is 0
			return append(dst, '0')
		}
		return append(dst, v...)
	case bool:
		if v {
			return append(dst, "true"...)
		}
		return append(dst, "false"...)
	case nil:
		return append(dst, "null"...)
	default:
		return appendCompact(dst, Of(v), php)
	}
}

func appendPretty(dst []byte, v any, depth int) []byte {
	switch v := v.(type) {
	case *Object:
		if v == nil || len(v.Members) == 0 {
			return appendCompact(dst, v, false)
		}
		dst = append(dst, '{')
		for i := range v.Members {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendIndent(dst, depth+1)
			dst = appendString(dst, v.Members[i].Name, false)
			dst = append(dst, ':', ' ')
			dst = appendPretty(dst, v.Members[i].Value, depth+1)
		}
		return append(appendIndent(dst, depth), '}')
	case []any:
		if len(v) == 0 {
			return append(dst, '[', ']')
		}
		dst = append(dst, '[')
		for i, e := range v {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendIndent(dst, depth+1)
			dst = appendPretty(dst, e, depth+1)
		}
		return append(appendIndent(dst, depth), ']')
	case string, json.Number, bool, nil:
		return appendScalar(dst, v, false)
	default:
		return appendPretty(dst, Of(v), depth)
	}
}

func appendIndent(dst []byte, depth int) []byte {
	dst = append(dst, '\n')
	for range depth {
		dst = append(dst, ' ', ' ')
	}
	return dst
}

// appendString writes a quoted string. Runs of bytes that need no escape, which
// is nearly everything, are copied in one piece.
func appendString(dst []byte, s string, php bool) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if bare[c] == 'x' {
			i++
			continue
		}
		if c < utf8.RuneSelf {
			if c == '/' && !php {
				i++
				continue
			}
			dst = append(dst, s[start:i]...)
			dst = appendEscape(dst, c)
			i++
			start = i
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case php:
			dst = append(dst, s[start:i]...)
			dst = appendUnicode(dst, r)
			start = i + size
		case r == utf8.RuneError && size == 1:
			dst = append(dst, s[start:i]...)
			dst = append(dst, "\ufffd"...)
			start = i + size
		}
		i += size
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}

func appendEscape(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\', '/':
		return append(dst, '\\', c)
	case '\b':
		return append(dst, '\\', 'b')
	case '\f':
		return append(dst, '\\', 'f')
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	default:
		return append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&0xf])
	}
}

func appendUnicode(dst []byte, r rune) []byte {
	if r > 0xffff {
		r -= 0x10000
		dst = appendUnicode(dst, 0xd800+r>>10)
		r = 0xdc00 + r&0x3ff
	}
	return append(dst, '\\', 'u', hex[r>>12&0xf], hex[r>>8&0xf], hex[r>>4&0xf], hex[r&0xf])
}
