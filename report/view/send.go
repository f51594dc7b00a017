package view

import (
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/diagnose"
)

// The outcomes of a delivery, as Send.Result.
const (
	Delivered = "delivered" // acknowledged by some attempt
	Expired   = "expired"   // refused by every attempt of the retry window
	Failed    = "failed"    // refused, and not retried to the end of the window
)

// SendRun is what a send was made with.
type SendRun struct {
	Seed   uint64
	IDs    string
	Start  time.Time
	Target string // redacted
	// Made says that the events were made with Seed, IDs and Start, which give the same
	// bytes again.
	Made bool
	// Again is what "send --again" needs besides, such as a target that was not
	// kept for its secrets, ready for a shell; "" when nothing.
	Again string
	// Interval and Window are the retry policy; zero means Kometia's, an hour
	// and 48 hours.
	Interval, Window time.Duration
}

// SendEvent is what there is to say of an event in one line.
type SendEvent struct {
	Kind, ID string
	Number   string // of the order; "" when the event is not about one
	Total    int64  // in cents; shown only with a currency
	Currency string
	Bytes    int  // length of the body
	Test     bool // is_test
}

// SendAttempt is one attempt, and what was made of its answer.
type SendAttempt struct {
	verdict.Attempt
	// Connected says that a TCP connection stood: a send without any is
	// unreachable, not refused.
	Connected bool
	// Diagnosis is nil when there is nothing to say; Title is its cause in one
	// line. Two of its remedies are shown.
	Diagnosis *diagnose.Diagnosis
	Title     lang.Text
	// Probes are the requests that the diagnosis made by itself, before it was
	// sure.
	Probes []diagnose.Probe
}

// Send is the delivery of one event, finished.
type Send struct {
	Event    SendEvent
	Attempts []SendAttempt
	Result   string // Delivered, Expired or Failed
	// LastOffset is the virtual time of the last attempt since the first.
	LastOffset time.Duration
	// Retry says that the whole window was played, not one attempt.
	Retry bool
}

// Tally counts the deliveries of one send. The zero value is ready.
type Tally struct {
	Delivered, Failed int
	Connected         bool // some attempt had a connection
	Interrupted       bool // set by the caller
	Unkept            bool // what was sent could not be recorded; set by the caller
}

// Add counts one delivery.
func (t *Tally) Add(s *Send) {
	if s.Result == Delivered {
		t.Delivered++
	} else {
		t.Failed++
	}
	for i := range s.Attempts {
		a := &s.Attempts[i]
		t.Connected = t.Connected || a.Connected || a.Status > 0
	}
}

// Exit is the exit code: 0 when all were delivered, 3 when no connection was
// ever made, else 1; 130 when interrupted; 5 when what was sent is not recorded. A
// send of nothing at all succeeds.
func (t *Tally) Exit() int {
	switch {
	case t.Unkept:
		return ExitHarness
	case t.Interrupted:
		return ExitInterrupted
	case t.Failed == 0:
		return ExitOK
	case !t.Connected:
		return ExitUnreachable
	default:
		return ExitFailed
	}
}
