package main

import (
	"errors"
	"fmt"
	"sort"
	"strings"
	"time"

	yamlerrors "github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// A YAML document is read by a table of keys, each with what reads its value.
// Unlike a decoder into a struct, which ends at its first mistake, this finds
// all of them, and each knows the line that it stands in.
type (
	reading func(r *yamlReader, n ast.Node)
	keys    map[string]reading
)

type yamlReader struct {
	file string // as shown
	data []byte
	errs []error
}

// readYAML reads one document into whatever the readings of the table fill. An
// empty document is read like one without keys.
func readYAML(file string, data []byte, table keys) error {
	r := &yamlReader{file: file, data: data}
	root, err := r.parse()
	if err != nil {
		return err
	}
	if root != nil {
		r.mapping(root, table)
	}
	return errors.Join(r.errs...)
}

func (r *yamlReader) parse() (root ast.Node, err error) {
	// The parser is a third party's and what it reads is anyone's.
	defer func() {
		if p := recover(); p != nil {
			err = lang.Errorf("%s: no es YAML: %v", "%s: no YAML: %v", r.file, p)
		}
	}()
	parsed, err := parser.ParseBytes(r.data, 0)
	if err != nil {
		var bad yamlerrors.Error
		if errors.As(err, &bad) && bad.GetToken() != nil {
			p := bad.GetToken().Position
			return nil, r.failAt(p.Line, p.Column, "no es YAML: %s", "no YAML: %s", lang.Said(bad.GetMessage()))
		}
		return nil, lang.Errorf("%s: no es YAML: %s", "%s: no YAML: %s", r.file, err)
	}
	for _, doc := range parsed.Docs {
		switch {
		case doc.Body == nil || doc.Body.Type() == ast.NullType || doc.Body.Type() == ast.CommentType:
		case root != nil:
			return nil, r.failNode(doc.Body, "un segundo documento; deje solo uno", "a second document; keep only one")
		default:
			root = doc.Body
		}
	}
	return root, nil
}

// failAt makes an error with file, line, column, the line itself and a caret.
func (r *yamlReader) failAt(line, column int, es, en string, args ...any) error {
	place := fmt.Sprintf("%s:%d:%d", r.file, line, column)
	excerpt := jsontree.Excerpt(r.data, line, column)
	all := append(append([]any{place}, args...), excerpt)
	return lang.Errorf("%s: "+es+"\n%s", "%s: "+en+"\n%s", all...)
}

func (r *yamlReader) failNode(n ast.Node, es, en string, args ...any) error {
	p := n.GetToken().Position
	return r.failAt(p.Line, p.Column, es, en, args...)
}

func (r *yamlReader) fail(n ast.Node, es, en string, args ...any) {
	r.errs = append(r.errs, r.failNode(n, es, en, args...))
}

// pairs lists the members of a mapping; nil, and a complaint, for anything else.
func (r *yamlReader) pairs(n ast.Node) []*ast.MappingValueNode {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}
	default:
		r.fail(n, "se esperaban claves con valores, hay %s", "expected keys with values, found %s", found(n))
		return nil
	}
}

func (r *yamlReader) mapping(n ast.Node, table keys) {
	names := make([]string, 0, len(table))
	for name := range table {
		names = append(names, name)
	}
	sort.Strings(names)
	seen := map[string]bool{}
	for _, pair := range r.pairs(n) {
		name := pair.Key.GetToken().Value
		read, known := table[name]
		switch {
		case !known:
			hint := lang.DidYouMean(schemas.Suggest(name, names))
			if hint.IsZero() {
				all := strings.Join(names, ", ")
				hint = lang.Text{ES: " (hay " + all + ")", EN: " (known: " + all + ")"}
			}
			r.fail(pair.Key, "no existe la clave %q%s", "unknown key %q%s", name, hint)
		case seen[name]:
			r.fail(pair.Key, "la clave %q está dos veces", "the key %q stands twice", name)
		default:
			read(r, pair.Value)
		}
		seen[name] = true
	}
}

// found names a node's kind in a way that is the same in both languages.
func found(n ast.Node) string {
	if n == nil {
		return "null"
	}
	return strings.ToLower(n.Type().String())
}

// scalar gives the text of a string or number; booleans and nulls are neither.
func (r *yamlReader) scalar(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode:
		return n.GetToken().Value, true
	default:
		return "", false
	}
}

func text(to *string) reading {
	return func(r *yamlReader, n ast.Node) {
		value, ok := r.scalar(n)
		if !ok || value == "" {
			r.fail(n, "se esperaba un texto, hay %s", "expected a text, found %s", found(n))
			return
		}
		*to = value
	}
}

// checked reads a text and complains in its place when check does.
func checked(to *string, check func(string) error) reading {
	return func(r *yamlReader, n ast.Node) {
		before := len(r.errs)
		text(to)(r, n)
		if len(r.errs) > before {
			return
		}
		if err := check(*to); err != nil {
			r.fail(n, "%s", "%s", err)
		}
	}
}

func duration(to *time.Duration) reading {
	return func(r *yamlReader, n ast.Node) {
		value, ok := r.scalar(n)
		d, err := parseDuration(value)
		if !ok || err != nil {
			r.fail(n, "se esperaba una duración con unidad, como 10s, 5m o 48h", "expected a duration with its unit, such as 10s, 5m or 48h")
			return
		}
		*to = d
	}
}

// parseDuration reads a duration that is more than nothing.
func parseDuration(value string) (time.Duration, error) {
	d, err := time.ParseDuration(value)
	if err == nil && d <= 0 {
		err = errors.New("not positive")
	}
	return d, err
}

func list(to *[]string, check func(string) error) reading {
	return func(r *yamlReader, n ast.Node) {
		sequence, ok := n.(*ast.SequenceNode)
		if !ok || len(sequence.Values) == 0 {
			r.fail(n, "se esperaba una lista, como [uno, dos], hay %s", "expected a list, such as [one, two], found %s", found(n))
			return
		}
		for _, item := range sequence.Values {
			var value string
			checked(&value, check)(r, item)
			*to = append(*to, value)
		}
	}
}

// argv reads a command as a list of words, because no shell is put in between.
func argv(to *[]string) reading {
	return func(r *yamlReader, n ast.Node) {
		if value, ok := r.scalar(n); ok {
			r.fail(n, "un comando es una lista de palabras, sin shell: [%s]", "a command is a list of words, without a shell: [%s]",
				strings.Join(strings.Fields(value), ", "))
			return
		}
		list(to, func(string) error { return nil })(r, n)
	}
}

func object(table keys) reading {
	return func(r *yamlReader, n ast.Node) { r.mapping(n, table) }
}
