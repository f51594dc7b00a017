package fuzz

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
)

// lifetime is how long a run goes on: until a budget is used up, it is stopped,
// the receiver has stopped serving, or we have failed.
type lifetime struct {
	receiver *receiver.Receiver
	// spent reports whether the budget of requests is used up.
	spent func() bool

	ended   atomic.Bool
	ending  sync.Once
	quit    chan struct{} // closed when ended is set
	endedAt atomic.Int64  // Unix nanoseconds; zero before the end
	dead    atomic.Bool   // the receiver has stopped serving

	mu    sync.Mutex
	fault error // ours
}

// over reports whether no new case is to begin.
func (l *lifetime) over() bool {
	return l.ended.Load() || l.Stopped() || l.spent() || l.receiver.Failure() != nil
}

// Stopped reports whether the run was stopped, or the receiver has stopped
// serving.
func (l *lifetime) Stopped() bool { return l.dead.Load() || l.receiver.Stopped() }

// afterTheEnd is how long what is still open is looked into when the run is over;
// what is under way then is given up a little later.
const afterTheEnd, givenUp = 6 * time.Second, 8 * time.Second

// Overdue reports whether the run has been over for so long that what is still
// open is not looked into any more.
func (l *lifetime) Overdue() bool {
	at := l.endedAt.Load()
	return at != 0 && l.receiver.Clock().Now().After(time.Unix(0, at).Add(afterTheEnd))
}

// giveUp calls cancel when the run has been over for so long that even what is
// under way is not waited for. It returns with the context.
func (l *lifetime) giveUp(ctx context.Context, cancel func()) {
	select {
	case <-l.quit:
	case <-ctx.Done():
		return
	}
	clock := l.receiver.Clock()
	if clock.WaitUntil(ctx, clock.Now().Add(givenUp)) == nil {
		cancel()
	}
}

// follow ends the run when the receiver is to be sent nothing more.
func (l *lifetime) follow(ctx context.Context) {
	select {
	case <-l.receiver.Stop():
		l.end()
	case <-ctx.Done():
	}
}

// end lets nothing new begin.
func (l *lifetime) end() {
	l.ended.Store(true)
	l.ending.Do(func() {
		l.endedAt.Store(l.receiver.Clock().Now().UnixNano())
		close(l.quit)
	})
}

// broke keeps a failure of ours and ends the run.
func (l *lifetime) broke(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.fault == nil {
		l.fault = err
	}
	l.end()
}
