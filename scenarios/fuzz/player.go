package fuzz

import (
	"context"
	"hash/fnv"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/fuzz/payload"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// player sends.
type player struct {
	receiver *receiver.Receiver
	sender   *receiver.Sender
	// patient waits for the whole delivery timeout, sender only as long as an
	// answer may take that is no hang.
	patient *receiver.Sender

	fresh *payload.Freshener
	// parents are the kinds whose events are accepted only after those before.
	parents sync.Map

	requests atomic.Int64
	budget   int64 // of requests; zero is no limit
	refused  atomic.Int64
	quit     <-chan struct{} // closed when nothing new is to begin
	// onDelivery is told of every body before it goes out; may be nil.
	onDelivery func(body []byte)
}

// limited is how often the receiver refused our pace.
func (p *player) limited() int64 { return int64(p.receiver.Waits()) + p.refused.Load() }

// send makes one attempt.
func (p *player) send(ctx context.Context, sender *receiver.Sender, body []byte) receiver.Response {
	return p.do(ctx, sender, p.receiver.Request(body), false)
}

// try makes one attempt within the run's budget of requests.
func (p *player) try(ctx context.Context, body []byte) receiver.Response {
	return p.do(ctx, p.sender, p.receiver.Request(body), true)
}

// book counts a request; false when the budget does not have it.
func (p *player) book() bool {
	for {
		n := p.requests.Load()
		if p.budget > 0 && n >= p.budget {
			return false
		}
		if p.requests.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

// counted is a sender that counts its requests; tried says that the run's budget
// has to have them, and that none begins when the run has ended.
func (p *player) counted(sender *receiver.Sender, tried bool) *receiver.Sender {
	s := *sender
	if tried {
		s.Stop = p.quit
	}
	s.Before = func(r *wire.Request) bool {
		switch {
		case !tried:
			p.requests.Add(1)
		case !p.book():
			return false
		}
		if p.onDelivery != nil {
			p.onDelivery(r.Body)
		}
		return true
	}
	return &s
}

// patientSender sends what histories deliver.
type patientSender struct{ *player }

// Send implements history.Sender.
func (p patientSender) Send(ctx context.Context, request *wire.Request, budgeted bool) receiver.Response {
	return p.do(ctx, p.patient, request, budgeted)
}

// Burst implements history.Sender.
func (p patientSender) Burst(ctx context.Context, requests int, budgeted bool) delivery.Sender {
	return p.counted(p.patient, budgeted).Burst(ctx, requests)
}

// do makes one attempt; there is no outcome when it was not made. A receiver that
// limits our pace is waited for: that is another matter than what the payload
// says.
func (p *player) do(ctx context.Context, sender *receiver.Sender, request *wire.Request, tried bool) receiver.Response {
	o := p.counted(sender, tried).Do(ctx, request)
	if o.Err != nil && o.Err.Kind == wire.ErrCanceled {
		return receiver.Response{}
	}
	a := receiver.Response{Outcome: o}
	if _, a.Throttled = receiver.Throttled(o, p.receiver.Clock().Now()); a.Throttled {
		p.refused.Add(1)
	}
	return a
}

// attempts is how often a payload is delivered before its refusal counts: not
// now is legal, never is not.
const attempts = 3

// play delivers a bundle: what comes before only where the kind needs it.
func (p *player) play(ctx context.Context, sender *receiver.Sender, b *payload.Bundle) receiver.Response {
	last := b.Last()
	if _, needed := p.parents.Load(last.Kind); needed {
		for i := range b.Messages[:len(b.Messages)-1] {
			p.send(ctx, sender, b.Messages[i].Body)
		}
	}
	return p.send(ctx, sender, last.Body)
}

// insist plays a bundle as Kometia does, until it is accepted or was refused
// often enough.
func (p *player) insist(ctx context.Context, sender *receiver.Sender, b *payload.Bundle) receiver.Response {
	a := p.play(ctx, sender, b)
	for n := 1; n < attempts && b.Class.Good() && a.Outcome != nil && a.Outcome.Status > 0 && !a.Outcome.Acknowledged() && !a.Throttled; n++ {
		a = p.send(ctx, sender, b.Last().Body)
	}
	return a
}

// newPlayer makes a player whose senders wait as long as they may; see impatient.
func newPlayer(r *Runner) *player {
	ids := fnv.New64a()
	_, _ = ids.Write([]byte(r.cfg.Generator.IDs))
	seed := rand.New(rand.NewPCG(r.cfg.Generator.Seed, ids.Sum64())).Uint64()
	sender := r.receiver.Sender(receiver.Sending{Endless: true, Over: r.over})
	return &player{
		receiver: r.receiver, sender: sender, patient: sender, fresh: payload.NewFreshener(seed),
		onDelivery: r.cfg.OnDelivery, budget: r.cfg.Requests, quit: r.quit,
	}
}

// impatient makes the player take a response that is far slower than a normal one
// for none: the limit is 20 times that, at least 2 s, at most the timeout.
func (p *player) impatient(normal time.Duration) time.Duration {
	limit := min(max(2*time.Second, 20*normal), p.receiver.Timeout())
	p.sender = p.receiver.Sender(receiver.Sending{Endless: true, Over: p.patient.Over, Limit: limit})
	return limit
}

func (p *player) close() { p.sender.Close() }
