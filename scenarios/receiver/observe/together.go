package observe

import (
	"context"
	"sync"
	"time"

	"github.com/kometia-sim/kometia-sim/retryclock"
)

// Together is an observer that asks o in bulk: what several callers ask at the
// same time is one question, and at most one question is under way. A hundred
// stories that wait for a quiet window of their own then cost what one costs,
// where o can be asked about many at once, and eight requests at once where it
// cannot. Every answer belongs to an instant after its caller asked. It holds
// nothing that needs closing but o itself.
func Together(o Observer, clock retryclock.Clock) Observer {
	return &bulk{gather[Subject, Reading]{ask: o.Observe, clock: clock, pauses: 2}}
}

type bulk struct{ gather[Subject, Reading] }

// Observe implements Observer.
func (b *bulk) Observe(ctx context.Context, subjects []Subject) ([]Reading, error) {
	return b.do(ctx, subjects)
}

// Shared is an action that whoever wants it at the same time does together: runs
// that are asked for while one is under way are one run after it, with the
// environment of the first who asked. Two never run at once.
func Shared(a Action) Action {
	return &shared{gather[[]string, struct{}]{ask: func(ctx context.Context, env [][]string) ([]struct{}, error) {
		return make([]struct{}, len(env)), a.Run(ctx, env[0]...)
	}}}
}

type shared struct {
	gather[[]string, struct{}]
}

// Run implements Action.
func (s *shared) Run(ctx context.Context, env ...string) error {
	_, err := s.do(ctx, [][]string{env})
	return err
}

// gather puts the questions of many callers together.
type gather[Q, A any] struct {
	ask   func(context.Context, []Q) ([]A, error)
	clock retryclock.Clock // nil when it never pauses
	// pauses is for how many times as long as the last question took nobody is
	// asked: asking must not be most of what the receiver's computer does. It is
	// also the time in which callers come together.
	pauses time.Duration

	mu     sync.Mutex
	next   *round[Q, A] // which still takes callers; nil when nobody waits
	asking bool
}

// round is one question of several callers.
type round[Q, A any] struct {
	questions []Q
	answers   []A
	err       error
	callers   int // who still wait for it
	ctx       context.Context
	cancel    context.CancelFunc // once nobody does
	done      chan struct{}
}

// do asks with whoever else asks now. Answers are in the order of the questions;
// none where the answerer gave too few.
func (g *gather[Q, A]) do(ctx context.Context, questions []Q) ([]A, error) {
	if err := ctx.Err(); err != nil || len(questions) == 0 {
		return nil, err
	}
	g.mu.Lock()
	if g.next == nil {
		g.next = &round[Q, A]{done: make(chan struct{})}
		g.next.ctx, g.next.cancel = context.WithCancel(context.WithoutCancel(ctx))
	}
	r, at := g.next, len(g.next.questions)
	r.questions = append(r.questions, questions...)
	r.callers++
	if !g.asking {
		g.asking = true
		go g.work()
	}
	g.mu.Unlock()
	select {
	case <-r.done:
		if r.err != nil || len(r.answers) != len(r.questions) {
			return nil, r.err
		}
		return r.answers[at : at+len(questions) : at+len(questions)], nil
	case <-ctx.Done():
		g.mu.Lock()
		defer g.mu.Unlock()
		if r.callers--; r.callers == 0 {
			if g.next == r {
				g.next = nil // whoever comes now begins another
			}
			r.cancel()
		}
		return nil, ctx.Err()
	}
}

// longestPause is how long nobody is asked at the most.
const longestPause = 200 * time.Millisecond

// work asks round after round until nobody waits.
func (g *gather[Q, A]) work() {
	for {
		g.mu.Lock()
		r := g.next
		g.next = nil
		if r == nil {
			g.asking = false
			g.mu.Unlock()
			return
		}
		g.mu.Unlock()
		g.answer(r)
	}
}

// answer asks for a round, and leaves the receiver alone for a while.
func (g *gather[Q, A]) answer(r *round[Q, A]) {
	defer r.cancel()
	if g.clock == nil {
		r.answers, r.err = g.ask(r.ctx, r.questions)
		close(r.done)
		return
	}
	began := g.clock.Now()
	r.answers, r.err = g.ask(r.ctx, r.questions)
	close(r.done)
	now := g.clock.Now()
	_ = g.clock.WaitUntil(context.WithoutCancel(r.ctx), now.Add(min(g.pauses*now.Sub(began), longestPause))) // nothing ends it early
}
