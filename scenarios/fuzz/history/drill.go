package history

import (
	"slices"
	"time"

	"github.com/kometia-sim/kometia-sim/simulator/fault"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
)

// drill is a story in which one thing goes wrong: what receivers get wrong most
// often, for each kind of event. A hunt begins with all drills, whose number is
// small, before chance decides: it would take hundreds of histories to meet
// each.
type drill struct {
	kinds []string
	// late is the event that arrives behind the last one; -1 is none.
	late int
	// lost is the event whose first response is lost; -1 is none.
	lost int
}

// drills are those of some lives: of any two events the older one comes late, of
// each one the response is lost, and what can happen again does, in its order.
func drills(all []*life) (list []drill) {
	for _, l := range all {
		kinds := slices.Concat(l.begin, l.more, l.ends)
		for i, kind := range kinds {
			alone := append(l.before(kind), kind)
			list = append(list, drill{kinds: alone, late: -1, lost: len(alone) - 1})
			for _, later := range kinds[i+1:] {
				if slices.Contains(l.ends, kind) {
					continue // nothing happens behind an end
				}
				pair := append(l.before(kind), kind)
				for _, need := range append(l.before(later), later) {
					if !slices.Contains(pair, need) {
						pair = append(pair, need)
					}
				}
				list = append(list, drill{kinds: pair, late: slices.Index(pair, kind), lost: -1})
			}
			if slices.Contains(l.more, kind) {
				twice := append(slices.Clone(alone), kind)
				list = append(list, drill{kinds: twice, late: len(twice) - 2, lost: -1})
			}
		}
	}
	return list
}

// before is what must have happened before a kind, as far as the receiver is to
// hear of it.
func (l *life) before(kind string) (list []string) {
	for _, need := range l.needs[kind] {
		if slices.Contains(l.begin, need) {
			list = append(list, need)
		}
	}
	return list
}

// afterRest is how late what is late comes: when the receiver is at rest.
const afterRest = 2 * time.Minute

// in is a drill as a story that begins like st, its events so far apart.
func (d *drill) in(st shop.Story, apart time.Duration) (shop.Story, []Delivery) {
	for i := range d.kinds[1:] {
		st.After = append(st.After, time.Duration(i+1)*apart)
	}
	of := plainly(0, st)
	if d.late >= 0 {
		of[d.late].Due = of[len(of)-1].Due.Add(afterRest)
	}
	if d.lost >= 0 {
		of[d.lost].Faults = []fault.Fault{fault.Of(fault.LoseAnswer)}
	}
	return st, of
}
