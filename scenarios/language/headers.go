package language

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// methods are those that an event can be sent with.
func methods() []string {
	return []string{
		http.MethodPost, http.MethodGet, http.MethodHead, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions,
	}
}

// MethodOrPost is the HTTP method.
func (d *Deliver) MethodOrPost() string { return cmp.Or(d.Method, http.MethodPost) }

// ChangedHeader applies a step's changes to the header of a delivery. A field
// without a value is left out.
func (d *Deliver) ChangedHeader(base []wire.Field) []wire.Field {
	var over []wire.Field
	for _, name := range slices.Sorted(maps.Keys(d.Header)) {
		value := d.Header[name]
		if value != nil {
			over = append(over, wire.Field{Name: name, Value: *value})
			continue
		}
		base = slices.DeleteFunc(slices.Clone(base), func(f wire.Field) bool { return strings.EqualFold(f.Name, name) })
	}
	out := wire.Override(base, over)
	for i := range out {
		switch d.HeaderCase {
		case "lower":
			out[i].Name = strings.ToLower(out[i].Name)
		case "upper":
			out[i].Name = strings.ToUpper(out[i].Name)
		}
	}
	return out
}
