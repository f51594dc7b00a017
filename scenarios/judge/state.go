package judge

import (
	"cmp"

	"github.com/kometia-sim/kometia-sim/scenarios/emit"
	"github.com/kometia-sim/kometia-sim/scenarios/language"
)

// ruling answers a question about the state of an exchange's object.
func (e *Exchange) ruling(question string, paths map[string]string) ruling {
	h := e.History
	switch {
	case h == nil:
		return unknown(textNoObject.both())
	case question == "newest":
		return h.isNewest(paths)
	case question == "updated":
		return h.isUpdated(paths)
	case question == "older", question == "frozen":
		least := map[string]int{"older": 1, "frozen": 2}[question]
		r := h.isOlder(paths, e.Since, least)
		r.yes = r.yes && !e.overtaken(h.Last().Newest)
		return r
	case question == "stale":
		return h.isStale(paths, e.Version, e.Since)
	case question == "absent":
		return h.isAbsent(paths)
	case question == "mangled":
		return h.isMangled(paths, e.Version)
	case question == "forged":
		return forged(e, paths)
	case question == "altered", question == "restyled":
		return altered(e, question == "restyled")
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
func (c *Judge) stateKnown(check *language.Check, e *Exchange, in *language.Case) ruling {
	last := unknown(textNoObject.both())
	for _, question := range check.StateQuestions(in.Name) {
		if last = e.ruling(question, c.Paths); last.known {
			return last
		}
	}
	return last
}

// historyOf is the history that an emitted event belongs to.
func (c *Case) historyOf(e *emit.Emitted, story string) *History {
	var first *History
	for _, h := range c.Histories {
		if h.object == e.Event.ObjectID {
			return h
		}
		if first == nil && h.story == story && h.Kind == e.Event.ObjectType {
			first = h
		}
	}
	h := &History{story: story, object: e.Event.ObjectID, Kind: e.Event.ObjectType, first: first}
	c.Histories = append(c.Histories, h)
	return h
}

// Keep makes an emitted event part of the history of its object. One that
// leaves the schema or is spoilt says nothing that is to be kept.
func (c *Case) Keep(e *emit.Emitted, step *language.Emit) (*History, *Version) {
	if e.Event == nil || e.Inert && !step.Tampered() {
		return nil, nil
	}
	h := c.historyOf(e, cmp.Or(step.Story, step.Name()))
	tree := e.Event.Tree
	if e.Told != nil {
		tree = e.Told.Tree
	}
	v := &Version{name: step.Name(), Kind: e.Kind, At: e.At, Tree: tree, gone: e.Event.Gone, made: e.Event.Made}
	h.insert(v)
	return h, v
}
