package retryclock

import (
	"context"
	"time"
)

// Clock tells the time and waits for it.
type Clock interface {
	// Now is the clock's present instant.
	Now() time.Time
	// WaitUntil returns once the clock has reached t, at once when it already
	// has. It returns the context's error when that ends first.
	WaitUntil(ctx context.Context, t time.Time) error
	// Hold keeps the clock from being moved over work that is still going on:
	// while anyone holds it, a virtual clock does not jump. The wall clock
	// moves by itself and takes no notice. release may be called once.
	Hold() (release func())
}
