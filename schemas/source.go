package schemas

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// base is where the schemas' ids live: a name that the internet promises never
// to resolve, for no schema is ever fetched.
const base = "https://kometia-sim.invalid/"

func objectID(name string) string { return base + "objects/" + name + ".json" }
func kindID(name string) string   { return base + "kinds/" + name + ".json" }

// source is one schema file, read and checked.
type source struct {
	file    string // as errors name it
	builtin bool
	id      string
	object  string // name of the object it describes; "" for a kind
	kind    *Kind  // the kind it describes; nil for an object
	rank    int
	doc     *jsontree.Document
	tree    *jsontree.Object

	schemas map[string]*jsontree.Object // schemas by JSON Pointer; booleans are nil
	refs    []reference
	same    map[string][]string // pointer to the pointers that judge the same value
}

// reference is a $ref: where it stands and what it names.
type reference struct {
	path, pointer string // of the schema that it stands in
	document      string // $id of the file it names
	target        string // JSON Pointer in that file
}

func (s *source) name() string {
	if s.kind != nil {
		return s.kind.Name
	}
	return s.object
}

// mistake makes an error about the value at a path, with its line and a caret.
func (s *source) mistake(path, es, en string, args ...any) error {
	return s.doc.Mistake(s.file, path, lang.Errorf(es, en, args...))
}

// readSource reads one schema file and reports every mistake that can be seen
// without the other files. Of the embedded files the keywords are not looked
// at: a test does that, and a start should be fast.
func readSource(file string, data []byte, builtin bool) (*source, []error) {
	doc, err := jsontree.Parse(data)
	if err != nil {
		syntax := err.(*jsontree.SyntaxError) //nolint:errorlint // Parse documents its only error type
		return nil, []error{lang.Errorf("%s:%d:%d: %s\n%s", "%s:%d:%d: %s\n%s", file, syntax.Line, syntax.Column, syntax.Msg, syntax.Excerpt)}
	}
	s := &source{file: file, builtin: builtin, doc: doc, schemas: map[string]*jsontree.Object{}, same: map[string][]string{}}
	tree, ok := doc.Root.(*jsontree.Object)
	if !ok {
		return nil, []error{s.mistake("", "un archivo de esquema tiene un objeto JSON", "a schema file holds a JSON object")}
	}
	s.tree = tree
	var mistakes []error
	for _, d := range doc.Duplicates() {
		mistakes = append(mistakes, jsontree.Mistake(file, data, d.Line, d.Column, lang.Errorf("%s está dos veces", "%s stands twice", d.Path)))
	}
	mistakes = append(mistakes, s.identify()...)
	if s.id == "" {
		return nil, mistakes
	}
	if s.kind != nil {
		s.complete()
	}
	mistakes = append(mistakes, s.check(s.tree, "", "")...)
	return s, mistakes
}

// identify reads what the file describes, and its id.
func (s *source) identify() []error {
	kind, hasKind := s.tree.Lookup("x-kind")
	object, hasObject := s.tree.Lookup("x-object")
	switch {
	case hasKind && hasObject:
		return []error{s.mistake("", "un archivo de esquema describe un tipo (x-kind) o un objeto (x-object), no ambos", "a schema file describes a kind (x-kind) or an object (x-object), not both")}
	case hasKind:
		mistakes := s.readKind(kind)
		if s.kind == nil {
			return mistakes
		}
		s.id = kindID(s.kind.Name)
		return append(mistakes, s.checkID()...)
	case hasObject:
		name, ok := object.(string)
		if !ok || !isName(name, "_") {
			return []error{s.mistake("x-object", `x-object debe ser el nombre de un objeto: minúsculas, números y _, como "cart"`,
				`x-object must be the name of an object: lower-case letters, digits and _, such as "cart"`)}
		}
		s.object, s.id = name, objectID(name)
		return s.checkID()
	}
	hint := lang.Text{}
	for _, m := range s.tree.Names() {
		if near := Suggest(m, []string{"x-kind", "x-object"}); near != "" {
			hint = lang.Textf(" (¿quiso decir %s en lugar de %s?)", " (did you mean %s in place of %s?)", near, m)
		}
	}
	return []error{s.mistake("", `nada dice qué describe este esquema: agregue "x-kind": {"name": "order.canceled", "object": "order"} para un tipo de evento, o "x-object": "cart" para un objeto%s`,
		`nothing says what this schema describes: add "x-kind": {"name": "order.canceled", "object": "order"} for an event kind, or "x-object": "cart" for an object%s`, hint)}
}

