package fuzz

import (
	"regexp"
	"strings"

	"github.com/kometia-sim/kometia-sim/scenarios/fuzz/oracle"
	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/payload"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// suspicion is an oracle that a response breaks.
type suspicion struct {
	oracle string
	code   string
	// said is the answer's text without what changes from one to the next.
	said string
	// soft says that it may be meant: it weighs as SHOULD.
	soft bool
	// found tells it to people.
	found lang.Text
}

// violations says which oracles a response to a payload of a class breaks. It sees
// what one response shows and nothing else.
func (j *judge) violations(class payload.Class, a receiver.Response) []suspicion {
	if a.Ours() || a.Away() {
		return nil
	}
	o := a.Outcome
	var list []suspicion
	add := func(name string) {
		if j.wanted[name] {
			list = append(list, suspicion{oracle: name, code: a.Code(), said: receiver.Normalised(o), found: receiver.InWords(o)})
		}
	}
	server := o.Err != nil || o.Status >= 500
	switch {
	case a.Hung():
		add(oracle.NoHang)
	case class == payload.Plausible && !o.Acknowledged():
		add(oracle.ValidAccepted)
	case class == payload.Equal && !o.Acknowledged():
		add(oracle.SameMeaning)
	case class.Good():
	case server:
		add(oracle.NoServerError)
	case o.Acknowledged() && class != payload.Odd:
		add(oracle.BadRejected)
	}
	if j.wanted[oracle.NoLeak] && o.Err == nil {
		if what, found := j.leaks(o); found {
			list = append(list, suspicion{oracle: oracle.NoLeak, code: a.Code(), said: what.EN, found: what})
		}
	}
	return list
}

// judge holds responses against the oracles that are wanted.
type judge struct {
	wanted map[string]bool
	marks  []mark
}

type mark struct {
	what    lang.Text
	pattern *regexp.Regexp
}

// newJudge takes the marks of leaks from the catalogue, so that both say the
// same.
func newJudge(oracles []string) (*judge, error) {
	j := &judge{wanted: map[string]bool{}}
	for _, name := range oracles {
		if _, known := oracle.Lookup(name); !known {
			return nil, lang.Errorf("no existe el oráculo %q", "unknown oracle %q", name)
		}
		j.wanted[name] = true
	}
	if !j.wanted[oracle.NoLeak] {
		return j, nil
	}
	suite, err := language.Builtin()
	if err != nil {
		return nil, err
	}
	for _, check := range suite.Checks() {
		if check.Leaks == nil {
			continue
		}
		for _, m := range check.Leaks.Marks {
			pattern, err := regexp.Compile(m.Pattern)
			if err != nil {
				return nil, err
			}
			j.marks = append(j.marks, mark{m.What, pattern})
		}
	}
	return j, nil
}

// leaks finds the first mark in an answer.
func (j *judge) leaks(o *wire.Outcome) (lang.Text, bool) {
	if len(o.Body) == 0 && o.Status < 400 {
		return lang.Text{}, false
	}
	var b strings.Builder
	for _, f := range o.Header {
		if !strings.EqualFold(f.Name, "Date") {
			b.WriteString(f.Value + "\n")
		}
	}
	b.WriteByte('\n')
	b.Write(o.Body)
	said := b.String()
	for _, m := range j.marks {
		if m.pattern.MatchString(said) {
			return m.what, true
		}
	}
	return lang.Text{}, false
}
