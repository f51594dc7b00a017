package payload

import (
	"encoding/json"
	"math/rand/v2"
	"strconv"

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
)

// step goes from a value to one inside of it: to a member, or to an element
// when name is empty.
type step struct {
	name  string
	index int
}

// place is where a value stands in an event.
type place []step

// String writes it as jsontree reads it.
func (p place) String() string {
	s := ""
	for _, st := range p {
		if st.name == "" {
			s = jsontree.JoinIndex(s, st.index)
		} else {
			s = jsontree.JoinName(s, st.name)
		}
	}
	return s
}

func (p place) to(s step) place { return append(p[:len(p):len(p)], s) }

// last is the name of the innermost member on the way.
func (p place) last() string {
	for i := len(p) - 1; i >= 0; i-- {
		if p[i].name != "" {
			return p[i].name
		}
	}
	return ""
}

// get is the value at a place and whether there is one.
func get(v any, p place) (any, bool) {
	for _, s := range p {
		switch at := v.(type) {
		case *jsontree.Object:
			inner, ok := at.Lookup(s.name)
			if !ok || s.name == "" {
				return nil, false
			}
			v = inner
		case []any:
			if s.name != "" || s.index >= len(at) {
				return nil, false
			}
			v = at[s.index]
		default:
			return nil, false
		}
	}
	return v, true
}

// set puts a value at a place and reports whether there is such a place; a
// member that is missing is added. The root cannot be replaced.
func set(root any, p place, value any) bool {
	if len(p) == 0 {
		return false
	}
	parent, ok := get(root, p[:len(p)-1])
	if !ok {
		return false
	}
	s := p[len(p)-1]
	switch at := parent.(type) {
	case *jsontree.Object:
		if s.name == "" {
			return false
		}
		at.Set(s.name, value)
		return true
	case []any:
		if s.name == "" && s.index < len(at) {
			at[s.index] = value
			return true
		}
	}
	return false
}

// drop removes a member, where there is one.
func drop(root any, p place) {
	if len(p) == 0 {
		return
	}
	parent, _ := get(root, p[:len(p)-1])
	if object, ok := parent.(*jsontree.Object); ok {
		object.Delete(p[len(p)-1].name)
	}
}

// reach makes sure that the value which a place stands in is there: what is
// null or empty on the way is filled with what its schema takes.
func reach(root any, p place, top *view, s *synth) {
	v := top
	for i := range p {
		at := p[:i+1]
		if v != nil {
			if p[i].name == "" {
				v = v.items
			} else {
				v = v.lookup(p[i].name)
			}
		}
		if v == nil || i == len(p)-1 {
			return
		}
		here, there := get(root, at)
		next := p[i+1]
		switch {
		case next.name == "":
			list, isList := here.([]any)
			if (!isList || next.index >= len(list)) && v.items != nil {
				for next.index >= len(list) {
					list = append(list, s.value(v.items, 0))
				}
				set(root, at, list)
			}
		case !there || here == nil:
			if filled := s.object(v, 0); filled != nil {
				set(root, at, filled)
			}
		}
	}
}

// synth makes values that a schema takes, where an event has none to start from.
type synth struct {
	rand *rand.Rand
	now  int64 // Unix seconds
}

// deepest bounds what a schema that contains itself can lead to.
const deepest = 6

func (s *synth) value(v *view, depth int) any {
	if len(v.enum) > 0 {
		return v.enum[0]
	}
	for _, n := range v.nodes {
		if n.hasConst {
			return n.constant
		}
	}
	switch {
	case v.takes("object") && len(v.members) > 0 && depth < deepest:
		return s.object(v, depth)
	case v.types == nil:
		return "texto"
	case v.takes("string"):
		return s.text(v)
	case v.takes("integer"):
		return s.integer(v)
	case v.takes("boolean"):
		return true
	case v.takes("array"):
		list := []any{}
		for len(list) < v.minItems && v.items != nil && depth < deepest {
			list = append(list, s.value(v.items, depth+1))
		}
		return list
	case v.takes("object"):
		return &jsontree.Object{}
	default:
		return nil
	}
}

func (s *synth) object(v *view, depth int) any {
	if !v.takes("object") {
		return nil
	}
	o := &jsontree.Object{}
	for _, m := range v.members {
		if !m.required {
			continue
		}
		if timely(m.name, m.view) {
			o.Set(m.name, json.Number(strconv.FormatInt(s.now, 10)))
			continue
		}
		o.Set(m.name, s.value(m.view, depth+1))
	}
	return o
}

func (s *synth) integer(v *view) any {
	if v.min.set {
		if n, ok := integer(v.min.value); ok {
			if v.min.exclusive {
				n++
			}
			return json.Number(strconv.FormatInt(max(n, 1), 10))
		}
	}
	if v.max.set {
		return v.max.value
	}
	return json.Number("1")
}

func (s *synth) text(v *view) any {
	switch {
	case v.pattern != nil:
		return matching(v.pattern.String(), s.rand)
	case v.format != "":
		return formatted(v.format)
	}
	text := "texto"
	for len(text) < v.minLength {
		text += "o"
	}
	if v.maxLength >= 0 && len(text) > v.maxLength {
		text = text[:v.maxLength]
	}
	return text
}

// formatted is a value of a format.
func formatted(format string) string {
	switch format {
	case "email", "idn-email":
		return "alguien@example.com"
	case "uri", "iri", "uri-reference", "iri-reference", "uri-template":
		return "https://example.com/a"
	case "date-time":
		return "2026-01-31T10:00:00Z"
	case "date":
		return "2026-01-31"
	case "time":
		return "10:00:00Z"
	case "hostname":
		return "example.com"
	case "ipv4":
		return "192.0.2.1"
	case "ipv6":
		return "2001:db8::1"
	case "uuid":
		return "2f1c9a52-8f5d-4b7e-9d0c-2b6a1f0e7c11"
	default:
		return ""
	}
}
