package model

import (
	"maps"
	"slices"

	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
)

// Line is one event of the ledger, when all had settled.
type Line struct {
	Event, Kind string
	// Changed are the members in which its content is not its twin's, and Spelled
	// how else it was written; both empty for the plain event.
	Changed []string
	Spelled string
	// Broken says that the event never came whole; nothing may come of it.
	Broken bool
	// Acknowledged says that the receiver took it in the end, Late that it had
	// taken a newer event of the object by then, and Follows that some event of
	// the same story had come before: what is done then need not be what is done
	// for the event alone.
	Acknowledged, Late, Follows bool
	// InOrder says that it came by itself, after all older events of its object, and
	// none came after it.
	InOrder bool
	// Effects are what it brought about; nil where that cannot be told.
	Effects *Effects
	// Missing says that nothing is kept of the object, although after a plain
	// delivery there is something.
	Missing bool
	// Kept are the mapped fields of its object; none where no state is told.
	Kept []Field
}

// Effects are counted: those of the event, and those of one plain delivery of
// its kind.
type Effects struct {
	Count, Plain int
	// Own are those of the event itself after one clean delivery; nil when it
	// had none.
	Own *int
	// Named are the same by their names, without names of their own; nil where the
	// observer gives none. Count and Plain are their sums.
	Named map[string]*Effects
}

// NamedEffects puts counts by name together; nil when there are none. A name that
// one of them lacks counts zero there.
func NamedEffects(count, plain, own map[string]int) map[string]*Effects {
	if len(count)+len(plain) == 0 {
		return nil
	}
	all := map[string]*Effects{}
	for _, names := range []map[string]int{count, plain} {
		for name := range names {
			all[name] = &Effects{Count: count[name], Plain: plain[name]}
			if own != nil {
				n := own[name]
				all[name].Own = &n
			}
		}
	}
	return all
}

// parts are the line by the names of its effects, in their order; the line itself
// under no name where they have none.
func (l *Line) parts() (names []string, lines []*Line) {
	if l.Effects == nil || len(l.Effects.Named) == 0 {
		return []string{""}, []*Line{l}
	}
	for _, name := range slices.Sorted(maps.Keys(l.Effects.Named)) {
		one := *l
		one.Effects = l.Effects.Named[name]
		names, lines = append(names, name), append(lines, &one)
	}
	return names, lines
}

// Twin is how many effects the event is to have. Of another content than the
// plain one it is the event's own number, as far as it is known: any but none.
func (l *Line) Twin() int {
	x := l.Effects
	switch {
	case len(l.Changed) == 0:
		return x.Plain
	case x.Own != nil && *x.Own > 0:
		return *x.Own
	case x.Count > 0:
		return x.Count
	}
	return x.Plain
}

// Field is one field that a receiver keeps of an object.
type Field struct {
	Name string
	// Relation is how it repeats the event when that is delivered plainly.
	Relation receiver.Relation
	// Kept is what the receiver has, and Said what the newest event says that it
	// took; By is that event (EventOf).
	Kept, Said any
	By         string
	// Other says that it is another value than the one that was kept of the plain
	// delivery.
	Other bool
	// Older are what the other events of the object say.
	Older []Saying
}

// Saying is what one event says of a field.
type Saying struct {
	By    string
	Value any
}
