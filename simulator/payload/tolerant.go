package payload

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
)

// tolerate lists what a platform adds over the years: members at every level,
// and values of enums.
func tolerate(top *view) []mutation {
	var list []mutation
	add := func(p place, name string, v any) {
		list = append(list, mutation{place: p.to(step{name: name}), label: string(jsontree.Encode(v, jsontree.Plain)), value: constant(v)})
	}
	eachView(top, func(v *view, p place, _ bool) {
		if len(v.members) > 0 && !v.closed {
			add(p, "loyalty_points", json.Number("120"))
			add(p, "metadata", &jsontree.Object{Members: []jsontree.Member{{Name: "canal", Value: "app"}, {Name: "extra", Value: nil}}})
			add(p, "labels", []any{"nuevo", json.Number("1.5"), true})
		}
		if len(v.enum) > 0 && !v.fixed && slices.Contains(v.types, "string") && !structural(p) {
			list = append(list, mutation{place: p, label: `"on_hold"`, value: constant("on_hold"), soft: true})
		}
	})
	return list
}

// outside makes a case of the tolerant phase. It may break the schema, on
// purpose and only where a schema grows.
func (g *Generator) outside(index, n uint64, r *rand.Rand) (*Case, error) {
	k := g.kinds[n%uint64(len(g.kinds))]
	round := n / uint64(len(g.kinds))
	var some []*mutation
	switch {
	case len(k.tolerant) == 0:
	case round < uint64(len(k.tolerant)):
		some = append(some, &k.tolerant[round])
	default:
		for range 1 + r.IntN(4) {
			some = append(some, &k.tolerant[r.IntN(len(k.tolerant))])
		}
	}
	c, err := g.draft(k, g.story(index, 0))
	if err != nil {
		return nil, err
	}
	g.apply(c, k, r, some)
	return c, nil
}

// eachView shows a view and all that are in it, from the top, with their places and
// whether they are required there. One inside itself is shown once.
func eachView(top *view, see func(v *view, p place, required bool)) {
	var walk func(v *view, p place, required bool, open []*view)
	walk = func(v *view, p place, required bool, open []*view) {
		if slices.Contains(open, v) {
			return
		}
		open = append(open[:len(open):len(open)], v)
		see(v, p, required)
		for _, m := range v.members {
			walk(m.view, p.to(step{name: m.name}), m.required, open)
		}
		if v.items != nil {
			walk(v.items, p.to(step{}), false, open)
		}
	}
	walk(top, nil, false, nil)
}

// violate lists the ways of breaking one rule of the schema at a time.
func violate(top *view) []mutation {
	var list []mutation
	eachView(top, func(v *view, p place, required bool) {
		if len(p) > 0 {
			if required {
				list = append(list, mutation{place: p, label: "missing"})
			}
			list = append(list, wrong(v, p)...)
		}
	})
	return list
}

func wrong(v *view, p place) []mutation {
	var list []mutation
	add := func(label string, value any) {
		list = append(list, mutation{place: p, label: label, value: constant(value)})
	}
	if v.types == nil {
		return nil
	}
	for _, other := range []struct {
		is    string
		label string
		value any
	}{
		{"string", "a text", "texto"},
		{"integer", "a number", json.Number("7")},
		{"boolean", "true", true},
		{"array", "[]", []any{}},
		{"object", "{}", &jsontree.Object{}},
		{"null", "null", nil},
	} {
		if !v.takes(other.is) {
			add(other.label, other.value)
		}
	}
	if slices.Contains(v.types, "integer") {
		add("1.5", json.Number("1.5"))
		add(`a number in quotes`, "7")
	}
	if v.min.set {
		add("-1", json.Number("-1"))
		add("-2147483649", json.Number("-2147483649"))
	}
	if len(v.enum) > 0 || v.fixed {
		add(`""`, "")
	}
	if v.format != "" || v.pattern != nil {
		add("not in its format", "no es válido\n")
	}
	if v.minLength > 0 {
		add("too short", strings.Repeat("x", v.minLength-1))
	}
	if v.maxLength >= 0 {
		add("too long", strings.Repeat("x", v.maxLength+1))
	}
	if v.max.set {
		add("9007199254740991", json.Number("9007199254740991"))
	}
	if v.maxItems >= 0 && v.items != nil {
		list = append(list, mutation{place: p, label: "too many", value: sized(v, v.maxItems+1)})
	}
	return list
}

// nearValid breaks one rule. Where the schema takes it all the same the next one
// is broken.
func (g *Generator) nearValid(index, n uint64, r *rand.Rand) (*Case, error) {
	k := g.kinds[n%uint64(len(g.kinds))]
	for try := range uint64(8) {
		c, err := g.draft(k, g.story(index, 0))
		if err != nil || len(k.broken) == 0 {
			return c, err
		}
		// A step that shares no factor with most lengths, so that neighbours in
		// time are not neighbours in the event.
		at := (n/uint64(len(g.kinds))*97 + try) % uint64(len(k.broken))
		m := &k.broken[at]
		g.apply(c, k, r, []*mutation{m})
		if len(c.changed) > 0 && g.cfg.Catalogue.Validate(k.Name, c.Tree) != nil {
			c.Class = Invalid
			return c, nil
		}
	}
	return g.draft(k, g.story(index, 0))
}

// exceed lists what is valid and beyond any shop.
func exceed(top *view) []mutation {
	var list []mutation
	eachView(top, func(v *view, p place, _ bool) {
		add := func(label string, value func(any, *synth) any) {
			list = append(list, mutation{place: p, label: label, value: value, odd: true})
		}
		if len(p) > 0 && !fixed(p, v) && v.types != nil {
			if v.takes("integer") && !v.max.set && v.multiple == "" {
				add("9007199254740991", constant(json.Number("9007199254740991")))
				add("9223372036854775807", constant(json.Number("9223372036854775807")))
			}
			if v.takes("string") && v.pattern == nil && v.format == "" && v.maxLength < 0 && len(v.enum) == 0 {
				add("100 kB", func(any, *synth) any { return prose(100_000) })
				if written(p.last()) {
					add("10 MB", func(any, *synth) any { return prose(10_000_000) })
				}
			}
			if slices.Contains(v.types, "array") && v.items != nil && v.maxItems < 0 {
				if p.last() == "items" {
					list = append(list, mutation{place: p, label: "1000 elements", lines: 1000, odd: true})
				} else {
					add("1000 elements", sized(v, 1000))
				}
			}
		}
	})
	return list
}
