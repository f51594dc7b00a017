package history

import (
	"slices"
	"time"

	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/fault"
	"github.com/kometia-sim/kometia-sim/simulator/payload"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// History is what happened on the way from the shop to the receiver: deliveries
// of events and what went wrong with each. All of it is data.
type History struct {
	Deliveries []Delivery
	// Restarts are the virtual times at which the receiver is killed and started
	// again.
	Restarts []time.Time
}

// Delivery is one event on its way. It goes out when it is due, and then by the
// retry policy until it is acknowledged.
type Delivery struct {
	payload.Message
	Story    int // deliveries of one story are about the same objects
	Twin     int // the story whose content this one repeats, plus one; 0 is none
	Due      time.Time
	Faults   []fault.Fault // of its attempts, in their order
	Copies   int           // that arrive at the same time; 0 and 1 are one by itself
	Withheld bool          // nothing is sent after the faults: it never arrives whole
}

// attempts is how many attempts are made at the most; zero leaves it to the
// policy.
func (d *Delivery) attempts() int {
	if d.Withheld {
		return len(d.Faults)
	}
	return 0
}

// Races reports whether chance decides what comes of a history: how threads, or a
// closing connection and a handler, fall together.
func (h *History) Races() bool {
	return slices.ContainsFunc(h.Deliveries, func(d Delivery) bool {
		return d.Copies > 1 || slices.ContainsFunc(d.Faults, fault.Fault.Abandons)
	})
}

// plain is the same events as they are delivered when nothing goes wrong: once, in
// order, and so far apart that the receiver is at rest in between.
func (h *History) plain() *History {
	out := &History{}
	for _, d := range h.Deliveries {
		if !d.Withheld {
			out.Deliveries = append(out.Deliveries, Delivery{Message: d.Message, Story: d.Story, Twin: d.Twin, Due: d.At})
		}
	}
	list := out.Deliveries
	slices.SortStableFunc(list, func(a, b Delivery) int { return a.At.Compare(b.At) })
	for i := 1; i < len(list); i++ {
		if earliest := list[i-1].Due.Add(2 * receiver.ShortJump); list[i].Due.Before(earliest) {
			list[i].Due = earliest
		}
	}
	return out
}

// stories are the kinds of the events that arrive, in the order in which they
// happened, of each story.
func (h *History) stories() (list [][]string) {
	p := &Played{History: h}
	for _, n := range p.stories() {
		if delivered, _ := p.story(n); len(delivered) > 0 {
			list = append(list, p.kinds(delivered))
		}
	}
	return list
}

// arrives reports whether the receiver hears of an attempt with this fault.
func arrives(f fault.Fault) bool { return f.Kind != fault.Refuse }

// clone is a copy whose deliveries can be changed.
func (h *History) clone() *History {
	out := h.with(slices.Clone(h.Deliveries))
	for i := range out.Deliveries {
		out.Deliveries[i].Faults = slices.Clone(out.Deliveries[i].Faults)
	}
	return out
}

// with is the history with other deliveries.
func (h *History) with(deliveries []Delivery) *History {
	return &History{Deliveries: deliveries, Restarts: slices.Clone(h.Restarts)}
}

// Renewed is the history under other identities; what is one identity in two
// events stays one.
func (h *History) Renewed(f *payload.Freshener) *History {
	messages := make([]payload.Message, len(h.Deliveries))
	for i := range h.Deliveries {
		messages[i] = h.Deliveries[i].Message
	}
	out := h.with(slices.Clone(h.Deliveries))
	for i, m := range f.Messages(messages) {
		out.Deliveries[i].Message = m
	}
	return out
}

// keptOpen is how long a server keeps a connection open for the next event.
const keptOpen = time.Minute

// apart reports whether a delivery is due later than a server would have kept the
// connection of any other one before it.
func (h *History) apart(i int) bool {
	due := h.Deliveries[i].Due
	return due.After(h.Begins()) && !slices.ContainsFunc(h.Deliveries, func(d Delivery) bool {
		return d.Due.Before(due) && due.Sub(d.Due) < keptOpen
	})
}

// planned are what the delivery engine plays. of[i] is the delivery that
// planned[i] belongs to.
func (h *History) planned(request func(body []byte) *wire.Request) (planned []delivery.Delivery, of []int) {
	for i := range h.Deliveries {
		d := &h.Deliveries[i]
		r := request(d.Body)
		// What is broken or raced has a connection of its own, and so has what is due
		// long after what the history delivered before it.
		r.Fresh = d.Copies > 1 || len(d.Faults) > 0 || h.apart(i)
		one := delivery.Delivery{
			Event: d.Subject.EventID, Kind: d.Kind, Request: r, Due: d.Due, Origin: d.Due,
			Faults: d.Faults, MaxAttempts: d.attempts(),
		}
		list := []delivery.Delivery{one}
		if d.Copies > 1 {
			list = delivery.Copies(one, d.Copies)
		}
		for range list {
			of = append(of, i)
		}
		planned = append(planned, list...)
	}
	return planned, of
}

// Begins is the first time of the history.
func (h *History) Begins() time.Time {
	first := h.Deliveries[0].Due
	for i := range h.Deliveries {
		if h.Deliveries[i].Due.Before(first) {
			first = h.Deliveries[i].Due
		}
	}
	return first
}

// Instant is one thing that the receiver goes through in a history.
type Instant struct {
	At       time.Time
	Delivery int // -1 is a restart
	Fault    fault.Fault
	Again    bool // an earlier attempt has reached the receiver
}

// Instants are what the receiver goes through, in order, if it acknowledges
// whatever it answers: each attempt that reaches it, and each restart.
func (h *History) Instants(policy retryclock.Policy) []Instant {
	var list []Instant
	for i := range h.Deliveries {
		d := &h.Deliveries[i]
		again := false
		for n := 1; n <= len(d.Faults)+1; n++ {
			in := Instant{At: d.Due.Add(policy.Offset(n)), Delivery: i, Again: again}
			if n <= len(d.Faults) {
				in.Fault = d.Faults[n-1]
			}
			if n > len(d.Faults) && d.Withheld || !arrives(in.Fault) {
				continue
			}
			again = true
			list = append(list, in)
			if !in.Fault.Loses() {
				break
			}
		}
	}
	for _, at := range h.Restarts {
		list = append(list, Instant{At: at, Delivery: -1})
	}
	slices.SortStableFunc(list, func(a, b Instant) int { return a.At.Compare(b.At) })
	return list
}
