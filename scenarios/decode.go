package scenarios

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/fault"
)

// decode reads one scenario file strictly: an unknown key, a wrong type or a
// name that nothing bears is an error that tells file, line and column, with
// the line itself and a caret.
func decode(file string, data []byte) (*Scenario, error) {
	s := &Scenario{file: file}
	dec := yaml.NewDecoder(bytes.NewReader(data), yaml.Strict())
	if err := dec.Decode(s); err != nil {
		return nil, fmt.Errorf("%s: %s", file, strings.TrimSpace(yaml.FormatError(err, false, true)))
	}
	if err := s.validate(); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	for i := range s.Checks {
		s.Checks[i].scenario = s
	}
	return s, nil
}

// mistakes collects all that is wrong with one scenario.
type mistakes []error

func (m *mistakes) add(format string, args ...any) { *m = append(*m, fmt.Errorf(format, args...)) }

func (m *mistakes) oneOf(what, got string, among ...string) {
	if !slices.Contains(among, got) {
		m.add("%s: %q is none of %s%s", what, got, strings.Join(among, ", "), didYouMean(got, among))
	}
}

var idPattern = regexp.MustCompile(`^[A-Z][A-Z0-9]*(-[A-Z0-9]+)+$`) //nolint:gochecknoglobals // compiled once, never changed

func (s *Scenario) validate() error {
	var m mistakes
	if s.Family == "" {
		m.add("family: missing: give the scenario a short name")
	}
	var names []string
	for _, g := range groups() {
		names = append(names, string(g))
	}
	m.oneOf("group", string(s.Group), names...)
	m.oneOf("consent", string(s.Consent), append(Classes(), "")...)
	m.oneOf("each", s.Each, "", "kind")
	if len(s.Cases) == 0 {
		m.add("cases: none: a scenario needs at least one")
	}
	if len(s.Checks) == 0 {
		m.add("checks: none: a scenario without a check judges nothing")
	}
	exchanges := s.validateCases(&m)
	var cases []string
	for _, c := range s.Cases {
		cases = append(cases, c.Name)
	}
	for i := range s.Checks {
		s.Checks[i].validate(&m, fmt.Sprintf("checks[%d]", i), cases, exchanges)
	}
	return errors.Join(m...)
}

// validateCases returns the names of all exchanges.
func (s *Scenario) validateCases(m *mistakes) []string {
	var exchanges []string
	seen := map[string]bool{}
	for i := range s.Cases {
		c := &s.Cases[i]
		where := fmt.Sprintf("cases[%d]", i)
		if c.Name == "" {
			m.add("%s: name: missing", where)
		} else if seen[c.Name] {
			m.add("%s: name: %q stands twice", where, c.Name)
		}
		seen[c.Name] = true
		if c.Times < 0 || c.Safely < 0 || c.Safely > max(c.Times, 1) {
			m.add("%s: times %d, safely %d: neither may be negative nor safely the larger", where, c.Times, c.Safely)
		}
		var events []string
		delivered := false
		for j := range c.Steps {
			st, at := &c.Steps[j], fmt.Sprintf("%s: steps[%d]", where, j)
			switch {
			case (st.Emit == nil) == (st.Deliver == nil):
				m.add("%s: a step is either emit or deliver", at)
			case st.Emit != nil:
				st.Emit.validate(m, at+": emit")
				events = append(events, st.Emit.name())
			default:
				st.Deliver.validate(m, at+": deliver", events)
				delivered = true
				if !slices.Contains(exchanges, st.Deliver.name()) {
					exchanges = append(exchanges, st.Deliver.name())
				}
			}
		}
		if !delivered {
			m.add("%s: delivers nothing", where)
		}
	}
	return exchanges
}

func (e *Emit) name() string    { return orElse(e.As, "event") }
func (d *Deliver) name() string { return orElse(d.As, "delivery") }
func (d *Deliver) of() string   { return orElse(d.Event, "event") }
func (c *Check) of() string     { return orElse(c.Of, "delivery") }

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

func (e *Emit) validate(m *mistakes, where string) {
	m.oneOf(where+": outside", e.Outside, "", "schema")
	m.oneOf(where+": spelling", e.Spelling, "", "php", "plain", "pretty")
	m.oneOf(where+": keys", e.Keys, "", "reversed")
	if e.Truncate < 0 || e.Truncate >= 1 {
		m.add("%s: truncate %v: give the fraction of the body to keep, between 0 and 1", where, e.Truncate)
	}
	if e.Raw != nil && (len(e.Set) > 0 || len(e.Unset) > 0 || e.Truncate > 0) {
		m.add("%s: raw bytes cannot be changed by set, unset or truncate", where)
	}
}

