package judge

import (
	"slices"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/emit"
	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/diagnose"
	"github.com/kometia-sim/kometia-sim/simulator/fault"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// Exchange is one delivery of a case, played to its end.
type Exchange struct {
	Name      string    // by which checks speak of it
	Round     int       // of the case
	Event     string    // event id; "" when what was sent is no event
	Dated     time.Time // when it happened, as the event says; zero when what was sent is no event
	Kind      string
	Summary   string        // what stands out about the request
	Changed   []string      // members in which its content is not the plain one
	Spelled   string        // how it is written otherwise than the plain one
	Broken    bool          // it is no whole event
	Forged    *emit.Forgery // nil for what is Kometia's
	Before    *int          // effects when it had settled first, if it was resumed after that
	Follows   bool          // an event of its story, or of its customer, came before
	Keep      bool          // it asked for a kept connection
	Result    delivery.Result
	Diagnosis *diagnose.Diagnosis // of the last attempt that reached the receiver
	Subject   observe.Subject     // what the observer is asked about; zero when no event was sent
	Inert     bool                // what was sent is not to have effects
	Meant     bool                // what the receiver makes of it is its own affair, as its owner says
	Seen      *Effects            // what its event brought about in the end; nil when it was not observed
	Effects   *int                // what it had brought about when this had settled; nil when more came before that
	History   *History            // of the event's object; nil when what was sent is no version of it
	Version   *Version            // of the object that the event tells
	Since     int                 // states of the object seen before this delivery
	Barred    string              // the check that says why the gate saw the kind refused; "" when it did not
	Expires   bool                // none of its attempts is to get through
	CaughtUp  bool                // the receiver has looked in the API for what it missed
	Late      bool                // the receiver had taken a newer event of the object
	Throttled bool                // an attempt was still refused for our pace after waiting
	Limit     *Limit              // what the search that it is part of has found; nil when it is of none
	Content   *Content            // of the sweep that it is part of; nil when it is of none
	Gone      bool                // the receiver had stopped listening before
	Unmoved   bool                // the receiver's clock was to be ahead, and was not
	Orphan    bool                // it came before what it depends on, without which the receiver does nothing about it
	Beside    bool                // it arrived together with another event
	Copies    int                 // it is one of so many that raced; zero when it did not
}

// Case is one case, played.
type Case struct {
	Name      string
	Spec      *language.Case
	Kind      string // that it was played for
	Declared  bool   // the user declared that kind as subscribed
	Watched   bool   // effects of its events are looked for
	Exchanges []*Exchange
	Histories []*History     // of the objects of its events
	Unfresh   error          // why its events' effects cannot be told
	Err       error          // what went wrong on our side
	Stopped   bool           // it was interrupted
	Tired     bool           // so it was because the run had waited long enough for responses that do not come
	Skipped   *Finding       // why it was not played; nil when it was
	process   []processEvent // what was done to the receiver's process
}

// title says in words which case it is: its own title, and what it was played for.
func (c *Case) title() lang.Text {
	played, of := strings.CutPrefix(c.Name, c.Spec.Name)
	if !of || c.Spec.Title.IsZero() {
		return lang.Same(c.Name)
	}
	return lang.Text{ES: c.Spec.Title.ES + played, EN: c.Spec.Title.EN + played}
}

// Of lists the case's exchanges of one name.
func (c *Case) Of(name string) []*Exchange {
	var out []*Exchange
	for _, e := range c.Exchanges {
		if e.Name == name {
			out = append(out, e)
		}
	}
	return out
}

// attemptsOf tells all attempts of the judged exchange's event in the case, in the
// order in which they were made: what came before and after it is part of the story.
func (c *Case) attemptsOf(judged *Exchange) (out []verdict.Attempt) {
	for _, e := range c.Exchanges {
		if e == judged || judged.History != nil && e.History == judged.History || e.Limit != nil && e.Limit == judged.Limit || judged.Event != "" && e.Event == judged.Event {
			out = append(out, e.Attempts()...)
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
func (e *Exchange) statuses() []int {
	var out []int
	for _, o := range e.outcomes() {
		out = append(out, o.Status)
	}
	return out
}

// outcomes are those of the attempts that reached the receiver, in order.
func (e *Exchange) outcomes() (out []*wire.Outcome) {
	for i := range e.Result.Attempts {
		if o := e.Result.Attempts[i].Outcome; o != nil {
			out = append(out, o)
		}
	}
	return out
}

// Last is the outcome of the last attempt that reached the receiver; nil when
// none did.
func (e *Exchange) Last() *wire.Outcome {
	for i := len(e.Result.Attempts) - 1; i >= 0; i-- {
		if o := e.Result.Attempts[i].Outcome; o != nil {
			return o
		}
	}
	return nil
}

// Acknowledged reports whether the last attempt that reached the receiver got its
// receipt.
func (e *Exchange) Acknowledged() bool {
	o := e.Last()
	return o != nil && o.Acknowledged()
}

// TimedOut reports whether the receiver took longer than it was given.
func (e *Exchange) TimedOut() bool {
	o := e.Last()
	return o != nil && o.Err != nil && o.Err.Kind == wire.ErrTimeout
}

// Slowly reports whether the exchange took our time without an answer.
func (e *Exchange) Slowly() bool {
	if e.TimedOut() {
		return true
	}
	o := e.Last()
	return o != nil && o.Err != nil && (o.Err.Kind == wire.ErrConnectTimeout || o.Err.Kind == wire.ErrDNS)
}

// Attempts tells the exchange as reports show it.
func (e *Exchange) Attempts() []verdict.Attempt {
	out := make([]verdict.Attempt, 0, len(e.Result.Attempts))
	for i := range e.Result.Attempts {
		a := &e.Result.Attempts[i]
		t := verdict.Attempt{
			Event: e.Event, Kind: e.Kind, Number: a.Number, At: a.At, Offset: a.Offset,
			Outcome: string(a.Verdict), Fault: a.Fault.String(), Summary: e.Summary, Changed: e.Changed, Made: a,
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
		out[n-1].Effects = e.Effects
	}
	return out
}
