package language

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/schemas/strictyaml"
)

// condition declares what a rule may ask for under one key. It is the one place
// in which the key stands: the decoder, the JSON Schema, the table of the
// documentation and the judge go by the declaration. T is the Go type that the
// value is read into, and says what JSON type it has.
type condition[T any] struct {
	key string
	// editor is what an editor shows beside the key; means is the row of the
	// documentation.
	editor string
	means  lang.Text
	// among are the only texts that the value, or each of its elements, may be;
	// nil allows all.
	among []string
	// check adds what else is wrong with the value; nil when nothing can be.
	check func(f *strictyaml.File, at string, want T, in place)
	// holds reports whether an exchange is as the rule wants it.
	holds func(want T, e *Evidence) bool
	// beside words what was seen, to be said beside the responses; nil says
	// nothing. It is said when the rule that decides asks, and with whichever set
	// when any rule of the check does.
	beside    func(want T, e *Evidence) lang.Text
	whichever bool
}

// place is where a rule stands, and what it may speak of.
type place struct {
	scenario *Scenario
	known    *names
}

// conditions are all that a rule may ask for, in the order in which the schema
// and the documentation list them.
func conditions() []Condition {
	return slices.Concat(
		answerConditions(), diagnosisConditions(), effectsConditions(), callsConditions(), stateConditions(), apiConditions(),
		connectionConditions(), responseConditions(), tlsConditions(), sizeConditions(),
	)
}

// Condition is a condition of any type.
type Condition interface {
	// Key is the key of the rule; Means what it asks for, as the documentation
	// has it.
	Key() string
	Means() lang.Text

	schema() string
	asked() ask
}

// ask is what one rule asks for by one condition.
type ask interface {
	Condition
	into() any // a pointer to the value, for the decoder
	empty() bool
	validate(f *strictyaml.File, at string, in place)
	fits(e *Evidence) bool
	seen(e *Evidence) (beside lang.Text, whichever bool)
}

func (c *condition[T]) Key() string      { return c.key }
func (c *condition[T]) Means() lang.Text { return c.means }
func (c *condition[T]) asked() ask       { return &asked[T]{condition: c} }

// schema is the JSON Schema of the value.
func (c *condition[T]) schema() string {
	enum := ""
	if c.among != nil {
		enum = fmt.Sprintf(`, "enum": ["%s"]`, strings.Join(c.among, `", "`))
	}
	described := fmt.Sprintf(`{"description": %q, `, c.editor)
	switch any(*new(T)).(type) {
	case Answers:
		return `{"$ref": "#/definitions/answers"}`
	case map[string]Answers:
		return described + `"type": "object", "additionalProperties": {"$ref": "#/definitions/answers"}}`
	case map[string]string:
		return described + `"type": "object", "additionalProperties": {"type": ["string", "integer"]}}`
	case time.Duration:
		return described + `"$ref": "#/definitions/duration"}`
	case Size:
		return described + `"$ref": "#/definitions/size"}`
	case *bool:
		return described + `"type": "boolean"}`
	case []string:
		return described + `"type": "array", "items": {"type": "string"` + enum + `}}`
	default:
		return described + `"type": "string"` + enum + `}`
	}
}

// asked is a condition with the value that a rule has for it.
type asked[T any] struct {
	*condition[T]
	want T
}

func (a *asked[T]) into() any { return &a.want }

func (a *asked[T]) empty() bool {
	v := reflect.ValueOf(&a.want).Elem()
	if k := v.Kind(); k == reflect.Slice || k == reflect.Map {
		return v.Len() == 0
	}
	return v.IsZero()
}

func (a *asked[T]) validate(f *strictyaml.File, at string, in place) {
	if a.among != nil {
		switch want := any(a.want).(type) {
		case string:
			oneOf(f, at, want, a.among...)
		case []string:
			for i, w := range want {
				oneOf(f, fmt.Sprintf("%s[%d]", at, i), w, a.among...)
			}
		}
	}
	if a.check != nil {
		a.check(f, at, a.want, in)
	}
}

func (a *asked[T]) fits(e *Evidence) bool { return a.holds(a.want, e) }

func (a *asked[T]) seen(e *Evidence) (beside lang.Text, whichever bool) {
	if a.beside == nil {
		return lang.Text{}, false
	}
	return a.beside(a.want, e), a.whichever
}

// wanted is what a rule asks for under a key that is read as a T; zero when it
// does not ask.
func wanted[T any](r *Rule, key string) (want T) {
	for _, a := range r.asks {
		if a, ok := a.(*asked[T]); ok && a.key == key {
			return a.want
		}
	}
	return want
}

// is reports whether what was wanted true or false is so.
func is(want *bool, so bool) bool { return *want == so }
