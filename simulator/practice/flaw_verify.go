package practice

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"sync"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// verifyFlaws ask Kometia's API about an event, and make the wrong thing of it.
func verifyFlaws() []flaw {
	asking := func(name, es, en string, wrap wrapping, fails ...string) flaw {
		return flaw{Flaw: Flaw{Name: name, Title: lang.Text{ES: es, EN: en}, Fails: fails, UsesAPI: true}, wrap: wrap}
	}
	never := asking("verify-never", "no pregunta a la API, aunque su dueño cree que sí", "does not ask the API, although its owner believes so", nil,
		"KOM-VER-001", "KOM-VER-002", "KOM-VER-003", "KOM-VER-004")
	never.UsesAPI, never.ClaimsAPI = false, true
	return []flaw{
		never,
		asking("verify-body", "pregunta a la API si el evento existe, y actúa con el cuerpo", "asks the API whether the event exists, and acts on the body",
			asksFirst(believesBody), "KOM-VER-003", "KOM-VER-002"),
		asking("verify-by-object", "pregunta por el objeto y ya no por el evento cuando lo conoce", "does not ask about an event whose object it knows to be genuine",
			remembersObjects, "KOM-VER-002"),
		asking("verify-404-later", "toma el 404 de la API por «más tarde»", "takes the API's 404 for \"later\"",
			asksFirst(laterOn404), "KOM-VER-002"),
		asking("verify-outage", "toma una falla de la API por un evento falso, y lo descarta con 200", "takes an outage of the API for a forgery, and drops the event with 200",
			asksFirst(dropsUnverified), "KOM-VER-004"),
		asking("verify-open", "actúa con el cuerpo cuando la API no responde bien", "acts on the body when the API does not answer well",
			asksFirst(actsUnverified), "KOM-VER-004"),
	}
}

// asksFirst reads the event from the API and has decide say what becomes of a
// delivery with what came of that.
func asksFirst(decide func(next handling, d *delivery, genuine event, err error) answer) wrapping {
	return func(r *Receiver, next handling) handling {
		return acting(next, func(d *delivery, e event) answer {
			genuine, err := r.genuine(d, e)
			return decide(next, d, genuine, err)
		})
	}
}

// genuine is the event as the API has it; whether the sender still listens makes no
// difference.
func (r *Receiver) genuine(d *delivery, heard event) (event, error) {
	return r.api.eventNow(d.lasting(), heard)
}

// verified answers as thin does.
func verified(next handling, d *delivery, genuine event, err error) answer {
	switch {
	case errors.Is(err, errNotInAPI):
		return answer{status: http.StatusUnprocessableEntity, verdict: ignored, reason: err}
	case err != nil:
		return answer{status: http.StatusServiceUnavailable, verdict: failed, reason: err}
	}
	d.parsed = genuine
	return next(d)
}

// believesBody does not look at what the API says, as long as it knows the id.
func believesBody(next handling, d *delivery, genuine event, err error) answer {
	if err == nil || errors.Is(err, errOtherInAPI) {
		return next(d)
	}
	return verified(next, d, genuine, err)
}

func laterOn404(next handling, d *delivery, genuine event, err error) answer {
	if errors.Is(err, errNotInAPI) {
		return answer{status: http.StatusServiceUnavailable, verdict: failed, reason: err}
	}
	return verified(next, d, genuine, err)
}

func dropsUnverified(next handling, d *delivery, genuine event, err error) answer {
	if err != nil && !errors.Is(err, errNotInAPI) {
		return answer{status: http.StatusOK, verdict: flawed, reason: err}
	}
	return verified(next, d, genuine, err)
}

func actsUnverified(next handling, d *delivery, genuine event, err error) answer {
	if err != nil && !errors.Is(err, errNotInAPI) {
		return next(d)
	}
	return verified(next, d, genuine, err)
}

// remembersObjects believes all that is said of an object that some genuine event
// was about.
func remembersObjects(r *Receiver, next handling) handling {
	var known sync.Map
	honest := thin(r, next)
	return acting(next, func(d *delivery, e event) answer {
		if _, ok := known.Load(e.objectID); ok {
			return next(d)
		}
		a := honest(d)
		if a.verdict == acted {
			known.Store(e.objectID, true)
		}
		return a
	})
}

// errUnverified is that the API could not be asked about an event.
var errUnverified = errors.New("not verified yet")

// verify is what the background does first where a receiver asks the API later:
// the event as the API has it; errNotInAPI when it is to be dropped.
func (r *Receiver) verify(ctx context.Context, e event) (event, error) {
	if !r.flaw.asksLater {
		return e, nil
	}
	genuine, err := r.api.event(ctx, e)
	if err != nil && !errors.Is(err, errNotInAPI) {
		err = errors.Join(errUnverified, err)
	}
	return genuine, err
}

// eventPath is where the API tells of an event.
func eventPath(id string) string { return "events/" + url.PathEscape(id) }
