package diagnose

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// bare reports whether the condition holds of everything.
func (c *condition) bare() bool {
	return c.status == nil && len(c.terms) == 0 && c.any == nil && c.not == nil
}

// keys are the condition in a form in which equal ones are equal.
func (c *condition) keys() []string {
	keys := make([]string, 0, len(c.terms)+len(c.not)+2)
	for i := range c.terms {
		keys = append(keys, c.terms[i].key)
	}
	if c.any != nil {
		var alternatives []string
		for i := range c.any {
			alternatives = append(alternatives, c.any[i].whole())
		}
		keys = append(keys, "any "+key(alternatives))
	}
	for i := range c.not {
		keys = append(keys, "not "+c.not[i].whole())
	}
	return keys
}

func (c *condition) whole() string {
	return fmt.Sprint(c.status, "{", strings.Join(c.keys(), "; "), "}")
}

// covers reports whether whatever other matches is surely matched by c too.
// It looks at the shape alone, so a false says nothing.
func (c *condition) covers(other *condition) bool {
	if c.status != nil {
		if other.status == nil {
			return false
		}
		for _, r := range other.status {
			for status := r.from; status <= r.to; status++ {
				if !slices.ContainsFunc(c.status, func(s statusRange) bool { return status >= s.from && status <= s.to }) {
					return false
				}
			}
		}
	}
	theirs := other.keys()
	for _, k := range c.keys() {
		if !slices.Contains(theirs, k) {
			return false
		}
	}
	return true
}

// unreachable names the rules that can never speak because an earlier one
// always does.
func unreachable(rules []rule) []error {
	var errs []error
	for i := range rules {
		for j := range rules[:i] {
			if rules[j].when.covers(&rules[i].when) {
				errs = append(errs, lang.Errorf("%s: la regla %q nunca habla: %q de %s va antes y cumple todo lo que ella cumple",
					"%s: rule %q never speaks: %q of %s comes first and matches all that it matches",
					rules[i].file, rules[i].id, rules[j].id, rules[j].file))
				break
			}
		}
	}
	return errs
}

// checkEntry names the texts that a code lacks.
func checkEntry(e *Entry) []error {
	var errs []error
	lacks := func(what string) {
		errs = append(errs, lang.Errorf("código %s: %s: hacen falta es y en", "code %s: %s: es and en are both needed", e.Code, what))
	}
	if half(e.Title) || e.Title.IsZero() {
		lacks("title")
	}
	if half(e.Cause) || e.Cause.IsZero() {
		lacks("cause")
	}
	if half(e.Check) || e.Check.IsZero() {
		lacks("check")
	}
	if half(e.Hint) || e.Hint.IsZero() {
		lacks("hint")
	}
	if len(e.Fixes) == 0 {
		errs = append(errs, lang.Errorf("código %s: sin arreglo", "code %s: no fix", e.Code))
	}
	for i := range e.Fixes {
		f := &e.Fixes[i]
		if half(f.For) || f.For.IsZero() {
			lacks(fmt.Sprintf("fix %d: for", i+1))
		}
		if half(f.Text) {
			lacks(fmt.Sprintf("fix %d: text", i+1))
		}
		if f.Text.IsZero() && f.Code == "" {
			errs = append(errs, lang.Errorf("código %s: el arreglo %d no tiene code ni text", "code %s: fix %d has neither code nor text", e.Code, i+1))
		}
	}
	return errs
}

// checkFirst names what a rule puts first and no fix of its code is for.
func checkFirst(r *rule, e *Entry) []error {
	var errs []error
	for _, id := range r.first {
		if !slices.ContainsFunc(e.Fixes, func(f Fix) bool { return f.Framework == id || f.Framework+" "+f.Versions == id }) {
			errs = append(errs, lang.Errorf("%s: regla %q: first: %s no tiene un arreglo para %q", "%s: rule %q: first: %s has no fix for %q", r.file, r.id, r.code, id))
		}
	}
	return errs
}
