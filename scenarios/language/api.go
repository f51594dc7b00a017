package language

import (
	"slices"

	"github.com/kometia-sim/kometia-sim/schemas/strictyaml"
	"github.com/kometia-sim/kometia-sim/simulator/api"
)

// How a receiver may say that it knows an event for Kometia's.
const (
	AuthAPI  = "api"  // it asks the API
	AuthPath = "path" // its URL is a secret
)

// APIStep has the simulated API fail, or answer rightly again, when the receiver
// asks about an event or its object.
type APIStep struct {
	// Answer is how: one of api.Troubles, or "ok".
	Answer string `yaml:"answer"`
	// For is the name of an event emitted before; empty means "event".
	For string `yaml:"for"`
	// Times is at how many questions; zero means at all until the next such step.
	Times int `yaml:"times"`
}

// answerOK has the API answer rightly.
const answerOK = "ok"

// Heals reports whether the API is to answer rightly again.
func (a *APIStep) Heals() bool { return a.Answer == answerOK }

// EventName is the name of the event that is asked about.
func (a *APIStep) EventName() string {
	if a.For == "" {
		return "event"
	}
	return a.For
}

func (a *APIStep) validate(f *strictyaml.File, at string, events []string) {
	oneOf(f, at+".answer", a.Answer, append(api.Troubles(), answerOK)...)
	whole(f, at+".times", a.Times, maxTimes)
	if !slices.Contains(events, a.EventName()) {
		f.Fail(at+".for", "el evento %q no se emitió antes en este caso%s", "event %q was not emitted before in this case%s", a.EventName(), didYouMean(a.EventName(), events))
	}
}

// The forgeries: what the simulated API says of an event that claims to be
// Kometia's.
const (
	ForgedUnknown = "unknown" // it knows no such event
	ForgedForeign = "foreign" // it is another account's
	ForgedKind    = "kind"    // it is of another kind, one that nobody knows
	ForgedObject  = "object"  // it is about another object, and says what the shop said
	ForgedID      = "id"      // it knows the object, that of the event named by twin, and no such event
	ForgedContent = "content" // it says what the shop said, without what the step changes
)

func forgeries() []string {
	return []string{ForgedUnknown, ForgedForeign, ForgedKind, ForgedObject, ForgedID, ForgedContent}
}

// Tampered reports whether the event is genuine but for what it says.
func (e *Emit) Tampered() bool { return e.Forged == ForgedContent || e.Forged == ForgedObject }

func (e *Emit) validateForged(f *strictyaml.File, at string) {
	oneOf(f, at+".forged", e.Forged, append(forgeries(), "")...)
	switch {
	case e.Forged == "":
	case e.Raw != nil || e.Truncate > 0 || e.Body != "" || e.Story != "":
		f.Fail(at+".forged", "un evento falso tiene la forma de uno de verdad y está solo: quite raw, truncate, body y story", "a forged event looks like a genuine one and stands alone: leave out raw, truncate, body and story")
	case e.Forged == ForgedID && e.Twin == "":
		f.Fail(at+".forged", "nombre con twin el evento cuyo objeto lleva", "name with twin the event whose object it carries")
	case e.Tampered() && !e.Changes():
		f.Fail(at+".forged", "nada que delate al receptor que cree el cuerpo: cambie algo con set, unset o add", "nothing that would show who believes the body: change something with set, unset or add")
	}
}

// AsksAPI reports whether the case is about what the simulated API answers.
func (c *Case) AsksAPI() bool {
	return slices.ContainsFunc(c.Steps, func(st Step) bool {
		return st.API != nil || st.Emit != nil && st.Emit.Forged != ""
	})
}

// AsksAPI reports whether the check is judged on a case that is about what the
// simulated API answers.
func (c *Check) AsksAPI() bool {
	return slices.ContainsFunc(c.scenario.Cases, func(s Case) bool { return s.Delivers(c.Exchange()) && s.AsksAPI() })
}
