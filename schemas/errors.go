package schemas

import (
	"fmt"
	"strings"

	"github.com/kometia-sim/kometia-sim/schemas/nearest"
)

// UnknownError says that there is nothing of a name.
type UnknownError struct {
	What       string // "event kind", "object", "schema" or "check"
	Name       string
	Suggestion string // the name that was probably meant; "" when none is near
}

// Error implements error.
func (e *UnknownError) Error() string {
	text := fmt.Sprintf("unknown %s %q", e.What, e.Name)
	if e.Suggestion != "" {
		text += fmt.Sprintf(" (did you mean %s?)", e.Suggestion)
	}
	return text
}

// Violation is one place where an event does not keep to its schema.
type Violation struct {
	// Path is the place: data.object.items[0].price; "" is the whole event. A
	// missing member is named by the path that it should have.
	Path string
	// Rule is the schema keyword that was broken (type, required, enum ...), or
	// "kind" for an unknown event kind and "duplicate" for a repeated member.
	Rule string
	// Expected and Found say it in few words; Found is cut to a sane length and
	// holds no control characters.
	Expected, Found string
	// Line and Column, from 1, are where the value stands; zero when the event
	// did not come from bytes.
	Line, Column int
}

// String is the violation in one line.
func (v Violation) String() string {
	place := v.Path
	if place == "" {
		place = "event"
	}
	text := fmt.Sprintf("%s: expected %s, found %s", place, v.Expected, v.Found)
	if v.Line > 0 {
		text = fmt.Sprintf("%d:%d: %s", v.Line, v.Column, text)
	}
	return text
}

// InvalidError lists every place where an event does not keep to its schema.
type InvalidError struct {
	Kind       string // the kind it was held against; "" when it has none
	Violations []Violation

	cause error
}

// shownViolations is how many violations the text of an InvalidError names.
const shownViolations = 20

// Error implements error: one line for each violation, the first 20 of them.
func (e *InvalidError) Error() string {
	var b strings.Builder
	what := e.Kind
	if what == "" {
		what = "event"
	}
	noun := "violations"
	if len(e.Violations) == 1 {
		noun = "violation"
	}
	fmt.Fprintf(&b, "%s: %d %s of its schema", what, len(e.Violations), noun)
	for i, v := range e.Violations {
		if i == shownViolations {
			fmt.Fprintf(&b, "\n  and %d more", len(e.Violations)-i)
			break
		}
		b.WriteString("\n  " + v.String())
	}
	return b.String()
}

// Unwrap gives the *UnknownError of an event whose kind is unknown, else nil.
func (e *InvalidError) Unwrap() error { return e.cause }

// Suggest returns the name among those given that name was probably meant to
// be; "" when none is near.
func Suggest(name string, among []string) string { return nearest.Name(name, among) }
