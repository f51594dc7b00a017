package delivery

import (
	"context"
	"time"

	"github.com/kometia-sim/kometia-sim/simulator/fault"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// Delivery is one event on its way to one subscription.
type Delivery struct {
	// Event and Kind say what is delivered; they are only carried along.
	Event, Kind string
	// Request is sent at every attempt, with the same bytes each time.
	Request *wire.Request
	// Due is the virtual instant of the first attempt.
	Due time.Time
	// Origin is the instant from which offsets are counted; zero means Due.
	// It lies before Due when the earlier attempts are taken as made already.
	Origin time.Time
	// First is the number of the first attempt, where those before it have been
	// made already, in another run; zero means 1.
	First int
	// Faults breaks attempts on purpose, by position: the first entry is for
	// the first attempt that is made. A missing entry is no fault.
	Faults []fault.Fault
	// MaxAttempts is how many attempts are made at the most, when the policy
	// does not end the delivery before; zero means that the policy alone decides.
	MaxAttempts int

	together *barrier // of its copies; nil for a delivery by itself
}

func (d *Delivery) first() int { return max(d.First, 1) }

func (d *Delivery) origin() time.Time {
	if d.Origin.IsZero() {
		return d.Due
	}
	return d.Origin
}

func (d *Delivery) fault(attempt int) fault.Fault {
	if i := attempt - d.first(); i < len(d.Faults) {
		return d.Faults[i]
	}
	return fault.Fault{}
}

// Verdict is how Kometia takes one attempt.
type Verdict string

// The verdicts on an attempt.
const (
	Acknowledged Verdict = "acknowledged" // any 2xx
	Rejected     Verdict = "rejected"     // any other status
	NoResponse   Verdict = "no_response"  // no status at all, or one that was lost
)

// Attempt is one attempt of a delivery.
type Attempt struct {
	Delivery *Delivery
	Number   int           // 1 is the first
	At       time.Time     // virtual
	Offset   time.Duration // virtual, since the delivery's origin
	// Outcome is what the wire saw; nil when the attempt never left (see
	// fault.Refuse). After a lost answer it still tells what was answered, and
	// so it does when we hung up, but only after an answer.
	Outcome *wire.Outcome
	Fault   fault.Fault
	Verdict Verdict
}

// State is what became of a delivery.
type State string

// The states.
const (
	Delivered   State = "delivered"
	Expired     State = "expired" // the retry window is over: it is never tried again
	Failed      State = "failed"  // not acknowledged, and no retry was asked for
	Interrupted State = "interrupted"
)

// Result is a delivery at its end.
type Result struct {
	Delivery *Delivery
	State    State
	Attempts []Attempt
}

// LastOffset is the virtual time of the last attempt since the origin; zero
// when there was none.
func (r *Result) LastOffset() time.Duration {
	if len(r.Attempts) == 0 {
		return 0
	}
	return r.Attempts[len(r.Attempts)-1].Offset
}

// Last is the last attempt; nil when there was none.
func (r *Result) Last() *Attempt {
	if len(r.Attempts) == 0 {
		return nil
	}
	return &r.Attempts[len(r.Attempts)-1]
}

// Sender makes one attempt on the wire; *wire.Client is one.
type Sender interface {
	Do(ctx context.Context, r *wire.Request) *wire.Outcome
}
