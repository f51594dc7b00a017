package fuzz

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/kometia-sim/kometia-sim/scenarios/fuzz/oracle"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/payload"
)

// backlog tells a receiver that has not come to an event yet from one that has
// lost it. A hunt sends faster than any shop, so a queue that is worked off event
// by event falls behind for longer than an effect is waited for.
type backlog struct {
	run  *Runner
	asks observe.Action // overtake, once for all who ask at the same time

	mu     sync.Mutex
	latest []acceptance // that were accepted last and have effects, the oldest first
	behind bool         // it was seen to be behind
}

// maxLatest is how many of the accepted events are remembered.
const maxLatest = 1024

func newBacklog(r *Runner) *backlog {
	b := &backlog{run: r}
	b.asks = observe.Shared(observe.ActionFunc(func(ctx context.Context, _ ...string) error { return b.overtake(ctx) }))
	return b
}

// add remembers an event that was accepted.
func (b *backlog) add(a acceptance) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.latest) == maxLatest {
		b.latest = append(b.latest[:0], b.latest[maxLatest/2:]...)
	}
	b.latest = append(b.latest, a)
}

// slow reports whether the receiver has been behind: from then on it is sent no
// more than is looked at.
func (b *backlog) slow() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.behind
}

// errBehind says that the receiver has not come to what it acknowledged.
var errBehind = lang.Errorf("el receptor va atrasado con su trabajo", "the receiver is behind with its work")

// caughtUp reports whether the receiver has come to all that it had acknowledged:
// a normal event that is sent now is done. Nothing is to be learned of what is
// missing before.
func (b *backlog) caughtUp(ctx context.Context) bool {
	if b.run.receiver.Drains() || b.kind() == "" {
		return true // what was drained is done; what shows no effects can show no more
	}
	return b.asks.Run(ctx) == nil
}

// kind is one whose effects are seen; "" is none.
func (b *backlog) kind() string {
	last := ""
	for _, kind := range b.run.gen.Kinds() {
		if b.run.gate.taken[kind] == nil || b.run.observer.clean(kind) == 0 {
			continue
		}
		if _, needed := b.run.sender.parents.Load(kind); !needed {
			return kind
		}
		last = kind
	}
	return last
}

// idle is how often an effect is waited for in vain, while nothing else that was
// accepted is done either, before the receiver is said to have stopped working.
const idle = 3

// overtake sends a normal event and waits until it is done, however long the queue
// before it is. Nothing of the budget is sent meanwhile.
func (b *backlog) overtake(ctx context.Context) error {
	r, kind := b.run, b.kind()
	defer r.sender.hold()()
	plain, err := bundleOf(r.gen, r.gate.taken[kind])
	if err != nil {
		return err
	}
	plain = r.sender.fresh.Bundle(plain)
	if !r.sender.insist(ctx, r.sender.patient, plain).Accepted() {
		return errBehind
	}
	subject := plain.Last().Subject
	done, vain := b.done(ctx), 0
	for vain < idle && !r.life.Overdue() {
		if err := r.observer.effects.Arrive(ctx, []observe.Expect{{Subject: subject, D0: r.observer.clean(kind)}}); err != nil {
			return err
		}
		if acted, err := r.observer.effects.Acted(ctx, []observe.Subject{subject}); err != nil || acted[0] {
			return err
		}
		b.mu.Lock()
		b.behind = true
		b.mu.Unlock()
		now := b.done(ctx)
		if vain++; now > done {
			done, vain = now, 0
		}
	}
	if vain == idle && ctx.Err() == nil && r.life.dead.CompareAndSwap(false, true) {
		b.stopped(ctx)
	}
	return errBehind
}

// done is how many of the events that were accepted last have effects.
func (b *backlog) done(ctx context.Context) int {
	_, acted := b.acted(ctx)
	n := 0
	for _, done := range acted {
		if done {
			n++
		}
	}
	return n
}

// acted are the events that were accepted last, and which of them have effects; of
// none where the observer fails.
func (b *backlog) acted(ctx context.Context) (latest []acceptance, acted []bool) {
	b.mu.Lock()
	latest = slices.Clone(b.latest)
	b.mu.Unlock()
	subjects := make([]observe.Subject, len(latest))
	for i := range latest {
		subjects[i] = latest[i].subject
	}
	acted, err := b.run.observer.effects.Acted(ctx, subjects)
	if err != nil {
		return nil, nil
	}
	return latest, acted
}

// stopped keeps what the receiver did not come to, from the first of it on: in a
// queue that is the one at which it is stuck.
func (b *backlog) stopped(ctx context.Context) {
	latest, acted := b.acted(ctx)
	last := -1
	for i := range acted {
		if acted[i] {
			last = i
		}
	}
	var cases []*payload.Case
	var names []string
	for _, a := range latest[last+1 : min(last+1+maxStuck, len(latest))] {
		if cases = append(cases, a.c); a.c.Name != "" {
			names = append(names, a.c.Kind+": "+a.c.Name)
		}
	}
	b.run.stopped(oracle.Undone, lang.Text{
		ES: "responde 2xx a un evento normal y no hace nada", EN: "it answers 2xx to a normal event and does nothing",
	}, cases, fmt.Sprintf("one of %d payloads, of which nothing was done; the first were %q", len(cases), names[:min(maxNames, len(names))]))
}

// maxStuck is how many events are kept with a receiver that does nothing any more:
// several were on the way at once.
const maxStuck = 8
