package language

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Told lists, in order, the events of the story that an event belongs to, and
// which of them it is. The whole story is told for each event, because its first
// event may depend on what comes later.
func (c *Case) Told(e *Emit) (told []*Emit, which int) {
	if e.Again != "" {
		e = c.Emits(e.Again)
	}
	root := cmp.Or(e.Story, e.Name())
	for i := range c.Steps {
		if other := c.Steps[i].Emit; other != nil && other.Again == "" && (other.Name() == root || other.Story == root) {
			if other == e {
				which = len(told)
			}
			told = append(told, other)
		}
	}
	return told, which
}

// Emits is the step that emits an event of the case; nil when none does.
func (c *Case) Emits(event string) *Emit {
	for i := range c.Steps {
		if e := c.Steps[i].Emit; e != nil && e.Name() == event {
			return e
		}
	}
	return nil
}

// Summary is what stands out about what is sent, for the timeline.
func (e *Emit) Summary() string {
	switch {
	case e.Raw != nil && *e.Raw == "":
		return "empty body"
	case e.Raw != nil:
		return *e.Raw
	case e.Forged != "":
		return "forged " + e.Forged
	case e.Body != "":
		return e.Body
	case e.Envelope != "":
		return "envelope " + e.Envelope
	case e.Truncate > 0:
		return fmt.Sprintf("cut at %.0f %%", e.Truncate*100)
	case e.Spelling != "":
		return e.Spelling
	case e.Keys != "":
		return "keys " + e.Keys
	}
	return ""
}

// KindFor is the kind of event that is emitted in a case played for the given one.
func (e *Emit) KindFor(of string) string {
	if e.Kind == "" || e.Kind == "{kind}" {
		return of
	}
	return e.Kind
}

// Filled is a value of Set in a case that is played for a kind.
func Filled(v any, kind string) any {
	text, isText := v.(string)
	if !isText || !strings.Contains(text, "{") {
		return v
	}
	object, action, _ := strings.Cut(kind, ".")
	return strings.NewReplacer("{kind}", kind, "{KIND}", strings.ToUpper(kind), "{object}", object, "{action}", action).Replace(text)
}

// FailsSinks reports whether a scenario makes sinks fail.
func (s *Scenario) FailsSinks() bool {
	return slices.ContainsFunc(s.Cases, func(c Case) bool {
		return slices.ContainsFunc(c.Steps, func(st Step) bool { return st.Sink != nil })
	})
}

// Repeats reports whether a case is played for each kind of the run.
func (s *Scenario) Repeats(c *Case) bool { return s.Each == "kind" || c.Each == "kind" }
