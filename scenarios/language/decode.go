package language

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/kometia-sim/kometia-sim/scenarios/consent"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/diagnose"
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
// name that nothing bears is an error that tells file, line and column, with
// the line itself and a caret. known are the names of what stands elsewhere;
// nil takes every one.
func decode(file string, data []byte, known *names) (*Scenario, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff")) // some editors on Windows write one
	s := &Scenario{file: file, source: data, own: known != nil}
	dec := yaml.NewDecoder(bytes.NewReader(data), yaml.Strict())
	switch err := dec.Decode(s); {
	case errors.Is(err, io.EOF):
		return nil, fmt.Errorf("%s: holds no scenario: give it at least family, group, cases and checks", file)
	case err != nil:
		if bad := (&mistakes{source: data}).durations(); bad != nil {
			err = bad // the decoder tells none of their places
		}
		return nil, fmt.Errorf("%s: %s", file, strings.TrimSpace(yaml.FormatError(err, false, true)))
	}
	m := &mistakes{source: data}
	s.validate(m, known)
	// A second document would be read by nobody.
	if err := dec.Decode(new(any)); !errors.Is(err, io.EOF) {
		m.add(second, "a second document (after ---): give every scenario a file of its own")
	}
	if err := m.err(); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
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

func (s *Scenario) validate(m *mistakes, known *names) {
	if s.Family == "" {
		m.add("family", "missing: give the scenario a short name")
	}
	var names []string
	for _, g := range groups() {
		names = append(names, string(g))
	}
	m.oneOf("group", string(s.Group), names...)
	m.oneOf("consent", string(s.Consent), append(consent.Classes(), "")...)
	m.oneOf("each", s.Each, "", "kind")
	if len(s.Cases) == 0 {
		m.add("cases", "none: a scenario needs at least one")
	}
	if len(s.Checks) == 0 {
		m.add("checks", "none: a scenario without a check judges nothing")
	}
	seen := map[string]bool{}
	for i := range s.Cases {
		c, at := &s.Cases[i], fmt.Sprintf("cases[%d]", i)
		if c.Name == "" {
			m.add(at+".name", "missing")
		} else if seen[c.Name] {
			m.add(at+".name", "%q stands twice", c.Name)
		}
		seen[c.Name] = true
		c.validate(m, at, s.Consent)
	}
	clear(seen)
	for i := range s.Checks {
		c, at := &s.Checks[i], fmt.Sprintf("checks[%d]", i)
		if seen[c.ID] {
			m.add(at+".id", "%s stands twice", c.ID)
		}
		seen[c.ID] = true
		c.validate(m, at, s, known)
	}
}

// holds reports whether a check of that id stands in the scenario.
func (s *Scenario) holds(id string) bool {
	return slices.ContainsFunc(s.Checks, func(c Check) bool { return c.ID == id })
}

func (c *Case) validate(m *mistakes, at string, class consent.Class) {
	m.whole(at+".times", c.Times, maxTimes)
	times := max(c.Times, 1)
	if c.Safely != nil {
		m.wholeOrNone(at+".safely", *c.Safely, times)
	}
	var events, idle, begun []string
	for j := range c.Steps {
		st, at := &c.Steps[j], fmt.Sprintf("%s.steps[%d]", at, j)
		switch {
		case st.members() != 1:
			m.add(at, "a step is one of emit, deliver, search, settle and hook (an empty emit or deliver is written {})")
		case st.Settle:
		case st.Hook != nil:
			st.Hook.validate(m, at+".hook", class)
		case st.Search != nil:
			st.Search.validate(m, at+".search")
		case st.Emit != nil:
			name := st.Emit.Name()
			st.Emit.validate(m, at+".emit", class)
			if t := st.Emit.Twin; t != "" && !slices.Contains(events, t) {
				m.add(at+".emit.twin", "event %q was not emitted before in this case%s", t, didYouMean(t, events))
			} else if t != "" && c.Emits(t).Story != "" {
				m.add(at+".emit.twin", "event %q goes on with a story: name the event that began it, %s", t, c.Emits(t).Story)
			}
			if st.Emit.Story != "" {
				c.validateStory(m, at+".emit", j)
			}
			if slices.Contains(events, name) {
				// Its data would be drawn from the same key: the same event again.
				m.add(at+".emit", "event %q is emitted twice in this case: name the second with as, or deliver the first again", name)
				continue
			}
			events, idle = append(events, name), append(idle, name)
		case st.Deliver.Resume != "":
			st.Deliver.validateResume(m, at+".deliver", begun, class)
			st.Deliver.validateGroup(m, at+".deliver", times, class)
		default:
			st.Deliver.validate(m, at+".deliver", events, class)
			st.Deliver.validateGroup(m, at+".deliver", times, class)
			begun = append(begun, st.Deliver.Name())
			st.Deliver.validatePermute(m, at+".deliver", events, times)
			idle = slices.DeleteFunc(idle, func(name string) bool { return slices.Contains(st.Deliver.Events(), name) })
		}
	}
	if !slices.ContainsFunc(c.Steps, func(st Step) bool { return st.Deliver != nil || st.Search != nil }) {
		m.add(at, "delivers nothing")
	} else if len(idle) > 0 {
		m.add(at, "emits what it never delivers: %s", strings.Join(idle, ", "))
	}
}

// validateStory checks the step that goes on with a story.
func (c *Case) validateStory(m *mistakes, at string, step int) {
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
			m.add(at+".story", "%q goes on with a story itself: name the event that began it, %s", e.Story, other.Story)
			return
		}
		if other.Name() == e.Story || other.Story == e.Story {
			last = other
		}
	}
	switch {
	case last == nil:
		m.add(at+".story", "event %q was not emitted before in this case%s", e.Story, didYouMean(e.Story, before))
		return
	case last.Raw != nil:
		m.add(at+".story", "event %q is raw bytes, which no story goes on with", e.Story)
	case e.After < last.After+time.Second:
		m.add(at+".after", "%s: the event goes on with a story, so it has to come at least a second after %s, which is at %s", e.After, last.Name(), last.After)
	}
	if e.Twin != "" || e.Lines > 0 || e.Raw != nil {
		m.add(at, "an event that goes on with a story is about the same objects: it has no twin, lines or raw of its own")
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

// delivers reports whether the case has an exchange of that name.
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

func (e *Emit) Name() string         { return cmp.Or(e.As, "event") }
func (d *Deliver) Name() string      { return cmp.Or(d.As, "delivery") }
func (s *Search) Name() string       { return cmp.Or(s.As, "delivery") }
func (d *Deliver) EventName() string { return cmp.Or(d.Event, "event") }
func (c *Check) Exchange() string    { return cmp.Or(c.Of, "delivery") }

func (e *Emit) validate(m *mistakes, at string, class consent.Class) {
	m.oneOf(at+".outside", e.Outside, "", "schema")
	m.oneOf(at+".spelling", e.Spelling, "", "php", "plain", "pretty")
	m.oneOf(at+".keys", e.Keys, "", "reversed")
	m.oneOf(at+".envelope", e.Envelope, append(delivery.Envelopes(), "")...)
	m.oneOf(at+".body", e.Body, append(bodies(), "")...)
	m.whole(at+".lines", e.Lines, MaxLines)
	if e.After < 0 {
		m.add(at+".after", "%s: may not be negative", e.After)
	}
	if !(e.Truncate >= 0 && e.Truncate < 1) { // NaN is neither
		m.add(at+".truncate", "%v: give the fraction of the body to keep, between 0 and 1", e.Truncate)
	}
	if e.Raw != nil && (e.Changes() || e.Truncate > 0 || e.Spelling != "" || e.Keys != "" || e.Kind != "" || e.Envelope != "" || e.Body != "") {
		m.add(at+".raw", "raw bytes cannot be changed by kind, lines, set, unset, add, spelling, keys, envelope, body or truncate")
	}
	if (e.Raw != nil || e.Truncate > 0 || e.Body != "") && class != consent.Malformed {
		m.add(at, "raw, body and truncate send a malformed body: give the scenario `consent: malformed`, so that another machine gets it only when its owner allows it")
	}
	if e.Twin != "" && e.Lines > 0 {
		m.add(at+".lines", "a twin has the lines of its twin")
	}
	for _, path := range slices.Sorted(maps.Keys(e.Set)) {
		if !finite(e.Set[path]) {
			m.add(at+".set", "%s: JSON has neither NaN nor an infinity", path)
		}
	}
	for _, path := range slices.Sorted(maps.Keys(e.Add)) {
		if !finite(e.Add[path]) {
			m.add(at+".add", "%s: JSON has neither NaN nor an infinity", path)
		}
		if _, name := SplitAdded(path); name == "" {
			m.add(at+".add", "%q does not end in a plain name: add new members to an object, as in data.object.nuevo", path)
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

// changes reports whether the step makes another event than the shop would.
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

func (d *Deliver) validate(m *mistakes, at string, events []string, class consent.Class) {
	if len(d.Permute) == 0 && !slices.Contains(events, d.EventName()) {
		m.add(at+".event", "event %q was not emitted before in this case%s", d.EventName(), didYouMean(d.EventName(), events))
	}
	if d.At < 0 {
		m.add(at+".at", "%s: may not be negative", d.At)
	}
	m.whole(at+".times", d.Times, maxTimes)
	m.oneOf(at+".method", d.Method, append(methods(), "")...)
	if d.MethodOrPost() != http.MethodPost && class != consent.Methods {
		m.add(at+".method", "%s is none of Kometia's: give the scenario `consent: methods`, so that another machine gets it only when its owner allows it", d.Method)
	}
	m.oneOf(at+".connection", d.Connection, "", "fresh", "kept")
	m.oneOf(at+".header_case", d.HeaderCase, "", "lower", "upper")
	d.validateAttempts(m, at, class)
	d.validateCopies(m, at)
	seen := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(d.Header)) {
		f := wire.Field{Name: name}
		if v := d.Header[name]; v != nil {
			f.Value = *v
		}
		if err := f.Check(); err != nil {
			m.add(at+".header", "%w", err)
		}
		if seen[strings.ToLower(name)] {
			m.add(at+".header", "%s stands twice: the case of a name makes no difference", name)
		}
		seen[strings.ToLower(name)] = true
	}
}

// validateAttempts checks what a delivery and one that goes on have in common.
func (d *Deliver) validateAttempts(m *mistakes, at string, class consent.Class) {
	m.whole(at+".attempts", d.Attempts, maxAttempts)
	d.validateFaults(m, at, class)
}

// validateResume checks a step that goes on with what was begun before.
func (d *Deliver) validateResume(m *mistakes, at string, begun []string, class consent.Class) {
	if !slices.Contains(begun, d.Resume) {
		m.add(at+".resume", "no step before delivers %q%s", d.Resume, didYouMean(d.Resume, begun))
	}
	if d.As != "" || d.Event != "" || d.At != 0 || d.Connection != "" || len(d.Header) > 0 || d.HeaderCase != "" || d.Times != 0 || d.Copies != 0 || d.ExpectContinue {
		m.add(at, "resume goes on with a delivery as it was: it takes only attempts, faults, parallel and kill_after")
	}
	d.validateAttempts(m, at, class)
}

// validateGroup checks what concerns the deliveries of all rounds together.
func (d *Deliver) validateGroup(m *mistakes, at string, times int, class consent.Class) {
	m.whole(at+".parallel", d.Parallel, maxParallel)
	m.whole(at+".kill_after", d.KillAfter, maxTimes)
	m.whole(at+".kill_from", d.KillFrom, maxTimes)
	if d.KillAfter > 0 {
		m.restarts(at+".kill_after", class)
	}
	if d.KillAfter > times {
		m.add(at+".kill_after", "%d receipts of %d deliveries: give the case more times", d.KillAfter, times)
	}
	if d.KillFrom > d.KillAfter {
		m.add(at+".kill_from", "%d: may not be more than kill_after", d.KillFrom)
	}
	if (d.Parallel > 0 || d.KillAfter > 0) && d.Times > 1 {
		m.add(at+".times", "what all rounds deliver together is sent once each: give the case more times")
	}
}

func (c *Check) validate(m *mistakes, at string, s *Scenario, known *names) {
	if !idPattern.MatchString(c.ID) {
		m.add(at+".id", "id %q: use capitals, digits and dashes, such as MY-SHOP-001", c.ID)
	}
	m.oneOf(at+".level", string(c.Level), string(verdict.Must), string(verdict.Should), string(verdict.Informative))
	if len(c.Evidence) == 0 {
		m.add(at+".evidence", "missing: name at least wire")
	}
	for i, e := range c.Evidence {
		m.oneOf(fmt.Sprintf("%s.evidence[%d]", at, i), e, EvidenceWire, EvidenceEffects, EvidenceState, EvidenceEither, EvidenceProcess, EvidenceAPI)
	}
	for _, t := range []struct {
		name string
		text lang.Text
	}{{"title", c.Title}, {"requirement", c.Requirement}} {
		if t.text.IsZero() {
			m.add(at+"."+t.name, "missing: give es or en")
		}
	}
	if len(c.Assumes) > 0 {
		var ids []string
		for _, a := range schemas.Assumptions() {
			ids = append(ids, a.ID)
		}
		for i, a := range c.Assumes {
			m.oneOf(fmt.Sprintf("%s.assumes[%d]", at, i), a, ids...)
		}
	}
	c.validateExchanges(m, at, s)
	if c.scenario = s; c.Meddles() && !slices.Contains(c.Evidence, EvidenceProcess) {
		m.add(at+".evidence", "its cases use hooks: name process, too")
	}
	ways := 0
	for _, given := range []bool{len(c.Judge) > 0, c.Slow != nil, c.Leaks != nil} {
		if given {
			ways++
		}
	}
	if ways != 1 {
		m.add(at, "give one of judge, slow and leaks")
	}
	if c.Leaks != nil {
		c.Leaks.validate(m, at+".leaks")
	}
	for i := range c.Judge {
		at := fmt.Sprintf("%s.judge[%d]", at, i)
		c.Judge[i].validate(m, at, s, known)
		switch last := i == len(c.Judge)-1; {
		case last && !c.Judge[i].Open():
			m.add(at, "judge: the last rule has to fit everything: end with only `then:`")
		case !last && c.Judge[i].Open():
			m.add(at, "judge: this rule fits everything, so those below it never decide: give it a condition, or put it last")
		}
	}
	if c.Slow != nil {
		m.oneOf(at+".slow.then", string(c.Slow.Then), string(verdict.Fail), string(verdict.Warn), string(verdict.Info))
		m.whole(at+".slow.count", c.Slow.Count, math.MaxInt)
		if c.Slow.Count < 1 || c.Slow.Over < 0 {
			m.add(at+".slow", "count must be at least 1 and over not negative")
		}
	}
}

// validateExchanges checks the names of exchanges that a check speaks of.
func (c *Check) validateExchanges(m *mistakes, at string, s *Scenario) {
	all := s.exchanges()
	if !slices.Contains(all, c.Exchange()) {
		m.add(at+".of", "no step delivers %q%s", c.Exchange(), didYouMean(c.Exchange(), all))
	}
	for _, name := range slices.Sorted(maps.Keys(c.Given)) {
		at := at + ".given"
		if answers := c.Given[name]; len(answers) == 0 {
			m.add(at, "%s: no answers: give at least one pattern", name)
		} else if err := answers.validate(); err != nil {
			m.add(at, "%s: %w", name, err)
		}
		if !slices.Contains(all, name) {
			m.add(at, "no step delivers %q%s", name, didYouMean(name, all))
			continue
		}
		for i := range s.Cases {
			if sc := &s.Cases[i]; sc.Delivers(c.Exchange()) && !sc.Delivers(name) {
				m.add(at, "case %s delivers %s but never %s", sc.Name, c.Exchange(), name)
			}
		}
	}
}

// open reports whether the rule fits every exchange of every case.
func (r *Rule) Open() bool {
	return len(r.Cases) == 0 && len(r.Answers) == 0 && len(r.Diagnosis) == 0 && len(r.Certainty) == 0 &&
		r.Declared == nil && r.Elsewhere == nil && r.Closes == nil && r.Effects == "" && r.State == "" && len(r.Cookies) == 0 && r.Skew == 0 &&
		r.Secure == nil && r.Public == nil && r.Certificate == "" && r.Limit == "" && len(r.When) == 0 && r.HungUp == "" && r.Expect == ""
}

func (r *Rule) validate(m *mistakes, at string, s *Scenario, known *names) {
	var cases []string
	for _, c := range s.Cases {
		cases = append(cases, c.Name)
	}
	for i, c := range r.Cases {
		m.oneOf(fmt.Sprintf("%s.cases[%d]", at, i), c, cases...)
	}
	if err := r.Answers.validate(); err != nil {
		m.add(at+".answers", "%w", err)
	}
	m.oneOf(at+".state", r.State, append(states(), "")...)
	m.oneOf(at+".effects", r.Effects, "", "once", "lost", "doubled", "none", "some")
	r.validateLimit(m, at+".limit", s)
	m.oneOf(at+".certificate", r.Certificate, append(certificates(), "")...)
	m.oneOf(at+".hung_up", r.HungUp, "", "in-time", "too-late")
	if r.HungUp != "" && !slices.ContainsFunc(s.Cases, func(c Case) bool { return c.hangsUp() }) {
		m.add(at+".hung_up", "no delivery has a fault that hangs up")
	}
	m.oneOf(at+".expect", r.Expect, "", "continued", "silent", "refused")
	for _, name := range slices.Sorted(maps.Keys(r.When)) {
		if err := r.When[name].validate(); err != nil {
			m.add(at+".when", "%s: %w", name, err)
		}
		if all := s.exchanges(); !slices.Contains(all, name) {
			m.add(at+".when", "no step delivers %q%s", name, didYouMean(name, all))
		}
	}
	if r.Skew < 0 {
		m.add(at+".skew", "%s: may not be negative", r.Skew)
	}
	for i, p := range r.Cookies {
		if _, err := path.Match(p, ""); err != nil {
			m.add(fmt.Sprintf("%s.cookies[%d]", at, i), "%q: %w", p, err)
		}
	}
	for i, d := range r.Diagnosis {
		at := fmt.Sprintf("%s.diagnosis[%d]", at, i)
		if _, err := path.Match(d, ""); err != nil {
			m.add(at, "diagnosis %q: %w", d, err)
		} else if known != nil && !slices.ContainsFunc(known.codes, func(code string) bool { ok, _ := path.Match(d, code); return ok }) {
			m.add(at, "no diagnosis is named %q%s (kometia-sim list diagnoses shows them)", d, didYouMean(d, known.codes))
		}
	}
	for i, c := range r.Certainty {
		m.oneOf(fmt.Sprintf("%s.certainty[%d]", at, i), c, string(diagnose.Certain), string(diagnose.Likely), string(diagnose.Possible))
	}
	m.oneOf(at+".then", string(r.Then), string(verdict.Pass), string(verdict.Fail), string(verdict.Warn), string(verdict.Info), string(verdict.Inconclusive), string(verdict.NotApplicable))
	switch {
	case r.Because != "" && r.Then != verdict.Inconclusive:
		m.add(at+".because", "only an inconclusive rule has another check for its cause")
	case r.Because != "" && known != nil && !known.check(r.Because) && !s.holds(r.Because):
		m.add(at+".because", "there is no check %s", r.Because)
	case r.Because == "" && r.Then == verdict.Inconclusive && r.Reason.IsZero():
		m.add(at, "an inconclusive rule needs because or reason")
	}
}
