package schemas

import (
	"encoding/json"
	"slices"
	"sort"

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// maxDepth is how deep a value may be nested to be validated.
const maxDepth = 10_000

// valueError says that an event holds what no validator may see.
type valueError struct {
	path []any // innermost step first: it grows on the way out
	what lang.Text
}

// Error implements error.
func (e *valueError) Error() string { return e.In(lang.English) }

// In implements lang.Bilingual.
func (e *valueError) In(tag lang.Tag) string {
	path := slices.Clone(e.path)
	slices.Reverse(path)
	return placeOf(path).In(tag) + " " + e.what.In(tag)
}

// native turns an event into what gojsonschema may see: map, slice, string,
// json.Number, bool and nil. The validator passes Go numbers and structs
// without a look, so anything else is refused here: a mistake of the caller.
func native(v any, depth int) (any, *valueError) {
	if depth > maxDepth {
		return nil, &valueError{what: lang.Textf("tiene más de %d niveles", "is nested deeper than %d", maxDepth)}
	}
	switch t := v.(type) {
	case string, bool, nil:
		return v, nil
	case json.Number:
		if !jsontree.ValidNumber(string(t)) {
			return nil, &valueError{what: lang.Textf("es json.Number %q, que no es un número de JSON", "is json.Number %q, which is no number of JSON", string(t))}
		}
		return v, nil
	case *jsontree.Object:
		if t == nil {
			return nil, nil
		}
		m := make(map[string]any, len(t.Members))
		for i := range t.Members {
			e, err := native(t.Members[i].Value, depth+1)
			if err != nil {
				return nil, err.in(t.Members[i].Name)
			}
			m[t.Members[i].Name] = e
		}
		return m, nil
	case map[string]any:
		m := make(map[string]any, len(t))
		for name, e := range t {
			e, err := native(e, depth+1)
			if err != nil {
				return nil, err.in(name)
			}
			m[name] = e
		}
		return m, nil
	case []any:
		a := make([]any, len(t))
		for i, e := range t {
			e, err := native(e, depth+1)
			if err != nil {
				return nil, err.in(i)
			}
			a[i] = e
		}
		return a, nil
	default:
		return nil, &valueError{what: lang.Textf("es un %T de Go, que un validador dejaría pasar: hágalo un árbol con jsontree.Of", "is a Go %T, which a validator would pass unseen: make a tree of it with jsontree.Of", v)}
	}
}

// in adds the step that leads to where the error is. The path of a value that
// is nested too deep would be as long as it is deep, so it is cut.
func (e *valueError) in(step any) *valueError {
	const long = 32
	if len(e.path) == long {
		e.path = e.path[1:]
	}
	e.path = append(e.path, step)
	return e
}

func placeOf(path []any) lang.Text {
	if p := joinPath(path); p != "" {
		return lang.Same(p)
	}
	return lang.Text{ES: "el evento", EN: "the event"}
}

func joinPath(path []any) string {
	out := ""
	for _, s := range path {
		switch s := s.(type) {
		case int:
			out = jsontree.JoinIndex(out, s)
		case string:
			out = jsontree.JoinName(out, s)
		}
	}
	return out
}

// member looks up a member of an object of either form and tells its place
// among the others: in a tree its position, in a map its alphabetical one.
func member(v any, name string) (value any, place int, ok bool) {
	switch o := v.(type) {
	case *jsontree.Object:
		if o == nil {
			return nil, 0, false
		}
		for i := len(o.Members) - 1; i >= 0; i-- {
			if o.Members[i].Name == name {
				return o.Members[i].Value, i, true
			}
		}
	case map[string]any:
		if value, ok = o[name]; !ok {
			return nil, 0, false
		}
		for other := range o {
			if other < name {
				place++
			}
		}
		return value, place, true
	}
	return nil, 0, false
}

// memberNames lists the names of an object of either form.
func memberNames(v any) []string {
	switch o := v.(type) {
	case *jsontree.Object:
		if o != nil {
			return o.Names()
		}
	case map[string]any:
		names := make([]string, 0, len(o))
		for name := range o {
			names = append(names, name)
		}
		sort.Strings(names)
		return names
	}
	return nil
}
