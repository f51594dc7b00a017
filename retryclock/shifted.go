package retryclock

import (
	"context"
	"time"
)

// Shifted is a clock that goes as another does and shows another time: that
// much later, or earlier when By is negative.
type Shifted struct {
	Clock

	By time.Duration
}

// Now implements Clock.
func (s Shifted) Now() time.Time { return s.Clock.Now().Add(s.By) }

// WaitUntil implements Clock.
func (s Shifted) WaitUntil(ctx context.Context, t time.Time) error {
	return s.Clock.WaitUntil(ctx, t.Add(-s.By))
}
