package language

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/consent"
	"github.com/kometia-sim/kometia-sim/schemas/strictyaml"
	"github.com/kometia-sim/kometia-sim/simulator/fault"
)

// What one case may ask for. A slip of the pen is not to send a million
// requests.
const (
	maxTimes    = 1000 // of a case, and of one delivery
	maxAttempts = 1000
	MaxLines    = 4000 // of an order: the shop has room for no more
	maxParallel = 100  // connections at once
)

// decode reads one scenario file strictly: an unknown key, a wrong type and a name
// that does not exist are mistakes. All mistakes of the file come at once, each
// with its line. known holds the names that are defined elsewhere; with nil every
// name is taken.
func decode(file string, data []byte, known *names) (*Scenario, error) {
	s := &Scenario{own: known != nil}
	s.read = strictyaml.Read(file, data, s)
	if s.read.Empty() {
		all := ""
		s.read.Fail(all, "no tiene un escenario: dele al menos family, group, cases y checks", "holds no scenario: give it at least family, group, cases and checks")
	} else {
		s.validate(s.read, known)
	}
	if err := s.read.Err(); err != nil {
		return nil, err
	}
	for i := range s.Checks {
		s.Checks[i].scenario = s
		s.Checks[i].translate()
	}
	return s, nil
}

// names are what a file may speak of although it stands elsewhere.
type names struct {
	check func(id string) bool
	codes []string // of diagnoses
}

func (s *Scenario) validate(f *strictyaml.File, known *names) {
	if s.Family == "" {
		f.Fail("family", "falta: dé al escenario un nombre corto", "missing: give the scenario a short name")
	}
	var names []string
	for _, g := range groups() {
		names = append(names, string(g))
	}
	oneOf(f, "group", string(s.Group), names...)
	oneOf(f, "consent", string(s.Consent), append(consent.Classes(), "")...)
	oneOf(f, "each", s.Each, "", "kind")
	if len(s.Cases) == 0 {
		f.Fail("cases", "ninguno: un escenario necesita al menos uno", "none: a scenario needs at least one")
	}
	if len(s.Checks) == 0 {
		f.Fail("checks", "ninguna: un escenario sin prueba no juzga nada", "none: a scenario without a check judges nothing")
	}
	seen := map[string]bool{}
	for i := range s.Cases {
		c, at := &s.Cases[i], fmt.Sprintf("cases[%d]", i)
		if c.Name == "" {
			f.Fail(at+".name", "falta", "missing")
		} else if seen[c.Name] {
			f.Fail(at+".name", "%q está dos veces", "%q stands twice", c.Name)
		}
		seen[c.Name] = true
		c.validate(f, at, s.Consent)
	}
	clear(seen)
	for i := range s.Checks {
		c, at := &s.Checks[i], fmt.Sprintf("checks[%d]", i)
		if seen[c.ID] {
			f.Fail(at+".id", "%s está dos veces", "%s stands twice", c.ID)
		}
		seen[c.ID] = true
		c.validate(f, at, s, known)
	}
}

// holds reports whether a check of that id stands in the scenario.
func (s *Scenario) holds(id string) bool {
	return slices.ContainsFunc(s.Checks, func(c Check) bool { return c.ID == id })
}

