package practice

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"
)

// maxIDs bounds the ids of one question.
const maxIDs = 1000

// observe answers what deliveries led to: one id in the path, or many as ?ids=.
func (r *Receiver) observe(w http.ResponseWriter, req *http.Request) {
	if id, ok := strings.CutPrefix(req.URL.Path, "/effects/"); ok {
		o, err := r.store.observe(req.Context(), id)
		if err != nil {
			r.unobservable(w, err)
			return
		}
		write(w, http.StatusOK, o)
		return
	}
	ids := strings.Split(req.URL.Query().Get("ids"), ",")
	if len(ids) > maxIDs {
		fail(w, http.StatusUnprocessableEntity, "more than 1000 ids")
		return
	}
	found := map[string]observation{}
	for _, id := range ids {
		if id == "" {
			continue
		}
		o, err := r.store.observe(req.Context(), id)
		if err != nil {
			r.unobservable(w, err)
			return
		}
		found[id] = o
	}
	if len(found) == 0 {
		fail(w, http.StatusUnprocessableEntity, "name the ids: /effects?ids=evn_...,ord_...")
		return
	}
	write(w, http.StatusOK, found)
}

func (r *Receiver) unobservable(w http.ResponseWriter, err error) {
	r.logf("observation failed: %q", err)
	fail(w, http.StatusInternalServerError, "the database cannot be read")
}

// control is for the hooks of a run: drain, down and up.
func (r *Receiver) control(w http.ResponseWriter, req *http.Request) {
	switch req.URL.Path {
	case "/store/down":
		r.store.away.Store(true)
	case "/store/up":
		r.store.away.Store(false)
		r.wakeUp()
	case "/drain":
		if err := r.Drain(req.Context()); err != nil {
			fail(w, http.StatusServiceUnavailable, err.Error())
			return
		}
	}
	w.WriteHeader(http.StatusNoContent)
}

// Drain does all the work that waits for the background, without waiting for
// its time. Only the receivers with a queue have any.
func (r *Receiver) Drain(ctx context.Context) error {
	for {
		j, ok, err := r.store.next(ctx)
		if err != nil || !ok {
			return err
		}
		// The background may do the same job at the same time: the event's id
		// lets only one of them count.
		if err := r.store.work(ctx, j, r.clock.Now()); err != nil {
			return err
		}
	}
}

// work is the background: it does the jobs in order, each when it is due, those
// of an earlier process first, until ctx ends.
func (r *Receiver) work(ctx context.Context) {
	const pause = 100 * time.Millisecond // before another try when the database fails
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
			err = r.store.work(ctx, j, r.clock.Now())
		}
		if err != nil && !errors.Is(err, context.Canceled) {
			r.logf("background work failed: %q", err)
			_ = r.clock.WaitUntil(ctx, r.clock.Now().Add(pause)) // ends early only with ctx
		}
	}
}

// wakeUp tells the background that there may be work.
func (r *Receiver) wakeUp() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}
