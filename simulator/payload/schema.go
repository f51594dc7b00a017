package payload

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// node is one schema: the keywords that stand together in one place of one
// schema file. Nodes of the same place are the same node for all event kinds,
// so that what is counted about it is counted once.
type node struct {
	place      string // "order#/properties/status"
	types      []string
	enum       []any
	constant   any
	hasConst   bool
	min, max   bound
	minLength  int // -1: none, as below
	maxLength  int
	minItems   int
	maxItems   int
	unique     bool
	pattern    *regexp.Regexp
	format     string
	multiple   string
	closed     bool // additionalProperties is false
	required   []string
	properties []property
	items      *node
	tuple      []*node
	also       []*node // schemas that judge the same value: $ref, allOf, then ...
	provenance schemas.Provenance

	points pointSet
}

type property struct {
	name string
	node *node
}

// bound is minimum or maximum.
type bound struct {
	set, exclusive bool
	value          json.Number
}

// reader turns the schemas of a catalogue into nodes.
type reader struct {
	nodes  map[string]*node // by place
	root   *jsontree.Object // the bundle that is being read
	kind   string
	points []string // what there is to exercise, by point
}

// readKind reads the schema of an event kind.
func (r *reader) readKind(c *schemas.Catalogue, kind string) (*node, error) {
	data, err := c.Schema(kind)
	if err != nil {
		return nil, err
	}
	doc, err := jsontree.Parse(data)
	if err != nil {
		return nil, lang.Errorf("esquema de %s: %s", "schema of %s: %s", kind, err)
	}
	root, ok := doc.Root.(*jsontree.Object)
	if !ok {
		return nil, lang.Errorf("esquema de %s: no es un objeto", "schema of %s: no object", kind)
	}
	r.root, r.kind = root, kind
	return r.read(root, kind+"#"), nil
}

// read makes the node of a schema at a place, or finds the one that was made.
func (r *reader) read(v any, place string) *node {
	if n, known := r.nodes[place]; known {
		return n
	}
	n := &node{place: place, minLength: -1, maxLength: -1, minItems: -1, maxItems: -1}
	r.nodes[place] = n
	schema, ok := v.(*jsontree.Object)
	if !ok {
		return n // true or false: nothing to exercise
	}
	if ref, ok := schema.Lookup("$ref"); ok {
		// Draft-07 ignores what stands beside a $ref, but the provenance is
		// ours and means this use of it.
		n.also = append(n.also, r.follow(ref.(string)))
		if from, ok := schema.Lookup("x-provenance"); ok {
			r.keyword(n, "x-provenance", from, place)
		}
		return n
	}
	for _, m := range schema.Members {
		r.keyword(n, m.Name, m.Value, place)
	}
	r.number(n)
	return n
}

// follow reads what a $ref within the bundle points to. A definition is named
// after its schema file, which is the same in every bundle.
func (r *reader) follow(ref string) *node {
	pointer := strings.TrimPrefix(ref, "#")
	var v any = r.root
	var seen []string
	for _, token := range strings.Split(pointer, "/")[1:] {
		token = strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~")
		seen = append(seen, token)
		switch at := v.(type) {
		case *jsontree.Object:
			v, _ = at.Lookup(token)
		case []any:
			i, _ := strconv.Atoi(token)
			if i < 0 || i >= len(at) {
				return r.read(nil, r.kind+"#?"+ref)
			}
			v = at[i]
		}
	}
	place := r.kind + "#" + pointer
	if len(seen) >= 2 && seen[0] == "definitions" {
		place = seen[1] + "#"
		for _, token := range seen[2:] {
			place += "/" + token
		}
	}
	return r.read(v, place)
}

func (r *reader) keyword(n *node, name string, v any, place string) {
	at := place + "/" + name
	natural := func(to *int) {
		if i, err := strconv.Atoi(fmt.Sprint(v)); err == nil {
			*to = i
		}
	}
	switch name {
	case "type":
		switch t := v.(type) {
		case string:
			n.types = []string{t}
		case []any:
			for _, e := range t {
				n.types = append(n.types, fmt.Sprint(e))
			}
		}
	case "enum":
		n.enum, _ = v.([]any)
	case "const":
		n.constant, n.hasConst = v, true
	case "minimum", "exclusiveMinimum":
		n.min = bound{true, name == "exclusiveMinimum", v.(json.Number)}
	case "maximum", "exclusiveMaximum":
		n.max = bound{true, name == "exclusiveMaximum", v.(json.Number)}
	case "multipleOf":
		n.multiple = fmt.Sprint(v)
	case "minLength":
		natural(&n.minLength)
	case "maxLength":
		natural(&n.maxLength)
	case "minItems":
		natural(&n.minItems)
	case "maxItems":
		natural(&n.maxItems)
	case "uniqueItems":
		n.unique, _ = v.(bool)
	case "pattern":
		// A pattern that Go cannot read is not exercised; the validator, which
		// is written in Go as well, would not have taken it.
		n.pattern, _ = regexp.Compile(v.(string))
	case "format":
		n.format, _ = v.(string)
	case "required":
		for _, e := range v.([]any) {
			n.required = append(n.required, fmt.Sprint(e))
		}
	case "additionalProperties":
		n.closed = v == false
	case "properties":
		for _, m := range v.(*jsontree.Object).Members {
			n.properties = append(n.properties, property{m.Name, r.read(m.Value, at+"/"+m.Name)})
		}
	case "items":
		if list, ok := v.([]any); ok {
			for i, e := range list {
				n.tuple = append(n.tuple, r.read(e, at+"/"+strconv.Itoa(i)))
			}
		} else {
			n.items = r.read(v, at)
		}
	case "allOf", "anyOf", "oneOf":
		for i, e := range v.([]any) {
			n.also = append(n.also, r.read(e, at+"/"+strconv.Itoa(i)))
		}
	case "then", "else":
		n.also = append(n.also, r.read(v, at))
	case "x-provenance":
		n.provenance = schemas.Provenance(fmt.Sprint(v))
	}
}

