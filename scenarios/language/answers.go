package language

import (
	"errors"
	"strconv"
	"strings"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// Answers is a list of patterns, one for each attempt that reached the
// receiver, in order: "2xx" ... "5xx", a code such as "409", "none" (no answer
// came), "any", alternatives "409|425|503", the negation "!2xx"; a last
// pattern "..." fits all attempts that are left. A list of one pattern is
// tried on the last attempt.
type Answers []string

// validate reports every pattern that cannot be read.
func (a Answers) validate() error {
	var errs []error
	for i, p := range a {
		if p == "..." {
			if i != len(a)-1 || i == 0 {
				errs = append(errs, lang.Errorf(`"..." solo puede ir al final, tras otro patrón`, `"..." may only stand last, after another pattern`))
			}
			continue
		}
		for alt := range strings.SplitSeq(strings.TrimPrefix(p, "!"), "|") {
			if !validAnswer(alt) {
				errs = append(errs, lang.Errorf("%q no es un patrón: use 1xx a 5xx, un código, none, any, ..., alternativas con | y ! delante para negar",
					"%q is no pattern: use 1xx to 5xx, a code, none, any, ..., alternatives with | and a leading ! for the negation", p))
				break
			}
		}
	}
	return errors.Join(errs...)
}

func validAnswer(p string) bool {
	switch p {
	case "any", "none", "1xx", "2xx", "3xx", "4xx", "5xx":
		return true
	}
	code, err := strconv.Atoi(p)
	return err == nil && code >= 100 && code <= 999 && strconv.Itoa(code) == p
}

// Match reports whether the statuses, zero for no answer, fit the patterns.
func (a Answers) Match(statuses []int) bool {
	if len(a) == 0 {
		return true
	}
	if len(statuses) == 0 {
		return false
	}
	if len(a) == 1 {
		return matchAnswer(a[0], statuses[len(statuses)-1])
	}
	patterns, open := a, false
	if a[len(a)-1] == "..." {
		patterns, open = a[:len(a)-1], true
	}
	if len(statuses) < len(patterns) || !open && len(statuses) > len(patterns) {
		return false
	}
	for i, p := range patterns {
		if !matchAnswer(p, statuses[i]) {
			return false
		}
	}
	return true
}

func matchAnswer(pattern string, status int) bool {
	rest, negated := strings.CutPrefix(pattern, "!")
	found := false
	for alt := range strings.SplitSeq(rest, "|") {
		switch {
		case alt == "any",
			alt == "none" && status == 0,
			len(alt) == 3 && alt[1:] == "xx" && status/100 == int(alt[0]-'0'),
			alt == strconv.Itoa(status):
			found = true
		}
	}
	return found != negated
}
