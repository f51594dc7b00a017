package schemas_test

import (
	"encoding/json"
	"math/rand/v2"
	"strings"

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
)

// spot is a value of a tree that can be replaced, and how.
type spot struct {
	path   string
	value  any
	parent *jsontree.Object // of a member; nil for an element
	name   string
}

func spots(v any, at string) []spot {
	var list []spot
	switch v := v.(type) {
	case *jsontree.Object:
		for _, m := range v.Members {
			p := jsontree.JoinName(at, m.Name)
			list = append(append(list, spot{p, m.Value, v, m.Name}), spots(m.Value, p)...)
		}
	case []any:
		for i, e := range v {
			p := jsontree.JoinIndex(at, i)
			list = append(append(list, spot{p, e, nil, ""}), spots(e, p)...)
		}
	}
	return list
}

// mutate changes one to three things of an event and tells which.
func mutate(rng *rand.Rand, event any) string {
	var told []string
	for range 1 + rng.IntN(3) {
		all := spots(event, "")
		if len(all) == 0 {
			break
		}
		s := all[rng.IntN(len(all))]
		told = append(told, s.path+": "+mutateAt(rng, event, s))
	}
	return strings.Join(told, "; ")
}

func pick[T any](rng *rand.Rand, from ...T) T { return from[rng.IntN(len(from))] }

func mutateAt(rng *rand.Rand, event any, s spot) string {
	set := func(v any) {
		if err := jsontree.SetPath(event, s.path, v); err != nil {
			panic(err)
		}
	}
	switch rng.IntN(10) {
	case 0:
		if err := jsontree.DeletePath(event, s.path); err != nil {
			panic(err)
		}
		return "removed"
	case 1:
		if s.parent == nil {
			return "left alone"
		}
		name := pick(rng, s.name+"s", strings.ToUpper(s.name), "", "$ref", "id", "\x00", s.name+".x")
		for i := range s.parent.Members {
			if s.parent.Members[i].Name == s.name {
				s.parent.Members[i].Name = name
			}
		}
		return "renamed to " + name
	case 2:
		if s.parent == nil {
			return "left alone"
		}
		s.parent.Set(pick(rng, "metadata", "$ref", "id", "company", "token", s.name+"_new"), pick[any](rng, nil, "x", json.Number("1"), []any{}, &jsontree.Object{}))
		return "added"
	case 3:
		set(nil)
		return "null"
	case 4:
		v := pick[any](rng, "", "x", true, false, json.Number("0"), json.Number("-1"), []any{}, []any{nil}, &jsontree.Object{}, []any{&jsontree.Object{}})
		set(v)
		return "another type"
	}
	switch v := s.value.(type) {
	case string:
		next := mutateString(rng, v)
		set(next)
		return "string " + next
	case json.Number:
		next := pick[json.Number](rng, "0", "-1", "1", "-0", "1.0", "1.5", "1e3", "1E400", "-1E400", "1e-400", "0.1e1", "9007199254740993",
			"9223372036854775808", "123456789012345678901234567890", "-0.0", "1e-1", "12345678901234567890.5", "2")
		set(next)
		return "number " + string(next)
	case bool:
		set(!v)
		return "turned"
	case []any:
		next := append([]any(nil), v...)
		switch rng.IntN(3) {
		case 0:
			for _, e := range v {
				next = append(next, jsontree.Clone(e))
			}
		case 1:
			next = append(next, nest(rng.IntN(200)))
		default:
			next = []any{}
		}
		set(next)
		return "another array"
	case *jsontree.Object:
		if rng.IntN(2) == 0 {
			set(&jsontree.Object{})
			return "emptied"
		}
		set(nest(1 + rng.IntN(200)))
		return "nested"
	default:
		set(pick[any](rng, "x", json.Number("5"), true, []any{}))
		return "no longer null"
	}
}

func nest(depth int) any {
	var v any = "deep"
	for i := range depth {
		if i%2 == 0 {
			v = []any{v}
		} else {
			v = &jsontree.Object{Members: []jsontree.Member{{Name: "id", Value: v}}}
		}
	}
	return v
}

func mutateString(rng *rand.Rand, s string) string {
	switch rng.IntN(9) {
	case 0:
		return ""
	case 1:
		return s + "\n" // a $ that matches before a last newline would take it
	case 2:
		return strings.ToUpper(s)
	case 3:
		return strings.Repeat(s+"ñ", 1000)
	case 4:
		if s == "" {
			return " "
		}
		return s[1:]
	case 5:
		return pick(rng, "paid", "placed", "smart", "full", "parcial", "none", "refund", "order", "order.placed", "MXN", "mxn", "MX", "charge", "fulfilled")
	case 6:
		// Not "@example.com": the second validator takes it for an address,
		// wrongly; the table of formats has it.
		return pick(rng, "joe@example.com", "joe", "joe@", "Joe <joe@example.com>", "joe@@example.com", "jöe@example.com", "joe@exa mple.com",
			"joe.@example.com", "j..e@example.com", "joe@-example.com", "joe@example", "joe@example.com ", strings.Repeat("j", 65)+"@example.com", "joe+a@example.com")
	case 7:
		return pick(rng, "ord_cix9i2dss0000ro0412gpstv4", "ord_CIX9I2DSS0000RO0412GPSTV4", "ord_cix9i2dss0000ro0412gpstv", "evn_cix9i2dss0000ro0412gpstv4", "cus_cix9i2dss0000ro0412gpstv4x",
			"http://a", "https://", "ftp://a", "0", "00", "1.0", "٣", "x\x00", "\u2028", "😀")
	default:
		return s + pick(rng, "x", "0", " ", "é", "\x00", "\u0301")
	}
}