// all lists the node and every node that judges the same value.
func (n *node) all() []*node {
	list := []*node{n}
	for i := 0; i < len(list); i++ {
		for _, other := range list[i].also {
			if !slices.Contains(list, other) {
				list = append(list, other)
			}
		}
	}
	return list
}

// view is all that the schemas say about the value in one place of an event.
type view struct {
	nodes    []*node
	types    []string // allowed; nil allows all
	enum     []any
	fixed    bool // by a const
	min, max bound
	// As in node; the narrowest.
	minLength, maxLength int
	minItems, maxItems   int
	unique               bool
	pattern              *regexp.Regexp
	format               string
	multiple             string
	closed               bool
	members              []member
	items                *view
	provenance           schemas.Provenance
}

type member struct {
	name     string
	view     *view
	required bool
}

// views makes views of nodes, each combination once, so that a schema which
// comes back to itself ends.
type views map[string]*view

func (vs views) of(nodes ...*node) *view {
	var all []*node
	for _, n := range nodes {
		for _, other := range n.all() {
			if !slices.Contains(all, other) {
				all = append(all, other)
			}
		}
	}
	var key strings.Builder
	for _, n := range all {
		key.WriteString(n.place)
		key.WriteByte('\n')
	}
	if v, known := vs[key.String()]; known {
		return v
	}
	v := &view{nodes: all, minLength: -1, maxLength: -1, minItems: -1, maxItems: -1}
	vs[key.String()] = v
	var names []string
	inner := map[string][]*node{}
	required := map[string]bool{}
	var items []*node
	for _, n := range all {
		v.narrow(n)
		for _, p := range n.properties {
			if inner[p.name] == nil {
				names = append(names, p.name)
			}
			inner[p.name] = append(inner[p.name], p.node)
		}
		for _, name := range n.required {
			required[name] = true
		}
		if n.items != nil {
			items = append(items, n.items)
		}
	}
	for _, name := range names {
		v.members = append(v.members, member{name, vs.of(inner[name]...), required[name]})
	}
	if len(items) > 0 {
		v.items = vs.of(items...)
	}
	return v
}

func (v *view) narrow(n *node) {
	switch {
	case n.types == nil:
	case v.types == nil:
		v.types = n.types
	default:
		// The narrower list wins; a branch of if/then may name fewer types than
		// the place takes, so a type is dropped only when another node forbids
		// it for every value, which the validator decides in the end.
		if len(n.types) > len(v.types) {
			v.types = n.types
		}
	}
	if n.enum != nil {
		v.enum = n.enum
	}
	v.fixed = v.fixed || n.hasConst
	if n.min.set {
		v.min = n.min
	}
	if n.max.set {
		v.max = n.max
	}
	v.minLength, v.minItems = max(v.minLength, n.minLength), max(v.minItems, n.minItems)
	if n.maxLength >= 0 && (v.maxLength < 0 || n.maxLength < v.maxLength) {
		v.maxLength = n.maxLength
	}
	if n.maxItems >= 0 && (v.maxItems < 0 || n.maxItems < v.maxItems) {
		v.maxItems = n.maxItems
	}
	v.unique = v.unique || n.unique
	if n.pattern != nil {
		v.pattern = n.pattern
	}
	if n.format != "" {
		v.format = n.format
	}
	if n.multiple != "" {
		v.multiple = n.multiple
	}
	v.closed = v.closed || n.closed
	if v.provenance == "" {
		v.provenance = n.provenance
	}
}

// takes reports whether a type is allowed.
func (v *view) takes(t string) bool {
	return v.types == nil || slices.Contains(v.types, t) || t == "integer" && slices.Contains(v.types, "number")
}

// lookup finds the view of a member.
func (v *view) lookup(name string) *view {
	for i := range v.members {
		if v.members[i].name == name {
			return v.members[i].view
		}
	}
	return nil
}
