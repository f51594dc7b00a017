package language

import (
	"slices"
	"strings"

	"github.com/kometia-sim/kometia-sim/simulator/fault"
)

// Kinds are the event kinds that the case names itself.
func (c *Case) Kinds() (kinds []string) {
	for i := range c.Steps {
		if e := c.Steps[i].Emit; e != nil && e.Kind != "" && e.Kind != "{kind}" {
			kinds = append(kinds, e.Kind)
		}
		if se := c.Steps[i].Search; se != nil && se.Kind != "{kind}" {
			kinds = append(kinds, se.Kind)
		}
		if sw := c.Steps[i].Sweep; sw != nil && sw.KindFor("") != "" {
			kinds = append(kinds, sw.Kind)
		}
	}
	return kinds
}

// ExpectedAttempts is how many attempts a delivery is expected to take. One of many
// parallel deliveries is expected to get through at the first attempt that no fault
// refuses: events made hours old to leave time for retries would be refused for
// their age.
func (d *Deliver) ExpectedAttempts() int {
	if d.Parallel == 0 && len(d.Together) == 0 || d.Resume != "" {
		return max(d.Attempts, 1)
	}
	n := 1
	for _, f := range d.Faults {
		if f != string(fault.Refuse) {
			break
		}
		n++
	}
	return n
}

// Measures reports whether the scenario's deliveries are there to be timed.
func (s *Scenario) Measures() bool {
	return slices.ContainsFunc(s.Checks, func(c Check) bool { return c.Slow != nil })
}

// Takes reports whether the check uses a kind of evidence.
func (c *Check) Takes(evidence string) bool {
	return slices.ContainsFunc(c.Evidence, func(e string) bool { return slices.Contains(strings.Split(e, "|"), evidence) })
}
