package platform

import (
	"context"
	"sync"
)

// Change says what is different now; who wants to know more asks for it.
type Change struct {
	Subscriptions, Events, Deliveries, Clock, Calls bool
	All                                             bool // everything, after a reset
}

func (c *Change) add(d Change) {
	c.Subscriptions = c.Subscriptions || d.Subscriptions
	c.Events = c.Events || d.Events
	c.Deliveries = c.Deliveries || d.Deliveries
	c.Clock = c.Clock || d.Clock
	c.Calls = c.Calls || d.Calls
	c.All = c.All || d.All
}

// watchers are told of changes. One that is slow misses none: what happens
// meanwhile is told at once, as one change.
type watchers struct {
	mu  sync.Mutex
	all map[*watcher]struct{}
}

type watcher struct {
	waiting Change
	some    bool
	wake    chan struct{}
}

func (w *watchers) tell(c Change) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for one := range w.all {
		one.waiting.add(c)
		one.some = true
		select {
		case one.wake <- struct{}{}:
		default:
		}
	}
}

// Watch tells of changes until ctx ends; then the channel is closed.
func (p *Platform) Watch(ctx context.Context) <-chan Change {
	one := &watcher{wake: make(chan struct{}, 1)}
	w := &p.watchers
	w.mu.Lock()
	if w.all == nil {
		w.all = map[*watcher]struct{}{}
	}
	w.all[one] = struct{}{}
	w.mu.Unlock()
	out := make(chan Change)
	go func() {
		defer close(out)
		defer func() {
			w.mu.Lock()
			defer w.mu.Unlock()
			delete(w.all, one)
		}()
		for {
			select {
			case <-one.wake:
			case <-ctx.Done():
				return
			}
			w.mu.Lock()
			c, some := one.waiting, one.some
			one.waiting, one.some = Change{}, false
			w.mu.Unlock()
			if !some {
				continue
			}
			select {
			case out <- c:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out
}
