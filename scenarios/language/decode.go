package language

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/consent"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/schemas/strictyaml"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// What one case may ask for. A slip of the pen is not to send a million
// requests.
const (
	maxTimes    = 1000 // of a case, and of one delivery
	maxAttempts = 1000
	MaxLines    = 4000 // of an order: the shop has room for no more
	maxParallel = 100  // connections at once
)

// decode reads one scenario file strictly: an unknown key, a wrong type or a
// name that nothing bears is a mistake, and all mistakes of the file come at
// once, each with its line. known are the names of what stands elsewhere; nil
// takes every one.
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

// translate puts a text that stands in one language only in the place of the
// other, which a reader of that one would find empty.
func (c *Check) translate() {
	texts := []*lang.Text{&c.Title, &c.Requirement, &c.Why, &c.Provoked, &c.Passes, &c.Fix, &c.Source, &c.Expected}
	if c.Leaks != nil {
		for i := range c.Leaks.Marks {
			texts = append(texts, &c.Leaks.Marks[i].What)
		}
	}
	for i := range c.Judge {
		texts = append(texts, &c.Judge[i].Found, &c.Judge[i].Reason, &c.Judge[i].Note)
	}
	for _, t := range texts {
		t.ES, t.EN = cmp.Or(t.ES, t.EN), cmp.Or(t.EN, t.ES)
	}
}

var idPattern = regexp.MustCompile(`^[A-Z][A-Z0-9]*(-[A-Z0-9]+)+$`)

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
			f.Fail(at, "un paso es uno de emit, deliver, search, settle y hook (un emit o deliver vacío se escribe {})", "a step is one of emit, deliver, search, settle and hook (an empty emit or deliver is written {})")
		case st.Settle:
		case st.Hook != nil:
			st.Hook.validate(f, at+".hook", class)
		case st.Search != nil:
			st.Search.validate(f, at+".search")
		case st.Emit != nil:
			name := st.Emit.Name()
			st.Emit.validate(f, at+".emit", class)
			if t := st.Emit.Twin; t != "" && !slices.Contains(events, t) {
				f.Fail(at+".emit.twin", "el evento %q no se emitió antes en este caso%s", "event %q was not emitted before in this case%s", t, didYouMean(t, events))
			} else if t != "" && c.Emits(t).Story != "" {
				f.Fail(at+".emit.twin", "el evento %q continúa una historia: nombre el evento que la empezó, %s", "event %q goes on with a story: name the event that began it, %s", t, c.Emits(t).Story)
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
		case st.Deliver.Resume != "":
			st.Deliver.validateResume(f, at+".deliver", begun, class)
			st.Deliver.validateGroup(f, at+".deliver", times, class)
		default:
			st.Deliver.validate(f, at+".deliver", events, class)
			st.Deliver.validateGroup(f, at+".deliver", times, class)
			begun = append(begun, st.Deliver.Name())
			st.Deliver.validatePermute(f, at+".deliver", events, times)
			idle = slices.DeleteFunc(idle, func(name string) bool { return slices.Contains(st.Deliver.Events(), name) })
		}
	}
	if !slices.ContainsFunc(c.Steps, func(st Step) bool { return st.Deliver != nil || st.Search != nil }) {
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
	case e.After < last.After+time.Second:
		f.Fail(at+".after", "%s: el evento continúa una historia, así que va al menos un segundo después de %s, que va en %s", "%s: the event goes on with a story, so it has to come at least a second after %s, which is at %s", e.After, last.Name(), last.After)
	}
	if e.Twin != "" || e.Lines > 0 || e.Raw != nil {
		f.Fail(at, "un evento que continúa una historia es de los mismos objetos: no tiene twin, lines ni raw propios", "an event that goes on with a story is about the same objects: it has no twin, lines or raw of its own")
	}
}

