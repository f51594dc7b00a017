package language

import (
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/schemas/strictyaml"
)

// Rule is one line of a judgement: when all its conditions hold, it decides.
// What it may ask for is declared in the condition_*.go files.
type Rule struct {
	Then verdict.Verdict
	// Because names the check that tells the cause of an inconclusive one.
	Because string
	// Fault says what the receiver does, in place of the check's fault.
	Fault  lang.Text
	Found  lang.Text
	Reason lang.Text
	Note   lang.Text
	// Fix is for what this rule found; empty means the check's.
	Fix lang.Text

	asks []ask // in the order of their declarations
}

// ReadYAML implements strictyaml.Reader.
func (r *Rule) ReadYAML(n strictyaml.Node) {
	table := map[string]any{"then": &r.Then, "because": &r.Because, "fault": &r.Fault, "found": &r.Found, "reason": &r.Reason, "note": &r.Note, "fix": &r.Fix}
	var asks []ask
	for _, c := range conditions() {
		a := c.asked()
		asks, table[c.Key()] = append(asks, a), a.into()
	}
	n.Keys(table)
	for _, a := range asks {
		if !a.empty() {
			r.asks = append(r.asks, a)
		}
	}
}

// Open reports whether the rule fits every exchange of every case.
func (r *Rule) Open() bool { return len(r.asks) == 0 }

// Fits reports whether all that the rule asks for holds.
func (r *Rule) Fits(e *Evidence) bool {
	for _, a := range r.asks {
		if !a.fits(e) {
			return false
		}
	}
	return true
}

// Beside adds to what was found what was seen of the things that the deciding rule
// asks about, and of those that are told whichever rule decides.
func (c *Check) Beside(decides *Rule, e *Evidence, found lang.Text) lang.Text {
	said := map[string]bool{}
	for i := range c.Judge {
		rule := &c.Judge[i]
		for _, a := range rule.asks {
			text, whichever := a.seen(e)
			if (rule == decides || whichever) && !said[a.Key()] && !text.IsZero() {
				said[a.Key()] = true
				found = lang.Text{ES: found.ES + "; " + text.ES, EN: found.EN + "; " + text.EN}
			}
		}
	}
	return found
}

func (r *Rule) validate(f *strictyaml.File, at string, in place) {
	for _, a := range r.asks {
		a.validate(f, at+"."+a.Key(), in)
	}
	oneOf(f, at+".then", string(r.Then), string(verdict.Pass), string(verdict.Fail), string(verdict.Warn), string(verdict.Info), string(verdict.Inconclusive), string(verdict.NotObserved), string(verdict.NotApplicable))
	switch known := in.known; {
	case r.Because != "" && r.Then != verdict.Inconclusive:
		f.Fail(at+".because", "solo una regla inconclusive tiene otra prueba como causa", "only an inconclusive rule has another check for its cause")
	case r.Because != "" && known != nil && !known.check(r.Because) && !in.scenario.holds(r.Because):
		f.Fail(at+".because", "no existe la prueba %s", "there is no check %s", r.Because)
	case r.Because == "" && r.Then == verdict.Inconclusive && r.Reason.IsZero():
		f.Fail(at, "una regla inconclusive necesita because o reason", "an inconclusive rule needs because or reason")
	}
}
