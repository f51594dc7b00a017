package history

import (
	"context"
	"sync"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// playback plays one history: its deliveries on one virtual clock by the retry
// policy, its restarts between them, and never a jump in time before the
// receiver is at rest.
type playback struct {
	*Config
	h  *History
	of []int // the delivery of each planned one

	budgeted bool

	racing map[*byte]*race // the bodies that copies have, by their first byte

	rest    receiver.Rest
	broken  error
	hung    int // attempts without a response in time
	hanging int // the delivery of the last of them

	mu        sync.Mutex
	throttled bool
	away      bool
	closing   sync.Once
	stop      chan struct{}
}

// maxHung is how many attempts of a history may go without a response in time
// before the rest is not worth the wait.
const maxHung = 3

// Play plays a history to its end.
func (p *Player) Play(ctx context.Context, h *History, mode Mode) *Played {
	if len(h.Restarts) > 0 || mode == Alone {
		// Anybody else who sends would take a receiver that restarts for dead.
		p.cfg.Calm.Lock()
		defer p.cfg.Calm.Unlock()
	} else {
		p.cfg.Calm.RLock()
		defer p.cfg.Calm.RUnlock()
	}
	stop := p.cfg.Receiver.Stop()
	if mode == Budgeted {
		stop = p.cfg.Quit
	}
	s := &playback{Config: &p.cfg, h: h, budgeted: mode == Budgeted, hanging: -1, racing: map[*byte]*race{}, stop: make(chan struct{})}
	out := &Played{
		History: h, Attempts: make([][]delivery.Attempt, len(h.Deliveries)), states: make([]delivery.State, len(h.Deliveries)), hanging: -1,
	}
	over := context.AfterFunc(ctx, s.breakOff)
	defer over()
	done := make(chan struct{})
	defer close(done)
	go func() {
		select {
		case <-stop:
			s.breakOff()
		case <-done:
		}
	}()
	left := patience
	s.rest = receiver.Rest{Patience: &left, Pause: firstPause}
	for i := range h.Deliveries {
		s.rest.Subjects = append(s.rest.Subjects, h.Deliveries[i].Subject)
	}
	var planned []delivery.Delivery
	planned, s.of = h.planned(p.cfg.Receiver.Request)
	for i := range h.Deliveries {
		if d := &h.Deliveries[i]; d.Copies > 1 {
			s.racing[&d.Body[0]] = &race{copies: d.Copies}
		}
	}
	engine, err := delivery.New(delivery.Config{
		// What is started lives on after the history.
		Clock:  p.cfg.Receiver.RestfulClock(h.Begins(), &s.rest, h.Restarts, func() { s.restart(ctx) }),
		Policy: p.cfg.Policy, Sender: s, Stop: s.stop,
		Latency: p.cfg.Latency, Seed: p.cfg.Generator.Config().Seed,
		Idle:      func(ctx context.Context, a delivery.Attempt) { _ = p.cfg.Receiver.Idle(ctx, a) },
		OnAttempt: func(a delivery.Attempt) { s.saw(planned, a) },
	})
	if err != nil {
		p.cfg.Broke(err)
		out.Void = true
		return out
	}
	results, _ := engine.Run(ctx, planned)
	for i := range results {
		at := s.of[i]
		out.Attempts[at] = append(out.Attempts[at], results[i].Attempts...)
		if out.states[at] == "" || results[i].State != delivery.Delivered {
			out.states[at] = results[i].State
		}
	}
	s.mu.Lock()
	out.Void = s.throttled || s.away || ctx.Err() != nil || s.broken != nil
	s.mu.Unlock()
	if !out.Void && s.hung >= maxHung {
		out.hanging = s.hanging
		return out
	}
	for i := range out.states {
		out.Void = out.Void || out.states[i] == delivery.Interrupted && !h.Deliveries[i].Withheld
	}
	if e := p.cfg.effects(); !out.Void && e != nil {
		p.observe(ctx, e, out)
	}
	return out
}

// observe sees what came of all deliveries.
func (p *Player) observe(ctx context.Context, effects *receiver.Effects, played *Played) {
	var expects []observe.Expect
	var of []int
	for i := range played.History.Deliveries {
		d := &played.History.Deliveries[i]
		if !effects.Covers(d.Subject) {
			continue
		}
		of = append(of, i)
		e := observe.Expect{Subject: d.Subject}
		if played.states[i] == delivery.Delivered && !played.late(i) && p.model.free(played, d.Story) {
			e.D0, _ = effects.Clean(d.Kind)
		}
		expects = append(expects, e)
	}
	readings, err := effects.Settle(ctx, expects)
	if err != nil {
		if ctx.Err() == nil {
			effects.Distrust(err)
		}
		return
	}
	played.Readings = make([]observe.Reading, len(played.History.Deliveries))
	for i, at := range of {
		played.Readings[at] = readings[i]
	}
}

func (s *playback) breakOff() { s.closing.Do(func() { close(s.stop) }) }

// Do implements delivery.Sender.
func (s *playback) Do(ctx context.Context, request *wire.Request) *wire.Outcome {
	var r receiver.Response
	if race := s.racing[&request.Body[0]]; race != nil {
		r = s.compete(ctx, race, request)
	} else {
		r = s.Sender.Send(ctx, request, s.budgeted)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.throttled = s.throttled || r.Throttled
	s.away = s.away || r.Away()
	if r.Throttled || r.Away() || r.Outcome == nil {
		s.breakOff()
	}
	if r.Outcome == nil {
		return &wire.Outcome{Err: &wire.Error{Kind: wire.ErrCanceled}}
	}
	return r.Outcome
}

// saw is called with every attempt as it ends.
func (s *playback) saw(planned []delivery.Delivery, a delivery.Attempt) {
	s.rest.Attempted(a)
	if a.Outcome == nil || !(receiver.Response{Outcome: a.Outcome}).Hung() || a.Fault.Abandons() {
		return
	}
	s.hung++
	for i := range planned {
		if &planned[i] == a.Delivery {
			s.hanging = s.of[i]
		}
	}
	if s.hung >= maxHung {
		s.breakOff()
	}
}

// race is the copies of an event that arrive at the same time.
type race struct {
	copies int
	once   sync.Once
	sender delivery.Sender // of all copies, once their turn has come
}

// compete sends one of several copies, as soon as there is a turn for all of them.
// What the receiver tells it about our pace is its response.
func (s *playback) compete(ctx context.Context, r *race, request *wire.Request) receiver.Response {
	r.once.Do(func() { r.sender = s.Sender.Burst(ctx, r.copies, s.budgeted) })
	o := r.sender.Do(ctx, request)
	if o.Err != nil && o.Err.Kind == wire.ErrCanceled {
		return receiver.Response{}
	}
	return receiver.Response{Outcome: o}
}

// patience is how much real time a history gives to a queue that nobody sees;
// the first pause doubles until it is spent.
const patience, firstPause = 5 * time.Second, 20 * time.Millisecond

// restart kills the receiver and starts it again. When it does not come back,
// there is nothing left to play.
func (s *playback) restart(ctx context.Context) {
	if s.broken = s.Receiver.Process().Do(ctx, verdict.VerbRestart, 0); s.broken == nil {
		return
	}
	s.breakOff()
	if ctx.Err() == nil {
		s.Gone(s.broken)
	}
}