// exchanges are the names under which the case delivers.
func (c *Case) exchanges() (names []string) {
	for i := range c.Steps {
		name := ""
		switch st := &c.Steps[i]; {
		case st.Deliver != nil && st.Deliver.Resume == "":
			name = st.Deliver.Name()
		case st.Search != nil:
			name = st.Search.Name()
		}
		if name != "" && !slices.Contains(names, name) {
			names = append(names, name)
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
	for _, given := range []bool{s.Emit != nil, s.Deliver != nil, s.Settle, s.Hook != nil, s.Search != nil} {
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

// EventName is the name of the event that is delivered.
func (d *Deliver) EventName() string { return cmp.Or(d.Event, "event") }

// Exchange is the name of the exchange that is judged.
func (c *Check) Exchange() string { return cmp.Or(c.Of, "delivery") }

func (e *Emit) validate(f *strictyaml.File, at string, class consent.Class) {
	oneOf(f, at+".outside", e.Outside, "", "schema")
	oneOf(f, at+".spelling", e.Spelling, "", "php", "plain", "pretty")
	oneOf(f, at+".keys", e.Keys, "", "reversed")
	oneOf(f, at+".envelope", e.Envelope, append(delivery.Envelopes(), "")...)
	oneOf(f, at+".body", e.Body, append(bodies(), "")...)
	whole(f, at+".lines", e.Lines, MaxLines)
	if e.After < 0 {
		f.Fail(at+".after", "%s: no puede ser negativo", "%s: may not be negative", e.After)
	}
	if !(e.Truncate >= 0 && e.Truncate < 1) { // NaN is neither
		f.Fail(at+".truncate", "%v: dé la fracción del cuerpo que queda, entre 0 y 1", "%v: give the fraction of the body to keep, between 0 and 1", e.Truncate)
	}
	if e.Raw != nil && (e.Changes() || e.Truncate > 0 || e.Spelling != "" || e.Keys != "" || e.Kind != "" || e.Envelope != "" || e.Body != "") {
		f.Fail(at+".raw", "los bytes crudos no se cambian con kind, lines, set, unset, add, spelling, keys, envelope, body ni truncate", "raw bytes cannot be changed by kind, lines, set, unset, add, spelling, keys, envelope, body or truncate")
	}
	if (e.Raw != nil || e.Truncate > 0 || e.Body != "") && class != consent.Malformed {
		f.Fail(at, "raw, body y truncate mandan un cuerpo mal formado: dé al escenario `consent: malformed`, para que otra máquina lo reciba solo si su dueño lo permite", "raw, body and truncate send a malformed body: give the scenario `consent: malformed`, so that another machine gets it only when its owner allows it")
	}
	if e.Twin != "" && e.Lines > 0 {
		f.Fail(at+".lines", "un gemelo tiene las líneas de su gemelo", "a twin has the lines of its twin")
	}
	for _, path := range slices.Sorted(maps.Keys(e.Set)) {
		if !finite(e.Set[path]) {
			f.Fail(at+".set", "%s: JSON no tiene NaN ni infinitos", "%s: JSON has neither NaN nor an infinity", path)
		}
	}
	for _, path := range slices.Sorted(maps.Keys(e.Add)) {
		if !finite(e.Add[path]) {
			f.Fail(at+".add", "%s: JSON no tiene NaN ni infinitos", "%s: JSON has neither NaN nor an infinity", path)
		}
		if _, name := SplitAdded(path); name == "" {
			f.Fail(at+".add", "%q no termina en un nombre simple: agregue miembros nuevos a un objeto, como en data.object.nuevo", "%q does not end in a plain name: add new members to an object, as in data.object.nuevo", path)
		}
	}
}

// SplitAdded splits the path of a new member into its object and its name; an
// empty name is none that can be added.
func SplitAdded(path string) (object, name string) {
	part := addPattern.FindStringSubmatch(path)
	if part == nil {
		return "", ""
	}
	return part[1], part[2]
}

var addPattern = regexp.MustCompile(`^(?:(.+)\.)?([A-Za-z_][A-Za-z0-9_-]*)$`)

// Changes reports whether the step makes another event than the shop would.
func (e *Emit) Changes() bool { return e.Lines > 0 || len(e.Set)+len(e.Unset)+len(e.Add) > 0 }

// finite reports whether a value of a YAML file holds only numbers that JSON
// can write.
func finite(v any) bool {
	switch v := v.(type) {
	case float64:
		return !math.IsNaN(v) && !math.IsInf(v, 0)
	case []any:
		return !slices.ContainsFunc(v, func(e any) bool { return !finite(e) })
	case map[string]any:
		for _, e := range v {
			if !finite(e) {
				return false
			}
		}
	}
	return true
}

func (d *Deliver) validate(f *strictyaml.File, at string, events []string, class consent.Class) {
	if len(d.Permute) == 0 && !slices.Contains(events, d.EventName()) {
		f.Fail(at+".event", "el evento %q no se emitió antes en este caso%s", "event %q was not emitted before in this case%s", d.EventName(), didYouMean(d.EventName(), events))
	}
	if d.At < 0 {
		f.Fail(at+".at", "%s: no puede ser negativo", "%s: may not be negative", d.At)
	}
	whole(f, at+".times", d.Times, maxTimes)
	oneOf(f, at+".method", d.Method, append(methods(), "")...)
	if d.MethodOrPost() != http.MethodPost && class != consent.Methods {
		f.Fail(at+".method", "%s no es de Kometia: dé al escenario `consent: methods`, para que otra máquina lo reciba solo si su dueño lo permite", "%s is none of Kometia's: give the scenario `consent: methods`, so that another machine gets it only when its owner allows it", d.Method)
	}
	oneOf(f, at+".connection", d.Connection, "", "fresh", "kept")
	oneOf(f, at+".header_case", d.HeaderCase, "", "lower", "upper")
	d.validateAttempts(f, at, class)
	d.validateCopies(f, at)
	seen := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(d.Header)) {
		field := wire.Field{Name: name}
		if v := d.Header[name]; v != nil {
			field.Value = *v
		}
		f.Check(at+".header", field.Check())
		if seen[strings.ToLower(name)] {
			f.Fail(at+".header", "%s está dos veces: las mayúsculas de un nombre no cuentan", "%s stands twice: the case of a name makes no difference", name)
		}
		seen[strings.ToLower(name)] = true
	}
}

// validateAttempts checks what a delivery and one that goes on have in common.
func (d *Deliver) validateAttempts(f *strictyaml.File, at string, class consent.Class) {
	whole(f, at+".attempts", d.Attempts, maxAttempts)
	d.validateFaults(f, at, class)
}

// validateResume checks a step that goes on with what was begun before.
func (d *Deliver) validateResume(f *strictyaml.File, at string, begun []string, class consent.Class) {
	if !slices.Contains(begun, d.Resume) {
		f.Fail(at+".resume", "ningún paso anterior entrega %q%s", "no step before delivers %q%s", d.Resume, didYouMean(d.Resume, begun))
	}
	if d.As != "" || d.Event != "" || d.At != 0 || d.Connection != "" || len(d.Header) > 0 || d.HeaderCase != "" || d.Times != 0 || d.Copies != 0 || d.ExpectContinue {
		f.Fail(at, "resume continúa una entrega como era: solo admite attempts, faults, parallel y kill_after", "resume goes on with a delivery as it was: it takes only attempts, faults, parallel and kill_after")
	}
	d.validateAttempts(f, at, class)
}

// validateGroup checks what concerns the deliveries of all rounds together.
func (d *Deliver) validateGroup(f *strictyaml.File, at string, times int, class consent.Class) {
	whole(f, at+".parallel", d.Parallel, maxParallel)
	whole(f, at+".kill_after", d.KillAfter, maxTimes)
	whole(f, at+".kill_from", d.KillFrom, maxTimes)
	if d.KillAfter > 0 {
		restarts(f, at+".kill_after", class)
	}
	if d.KillAfter > times {
		f.Fail(at+".kill_after", "%d acuses de %d entregas: dé al caso más times", "%d receipts of %d deliveries: give the case more times", d.KillAfter, times)
	}
	if d.KillFrom > d.KillAfter {
		f.Fail(at+".kill_from", "%d: no puede ser más que kill_after", "%d: may not be more than kill_after", d.KillFrom)
	}
	if (d.Parallel > 0 || d.KillAfter > 0) && d.Times > 1 {
		f.Fail(at+".times", "lo que todas las rondas entregan juntas se manda una vez cada una: dé al caso más times", "what all rounds deliver together is sent once each: give the case more times")
	}
}

func (c *Check) validate(f *strictyaml.File, at string, s *Scenario, known *names) {
	if !idPattern.MatchString(c.ID) {
		f.Fail(at+".id", "id %q: use mayúsculas, números y guiones, como MI-TIENDA-001", "id %q: use capitals, digits and dashes, such as MY-SHOP-001", c.ID)
	}
	oneOf(f, at+".level", string(c.Level), string(verdict.Must), string(verdict.Should), string(verdict.Informative))
	if len(c.Evidence) == 0 {
		f.Fail(at+".evidence", "falta: nombre al menos wire", "missing: name at least wire")
	}
	for i, e := range c.Evidence {
		oneOf(f, fmt.Sprintf("%s.evidence[%d]", at, i), e, EvidenceWire, EvidenceEffects, EvidenceState, EvidenceEither, EvidenceProcess, EvidenceAPI)
	}
	for _, t := range []struct {
		name string
		text lang.Text
	}{{"title", c.Title}, {"requirement", c.Requirement}} {
		if t.text.IsZero() {
			f.Fail(at+"."+t.name, "falta: dé es o en", "missing: give es or en")
		}
	}
	if len(c.Assumes) > 0 {
		var ids []string
		for _, a := range schemas.Assumptions() {
			ids = append(ids, a.ID)
		}
		for i, a := range c.Assumes {
			oneOf(f, fmt.Sprintf("%s.assumes[%d]", at, i), a, ids...)
		}
	}
	c.validateExchanges(f, at, s)
	if c.scenario = s; c.Meddles() && !slices.Contains(c.Evidence, EvidenceProcess) {
		f.Fail(at+".evidence", "sus casos usan hooks: nombre también process", "its cases use hooks: name process, too")
	}
	if c.Leaks != nil {
		c.Leaks.validate(f, at+".leaks")
	}
	for i := range c.Judge {
		at := fmt.Sprintf("%s.judge[%d]", at, i)
		c.Judge[i].validate(f, at, place{s, known})
		switch last := i == len(c.Judge)-1; {
		case last && !c.Judge[i].Open():
			f.Fail(at, "judge: la última regla tiene que valer para todo: termine con solo `then:`", "judge: the last rule has to fit everything: end with only `then:`")
		case !last && c.Judge[i].Open():
			f.Fail(at, "judge: esta regla vale para todo, así que las de abajo nunca deciden: dele una condición, o póngala al final", "judge: this rule fits everything, so those below it never decide: give it a condition, or put it last")
		}
	}
	if c.Slow != nil {
		oneOf(f, at+".slow.then", string(c.Slow.Then), string(verdict.Fail), string(verdict.Warn), string(verdict.Info))
		whole(f, at+".slow.count", c.Slow.Count, math.MaxInt)
		if c.Slow.Count < 1 || c.Slow.Over < 0 {
			f.Fail(at+".slow", "count debe ser al menos 1 y over no negativo", "count must be at least 1 and over not negative")
		}
	}
	switch {
	case c.Leaks != nil && (c.Slow != nil || len(c.Judge) > 0):
		c.oneWay(f, at+".leaks")
	case c.Slow != nil && len(c.Judge) > 0:
		c.oneWay(f, at+".slow")
	case c.Leaks == nil && c.Slow == nil && len(c.Judge) == 0:
		c.oneWay(f, at)
	}
}

func (c *Check) oneWay(f *strictyaml.File, at string) {
	f.Fail(at, "dé uno de judge, slow y leaks", "give one of judge, slow and leaks")
}

// validateExchanges checks the names of exchanges that a check speaks of.
func (c *Check) validateExchanges(f *strictyaml.File, at string, s *Scenario) {
	all := s.exchanges()
	if !slices.Contains(all, c.Exchange()) {
		f.Fail(at+".of", "ningún paso entrega %q%s", "no step delivers %q%s", c.Exchange(), didYouMean(c.Exchange(), all))
	}
	for _, name := range slices.Sorted(maps.Keys(c.Given)) {
		at := at + ".given"
		if answers := c.Given[name]; len(answers) == 0 {
			f.Fail(at, "%s: sin respuestas: dé al menos un patrón", "%s: no answers: give at least one pattern", name)
		} else if err := answers.validate(); err != nil {
			f.Fail(at, "%s: %s", "%s: %s", name, err)
		}
		if !slices.Contains(all, name) {
			f.Fail(at, "ningún paso entrega %q%s", "no step delivers %q%s", name, didYouMean(name, all))
			continue
		}
		for i := range s.Cases {
			if sc := &s.Cases[i]; sc.Delivers(c.Exchange()) && !sc.Delivers(name) {
				f.Fail(at, "el caso %s entrega %s pero nunca %s", "case %s delivers %s but never %s", sc.Name, c.Exchange(), name)
			}
		}
	}
}
