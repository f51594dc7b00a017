package practice

import (
	"encoding/json"
	"net/http"
	"sync"
	"time"
)

// invoiceAndMail names what the receiver does for an event.
func invoiceAndMail(e event) []string {
	if e.objectType == "order" {
		return []string{"invoice", "mail"}
	}
	return []string{"invoice"}
}

// skipsTests acknowledges test orders and does nothing about them.
func skipsTests(_ *Receiver, next handling) handling {
	return acting(next, func(d *delivery, e event) answer {
		var o struct {
			IsTest bool `json:"is_test"`
		}
		if json.Unmarshal(e.object, &o) == nil && o.IsTest {
			return answer{status: http.StatusNoContent, verdict: ignored}
		}
		return next(d)
	})
}

// batch is how long the events are gathered that are worked off together.
const batch = 400 * time.Millisecond

// batched keeps the body, as queueing does; the work of all that came is done at the
// next of the instants at which batches are.
func batched(r *Receiver, next handling) handling {
	return acting(next, func(d *delivery, _ event) answer { return r.keep(d, r.clock.Now().Truncate(batch).Add(batch)) })
}

// welcomeOnce acts twice on the first order of a customer, by email, that it hears of.
func welcomeOnce() func(event) int {
	var mu sync.Mutex
	welcomed := map[string]bool{}
	return func(e event) int {
		var o struct {
			Email string `json:"email"`
		}
		if e.objectType != "order" || json.Unmarshal(e.object, &o) != nil || o.Email == "" {
			return 1
		}
		mu.Lock()
		defer mu.Unlock()
		if welcomed[o.Email] {
			return 1
		}
		welcomed[o.Email] = true
		return 2
	}
}
