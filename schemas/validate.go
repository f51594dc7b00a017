package schemas

import (
	"encoding/json"
	"strconv"

	"github.com/xeipuuv/gojsonschema"

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// Validate holds an event against the schema of its kind. The event is a
// jsontree value, or the same in maps; any other Go value is an error, for the
// validator would pass it unseen.
//
// The error is an *UnknownError for an unknown kind and an *InvalidError for an
// event that breaks its schema; it lists every violation. Anything else means
// that the event could not be judged.
func (c *Catalogue) Validate(kind string, event any) error {
	s, err := c.kindSource(kind)
	if err != nil {
		return err
	}
	return c.validate(s, event)
}

// ValidateObject holds an object against its own schema, as Validate does with
// an event.
func (c *Catalogue) ValidateObject(object string, value any) error {
	s, err := c.objectSource(object)
	if err != nil {
		return err
	}
	return c.validate(s, value)
}

func (c *Catalogue) validate(s *source, event any) error {
	value, wrong := native(event, 0)
	if wrong != nil {
		return lang.Errorf("no se puede validar como %s: %s", "cannot validate as %s: %s", s.name(), wrong)
	}
	schema, err := c.documents.compiledFor(s)
	if err != nil {
		return err
	}
	if begun, cut := beginOf(value); cut {
		// A long list of wrong elements would take gigabytes of findings. When its
		// beginning has enough of them to tell, that is enough.
		if r, err := judge(schema, begun); err == nil && len(r.Errors()) > mostFound {
			value = begun
		}
	}
	result, err := judge(schema, value)
	if err != nil {
		return lang.Errorf("no se puede validar como %s: %s%s", "cannot validate as %s: %s%s", s.name(), err, giantNumber(event, nil))
	}
	if result.Valid() {
		return nil
	}
	found := result.Errors()
	list := c.violations(event, found[:min(len(found), mostFound)])
	more := len(found) - min(len(found), mostFound) + max(len(list)-MostViolations, 0)
	return &InvalidError{Kind: s.name(), Violations: list[:min(len(list), MostViolations)], More: more}
}

// mostFound is how many of the validator's findings are looked at, in its order:
// far more than are told, so that those which are told are the first of the event.
const mostFound = 20 * MostViolations

// longList is how many elements of a list are looked at first.
const longList = 1000

// beginOf is a value with no more than the first elements of its long lists; cut
// says whether it had any.
func beginOf(v any) (begun any, cut bool) {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, e := range v {
			b, c := beginOf(e)
			out[name], cut = b, cut || c
		}
		return out, cut
	case []any:
		n := min(len(v), longList)
		out := make([]any, n)
		cut = n < len(v)
		for i := range n {
			b, c := beginOf(v[i])
			out[i], cut = b, cut || c
		}
		return out, cut
	default:
		return v, false
	}
}

// judge runs the validator. It dereferences nil on some numbers beyond a
// float64 where a schema compares them: that is no verdict about the event, so
// it becomes an error.
func judge(schema *gojsonschema.Schema, value any) (result *gojsonschema.Result, err error) {
	defer func() {
		if recover() != nil {
			result, err = nil, lang.Errorf("el esquema hizo fallar al validador", "the schema made the validator panic")
		}
	}()
	return schema.Validate(gojsonschema.NewRawLoader(value))
}

// giantNumber names the first number that no float64 holds, the likely cause
// of a panic; empty when there is none.
func giantNumber(v any, path []any) lang.Text {
	switch v := v.(type) {
	case *jsontree.Object:
		for _, m := range v.Members {
			if hint := giantNumber(m.Value, append(path, m.Name)); !hint.IsZero() {
				return hint
			}
		}
	case []any:
		for i, e := range v {
			if hint := giantNumber(e, append(path, i)); !hint.IsZero() {
				return hint
			}
		}
	case json.Number:
		if _, err := strconv.ParseFloat(string(v), 64); err != nil {
			return lang.Textf(" (quizá por el número %s en %s: dé ahí al esquema un tipo integer y un maximum)",
				" (probably because of the number %s at %s: give the schema there an integer type and a maximum)", clean(string(v), foundLength), placeOf(path))
		}
	}
	return lang.Text{}
}

