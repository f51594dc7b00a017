package receiver

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/consent"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// Sending is what one of several senders to a receiver has of its own. The zero
// value sends as the receiver was configured.
type Sending struct {
	// Class is what the user has to have allowed for all that is sent here; it
	// opens whatever a request needs. Empty leaves it to each request.
	Class consent.Class
	// Stop, once closed, ends all waiting: what has not been sent is not sent any
	// more. Nil means the receiver's.
	Stop <-chan struct{}
	// Limit is how long a whole attempt may take at the most; zero leaves it to
	// the receiver's timeout.
	Limit time.Duration
	// Before is told of every request just before it goes out, repeated ones
	// included; false keeps it back. Nil lets all pass.
	Before func(*wire.Request) bool
	// Endless waits as often as the receiver asks for it, without a budget. Once
	// Over reports true, nothing longer than a second is waited for any more; nil
	// never does.
	Endless bool
	Over    func() bool
}

// Sender is a way to the receiver. All senders of one receiver keep its pace
// together. It implements delivery.Sender.
type Sender struct {
	Sending
	gate   *gate
	pacer  *pacer
	client delivery.Sender
	closes func()                             // the client, when it is the sender's own; may be nil
	heard  func(*wire.Request, *wire.Outcome) // nil when nobody diagnoses
}

// Sender makes a way to the receiver.
func (r *Receiver) Sender(s Sending) *Sender {
	if s.Stop == nil {
		s.Stop = r.cfg.Stop
	}
	out := &Sender{Sending: s, gate: &r.gate, pacer: r.pacer, client: r.client, heard: r.heard}
	if s.Limit > 0 && s.Limit < r.cfg.Wire.Timeout {
		cfg := r.cfg.Wire
		cfg.Timeout, cfg.FirstByteTimeout = s.Limit, 0
		// The configuration was checked with a longer timeout.
		if client, err := wire.New(cfg); err == nil {
			out.client, out.closes = client, client.Close
		}
	}
	return out
}

// Close closes connections that are the sender's own.
func (s *Sender) Close() {
	if s.closes != nil {
		s.closes()
	}
}

// Do makes one attempt when its turn has come, and again where the receiver
// only refuses the pace and is worth the wait. What is not sent any more has an
// outcome that says canceled.
func (s *Sender) Do(ctx context.Context, r *wire.Request) *wire.Outcome {
	if err := s.gate.pass(r, s.Class, false); err != nil {
		return s.refuse(err)
	}
	return s.pacer.do(ctx, s, r)
}

// refuse is the outcome of a request that did not pass the gate.
func (s *Sender) refuse(err error) *wire.Outcome {
	o := &wire.Outcome{Err: &wire.Error{Kind: wire.ErrConsent, Err: err}}
	s.gate.note(o)
	return o
}

// Direct is a way to the receiver without waiting: what it says about our pace
// is its answer.
func (r *Receiver) Direct() delivery.Sender { return now{Sender: r.Sender(Sending{})} }

// Burst waits for the turns of requests that then start together, and returns
// what sends them without further waiting. What the receiver says about our
// pace to one of them is its answer.
func (s *Sender) Burst(ctx context.Context, requests int) delivery.Sender {
	for range requests {
		if s.waitUntil(ctx, s.pacer.slot(s)) != nil {
			return canceled{}
		}
	}
	return now{Sender: s, burst: true, opened: &atomic.Int64{}}
}

// now sends at once.
type now struct {
	*Sender
	burst  bool
	opened *atomic.Int64 // how many connections of a burst were opened; nil without one
}

// Requests of a burst meet at their last bytes, so that nothing is lost when their
// connections are opened a moment after each other. Some servers keep no more than five
// that they have not accepted yet (Python's http.server), and whoever comes then is
// heard a second later.
const (
	openedAtOnce = 4
	openingPause = 3 * time.Millisecond
)

func (n now) Do(ctx context.Context, r *wire.Request) *wire.Outcome {
	if err := n.gate.pass(r, n.Class, n.burst); err != nil {
		return n.refuse(err)
	}
	if n.opened != nil {
		if late := n.opened.Add(1) - openedAtOnce; late > 0 && n.Wait(ctx, time.Duration(late)*openingPause) != nil {
			return canceled{}.Do(ctx, r)
		}
	}
	return n.once(ctx, r)
}

// canceled sends nothing any more.
type canceled struct{}

func (canceled) Do(context.Context, *wire.Request) *wire.Outcome {
	return &wire.Outcome{Err: &wire.Error{Kind: wire.ErrCanceled, Err: context.Canceled}}
}

// once sends a request as it is.
func (s *Sender) once(ctx context.Context, r *wire.Request) *wire.Outcome {
	if s.Before != nil && !s.Before(r) {
		return canceled{}.Do(ctx, r)
	}
	o := s.client.Do(ctx, r)
	s.gate.note(o)
	if s.heard != nil {
		s.heard(r, o)
	}
	return o
}

// Wait waits on the wall clock. Its error says that nothing is to be sent any
// more.
func (s *Sender) Wait(ctx context.Context, d time.Duration) error {
	return s.waitUntil(ctx, s.pacer.clock.Now().Add(d))
}

// waitUntil waits until an instant that was fixed before, whenever it is called: of
// several who booked theirs together none is late for the others.
func (s *Sender) waitUntil(ctx context.Context, until time.Time) error {
	clock := s.pacer.clock
	d := until.Sub(clock.Now())
	if d <= 0 {
		return ctx.Err()
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-s.Stop:
			cancel()
		case <-ctx.Done():
		}
	}()
	if s.Over == nil || d <= maxSpacing {
		return clock.WaitUntil(ctx, until)
	}
	// In short steps, so that the end of a run is not slept through.
	for now := clock.Now(); now.Before(until); now = clock.Now() {
		if s.Over() {
			return context.Canceled
		}
		if err := clock.WaitUntil(ctx, now.Add(min(until.Sub(now), 200*time.Millisecond))); err != nil {
			return err
		}
	}
	return nil
}
