package fuzz

import (
	"regexp"
	"strings"

	"github.com/kometia-sim/kometia-sim/scenarios/fuzz/history"
	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/payload"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// Oracle is one thing that is held against a receiver.
type Oracle struct {
	// Name is stable: "valid-accepted".
	Name  string
	Level verdict.Level
	// Default says that it is on unless others are chosen.
	Default bool
	// Observed says that it needs an observer.
	Observed bool

	Explanation
	Requirement lang.Text
}

// Explanation is what a report says about a failure.
type Explanation struct {
	Title    lang.Text // what is required, in one line, said of the receiver
	Fault    lang.Text // what one does that misses it, in the same way: the title of a finding
	Why      lang.Text
	Fix      lang.Text
	Expected lang.Text
}

// The names of the oracles.
const (
	ValidAccepted     = history.ValidAccepted
	NoHang            = history.NoHang
	StillAlive        = history.StillAlive
	EffectsOnce       = history.EffectsOnce
	StateConverges    = history.StateConverges
	NothingFromBroken = history.NothingFromBroken
	NoServerError     = "no-server-error"
	SameMeaning       = "same-meaning-same-answer"
	NoLeak            = "no-leak"
	BadRejected       = "bad-rejected"
)

// Lookup finds an oracle.
func Lookup(name string) (Oracle, bool) {
	for _, o := range Oracles() {
		if o.Name == name {
			return o, true
		}
	}
	return Oracle{}, false
}

// DefaultOracles are the names of those that are on unless others are chosen.
func DefaultOracles() (names []string) {
	for _, o := range Oracles() {
		if o.Default {
			names = append(names, o.Name)
		}
	}
	return names
}

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
	add := func(oracle string) {
		if j.wanted[oracle] {
			list = append(list, suspicion{oracle: oracle, code: a.Code(), said: receiver.Normalised(o), found: receiver.InWords(o)})
		}
	}
	server := o.Err != nil || o.Status >= 500
	switch {
	case a.Hung():
		add(NoHang)
	case class == payload.Plausible && !o.Acknowledged():
		add(ValidAccepted)
	case class == payload.Equal && !o.Acknowledged():
		add(SameMeaning)
	case class.Good():
	case server:
		add(NoServerError)
	case o.Acknowledged() && class != payload.Odd:
		add(BadRejected)
	}
	if j.wanted[NoLeak] && o.Err == nil {
		if what, found := j.leaks(o); found {
			list = append(list, suspicion{oracle: NoLeak, code: a.Code(), said: what.EN, found: what})
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
		if _, known := Lookup(name); !known {
			return nil, lang.Errorf("no existe el oráculo %q", "unknown oracle %q", name)
		}
		j.wanted[name] = true
	}
	if !j.wanted[NoLeak] {
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
