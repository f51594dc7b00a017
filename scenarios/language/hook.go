package language

import (
	"slices"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/consent"
)

// HookStep does something to the receiver, once for all rounds of the case.
type HookStep struct {
	// Run is what: restart (kill, start and wait until it is ready), kill, start,
	// down or up.
	Run string `yaml:"run"`
	// Offset is how far ahead the receiver's clock is to be from now on; for
	// restart and start.
	Offset time.Duration `yaml:"offset"`
}

// The verbs of a hook step.
const (
	VerbRestart = "restart"
	VerbKill    = "kill"
	VerbStart   = "start"
	VerbDown    = "down"
	VerbUp      = "up"
)

func (h *HookStep) validate(m *mistakes, at string, class consent.Class) {
	m.oneOf(at+".run", h.Run, VerbRestart, VerbKill, VerbStart, VerbDown, VerbUp)
	switch {
	case h.Offset < 0:
		m.add(at+".offset", "%s: may not be negative", h.Offset)
	case h.Offset != 0 && h.Run != VerbRestart && h.Run != VerbStart:
		m.add(at+".offset", "only a restart or a start can move the receiver's clock")
	}
	m.restarts(at, class)
}

// restarts tells a step that needs the consent to end the receiver and does not
// have it.
func (m *mistakes) restarts(at string, class consent.Class) {
	if class != consent.Restart {
		m.add(at, "hooks end the receiver or take its database away: give the scenario `consent: restart`, so that another machine gets them only when its owner allows it")
	}
}

// meddles reports whether the case needs any hook.
func (c *Case) Meddles() bool { return len(c.Verbs()) > 0 }

// verbs are what the case does to the receiver, in order; see the constants.
func (c *Case) Verbs() (verbs []string) {
	for i := range c.Steps {
		switch st := &c.Steps[i]; {
		case st.Hook != nil:
			verbs = append(verbs, st.Hook.Run)
		case st.Deliver != nil && st.Deliver.KillAfter > 0:
			verbs = append(verbs, VerbKill)
		}
	}
	return verbs
}

// meddles reports whether the check is judged on a case that needs any hook.
func (c *Check) Meddles() bool {
	return slices.ContainsFunc(c.scenario.Cases, func(s Case) bool { return s.Delivers(c.Exchange()) && s.Meddles() })
}
