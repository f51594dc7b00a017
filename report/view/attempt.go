package view

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// answersTold is how many different answers a sentence on attempts names.
const answersTold = 8

// Attempt is one attempt as it is told.
type Attempt struct {
	At     string        // "+1 h", in virtual time
	Offset time.Duration // the same
	Number int
	Event  string // its id
	Name   string // its kind and its id in short
	Short  string // what tells its event from the others of the check: the kind where that is enough
	Sent   string // what was sent, in a word or two
	// Answer is the status, or that and why there was none; "" where our own
	// fault says it all.
	Answer string
	Status int    // zero when no answer came
	Late   string // "in 4.6 s", where an answer took a second or more
	Fault  string // what we did to the attempt; "" for nothing
	Shape  Shape
	Took   string
	// Effects is how many effects had been seen by then; "" when nothing
	// observed it. Duplicate marks one too many.
	Effects, Duplicate string
}

// Shape is how an attempt ended, as charts mark it.
type Shape string

// The shapes.
const (
	Ack      Shape = "ack"
	Rejected Shape = "rej"
	Mute     Shape = "mute"
)

// Reply is what an attempt brought, and what we did to it.
func (a *Attempt) Reply() string {
	switch {
	case a.Answer == "":
		return a.Fault
	case a.Fault == "":
		return a.Answer
	default:
		return a.Answer + ", " + a.Fault
	}
}

// attempts are the attempts of a check, in virtual time.
func (w *Words) attempts(r *verdict.Result) []Attempt {
	failed := r.Verdict == verdict.Fail || r.Verdict == Known
	seen, short := map[string]int{}, kindsSuffice(r.Attempts)
	out := make([]Attempt, len(r.Attempts))
	for i, a := range r.Attempts {
		v := w.attempt(&a)
		if short {
			v.Short = Safe(a.Kind)
		}
		if a.Effects != nil {
			v.Effects = strconv.Itoa(*a.Effects)
			if before := seen[a.Event]; failed && before > 0 && *a.Effects > before {
				v.Duplicate = w.Duplicate
			}
			seen[a.Event] = *a.Effects
		}
		out[i] = v
	}
	return out
}

func (w *Words) attempt(a *verdict.Attempt) Attempt {
	v := Attempt{
		At: Offset(a.Offset), Offset: a.Offset, Number: a.Number, Event: a.Event, Name: strings.TrimSpace(Safe(a.Kind) + " " + ShortID(a.Event)),
		Sent: sent(a.Summary), Status: a.Status, Fault: w.fault(a.Fault), Shape: Rejected,
	}
	v.Short = v.Name
	switch {
	case a.Status > 0:
		v.Answer = strconv.Itoa(a.Status) + w.doubts(a)
		if a.Latency >= time.Second {
			v.Late = fmt.Sprintf(w.InTime, Latency(a.Latency))
		}
	case a.Error == "" && a.Fault != "":
	default:
		v.Answer = w.NoAnswer
		if why := failure(a.Error, w.Tag); why != "" {
			v.Answer += ": " + why
		}
	}
	switch delivery.Verdict(a.Outcome) {
	case delivery.Acknowledged:
		v.Shape = Ack
	case delivery.NoResponse:
		v.Shape = Mute
	}
	if a.Status > 0 || a.Latency > 0 {
		v.Took = Latency(max(a.Latency, 0))
	}
	return v
}

// doubts are the oddities for which some clients do not take a receipt.
func (w *Words) doubts(a *verdict.Attempt) string {
	var said []string
	for _, n := range a.Notes {
		if a.Outcome == string(delivery.Acknowledged) && n.Doubtful() {
			said = append(said, w.note(n))
		}
	}
	if said == nil {
		return ""
	}
	return " (" + strings.Join(said, ", ") + ")"
}

// sent is what one attempt sent, in a word or two.
func sent(summary string) string {
	switch method, _, _ := strings.Cut(summary, " "); method {
	case "":
		return "POST"
	case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS":
		return Safe(summary)
	default:
		return Safe("POST (" + summary + ")")
	}
}

// failure translates a transport failure, "connect-refused: dial tcp ...", and
// leaves one that it does not know as it is.
func failure(s string, tag lang.Tag) string {
	if t := kindOf(s).Text(); !t.IsZero() {
		return t.In(tag)
	}
	return Safe(s)
}

// kindOf is the kind of transport failure that an error text begins with.
func kindOf(s string) wire.ErrorKind {
	kind, _, _ := strings.Cut(s, ": ")
	return wire.ErrorKind(kind)
}

func oneEvent(as []verdict.Attempt) bool {
	for _, a := range as[1:] {
		if a.Event != as[0].Event || a.Kind != as[0].Kind {
			return false
		}
	}
	return true
}

// kindsSuffice reports whether the kinds tell the events apart.
func kindsSuffice(as []verdict.Attempt) bool {
	events := map[string]string{}
	for _, a := range as {
		if e, ok := events[a.Kind]; ok && e != a.Event {
			return false
		}
		events[a.Kind] = a.Event
	}
	return true
}

// Tell says in words what attempts brought: how many of them had which answer,
// in the order of their first appearance.
func Tell(as []Attempt) string {
	var answers []string
	n := map[string]int{}
	for i := range as {
		s := as[i].Reply()
		if n[s] == 0 {
			answers = append(answers, s)
		}
		n[s]++
	}
	var parts []string
	for i, s := range answers {
		if i == answersTold {
			parts = append(parts, "…")
			break
		}
		parts = append(parts, fmt.Sprintf("%d × %s", n[s], s))
	}
	return strings.Join(parts, ", ")
}

// latencies are those of every attempt that was answered, each attempt once:
// checks that were judged on the same exchange both tell it.
func latencies(rs []verdict.Result) []time.Duration {
	type attempt struct {
		event, kind, fault string
		number, status     int
		at                 time.Time
		offset, latency    time.Duration
	}
	seen := map[attempt]bool{}
	var out []time.Duration
	add := func(as []verdict.Attempt) {
		for _, a := range as {
			one := attempt{a.Event, a.Kind, a.Fault, a.Number, a.Status, a.At, a.Offset, a.Latency}
			if a.Status > 0 && !seen[one] {
				seen[one] = true
				out = append(out, max(a.Latency, 0))
			}
		}
	}
	for i := range rs {
		add(rs[i].Attempts)
		for _, c := range rs[i].Cases {
			add(c.Attempts)
		}
	}
	slices.Sort(out)
	return out
}
