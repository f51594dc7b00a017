package api

import (
	"sync"
	"time"

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
)

// answerWithin is how long after an event was sent a write about its object
// still counts as an answer to it, by the computer's clock: as long as a queue
// worker may take, and too short for a job that runs every few minutes.
const answerWithin = time.Minute

// maxCauses is how many sent events are looked at; older ones are forgotten.
const maxCauses = 4096

// Causes finds the event that a write answers. Kometia tells nobody why
// something changed, so it is found by what is known: an event about one of the
// objects of the write was sent to a receiver less than a minute ago. Of several
// it is the one deepest in its chain, and among these the latest.
//
// A World tells it of every attempt (Sent). It is safe for concurrent use; its
// zero value knows nothing.
type Causes struct {
	mu   sync.Mutex
	sent []sentEvent // in the order of sending
}

type sentEvent struct {
	cause Cause
	about map[Ref]bool
	at    time.Time
}

// Sent says that an attempt to deliver an event begins, at a time of the
// computer's clock; depth is how many events stand in its chain, 1 for one that
// no write caused.
func (c *Causes) Sent(e *shop.Event, depth int, at time.Time) {
	about := map[Ref]bool{{e.ObjectType, e.ObjectID}: true}
	if object, err := jsontree.Get(e.Tree, "data.object"); err == nil {
		if o, ok := object.(*jsontree.Object); ok {
			for name, of := range map[string]string{"order_id": "order", "product_id": "product", "customer_id": "customer"} {
				if id := text(o, name); id != "" {
					about[Ref{of, id}] = true
				}
			}
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sent = append(c.sent, sentEvent{Cause{e.ID, depth}, about, at})
	if len(c.sent) > maxCauses {
		c.sent = append(c.sent[:0:0], c.sent[len(c.sent)-maxCauses/2:]...)
	}
}

// Of is the event that a write about these objects answers at a time of the
// computer's clock.
func (c *Causes) Of(about []Ref, at time.Time) (found Cause) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := len(c.sent) - 1; i >= 0 && at.Sub(c.sent[i].at) < answerWithin; i-- {
		s := &c.sent[i]
		if s.cause.Depth <= found.Depth {
			continue
		}
		for _, ref := range about {
			if s.about[ref] {
				found = s.cause
			}
		}
	}
	return found
}
