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
	}
	return kinds
}

// ExpectedAttempts is how many a delivery is expected to take. What many connections
// bring at once gets through with the first attempt that leaves, or was too
// much; what comes in another order gets through at once unless something is
// missing: events that were made hours old for the sake of its retries would be
// refused for their age.
func (d *Deliver) ExpectedAttempts() int {
	if d.Parallel == 0 || d.Resume != "" {
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

// Takes reports whether a kind of evidence is any use to the check.
func (c *Check) Takes(evidence string) bool {
	return slices.ContainsFunc(c.Evidence, func(e string) bool { return slices.Contains(strings.Split(e, "|"), evidence) })
}
