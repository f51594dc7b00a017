package schemas

import (
	"encoding/json"
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/xeipuuv/gojsonschema"

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// foundLength is how many characters of a value a violation shows.
const foundLength = 60

// separator joins the steps of a place in the event; gojsonschema gives a
// place as a text only. No name of ours holds it, and a hostile one that does
// can at worst blur its own place.
const separator = "\x00\x1f\x00"

// placed is a violation with what its order depends on.
type placed struct {
	Violation
	steps []string
	order []int
}

// violations turns the validator's findings into ours: in document order, each
// once, without the noise of the combining keywords.
func (c *Catalogue) violations(event any, found []gojsonschema.ResultError) []Violation {
	var kept, combined []placed
	for _, f := range found {
		p := c.place(event, f)
		switch f.Type() {
		case "number_all_of", "condition_then", "condition_else":
			// The findings behind it stand beside it.
		case "number_any_of", "number_one_of":
			combined = append(combined, p)
		default:
			kept = append(kept, p)
		}
	}
	for _, p := range combined {
		// The findings of the branch that came nearest say it better.
		if !slices.ContainsFunc(kept, func(k placed) bool { return isPrefix(p.steps, k.steps) }) {
			kept = append(kept, p)
		}
	}
	sort.SliceStable(kept, func(i, j int) bool {
		if d := slices.Compare(kept[i].order, kept[j].order); d != 0 {
			return d < 0
		}
		return kept[i].Rule < kept[j].Rule
	})
	var out []Violation
	for _, p := range kept {
		if !slices.Contains(out[max(0, len(out)-8):], p.Violation) {
			out = append(out, p.Violation)
		}
	}
	return out
}

func isPrefix(prefix, of []string) bool {
	return len(prefix) <= len(of) && slices.Equal(prefix, of[:len(prefix)])
}

// place finds where in the event a finding is, and words it.
func (c *Catalogue) place(event any, f gojsonschema.ResultError) placed {
	steps := strings.Split(f.Context().String(separator), separator)[1:]
	value := event
	var path []any
	var order []int
	for _, s := range steps {
		if a, ok := value.([]any); ok {
			if i, err := strconv.Atoi(s); err == nil && i < len(a) {
				value, path, order = a[i], append(path, i), append(order, i)
				continue
			}
		}
		v, at, _ := member(value, s)
		value, path, order = v, append(path, s), append(order, at)
	}
	p := placed{steps: steps, order: order}
	p.Rule, p.What = word(f, value)
	if name, ok := f.Details()["property"].(string); ok {
		path = append(path, name)
		if _, at, ok := member(value, name); ok {
			p.order = append(p.order, at)
		} else { // missing: after what is there
			p.order = append(p.order, len(memberNames(value)))
			if near := Suggest(name, c.strangers(value)); near != "" {
				p.What = lang.Textf("%s (pero está %s, que no es un campo conocido)", "%s (but there is %s, which is no known field)", p.What, near)
			}
		}
	}
	p.Path = joinPath(path)
	return p
}

// strangers lists the fields of an object that no schema names: what a
// missing field may have been misspelt as.
func (c *Catalogue) strangers(v any) []string {
	var list []string
	for _, name := range memberNames(v) {
		if !c.properties()[name] {
			list = append(list, name)
		}
	}
	return list
}

// word says which rule a finding is about, and what is wrong.
func word(f gojsonschema.ResultError, value any) (rule string, what lang.Text) {
	d := f.Details()
	text := func(key string) string { return detail(d[key]) }
	found := show(value)
	want := func(es, en string, args ...any) lang.Text { return expected(lang.Textf(es, en, args...), found) }
	switch f.Type() {
	case "invalid_type":
		return "type", expected(types(strings.Split(strings.Trim(text("expected"), "[]"), ",")), showTyped(value))
	case "required":
		return "required", lang.Text{ES: "falta el campo", EN: "required field is missing"}
	case "const":
		return "const", want("%s", "%s", text("allowed"))
	case "enum":
		return "enum", want("uno de %s", "one of %s", text("allowed"))
	case "pattern":
		return "pattern", want("un texto que cumpla %s", "a string that matches %s", text("pattern"))
	case "format":
		return "format", want("un texto con formato %s", "a string of format %s", text("format"))
	case "number_gte":
		return "minimum", want("%s o más", "%s or more", text("min"))
	case "number_gt":
		return "exclusiveMinimum", want("más de %s", "more than %s", text("min"))
	case "number_lte":
		return "maximum", want("%s o menos", "%s or less", text("max"))
	case "number_lt":
		return "exclusiveMaximum", want("menos de %s", "less than %s", text("max"))
	case "multiple_of":
		return "multipleOf", want("un múltiplo de %s", "a multiple of %s", text("multiple"))
	case "string_gte":
		return "minLength", want("al menos %s caracteres", "at least %s characters", text("min"))
	case "string_lte":
		return "maxLength", want("a lo más %s caracteres", "at most %s characters", text("max"))
	case "array_min_items":
		return "minItems", want("al menos %s elementos", "at least %s elements", text("min"))
	case "array_max_items":
		return "maxItems", want("a lo más %s elementos", "at most %s elements", text("max"))
	case "array_min_properties":
		return "minProperties", want("al menos %s campos", "at least %s fields", text("min"))
	case "array_max_properties":
		return "maxProperties", want("a lo más %s campos", "at most %s fields", text("max"))
	case "unique":
		return "uniqueItems", lang.Textf("los elementos %s y %s son iguales", "elements %s and %s are equal", text("i"), text("j"))
	case "contains":
		return "contains", want("un elemento que cumpla", "an element that matches")
	case "array_no_additional_items":
		return "additionalItems", want("ningún elemento más", "no further elements")
	case "additional_property_not_allowed":
		return "additionalProperties", expected(lang.Text{ES: "ningún campo con ese nombre", EN: "no field of that name"}, show(f.Value()))
	case "invalid_property_name":
		return "propertyNames", lang.Text{ES: "un campo no puede llamarse así", EN: "no field may have this name"}
	case "missing_dependency":
		return "dependencies", lang.Textf("falta a su lado el campo %q", "the field %q is missing beside it", text("dependency"))
	case "number_any_of":
		return "anyOf", want("al menos una de las alternativas", "at least one of the alternatives")
	case "number_one_of":
		return "oneOf", want("justo una de las alternativas", "exactly one of the alternatives")
	case "number_not":
		return "not", want("otra cosa", "something else")
	case "false":
		return "false", want("nada aquí", "nothing here")
	default:
		return f.Type(), expected(lang.Said(f.Description()), found)
	}
}

func expected(what, found lang.Text) lang.Text {
	return lang.Textf("se esperaba %s, hay %s", "expected %s, found %s", what, found)
}

// types words the JSON types that a value may have.
func types(names []string) lang.Text {
	var es []string
	for _, name := range names {
		es = append(es, map[string]string{
			"string": "un texto", "integer": "un entero", "number": "un número", "boolean": "un booleano",
			"object": "un objeto", "array": "una lista", "null": "null",
		}[name])
	}
	return lang.Text{ES: strings.Join(es, " o "), EN: strings.Join(names, " or ")}
}

func detail(v any) string {
	switch v := v.(type) {
	case *big.Float:
		// The fewest digits that say it: 0.01, and not 0.0099999999999999999998.
		if text := v.Text('f', -1); len(text) < 30 {
			return text
		}
		return v.Text('g', -1)
	case *regexp.Regexp:
		return v.String()
	case string:
		return clean(v, 4*foundLength)
	default:
		return fmt.Sprint(v)
	}
}

// show renders a value in few characters, fit for a terminal.
func show(v any) lang.Text {
	switch v := v.(type) {
	case *jsontree.Object:
		if v == nil {
			return lang.Same("null")
		}
		return showObject(len(v.Members))
	case map[string]any:
		return showObject(len(v))
	case []any:
		if len(v) == 1 {
			return lang.Text{ES: "una lista de 1 elemento", EN: "an array of 1 element"}
		}
		return lang.Textf("una lista de %d elementos", "an array of %d elements", len(v))
	case string:
		return lang.Same(clean(string(jsontree.Encode(shorten(v), jsontree.Plain)), 2*foundLength))
	case json.Number:
		return lang.Same(clean(string(v), foundLength))
	case bool, nil:
		return lang.Same(string(jsontree.Encode(v, jsontree.Plain)))
	default:
		return lang.Textf("un %T de Go", "a Go %T", v)
	}
}

func showObject(fields int) lang.Text {
	if fields == 1 {
		return lang.Text{ES: "un objeto de 1 campo", EN: "an object of 1 field"}
	}
	return lang.Textf("un objeto de %d campos", "an object of %d fields", fields)
}

// showTyped is show for a value of the wrong type, the type of which matters.
func showTyped(v any) lang.Text {
	switch v.(type) {
	case string:
		return lang.Textf("el texto %s", "the string %s", show(v))
	case json.Number:
		return lang.Textf("el número %s", "the number %s", show(v))
	default:
		return show(v)
	}
}

// shorten cuts a text to what a violation shows.
func shorten(s string) string {
	n := 0
	for i := range s {
		if n == foundLength {
			return s[:i] + "…"
		}
		n++
	}
	return s
}

// clean cuts a text and escapes what a terminal must not see.
func clean(s string, length int) string {
	var b strings.Builder
	n := 0
	for _, r := range s {
		if n == length {
			b.WriteString("…")
			break
		}
		n++
		if unicode.IsPrint(r) && r != utf8.RuneError {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}
