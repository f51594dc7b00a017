package verdict

import (
	"path"
	"strings"
)

// Known is one entry of a list of known failures: checks whose failure is no
// news and does not decide a run's exit. The list is strict both ways: a listed
// check that passes does decide.
type Known struct {
	// Pattern is the id of a check or a glob such as KOM-RTY-*, whatever its case.
	Pattern string
	// Reason is what the user wrote behind it; "" when nothing.
	Reason string
	// File and Line are where it stands.
	File string
	Line int
}

// Matches reports whether the entry is about a check. A pattern that cannot be
// read is about none.
func (k *Known) Matches(id string) bool {
	ok, err := path.Match(strings.ToUpper(k.Pattern), id)
	return ok && err == nil
}

// KnownIn is the first entry about a check; nil when there is none.
func KnownIn(list []Known, id string) *Known {
	for i := range list {
		if list[i].Matches(id) {
			return &list[i]
		}
	}
	return nil
}
