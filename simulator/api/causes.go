package api

import (
	"slices"
	"sync"
	"time"

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
)

const (
	// answerWithin is how long after an event was sent a write about its object may
	// be an answer to it, by the computer's clock: as long as a queue worker may
	// take, and too short for a job that runs every few minutes.
	answerWithin = time.Minute
	// promptly is how soon an answer comes that makes a chain longer: what comes
	// later runs nothing hot, and is too easily somebody else's.
	promptly = 5 * time.Second
	// trusted is how long a chain grows by what comes after what alone. Events
	// deeper than that are held back for a moment (see Hold).
	trusted = DefaultMaxDepth - 5
	// leastQuiet is how long nobody may have been told of an object for a write
	// about it to be no answer, however fast the answers came before.
	leastQuiet = 150 * time.Millisecond
	// mostHeld is longer than an attempt takes and an answer after it.
	mostHeld = 20 * time.Second
)

// maxCauses is how many sent events are looked at; older ones are forgotten.
const maxCauses = 4096

// Causes finds the event that a write answers. Kometia tells nobody why
// something changed, so it is found by what is known: an event about one of the
// objects of the write was sent to a receiver less than a minute ago. Of several
// it is the one deepest in its chain, and among these the latest.
//
// What comes after an event need not come because of it: an import, or a person,
// may write the same object again and again. So an event that is deep in a chain
// is held back before it is sent (Hold). Who answers it has nothing to answer
// meanwhile; who writes all the same never did, and the chain ends there.
//
// A World tells it of every attempt (Sent). It is safe for concurrent use; its
// zero value knows nothing.
type Causes struct {
	mu   sync.Mutex
	sent []*sentEvent // in the order of sending
	held map[*Held]bool
}

type sentEvent struct {
	cause    Cause
	about    map[Ref]bool
	at       time.Time
	open     bool          // the attempt is under way
	ended    time.Time     // when it ended, once it has
	answered time.Duration // how long after at a write came, promptly, that seemed to answer
}

// Sent says that an attempt to deliver an event begins, at a time of the
// computer's clock; depth is how many events stand in its chain, 1 for one that
// no write caused. When it has ended, that is to be told as well, and whether it
// reached anybody.
func (c *Causes) Sent(e *shop.Event, depth int, at time.Time) (ended func(at time.Time, reached bool)) {
	s := &sentEvent{cause: Cause{e.ID, depth}, about: aboutOf(e), at: at, open: true}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sent = append(c.sent, s)
	if len(c.sent) > maxCauses {
		c.sent = append(c.sent[:0:0], c.sent[len(c.sent)-maxCauses/2:]...)
	}
	return func(at time.Time, reached bool) {
		c.mu.Lock()
		defer c.mu.Unlock()
		s.open, s.ended = false, at
		if !reached {
			s.about = nil
		}
	}
}

// Hold holds back an event that is deep in a chain, before it is sent; nil for any
// other one. Its End is to be called.
func (c *Causes) Hold(e *shop.Event, depth int, at time.Time) *Held {
	if depth <= trusted {
		return nil
	}
	h := &Held{causes: c, about: aboutOf(e), depth: depth, since: at, quiet: leastQuiet}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.proved(h, at) {
		return nil
	}
	for s := range c.recent(h.about, at) {
		h.quiet = max(h.quiet, s.answered*3/2)
	}
	if c.held == nil {
		c.held = map[*Held]bool{}
	}
	c.held[h] = true
	return h
}

// proved reports whether one as deep was held back before, and its chain went on.
func (c *Causes) proved(h *Held, at time.Time) bool {
	for s := range c.recent(h.about, at) {
		if s.cause.Depth >= h.depth {
			return true
		}
	}
	return false
}

// Held is an event that is not sent yet.
type Held struct {
	causes *Causes
	about  map[Ref]bool
	depth  int
	since  time.Time
	quiet  time.Duration // how long after all that was sent a write is no answer to it
	free   bool          // it is in no chain
}

