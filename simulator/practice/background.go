package practice

import (
	"context"
	"errors"
	"time"
)

// Drain does all the work that waits for the background, without waiting for
// its time. Only the receivers with a queue have any.
func (r *Receiver) Drain(ctx context.Context) error {
	for {
		j, ok, err := r.store.next(ctx)
		if err != nil {
			return err
		}
		if !ok {
			return r.settled(ctx)
		}
		// The background may do the same job at the same time: the event's id
		// lets only one of them count.
		switch err := r.workOff(ctx, j); {
		case errors.Is(err, errUnverified):
			return nil // which no work of ours would change
		case errors.Is(err, errERP):
			return r.settled(ctx) // it is tried again later, as by any worker of a queue
		case err != nil:
			return err
		}
	}
}

// work is the background: it does the jobs in order, each when it is due, those
// of an earlier process first, until ctx ends.
func (r *Receiver) work(ctx context.Context) {
	const rest = 100 * time.Millisecond // before another try when the database fails
	for ctx.Err() == nil {
		j, ok, err := r.store.next(ctx)
		if err == nil && !ok {
			select {
			case <-r.wake:
			case <-ctx.Done():
			}
			continue
		}
		if err == nil && r.clock.WaitUntil(ctx, j.due) == nil {
			err = r.workOff(ctx, j)
		}
		if err != nil && !errors.Is(err, context.Canceled) {
			r.logf("background work failed: %q", err)
			_ = r.clock.WaitUntil(ctx, r.clock.Now().Add(rest)) // ends early only with ctx
		}
	}
}

// workOff does one job.
func (r *Receiver) workOff(ctx context.Context, j job) error {
	e, err := r.parse(j.body)
	if err == nil {
		e, err = r.verify(ctx, e)
	}
	switch {
	case errors.Is(err, errNotInAPI):
		return r.store.drop(ctx, j)
	case err != nil:
		return err
	}
	if r.flaw.afterwards == nil {
		return r.store.work(ctx, j, e, r.clock.Now())
	}
	// The background and a drain must not do it both: it is seen from outside.
	r.outside.Lock()
	defer r.outside.Unlock()
	if n, err := r.store.number(ctx, `SELECT count(*) FROM jobs WHERE seq = ?`, j.seq); err != nil || n == 0 {
		return err
	}
	if err := r.flaw.afterwards(ctx, r, e); err != nil {
		return errors.Join(err, r.store.postpone(ctx, j))
	}
	return r.store.strike(ctx, j)
}

// wakeUp tells the background that there may be work.
func (r *Receiver) wakeUp() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// pause is how long the background waits before it looks again, or tries again.
const pause = 5 * time.Millisecond

// later does something in memory once it is due, and again until it succeeds or
// the receiver is closed. It dies with the process.
func (r *Receiver) later(due time.Time, do func() (done bool)) {
	r.inMemory.Add(1)
	go func() {
		defer r.inMemory.Add(-1)
		ctx := context.Background() // no request's: its sender has its answer
		for _ = r.clock.WaitUntil(ctx, due); !r.closed.Load() && !do(); {
			_ = r.clock.WaitUntil(ctx, r.clock.Now().Add(pause))
		}
	}()
}

// settled waits until nothing is left in memory to be done.
func (r *Receiver) settled(ctx context.Context) error {
	for r.inMemory.Load() > 0 {
		if r.store.away.Load() {
			return errStoreAway
		}
		if err := r.clock.WaitUntil(ctx, r.clock.Now().Add(pause)); err != nil {
			return err
		}
	}
	return nil
}
