package jsontree

import (
	"bytes"
	"encoding/json"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// maxDepth is how deep arrays and objects may be nested; encoding/json has the
// same bound.
const maxDepth = 10_000

// maxDuplicates bounds the list of repeated names: whoever wants to know of
// them needs the first few, not a million.
const maxDuplicates = 100

// SyntaxError says where bytes stop being JSON. Line and Column count from 1,
// columns in characters; Offset counts bytes from 0.
type SyntaxError struct {
	Line, Column, Offset int
	Msg                  lang.Text
	// Excerpt is the line with a caret under the place, ready to print; it
	// holds no control characters and is short whatever the input.
	Excerpt string
}

// Error implements error: one line, without the excerpt.
func (e *SyntaxError) Error() string { return e.In(lang.English) }

// In implements lang.Bilingual.
func (e *SyntaxError) In(tag lang.Tag) string {
	return lang.Textf("línea %d, columna %d: %s", "line %d, column %d: %s", e.Line, e.Column, e.Msg).In(tag)
}

// Document is parsed JSON that still knows where each value stood.
type Document struct {
	// Root is the tree.
	Root any

	data       []byte
	spans      span
	duplicates []Duplicate
}

// Duplicate is a member whose name stood before in the same object.
type Duplicate struct {
	Path         string
	Line, Column int // of the repeated name
}

// span is where a value begins, with its children in order.
type span struct {
	start    int
	children []span
}

// Duplicates lists the members whose name is repeated within their object, in
// document order; at most 100. The last of them counts.
func (d *Document) Duplicates() []Duplicate { return d.duplicates }

// Position returns the line and column, from 1, of the value at a path. For a
// path that does not exist it is the position of the nearest value on the way
// that does: where a missing member is missing from.
func (d *Document) Position(path string) (line, column int) {
	steps, err := splitPath(path)
	if err != nil {
		steps = nil
	}
	value, at := d.Root, &d.spans
	for _, s := range steps {
		i := s.index
		if s.index < 0 {
			o, ok := value.(*Object)
			if !ok {
				break
			}
			if i = o.index(s.name); i < 0 {
				break
			}
			value = o.Members[i].Value
		} else {
			a, ok := value.([]any)
			if !ok || i >= len(a) {
				break
			}
			value = a[i]
		}
		if i >= len(at.children) { // the tree was changed after parsing
			break
		}
		at = &at.children[i]
	}
	return Locate(d.data, at.start)
}

// Mistake is what is wrong with the value at a path of a file.
func (d *Document) Mistake(file, path string, what error) error {
	line, column := d.Position(path)
	return Mistake(file, d.data, line, column, what)
}

type parser struct {
	data       []byte
	pos        int
	depth      int
	steps      []step
	duplicates []Duplicate
}

// Parse reads one JSON value and nothing after it. It is strict: UTF-8 without
// a byte order mark, no half of a surrogate pair, no nesting deeper than
// 10,000. Numbers keep their text. The error is a *SyntaxError. The document
// holds on to data, which must not be changed.
func Parse(data []byte) (*Document, error) {
	p := &parser{data: data}
	if !utf8.Valid(data) {
		for p.pos < len(data) {
			r, size := utf8.DecodeRune(data[p.pos:])
			if r == utf8.RuneError && size == 1 {
				break
			}
			p.pos += size
		}
		return nil, p.fail(p.pos, "el byte 0x%02x no es UTF-8", "byte 0x%02x is not UTF-8", data[p.pos])
	}
	if bytes.HasPrefix(data, []byte("\ufeff")) {
		return nil, p.fail(0, "hay una marca de orden de bytes (U+FEFF) antes del JSON: guarde el archivo sin ella",
			"a byte order mark (U+FEFF) stands before the JSON: save the file without it")
	}
	p.space()
	root, at, err := p.value()
	if err != nil {
		return nil, err
	}
	p.space()
	if p.pos < len(data) {
		return nil, p.fail(p.pos, "se esperaba el final tras el valor JSON, hay %s", "expected the end after the JSON value, found %s", p.found())
	}
	return &Document{Root: root, data: data, spans: at, duplicates: p.duplicates}, nil
}

func (p *parser) fail(offset int, es, en string, args ...any) error {
	line, column := Locate(p.data, offset)
	return &SyntaxError{Line: line, Column: column, Offset: offset, Msg: lang.Textf(es, en, args...), Excerpt: Excerpt(p.data, line, column)}
}

func (p *parser) space() {
	for p.pos < len(p.data) {
		switch p.data[p.pos] {
		case ' ', '\t', '\n', '\r':
			p.pos++
		default:
			return
		}
	}
}

// found names what stands at the current place, for messages.
func (p *parser) found() lang.Text {
	if p.pos >= len(p.data) {
		return lang.Text{ES: "el final", EN: "the end of the input"}
	}
	r, _ := utf8.DecodeRune(p.data[p.pos:])
	return lang.Same(strconv.QuoteRuneToGraphic(r))
}

func (p *parser) value() (any, span, error) {
	at := span{start: p.pos}
	if p.pos >= len(p.data) {
		return nil, at, p.fail(p.pos, "se esperaba un valor, hay %s", "expected a value, found %s", p.found())
	}
	switch c := p.data[p.pos]; c {
	case '{':
		return p.object()
	case '[':
		return p.array()
	case '"':
		s, err := p.str()
		return s, at, err
	case 't':
		return true, at, p.literal("true")
	case 'f':
		return false, at, p.literal("false")
	case 'n':
		return nil, at, p.literal("null")
	default:
		if c == '-' || (c >= '0' && c <= '9') {
			n, err := p.number()
			return n, at, err
		}
		return nil, at, p.fail(p.pos, "se esperaba un valor, hay %s", "expected a value, found %s", p.found())
	}
}

func (p *parser) literal(word string) error {
	if !bytes.HasPrefix(p.data[p.pos:], []byte(word)) {
		return p.fail(p.pos, "se esperaba %s", "expected %s", word)
	}
	p.pos += len(word)
	return nil
}

func (p *parser) enter() error {
	p.depth++
	if p.depth > maxDepth {
		return p.fail(p.pos, "más de %d niveles", "nested deeper than %d", maxDepth)
	}
	p.pos++
	p.space()
	return nil
}

func (p *parser) array() (any, span, error) {
	at := span{start: p.pos}
	if err := p.enter(); err != nil {
		return nil, at, err
	}
	a := []any{}
	for p.pos >= len(p.data) || p.data[p.pos] != ']' || len(a) > 0 {
		p.steps = append(p.steps, step{index: len(a)})
		v, child, err := p.value()
		if err != nil {
			return nil, at, err
		}
		p.steps = p.steps[:len(p.steps)-1]
		a = append(a, v)
		at.children = append(at.children, child)
		p.space()
		if p.pos < len(p.data) && p.data[p.pos] == ']' {
			break
		}
		if p.pos >= len(p.data) || p.data[p.pos] != ',' {
			return nil, at, p.fail(p.pos, "se esperaba , o ] tras un elemento de la lista, hay %s", "expected , or ] after an array's element, found %s", p.found())
		}
		comma := p.pos
		p.pos++
		p.space()
		if p.pos < len(p.data) && p.data[p.pos] == ']' {
			return nil, at, p.fail(comma, "una coma tras el último elemento", "a comma after the last element")
		}
	}
	p.pos++
	p.depth--
	return a, at, nil
}

func (p *parser) object() (any, span, error) {
	at := span{start: p.pos}
	if err := p.enter(); err != nil {
		return nil, at, err
	}
	o := &Object{}
	var seen map[string]struct{}
	for p.pos >= len(p.data) || p.data[p.pos] != '}' || len(o.Members) > 0 {
		if p.pos >= len(p.data) || p.data[p.pos] != '"' {
			return nil, at, p.fail(p.pos, "se esperaba el nombre de un campo entre comillas dobles, hay %s", "expected a field's name in double quotes, found %s", p.found())
		}
		nameAt := p.pos
		name, err := p.str()
		if err != nil {
			return nil, at, err
		}
		p.space()
		if p.pos >= len(p.data) || p.data[p.pos] != ':' {
			return nil, at, p.fail(p.pos, "se esperaba : tras el nombre de un campo, hay %s", "expected : after a field's name, found %s", p.found())
		}
		p.pos++
		p.space()
		p.steps = append(p.steps, step{name: name, index: -1})
		if seen = p.note(o, seen, name, nameAt); seen != nil {
			seen[name] = struct{}{}
		}
		v, child, err := p.value()
		if err != nil {
			return nil, at, err
		}
		p.steps = p.steps[:len(p.steps)-1]
		o.Members = append(o.Members, Member{Name: name, Value: v})
		at.children = append(at.children, child)
		p.space()
		if p.pos < len(p.data) && p.data[p.pos] == '}' {
			break
		}
		if p.pos >= len(p.data) || p.data[p.pos] != ',' {
			return nil, at, p.fail(p.pos, "se esperaba , o } tras un campo del objeto, hay %s", "expected , or } after an object's field, found %s", p.found())
		}
		comma := p.pos
		p.pos++
		p.space()
		if p.pos < len(p.data) && p.data[p.pos] == '}' {
			return nil, at, p.fail(comma, "una coma tras el último campo", "a comma after the last field")
		}
	}
	p.pos++
	p.depth--
	return o, at, nil
}

// note records a name that stood before in the object. Small objects are
// searched; a set takes over for large ones, or the search would be quadratic.
func (p *parser) note(o *Object, seen map[string]struct{}, name string, at int) map[string]struct{} {
	const large = 64
	repeated := false
	switch {
	case seen != nil:
		_, repeated = seen[name]
	case len(o.Members) < large:
		repeated = o.index(name) >= 0
	default:
		seen = make(map[string]struct{}, 2*large)
		for _, m := range o.Members {
			seen[m.Name] = struct{}{}
		}
		_, repeated = seen[name]
	}
	if repeated && len(p.duplicates) < maxDuplicates {
		line, column := Locate(p.data, at)
		p.duplicates = append(p.duplicates, Duplicate{Path: pathOf(p.steps), Line: line, Column: column})
	}
	return seen
}

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