// EventBound is more than the largest event that any shop sends: an order of
// thousands of lines.
func EventBound() jsontree.Bound {
	return jsontree.Bound{Depth: maxDepth, Values: 400_000, Digits: 10_000}
}

// ValidateBytes holds a captured payload against the schema of the kind that
// it names, and returns that kind.
//
// The error is a *jsontree.SyntaxError for what is no JSON, and an
// *InvalidError with the line and column of each violation otherwise. An event
// of unknown kind is held against the schema that all events have; its error
// unwraps to an *UnknownError. A payload inside {"data": ...} is not unwrapped:
// that is another body than a bare event. What is beyond EventBound is not looked
// at.
func (c *Catalogue) ValidateBytes(data []byte) (Kind, error) {
	if err := EventBound().Check(data); err != nil {
		return Kind{}, err
	}
	doc, err := jsontree.Parse(data)
	if err != nil {
		return Kind{}, err
	}
	var kind Kind
	invalid := &InvalidError{}
	s := c.documents.source(objectID("event"))
	if name, known := kindOf(doc.Root); known {
		if kind, err = c.Kind(name); err == nil {
			s = c.documents.source(kindID(name))
		} else {
			unknown := err.(*UnknownError) //nolint:errorlint // Kind documents its only error type
			invalid.cause = unknown
			invalid.Violations = append(invalid.Violations, Violation{
				Path: "kind", Rule: "kind",
				What: expected(lang.Textf("un tipo de evento conocido%s", "a known event kind%s", lang.DidYouMean(unknown.Suggestion)), show(name)),
			})
		}
		invalid.Kind = name
	}
	if name, ok := enveloped(doc.Root); ok {
		line, column := doc.Position("data")
		invalid.Violations = []Violation{{
			Path: "data", Rule: "envelope", What: expected(lang.Text{ES: "un evento sin envoltura", EN: "a bare event"},
				lang.Textf(`un evento de tipo %s dentro de {"data": ...}: valide lo de adentro`, `an event of kind %s inside {"data": ...}: validate what is inside`, show(name))),
			Line: line, Column: column,
		}}
		return Kind{}, invalid
	}
	for _, d := range doc.Duplicates() {
		invalid.Violations = append(invalid.Violations, Violation{
			Path: d.Path, Rule: "duplicate", What: lang.Text{ES: "el campo está dos veces", EN: "the field stands twice"}, Line: d.Line, Column: d.Column,
		})
	}
	if err := c.validate(s, doc.Root); err != nil {
		more, ok := err.(*InvalidError) //nolint:errorlint // validate returns it bare
		if !ok {
			return kind, err
		}
		invalid.Violations, invalid.More = append(invalid.Violations, more.Violations...), more.More
	}
	if len(invalid.Violations) == 0 {
		return kind, nil
	}
	for i := range invalid.Violations {
		if v := &invalid.Violations[i]; v.Line == 0 {
			v.Line, v.Column = doc.Position(v.Path)
		}
	}
	return kind, invalid
}

// enveloped reports the kind of an event that is inside {"data": ...}.
func enveloped(root any) (string, bool) {
	o, ok := root.(*jsontree.Object)
	if !ok {
		return "", false
	}
	if _, ok := o.Lookup("kind"); ok {
		return "", false
	}
	inner, _ := o.Lookup("data")
	return kindOf(inner)
}

func kindOf(v any) (string, bool) {
	o, ok := v.(*jsontree.Object)
	if !ok {
		return "", false
	}
	kind, _ := o.Lookup("kind")
	name, ok := kind.(string)
	return name, ok
}
