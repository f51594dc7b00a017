package scenarios

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// maxThrottleWait is how long we wait, in real time and in all, for a receiver
// that limits our pace; it is not another fault (CHECKS rule 7).
const maxThrottleWait = 60 * time.Second

// pacer sends, and waits where the receiver asks for it: 429, or 503 with
// Retry-After.
type pacer struct {
	sender delivery.Sender
	clock  retryclock.Clock // the wall clock, but for tests
	stop   <-chan struct{}  // once closed, nothing is waited for any more
	waited time.Duration
	waits  int
}

// Do implements delivery.Sender.
func (p *pacer) Do(ctx context.Context, r *wire.Request) *wire.Outcome {
	for {
		o := p.sender.Do(ctx, r)
		wait, throttled := retryAfter(o, p.clock.Now())
		if !throttled || p.waited+wait > maxThrottleWait {
			return o
		}
		p.waited += wait
		p.waits++
		if p.wait(ctx, wait) != nil {
			return o
		}
	}
}

func (p *pacer) wait(ctx context.Context, d time.Duration) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-p.stop:
			cancel()
		case <-ctx.Done():
		}
	}()
	return p.clock.WaitUntil(ctx, p.clock.Now().Add(d))
}

// retryAfter tells whether an answer only refuses the pace, and how long to
// wait then.
func retryAfter(o *wire.Outcome, now time.Time) (wait time.Duration, throttled bool) {
	value := o.Get("Retry-After")
	if o.Status != http.StatusTooManyRequests && (o.Status != http.StatusServiceUnavailable || value == "") {
		return 0, false
	}
	wait = time.Second
	if s, err := strconv.Atoi(value); err == nil && s >= 0 {
		wait = time.Duration(min(s, 1<<20)) * time.Second
	} else if t, err := http.ParseTime(value); err == nil {
		wait = t.Sub(now)
	}
	return max(wait, 100*time.Millisecond), true
}
