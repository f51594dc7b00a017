package schemas

import (
	"fmt"
	"strings"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/schemas/nearest"
)

// UnknownError says that there is nothing of a name.
type UnknownError struct {
	What       lang.Text // "el tipo de evento", "event kind"
	Name       string
	Suggestion string // the name that was probably meant; "" when none is near
}

// Error implements error.
func (e *UnknownError) Error() string { return e.In(lang.English) }

// In implements lang.Bilingual.
func (e *UnknownError) In(tag lang.Tag) string {
	return lang.Textf("no existe %s %q%s", "unknown %s %q%s", e.What, e.Name, lang.DidYouMean(e.Suggestion)).In(tag)
}

// Violation is one place where an event does not keep to its schema.
type Violation struct {
	// Path is the place: data.object.items[0].price; "" is the whole event. A
	// missing field is named by the path that it should have.
	Path string
	// Rule is the schema keyword that was broken (type, required, enum ...), or
	// "kind" for an unknown event kind and "duplicate" for a repeated field.
	Rule string
	// What is wrong, in few words: what was expected and what was found. It is
	// cut to a sane length and holds no control characters.
	What lang.Text
	// Line and Column, from 1, are where the value stands; zero when the event
	// did not come from bytes.
	Line, Column int
}

// String is the violation in one line, in English.
func (v Violation) String() string { return v.In(lang.English) }

// In implements lang.Bilingual.
func (v Violation) In(tag lang.Tag) string {
	place := v.Path
	if place == "" {
		place = lang.Text{ES: "evento", EN: "event"}.In(tag)
	}
	text := place + ": " + v.What.In(tag)
	if v.Line > 0 {
		text = fmt.Sprintf("%d:%d: %s", v.Line, v.Column, text)
	}
	return text
}

// InvalidError lists every place where an event does not keep to its schema.
type InvalidError struct {
	Kind       string // the kind it was held against; "" when it has none
	Violations []Violation
	// More is how many violations there are beyond MostViolations, at least.
	More int

	cause error
}

// MostViolations is how many violations of one event are found a place for, the
// first ones. A list of a million wrong elements has millions.
const MostViolations = 200

// shownViolations is how many violations the text of an InvalidError names.
const shownViolations = 20

// Error implements error: one line for each violation, the first 20 of them.
func (e *InvalidError) Error() string { return e.In(lang.English) }

// In implements lang.Bilingual.
func (e *InvalidError) In(tag lang.Tag) string {
	what := lang.Same(e.Kind)
	if e.Kind == "" {
		what = lang.Text{ES: "evento", EN: "event"}
	}
	n := len(e.Violations) + e.More
	head := lang.Textf("%s: %d faltas a su esquema", "%s: %d violations of its schema", what, n)
	if n == 1 {
		head = lang.Textf("%s: 1 falta a su esquema", "%s: 1 violation of its schema", what)
	}
	lines := []string{head.In(tag)}
	for _, v := range e.Violations[:min(len(e.Violations), shownViolations)] {
		lines = append(lines, v.In(tag))
	}
	if more := n - shownViolations; more > 0 {
		lines = append(lines, lang.Textf("y %d más", "and %d more", more).In(tag))
	}
	return strings.Join(lines, "\n  ")
}

// Unwrap gives the *UnknownError of an event whose kind is unknown, else nil.
func (e *InvalidError) Unwrap() error { return e.cause }

// Suggest returns the name among those given that name was probably meant to
// be; "" when none is near.
func Suggest(name string, among []string) string { return nearest.Name(name, among) }
