package practice

import (
	"context"
	"errors"
	"time"

	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/schemas"
)

// WorkTwice has two workers take the same job: one does it, another event is
// queued, and then the slow one does it as well. It returns the effects of the
// event that was queued between, after its own work.
func WorkTwice(ctx context.Context, path string, first, second []byte, secondID string) (effects int, err error) {
	s, err := openStore(ctx, path)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	now := time.Unix(1767225600, 0)
	r := &Receiver{store: s, reader: reader{schemas.Builtin()}, pace: pace{clock: retryclock.Wall{}}}
	if err := s.enqueue(ctx, first, now); err != nil {
		return 0, err
	}
	slow, _, err := s.next(ctx)
	if err != nil {
		return 0, err
	}
	if err := r.workOff(ctx, slow); err != nil {
		return 0, err
	}
	if err := s.enqueue(ctx, second, now); err != nil {
		return 0, err
	}
	if err := r.workOff(ctx, slow); err != nil {
		return 0, err
	}
	for {
		j, ok, err := s.next(ctx)
		if err != nil {
			return 0, err
		}
		if !ok {
			break
		}
		if err := r.workOff(ctx, j); err != nil {
			return 0, err
		}
	}
	o, err := s.observe(ctx, secondID)
	return o.Effects, err
}
