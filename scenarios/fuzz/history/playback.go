package history

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// playback plays one history: its deliveries on one virtual clock by the retry
// policy, its restarts between them, and never a jump in time before the
// receiver is at rest.
type playback struct {
	*Config
	player *Player
	h      *History
	of     []int // the delivery of each planned one
	mode   Mode
	clock  retryclock.Clock

	racing map[*byte]*race // the bodies that copies have, by their first byte

	rest    receiver.Rest
	broken  error
	hung    int // attempts without a response in time
	hanging int // the delivery of the last of them

	mu        sync.Mutex
	throttled bool
	away      bool
	turns     int         // requests that wait for their turn
	restarts  []time.Time // that others had meanwhile, by our clock
	finished  bool        // all deliveries are over
	closing   sync.Once
	stop      chan struct{}
}

// maxHung is how many attempts of a history may go without a response in time
// before the rest is not worth the wait.
const maxHung = 3

// Play plays a history to its end. Others may be played beside it; a restart that
// one of them has within the budget is one of all that are on the way then, and
// stands in what was played. One that a finding depends on has only its own.
func (p *Player) Play(ctx context.Context, h *History, mode Mode) *Played {
	switch {
	case mode == Alone, mode.depended() && len(h.Restarts) > 0:
		p.cfg.Calm.Lock()
		defer p.cfg.Calm.Unlock()
	case mode.depended():
		p.cfg.Calm.RLock()
		defer p.cfg.Calm.RUnlock()
	}
	stop := p.cfg.Receiver.Stop()
	if mode == Budgeted {
		stop = p.cfg.Quit
	}
	s := &playback{
		Config: &p.cfg, player: p, h: h, mode: mode, hanging: -1, racing: map[*byte]*race{}, stop: make(chan struct{}),
	}
	out := &Played{
		History: h, Attempts: make([][]delivery.Attempt, len(h.Deliveries)), states: make([]delivery.State, len(h.Deliveries)), hanging: -1,
	}
	if mode == Budgeted && p.cfg.effects() != nil {
		defer p.model.prepare(ctx, h)()
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
	s.rest = receiver.Rest{Patience: &left, Pause: firstPause, Hold: s.share}
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
	s.clock = p.cfg.Receiver.RestfulClock(h.Begins(), &s.rest, h.Restarts, func() { s.restart(ctx) })
	p.enter(s)
	defer p.leave(s)
	engine, err := delivery.New(delivery.Config{
		Clock:  s.clock,
		Policy: p.cfg.Policy, Sender: s, Stop: s.stop,
		Latency: p.cfg.Latency, Seed: p.cfg.Generator.Config().Seed,
		Idle:      func(ctx context.Context, a delivery.Attempt) { _ = p.cfg.Receiver.Idle(ctx, p.cfg.Receiver.AtWork(a)) },
		OnAttempt: func(a delivery.Attempt) { s.saw(planned, a) },
	})
	if err != nil {
		p.cfg.Broke(err)
		out.Void = true
		return out
	}
	results, _ := engine.Run(ctx, planned)
	out.History = s.finish()
	out.Disturbed = out.History != h
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
		defer s.share()()
		p.observe(ctx, e, out, mode.patient())
	}
	return out
}

// observe sees what came of all deliveries; patient waits for what is expected.
func (p *Player) observe(ctx context.Context, effects *receiver.Effects, played *Played, patient bool) {
	var expects []observe.Expect
	var of []int
	for i := range played.History.Deliveries {
		d := &played.History.Deliveries[i]
		if !effects.Covers(d.Subject) {
			continue
		}
		of = append(of, i)
		e := observe.Expect{Subject: d.Subject}
		if patient && played.states[i] == delivery.Delivered && !played.late(i) {
			e.D0 = p.model.expected(played, i)
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
	if race := s.racing[&request.Body[0]]; race == nil || !race.joins() {
		r = s.send(ctx, request)
	} else {
		r = s.compete(ctx, race, request)
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

// send sends one request when its turn has come.
func (s *playback) send(ctx context.Context, request *wire.Request) receiver.Response {
	end, ok := s.turn()
	if !ok {
		return receiver.Response{}
	}
	defer end()
	return s.Sender.Send(ctx, request, s.mode == Budgeted)
}

// turn waits until the history may send, and holds off restarts until end is
// called; not ok when nothing is to be sent any more.
func (s *playback) turn() (end func(), ok bool) {
	s.wait(1)
	defer s.wait(-1)
	free := func() {}
	if s.mode.shares() {
		select {
		case s.player.turns <- struct{}{}:
			free = func() { <-s.player.turns }
		case <-s.stop:
			return nil, false
		}
	}
	shared := s.share()
	return func() {
		shared()
		free()
	}, true
}

func (s *playback) wait(more int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.turns += more
}

// share keeps restarts away until end is called.
func (s *playback) share() (end func()) {
	if !s.mode.shares() {
		return func() {} // which has it from beginning to end
	}
	s.Calm.RLock()
	return s.Calm.RUnlock
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
	joined atomic.Int64
	once   sync.Once
	sender delivery.Sender // of all copies, once their turn has come; nil when it never does
	left   atomic.Int64    // copies that are done
	end    func()
}

// joins reports whether an attempt is one of the copies' first.
func (r *race) joins() bool { return r.joined.Add(1) <= int64(r.copies) }

// compete sends one of several copies, as soon as there is a turn for all of them.
// What the receiver tells it about our pace is its response.
func (s *playback) compete(ctx context.Context, r *race, request *wire.Request) receiver.Response {
	r.once.Do(func() {
		if end, ok := s.turn(); ok {
			r.end, r.sender = sync.OnceFunc(end), s.Sender.Burst(ctx, r.copies, s.mode == Budgeted)
		}
	})
	if r.sender == nil {
		return receiver.Response{}
	}
	defer func() {
		if r.left.Add(1) == int64(r.copies) {
			r.end()
		}
	}()
	o := r.sender.Do(ctx, request)
	if o.Err != nil && o.Err.Kind == wire.ErrCanceled {
		return receiver.Response{}
	}
	return receiver.Response{Outcome: o}
}

// patience is how much real time a history gives to a queue that nobody sees;
// the first pause doubles until it is spent.
const patience, firstPause = 5 * time.Second, 20 * time.Millisecond
