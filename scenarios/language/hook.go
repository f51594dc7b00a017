package language

import (
	"slices"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/consent"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/strictyaml"
)

// HookStep does something to the receiver, once for all rounds of the case.
type HookStep struct {
	// Run is what: restart (kill, start and wait until it is ready), kill, start,
	// down, up, or reconcile: its own job that looks in the API for what it missed.
	Run string `yaml:"run"`
	// Offset is how far ahead the receiver's clock is to be from now on; for
	// restart and start.
	Offset time.Duration `yaml:"offset"`
}

func (h *HookStep) validate(f *strictyaml.File, at string, class consent.Class) {
	oneOf(f, at+".run", h.Run, verdict.VerbRestart, verdict.VerbKill, verdict.VerbStart, verdict.VerbDown, verdict.VerbUp, verdict.VerbReconcile)
	switch {
	case h.Offset < 0:
		f.Fail(at+".offset", "%s: no puede ser negativo", "%s: may not be negative", h.Offset)
	case h.Offset != 0 && h.Run != verdict.VerbRestart && h.Run != verdict.VerbStart:
		f.Fail(at+".offset", "solo restart o start pueden mover el reloj del receptor", "only a restart or a start can move the receiver's clock")
	}
	if h.Run != verdict.VerbReconcile {
		restarts(f, at, class)
	}
}

// Meddles reports whether the case needs any hook, or a sink.
func (c *Case) Meddles() bool { return len(c.Verbs()) > 0 }

// Verbs are what the case does to the receiver, in order; see the constants.
func (c *Case) Verbs() (verbs []string) {
	for i := range c.Steps {
		switch st := &c.Steps[i]; {
		case st.Hook != nil:
			verbs = append(verbs, st.Hook.Run)
		case st.Sink != nil:
			verbs = append(verbs, verdict.VerbSink)
		case st.Deliver != nil && st.Deliver.KillAfter > 0:
			verbs = append(verbs, verdict.VerbKill)
		}
	}
	return verbs
}

// Restarts reports whether the check is judged on a case that ends the receiver's
// process.
func (c *Check) Restarts() bool {
	return slices.ContainsFunc(c.scenario.Cases, func(s Case) bool {
		return s.Delivers(c.Exchange()) && slices.ContainsFunc(s.Verbs(), func(verb string) bool { return verb != verdict.VerbSink && verb != verdict.VerbReconcile })
	})
}

// Meddles reports whether the check is judged on a case that needs any hook, or a
// sink.
func (c *Check) Meddles() bool {
	return slices.ContainsFunc(c.scenario.Cases, func(s Case) bool { return s.Delivers(c.Exchange()) && s.Meddles() })
}
