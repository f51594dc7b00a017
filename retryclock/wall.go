package retryclock

import (
	"context"
	"time"
)

// Wall is the computer's own clock. The zero value is ready to use.
type Wall struct{}

// Now implements Clock.
func (Wall) Now() time.Time { return time.Now() }

// WaitUntil implements Clock by sitting the time out.
func (Wall) WaitUntil(ctx context.Context, t time.Time) error {
	wait := time.Until(t)
	if wait <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Hold implements Clock; the wall clock cannot be held.
func (Wall) Hold() func() { return func() {} }