func (d *Deliver) validate(m *mistakes, where string, events []string) {
	if !slices.Contains(events, d.of()) {
		m.add("%s: event %q was not emitted before in this case%s", where, d.of(), didYouMean(d.of(), events))
	}
	if d.At < 0 || d.Attempts < 0 || d.Times < 0 {
		m.add("%s: at, attempts and times may not be negative", where)
	}
	m.oneOf(where+": connection", d.Connection, "", "fresh", "kept")
	m.oneOf(where+": header_case", d.HeaderCase, "", "lower", "upper")
	for _, f := range d.Faults {
		m.oneOf(where+": faults", string(f), string(fault.None), string(fault.Refuse), string(fault.LoseAnswer))
	}
	if len(d.Faults) >= max(d.Attempts, 1) && !slices.Contains(d.Faults[max(d.Attempts, 1)-1:], fault.None) {
		m.add("%s: every one of its %d attempts is broken: raise attempts, so that one gets through", where, max(d.Attempts, 1))
	}
}

func (c *Check) validate(m *mistakes, where string, cases, exchanges []string) {
	if !idPattern.MatchString(c.ID) {
		m.add("%s: id %q: use capitals, digits and dashes, such as MY-SHOP-001", where, c.ID)
	} else {
		where = c.ID
	}
	m.oneOf(where+": level", string(c.Level), string(Must), string(Should), string(InfoL))
	if len(c.Evidence) == 0 {
		m.add("%s: evidence: missing: name at least wire", where)
	}
	for _, e := range c.Evidence {
		m.oneOf(where+": evidence", e, EvidenceWire, EvidenceEffects, EvidenceState, EvidenceProcess, EvidenceAPI)
	}
	for _, t := range []struct {
		name string
		text lang.Text
	}{{"title", c.Title}, {"requirement", c.Requirement}} {
		if t.text.ES == "" && t.text.EN == "" {
			m.add("%s: %s: missing: give es or en", where, t.name)
		}
	}
	if !slices.Contains(exchanges, c.of()) {
		m.add("%s: of: no step delivers %q%s", where, c.of(), didYouMean(c.of(), exchanges))
	}
	for name, answers := range c.Given {
		m.oneOf(where+": given", name, exchanges...)
		if err := answers.validate(); err != nil {
			m.add("%s: given %s: %w", where, name, err)
		}
	}
	if (len(c.Judge) == 0) == (c.Slow == nil) {
		m.add("%s: give either judge or slow", where)
	}
	for i := range c.Judge {
		c.Judge[i].validate(m, fmt.Sprintf("%s: judge[%d]", where, i), cases)
	}
	if n := len(c.Judge); n > 0 && !c.Judge[n-1].open() {
		m.add("%s: judge: the last rule has to fit everything: end with only `then:`", where)
	}
	if c.Slow != nil {
		m.oneOf(where+": slow: then", string(c.Slow.Then), string(Fail), string(Warn), string(Info))
		if c.Slow.Count < 1 || c.Slow.Over < 0 {
			m.add("%s: slow: count must be at least 1 and over not negative", where)
		}
	}
}

// open reports whether the rule fits every exchange of every case.
func (r *Rule) open() bool {
	return len(r.Cases) == 0 && len(r.Answers) == 0 && len(r.Diagnosis) == 0 && len(r.Certainty) == 0 &&
		r.Declared == nil && r.Elsewhere == nil && r.Closes == nil
}

func (r *Rule) validate(m *mistakes, where string, cases []string) {
	for _, c := range r.Cases {
		m.oneOf(where+": cases", c, cases...)
	}
	if err := r.Answers.validate(); err != nil {
		m.add("%s: %w", where, err)
	}
	for _, d := range r.Diagnosis {
		if _, err := path.Match(d, ""); err != nil {
			m.add("%s: diagnosis %q: %w", where, d, err)
		}
	}
	for _, c := range r.Certainty {
		m.oneOf(where+": certainty", c, "certain", "likely", "possible")
	}
	m.oneOf(where+": then", string(r.Then), string(Pass), string(Fail), string(Warn), string(Info), string(Inconclusive), string(NotApplicable))
	if r.Then == Inconclusive && r.Because == "" && r.Reason.IsZero() {
		m.add("%s: an inconclusive rule needs because or reason", where)
	}
}
