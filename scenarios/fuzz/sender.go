package fuzz

import (
	"context"
	"hash/fnv"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/consent"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/payload"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// sender sends payloads to the receiver, within the budget of the run.
type sender struct {
	receiver *receiver.Receiver
	// patient waits for the whole delivery timeout, quick only as long as a response
	// may take that is no hang.
	quick   *receiver.Sender
	patient *receiver.Sender

	fresh *payload.Freshener
	// parents are the kinds whose events are accepted only after those before.
	parents sync.Map

	holding sync.Mutex
	holds   int           // who lets nothing of the budget begin now
	held    chan struct{} // closed when nobody does any more; nil when nobody does

	requests atomic.Int64
	budget   int64 // of requests; zero is no limit
	refused  atomic.Int64
	quit     <-chan struct{} // closed when nothing new is to begin
	// onDelivery is called with every body before it goes out; may be nil.
	onDelivery func(body []byte)
}

// limited is how often the receiver refused our pace.
func (s *sender) limited() int64 { return int64(s.receiver.Waits()) + s.refused.Load() }

// send makes one attempt.
func (s *sender) send(ctx context.Context, sender *receiver.Sender, body []byte) receiver.Response {
	return s.do(ctx, sender, s.receiver.Request(body), false)
}

// try makes one attempt within the run's budget of requests.
func (s *sender) try(ctx context.Context, body []byte) receiver.Response {
	return s.do(ctx, s.quick, s.receiver.Request(body), true)
}

// book counts a request; false when the budget does not have it.
func (s *sender) book() bool {
	for {
		n := s.requests.Load()
		if s.budget > 0 && n >= s.budget {
			return false
		}
		if s.requests.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

// counted is a sender that counts its requests; tried says that the run's budget
// has to have them, and that none begins when the run has ended.
func (s *sender) counted(sender *receiver.Sender, tried bool) *receiver.Sender {
	out := *sender
	if tried {
		out.Stop = s.quit
	}
	out.Before = func(r *wire.Request) bool {
		switch {
		case !tried:
			s.requests.Add(1)
		default:
			s.unheld()
			if !s.book() {
				return false
			}
		}
		if s.onDelivery != nil {
			s.onDelivery(r.Body)
		}
		return true
	}
	return &out
}

// hold lets nothing of the budget begin until release is called.
func (s *sender) hold() (release func()) {
	s.holding.Lock()
	defer s.holding.Unlock()
	if s.holds++; s.holds == 1 {
		s.held = make(chan struct{})
	}
	return func() {
		s.holding.Lock()
		defer s.holding.Unlock()
		if s.holds--; s.holds == 0 {
			close(s.held)
			s.held = nil
		}
	}
}

// unheld waits until nobody holds what is of the budget, or the run ends.
func (s *sender) unheld() {
	s.holding.Lock()
	held := s.held
	s.holding.Unlock()
	if held == nil {
		return
	}
	select {
	case <-held:
	case <-s.quit:
	}
}

// patientSender sends what histories deliver.
type patientSender struct{ *sender }

// Send implements history.Sender.
func (s patientSender) Send(ctx context.Context, request *wire.Request, budgeted bool) receiver.Response {
	return s.do(ctx, s.patient, request, budgeted)
}

// Burst implements history.Sender.
func (s patientSender) Burst(ctx context.Context, requests int, budgeted bool) delivery.Sender {
	return s.counted(s.patient, budgeted).Burst(ctx, requests)
}

// do makes one attempt; there is no outcome when it was not made. A receiver that
// limits our pace is waited for: that is another matter than what the payload
// says.
func (s *sender) do(ctx context.Context, sender *receiver.Sender, request *wire.Request, tried bool) receiver.Response {
	o := s.counted(sender, tried).Do(ctx, request)
	if o.Err != nil && o.Err.Kind == wire.ErrCanceled {
		return receiver.Response{}
	}
	a := receiver.Response{Outcome: o}
	if _, a.Throttled = receiver.Throttled(o, s.receiver.Clock().Now()); a.Throttled {
		s.refused.Add(1)
	}
	return a
}

// attempts is how often a payload is delivered before its refusal counts: not
// now is legal, never is not.
const attempts = 3

// play delivers a bundle: what comes before only where the kind needs it.
func (s *sender) play(ctx context.Context, sender *receiver.Sender, b *payload.Bundle) receiver.Response {
	last := b.Last()
	if _, needed := s.parents.Load(last.Kind); needed {
		for i := range b.Messages[:len(b.Messages)-1] {
			s.send(ctx, sender, b.Messages[i].Body)
		}
	}
	return s.send(ctx, sender, last.Body)
}

// insist plays a bundle as Kometia does, until it is accepted or was refused
// often enough.
func (s *sender) insist(ctx context.Context, sender *receiver.Sender, b *payload.Bundle) receiver.Response {
	a := s.play(ctx, sender, b)
	for n := 1; n < attempts && b.Class.Good() && a.Outcome != nil && a.Outcome.Status > 0 && !a.Outcome.Acknowledged() && !a.Throttled; n++ {
		again := s.receiver.Request(b.Last().Body)
		again.Fresh = true // as a retry has
		a = s.do(ctx, sender, again, false)
	}
	return a
}

// tell delivers a bundle with all that comes before, whatever the kind needs.
func (s *sender) tell(ctx context.Context, sender *receiver.Sender, b *payload.Bundle) receiver.Response {
	for i := range b.Messages[:len(b.Messages)-1] {
		s.send(ctx, sender, b.Messages[i].Body)
	}
	return s.insist(ctx, sender, &payload.Bundle{Class: b.Class, Messages: b.Messages[len(b.Messages)-1:]})
}

// newSender makes a sender whose senders wait as long as they may; see impatient.
func newSender(r *Runner) *sender {
	ids := fnv.New64a()
	_, _ = ids.Write([]byte(r.cfg.Generator.IDs))
	seed := rand.New(rand.NewPCG(r.cfg.Generator.Seed, ids.Sum64())).Uint64()
	quick := r.receiver.Sender(receiver.Sending{Class: consent.Fuzz, Endless: true, Over: r.life.over})
	return &sender{
		receiver: r.receiver, quick: quick, patient: quick, fresh: payload.NewFreshener(seed),
		onDelivery: r.cfg.OnDelivery, budget: r.cfg.Requests, quit: r.life.quit,
	}
}

// impatient makes the sender take a response that is far slower than a normal one
// for none: the limit is 20 times that, at least 2 s, at most the timeout.
func (s *sender) impatient(normal time.Duration) time.Duration {
	limit := min(max(2*time.Second, 20*normal), s.receiver.Timeout())
	s.quick = s.receiver.Sender(receiver.Sending{Class: consent.Fuzz, Endless: true, Over: s.patient.Over, Limit: limit})
	return limit
}

func (s *sender) close() { s.quick.Close() }
