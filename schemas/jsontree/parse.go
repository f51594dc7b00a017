package jsontree

import (
	"bytes"
	"strconv"
	"unicode/utf8"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// maxDepth is how deep arrays and objects may be nested; encoding/json has the
// same bound.
const maxDepth = 10_000

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
