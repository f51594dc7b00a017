package strictyaml

import (
	"encoding"
	"math"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// mostNodes and deepest end the reading of a file whose aliases repeat each
// other: no file that a person writes has a tenth of them.
const (
	mostNodes = 100_000
	deepest   = 1000
)

// Read reads data into what into points at. Values are read by their Go type:
//
//   - a struct: a mapping whose keys are in the `yaml:"name"` tags, no others;
//     with `yaml:"name,filled"` the value may not be empty or zero
//   - a map with text keys, a slice, a pointer (null is nil), any
//   - string (a number is taken as it is written), bool, int, float64
//   - time.Duration: 90m, 3h
//   - encoding.TextUnmarshaler: a text, its error in the text's place
//   - Reader: whatever it reads
//
// Null is a mistake for everything but a pointer and any. An empty file leaves
// into as it is.
func Read(name string, data []byte, into any) *File {
	f := newFile(name, data)
	if root := f.parse(); root != nil {
		Node{f, f.resolve(root, ""), ""}.Into(into)
	}
	return f
}

func (f *File) into(n Node, to any) {
	f.value(n, reflect.ValueOf(to).Elem())
}

func (f *File) value(n Node, v reflect.Value) {
	if !f.enter(n) {
		return
	}
	defer f.leave()
	switch to := v.Addr().Interface().(type) {
	case Reader:
		to.ReadYAML(n)
		return
	case encoding.TextUnmarshaler:
		f.text(n, func(text string) {
			if err := to.UnmarshalText([]byte(text)); err != nil {
				n.Fail("%s", "%s", err)
			}
		})
		return
	case *time.Duration:
		text, ok := n.Text()
		d, err := time.ParseDuration(text)
		if !ok || err != nil {
			n.Fail("se esperaba una duración con unidad, como 10s, 90m o 48h", "expected a duration with its unit, such as 10s, 90m or 48h")
			return
		}
		*to = d
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if _, null := n.node.(*ast.NullNode); !null {
			v.Set(reflect.New(v.Type().Elem()))
			f.value(n, v.Elem())
		}
	case reflect.Interface:
		if x := f.any(n); x != nil {
			v.Set(reflect.ValueOf(x))
		}
	case reflect.Struct:
		f.structure(n, v)
	case reflect.Map:
		f.mapping(n, v)
	case reflect.Slice:
		elements := n.Elements()
		out := reflect.MakeSlice(v.Type(), len(elements), len(elements))
		for i, e := range elements {
			f.value(e, out.Index(i))
		}
		v.Set(out)
	default:
		f.scalar(n, v)
	}
}

// enter goes one level deeper, unless that is too deep.
func (f *File) enter(n Node) bool {
	f.nodes++
	if f.nodes <= mostNodes && f.depth < deepest {
		f.depth++
		return true
	}
	if f.nodes <= mostNodes+1 {
		n.Fail("los alias repiten demasiado, o hay demasiados niveles", "the aliases repeat too much, or it is nested too deep")
	}
	f.nodes = mostNodes + 1 // no further, anywhere
	return false
}

func (f *File) leave() { f.depth-- }

func (f *File) text(n Node, take func(string)) {
	text, ok := n.Text()
	if !ok {
		n.mismatch(lang.Text{ES: "un texto", EN: "a text"})
		return
	}
	take(text)
}

func (f *File) scalar(n Node, v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		f.text(n, v.SetString)
	case reflect.Bool:
		b, ok := n.node.(*ast.BoolNode)
		if !ok {
			n.mismatch(lang.Text{ES: "true o false", EN: "true or false"})
			return
		}
		v.SetBool(b.Value)
	case reflect.Int, reflect.Int64:
		switch i := number(n).(type) {
		case int64:
			v.SetInt(i)
		case uint64:
			if i > math.MaxInt {
				n.Fail("el número es demasiado grande", "the number is too large")
				return
			}
			v.SetInt(int64(i))
		case float64:
			n.Fail("dé un número entero", "give a whole number")
		default:
			n.mismatch(lang.Text{ES: "un número entero", EN: "a whole number"})
		}
	case reflect.Float64:
		switch x := number(n).(type) {
		case int64:
			v.SetFloat(float64(x))
		case uint64:
			v.SetFloat(float64(x))
		case float64:
			v.SetFloat(x)
		default:
			n.mismatch(lang.Text{ES: "un número", EN: "a number"})
		}
	default:
		panic("strictyaml: cannot read into a " + v.Type().String())
	}
}

// number is an int64, a uint64 or a float64; nil for what is no number.
func number(n Node) any {
	switch v := n.node.(type) {
	case *ast.IntegerNode:
		return v.Value
	case *ast.FloatNode:
		return v.Value
	case *ast.InfinityNode:
		return v.Value
	case *ast.NanNode:
		return v.GetValue()
	default:
		return nil
	}
}

// mapping reads any keys; the values are all of one type.
func (f *File) mapping(n Node, v reflect.Value) {
	out := reflect.MakeMap(v.Type())
	for _, p := range n.Pairs() {
		value := reflect.New(v.Type().Elem()).Elem()
		f.value(p.Value, value)
		out.SetMapIndex(reflect.ValueOf(p.Key).Convert(v.Type().Key()), value)
	}
	v.Set(out)
}

func (f *File) structure(n Node, v reflect.Value) {
	fields := map[string]reflect.StructField{}
	var names []string
	for _, field := range reflect.VisibleFields(v.Type()) {
		if name, _, _ := strings.Cut(field.Tag.Get("yaml"), ","); name != "" && name != "-" {
			fields[name] = field
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, p := range n.Pairs() {
		field, ok := fields[p.Key]
		if !ok {
			p.unknown(names)
			continue
		}
		to := v.FieldByIndex(field.Index)
		if p.Value.Into(to.Addr().Interface()) && strings.HasSuffix(field.Tag.Get("yaml"), ",filled") {
			p.Value.filled(to)
		}
	}
}

// filled refuses what is there and says nothing.
func (n Node) filled(v reflect.Value) {
	switch {
	case v.Type() == reflect.TypeFor[time.Duration]():
		if v.Int() <= 0 {
			n.Fail("se esperaba una duración mayor que cero, como 10s, 90m o 48h", "expected a duration of more than zero, such as 10s, 90m or 48h")
		}
	case v.Kind() == reflect.Slice || v.Kind() == reflect.Map:
		if v.Len() == 0 {
			n.Fail("la lista está vacía: dé al menos un valor, o quite la clave", "the list is empty: give at least one value, or leave the key out")
		}
	case v.IsZero():
		n.Fail("está vacío: dé un valor, o quite la clave", "it is empty: give a value, or leave the key out")
	}
}

// any reads whatever stands there: nil, bool, a number, string, []any or
// map[string]any.
func (f *File) any(n Node) any {
	switch v := n.node.(type) {
	case *ast.NullNode:
		return nil
	case *ast.BoolNode:
		return v.Value
	case *ast.SequenceNode:
		out := []any{}
		f.value(n, reflect.ValueOf(&out).Elem())
		return out
	case *ast.MappingNode, *ast.MappingValueNode:
		out := map[string]any{}
		f.value(n, reflect.ValueOf(&out).Elem())
		return out
	}
	if x := number(n); x != nil {
		return x
	}
	text, ok := n.Text()
	if !ok {
		n.mismatch(lang.Text{ES: "un valor", EN: "a value"})
	}
	return text
}
