package practice

import (
	"errors"
	"net/http"
)

// A flaw is mostly a wrap: what it does before the good receiver has a delivery, or
// to its answer.

// wrapping puts something round a handling.
type wrapping func(r *Receiver, next handling) handling

// around is a wrap that remembers nothing.
func around(do func(r *Receiver, d *delivery, next handling) answer) wrapping {
	return func(r *Receiver, next handling) handling {
		return func(d *delivery) answer { return do(r, d, next) }
	}
}

// instead answers every delivery alike and does nothing.
func instead(a answer) wrapping {
	return refusing(a, func(*Receiver, *delivery) bool { return true })
}

// refusing answers alike the deliveries of which when holds, and does nothing.
func refusing(a answer, when func(*Receiver, *delivery) bool) wrapping {
	a.verdict = flawed
	return around(func(r *Receiver, d *delivery, next handling) answer {
		if when(r, d) {
			return a
		}
		return next(d)
	})
}

// refusingEvents is refusing for events, whether the receiver acts on them or not.
func refusingEvents(a answer, when func(*Receiver, event) bool) wrapping {
	return refusing(a, func(r *Receiver, d *delivery) bool {
		e, err := d.event()
		return err == nil && when(r, e)
	})
}

// counted answers alike the events of which when holds and for which the query,
// asked with ?1 object id, ?2 event id, ?3 kind, ?4 updated_at and ?5 rank, counts
// something.
type counted struct {
	answer answer
	when   func(event) bool
	query  string
}

func (c counted) refuses(r *Receiver, next handling) handling {
	c.answer.verdict = flawed
	return func(d *delivery) answer {
		e, err := d.event()
		if err != nil || !c.when(e) {
			return next(d)
		}
		n, err := r.count(d, c.query, e.objectID, e.id, e.kind, e.updatedAt, e.rank())
		switch {
		case err != nil:
			return r.failed(err)
		case n > 0:
			return c.answer
		}
		return next(d)
	}
}

// acting is a wrap's handling of an event that the receiver acts on; what is none
// goes on to next.
func acting(next handling, do func(*delivery, event) answer) handling {
	return func(d *delivery) answer {
		if e, err := d.event(); err == nil && e.known() {
			return do(d, e)
		}
		return next(d)
	}
}

// with changes every answer of the good receiver.
func with(change func(*answer)) wrapping {
	return after(func(_ *Receiver, _ *delivery, a answer) answer {
		change(&a)
		return a
	})
}

// after has something done when the good receiver has answered a delivery; it gives
// the answer that goes out.
func after(do func(*Receiver, *delivery, answer) answer) wrapping {
	return around(func(r *Receiver, d *delivery, next handling) answer { return do(r, d, next(d)) })
}

// afterRepeated is after for the events that the good receiver knew already.
func afterRepeated(do func(*Receiver, *delivery, event, answer) answer) wrapping {
	return after(func(r *Receiver, d *delivery, a answer) answer {
		if a.verdict != repeated {
			return a
		}
		e, _ := d.event() // a repeated event is one
		return do(r, d, e, a)
	})
}

// repeat does the work of a delivery once more than it should be done, and gives
// the answer.
func (r *Receiver) repeat(d *delivery, e event, a answer) answer {
	if err := r.store.again(d.lasting(), e, r.clock.Now()); err != nil {
		return r.failed(err)
	}
	return a
}

// count asks the database for a number.
func (r *Receiver) count(d *delivery, query string, args ...any) (int64, error) {
	return r.store.number(d.lasting(), query, args...)
}

// change has the database run a statement.
func (r *Receiver) change(d *delivery, query string, args ...any) error {
	return r.store.change(d.lasting(), query, args...)
}

// failed is the answer to a delivery that its own database was in the way of.
func (r *Receiver) failed(err error) answer {
	status := http.StatusInternalServerError
	if errors.Is(err, errStoreAway) {
		status = http.StatusServiceUnavailable
	}
	return answer{status: status, verdict: failed, reason: err}
}
