package practice

import (
	"context"
	"net/http"
	"strings"
)

// maxIDs bounds the ids of one question.
const maxIDs = 1000

// observe answers what deliveries led to: one id in the path, or many as ?ids=.
func (r *Receiver) observe(w http.ResponseWriter, req *http.Request) {
	if id, ok := strings.CutPrefix(req.URL.Path, "/effects/"); ok {
		o, err := r.seen(req.Context(), id)
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
	found := map[string]any{}
	for _, id := range ids {
		if id == "" {
			continue
		}
		o, err := r.seen(req.Context(), id)
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

// seen is what the receiver shows of one event or object. Who keeps rows of
// objects has one, however many events wrote to it.
func (r *Receiver) seen(ctx context.Context, id string) (any, error) {
	o, err := r.store.observe(ctx, id)
	switch {
	case err != nil:
		return nil, err
	case r.flaw.stateOnly:
		return map[string]any{"state": o.State}, nil
	case r.flaw.names != nil:
		named, err := r.store.namedEffects(ctx, id)
		return map[string]any{"effects": named, "state": o.State}, err
	case r.flaw.PerObject:
		o.Effects = min(o.Effects, 1)
	}
	return o, nil
}

func (r *Receiver) unobservable(w http.ResponseWriter, err error) {
	r.logf("observation failed: %q", err)
	fail(w, http.StatusInternalServerError, "the database cannot be read")
}

// control is for the hooks of a run: drain, down, up and reconcile.
func (r *Receiver) control(w http.ResponseWriter, req *http.Request) {
	switch req.URL.Path {
	case CatchUpRoute:
		if err := r.catchUp(req.Context()); err != nil {
			r.logf("catching up failed: %q", err)
			fail(w, http.StatusServiceUnavailable, "the API cannot be read")
			return
		}
	case DownRoute:
		r.store.away.Store(true)
	case UpRoute:
		r.store.away.Store(false)
		r.wakeUp()
	case DrainRoute:
		if err := r.Drain(req.Context()); err != nil {
			fail(w, http.StatusServiceUnavailable, err.Error())
			return
		}
	}
	w.WriteHeader(http.StatusNoContent)
}
