package judge

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
)

// History is what the events of a case's round say of one object, and what was
// seen of it.
type History struct {
	story    string   // name of the event that began it
	first    *History // of the same story in the round that was played first; nil of that itself
	object   string
	Kind     string     // of object
	Versions []*Version // in the order of their times
	States   []State    // one for each time that it had settled
	Meant    bool       // what is kept of it is the receiver's own affair
}

// Version is an object as one event tells it.
type Version struct {
	name  string
	Kind  string // of the event
	At    time.Time
	Tree  *jsontree.Object
	gone  bool // it says that the object was deleted
	made  bool // the object came into being with it
	Taken bool // the receiver acknowledged it
	// Arrived is when it was last sent to it and acknowledged, in wall time.
	Arrived time.Time
}

// State is what was seen of an object when all had settled.
type State struct {
	State  map[string]any // by the receiver's fields; empty when it has nothing
	Newest *Version       // of those taken by then; nil when none was
	err    error          // why nothing could be seen
	blind  ruling         // why it cannot be told; without a verdict when it can
}

// Absent reports whether no field has a value.
func (l *State) Absent() bool {
	for _, v := range l.State {
		if v != nil {
			return false
		}
	}
	return true
}

// missing reports whether nothing of the object is there. That cannot be told
// when some version has none of the mapped fields either.
func (h *History) missing(l *State, paths map[string]string) bool {
	return l.Absent() && !slices.ContainsFunc(h.Versions, func(v *Version) bool {
		for _, path := range paths {
			if v.value(path) != nil {
				return false
			}
		}
		return true
	})
}

// insert adds a version.
func (h *History) insert(v *Version) {
	at, _ := slices.BinarySearchFunc(h.Versions, v, func(a, b *Version) int {
		return cmp.Or(a.At.Compare(b.At), -1) // behind its equals
	})
	h.Versions = slices.Insert(h.Versions, at, v)
}

// Newest is the newest version that the receiver has taken.
func (h *History) Newest() *Version {
	for _, v := range slices.Backward(h.Versions) {
		if v.Taken {
			return v
		}
	}
	return nil
}

// updatedFirst reports whether an update was taken before the event with which the
// object came into being; beside says that they arrived together.
func (h *History) updatedFirst(beside bool) bool {
	if h == nil {
		return false
	}
	i := slices.IndexFunc(h.Versions, func(v *Version) bool { return v.made && v.Taken })
	return i >= 0 && slices.ContainsFunc(h.Versions, func(v *Version) bool {
		return v.Taken && !v.made && !v.gone && (beside || v.Arrived.Before(h.Versions[i].Arrived))
	})
}

// value is what a version says at a path; nil when it says nothing there.
func (v *Version) value(path string) any {
	value, err := jsontree.Get(v.Tree, path)
	if err != nil {
		return nil
	}
	return value
}

// fields are the mapped fields that the object has, in order; differing ones
// are those on which its versions are not all alike.
func (h *History) fields(paths map[string]string) (all, differing []string) {
	for _, field := range slices.Sorted(maps.Keys(paths)) {
		first := h.Versions[0].value(paths[field])
		has := false
		differs := false
		for _, v := range h.Versions {
			if _, err := jsontree.Get(v.Tree, paths[field]); err == nil {
				has = true
			}
			differs = differs || !receiver.Same(first, v.value(paths[field]))
		}
		if has {
			all = append(all, field)
		}
		if differs {
			differing = append(differing, field)
		}
	}
	return all, differing
}

// like lists the versions that have the seen value in a field.
func (h *History) like(path string, seen any) (out []*Version) {
	for _, v := range h.Versions {
		if receiver.Same(v.value(path), seen) {
			out = append(out, v)
		}
	}
	return out
}

// See records what was seen of the object when all had settled: the state that the
// observer gave for each of its events. It has to give the same for all of them: an
// observer that repeats what each event said would make every receiver look right. A
// silent one tells no state of such objects.
func (h *History) See(given []map[string]any, silent bool, err error) {
	l := State{Newest: h.Newest(), err: err}
	for _, state := range given {
		switch {
		case len(state) == 0:
		case l.State == nil:
			l.State = state
		default:
			for field, v := range state {
				if !receiver.Same(v, l.State[field]) {
					l.blind = stuck(textTwoStates(field, v, l.State[field]))
				}
			}
		}
	}
	switch {
	case err != nil || l.blind.verdict != "":
	case h.Meant:
		l.blind = unknown(textMeant.both())
	case len(given) == 0:
		l.blind = unknown(textNotAsked(h.Kind))
	case l.Absent() && silent:
		l.blind = unknown(textTellsNoState(h.Kind))
	}
	h.States = append(h.States, l)
}

// before is the state that was seen of the object before a delivery since which others
// were; nil where none can be told.
func (h *History) before(since int) *State {
	if since == 0 || since > len(h.States) || !h.States[since-1].Shows() {
		return nil
	}
	return &h.States[since-1]
}

// Last is the last state that was seen of the object.
func (h *History) Last() *State {
	if len(h.States) == 0 {
		return nil
	}
	return &h.States[len(h.States)-1]
}

// sees tells why a state shows nothing; known when it does.
func (l *State) sees() ruling {
	switch {
	case l == nil:
		return stuck(textInterrupted.both())
	case l.err != nil:
		return stuck(textObserver(l.err))
	case l.blind.verdict != "":
		return l.blind
	}
	return ruling{known: true}
}

// Shows reports whether anything can be told by a state.
func (l *State) Shows() bool { return l.sees().known }
