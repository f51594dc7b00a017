package jsontree

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"sort"
	"strconv"
	"strings"
	"sync"
)

// Of makes the tree of a Go value. Structs become objects by their json tags,
// in field order; nothing is left out unless the tag says omitempty, and an
// embedded struct's fields stand in its place. Nil pointers, nil interfaces,
// nil slices and nil maps become null, numbers json.Number, maps with string
// keys objects sorted by name. Values that are trees already are used as they
// are, not copied.
//
// A value that JSON cannot say (a channel, a function, NaN, a map with other
// keys, a json.Number that is no number) is a mistake of the program, so Of
// panics.
func Of(v any) any {
	switch v := v.(type) {
	case nil, string, bool:
		return v
	case *Object:
		if v == nil {
			return nil
		}
		return v
	}
	return treeOf(reflect.ValueOf(v))
}

// OfStruct is Of for a struct or a pointer to one, which is not nil.
func OfStruct(v any) *Object { return Of(v).(*Object) }

// plans keeps the field plan of every struct type that was met. It is a memo
// of a pure function of the type, so nothing can be seen to depend on it.
var plans sync.Map //nolint:gochecknoglobals // memo of a pure function of the type

type field struct {
	name      string
	index     int
	omitEmpty bool
	inline    bool
}

func planOf(t reflect.Type) []field {
	if plan, ok := plans.Load(t); ok {
		return plan.([]field)
	}
	var plan []field
	for i := range t.NumField() {
		f := t.Field(i)
		tag := f.Tag.Get("json")
		if tag == "-" || (!f.IsExported() && !f.Anonymous) {
			continue
		}
		name, options, _ := strings.Cut(tag, ",")
		if f.Anonymous && name == "" {
			elem := f.Type
			if elem.Kind() == reflect.Pointer {
				elem = elem.Elem()
			}
			if elem.Kind() == reflect.Struct {
				plan = append(plan, field{index: i, inline: true})
				continue
			}
		}
		if !f.IsExported() {
			continue
		}
		if name == "" {
			name = f.Name
		}
		plan = append(plan, field{name: name, index: i, omitEmpty: hasOption(options, "omitempty")})
	}
	plans.Store(t, plan)
	return plan
}

func hasOption(options, want string) bool {
	for options != "" {
		var option string
		option, options, _ = strings.Cut(options, ",")
		if option == want {
			return true
		}
	}
	return false
}

func treeOf(v reflect.Value) any {
	switch v.Kind() {
	case reflect.Invalid:
		return nil
	case reflect.String:
		if v.Type() == reflect.TypeFor[json.Number]() {
			return checkedNumber(v.String())
		}
		return v.String()
	case reflect.Bool:
		return v.Bool()
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return intOf(v.Int())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return json.Number(strconv.FormatUint(v.Uint(), 10))
	case reflect.Float32, reflect.Float64:
		return floatOf(v.Float(), v.Type().Bits())
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return nil
		}
		if v.Type() == reflect.TypeFor[*Object]() {
			return v.Interface()
		}
		return treeOf(v.Elem())
	case reflect.Slice, reflect.Array:
		return sliceOf(v)
	case reflect.Map:
		return mapOf(v)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[Object]() {
			return &Object{Members: v.Field(0).Interface().([]Member)}
		}
		o := &Object{Members: make([]Member, 0, v.NumField())}
		appendFields(o, v)
		return o
	default:
		panic(fmt.Sprintf("jsontree: JSON has no value for a %s", v.Type()))
	}
}

// intOf makes a number. The two that most fields hold cost no allocation.
func intOf(n int64) any {
	switch n {
	case 0:
		return json.Number("0")
	case 1:
		return json.Number("1")
	}
	return json.Number(strconv.FormatInt(n, 10))
}

func appendFields(o *Object, v reflect.Value) {
	for _, f := range planOf(v.Type()) {
		fv := v.Field(f.index)
		if f.inline {
			if fv.Kind() == reflect.Pointer {
				if fv.IsNil() {
					continue
				}
				fv = fv.Elem()
			}
			appendFields(o, fv)
			continue
		}
		if f.omitEmpty && isEmpty(fv) {
			continue
		}
		o.Members = append(o.Members, Member{Name: f.name, Value: treeOf(fv)})
	}
}

// isEmpty is what encoding/json calls empty.
func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		return v.Len() == 0
	case reflect.Struct:
		return false
	default:
		return v.IsZero()
	}
}

func sliceOf(v reflect.Value) any {
	if v.Kind() == reflect.Slice && v.IsNil() {
		return nil
	}
	if v.Type() == reflect.TypeFor[[]any]() {
		if a := v.Interface().([]any); isTree(a) {
			return a
		}
	}
	a := make([]any, v.Len())
	for i := range a {
		a[i] = treeOf(v.Index(i))
	}
	return a
}

// isTree reports whether the elements of a are tree values as they stand, so
// that a itself can be used.
func isTree(a []any) bool {
	for _, e := range a {
		switch e := e.(type) {
		case nil, string, bool, json.Number:
		case *Object:
			if e == nil {
				return false
			}
		case []any:
			if e == nil || !isTree(e) {
				return false
			}
		default:
			return false
		}
	}
	return true
}

func mapOf(v reflect.Value) any {
	if v.Type().Key().Kind() != reflect.String {
		panic(fmt.Sprintf("jsontree: JSON has no value for a %s (names are strings)", v.Type()))
	}
	if v.IsNil() {
		return nil
	}
	o := &Object{Members: make([]Member, 0, v.Len())}
	for it := v.MapRange(); it.Next(); {
		o.Members = append(o.Members, Member{Name: it.Key().String(), Value: treeOf(it.Value())})
	}
	sort.Slice(o.Members, func(i, j int) bool { return o.Members[i].Name < o.Members[j].Name })
	return o
}

func floatOf(f float64, bits int) any {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		panic("jsontree: JSON has no value for NaN or an infinity")
	}
	format := byte('f')
	if abs := math.Abs(f); abs != 0 && (abs < 1e-6 || abs >= 1e21) {
		format = 'e'
	}
	return json.Number(strconv.FormatFloat(f, format, -1, bits))
}

func checkedNumber(s string) any {
	if s == "" {
		return json.Number("0")
	}
	if !ValidNumber(s) {
		panic(fmt.Sprintf("jsontree: json.Number %q is no number", s))
	}
	return json.Number(s)
}
