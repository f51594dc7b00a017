package language

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"

	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/schemas/strictyaml"
)

// translate repeats a text that is given in one language only as the text of the
// other, so that no reader finds it empty.
func (c *Check) translate() {
	texts := []*lang.Text{&c.Title, &c.Fault, &c.Requirement, &c.Why, &c.Provoked, &c.Passes, &c.Fix, &c.Source, &c.Expected}
	if c.Leaks != nil {
		for i := range c.Leaks.Marks {
			texts = append(texts, &c.Leaks.Marks[i].What)
		}
	}
	for i := range c.Judge {
		texts = append(texts, &c.Judge[i].Fault, &c.Judge[i].Found, &c.Judge[i].Reason, &c.Judge[i].Note)
	}
	for _, t := range texts {
		t.ES, t.EN = cmp.Or(t.ES, t.EN), cmp.Or(t.EN, t.ES)
	}
}

var idPattern = regexp.MustCompile(`^[A-Z][A-Z0-9]*(-[A-Z0-9]+)+$`)

func (c *Check) validate(f *strictyaml.File, at string, s *Scenario, known *names) {
	if !idPattern.MatchString(c.ID) {
		f.Fail(at+".id", "id %q: use mayúsculas, números y guiones, como MI-TIENDA-001", "id %q: use capitals, digits and dashes, such as MY-SHOP-001", c.ID)
	}
	oneOf(f, at+".level", string(c.Level), string(verdict.Must), string(verdict.Should), string(verdict.Informative))
	if len(c.Evidence) == 0 {
		f.Fail(at+".evidence", "falta: nombre al menos wire", "missing: name at least wire")
	}
	for i, e := range c.Evidence {
		oneOf(f, fmt.Sprintf("%s.evidence[%d]", at, i), e, EvidenceWire, EvidenceEffects, EvidenceState, EvidenceEither, EvidenceAny, EvidenceProcess, EvidenceAPI)
	}
	for _, t := range []struct {
		name string
		text lang.Text
	}{{"title", c.Title}, {"requirement", c.Requirement}} {
		if t.text.IsZero() {
			f.Fail(at+"."+t.name, "falta: dé es o en", "missing: give es or en")
		}
	}
	if len(c.Assumes)+len(c.Unless)+len(c.RestsOn) > 0 {
		var ids []string
		for _, a := range schemas.Assumptions() {
			ids = append(ids, a.ID)
		}
		for i, a := range c.Assumes {
			oneOf(f, fmt.Sprintf("%s.assumes[%d]", at, i), a, ids...)
		}
		for i, a := range c.RestsOn {
			oneOf(f, fmt.Sprintf("%s.rests_on[%d]", at, i), a, ids...)
		}
		for i, a := range c.Unless {
			oneOf(f, fmt.Sprintf("%s.unless[%d]", at, i), a, ids...)
		}
	}
	c.validateExchanges(f, at, s)
	if c.scenario = s; c.Meddles() && !slices.Contains(c.Evidence, EvidenceProcess) {
		f.Fail(at+".evidence", "sus casos usan hooks: nombre también process", "its cases use hooks: name process, too")
	}
	if c.AsksAPI() && !c.Takes(EvidenceAPI) {
		f.Fail(at+".evidence", "sus casos son de lo que responde la API: nombre también api", "its cases are about what the API answers: name api, too")
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
			f.Fail(at, "%s: sin respuestas: dé al menos un patrón", "%s: no responses: give at least one pattern", name)
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
