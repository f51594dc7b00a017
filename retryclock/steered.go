package retryclock

import (
	"context"
	"sync"
	"time"
)

// Steered is a clock that its user moves. It stands still, goes at a speed, or
// goes ahead to an instant, and never jumps over anyone who expects an earlier
// one, nor over work that holds it. Make one with NewSteered, and let Run move it.
type Steered struct {
	wall Clock

	mu      sync.Mutex
	now     time.Time // when the wall clock showed since
	since   time.Time
	speed   float64   // 0 stands still, 1 goes as the wall clock does
	limit   time.Time // how far it may go ahead
	toIdle  bool      // it stops before limit once Idle is called
	held    int
	expects map[*Expectation]struct{}
	changed chan struct{} // closed, and another one put in its place, at every change
}

// Expectation is someone who wants to be woken at an instant.
type Expectation struct {
	clock   *Steered
	at      time.Time
	reached chan struct{}
	woken   bool
}

// NewSteered returns a clock that stands still at now. Wall is the clock that
// its speed is measured by; nil is the computer's.
func NewSteered(now time.Time, wall Clock) *Steered {
	if wall == nil {
		wall = Wall{}
	}
	return &Steered{wall: wall, now: now, since: wall.Now(), limit: now, expects: map[*Expectation]struct{}{}, changed: make(chan struct{})}
}

// Run moves the clock until ctx ends.
func (s *Steered) Run(ctx context.Context) {
	for {
		s.mu.Lock()
		s.foldLocked()
		s.moveLocked()
		due, waits := s.dueLocked()
		changed := s.changed
		s.mu.Unlock()
		if ctx.Err() != nil {
			return
		}
		if !waits {
			select {
			case <-changed:
			case <-ctx.Done():
			}
			continue
		}
		waiting, cancel := context.WithCancel(ctx)
		go func() {
			select {
			case <-changed:
				cancel()
			case <-waiting.Done():
			}
		}()
		_ = s.wall.WaitUntil(waiting, due) // ended by a change: it is looked at anew
		cancel()
	}
}

// flowsLocked reports whether time passes by itself. Faster than the wall clock
// it waits for work that is under way, or an attempt that takes a second could
// last longer than the time to the next.
func (s *Steered) flowsLocked() bool { return s.speed > 0 && (s.held == 0 || s.speed <= 1) }

// foldLocked brings now up to the wall clock.
func (s *Steered) foldLocked() {
	wall := s.wall.Now()
	if s.flowsLocked() {
		s.now = s.now.Add(time.Duration(float64(wall.Sub(s.since)) * s.speed))
	}
	s.since = wall
}

// dueLocked is when the wall clock reaches the earliest instant that is expected.
func (s *Steered) dueLocked() (wall time.Time, waits bool) {
	next := s.earliestLocked()
	if !s.flowsLocked() || next == nil {
		return time.Time{}, false
	}
	// A moment too early would be a turn for nothing.
	return s.since.Add(time.Duration(float64(next.at.Sub(s.now))/s.speed) + time.Millisecond), true
}

func (s *Steered) earliestLocked() (first *Expectation) {
	for e := range s.expects {
		if first == nil || e.at.Before(first.at) {
			first = e
		}
	}
	return first
}

// moveLocked goes ahead as far as it may, which is to the next instant that is
// expected, and wakes who expects it.
func (s *Steered) moveLocked() {
	if s.held == 0 && s.limit.After(s.now) {
		to := s.limit
		if next := s.earliestLocked(); next != nil && next.at.Before(to) {
			to = next.at
		}
		if to.After(s.now) { // what is expected may be over already
			s.now = to
		}
	}
	for e := range s.expects {
		if !e.at.After(s.now) {
			delete(s.expects, e)
			e.woken = true
			s.held++ // until it says End: nothing moves before it has acted
			close(e.reached)
		}
	}
}

// tellLocked says that something changed.
func (s *Steered) tellLocked() {
	s.moveLocked()
	close(s.changed)
	s.changed = make(chan struct{})
}

// Now implements Clock.
func (s *Steered) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.foldLocked()
	return s.now
}

// Hold implements Clock.
func (s *Steered) Hold() func() {
	s.mu.Lock()
	s.foldLocked()
	s.held++
	s.mu.Unlock()
	return sync.OnceFunc(s.release)
}

func (s *Steered) release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.foldLocked()
	if s.held--; s.held == 0 {
		s.tellLocked()
	}
}

// Expect wants to be woken at an instant. Whoever calls it holds the clock, or
// the instant may be over before it is expected; End has to be called.
func (s *Steered) Expect(at time.Time) *Expectation {
	e := &Expectation{clock: s, at: at, reached: make(chan struct{})}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.foldLocked()
	s.expects[e] = struct{}{}
	s.tellLocked()
	return e
}

// Reached is closed when the instant has come. From then on the clock is held,
// until End is called.
func (e *Expectation) Reached() <-chan struct{} { return e.reached }

// End expects it no more.
func (e *Expectation) End() {
	e.clock.mu.Lock()
	delete(e.clock.expects, e)
	woken := e.woken
	e.clock.mu.Unlock()
	if woken {
		e.clock.release()
	}
}

// WaitUntil implements Clock.
func (s *Steered) WaitUntil(ctx context.Context, t time.Time) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	e := s.Expect(t)
	defer e.End()
	select {
	case <-e.Reached():
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Steering is how a clock goes.
type Steering struct {
	Now time.Time
	// Speed is how many seconds pass in one second: 0 stands still.
	Speed float64
	// Until is how far the clock is going ahead; not after Now when it is there.
	Until time.Time
	// ToIdle says that it goes ahead no further than to the end of all work.
	ToIdle bool
}

// Moving reports whether it is going ahead.
func (s Steering) Moving() bool { return s.Until.After(s.Now) }

// Steering is how the clock goes now.
func (s *Steered) Steering() Steering {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.foldLocked()
	return Steering{Now: s.now, Speed: s.speed, Until: s.limit, ToIdle: s.toIdle}
}

// Play has time pass at a speed; 0 has it stand still.
func (s *Steered) Play(speed float64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.foldLocked()
	s.speed = max(speed, 0)
	s.tellLocked()
}

// Advance lets the clock go ahead to an instant, at once, as soon as nobody holds
// it and over nobody who expects an earlier one. With toIdle it stops where Idle
// is called.
func (s *Steered) Advance(to time.Time, toIdle bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.foldLocked()
	s.limit, s.toIdle = to, toIdle
	s.tellLocked()
}

// Idle says that nothing is left to be done.
func (s *Steered) Idle() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.foldLocked()
	if s.toIdle {
		s.limit, s.toIdle = s.now, false
		s.tellLocked()
	}
}

// Rest returns when the clock is going ahead no more, with the context's error
// when that ends first.
func (s *Steered) Rest(ctx context.Context) error {
	for {
		s.mu.Lock()
		rests, changed := !s.limit.After(s.now) && s.held == 0, s.changed
		s.mu.Unlock()
		if rests {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
