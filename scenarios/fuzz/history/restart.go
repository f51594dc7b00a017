package history

import (
	"context"
	"slices"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
)

// enter counts a history among those that are on the way.
func (p *Player) enter(s *playback) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.underway[s] = true
}

func (p *Player) leave(s *playback) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.underway, s)
}

// others are the histories that are on the way beside one.
func (p *Player) others(than *playback) (list []*playback) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for s := range p.underway {
		if s != than {
			list = append(list, s)
		}
	}
	return list
}

// restart kills the receiver and starts it again, while nobody sends or looks and
// what others have sent is done with. It is a restart of theirs, too. When the
// receiver does not come back, there is nothing left to play.
func (s *playback) restart(ctx context.Context) {
	if s.mode.shares() {
		// What is looked into is not to be disturbed, nor are all others to wait for it.
		s.player.looking.Lock()
		defer s.player.looking.Unlock()
		s.Calm.Lock()
		defer s.Calm.Unlock()
	}
	others := s.player.others(s)
	s.settle(ctx, others)
	if s.broken = s.Receiver.Process().Do(ctx, verdict.VerbRestart, 0); s.broken != nil {
		s.breakOff()
		if ctx.Err() == nil {
			s.Gone(s.broken)
		}
		return
	}
	for _, other := range others {
		other.restarted()
	}
}

// settle lets the receiver finish what other histories have given it to do.
func (s *playback) settle(ctx context.Context, others []*playback) {
	e := s.effects()
	if e == nil {
		return
	}
	var expects []observe.Expect
	for _, other := range others {
		for i := range other.h.Deliveries {
			if subject := other.h.Deliveries[i].Subject; e.Covers(subject) {
				expects = append(expects, observe.Expect{Subject: subject})
			}
		}
	}
	if _, err := e.Settle(ctx, expects); err != nil && ctx.Err() == nil {
		e.Distrust(err)
	}
}

// moment is less than the second that is between two events of a story.
const moment = 500 * time.Millisecond

// restarted notes that the receiver was restarted: before what waits to be sent,
// else after what was sent last.
func (s *playback) restarted() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.finished {
		return
	}
	at := s.clock.Now().Add(moment)
	if s.turns > 0 {
		at = s.clock.Now().Add(-moment)
	}
	if at.After(s.h.Begins()) {
		s.restarts = append(s.restarts, at)
	}
}

// finish ends the history, which had the restarts that others had meanwhile.
func (s *playback) finish() *History {
	for _, r := range s.racing {
		if r.end != nil {
			r.end() // copies that were never sent hold nothing up
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.finished = true
	if len(s.restarts) == 0 {
		return s.h
	}
	out := s.h.clone()
	out.Restarts = append(out.Restarts, s.restarts...)
	slices.SortFunc(out.Restarts, time.Time.Compare)
	return out
}
