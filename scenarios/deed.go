package scenarios

import (
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
)

// deed is something that was done to the receiver's process, and how many
// attempts of each exchange had been made before.
type deed struct {
	verb string
	made map[*exchange]int
}

// did takes down what was done to the receiver, once it was.
func (c *playedCase) did(verb string) {
	d := deed{verb: verb, made: map[*exchange]int{}}
	for _, e := range c.exchanges {
		d.made[e] = len(e.result.Attempts)
	}
	c.done = append(c.done, d)
}

// aside is how far from an attempt a deed is told of that has none on its other
// side.
const aside = 30 * time.Minute

// eventsOf tells the deeds on the scale of the attempts of the judged exchange's
// event: between those before and those after them.
func (c *playedCase) eventsOf(judged *exchange) (out []verdict.Event) {
	for _, d := range c.done {
		var before, after *time.Duration
		for _, e := range c.exchanges {
			if e != judged && (judged.event == "" || e.event != judged.event) {
				continue
			}
			for i := range e.result.Attempts {
				switch at := &e.result.Attempts[i].Offset; {
				case i < d.made[e] && (before == nil || *at > *before):
					before = at
				case i >= d.made[e] && (after == nil || *at < *after):
					after = at
				}
			}
		}
		switch {
		case before != nil && after != nil:
			out = append(out, verdict.Event{Verb: d.verb, Offset: (*before + *after) / 2})
		case before != nil:
			out = append(out, verdict.Event{Verb: d.verb, Offset: *before + aside})
		case after != nil:
			out = append(out, verdict.Event{Verb: d.verb, Offset: *after - aside})
		}
	}
	return out
}
