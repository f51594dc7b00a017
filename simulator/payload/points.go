package payload

import (
	"encoding/json"
	"math/big"
	"slices"
	"strconv"
	"sync/atomic"
	"unicode/utf8"

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
)

// point is one thing that a schema allows and that can be seen in a value: a
// boundary, a null, a value of an enum, an optional member that is missing.
type point int

// pointSet is what one node has to be exercised for; zero values mean that
// there is nothing.
type pointSet struct {
	types                             map[string]point
	enum                              []point
	yes, no                           point
	min, max                          point
	minLength, maxLength              point
	shape                             point // pattern, format, const or multipleOf is kept
	minItems, maxItems, none, several point
	whole                             point            // an object with all that is required
	with, without                     map[string]point // optional members
}

// number gives a node its points.
func (r *reader) number(n *node) {
	add := func(what string) point {
		r.points = append(r.points, n.place+": "+what)
		return point(len(r.points))
	}
	p := &n.points
	takes := func(t string) bool { return slices.Contains(n.types, t) }
	if len(n.types) > 0 {
		p.types = map[string]point{}
		for _, t := range n.types {
			p.types[t] = add("type " + t)
		}
	}
	for _, e := range n.enum {
		p.enum = append(p.enum, add("enum "+string(jsontree.Encode(e, jsontree.Plain))))
	}
	if takes("boolean") && n.enum == nil && !n.hasConst {
		p.yes, p.no = add("true"), add("false")
	}
	if n.min.set {
		p.min = add("minimum")
	}
	if n.max.set {
		p.max = add("maximum")
	}
	if n.minLength >= 0 {
		p.minLength = add("minLength")
	}
	if n.maxLength >= 0 {
		p.maxLength = add("maxLength")
	}
	if n.pattern != nil || n.format != "" || n.hasConst || n.multiple != "" {
		p.shape = add("pattern, format or const")
	}
	if takes("array") {
		if n.minItems >= 0 {
			p.minItems = add("minItems")
		} else {
			p.none = add("no element")
		}
		if n.maxItems >= 0 {
			p.maxItems = add("maxItems")
		}
		if n.items != nil && (n.maxItems < 0 || n.maxItems > 1) {
			p.several = add("several elements")
		}
	}
	if len(n.required) > 0 {
		p.whole = add("required")
	}
	for _, prop := range n.properties {
		if slices.Contains(n.required, prop.name) || !r.reads(prop, n) {
			continue
		}
		if p.with == nil {
			p.with, p.without = map[string]point{}, map[string]point{}
		}
		p.with[prop.name], p.without[prop.name] = add(prop.name+" present"), add(prop.name+" absent")
	}
}

// reads reports whether a member that this node does not require is optional by
// it. A schema of a kind narrows members that the schema of all events requires;
// it says nothing about whether they may be missing.
func (r *reader) reads(prop property, n *node) bool {
	for _, other := range n.also {
		for _, o := range other.all() {
			if slices.Contains(o.required, prop.name) {
				return false
			}
		}
	}
	return n.place != r.kind+"#/properties/data"
}

// coverage counts points that were exercised. It is safe for concurrent use.
type coverage struct {
	names []string
	seen  []atomic.Bool
	count atomic.Int64
	total int
}

func newCoverage(names []string) *coverage {
	c := &coverage{names: names, seen: make([]atomic.Bool, len(names)+1)}
	for _, name := range names {
		if name != "" {
			c.total++
		}
	}
	return c
}

// settle drops what cannot be exercised in any event: the bounds of a value that
// a const fixes wherever it stands, such as the kind of an event.
func (vs views) settle(names []string) {
	open := map[*node]bool{}
	for _, v := range vs {
		for _, n := range v.nodes {
			open[n] = open[n] || !v.fixed || n.hasConst
		}
	}
	for n, is := range open {
		if is {
			continue
		}
		p := &n.points
		for _, bound := range []*point{&p.min, &p.max, &p.minLength, &p.maxLength, &p.shape} {
			if *bound != 0 {
				names[*bound-1], *bound = "", 0
			}
		}
	}
}

// missing names what was not exercised.
func (c *coverage) missing() (names []string) {
	for i, name := range c.names {
		if name != "" && !c.seen[i+1].Load() {
			names = append(names, name)
		}
	}
	return names
}

func (c *coverage) mark(p point) {
	if p != 0 && !c.seen[p].Load() && c.seen[p].CompareAndSwap(false, true) {
		c.count.Add(1)
	}
}

func (c *coverage) complete() bool { return int(c.count.Load()) == c.total }

