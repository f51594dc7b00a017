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
	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/simulator/payload"
)

// histories plays histories beside the payloads and looks into what they show.
type histories struct {
	run *Runner
	// player is there once the receiver has accepted its first events.
	player *history.Player

	next   atomic.Uint64
	played atomic.Int64
	void   atomic.Int64 // of which nothing could be learned
	latest atomic.Value // string: the history that was begun last

	mu      sync.Mutex
	looking chan struct{} // has an element for each failure that is looked into

	looked map[string]int     // into failures that look alike
	alike  map[string]*bucket // by what they look like
}

func newHistories(r *Runner) *histories {
	return &histories{run: r, looking: make(chan struct{}, maxLooking), looked: map[string]int{}, alike: map[string]*bucket{}}
}

// begin makes the player of histories, when it is known what the receiver does
// with normal events.
func (h *histories) begin() {
	cfg := history.Config{
		Receiver: h.run.receiver, Sender: patientSender{h.run.sender}, Generator: h.run.gen, Fresh: h.run.sender.fresh,
		Policy: h.run.cfg.Policy, Latency: h.run.report.Profile.Latency, Calm: &h.run.calm, Quit: h.run.life.quit,
		Turns: h.turns(), Material: h.material(),
		Wanted: func(rule string) bool { return h.run.judge.wanted[rule] },
		Gone: func(err error) {
			h.run.note("no se pudo reiniciar el receptor: %s", "the receiver could not be restarted: %s", err)
			h.run.life.end()
		},
		Broke: h.run.life.broke,
	}
	if h.run.observer != nil {
		cfg.Fields, cfg.CaughtUp = h.run.observer.stories, h.run.observer.backlog.caughtUp
	}
	h.player = history.NewPlayer(cfg)
}

// workers is how many histories are on the way at once. Most of them wait for the
// receiver to come to rest most of the time, all for the same quiet windows; so
// many that there is always one to send, as far as the budget has requests for
// them.
func (h *histories) workers() int {
	if !slices.Contains(h.run.gen.Config().Phases, payload.Histories) {
		return 0
	}
	if h.run.cfg.Beside > 0 {
		return h.run.cfg.Beside
	}
	n := int(h.rest()/(h.run.report.Profile.Latency+time.Millisecond)) * h.turns()
	if budget := h.run.cfg.Requests; budget > 0 {
		n = min(n, int(min((budget-h.run.sender.requests.Load())/perHistory, maxBeside)))
	}
	return max(1, min(n, maxBeside))
}

// fewest is how many histories have to be played before that none of them failed
// says anything.
const fewest = 50

// few reports whether so few histories were played that they prove nothing.
func (h *histories) few() bool {
	return slices.Contains(h.run.gen.Config().Phases, payload.Histories) && h.played.Load() < fewest
}

// maxBeside is how many histories are on the way at once at the most, perHistory
// how many requests one takes.
const maxBeside, perHistory = 100, 8

// rest is how long the receiver is given to come to rest.
func (h *histories) rest() time.Duration {
	if h.run.observer == nil || h.run.receiver.Drains() {
		return 200 * time.Millisecond
	}
	return observe.Quiet(h.run.observer.effects.Took())
}

// turns is how many histories send at the same time: as many as a receiver that
// does one thing at a time can take at once, all with as many copies as there are,
// without a response coming late for our load alone.
func (h *histories) turns() int {
	most := max(1, int(h.run.gate.limit/4/(history.MaxCopies*h.run.gate.slowest+time.Millisecond)))
	return min(h.run.cfg.Concurrency, most)
}

// canRestart reports whether the receiver may be restarted, and can be.
func canRestart(r *receiver.Receiver) bool {
	return r.Allows(consent.Restart) && len(r.Process().Hooks().Lacks(verdict.VerbRestart)) == 0
}

// material is the kinds that the receiver accepts, in their order, and whether it
// can be restarted.
func (h *histories) material() history.Material {
	out := history.Material{Restarts: canRestart(h.run.receiver), Uniform: h.run.observer != nil && h.run.observer.varies}
	for _, kind := range h.run.gen.Kinds() {
		// Rows that are deleted are effects that go down.
		gone := h.run.observer != nil && h.run.observer.effects.PerObject() && h.run.gen.Deletes(kind)
		if h.run.gate.taken[kind] != nil && !gone {
			out.Kinds = append(out.Kinds, kind)
		}
	}
	return out
}

