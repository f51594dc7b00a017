package fuzz

import (
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/fuzz/payload"
)

// historian plays histories and looks into what they show.
type historian struct {
	*Runner
	model *model

	next   atomic.Uint64
	played atomic.Int64
	void   atomic.Int64 // of which nothing could be learned

	mu     sync.Mutex
	looked map[string]int     // into failures that look alike
	alike  map[string]*bucket // by what they look like
}

func newHistorian(r *Runner) *historian {
	return &historian{
		Runner: r, model: newModel(r), looked: map[string]int{}, alike: map[string]*bucket{},
	}
}

// workers is how many histories are played at once. Without a way to work the
// receiver's queue off most of their time is waiting for it to come to rest.
func (h *historian) workers() int {
	switch {
	case !slices.Contains(h.gen.Config().Phases, payload.Histories):
		return 0
	case h.watch != nil && !h.receiver.Drains():
		return min(2*h.cfg.Concurrency, h.bearable())
	default:
		return min(max(1, h.cfg.Concurrency/2), h.bearable())
	}
}

// bearable is how many histories a receiver that does one thing at a time can
// take at once, all with as many copies as there are, without an answer coming
// late for our load alone.
func (h *historian) bearable() int {
	return max(1, int(h.limit/4/(mostCopies*h.slowest+time.Millisecond)))
}

// cast are the kinds that the receiver accepts, in their order.
func (h *historian) cast() cast {
	c := cast{restarts: h.canRestart()}
	for _, kind := range h.gen.Kinds() {
		// Rows that are deleted are effects that go down.
		gone := h.watch != nil && h.watch.effects.PerObject() && strings.HasSuffix(kind, ".deleted")
		if h.taken[kind] != nil && !gone {
			c.kinds = append(c.kinds, kind)
		}
	}
	return c
}

// most is how many histories are played at the most; zero is no limit.
func (h *historian) most() uint64 {
	if h.cfg.Histories == 0 && !h.gen.HasPayloads() {
		return uint64(h.cfg.Cases)
	}
	return uint64(h.cfg.Histories)
}

// work plays one history after the other.
func (h *historian) work(ctx context.Context, payloads <-chan struct{}) {
	c := h.cast()
	for !h.over() && ctx.Err() == nil && h.player.limited() == 0 && (h.watch == nil || h.watch.trusted()) {
		index := h.next.Add(1) - 1
		limit := h.most()
		if limit > 0 && index >= limit {
			return
		}
		select {
		case <-payloads:
			if limit == 0 {
				return
			}
		default:
		}
		story, err := generate(h.gen, index, c)
		if err != nil {
			h.broke(err)
			return
		}
		p := h.perform(ctx, story, tried)
		if p.void {
			if h.over() {
				return
			}
			h.void.Add(1)
			if !h.reachable(p) {
				h.calm.RLock()
				h.alive(ctx)
				h.calm.RUnlock()
			}
			continue
		}
		h.played.Add(1)
		for _, found := range h.model.charges(ctx, p) {
			h.look(ctx, index, p, found)
		}
	}
}

// reachable reports whether the receiver took every connection.
func (h *historian) reachable(p *performance) bool {
	for _, attempts := range p.attempts {
		for _, a := range attempts {
			if (answer{outcome: a.Outcome}).away() {
				return false
			}
		}
	}
	return true
}

// How many failures that look alike are looked into: with the same ingredients,
// and in all with the same oracle and code.
const (
	maxSame = 2
	maxCode = 12
)

// ingredients are what went wrong with a passage: what a failure looks like
// before it is made small.
func (p *performance) ingredients(i int) string {
	g := &p.h.passages[i]
	var list []string
	for _, f := range g.faults {
		list = append(list, string(f.Kind))
	}
	if g.copies > 1 {
		list = append(list, "copies")
	}
	if p.late(i) {
		list = append(list, "late")
	}
	if len(p.h.restarts) > 0 {
		list = append(list, "restart")
	}
	slices.Sort(list)
	return strings.Join(slices.Compact(list), " ")
}

// look confirms a failure, makes it small and keeps it.
func (h *historian) look(ctx context.Context, index uint64, p *performance, c charge) {
	kind := p.h.passages[c.passage].Kind
	key := strings.Join([]string{c.oracle, c.code, p.ingredients(c.passage)}, "|")
	group := c.oracle + "|" + c.code
	h.mu.Lock()
	b := h.alike[key]
	if b == nil {
		b = &bucket{}
		h.alike[key] = b
	}
	fresh := h.looked[key] < maxSame && h.looked[group] < maxCode && !h.overdue()
	if fresh {
		h.looked[key]++
		h.looked[group]++
	}
	h.mu.Unlock()
	b.count.Add(1)
	if !fresh {
		return
	}
	t := &retelling{historian: h, want: c, kind: kind}
	found, came := t.confirm(ctx, p.h)
	if !came && (h.dead.Load() || t.blocked || h.stopped() || ctx.Err() != nil) {
		h.missed.Add(1)
		return
	}
	if !came {
		found = failure{p, c}
	}
	f := h.finding(index, found)
	f.Flaky = !came
	f.buckets = []*bucket{b}
	if h.keep(f) != f {
		return
	}
	if came {
		if small := t.shrink(ctx, found); small != nil {
			if !h.replace(f, h.finding(index, *small)) {
				return
			}
		}
	}
	h.tell(f)
}

// overdue reports whether the run has been over for so long that what is still open
// is not looked into any more.
func (h *historian) overdue() bool {
	at := h.endedAt.Load()
	return at != 0 && h.receiver.Clock().Now().After(time.Unix(0, at).Add(afterTheEnd))
}
