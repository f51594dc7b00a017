package judge

import (
	"slices"
	"strings"

	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/api"
)

// Means are what there is in a run to judge by: what can be seen of a receiver, and
// what can be done to it.
type Means struct {
	Observer  bool              // effects can be seen
	Stateless bool              // by an observer that cannot show a state
	Hooks     *receiver.Hooks   // what can be done to the receiver's process
	Drains    bool              // its queue can be worked off
	Paths     map[string]string // the state_map: where in the event a field comes from
	API       *api.Simulated    // what the receiver may ask; nil without one
	Auth      string            // how it is said to know events for Kometia's
}

// canJudge reports whether there is any evidence at all for a check.
func (m *Means) canJudge(check *language.Check) bool {
	return (m.API != nil || !check.Takes(language.EvidenceAPI)) && len(m.lacks(check)) == 0 && slices.ContainsFunc(check.Evidence, func(e string) bool {
		return e != language.EvidenceProcess && !m.lack(e).lacking
	})
}

// CanPlay reports whether a case can be played, and show something for a check.
func (m *Means) CanPlay(check *language.Check, spec *language.Case) bool {
	return m.canJudge(check) && len(lacks(m.Hooks, spec)) == 0
}

// lack is what keeps a kind of evidence from being had in this run.
type lack struct {
	lacking        bool
	reason, enable lang.Text
}

// lack tells why some evidence, and each of its alternatives, cannot be had in
// this run. Evidence of the process counts as there: a check that needs hooks is
// not judged without them.
func (m *Means) lack(evidence string) (l lack) {
	for e := range strings.SplitSeq(evidence, "|") {
		l = lack{lacking: true, reason: textNeedsMore.both()}
		switch {
		case e == language.EvidenceWire, e == language.EvidenceProcess, e == language.EvidenceAPI,
			e == language.EvidenceEffects && m.Observer, e == language.EvidenceState && m.Observer && len(m.Paths) > 0:
			return lack{}
		case e == language.EvidenceEffects:
			l.reason, l.enable = textNeedsEffects.both(), textEnableEffects.both()
		case e == language.EvidenceState:
			l.reason, l.enable = textNeedsState.both(), m.enableState()
		}
	}
	return l
}

// enableState is the line of the config that would show a state.
func (m *Means) enableState() lang.Text {
	if !m.Observer || m.Stateless {
		return textEnableObserver.both()
	}
	return textEnableState("")
}

// lacks names the hooks without which no case of a check can be played; none
// when one can.
func (m *Means) lacks(check *language.Check) (keys []string) {
	if !slices.Contains(check.Evidence, language.EvidenceProcess) {
		return nil
	}
	for i := range check.Scenario().Cases {
		spec := &check.Scenario().Cases[i]
		if !spec.Delivers(check.Exchange()) {
			continue
		}
		if keys = lacks(m.Hooks, spec); len(keys) == 0 {
			return nil
		}
	}
	return keys
}

// wanting says which evidence keeps a check from being judged, and which lines of
// the config would switch that evidence on.
func (m *Means) wanting(check *language.Check) (reason, enable lang.Text) {
	keys := m.lacks(check)
	switch {
	case len(keys) == 0:
		l := m.lack(check.Evidence[0])
		return l.reason, l.enable
	case m.Observer || !slices.Contains(check.Evidence, language.EvidenceEffects):
		return textNeedsHooks(keys), textEnableHooks(keys)
	}
	return textNeedsHooks(keys), joined([]lang.Text{textEnableHooks(keys), textEnableEffects.both()}, lang.Same("\n"))
}
