package fuzz

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/scenarios/fuzz/payload"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/fault"
)

// history is what happened on the way from the shop to the receiver: events and
// what went wrong with each. All of it is data: how it is played is stage's
// business, what a right receiver makes of it model's.
type history struct {
	passages []passage
	// restarts are the virtual instants at which the receiver is killed and
	// started again.
	restarts []time.Time
}

// passage is one event on its way. It goes out when it is due, and then by the
// retry policy until it is acknowledged.
type passage struct {
	payload.Message
	story    int // passages of one story are about the same objects
	twin     int // the story whose content this one repeats, plus one; 0 is none
	due      time.Time
	faults   []fault.Fault // of its attempts, in their order
	copies   int           // that arrive at the same instant; 0 and 1 are one by itself
	withheld bool          // nothing is sent behind the faults: it never arrives whole
}

// attempts is how many attempts are made at the most; zero leaves it to the
// policy.
func (p *passage) attempts() int {
	if p.withheld {
		return len(p.faults)
	}
	return 0
}

// races reports whether chance decides what comes of a history: how threads or
// a closing connection and a handler fall together.
func (h *history) races() bool {
	return slices.ContainsFunc(h.passages, func(p passage) bool {
		return p.copies > 1 || slices.ContainsFunc(p.faults, fault.Fault.Abandons)
	})
}

// arrives reports whether the receiver hears of an attempt with this fault.
func arrives(f fault.Fault) bool { return f.Kind != fault.Refuse }

// clone is a copy whose passages can be changed.
func (h *history) clone() *history {
	out := h.with(slices.Clone(h.passages))
	for i := range out.passages {
		out.passages[i].faults = slices.Clone(out.passages[i].faults)
	}
	return out
}

// with is the history with other passages.
func (h *history) with(passages []passage) *history {
	return &history{passages: passages, restarts: slices.Clone(h.restarts)}
}

// renewed is the history under other identities; what is one identity in two
// events stays one.
func (h *history) renewed(f *payload.Freshener) *history {
	messages := make([]payload.Message, len(h.passages))
	for i := range h.passages {
		messages[i] = h.passages[i].Message
	}
	out := h.with(slices.Clone(h.passages))
	for i, m := range f.Messages(messages) {
		out.passages[i].Message = m
	}
	return out
}

// deliveries are what the delivery engine plays. of[i] is the passage that
// deliveries[i] belongs to.
func (h *history) deliveries(p *player) (deliveries []delivery.Delivery, of []int) {
	for i := range h.passages {
		g := &h.passages[i]
		request := p.receiver.Request(g.Body)
		// What is broken or raced has a connection of its own.
		request.Fresh = g.copies > 1 || len(g.faults) > 0
		d := delivery.Delivery{
			Event: g.Subject.EventID, Kind: g.Kind, Request: request, Due: g.due, Origin: g.due,
			Faults: g.faults, MaxAttempts: g.attempts(),
		}
		list := []delivery.Delivery{d}
		if g.copies > 1 {
			list = delivery.Copies(d, g.copies)
		}
		for range list {
			of = append(of, i)
		}
		deliveries = append(deliveries, list...)
	}
	return deliveries, of
}

// begins is the first instant of the history.
func (h *history) begins() time.Time {
	first := h.passages[0].due
	for i := range h.passages {
		if h.passages[i].due.Before(first) {
			first = h.passages[i].due
		}
	}
	return first
}

// moment is one thing that the receiver goes through in a history.
type moment struct {
	at      time.Time
	passage int // -1 is a restart
	fault   fault.Fault
	again   bool // an earlier attempt has reached the receiver
}

// moments are what the receiver goes through, in order, if it acknowledges
// whatever it answers: each attempt that reaches it, and each restart.
func (h *history) moments(policy retryclock.Policy) []moment {
	var list []moment
	for i := range h.passages {
		p := &h.passages[i]
		again := false
		for n := 1; n <= len(p.faults)+1; n++ {
			m := moment{at: p.due.Add(policy.Offset(n)), passage: i, again: again}
			if n <= len(p.faults) {
				m.fault = p.faults[n-1]
			}
			if n > len(p.faults) && p.withheld || !arrives(m.fault) {
				continue
			}
			again = true
			list = append(list, m)
			if !m.fault.Loses() {
				break
			}
		}
	}
	for _, at := range h.restarts {
		list = append(list, moment{at: at, passage: -1})
	}
	slices.SortStableFunc(list, func(a, b moment) int { return a.at.Compare(b.at) })
	return list
}

// told writes a history as people read it, one moment after the other:
// "order.placed (lose-answer), +1h order.placed again". Times are counted from
// the first moment. Where several stories are about, each has a letter.
func (h *history) told(policy retryclock.Policy) string {
	moments := h.moments(policy)
	return h.words(moments, func(i int) string {
		name := "restart"
		if m := moments[i]; m.passage >= 0 {
			name = h.passages[m.passage].Kind
		}
		if i > 0 && moments[i].at.Sub(moments[i-1].at) >= time.Minute {
			return "+" + brief(moments[i].at.Sub(moments[0].at)) + " " + name
		}
		return name
	})
}

// shape is told without kinds and times: events are numbered within their story,
// in the order in which they happened. Two histories of one shape show one fault.
func (h *history) shape(policy retryclock.Policy) string {
	moments := h.moments(policy)
	return h.words(moments, func(i int) string {
		if moments[i].passage < 0 {
			return "restart"
		}
		p, n := &h.passages[moments[i].passage], 1
		for k := range h.passages {
			if q := &h.passages[k]; q.story == p.story && q.At.Before(p.At) {
				n++
			}
		}
		return fmt.Sprint(n)
	})
}

// words joins moments; name is what the one at an index is called.
func (h *history) words(moments []moment, name func(i int) string) string {
	letters := map[int]string{}
	for i := range h.passages {
		if s := h.passages[i].story; letters[s] == "" {
			letters[s] = string(rune('A' + len(letters)%26))
		}
	}
	var parts []string
	for i, m := range moments {
		said := name(i)
		if m.passage >= 0 {
			p := &h.passages[m.passage]
			if len(letters) > 1 {
				said += " " + letters[p.story]
			}
			if like := letters[p.twin-1]; like != "" {
				said += " (like " + like + ")"
			}
			if p.copies > 1 && !m.again {
				said += fmt.Sprintf(" x%d", p.copies)
			}
			if m.again {
				said += " again"
			}
			if m.fault.Kind != fault.None {
				said += " (" + m.fault.String() + ")"
			}
		}
		parts = append(parts, said)
	}
	return strings.Join(parts, ", ")
}

// brief is a virtual time as people say it: 3h, 20m.
func brief(d time.Duration) string {
	hours := (d + 30*time.Minute) / time.Hour
	if off := (d - hours*time.Hour).Abs(); hours > 0 && off <= 5*time.Minute || hours >= 10 {
		return fmt.Sprintf("%dh", hours)
	}
	return fmt.Sprintf("%dm", d/time.Minute)
}
