package history

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/model"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// Played is what came of a history.
type Played struct {
	History *History
	// Attempts are those of each delivery, its copies' together, by their times.
	Attempts [][]delivery.Attempt
	// Readings are what was observed of each delivery in the end; nil when nothing
	// was.
	Readings []observe.Reading
	// Void says that nothing is to be learned from it: it was interrupted, the
	// receiver refused the pace or was away, or what had to be done to it failed.
	Void bool

	// Disturbed says that it had restarts that another history brought: when exactly
	// is not certain.
	Disturbed bool

	// states are what became of each delivery; a race is delivered when all of its
	// copies are.
	states []delivery.State
	// hanging is the delivery that got no response in time, again and again; -1 is
	// none.
	hanging int
}

// Reachable reports whether the receiver took every connection.
func (p *Played) Reachable() bool {
	for _, attempts := range p.Attempts {
		for _, a := range attempts {
			if (receiver.Response{Outcome: a.Outcome}).Away() {
				return false
			}
		}
	}
	return true
}

// Ingredients are what went wrong with a delivery: what a failure looks like
// before it is made small.
func (p *Played) Ingredients(i int) string {
	d := &p.History.Deliveries[i]
	var list []string
	for _, f := range d.Faults {
		list = append(list, string(f.Kind))
	}
	if d.Copies > 1 {
		list = append(list, "copies")
	}
	if p.late(i) {
		list = append(list, "late")
	}
	if len(p.History.Restarts) > 0 {
		list = append(list, "restart")
	}
	slices.Sort(list)
	return strings.Join(slices.Compact(list), " ")
}

// last is the outcome of the last attempt of a delivery that was not
// acknowledged; nil when there was none.
func (p *Played) last(i int) *wire.Outcome {
	for k := len(p.Attempts[i]) - 1; k >= 0; k-- {
		if a := &p.Attempts[i][k]; a.Verdict != delivery.Acknowledged && a.Outcome != nil {
			return a.Outcome
		}
	}
	return nil
}

// took is the virtual time from the first attempt of a delivery to the last.
func (p *Played) took(i int) (longest time.Duration) {
	for _, a := range p.Attempts[i] {
		longest = max(longest, a.Offset)
	}
	return longest
}

// late reports whether a delivery may have been dealt with when the receiver had
// heard of something newer of the same story. What comes within a minute may be
// dealt with in any order: time does not stand still for a queue meanwhile.
func (p *Played) late(i int) bool {
	mine := &p.History.Deliveries[i]
	var last time.Time
	for _, a := range p.Attempts[i] {
		if a.At.After(last) {
			last = a.At
		}
	}
	for k := range p.History.Deliveries {
		if other := &p.History.Deliveries[k]; other.Story != mine.Story || !other.At.After(mine.At) {
			continue
		}
		for _, a := range p.Attempts[k] {
			if arrives(a.Fault) && !a.At.After(last.Add(receiver.ShortJump)) {
				return true
			}
		}
	}
	return false
}

// refused reports whether a delivery was given up.
func (p *Played) refused(i int) bool {
	return !p.History.Deliveries[i].Withheld && p.states[i] != delivery.Delivered
}

// served reports whether all that came before an event of its story was taken:
// without it the event may be refused.
func (p *Played) served(i int) bool {
	mine := &p.History.Deliveries[i]
	for k := range p.History.Deliveries {
		other := &p.History.Deliveries[k]
		if other.Story == mine.Story && other.At.Before(mine.At) && p.states[k] != delivery.Delivered {
			return false
		}
	}
	return true
}

// story lists the deliveries of a story in the order in which they happened:
// those that were delivered, and those that never arrived whole.
func (p *Played) story(n int) (delivered, withheld []int) {
	for i := range p.History.Deliveries {
		switch d := &p.History.Deliveries[i]; {
		case d.Story != n:
		case d.Withheld:
			withheld = append(withheld, i)
		default:
			delivered = append(delivered, i)
		}
	}
	slices.SortStableFunc(delivered, func(a, b int) int { return p.History.Deliveries[a].At.Compare(p.History.Deliveries[b].At) })
	return delivered, withheld
}

func (p *Played) stories() []int {
	seen := map[int]bool{}
	for i := range p.History.Deliveries {
		seen[p.History.Deliveries[i].Story] = true
	}
	return slices.Sorted(maps.Keys(seen))
}

func (p *Played) kinds(of []int) (kinds []string) {
	for _, i := range of {
		kinds = append(kinds, p.History.Deliveries[i].Kind)
	}
	return kinds
}

// newer lists the deliveries of the same object that happened later.
func (p *Played) newer(than *Delivery) (list []int) {
	for i := range p.History.Deliveries {
		d := &p.History.Deliveries[i]
		if d.Subject.ObjectID == than.Subject.ObjectID && d.At.After(than.At) {
			list = append(list, i)
		}
	}
	return list
}

// state is what is kept of an object, as all of its events show it. Where they
// do not show the same, nothing can be said: that observer shows what each event
// said.
func (p *Played) state(of []int, fields map[string]receiver.Relation) (state map[string]any, agreed bool) {
	for _, i := range of {
		s := p.Readings[i].State
		switch {
		case s == nil:
		case state == nil:
			state = s
		default:
			for field := range fields {
				if !receiver.Same(state[field], s[field]) {
					return nil, false
				}
			}
		}
	}
	return state, true
}

// say are what some deliveries say at a path.
func (p *Played) say(path string, of []int) (list []model.Saying) {
	for _, i := range of {
		d := &p.History.Deliveries[i]
		if v, err := jsontree.Get(d.Tree, path); err == nil {
			list = append(list, model.Saying{By: model.EventOf(d.Kind, d.At), Value: v})
		}
	}
	return list
}
