package observe

import (
	"context"
	"slices"
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
	// Named are the same by their names; nil where the observer gives none.
	Named map[string]int
	// Called are the calls to sinks among them, by the names of the sinks.
	Called map[string]int
	// StateOnly says that the observer tells no number of effects.
	StateOnly bool
	// Took is the time from the delivery until the last of them was seen; zero
	// when there was none.
	Took time.Duration
	// State is what was seen of the object; nil when the observer tells none.
	State map[string]any
}

// there reports whether anything of a clean delivery is to be seen: an effect, or
// where none is counted a state.
func (r *Reading) there() bool { return r.Effects > 0 || r.StateOnly && r.State != nil }

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
			r := &w.readings[i]
			out[i] = Calibration{D0: r.Effects, Named: r.Named, Called: r.Called, StateOnly: r.StateOnly, State: r.State}
			if r.there() {
				since := deliveries[i].Delivered
				if since.IsZero() {
					since = w.began
				}
				out[i].Took = max(0, w.movedOf[i].Sub(since))
			}
		}
		return out
	}
	w.complete = func() bool {
		return !slices.ContainsFunc(w.readings, func(r Reading) bool { return !r.there() })
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
