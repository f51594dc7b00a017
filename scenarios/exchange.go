package scenarios

import (
	"time"

	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/diagnose"
	"github.com/kometia-sim/kometia-sim/simulator/fault"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// exchange is one delivery of a case, played to its end.
type exchange struct {
	name      string // by which checks speak of it
	event     string // event id; "" when what was sent is no event
	kind      string
	summary   string // what stands out about the request
	keep      bool   // it asked for a kept connection
	result    delivery.Result
	diagnosis *diagnose.Diagnosis // of the last attempt that reached the receiver
	throttled bool                // still refused for our pace after waiting
	gone      bool                // the receiver had stopped listening before
}

// playedCase is one case, played.
type playedCase struct {
	name      string
	kind      string // that it was played for
	declared  bool   // the user declared that kind as subscribed
	exchanges []*exchange
	err       error // what went wrong on our side
	stopped   bool  // it was interrupted
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

// statuses lists what the attempts that reached the receiver were answered;
// zero stands for no answer.
func (e *exchange) statuses() []int {
	var out []int
	for i := range e.result.Attempts {
		if o := e.result.Attempts[i].Outcome; o != nil {
			out = append(out, o.Status)
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

// closes reports whether the receiver closed a connection that was to be kept.
func (e *exchange) closes() bool {
	o := e.last()
	return e.keep && o != nil && (o.Resent || o.Get("Connection") == "close")
}

// timedOut reports whether the receiver took longer than it was given.
func (e *exchange) timedOut() bool {
	o := e.last()
	return o != nil && o.Err != nil && o.Err.Kind == wire.ErrTimeout
}

// attempts tells the exchange as reports show it.
func (e *exchange) attempts() []Attempt {
	out := make([]Attempt, 0, len(e.result.Attempts))
	for i := range e.result.Attempts {
		a := &e.result.Attempts[i]
		t := Attempt{
			Event: e.event, Kind: e.kind, Number: a.Number, At: a.At, Offset: a.Offset,
			Outcome: string(a.Verdict), Fault: string(a.Fault), Summary: e.summary,
		}
		if o := a.Outcome; o != nil {
			t.Status, t.Latency = o.Status, o.Latency.Round(time.Microsecond)
			if o.Err != nil {
				t.Error = o.Err.Error()
			}
		}
		if a.Fault == fault.LoseAnswer {
			t.Error = "answer lost (fault)"
		}
		out = append(out, t)
	}
	return out
}
