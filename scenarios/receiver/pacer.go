package receiver

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// How long we wait, in real time, for a receiver that limits our pace, which is
// not another fault: in all while nobody asked us to take our
// time, and for each request under --pace.
const maxThrottleWait = 60 * time.Second

const (
	// A receiver that only once asked for patience is not to slow down a whole
	// run: we never go slower than this by ourselves, and are quicker again after
	// so many times the requests that it took before it asked.
	maxSpacing = time.Second
	caution    = 4
	// Under --pace, a receiver that refuses this many requests in a row for our
	// pace, however long we wait, is not waited for any more.
	maxGivenUp = 3
)

// pacer keeps the senders of a receiver from going faster than it likes. Under
// a pace it keeps that distance between the beginnings of two requests; without,
// it begins as fast as it can, waits where the receiver asks for it (429, or 503
// with Retry-After) and goes on slower, by what the receiver took before it
// asked. Several may send at once.
type pacer struct {
	clock retryclock.Clock // the wall clock, but for tests
	pace  Pace

	mu      sync.Mutex
	spacing time.Duration // between the beginnings of two requests
	ease    time.Duration // by how much less with each request that is taken
	next    time.Time     // when the next request may begin
	since   time.Time     // since when sent counts
	sent    int
	waited  time.Duration // of the budget, without a pace
	waits   int           // how often the receiver asked for it
	givenUp int           // requests in a row, under a pace
}

// newPacer makes a pacer that begins at the given pace.
func newPacer(clock retryclock.Clock, pace Pace) *pacer {
	return &pacer{clock: clock, pace: pace, spacing: pace.Spacing()}
}

// do sends a request when its turn has come.
func (p *pacer) do(ctx context.Context, s *Sender, r *wire.Request) *wire.Outcome {
	var patience time.Duration // that this request has been given
	for {
		if s.waitUntil(ctx, p.slot(s)) != nil {
			return canceled{}.Do(ctx, r)
		}
		o := s.once(ctx, r)
		wait, throttled := Throttled(o, p.clock.Now())
		if !throttled {
			p.taken()
			return o
		}
		if !p.grant(s, wait, patience) {
			return o
		}
		patience += wait
		if s.Wait(ctx, wait) != nil {
			return o
		}
	}
}

// slot books the next request and tells when it may begin.
func (p *pacer) slot(s *Sender) time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.clock.Now()
	if p.since.IsZero() {
		p.since = now
	}
	p.sent++
	wait := max(p.next.Sub(now), 0)
	if p.pace == (Pace{}) && !s.Endless {
		// Our own slowness is paid from the same budget, and ends with it.
		wait = min(wait, maxThrottleWait-p.waited)
		p.waited += wait
	}
	p.next = now.Add(wait + p.spacing)
	return now.Add(wait)
}

// taken notes a request that was not refused for our pace.
func (p *pacer) taken() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.givenUp = 0
	if p.pace == (Pace{}) {
		p.spacing = max(p.spacing-p.ease, 0)
	}
}

// grant decides whether a request that was refused for our pace waits and is
// sent again, after the patience that it has been given already.
func (p *pacer) grant(s *Sender, wait, patience time.Duration) bool {
	if s.Over != nil && s.Over() {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.pace != (Pace{}) {
		if p.givenUp >= maxGivenUp || patience+wait > maxThrottleWait {
			p.givenUp++
			return false
		}
		p.waits++
		return true
	}
	if s.Endless && wait > maxThrottleWait || !s.Endless && p.waited+wait > maxThrottleWait {
		return false
	}
	p.waited += wait
	p.waits++
	now := p.clock.Now()
	if now.Before(p.since) {
		// It was under way when another one was told, and learns nothing new.
		return true
	}
	// It took so many requests in so much time, its rest included.
	taken := time.Duration(max(p.sent-1, 1))
	p.spacing = min(max((now.Sub(p.since)+wait)/taken, p.spacing), maxSpacing)
	p.ease = p.spacing / (caution * taken)
	p.since, p.sent = now.Add(wait), 0
	p.next = p.since
	return true
}

// asked is how often the receiver asked for a wait that was granted.
func (p *pacer) asked() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.waits
}

// Throttled tells whether an answer only refuses the pace, and how long to wait
// then.
func Throttled(o *wire.Outcome, now time.Time) (wait time.Duration, throttled bool) {
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

// RateLimit is the limit that an answer tells of, in whatever unit the receiver
// means; zero when it tells none, or none that is believable.
func RateLimit(o *wire.Outcome) int {
	n, err := strconv.Atoi(o.Get("X-RateLimit-Limit"))
	if err != nil || n < 0 || n > 1_000_000 {
		return 0
	}
	return n
}
