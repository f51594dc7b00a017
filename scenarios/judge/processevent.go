package judge

import (
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
)

// processEvent is something that was done to the receiver's process, and how
// many attempts of each exchange had been made before.
type processEvent struct {
	verb string
	made map[*Exchange]int
}

// NoteProcess records what was done to the receiver's process.
func (c *Case) NoteProcess(verb string) {
	d := processEvent{verb: verb, made: map[*Exchange]int{}}
	for _, e := range c.Exchanges {
		d.made[e] = len(e.Result.Attempts)
	}
	c.process = append(c.process, d)
}

// besides is how far from an attempt a process event is placed when there are
// attempts on one side of it only.
const besides = 30 * time.Minute

// processEventsOf places what was done to the process on the time scale of the
// attempts of the judged exchange's event: between the attempts before it and
// those after it.
func (c *Case) processEventsOf(judged *Exchange) (out []verdict.Event) {
	for _, d := range c.process {
		var before, after *time.Duration
		for _, e := range c.Exchanges {
			if e != judged && (judged.Event == "" || e.Event != judged.Event) {
				continue
			}
			for i := range e.Result.Attempts {
				switch at := &e.Result.Attempts[i].Offset; {
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
			out = append(out, verdict.Event{Verb: d.verb, Offset: *before + besides})
		case after != nil:
			out = append(out, verdict.Event{Verb: d.verb, Offset: *after - besides})
		}
	}
	return out
}