func (c *Case) validate(f *strictyaml.File, at string, class consent.Class) {
	oneOf(f, at+".each", c.Each, "", "kind", "family")
	c.validateFamily(f, at)
	if _, err := c.Day.Parse(); err != nil {
		f.Fail(at+".day", "%s", "%s", err)
	}
	whole(f, at+".times", c.Times, maxTimes)
	times := max(c.Times, 1)
	if c.Safely != nil {
		whole(f, at+".safely", *c.Safely, times)
	}
	var events, idle, begun []string
	for j := range c.Steps {
		st, at := &c.Steps[j], fmt.Sprintf("%s.steps[%d]", at, j)
		switch {
		case st.members() != 1:
			f.Fail(at, "un paso es uno de emit, deliver, search, sweep, settle, api, hook y sink (un emit o deliver vacío se escribe {})", "a step is one of emit, deliver, search, sweep, settle, api, hook and sink (an empty emit or deliver is written {})")
		case st.Settle:
		case st.API != nil:
			st.API.validate(f, at+".api", events)
		case st.Hook != nil:
			st.Hook.validate(f, at+".hook", class)
		case st.Sink != nil:
			_, err := fault.ParseAnswer(st.Sink.Answer)
			f.Check(at+".sink.answer", err)
		case st.Search != nil:
			st.Search.validate(f, at+".search")
		case st.Sweep != nil:
			whole(f, at+".sweep.contents", st.Sweep.Contents, maxTimes)
		case st.Emit != nil:
			name := st.Emit.Name()
			st.Emit.validate(f, at+".emit", class)
			if t := st.Emit.Twin; t != "" && !slices.Contains(events, t) {
				f.Fail(at+".emit.twin", "el evento %q no se emitió antes en este caso%s", "event %q was not emitted before in this case%s", t, didYouMean(t, events))
			} else if t != "" && c.Emits(t).Story != "" {
				f.Fail(at+".emit.twin", "el evento %q continúa una historia: nombre el evento que la empezó, %s", "event %q goes on with a story: name the event that began it, %s", t, c.Emits(t).Story)
			}
			if n := st.Emit.Near; n != "" && !slices.Contains(events, n) {
				f.Fail(at+".emit.near", "el evento %q no se emitió antes en este caso%s", "event %q was not emitted before in this case%s", n, didYouMean(n, events))
			}
			if o := st.Emit.OrderOf; o != "" && !slices.Contains(events, o) {
				f.Fail(at+".emit.order_of", "el evento %q no se emitió antes en este caso%s", "event %q was not emitted before in this case%s", o, didYouMean(o, events))
			}
			if n := st.Emit.NamedAs; n != "" && !slices.Contains(events, n) {
				f.Fail(at+".emit.named_as", "el evento %q no se emitió antes en este caso%s", "event %q was not emitted before in this case%s", n, didYouMean(n, events))
			}
			if a := st.Emit.Again; a != "" && !slices.Contains(events, a) {
				f.Fail(at+".emit.again", "el evento %q no se emitió antes en este caso%s", "event %q was not emitted before in this case%s", a, didYouMean(a, events))
			}
			if st.Emit.Story != "" {
				c.validateStory(f, at+".emit", j)
			}
			if slices.Contains(events, name) {
				// Its data would be drawn from the same key: the same event again.
				f.Fail(at+".emit", "el evento %q se emite dos veces en este caso: nombre el segundo con as, o entregue el primero otra vez", "event %q is emitted twice in this case: name the second with as, or deliver the first again", name)
				continue
			}
			events, idle = append(events, name), append(idle, name)
			idle = slices.DeleteFunc(idle, func(name string) bool {
				return name == st.Emit.Again || name == st.Emit.NamedAs // its first attempt did not get through, or it only lends its names
			})
		case st.Deliver.Resume != "":
			st.Deliver.validateResume(f, at+".deliver", begun, class)
			st.Deliver.validateGroup(f, at+".deliver", times, class)
		default:
			st.Deliver.validateTogether(f, at+".deliver", events)
			st.Deliver.validate(f, at+".deliver", events, class)
			st.Deliver.validateGroup(f, at+".deliver", times, class)
			begun = append(begun, st.Deliver.Exchanges()...)
			st.Deliver.validatePermute(f, at+".deliver", events, times)
			idle = slices.DeleteFunc(idle, func(name string) bool { return slices.Contains(st.Deliver.Events(), name) })
		}
	}
	if !slices.ContainsFunc(c.Steps, func(st Step) bool { return st.Deliver != nil || st.Search != nil || st.Sweep != nil }) {
		f.Fail(at, "no entrega nada", "delivers nothing")
	} else if len(idle) > 0 {
		f.Fail(at, "emite lo que nunca entrega: %s", "emits what it never delivers: %s", strings.Join(idle, ", "))
	}
}

