package fuzz

import (
	"context"
	"sync"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/consent"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// stage plays one history: its deliveries on one virtual clock by the retry
// policy, its restarts between them, and never a jump in time before the
// receiver is at rest.
type stage struct {
	*Runner
	h  *history
	of []int // the passage of each delivery

	tried bool // it counts towards the run's budget

	racing map[*byte]*race // the bodies that copies have, by their first byte

	rest    receiver.Rest
	broken  error
	hung    int // attempts without an answer in time
	hanging int // the passage of the last of them

	mu        sync.Mutex
	throttled bool
	away      bool
	closing   sync.Once
	stop      chan struct{}
}

// performance is what came of a history.
type performance struct {
	h *history
	// attempts are those of each passage, its copies' together, by their instants.
	attempts [][]delivery.Attempt
	// states are what became of each passage; a race is delivered when all of its
	// copies are.
	states []delivery.State
	// readings are what was observed of each passage in the end; nil when nothing
	// was.
	readings []observe.Reading
	// hanging is the passage that was not answered in time, again and again; -1
	// is none.
	hanging int
	// void says that nothing is to be learned from it: it was interrupted, the
	// receiver refused the pace or was away, or what had to be done to it failed.
	void bool
}

// maxHung is how many attempts of a history may go without an answer in time
// before the rest is not worth the wait.
const maxHung = 3

// manner is how a history is played.
type manner int

const (
	// tried: within the run's budget, beside what else is sent.
	tried manner = iota
	// retold: to its end whatever the budget, because a finding depends on it.
	retold
	// alone: so, and while nothing else is sent. How long an answer takes must not
	// depend on us.
	alone
)

// perform plays a history to its end.
func (r *Runner) perform(ctx context.Context, h *history, how manner) *performance {
	if len(h.restarts) > 0 || how == alone {
		// Whoever else sends would take a receiver that restarts for dead.
		r.calm.Lock()
		defer r.calm.Unlock()
	} else {
		r.calm.RLock()
		defer r.calm.RUnlock()
	}
	stop := r.receiver.Stop()
	if how == tried {
		stop = r.quit
	}
	s := &stage{Runner: r, h: h, tried: how == tried, hanging: -1, racing: map[*byte]*race{}, stop: make(chan struct{})}
	p := &performance{h: h, attempts: make([][]delivery.Attempt, len(h.passages)), states: make([]delivery.State, len(h.passages)), hanging: -1}
	if how == tried {
		r.latest.Store(h.told(r.cfg.Policy))
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
	for i := range h.passages {
		s.rest.Subjects = append(s.rest.Subjects, h.passages[i].Subject)
	}
	var deliveries []delivery.Delivery
	deliveries, s.of = h.deliveries(r.player)
	for i := range h.passages {
		if p := &h.passages[i]; p.copies > 1 {
			s.racing[&p.Body[0]] = &race{copies: p.copies}
		}
	}
	engine, err := delivery.New(delivery.Config{
		// What is started lives on after the history.
		Clock:  r.receiver.RestfulClock(h.begins(), &s.rest, h.restarts, func() { s.restart(ctx) }),
		Policy: r.cfg.Policy, Sender: s, Stop: s.stop,
		Latency: r.report.Profile.Latency, Seed: r.cfg.Generator.Seed,
		Idle:      func(ctx context.Context, a delivery.Attempt) { _ = r.receiver.Idle(ctx, a) },
		OnAttempt: func(a delivery.Attempt) { s.saw(deliveries, a) },
	})
	if err != nil {
		r.broke(err)
		p.void = true
		return p
	}
	results, _ := engine.Run(ctx, deliveries)
	for i := range results {
		at := s.of[i]
		p.attempts[at] = append(p.attempts[at], results[i].Attempts...)
		if p.states[at] == "" || results[i].State != delivery.Delivered {
			p.states[at] = results[i].State
		}
	}
	s.mu.Lock()
	p.void = s.throttled || s.away || ctx.Err() != nil || s.broken != nil
	s.mu.Unlock()
	if !p.void && s.hung >= maxHung {
		p.hanging = s.hanging
		return p
	}
	for i := range p.states {
		p.void = p.void || p.states[i] == delivery.Interrupted && !h.passages[i].withheld
	}
	if !p.void {
		s.observe(ctx, p)
	}
	return p
}

func (s *stage) breakOff() { s.closing.Do(func() { close(s.stop) }) }

// Do implements delivery.Sender.
func (s *stage) Do(ctx context.Context, request *wire.Request) *wire.Outcome {
	var a answer
	if race := s.racing[&request.Body[0]]; race != nil {
		a = s.compete(ctx, race, request)
	} else {
		a = s.player.do(ctx, s.player.patient, request, s.tried)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.throttled = s.throttled || a.throttled
	s.away = s.away || a.away()
	if a.throttled || a.away() || a.outcome == nil {
		s.breakOff()
	}
	if a.outcome == nil {
		return &wire.Outcome{Err: &wire.Error{Kind: wire.ErrCanceled}}
	}
	return a.outcome
}

// saw is told of every attempt as it ends.
func (s *stage) saw(deliveries []delivery.Delivery, a delivery.Attempt) {
	s.rest.Attempted(a)
	if a.Outcome == nil || !(answer{outcome: a.Outcome}).hung() || a.Fault.Abandons() {
		return
	}
	s.hung++
	for i := range deliveries {
		if &deliveries[i] == a.Delivery {
			s.hanging = s.of[i]
		}
	}
	if s.hung >= maxHung {
		s.breakOff()
	}
}

// race is the copies of an event that arrive at the same instant.
type race struct {
	copies int
	once   sync.Once
	sender delivery.Sender // of all copies, once their turn has come
}

// compete sends one of several copies, as soon as there is a turn for all of them.
// What the receiver tells it about our pace is its answer.
func (s *stage) compete(ctx context.Context, r *race, request *wire.Request) answer {
	r.once.Do(func() { r.sender = s.player.counted(s.player.patient, s.tried).Burst(ctx, r.copies) })
	o := r.sender.Do(ctx, request)
	if o.Err != nil && o.Err.Kind == wire.ErrCanceled {
		return answer{}
	}
	return answer{outcome: o}
}

// patience is how much real time a history gives to a queue that nobody sees;
// the first pause doubles until it is spent.
const patience, firstPause = 5 * time.Second, 20 * time.Millisecond

// canRestart reports whether the receiver may be restarted, and can be.
func (r *Runner) canRestart() bool {
	return r.receiver.Allows(consent.Restart) && len(r.receiver.Process().Hooks().Lacks(receiver.Restart)) == 0
}

// restart kills the receiver and starts it again. One that does not come back
// ends the run: it is not the receiver that is judged then.
func (s *stage) restart(ctx context.Context) {
	if err := s.receiver.Process().Do(ctx, receiver.Restart, 0); err != nil {
		s.broken = err
		s.breakOff()
		if ctx.Err() == nil {
			s.note(lang.Text{ES: "no se pudo reiniciar el receptor: " + err.Error(), EN: "the receiver could not be restarted: " + err.Error()})
			s.end()
		}
	}
}

// observe sees what came of all passages.
func (s *stage) observe(ctx context.Context, p *performance) {
	w := s.watch
	if w == nil || !w.trusted() {
		return
	}
	var expects []observe.Expect
	var of []int
	for i := range s.h.passages {
		subject := s.h.passages[i].Subject
		if !w.effects.Covers(subject) {
			continue
		}
		of = append(of, i)
		e := observe.Expect{Subject: subject}
		if p.states[i] == delivery.Delivered && !p.late(i) && s.historian.model.free(p, s.h.passages[i].story) {
			e.D0 = w.clean(s.h.passages[i].Kind)
		}
		expects = append(expects, e)
	}
	readings, err := w.effects.Settle(ctx, expects)
	if err != nil {
		if ctx.Err() == nil {
			w.effects.Distrust(err)
		}
		return
	}
	p.readings = make([]observe.Reading, len(s.h.passages))
	for i, at := range of {
		p.readings[at] = readings[i]
	}
}

// last is the answer to the last attempt of a passage; nil when there was none.
func (p *performance) last(i int) *wire.Outcome {
	for k := len(p.attempts[i]) - 1; k >= 0; k-- {
		if a := &p.attempts[i][k]; a.Verdict != delivery.Acknowledged && a.Outcome != nil {
			return a.Outcome
		}
	}
	return nil
}

// took is the virtual time from the first attempt of a passage to the last.
func (p *performance) took(i int) (longest time.Duration) {
	for _, a := range p.attempts[i] {
		longest = max(longest, a.Offset)
	}
	return longest
}

// late reports whether a passage may have been dealt with when the receiver had
// heard of something newer of the same story. What comes within a minute may be
// dealt with in any order: time does not stand still for a queue meanwhile.
func (p *performance) late(i int) bool {
	mine := &p.h.passages[i]
	var last time.Time
	for _, a := range p.attempts[i] {
		if a.At.After(last) {
			last = a.At
		}
	}
	for k := range p.h.passages {
		if other := &p.h.passages[k]; other.story != mine.story || !other.At.After(mine.At) {
			continue
		}
		for _, a := range p.attempts[k] {
			if arrives(a.Fault) && !a.At.After(last.Add(receiver.ShortJump)) {
				return true
			}
		}
	}
	return false
}
