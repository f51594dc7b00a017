package fuzz

import (
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/consent"
	"github.com/kometia-sim/kometia-sim/scenarios/fuzz/history"
	"github.com/kometia-sim/kometia-sim/scenarios/fuzz/payload"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// histories plays histories beside the payloads and looks into what they show.
type histories struct {
	*Runner
	// player is there once the receiver has accepted its first events.
	player *history.Player

	next   atomic.Uint64
	played atomic.Int64
	void   atomic.Int64 // of which nothing could be learned
	latest atomic.Value // string: the history that was begun last

	mu     sync.Mutex
	looked map[string]int     // into failures that look alike
	alike  map[string]*bucket // by what they look like
}

func newHistories(r *Runner) *histories {
	return &histories{Runner: r, looked: map[string]int{}, alike: map[string]*bucket{}}
}

// begin makes the player of histories, when it is known what the receiver does
// with normal events.
func (h *histories) begin() {
	cfg := history.Config{
		Receiver: h.receiver, Sender: patientSender{h.Runner.player}, Generator: h.gen, Fresh: h.Runner.player.fresh,
		Policy: h.cfg.Policy, Latency: h.report.Profile.Latency, Calm: &h.calm, Quit: h.quit,
		Wanted: func(rule string) bool { return h.court.wanted[rule] },
		Gone: func(err error) {
			h.note(lang.Text{ES: "no se pudo reiniciar el receptor: " + err.Error(), EN: "the receiver could not be restarted: " + err.Error()})
			h.end()
		},
		Broke: h.broke,
	}
	if h.watch != nil {
		cfg.Fields = h.watch.fields
	}
	h.player = history.NewPlayer(cfg)
}

// workers is how many histories are played at once. Without a way to work the
// receiver's queue off most of their time is waiting for it to come to rest.
func (h *histories) workers() int {
	switch {
	case !slices.Contains(h.gen.Config().Phases, payload.Histories):
		return 0
	case h.watch != nil && !h.receiver.Drains():
		return min(2*h.cfg.Concurrency, h.maxParallel())
	default:
		return min(max(1, h.cfg.Concurrency/2), h.maxParallel())
	}
}

// maxParallel is how many histories a receiver that does one thing at a time can
// take at once, all with as many copies as there are, without a response coming
// late for our load alone.
func (h *histories) maxParallel() int {
	return max(1, int(h.limit/4/(history.MaxCopies*h.slowest+time.Millisecond)))
}

// canRestart reports whether the receiver may be restarted, and can be.
func (r *Runner) canRestart() bool {
	return r.receiver.Allows(consent.Restart) && len(r.receiver.Process().Hooks().Lacks(receiver.Restart)) == 0
}

// material is the kinds that the receiver accepts, in their order, and whether it
// can be restarted.
func (h *histories) material() history.Material {
	out := history.Material{Restarts: h.canRestart()}
	for _, kind := range h.gen.Kinds() {
		// Rows that are deleted are effects that go down.
		gone := h.watch != nil && h.watch.effects.PerObject() && strings.HasSuffix(kind, ".deleted")
		if h.taken[kind] != nil && !gone {
			out.Kinds = append(out.Kinds, kind)
		}
	}
	return out
}

// most is how many histories are played at the most; zero is no limit.
func (h *histories) most() uint64 {
	if h.cfg.Histories == 0 && !h.gen.HasPayloads() {
		return uint64(h.cfg.Cases)
	}
	return uint64(h.cfg.Histories)
}

// work plays one history after the other.
func (h *histories) work(ctx context.Context, payloads <-chan struct{}) {
	of := h.material()
	for !h.over() && ctx.Err() == nil && h.Runner.player.limited() == 0 && (h.watch == nil || h.watch.trusted()) {
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
		story, err := history.Generate(h.gen, index, of)
		if err != nil {
			h.broke(err)
			return
		}
		h.latest.Store(story.InWords(h.cfg.Policy))
		played := h.player.Play(ctx, story, history.Budgeted)
		if played.Void {
			if h.over() {
				return
			}
			h.void.Add(1)
			if !played.Reachable() {
				h.calm.RLock()
				h.alive(ctx)
				h.calm.RUnlock()
			}
			continue
		}
		h.played.Add(1)
		for _, found := range h.player.Violations(ctx, played) {
			h.look(ctx, index, history.Failure{Played: played, Violation: found})
		}
	}
}

// How many failures that look alike are looked into: with the same ingredients,
// and in all with the same oracle and code.
const (
	maxSame = 2
	maxCode = 12
)

// look confirms a failure, makes it small and keeps it.
func (h *histories) look(ctx context.Context, index uint64, f history.Failure) {
	v := f.Violation
	key := strings.Join([]string{v.Rule, v.Code, f.Played.Ingredients(v.Delivery)}, "|")
	group := v.Rule + "|" + v.Code
	h.mu.Lock()
	b := h.alike[key]
	if b == nil {
		b = &bucket{}
		h.alike[key] = b
	}
	fresh := h.looked[key] < maxSame && h.looked[group] < maxCode && !h.Overdue()
	if fresh {
		h.looked[key]++
		h.looked[group]++
	}
	h.mu.Unlock()
	b.count.Add(1)
	if !fresh {
		return
	}
	shrinker := history.NewShrinker(h.player, h, v, f.Played.History.Deliveries[v.Delivery].Kind)
	found, came := shrinker.Confirm(ctx, f.Played.History)
	if !came && (shrinker.Blocked || h.Stopped() || ctx.Err() != nil) {
		h.missed.Add(1)
		return
	}
	if !came {
		found = f
	}
	kept := h.finding(index, found)
	kept.Flaky = !came
	kept.buckets = []*bucket{b}
	if h.keep(kept) != kept {
		return
	}
	if came {
		if small := shrinker.Shrink(ctx, found); small != nil && !h.replace(kept, h.finding(index, *small)) {
			return
		}
	}
	h.tell(kept)
}

// Overdue implements history.Budget: whether the run has been over for so long
// that what is still open is not looked into any more.
func (h *histories) Overdue() bool {
	at := h.endedAt.Load()
	return at != 0 && h.receiver.Clock().Now().After(time.Unix(0, at).Add(afterTheEnd))
}

// Stopped implements history.Budget.
func (h *histories) Stopped() bool { return h.dead.Load() || h.stopped() }

// judged is how often a history had anything to be held against an oracle.
func (h *histories) judged(oracle string) int64 {
	if h.player == nil {
		return 0
	}
	return h.player.Judged(oracle)
}
