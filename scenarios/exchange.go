package scenarios

import (
	"slices"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/diagnose"
	"github.com/kometia-sim/kometia-sim/simulator/fault"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// exchange is one delivery of a case, played to its end.
type exchange struct {
	name      string // by which checks speak of it
	round     int    // of the case
	event     string // event id; "" when what was sent is no event
	kind      string
	summary   string   // what stands out about the request
	changed   []string // members in which its content is not the plain one
	spelled   string   // how it is written otherwise than the plain one
	broken    bool     // it is no whole event
	forged    *forgery // nil for what is Kometia's
	before    *int     // effects when it had settled first, if it was resumed after that
	follows   bool     // an event of its story, or of its customer, came before
	keep      bool     // it asked for a kept connection
	result    delivery.Result
	diagnosis *diagnose.Diagnosis // of the last attempt that reached the receiver
	subject   observe.Subject     // what the observer is asked about; zero when no event was sent
	inert     bool                // what was sent is not to have effects
	meant     bool                // what the receiver makes of it is its own affair, as its owner says
	seen      *eventEffects       // what its event brought about in the end; nil when it was not observed
	effects   *int                // what it had brought about when this had settled; nil when more came before that
	history   *history            // of the event's object; nil when what was sent is no version of it
	version   *version            // of the object that the event tells
	since     int                 // states of the object seen before this delivery
	barred    string              // the check that says why the gate saw the kind refused; "" when it did not
	expires   bool                // none of its attempts is to get through
	caughtUp  bool                // the receiver has looked in the API for what it missed
	late      bool                // the receiver had taken a newer event of the object
	throttled bool                // an attempt was still refused for our pace after waiting
	limit     *limit              // what the search that it is part of has found; nil when it is of none
	content   *content            // of the sweep that it is part of; nil when it is of none
	gone      bool                // the receiver had stopped listening before
	unmoved   bool                // the receiver's clock was to be ahead, and was not
	orphan    bool                // it came before what it depends on, without which the receiver does nothing about it
	beside    bool                // it arrived together with another event
	copies    int                 // it is one of so many that raced; zero when it did not
}

// playedCase is one case, played.
type playedCase struct {
	name      string
	spec      *language.Case
	kind      string // that it was played for
	declared  bool   // the user declared that kind as subscribed
	watched   bool   // effects of its events are looked for
	exchanges []*exchange
	histories []*history     // of the objects of its events
	unfresh   error          // why its events' effects cannot be told
	err       error          // what went wrong on our side
	stopped   bool           // it was interrupted
	skipped   *finding       // why it was not played; nil when it was
	process   []processEvent // what was done to the receiver's process
}

// title says in words which case it is: its own title, and what it was played for.
func (c *playedCase) title() lang.Text {
	played, of := strings.CutPrefix(c.name, c.spec.Name)
	if !of || c.spec.Title.IsZero() {
		return lang.Same(c.name)
	}
	return lang.Text{ES: c.spec.Title.ES + played, EN: c.spec.Title.EN + played}
}

// of lists the case's exchanges of one name.
func (c *playedCase) of(name string) []*exchange {
	var out []*exchange
	for _, e := range c.exchanges {
		if e.name == name {
			out = append(out, e)
		}
	}
	return out
}

// attemptsOf tells all attempts of the judged exchange's event in the case, in the
// order in which they were made: what came before and after it is part of the story.
func (c *playedCase) attemptsOf(judged *exchange) (out []verdict.Attempt) {
	for _, e := range c.exchanges {
		if e == judged || judged.history != nil && e.history == judged.history || e.limit != nil && e.limit == judged.limit || judged.event != "" && e.event == judged.event {
			out = append(out, e.attempts()...)
		}
	}
	// An event that comes late is older than what came before it, so its virtual time
	// is no order. An attempt that never left stands behind the one before it.
	made := map[*delivery.Attempt]time.Time{}
	var last time.Time
	for i := range out {
		if a := out[i].Made; a.Outcome != nil {
			last = a.Outcome.Started
		}
		made[out[i].Made] = last
	}
	slices.SortStableFunc(out, func(a, b verdict.Attempt) int { return made[a.Made].Compare(made[b.Made]) })
	return out
}

// statuses lists what the attempts that reached the receiver were answered;
// zero stands for no answer.
func (e *exchange) statuses() []int {
	var out []int
	for _, o := range e.outcomes() {
		out = append(out, o.Status)
	}
	return out
}

// outcomes are those of the attempts that reached the receiver, in order.
func (e *exchange) outcomes() (out []*wire.Outcome) {
	for i := range e.result.Attempts {
		if o := e.result.Attempts[i].Outcome; o != nil {
			out = append(out, o)
		}
	}
	return out
}

// last is the outcome of the last attempt that reached the receiver; nil when
// none did.
func (e *exchange) last() *wire.Outcome {
	for i := len(e.result.Attempts) - 1; i >= 0; i-- {
		if o := e.result.Attempts[i].Outcome; o != nil {
			return o
		}
	}
	return nil
}

func (e *exchange) acknowledged() bool {
	o := e.last()
	return o != nil && o.Acknowledged()
}

// timedOut reports whether the receiver took longer than it was given.
func (e *exchange) timedOut() bool {
	o := e.last()
	return o != nil && o.Err != nil && o.Err.Kind == wire.ErrTimeout
}

// slowly reports whether the exchange took our time without an answer.
func (e *exchange) slowly() bool {
	if e.timedOut() {
		return true
	}
	o := e.last()
	return o != nil && o.Err != nil && (o.Err.Kind == wire.ErrConnectTimeout || o.Err.Kind == wire.ErrDNS)
}

// attempts tells the exchange as reports show it.
func (e *exchange) attempts() []verdict.Attempt {
	out := make([]verdict.Attempt, 0, len(e.result.Attempts))
	for i := range e.result.Attempts {
		a := &e.result.Attempts[i]
		t := verdict.Attempt{
			Event: e.event, Kind: e.kind, Number: a.Number, At: a.At, Offset: a.Offset,
			Outcome: string(a.Verdict), Fault: a.Fault.String(), Summary: e.summary, Changed: e.changed, Made: a,
		}
		if o := a.Outcome; o != nil {
			t.Status, t.Latency, t.Notes = o.Status, o.Latency.Round(time.Microsecond), o.Notes
			if o.Err != nil && o.Err.Kind != wire.ErrHungUp { // which the fault says
				t.Error = o.Err.Error()
			}
		}
		if a.Fault.Kind == fault.LoseAnswer {
			t.Error = "answer lost (fault)"
		}
		out = append(out, t)
	}
	if n := len(out); n > 0 {
		out[n-1].Effects = e.effects
	}
	return out
}
