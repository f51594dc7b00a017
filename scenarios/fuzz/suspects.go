package fuzz

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/kometia-sim/kometia-sim/simulator/payload"
)

// suspect is a case whose answer broke an oracle.
type suspect struct {
	index uint64
	suspicion
	bucket *bucket
}

// bucket counts failures that look the same before they are looked into.
type bucket struct {
	count atomic.Int64
}

// How many failures that look alike are looked into: of one answer to one kind,
// and of all.
const (
	maxAlike   = 24
	maxBuckets = 4096
)

// suspects are the failures that wait to be looked into.
type suspects struct {
	queue  chan suspect
	missed atomic.Int64 // that nobody had the time to look into

	mu      sync.Mutex
	buckets map[string]*bucket
	groups  map[string]int
}

func newSuspects() *suspects {
	return &suspects{queue: make(chan suspect, 256), buckets: map[string]*bucket{}, groups: map[string]int{}}
}

// add hands a failure to the investigator unless one like it was there.
func (l *suspects) add(c *payload.Case, s suspicion) {
	group := strings.Join([]string{s.oracle, c.Kind, s.code, s.said}, "|")
	key := group + "|" + shapeOf(c)
	l.mu.Lock()
	b, known := l.buckets[key]
	// Several changes at once are counted with one of theirs that is known alone.
	if !known && len(c.Changed) > 1 {
		for _, p := range c.Changed {
			if b, known = l.buckets[group+"|"+anyIndex(p)]; known {
				break
			}
		}
	}
	fresh := !known && l.groups[group] < maxAlike && len(l.buckets) < maxBuckets
	if fresh {
		b = &bucket{}
		l.buckets[key] = b
		l.groups[group]++
		if place := group + "|" + anyIndex(strings.Join(c.Changed, " ")); len(c.Changed) == 1 && l.buckets[place] == nil {
			l.buckets[place] = b
		}
	}
	l.mu.Unlock()
	if b == nil {
		l.missed.Add(1)
		return
	}
	b.count.Add(1)
	if !fresh {
		return
	}
	select {
	case l.queue <- suspect{index: c.Index, suspicion: s, bucket: b}:
	default:
		l.missed.Add(1)
		l.mu.Lock()
		delete(l.buckets, key) // so that the next one like it gets its chance
		l.mu.Unlock()
	}
}

// shapeOf says roughly what is out of the ordinary in a case.
func shapeOf(c *payload.Case) string {
	if len(c.Changed) == 0 {
		return c.Name
	}
	var places []string
	for _, p := range c.Changed {
		places = append(places, anyIndex(p))
	}
	if len(places) == 1 && c.Phase != payload.Coverage {
		return places[0]
	}
	if len(places) == 1 {
		return places[0] + anyIndex(strings.TrimPrefix(c.Name, c.Changed[0]))
	}
	slices.Sort(places)
	return strings.Join(places, " ")
}

// recent remembers the cases that were sent last.
type recent struct {
	mu   sync.Mutex
	list [48]uint64
	n    uint64
}

func (r *recent) add(index uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list[r.n%uint64(len(r.list))] = index
	r.n++
}

// last lists them, the oldest first.
func (r *recent) last() []uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := min(r.n, uint64(len(r.list)))
	out := make([]uint64, 0, n)
	for i := r.n - n; i < r.n; i++ {
		out = append(out, r.list[i%uint64(len(r.list))])
	}
	return out
}