// percent is how much was exercised; 100 only when all was.
func (c *coverage) percent() float64 {
	if c.total == 0 {
		return 100
	}
	return float64(c.count.Load()) * 100 / float64(c.total)
}

// book marks all that a valid value exercises.
func (c *coverage) book(vs *view, v any) {
	t := typeOf(v)
	for _, n := range vs.nodes {
		if n.types != nil && !slices.Contains(n.types, t) && (t != "integer" || !slices.Contains(n.types, "number")) {
			continue // a branch for values of another type
		}
		c.bookNode(n, v, t)
	}
	switch v := v.(type) {
	case *jsontree.Object:
		for _, m := range v.Members {
			if inner := vs.lookup(m.Name); inner != nil {
				c.book(inner, m.Value)
			}
		}
	case []any:
		if vs.items != nil {
			for _, e := range v {
				c.book(vs.items, e)
			}
		}
	}
}

func (c *coverage) bookNode(n *node, v any, t string) {
	p := &n.points
	c.mark(p.types[t])
	if t == "integer" {
		c.mark(p.types["number"])
	}
	for i, e := range n.enum {
		if same(e, v) {
			c.mark(p.enum[i])
		}
	}
	switch v := v.(type) {
	case bool:
		if v {
			c.mark(p.yes)
		} else {
			c.mark(p.no)
		}
	case json.Number:
		if atBound(n.min, v, 1) {
			c.mark(p.min)
		}
		if atBound(n.max, v, -1) {
			c.mark(p.max)
		}
		if n.multiple != "" || n.hasConst {
			c.mark(p.shape)
		}
	case string:
		length := utf8.RuneCountInString(v)
		if length == n.minLength {
			c.mark(p.minLength)
		}
		if length == n.maxLength {
			c.mark(p.maxLength)
		}
		c.mark(p.shape)
	case []any:
		if len(v) == n.minItems {
			c.mark(p.minItems)
		}
		if len(v) == n.maxItems {
			c.mark(p.maxItems)
		}
		if len(v) == 0 {
			c.mark(p.none)
		}
		if len(v) > 1 {
			c.mark(p.several)
		}
	case *jsontree.Object:
		c.mark(p.whole)
		for name := range p.with {
			if _, there := v.Lookup(name); there {
				c.mark(p.with[name])
			} else {
				c.mark(p.without[name])
			}
		}
	}
}

// typeOf names the JSON Schema type of a tree's value.
func typeOf(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case json.Number:
		if _, whole := integer(v); whole {
			return "integer"
		}
		if r, ok := new(big.Rat).SetString(short(v)); ok && r.IsInt() {
			return "integer"
		}
		return "number"
	case []any:
		return "array"
	default:
		return "object"
	}
}

// integer reads a whole number as schemas and events mostly have them.
func integer(n json.Number) (int64, bool) {
	i, err := strconv.ParseInt(string(n), 10, 64)
	return i, err == nil
}

// short keeps a number with a huge exponent from being written out.
func short(n json.Number) string {
	if len(n) > 40 {
		return ""
	}
	for i := range len(n) {
		if (n[i] == 'e' || n[i] == 'E') && len(n)-i > 4 {
			return ""
		}
	}
	return string(n)
}

// atBound reports whether a number is the last one that a bound allows; among
// whole numbers that is one step inside of an exclusive one.
func atBound(b bound, v json.Number, inward int64) bool {
	if !b.set {
		return false
	}
	if l, whole := integer(b.value); whole {
		if n, whole := integer(v); whole {
			return n == l && !b.exclusive || n == l+inward && b.exclusive
		}
	}
	limit, ok := new(big.Rat).SetString(short(b.value))
	if !ok {
		return false
	}
	n, ok := new(big.Rat).SetString(short(v))
	if !ok {
		return false
	}
	if b.exclusive {
		limit.Add(limit, big.NewRat(inward, 1))
		// Between the bound and the next whole number is as near.
		if inward > 0 {
			return n.Cmp(limit) <= 0
		}
		return n.Cmp(limit) >= 0
	}
	return n.Cmp(limit) == 0
}

// same compares two values of trees.
func same(a, b any) bool {
	if x, ok := a.(json.Number); ok {
		y, ok := b.(json.Number)
		if !ok {
			return false
		}
		if x == y {
			return true
		}
		p, ok1 := new(big.Rat).SetString(short(x))
		q, ok2 := new(big.Rat).SetString(short(y))
		return ok1 && ok2 && p.Cmp(q) == 0
	}
	switch a.(type) {
	case string, bool, nil:
		return a == b
	default:
		return string(jsontree.Encode(a, jsontree.Plain)) == string(jsontree.Encode(b, jsontree.Plain))
	}
}
