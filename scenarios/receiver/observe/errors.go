package observe

import (
	"strings"
	"unicode"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// Kind is what went wrong with an observer or a hook.
type Kind string

// The kinds of errors.
const (
	// Missing: the program, the file or its folder is not there, or nobody
	// listens at the address.
	Missing Kind = "missing"
	// Failed: an exit code other than 0, a status other than 200.
	Failed Kind = "failed"
	// Unreadable: the answer is no number, no JSON, too long or negative.
	Unreadable Kind = "unreadable"
	// Slow: no end within the time allowed.
	Slow Kind = "slow"
	// Unnamed: a placeholder has no value for this subject.
	Unnamed Kind = "unnamed"
	// Sinking: a count went down.
	Sinking Kind = "sinking"
	// Restless: the counts never came to rest.
	Restless Kind = "restless"
	// Seen: a fresh event has effects already; see ErrSeen.
	Seen Kind = "seen"
	// Overflow: more was seen than is kept.
	Overflow Kind = "overflow"
)

// ErrSeen is wrapped by the *Error of a fresh event that had effects before it
// was delivered: the receiver knows it from another run, or effects are counted
// for the object and not for the event.
var ErrSeen = lang.Errorf("ya se vio", "already seen")

// Error is a failure of an observer or a hook. In a report it makes a check
// inconclusive; it never says anything about the receiver.
type Error struct {
	// What failed, as the config names it: observe.command, observe.url,
	// observe.log, observe.sink, drain, start, ...
	What string
	Kind Kind
	// Subject is the event id that was asked for; "" when it is not about one.
	Subject string
	// Text says it to the user. What comes from outside is shortened and
	// printable in it.
	Text lang.Text
	// Err is the cause; nil when there is none beneath.
	Err error
}

// Error implements error.
func (e *Error) Error() string { return e.In(lang.English) }

// In implements lang.Bilingual.
func (e *Error) In(tag lang.Tag) string {
	if e.Subject != "" {
		return e.What + ": " + e.Subject + ": " + e.Text.In(tag)
	}
	return e.What + ": " + e.Text.In(tag)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// passing reports whether the next question may well succeed.
func (e *Error) passing() bool {
	switch e.Kind {
	case Missing, Failed, Unreadable, Slow:
		return true
	}
	return false
}

// maxShown is how many bytes of a line from outside an error shows.
const maxShown = 200

// firstLine gives the first line that says something, quoted, so that nothing
// in it reaches a terminal as a command; "" when there is none.
func firstLine(output []byte) string {
	for line := range strings.Lines(string(output)) {
		if line = shown(line); line != "" {
			return line
		}
	}
	return ""
}

// lastLine is firstLine from the end.
func lastLine(output []byte) string {
	last := ""
	for line := range strings.Lines(string(output)) {
		if line = shown(line); line != "" {
			last = line
		}
	}
	return last
}

// shown makes text harmless and short: control and format characters and
// broken UTF-8 become a middle dot.
func shown(text string) string {
	text = strings.TrimSpace(text)
	cut := len(text) > maxShown
	if cut {
		text = strings.ToValidUTF8(text[:maxShown], "")
	}
	text = strings.TrimSpace(strings.Map(func(r rune) rune {
		if r == '\t' {
			return ' '
		}
		if r == unicode.ReplacementChar || !unicode.IsPrint(r) {
			return '·'
		}
		return r
	}, text))
	if cut {
		text += "…"
	}
	return text
}

// because puts a line from outside behind a text; "" adds nothing.
func because(line string) string {
	if line == "" {
		return ""
	}
	return ": " + line
}
