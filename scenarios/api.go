package scenarios

import (
	"github.com/kometia-sim/kometia-sim/scenarios/emit"
	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/simulator/api"
)

// tell has the API know of an event that is about to be sent what it is to know.
func (dl *deliverer) tell(e *emit.Emitted) {
	if dl.cfg.API == nil || e.Unknown {
		return
	}
	event := e.Event
	if e.Told != nil {
		event = e.Told
	}
	add := dl.cfg.API.Add
	if e.Forged == language.ForgedForeign {
		add = dl.cfg.API.AddOther
	}
	add(event, dl.world.Objects(event)...)
}

// answer has the API fail about an event and its object, or answer rightly again.
func (dl *deliverer) answer(step *language.APIStep, e *emit.Emitted) {
	if dl.cfg.API == nil || e == nil || e.Event == nil {
		return
	}
	for _, id := range []string{e.Event.ID, e.Event.ObjectID} {
		if step.Heals() {
			dl.cfg.API.Heal(id)
		} else {
			dl.cfg.API.Fail(id, api.Trouble(step.Answer), step.Times)
		}
	}
}
