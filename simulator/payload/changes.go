package payload

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
)

// Change is one difference between a payload and the normal event.
type Change struct {
	Path  string `json:"path"`
	Plain string `json:"plain"` // "" when it has no such member
	Here  string `json:"here"`  // "" when it is missing
}

// Changes lists how a payload differs from the normal event, but for identities
// and times.
func Changes(plain, tree any) []Change {
	var list []Change
	for _, e := range differences(plain, tree) {
		if e.identity() {
			continue
		}
		change := Change{Path: e.place.String()}
		if was, there := get(plain, e.place); there {
			change.Plain = Shown(was)
		}
		if !e.drop {
			change.Here = Shown(e.value)
		}
		list = append(list, change)
	}
	return list
}

// Shown is a value as JSON, cut to a length that people read: then how many characters
// it has stands behind it, "…(5000)".
func Shown(v any) string {
	text := []rune(string(jsontree.Encode(v, jsontree.Plain)))
	if len(text) <= 160 {
		return string(text)
	}
	length := len(text)
	if s, is := v.(string); is {
		length = utf8.RuneCountInString(s)
	}
	return fmt.Sprintf("%s…(%d)", string(text[:150]), length)
}

// edit is one difference between two trees: a value that is another one, or a
// member that is missing.
type edit struct {
	place place
	value any
	drop  bool
}

// differences lists what has to be changed in one tree to make it the other.
// Arrays of different lengths are one difference.
func differences(from, to any) []edit {
	var list []edit
	var compare func(a, b any, p place)
	compare = func(a, b any, p place) {
		switch x := a.(type) {
		case *jsontree.Object:
			y, ok := b.(*jsontree.Object)
			if !ok {
				break
			}
			for _, m := range x.Members {
				at := p.to(step{name: m.Name})
				if other, there := y.Lookup(m.Name); there {
					compare(m.Value, other, at)
				} else {
					list = append(list, edit{place: at, drop: true})
				}
			}
			for _, m := range y.Members {
				if _, there := x.Lookup(m.Name); !there {
					list = append(list, edit{place: p.to(step{name: m.Name}), value: m.Value})
				}
			}
			return
		case []any:
			y, ok := b.([]any)
			if !ok || len(x) != len(y) {
				break
			}
			for i := range x {
				compare(x[i], y[i], p.to(step{index: i}))
			}
			return
		}
		if !same(a, b) {
			list = append(list, edit{place: p, value: b})
		}
	}
	compare(from, to, nil)
	return list
}

// identity reports whether only another identity or time stands there: what
// tells two normal events apart, and what no receiver should fail on.
func (e edit) identity() bool {
	name := e.place.last()
	text, isText := e.value.(string)
	if isText && isID(text) {
		return true
	}
	switch name {
	case "number", "email", "permalink", "code", "reference", "tracking_code":
		return isText && text != "" && len(text) < 100
	}
	_, isNumber := e.value.(json.Number)
	return isNumber && strings.HasSuffix(name, "_at") && e.value != json.Number("0")
}
