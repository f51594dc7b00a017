package receiver

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
)

// drain is the hook that works the receiver's queue off, one at a time: two
// workers at once are not what the user has set up. Nil when there is none.
func (c *Config) drain() observe.Action {
	if c.Drain == nil {
		return nil
	}
	return observe.Shared(c.Drain)
}

// margin is what the receiver is given beyond the time that it may need.
const margin = 50 * time.Millisecond

// answers are how long the receiver took to answer normal events.
type answers struct {
	mu   sync.Mutex
	list []answered
}

type answered struct {
	kind string
	took time.Duration
}

// Answered notes how long the answer to a normal event took that was sent by
// itself.
func (r *Receiver) Answered(kind string, took time.Duration) {
	r.answers.mu.Lock()
	defer r.answers.mu.Unlock()
	r.answers.list = append(r.answers.list, answered{kind, took})
}

// Busy is how long the receiver may be at work on an event of a kind on which we
// hung up: twice what the slowest answer to a normal one of that kind took, or of
// any where there is none. The first of all may have met a cold start.
func (r *Receiver) Busy(kind string) time.Duration {
	r.answers.mu.Lock()
	defer r.answers.mu.Unlock()
	list := r.answers.list
	if len(list) > 1 {
		list = list[1:]
	}
	var longest, own time.Duration
	for _, a := range list {
		longest = max(longest, a.took)
		if a.kind == kind {
			own = max(own, a.took)
		}
	}
	if own > 0 {
		longest = own
	}
	return 2*longest + margin
}

// AtWork is how long the receiver may yet be at work on an attempt that has just ended:
// nothing says when it is done with one on which we hung up, so it is given the time
// that its answers take. 0 where it has answered.
func (r *Receiver) AtWork(a delivery.Attempt) time.Duration {
	if a.Outcome == nil || a.Outcome.Status != 0 {
		return 0
	}
	return r.Busy(a.Delivery.Kind)
}

// Idle waits until the receiver can be done with what it is at work on, one after the
// other: the retry of an hour later must not meet a handler that still runs. An error
// says that nothing is to be sent any more.
func (r *Receiver) Idle(ctx context.Context, works ...time.Duration) error {
	busy := margin
	for _, work := range works {
		if work > 0 {
			busy += work - margin
		}
	}
	if !slices.ContainsFunc(works, func(work time.Duration) bool { return work > 0 }) {
		return nil
	}
	return r.Sender(Sending{}).Wait(ctx, busy)
}

// ShortJump is how much virtual time may pass while the receiver is at work: a
// shop that sends two events within a minute does not wait either.
const ShortJump = time.Minute

// Rest lets the receiver come to rest between the deliveries of one group: what
// it has only queued so far may be what the next retry needs.
type Rest struct {
	// Subjects are the events whose effects have to be at rest; none leaves that to
	// whoever settles in the end.
	Subjects []observe.Subject
	// Patience is the real time that is left for a queue that nobody sees; it
	// shrinks. Pause is the first wait of it, which doubles.
	Patience *time.Duration
	Pause    time.Duration
	// Hold is called around each look at the receiver: what may not happen
	// meanwhile waits until end is called. Nil holds nothing.
	Hold func() (end func())

	receiver *Receiver
	work     map[string]bool // events that the receiver may be at work on since the last rest
}

// Attempted notes an attempt: whether it may have given the receiver work.
func (r *Rest) Attempted(a delivery.Attempt) {
	if !a.Fault.Abandons() && (a.Outcome == nil || !a.Outcome.Acknowledged() && a.Outcome.Err == nil) {
		return
	}
	if r.work == nil {
		r.work = map[string]bool{}
	}
	r.work[a.Delivery.Event] = true
}

// rest returns once the receiver is done with what it was sent, as far as it can
// be seen.
func (r *Rest) rest(ctx context.Context) error {
	e, drain := r.receiver.effects, r.receiver.cfg.Drain
	watched := len(r.Subjects) > 0 && e != nil && e.Err() == nil
	switch {
	case !watched && drain == nil:
		return r.wait(ctx)
	case len(r.work) == 0:
		return nil
	}
	work := r.work
	r.work = nil
	if r.Hold != nil {
		defer r.Hold()()
	}
	if !watched {
		// What it could not do is left for the retries to show.
		_ = drain.Run(ctx, r.receiver.process.env())
		return nil
	}
	var expects []observe.Expect
	for _, s := range r.Subjects {
		if work[s.EventID] && e.Covers(s) {
			expects = append(expects, observe.Expect{Subject: s})
		}
	}
	if _, err := e.Settle(ctx, expects); err != nil && ctx.Err() == nil {
		e.Distrust(err)
	}
	return nil
}

// wait gives the receiver real time for what nobody sees, while there is
// patience left.
func (r *Rest) wait(ctx context.Context) error {
	if r.Pause > *r.Patience {
		return nil
	}
	clock := r.receiver.cfg.Clock
	if err := clock.WaitUntil(ctx, clock.Now().Add(r.Pause)); err != nil {
		return err
	}
	*r.Patience -= r.Pause
	r.Pause *= 2
	return nil
}

// restfulClock is a virtual clock that lets the receiver come to rest before it
// jumps, and restarts it on the way.
type restfulClock struct {
	retryclock.Clock
	rest     *Rest
	restarts []time.Time
	restart  func()
	rested   time.Time
}

// RestfulClock is a virtual clock that begins at an instant and lets the receiver
// come to rest before a jump of more than ShortJump. At the instants of restarts
// it calls restart, also after a rest; nil instants are none.
func (r *Receiver) RestfulClock(from time.Time, rest *Rest, restarts []time.Time, restart func()) retryclock.Clock {
	rest.receiver = r
	return &restfulClock{Clock: retryclock.NewVirtual(from), rest: rest, restarts: restarts, restart: restart, rested: from}
}

// WaitUntil implements retryclock.Clock.
func (c *restfulClock) WaitUntil(ctx context.Context, t time.Time) error {
	for _, at := range c.restarts {
		if !at.After(c.Now()) || at.After(t) {
			continue
		}
		if err := c.rest.rest(ctx); err != nil {
			return err
		}
		if err := c.Clock.WaitUntil(ctx, at); err != nil {
			return err
		}
		c.restart()
		c.rested = at
	}
	// Counted from the first instant after the last rest, so that many short jumps
	// are no way round it: whatever is further apart has a rest in between.
	if t.Sub(c.rested) > ShortJump {
		if err := c.rest.rest(ctx); err != nil {
			return err
		}
		c.rested = t
	}
	return c.Clock.WaitUntil(ctx, t)
}
