package schemas

import (
	"net/url"
	"sort"
	"strings"

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// absolute is a $ref of s as an absolute URI. refer has proved that it parses.
func absolute(ref string, s *source) string {
	self, err := url.Parse(s.id)
	if err != nil {
		return ref
	}
	u, err := self.Parse(ref)
	if err != nil {
		return ref
	}
	return u.String()
}

// checkReferences reports every $ref of s that names nothing.
func (d documents) checkReferences(s *source) []error {
	var mistakes []error
	for _, ref := range s.refs {
		at := jsontree.JoinName(ref.path, "$ref")
		other := d.source(ref.document)
		if other == nil {
			mistakes = append(mistakes, s.mistake(at, "%s", "%s", d.unknownReference(ref.document)))
			continue
		}
		if _, ok := other.schemas[ref.target]; !ok {
			pointers := make([]string, 0, len(other.schemas))
			for p := range other.schemas {
				pointers = append(pointers, "#"+p)
			}
			hint := lang.DidYouMean(Suggest("#"+ref.target, pointers))
			mistakes = append(mistakes, s.mistake(at, "%s no tiene un esquema en #%s%s", "%s has no schema at #%s%s", other.name(), ref.target, hint))
		}
	}
	return mistakes
}

func (d documents) unknownReference(document string) error {
	if !strings.HasPrefix(document, base) {
		return lang.Errorf("$ref nombra %s, pero los esquemas nunca se cargan por URL: póngalo en esta carpeta, y llámelo %sobjects/NAME.json",
			"$ref names %s, but schemas are never loaded by URL: put it into this folder, and refer to it as %sobjects/NAME.json", document, base)
	}
	ids := make([]string, 0, len(d))
	for id := range d {
		ids = append(ids, strings.TrimPrefix(id, base))
	}
	sort.Strings(ids)
	return lang.Errorf("$ref nombra %s, que no es un esquema conocido%s", "$ref names %s, which is no known schema%s", document, didYouMean(strings.TrimPrefix(document, base), ids))
}

// checkCircles reports schemas that come back to themselves without going
// deeper into the value: judging by them would never end.
func (d documents) checkCircles(s *source) []error {
	var mistakes []error
	for _, ref := range s.refs {
		if d.returns(ref) {
			mistakes = append(mistakes, s.mistake(jsontree.JoinName(ref.path, "$ref"), "este $ref vuelve a sí mismo sin entrar más en el valor, así que validar no terminaría nunca",
				"this $ref leads back to itself without going deeper into the value, so validating would never end"))
		}
	}
	return mistakes
}

// returns reports whether the schema that a reference stands in can be reached
// from its target by steps that judge the same value.
func (d documents) returns(from reference) bool {
	type place struct{ document, pointer string }
	queue := []place{{from.document, from.target}}
	seen := map[place]bool{}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		s := d.source(at.document)
		if s == nil || seen[at] {
			continue
		}
		seen[at] = true
		for _, inner := range s.same[at.pointer] {
			queue = append(queue, place{at.document, inner})
		}
		for _, ref := range s.refs {
			if ref.pointer != at.pointer {
				continue
			}
			if s.owns(from) && ref == from {
				return true
			}
			queue = append(queue, place{ref.document, ref.target})
		}
	}
	return false
}

// owns reports whether ref is one of the source's references.
func (s *source) owns(ref reference) bool {
	for _, r := range s.refs {
		if r == ref {
			return true
		}
	}
	return false
}

// bundle is the tree of a schema that stands on its own: what it refers to is
// in its definitions, under its name.
func (d documents) bundle(s *source) *jsontree.Object {
	root := jsontree.Clone(s.tree).(*jsontree.Object)
	if _, ok := root.Lookup("$id"); !ok {
		root.Members = append([]jsontree.Member{{Name: "$id", Value: s.id}}, root.Members...)
	}
	definitions := &jsontree.Object{}
	if own, ok := root.Lookup("definitions"); ok {
		definitions = own.(*jsontree.Object)
	}
	others := d.needed(s)[1:]
	targets := map[string]string{s.id: "#"} // by $id: where it is within the bundle
	for _, other := range others {
		name := other.name()
		for _, taken := definitions.Lookup(name); taken; _, taken = definitions.Lookup(name) {
			name += "_"
		}
		definitions.Set(name, nil) // the place is taken
		targets[other.id] = "#/definitions/" + escapePointer(name)
	}
	rewrite(root, s, targets)
	for _, other := range others {
		tree := jsontree.Clone(other.tree).(*jsontree.Object)
		tree.Delete("$id")
		tree.Delete("$schema")
		rewrite(tree, other, targets)
		definitions.Set(unescapePointer(strings.TrimPrefix(targets[other.id], "#/definitions/")), tree)
	}
	if len(definitions.Members) > 0 {
		root.Set("definitions", definitions)
	}
	return root
}

// rewrite turns the references of a schema out of from into references within
// a bundle.
func rewrite(v any, from *source, targets map[string]string) {
	node, ok := v.(*jsontree.Object)
	if !ok {
		return
	}
	if ref, ok := node.Lookup("$ref"); ok {
		document, fragment, _ := strings.Cut(absolute(ref.(string), from), "#")
		node.Set("$ref", targets[document]+fragment)
	}
	for _, inner := range children(node, "", "") {
		rewrite(inner.value, from, targets)
	}
}
