package strictyaml

import (
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/schemas/nearest"
)

// Reader is a type that reads its own value where its Go type does not say
// what is wanted: keys in the order in which they are written, a text or a
// list, keys that stand in a table.
type Reader interface{ ReadYAML(n Node) }

// Node is a value of a file.
type Node struct {
	file *File
	node ast.Node
	path string
}

// Pair is one key of a mapping and its value.
type Pair struct {
	Key   string
	Value Node

	key ast.Node
}

// Path is the place of the node, such as "cases[0].steps[1]".
func (n Node) Path() string { return n.path }

// Fail adds a mistake at the node.
func (n Node) Fail(es, en string, args ...any) { n.file.reject(n.node, n.path, es, en, args...) }

// Fail adds a mistake at the key.
func (p Pair) Fail(es, en string, args ...any) {
	p.Value.file.reject(p.key, p.Value.path, es, en, args...)
}

// Into reads the node into what to points at, as Read does. It reports whether
// nothing was wrong.
func (n Node) Into(to any) bool {
	before := len(n.file.mistakes)
	n.file.into(n, to)
	return len(n.file.mistakes) == before
}

// Text gives a text, or a number as it is written; ok is false for anything
// else.
func (n Node) Text() (text string, ok bool) {
	switch v := n.node.(type) {
	case *ast.StringNode:
		return v.Value, true
	case *ast.LiteralNode:
		return v.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode:
		return v.GetToken().Value, true
	default:
		return "", false
	}
}

// Pairs lists the keys of a mapping, in the order in which they are written. A
// key that stands twice is a mistake, and so is anything but a mapping.
func (n Node) Pairs() []Pair {
	if !n.file.enter(n) { // a mapping may merge itself
		return nil
	}
	defer n.file.leave()
	var pairs []*ast.MappingValueNode
	switch v := n.node.(type) {
	case *ast.MappingNode:
		pairs = v.Values
	case *ast.MappingValueNode:
		pairs = []*ast.MappingValueNode{v}
	default:
		n.mismatch(lang.Text{ES: "un bloque de claves con valores", EN: "keys with values"})
		return nil
	}
	var out []Pair
	seen := map[string]bool{}
	for _, p := range pairs {
		name := p.Key.GetToken().Value
		pair := Pair{Key: name, Value: n.child(p.Value, member(n.path, name)), key: p.Key}
		switch {
		case p.Key.IsMergeKey():
			continue
		case seen[name]:
			pair.Fail("la clave %q está dos veces", "the key %q stands twice", name)
		default:
			out = append(out, pair)
		}
		seen[name] = true
	}
	for _, p := range pairs {
		if !p.Key.IsMergeKey() {
			continue
		}
		for _, from := range n.child(p.Value, n.path).mappings() {
			for _, pair := range from.Pairs() {
				if !seen[pair.Key] { // what is written itself comes before what is merged in
					out = append(out, pair)
				}
				seen[pair.Key] = true
			}
		}
	}
	return out
}

// mappings are what a merge key (<<) brings in: one mapping or a list of them.
func (n Node) mappings() []Node {
	if _, ok := n.node.(*ast.SequenceNode); ok {
		return n.Elements()
	}
	return []Node{n}
}

// IsList reports whether the node is a list.
func (n Node) IsList() bool { _, ok := n.node.(*ast.SequenceNode); return ok }

// IsMapping reports whether the node holds keys with values.
func (n Node) IsMapping() bool {
	switch n.node.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return true
	}
	return false
}

// Elements lists the elements of a list; anything else is a mistake.
func (n Node) Elements() []Node {
	list, ok := n.node.(*ast.SequenceNode)
	if !ok {
		n.mismatch(lang.Text{ES: "una lista, como [uno, dos]", EN: "a list, such as [one, two]"})
		return nil
	}
	out := make([]Node, len(list.Values))
	for i, v := range list.Values {
		out[i] = n.child(v, element(n.path, i))
	}
	return out
}

// Keys reads a mapping: every key into what the table has for it, a pointer
// that Read would take. A key that is not in the table is a mistake, with the
// known one that was probably meant.
func (n Node) Keys(table map[string]any) {
	for _, p := range n.Pairs() {
		if to, ok := table[p.Key]; ok {
			p.Value.Into(to)
			continue
		}
		var names []string
		for name := range table {
			names = append(names, name)
		}
		slices.Sort(names)
		p.unknown(names)
	}
}

func (p Pair) unknown(names []string) {
	if p.Value.file.full() { // the name that was meant takes a while to find
		p.Fail("no existe la clave %q", "unknown key %q", p.Key)
		return
	}
	hint := lang.DidYouMean(nearest.Name(p.Key, names))
	if hint.IsZero() {
		hint = lang.Textf(" (hay %s)", " (known: %s)", strings.Join(names, ", "))
	}
	p.Fail("no existe la clave %q%s", "unknown key %q%s", p.Key, hint)
}

func (n Node) mismatch(wanted lang.Text) {
	n.Fail("se esperaba %s, hay %s", "expected %s, found %s", wanted, n.kind())
}

// kind says what the node is.
func (n Node) kind() lang.Text {
	switch n.node.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return lang.Text{ES: "un bloque de claves con valores", EN: "keys with values"}
	case *ast.SequenceNode:
		return lang.Text{ES: "una lista", EN: "a list"}
	case *ast.StringNode, *ast.LiteralNode:
		return lang.Text{ES: "un texto", EN: "a text"}
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return lang.Text{ES: "un número", EN: "a number"}
	case *ast.BoolNode:
		return lang.Text{ES: "true o false sin comillas", EN: "true or false without quotes"}
	case *ast.NullNode:
		return lang.Text{ES: "nada", EN: "nothing"}
	default:
		return lang.Text{ES: "otra cosa", EN: "something else"}
	}
}

// child is a value within the node, behind its anchor, alias or tag.
func (n Node) child(v ast.Node, path string) Node {
	n.file.places[path] = first(v).Position
	return Node{n.file, n.file.resolve(v, path), path}
}

// resolve finds what an anchor names, an alias repeats and a tag stands before.
func (f *File) resolve(n ast.Node, path string) ast.Node {
	for hops := 0; ; hops++ {
		switch v := n.(type) {
		case *ast.AnchorNode:
			n = v.Value
		case *ast.TagNode:
			n = v.Value
		case *ast.AliasNode:
			name := v.Value.GetToken().Value
			known, ok := f.anchors[name]
			if !ok || hops > len(f.anchors) {
				f.reject(v, path, "no existe el alias %q", "there is no alias %q", name)
				return ast.Null(v.GetToken())
			}
			n = known
		default:
			return n
		}
	}
}