// most is how many histories are played at the most; zero is no limit.
func (h *histories) most() uint64 {
	if h.run.cfg.Histories == 0 && !h.run.gen.HasPayloads() {
		return uint64(h.run.cfg.Cases)
	}
	return uint64(h.run.cfg.Histories)
}

// work plays one history after the other.
func (h *histories) work(ctx context.Context, payloads <-chan struct{}) {
	of := h.player.Material()
	for !h.run.life.over() && ctx.Err() == nil && h.run.sender.limited() == 0 && (h.run.observer == nil || h.run.observer.trusted()) {
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
		story, err := history.Generate(h.run.gen, index, of)
		if err != nil {
			h.run.life.broke(err)
			return
		}
		h.latest.Store(story.InWords(h.run.cfg.Policy))
		played := h.player.Play(ctx, story, history.Budgeted)
		if played.Void {
			if h.run.life.over() {
				return
			}
			h.void.Add(1)
			if !played.Reachable() {
				h.run.calm.RLock()
				h.run.alive(ctx)
				h.run.calm.RUnlock()
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
	key := alike(f)
	group := v.Rule + "|" + v.Code
	h.mu.Lock()
	b := h.alike[key]
	if b == nil {
		b = &bucket{}
		h.alike[key] = b
	}
	fresh := h.looked[key] < maxSame && h.looked[group] < maxCode && !h.run.life.Overdue()
	if fresh {
		h.looked[key]++
		h.looked[group]++
	}
	h.mu.Unlock()
	b.count.Add(1)
	if !fresh {
		return
	}
	h.looking <- struct{}{}
	defer func() { <-h.looking }()
	h.player.Look(func() { h.confirm(ctx, index, f, b) })
}

// alike is equal for failures with the same ingredients.
func alike(f history.Failure) string {
	return strings.Join([]string{f.Violation.Rule, f.Violation.Code, f.Played.Ingredients(f.Violation.Delivery)}, "|")
}

// maxLooking is how many failures are looked into at once.
const maxLooking = 4

// confirm plays what has failed again, and makes it small when it fails again.
func (h *histories) confirm(ctx context.Context, index uint64, f history.Failure, b *bucket) {
	v := f.Violation
	shrinker := history.NewShrinker(h.player, h.run.life, v, f.Played.History.Deliveries[v.Delivery].Kind)
	found, came := shrinker.Confirm(ctx, f.Played.History)
	if shrinker.Innocent {
		h.mu.Lock() // the next one like it may be another matter
		h.looked[alike(f)]--
		h.mu.Unlock()
		return
	}
	if !came && (shrinker.Blocked() || f.Played.Disturbed || h.run.life.Stopped() || ctx.Err() != nil || h.run.life.Overdue()) {
		h.run.suspects.missed.Add(1)
		return
	}
	if !came {
		found = f
	}
	kept := h.finding(index, found)
	kept.Flaky = !came
	kept.buckets = []*bucket{b}
	if h.run.findings.keep(kept) != kept {
		return
	}
	if came {
		if small := shrinker.Shrink(ctx, found); small != nil && !h.run.findings.replace(kept, h.finding(index, *small)) {
			return
		}
	}
	h.run.findings.announce(kept)
}

// judged is how often a history had anything to be held against an oracle.
func (h *histories) judged(rule string) int64 {
	if h.player == nil {
		return 0
	}
	return h.player.Judged(rule)
}

// notes says how many histories were played, and what kept others from it.
func (h *histories) notes() {
	if h.workers() == 0 || h.run.gate.plain == "" {
		return
	}
	if n := h.played.Load(); n > 0 {
		h.run.note("%d historias: eventos tarde, repetidos o en otro orden", "%d histories: events late, repeated or out of order", n)
	}
	if n := h.void.Load(); n > 0 {
		h.run.note("De %d historias no se supo nada: se interrumpieron, o el receptor no estaba", "Nothing was learned from %d histories: they were interrupted, or the receiver was not there", n)
	}
	if h.run.sender.limited() > 0 {
		h.run.note("Sin más historias, porque el receptor limita el ritmo", "No more histories, because the receiver limits the pace")
	}
	if h.run.observer == nil {
		h.run.note("De las historias se juzgaron solo las respuestas; con observe: también lo que el receptor hizo", "Of the histories only the responses were judged; with observe: what the receiver did is judged, too")
	}
}