// Left is how much longer it is to be held back; then Left is to be asked again.
// Zero is the end.
func (h *Held) Left(at time.Time) time.Duration {
	h.causes.mu.Lock()
	defer h.causes.mu.Unlock()
	if at.Sub(h.since) >= mostHeld {
		h.free = true // nothing was found out
	}
	if h.free || h.causes.proved(h, at) {
		return 0
	}
	rest, open := h.causes.rest(h.about, at)
	if open {
		return h.quiet
	}
	if rest.Before(h.since) {
		rest = h.since
	}
	return max(0, rest.Add(2*h.quiet).Sub(at))
}

// End gives the depth that the event is sent with: 1 when it is in no chain.
func (h *Held) End() int {
	h.causes.mu.Lock()
	defer h.causes.mu.Unlock()
	delete(h.causes.held, h)
	if h.free {
		return 1
	}
	return h.depth
}

// rest is since when no event about these objects is being delivered; open says
// that one is.
func (c *Causes) rest(refs map[Ref]bool, at time.Time) (since time.Time, open bool) {
	for s := range c.recent(refs, at) {
		open = open || s.open
		if s.ended.After(since) {
			since = s.ended
		}
	}
	return since, open
}

// Of is the event that a write about these objects answers at a time of the
// computer's clock. Its depth is 0 where the write came too late to make a chain
// longer.
func (c *Causes) Of(about []Ref, at time.Time) (found Cause) {
	c.mu.Lock()
	defer c.mu.Unlock()
	refs := map[Ref]bool{}
	for _, ref := range about {
		refs[ref] = true
	}
	if c.nobodysAnswer(refs, at) {
		return Cause{}
	}
	var answered, latest *sentEvent
	for s := range c.recent(refs, at) {
		if latest == nil {
			latest = s
		}
		switch late := at.Sub(s.at) > promptly; {
		case late && found.Event == "":
			found = Cause{Event: s.cause.Event}
		case !late && s.cause.Depth > found.Depth:
			found, answered = s.cause, s
		}
	}
	if answered != nil {
		answered.answered = max(answered.answered, at.Sub(latest.at)) // it may answer any of them
	}
	return found
}

// nobodysAnswer reports whether a write comes while events about its objects are
// held back, longer after all that was sent than any answer took. Then what came
// before was no answer either.
func (c *Causes) nobodysAnswer(refs map[Ref]bool, at time.Time) bool {
	free := false
	for h := range c.held {
		if !meet(h.about, refs) {
			continue
		}
		rest, open := c.rest(refs, at)
		h.free = h.free || !open && at.Sub(rest) >= h.quiet
		free = free || h.free
	}
	if free {
		c.sent = slices.DeleteFunc(c.sent, func(s *sentEvent) bool { return meet(s.about, refs) })
	}
	return free
}

// recent are the events about any of these objects that may still be answered, the
// latest first.
func (c *Causes) recent(refs map[Ref]bool, at time.Time) func(yield func(*sentEvent) bool) {
	return func(yield func(*sentEvent) bool) {
		for _, s := range slices.Backward(c.sent) {
			if at.Sub(s.at) >= answerWithin || meet(s.about, refs) && !yield(s) {
				return
			}
		}
	}
}

func meet(a, b map[Ref]bool) bool {
	for ref := range b {
		if a[ref] {
			return true
		}
	}
	return false
}

// aboutOf is the objects that an event is about: its own, and those that it
// belongs to.
func aboutOf(e *shop.Event) map[Ref]bool {
	about := map[Ref]bool{{e.ObjectType, e.ObjectID}: true}
	if object, err := jsontree.Get(e.Tree, "data.object"); err == nil {
		if o, ok := object.(*jsontree.Object); ok {
			for name, of := range map[string]string{"order_id": "order", "product_id": "product", "customer_id": "customer"} {
				if id := o.Text(name); id != "" {
					about[Ref{of, id}] = true
				}
			}
		}
	}
	return about
}