// validateStory checks the step that goes on with a story.
func (c *Case) validateStory(f *strictyaml.File, at string, step int) {
	e := c.Steps[step].Emit
	var before []string // names of the events that began a story
	var last *Emit      // of this story, so far
	for i := range c.Steps[:step] {
		other := c.Steps[i].Emit
		switch {
		case other == nil:
			continue
		case other.Story == "":
			before = append(before, other.Name())
		case other.Name() == e.Story:
			f.Fail(at+".story", "%q continúa él mismo una historia: nombre el evento que la empezó, %s", "%q goes on with a story itself: name the event that began it, %s", e.Story, other.Story)
			return
		}
		if other.Name() == e.Story || other.Story == e.Story {
			last = other
		}
	}
	switch {
	case last == nil:
		f.Fail(at+".story", "el evento %q no se emitió antes en este caso%s", "event %q was not emitted before in this case%s", e.Story, didYouMean(e.Story, before))
		return
	case last.Raw != nil:
		f.Fail(at+".story", "el evento %q son bytes crudos, que ninguna historia continúa", "event %q is raw bytes, which no story goes on with", e.Story)
	case e.After < last.After || e.After < c.Emits(e.Story).After+time.Second:
		f.Fail(at+".after", "%s: el evento continúa una historia, así que va al menos un segundo después del primero, y no antes que %s, que va en %s", "%s: the event goes on with a story, so it has to come at least a second after the first one, and not before %s, which is at %s", e.After, last.Name(), last.After)
	}
	if e.Twin != "" || e.Lines > 0 || e.Raw != nil {
		f.Fail(at, "un evento que continúa una historia es de los mismos objetos: no tiene twin, lines ni raw propios", "an event that goes on with a story is about the same objects: it has no twin, lines or raw of its own")
	}
}

// exchanges are the names under which the case delivers.
func (c *Case) exchanges() (names []string) {
	for i := range c.Steps {
		var begun []string
		switch st := &c.Steps[i]; {
		case st.Deliver != nil && st.Deliver.Resume == "":
			begun = st.Deliver.Exchanges()
		case st.Search != nil:
			begun = []string{st.Search.Name()}
		case st.Sweep != nil:
			begun = []string{st.Sweep.Name()}
		}
		for _, name := range begun {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// exchanges are the names under which the scenario's cases deliver.
func (s *Scenario) exchanges() (names []string) {
	for i := range s.Cases {
		names = append(names, s.Cases[i].exchanges()...)
	}
	return names
}

// Delivers reports whether the case has an exchange of that name.
func (c *Case) Delivers(name string) bool { return slices.Contains(c.exchanges(), name) }

// members counts what the step is to do.
func (s *Step) members() (n int) {
	for _, given := range []bool{s.Emit != nil, s.Deliver != nil, s.Settle, s.Hook != nil, s.Sink != nil, s.Search != nil, s.Sweep != nil, s.API != nil} {
		if given {
			n++
		}
	}
	return n
}

// Name is the name by which later steps speak of the event.
func (e *Emit) Name() string { return cmp.Or(e.As, "event") }

// Name is the name of the exchange, for the checks.
func (d *Deliver) Name() string { return cmp.Or(d.As, "delivery") }

// Name is the name of its exchanges, for the checks.
func (s *Search) Name() string { return cmp.Or(s.As, "delivery") }

// Name is the name of its exchanges, for the checks.
func (s *Sweep) Name() string { return cmp.Or(s.As, "delivery") }

// KindFor is the kind of its events in a case played for the given one.
func (s *Sweep) KindFor(of string) string {
	if s.Kind == "" || s.Kind == "{kind}" {
		return of
	}
	return s.Kind
}

// EventName is the name of the event that is delivered.
func (d *Deliver) EventName() string { return cmp.Or(d.Event, "event") }

// Exchange is the name of the exchange that is judged.
func (c *Check) Exchange() string { return cmp.Or(c.Of, "delivery") }
