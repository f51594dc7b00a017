package schemas

import (
	"encoding/json"
	"fmt"
	"sort"

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
)

// maxDepth is how deep a value may be nested to be validated.
const maxDepth = 10_000

// native turns an event into what gojsonschema may see: map, slice, string,
// json.Number, bool and nil. The validator passes Go numbers and structs
// without a look, so anything else is refused here: a mistake of the caller.
func native(v any, path []any) (any, error) {
	if len(path) > maxDepth {
		return nil, fmt.Errorf("the event is nested deeper than %d", maxDepth)
	}
	switch v := v.(type) {
	case *jsontree.Object:
		if v == nil {
			return nil, nil
		}
		m := make(map[string]any, len(v.Members))
		for i := range v.Members {
			e, err := child1(v.Members[i].Value, path, v.Members[i].Name)
			if err != nil {
				return nil, err
			}
			m[v.Members[i].Name] = e
		}
		return m, nil
	case map[string]any:
		m := make(map[string]any, len(v))
		for name, e := range v {
			e, err := child1(e, path, name)
			if err != nil {
				return nil, err
			}
			m[name] = e
		}
		return m, nil
	case []any:
		a := make([]any, len(v))
		for i, e := range v {
			e, err := child1(e, path, i)
			if err != nil {
				return nil, err
			}
			a[i] = e
		}
		return a, nil
	case json.Number:
		if !jsontree.ValidNumber(string(v)) {
			return nil, fmt.Errorf("%s: json.Number %q is no number of JSON", placeOf(path), string(v))
		}
		return v, nil
	case string, bool, nil:
		return v, nil
	default:
		return nil, fmt.Errorf("%s is a Go %T, which a validator would pass unseen: make a tree of it with jsontree.Of", placeOf(path), v)
	}
}

// child1 is native of one element; scalars, which are nearly all, skip the
// growing of the path.
func child1(v any, path []any, step any) (any, error) {
	switch v.(type) {
	case string, bool, nil:
		return v, nil
	}
	return native(v, append(path, step))
}

func placeOf(path []any) string {
	if p := joinPath(path); p != "" {
		return p
	}
	return "the event"
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
