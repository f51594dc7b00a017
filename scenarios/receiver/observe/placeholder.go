package observe

import (
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// Placeholders are what may stand in a command's arguments and in a URL for the
// subject that is asked about.
func Placeholders() []string {
	return []string{"{event.id}", "{event.kind}", "{object.id}", "{object.type}", "{order.number}"}
}

// Covers reports whether a subject has a value for every placeholder that the
// config uses. One that it does not cover cannot be asked about: a command with
// {order.number} knows nothing of products.
func (c Config) Covers(s Subject) bool {
	for _, p := range placeholdersIn(append([]string{c.URL}, c.Command...)...) {
		if placeholderValue(s, p) == "" {
			return false
		}
	}
	return true
}

// placeholderValue is what a placeholder stands for; "" when the subject has none.
func placeholderValue(s Subject, placeholder string) string {
	switch placeholder {
	case "{event.id}":
		return s.EventID
	case "{event.kind}":
		return s.EventKind
	case "{object.id}":
		return s.ObjectID
	case "{object.type}":
		return s.ObjectType
	case "{order.number}":
		return s.OrderNumber
	}
	return ""
}

// placeholdersIn lists the placeholders that a text holds, each once.
func placeholdersIn(texts ...string) []string {
	var found []string
	for _, p := range Placeholders() {
		if slices.ContainsFunc(texts, func(t string) bool { return strings.Contains(t, p) }) {
			found = append(found, p)
		}
	}
	return found
}

// checkBraces finds what looks like a placeholder and is none. Arguments may
// hold braces of their own (awk, JSON): there only a name with a dot, or one
// that is near to a placeholder, counts.
func checkBraces(where, text string, all bool) error {
	var errs []error
	var names []string
	for _, p := range Placeholders() {
		names = append(names, strings.Trim(p, "{}"))
	}
	for _, found := range regexp.MustCompile(`\{[A-Za-z_][A-Za-z0-9_.-]*\}`).FindAllString(text, -1) {
		name := strings.Trim(found, "{}")
		if slices.Contains(names, name) {
			continue
		}
		near := schemas.Suggest(strings.ReplaceAll(name, "_", "."), names)
		if near == "" && !all && !strings.Contains(name, ".") && !slices.Contains([]string{"id", "event", "object", "order", "number", "kind"}, name) {
			continue
		}
		if near != "" {
			near = "{" + near + "}"
		}
		errs = append(errs, lang.Errorf("observe: %s: no existe el marcador %s%s: use %s", "observe: %s: unknown placeholder %s%s: use %s", where, found, lang.DidYouMean(near), strings.Join(Placeholders(), " ")))
	}
	return errors.Join(errs...)
}

// fill puts a subject's values in, each passed through escape.
func fill(text string, s Subject, escape func(string) string) string {
	pairs := make([]string, 0, 2*len(Placeholders()))
	for _, p := range Placeholders() {
		pairs = append(pairs, p, escape(placeholderValue(s, p)))
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// unnamed is the error of a subject that lacks what a placeholder stands for;
// asking with an empty one would answer some other question.
func unnamed(what string, s Subject, placeholders []string) error {
	for _, p := range placeholders {
		if placeholderValue(s, p) == "" {
			return &Error{
				What: what, Kind: Unnamed, Subject: s.EventID,
				Text: lang.Textf("un evento %[2]s no tiene %[1]s", "an event %[2]s has no %[1]s", p, shown(s.EventKind)),
			}
		}
	}
	return nil
}
