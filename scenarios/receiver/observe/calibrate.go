package observe

import (
	"context"
	"time"
)

// Clean is one clean delivery: answered with 2xx, its event fresh.
type Clean struct {
	Subject Subject
	// Delivered is when it was sent; zero means now.
	Delivered time.Time
}

// Calibration is what one clean delivery does.
type Calibration struct {
	// D0 is how many effects it has; 0 says that the receiver does not act on
	// this kind, or not where it is observed.
	D0 int
	// Took is the time from the delivery until the last of them was seen; zero
	// when there was none.
	Took time.Duration
	// State is what was seen of the object; nil when the observer tells none.
	State map[string]any
}

// Calibrate measures one clean delivery; see CalibrateAll.
func (s *Settler) Calibrate(ctx context.Context, subject Subject) (d0 int, took time.Duration, err error) {
	all, err := s.CalibrateAll(ctx, []Clean{{Subject: subject}})
	if err != nil {
		return 0, 0, err
	}
	return all[0].D0, all[0].Took, nil
}

// CalibrateAll measures clean deliveries together, right after they were made,
// so that those without an effect wait for one deadline and not for one each.
// The counts are believed as in Settle, with the longest time to an effect that
// was seen.
func (s *Settler) CalibrateAll(ctx context.Context, deliveries []Clean) ([]Calibration, error) {
	subjects := make([]Subject, len(deliveries))
	for i, d := range deliveries {
		subjects[i] = d.Subject
	}
	if len(subjects) == 0 {
		return nil, ctx.Err()
	}
	w := s.watch(subjects)
	measure := func() []Calibration {
		out := make([]Calibration, len(deliveries))
		for i := range w.readings {
			out[i].State = w.readings[i].State
			if n := w.readings[i].Effects; n > 0 {
				since := deliveries[i].Delivered
				if since.IsZero() {
					since = w.began
				}
				out[i].D0, out[i].Took = n, max(0, w.movedOf[i].Sub(since))
			}
		}
		return out
	}
	w.complete = func() bool {
		for _, r := range w.readings {
			if r.Effects == 0 {
				return false
			}
		}
		return true
	}
	w.toEffect = func() time.Duration {
		var longest time.Duration
		for _, c := range measure() {
			longest = max(longest, c.Took)
		}
		return longest
	}
	if err := w.settle(ctx); err != nil {
		return nil, err
	}
	return measure(), nil
}
