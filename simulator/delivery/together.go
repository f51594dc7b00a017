package delivery

import (
	"sync"
	"time"

	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// patience is how long a copy waits, in wall time, for the others: one that
// cannot connect keeps nobody waiting for longer than that.
const patience = 2 * time.Second

// Copies are n deliveries of one event whose first attempts end at the same
// instant: each is sent but for its last byte, on a connection of its own, and
// then the last bytes go together. What comes later is ordinary: the copies
// that were not acknowledged are retried like any delivery. They have to be
// given to Run next to each other; there they count as one towards Concurrency.
func Copies(d Delivery, n int) []Delivery {
	out := make([]Delivery, n)
	for i := range out {
		out[i] = d
	}
	return AtOnce(out)
}

// AtOnce has the first attempts of deliveries, which are due at the same time, end
// at the same instant, as Copies are.
func AtOnce(all []Delivery) []Delivery {
	together := &barrier{missing: len(all), size: len(all), open: make(chan struct{})}
	for i := range all {
		all[i].together = together
	}
	return all
}

// barrier is where copies wait for each other.
type barrier struct {
	size int
	open chan struct{} // closed when nobody is missing any more

	mu      sync.Mutex
	missing int
}

// count counts one copy: it has arrived, or will never do.
func (b *barrier) count() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.missing--; b.missing == 0 {
		close(b.open)
	}
}

// hold is the request whose last byte waits at the barrier. leave has to be
// called when the attempt is over: one that failed before it got there is not
// to be waited for.
func (b *barrier) hold(r *wire.Request) (held *wire.Request, leave func()) {
	var once sync.Once
	leave = func() { once.Do(b.count) }
	last := len(wire.AppendHead(nil, r)) + len(r.Body) - 1
	out := *r
	out.Script = &wire.Script{Steps: []wire.Step{
		{To: last},
		{To: -1, Pause: patience, Gate: func() <-chan struct{} {
			leave()
			return b.open
		}},
	}}
	return &out, leave
}
