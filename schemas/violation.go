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

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/xeipuuv/gojsonschema"
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
	p.Rule, p.Expected, p.Found = word(f, value)
	if name, ok := f.Details()["property"].(string); ok {
		path = append(path, name)
		if _, at, ok := member(value, name); ok {
			p.order = append(p.order, at)
		} else { // missing: after what is there
			p.order = append(p.order, len(memberNames(value)))
			p.Found = "nothing"
			if near := Suggest(name, c.strangers(value)); near != "" {
				p.Found += fmt.Sprintf(" (but %s, which is no known member)", near)
			}
		}
	}
	p.Path = joinPath(path)
	return p
}

// strangers lists the members of an object that no schema names: what a
// missing member may have been misspelt as.
func (c *Catalogue) strangers(v any) []string {
	var list []string
	for _, name := range memberNames(v) {
		if !c.properties()[name] {
			list = append(list, name)
		}
	}
	return list
}

// word says which rule a finding is about, what it wants and what there is.
func word(f gojsonschema.ResultError, value any) (rule, expected, found string) {
	d := f.Details()
	text := func(key string) string { return detail(d[key]) }
	found = show(value)
	switch f.Type() {
	case "invalid_type":
		return "type", strings.Join(strings.Split(strings.Trim(text("expected"), "[]"), ","), " or "), showTyped(value)
	case "required":
		return "required", "a member of that name", "nothing"
	case "const":
		return "const", text("allowed"), found
	case "enum":
		return "enum", "one of " + text("allowed"), found
	case "pattern":
		return "pattern", "a string that matches " + text("pattern"), found
	case "format":
		return "format", "a string of format " + text("format"), found
	case "number_gte":
		return "minimum", text("min") + " or more", found
	case "number_gt":
		return "exclusiveMinimum", "more than " + text("min"), found
	case "number_lte":
		return "maximum", text("max") + " or less", found
	case "number_lt":
		return "exclusiveMaximum", "less than " + text("max"), found
	case "multiple_of":
		return "multipleOf", "a multiple of " + text("multiple"), found
	case "string_gte":
		return "minLength", "at least " + text("min") + " characters", found
	case "string_lte":
		return "maxLength", "at most " + text("max") + " characters", found
	case "array_min_items":
		return "minItems", "at least " + text("min") + " elements", found
	case "array_max_items":
		return "maxItems", "at most " + text("max") + " elements", found
	case "array_min_properties":
		return "minProperties", "at least " + text("min") + " members", found
	case "array_max_properties":
		return "maxProperties", "at most " + text("max") + " members", found
	case "unique":
		return "uniqueItems", "no element twice", fmt.Sprintf("elements %s and %s equal", text("i"), text("j"))
	case "contains":
		return "contains", "an element that matches", found
	case "array_no_additional_items":
		return "additionalItems", "no further elements", found
	case "additional_property_not_allowed":
		return "additionalProperties", "no member of that name", show(f.Value())
	case "invalid_property_name":
		return "propertyNames", "another name", "this name"
	case "missing_dependency":
		return "dependencies", "a member " + strconv.Quote(text("dependency")) + " beside it", "none"
	case "number_any_of":
		return "anyOf", "at least one of the alternatives", found
	case "number_one_of":
		return "oneOf", "exactly one of the alternatives", found
	case "number_not":
		return "not", "something else", found
	case "false":
		return "false", "nothing here", found
	default:
		return f.Type(), f.Description(), found
	}
}

func detail(v any) string {
	switch v := v.(type) {
	case *big.Float:
		return v.Text('g', 20)
	case *regexp.Regexp:
		return v.String()
	case string:
		return clean(v, 4*foundLength)
	default:
		return fmt.Sprint(v)
	}
}

// show renders a value in few characters, fit for a terminal.
func show(v any) string {
	switch v := v.(type) {
	case *jsontree.Object:
		if v == nil {
			return "null"
		}
		return plural("an object of %d member", len(v.Members))
	case map[string]any:
		return plural("an object of %d member", len(v))
	case []any:
		return plural("an array of %d element", len(v))
	case string:
		return clean(string(jsontree.Encode(shorten(v), jsontree.Plain)), 2*foundLength)
	case json.Number:
		return clean(string(v), foundLength)
	case bool, nil:
		return string(jsontree.Encode(v, jsontree.Plain))
	default:
		return fmt.Sprintf("a Go %T", v)
	}
}

// showTyped is show for a value of the wrong type, the type of which matters.
func showTyped(v any) string {
	switch v.(type) {
	case string:
		return "the string " + show(v)
	case json.Number:
		return "the number " + show(v)
	default:
		return show(v)
	}
}

func plural(format string, n int) string {
	if n != 1 {
		format += "s"
	}
	return fmt.Sprintf(format, n)
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