func (s *source) checkID() []error {
	if id, ok := s.tree.Lookup("$id"); ok && id != s.id {
		return []error{s.mistake("$id", "el $id de %s debe ser %q; se puede omitir", "the $id of %s must be %q; it may be left out", s.name(), s.id)}
	}
	return nil
}

// isName reports whether s is a name: lower-case letters, digits and the given
// extra characters, with a letter first and none of the extras last.
func isName(s, extra string) bool {
	for i, r := range s {
		switch {
		case r >= 'a' && r <= 'z':
		case i > 0 && r >= '0' && r <= '9':
		case i > 0 && i < len(s)-1 && strings.ContainsRune(extra, r):
		default:
			return false
		}
	}
	return s != ""
}

// IsKind reports whether s may be the name of an event kind, known or not.
func IsKind(s string) bool { return isName(s, "._-") && strings.Contains(s, ".") }

// readKind reads the x-kind annotation.
func (s *source) readKind(v any) []error {
	o, ok := v.(*jsontree.Object)
	if !ok {
		return []error{s.mistake("x-kind", `x-kind debe ser un objeto: {"name": "order.canceled", "object": "order"}`, `x-kind must be an object: {"name": "order.canceled", "object": "order"}`)}
	}
	kind := &Kind{Provenance: Assumed}
	var mistakes []error
	known := []string{"name", "object", "title", "provenance", "action", "after", "set", "rank"}
	for _, m := range o.Members {
		at := jsontree.JoinName("x-kind", m.Name)
		bad := func(es, en string, args ...any) { mistakes = append(mistakes, s.mistake(at, es, en, args...)) }
		text, isText := m.Value.(string)
		switch m.Name {
		case "name":
			if !isText || !IsKind(text) {
				bad(`el nombre de un tipo es como "order.canceled": minúsculas, números, puntos, _ y -`, `the name of a kind looks like "order.canceled": lower-case letters, digits, dots, _ and -`)
				continue
			}
			kind.Name = text
		case "object":
			if !isText || !isName(text, "_") {
				bad(`object debe ser el nombre de un objeto, como "order"`, `object must be the name of an object, such as "order"`)
				continue
			}
			kind.Object = text
		case "title":
			title, ok := m.Value.(*jsontree.Object)
			if !ok {
				bad(`title debe ser {"es": "...", "en": "..."}`, `title must be {"es": "...", "en": "..."}`)
				continue
			}
			for _, t := range title.Members {
				text, isText := t.Value.(string)
				switch {
				case t.Name == "es" && isText:
					kind.Title.ES = text
				case t.Name == "en" && isText:
					kind.Title.EN = text
				default:
					bad(`title tiene dos textos, "es" y "en"`, `title holds two strings, "es" and "en"`)
				}
			}
		case "provenance":
			switch p := Provenance(text); p {
			case Documented, Sample, Inferred, Assumed:
				kind.Provenance = p
			default:
				bad("provenance debe ser documented, sample, inferred o assumed%s", "provenance must be documented, sample, inferred or assumed%s", didYouMean(text, []string{"documented", "sample", "inferred", "assumed"}))
			}
		case "action":
			if !slices.Contains(actions(), text) {
				bad("action debe ser create, place, pay, update o delete%s", "action must be create, place, pay, update or delete%s", didYouMean(text, actions()))
				continue
			}
			kind.Action = Action(text)
		case "after":
			list, ok := m.Value.([]any)
			for _, v := range list {
				name, isText := v.(string)
				ok = ok && isText
				kind.After = append(kind.After, name)
			}
			if !ok || len(list) == 0 {
				bad(`after debe ser una lista de tipos de evento: ["order.placed"]`, `after must be a list of event kinds: ["order.placed"]`)
				kind.After = nil
			}
		case "set":
			set, ok := m.Value.(*jsontree.Object)
			if !ok {
				bad(`set debe ser un objeto de rutas y valores: {"status": "canceled"}`, `set must be an object of paths and values: {"status": "canceled"}`)
				continue
			}
			kind.Set = map[string]any{}
			for _, e := range set.Members {
				kind.Set[e.Name] = e.Value
			}
		case "rank":
			n, ok := m.Value.(json.Number)
			if !ok || !isNatural(n) {
				bad("rank debe ser un número entero", "rank must be a whole number")
				continue
			}
			rank, _ := n.Int64()
			s.rank = int(rank)
		default:
			bad("x-kind no tiene %q%s", "x-kind has no %q%s", m.Name, didYouMean(m.Name, known))
		}
	}
	for _, name := range []string{"name", "object"} {
		if _, ok := o.Lookup(name); !ok {
			mistakes = append(mistakes, s.mistake("x-kind", "a x-kind le falta %s", "x-kind lacks its %s", name))
		}
	}
	if kind.Name != "" && kind.Object != "" {
		if kind.Title.ES == "" {
			kind.Title.ES = firstOf(kind.Title.EN, kind.Name)
		}
		if kind.Title.EN == "" {
			kind.Title.EN = firstOf(kind.Title.ES, kind.Name)
		}
		if (kind.Action == Place || kind.Action == Pay) && kind.Object != "order" {
			mistakes = append(mistakes, s.mistake("x-kind.action", "solo un pedido se recibe o se paga, no un %s", "only an order is placed or paid, not a %s", kind.Object))
		}
		s.kind = kind
	}
	return mistakes
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// complete gives a kind file that holds nothing but its annotation the schema
// that every kind has: an event of this kind with the object's own schema.
func (s *source) complete() {
	for _, name := range validating() {
		if _, ok := s.tree.Lookup(name); ok {
			return
		}
	}
	if _, ok := s.tree.Lookup("$ref"); ok {
		return
	}
	object := func(members ...jsontree.Member) *jsontree.Object { return &jsontree.Object{Members: members} }
	member := func(name string, v any) jsontree.Member { return jsontree.Member{Name: name, Value: v} }
	s.tree.Set("allOf", []any{object(member("$ref", objectID("event")))})
	s.tree.Set("properties", object(
		member("kind", object(member("type", "string"), member("const", s.kind.Name))),
		member("data", object(member("type", "object"), member("properties", object(
			member("object", object(member("$ref", objectID(s.kind.Object)))),
		)))),
	))
}

// check looks at a schema and all schemas inside it.
func (s *source) check(v any, path, pointer string) []error {
	if _, ok := v.(bool); ok {
		s.schemas[pointer] = nil
		return nil
	}
	node, ok := v.(*jsontree.Object)
	if !ok {
		return []error{s.mistake(path, "se esperaba un esquema: un objeto, true o false", "expected a schema: an object, true or false")}
	}
	s.schemas[pointer] = node
	var mistakes []error
	for _, m := range node.Members {
		at := jsontree.JoinName(path, m.Name)
		if s.builtin {
			if m.Name != "$ref" {
				continue
			}
		} else if wrong := checkKeyword(m.Name, m.Value); wrong != nil {
			mistakes = append(mistakes, s.mistake(at, "%s", "%s", wrong))
			continue
		}
		switch {
		case m.Name == "$id" && path != "":
			mistakes = append(mistakes, s.mistake(at, "$id solo va al inicio de un archivo: pase este esquema a un archivo propio", "$id stands at the top of a file only: move this schema to a file of its own"))
		case m.Name == "$ref":
			if err := s.refer(m.Value.(string), at, path, pointer); err != nil {
				mistakes = append(mistakes, err)
			}
		}
	}
	if _, isRef := node.Lookup("$ref"); isRef {
		for _, ignored := range validating() {
			if _, ok := node.Lookup(ignored); ok {
				mistakes = append(mistakes, s.mistake(jsontree.JoinName(path, ignored), `draft-07 ignora %s junto a $ref: escriba "allOf": [{"$ref": ...}] en su lugar`, `draft-07 ignores %s beside $ref: write "allOf": [{"$ref": ...}] instead`, ignored))
			}
		}
	}
	for _, c := range children(node, path, pointer) {
		if c.same {
			s.same[pointer] = append(s.same[pointer], c.pointer)
		}
		mistakes = append(mistakes, s.check(c.value, c.path, c.pointer)...)
	}
	return mistakes
}

// refer notes a $ref, relative ones against the file's own id.
func (s *source) refer(ref, at, path, pointer string) error {
	u, err := url.Parse(ref)
	if err != nil {
		return s.mistake(at, "$ref %q no es una referencia URI", "$ref %q is no URI reference", ref)
	}
	self, err := url.Parse(s.id)
	if err != nil {
		return s.mistake(at, "%q no es un URI", "%q is no URI", s.id)
	}
	abs := self.ResolveReference(u)
	target := abs.Fragment
	abs.Fragment, abs.RawFragment = "", ""
	if target != "" && !strings.HasPrefix(target, "/") {
		return s.mistake(at, "$ref %q: tras # solo puede ir un JSON Pointer (#/definitions/...)", "$ref %q: only JSON Pointers (#/definitions/...) can follow the #", ref)
	}
	s.refs = append(s.refs, reference{path: path, pointer: pointer, document: abs.String(), target: target})
	return nil
}
