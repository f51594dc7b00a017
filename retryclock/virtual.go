package retryclock

import (
	"context"
	"sync"
	"time"
)

// Virtual is a clock that stands still until someone waits and nobody holds
// it, and then jumps to the earliest instant that is waited for. Make one with
// NewVirtual.
type Virtual struct {
	mu      sync.Mutex
	now     time.Time
	held    int
	waiters map[*waiter]struct{}
}

type waiter struct {
	until time.Time
	woken chan struct{}
}

// NewVirtual returns a virtual clock that stands at start.
func NewVirtual(start time.Time) *Virtual {
	return &Virtual{now: start, waiters: map[*waiter]struct{}{}}
}

// Now implements Clock.
func (v *Virtual) Now() time.Time {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.now
}

// WaitUntil implements Clock: it moves the clock to t, once nothing holds it
// and no one waits for an earlier instant.
func (v *Virtual) WaitUntil(ctx context.Context, t time.Time) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	w := &waiter{until: t, woken: make(chan struct{})}
	v.mu.Lock()
	v.waiters[w] = struct{}{}
	v.advanceLocked()
	v.mu.Unlock()

	select {
	case <-w.woken:
		return nil
	case <-ctx.Done():
		v.mu.Lock()
		defer v.mu.Unlock()
		delete(v.waiters, w)
		// The one that gave up may have been the earliest.
		v.advanceLocked()
		return ctx.Err()
	}
}

// Hold implements Clock.
func (v *Virtual) Hold() func() {
	v.mu.Lock()
	v.held++
	v.mu.Unlock()
	return sync.OnceFunc(func() {
		v.mu.Lock()
		defer v.mu.Unlock()
		v.held--
		v.advanceLocked()
	})
}

// advanceLocked wakes all that is due and, when nothing holds the clock, jumps
// once to the earliest instant that is still waited for. The woken ones get
// their turn before it may jump again: whoever is woken either holds the clock
// or waits anew.
func (v *Virtual) advanceLocked() {
	if v.wakeLocked() > 0 || v.held > 0 || len(v.waiters) == 0 {
		return
	}
	first := true
	var next time.Time
	for w := range v.waiters {
		if first || w.until.Before(next) {
			first, next = false, w.until
		}
	}
	v.now = next
	v.wakeLocked()
}

func (v *Virtual) wakeLocked() int {
	n := 0
	for w := range v.waiters {
		if !w.until.After(v.now) {
			delete(v.waiters, w)
			close(w.woken)
			n++
		}
	}
	return n
}
