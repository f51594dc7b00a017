package language

import (
	"reflect"

	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// Matches lets tests try answer patterns on statuses.
func Matches(a Answers, statuses ...int) bool { return a.Match(statuses) }

// ValidPatterns lets tests ask whether patterns can be read.
func ValidPatterns(a Answers) error { return a.validate() }

// Conditions are all that a rule may ask for.
func Conditions() []Condition { return conditions() }

// RuleType is a struct with every key of a rule.
func RuleType() reflect.Type {
	var fields []reflect.StructField
	field := func(key string, t reflect.Type) {
		fields = append(fields, reflect.StructField{Name: "K_" + key, Type: t, Tag: reflect.StructTag(`yaml:"` + key + `"`)})
	}
	for _, c := range conditions() {
		field(c.Key(), reflect.TypeOf(c.asked().into()).Elem())
	}
	field("then", reflect.TypeFor[verdict.Verdict]())
	field("because", reflect.TypeFor[string]())
	for _, key := range []string{"fault", "found", "reason", "note", "fix"} {
		field(key, reflect.TypeFor[lang.Text]())
	}
	return reflect.StructOf(fields)
}

// Diagnoses are the codes that a rule asks for.
func Diagnoses(r Rule) []string { return wanted[[]string](&r, "diagnosis") }
