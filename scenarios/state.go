package scenarios

import (
	"cmp"
	"slices"

	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
)

// ruling answers a question about the state of an exchange's object.
func (e *exchange) ruling(question string, paths map[string]string) ruling {
	h := e.history
	switch {
	case h == nil:
		return unknown(textNoObject.both())
	case question == "newest":
		return h.isNewest(paths)
	case question == "updated":
		return h.isUpdated(paths)
	case question == "older":
		return h.isOlder(paths)
	case question == "stale":
		return h.isStale(paths, e.version, e.since)
	case question == "absent":
		return h.isAbsent(paths)
	case question == "mangled":
		return h.isMangled(paths, e.version)
	case question == "forged":
		return e.isForged(paths)
	case question == "altered", question == "restyled":
		return e.isAltered(question == "restyled")
	}
	first := h.first
	if first == nil {
		first = h
	}
	r := h.isInOrder(paths, first)
	if question == "out-of-order" {
		r.yes = r.known && !r.yes
	}
	return r
}

// stateKnown tells whether the state of an exchange's object could be judged at
// all, by any question that the check asks in its case; else why not.
func (c *judge) stateKnown(check *language.Check, e *exchange, in *language.Case) ruling {
	last := unknown(textNoObject.both())
	for _, question := range check.StateQuestions(in.Name) {
		if last = e.ruling(question, c.paths); last.known {
			return last
		}
	}
	return last
}

// historyOf is the history that an emitted event belongs to.
func (c *playedCase) historyOf(e *emitted, story string) *history {
	var first *history
	for _, h := range c.histories {
		if h.object == e.event.ObjectID {
			return h
		}
		if first == nil && h.story == story && h.kind == e.event.ObjectType {
			first = h
		}
	}
	h := &history{story: story, object: e.event.ObjectID, kind: e.event.ObjectType, first: first}
	c.histories = append(c.histories, h)
	return h
}

// keep makes an emitted event part of the history of its object. One that
// leaves the schema or is spoilt says nothing that is to be kept.
func (c *playedCase) keep(e *emitted, step *language.Emit) (*history, *version) {
	if e.event == nil || e.inert && !step.Tampered() {
		return nil, nil
	}
	h := c.historyOf(e, cmp.Or(step.Story, step.Name()))
	tree := e.event.Tree
	if e.told != nil {
		tree = e.told.Tree
	}
	v := &version{name: step.Name(), kind: e.kind, at: e.at, tree: tree, gone: e.event.Gone}
	h.insert(v)
	return h, v
}

// noteStates records the states of the objects of exchanges that have settled
// together.
func (o *observation) noteStates(exchanges []*exchange, readings map[string]observe.Reading, err error) {
	if len(o.receiver.StateMap()) == 0 {
		return
	}
	var noted []*history
	for _, e := range exchanges {
		if e.history == nil || slices.Contains(noted, e.history) {
			continue
		}
		noted = append(noted, e.history)
		e.history.see(o.states(e.history, exchanges, readings), !o.receiver.Effects().Tells(e.history.kind) || o.skips(e.history), err)
	}
}

// skips reports whether the receiver was seen to do nothing about such objects
// because they are tests.
func (o *observation) skips(h *history) bool {
	return slices.ContainsFunc(h.versions, func(v *version) bool { return o.skipped[v.kind] })
}

// states are the states that the observer gave for the object's events, by the mapped
// fields; empty where there is nothing.
func (o *observation) states(h *history, exchanges []*exchange, readings map[string]observe.Reading) (out []map[string]any) {
	for _, e := range exchanges {
		reading, read := readings[e.subject.EventID]
		if e.history != h || !read {
			continue
		}
		state := o.receiver.Effects().Mapped(reading.State)
		if receiver.SaysDeleted(reading.State, o.receiver.StateMap()) {
			state = nil
		}
		out = append(out, state)
	}
	return out
}
