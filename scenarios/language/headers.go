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

func (d *Deliver) MethodOrPost() string { return cmp.Or(d.Method, http.MethodPost) }

// header applies a step's changes to the header of a delivery.
func (d *Deliver) ChangedHeader(base []wire.Field) []wire.Field {
	var out []wire.Field
	done := map[string]bool{}
	for _, f := range base {
		for name, value := range d.Header {
			if strings.EqualFold(name, f.Name) {
				done[name] = true
				if value == nil {
					f.Name = ""
				} else {
					f.Value = *value
				}
			}
		}
		if f.Name != "" {
			out = append(out, f)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(d.Header)) {
		if value := d.Header[name]; !done[name] && value != nil {
			out = append(out, wire.Field{Name: name, Value: *value})
		}
	}
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
