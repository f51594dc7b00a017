package fuzz

import (
	"context"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/fuzz/oracle"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/payload"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// What one finding may cost: tries to make it small, and time for all of them.
const (
	maxTries     = 400
	shrinkTime   = 5 * time.Second
	confirmTimes = 3
)

// investigate looks into suspects, one after the other.
func (r *Runner) investigate(ctx context.Context) {
	for s := range r.suspects.queue {
		if r.life.dead.Load() || r.receiver.Stopped() || r.life.Overdue() || ctx.Err() != nil {
			r.suspects.missed.Add(1)
			continue
		}
		r.calm.RLock()
		r.look(ctx, s)
		r.calm.RUnlock()
	}
}

// look confirms a failure, makes it small and keeps it.
func (r *Runner) look(ctx context.Context, s suspect) {
	c, err := r.gen.Case(s.index)
	if err != nil {
		r.life.broke(err)
		return
	}
	b, err := r.gen.Bundle(c, c.Tree, c.Body)
	if err != nil {
		r.life.broke(err)
		return
	}
	base, err := r.gen.Base(c)
	if err != nil {
		r.life.broke(err)
		return
	}
	t := &trial{run: r, c: c, base: base, want: s.suspicion}
	found, came := t.confirm(ctx, b)
	if !came && ctx.Err() != nil {
		r.suspects.missed.Add(1)
		return
	}
	if !came && (r.life.dead.Load() || t.blocked) {
		return
	}
	if !came && s.oracle == oracle.NoHang && r.gate.limit < r.receiver.Timeout() {
		return // a busy machine: it was waited for a moment only, and with all the time of a delivery it answers
	}
	f := r.newFinding(c, b, s.suspicion)
	f.buckets = []*bucket{s.bucket}
	if came && !c.Class.Good() || came && c.Class == payload.Equal {
		// Bad input is blamed only where the same event without it is accepted.
		if plain, err := bundleOf(r.gen, base); err != nil || !r.sender.insist(ctx, r.sender.quick, r.sender.fresh.Bundle(plain)).Accepted() {
			return
		}
	}
	if came {
		f.take(ctx, r, found)
		if c.Tree != nil && c.Class.Good() && c.Class != payload.Equal && t.ordinary(ctx) {
			// What fails is a normal event: it is held against one that does not.
			c, base = base, r.gate.taken[c.Kind]
			t.c, t.base = c, base
		}
	}
	f.Flaky = !came
	f.describe(c, base, c.Tree)
	kept := r.findings.keep(f)
	if kept != f {
		return
	}
	if came {
		if small := t.shrink(ctx, found.bundle); small != nil && !r.shrunk(ctx, f, base, small) {
			return
		}
	}
	r.findings.announce(f)
}

// ordinary reports whether the case fails without anything out of the ordinary.
func (t *trial) ordinary(ctx context.Context) bool {
	b, err := bundleOf(t.run.gen, t.base)
	if err != nil {
		return false
	}
	_, failed := t.fails(ctx, t.run.sender.fresh.Bundle(b))
	return failed
}

// trial plays variants of one case.
type trial struct {
	run     *Runner
	c, base *payload.Case
	want    suspicion
	tries   int
	until   time.Time
	blocked bool // normal events of the kind are refused now, so nothing is shown
}

// seen is a failure that was seen again.
type seen struct {
	bundle *payload.Bundle
	suspicion
	outcome *wire.Outcome
}

// fails plays a bundle and reports whether it fails as it did before.
func (t *trial) fails(ctx context.Context, b *payload.Bundle) (seen, bool) {
	if asked, _ := oracle.Lookup(t.want.oracle); asked.Observed {
		s, outcome, failed, known := t.run.observer.violation(ctx, b)
		t.blocked = t.blocked || !known
		return seen{b, s, outcome}, failed && s.oracle == t.want.oracle
	}
	a := t.run.sender.insist(ctx, t.run.sender.quick, b)
	for _, s := range t.run.judge.violations(b.Class, a) {
		if s.oracle == t.want.oracle && s.code == t.want.code {
			return seen{b, s, a.Outcome}, true
		}
	}
	return seen{}, false
}

// confirm plays the case again under fresh identities, alone, while a plain
// event of the same story is accepted. Only what comes back counts.
func (t *trial) confirm(ctx context.Context, b *payload.Bundle) (seen, bool) {
	if asked, _ := oracle.Lookup(t.want.oracle); asked.Observed {
		// What comes of several at once is not what this one says.
		defer t.run.sender.hold()()
	}
	for range confirmTimes {
		if !t.control(ctx) {
			return seen{}, false
		}
		try := t.fails
		if t.want.oracle == oracle.NoHang {
			try = t.hangs
		}
		found, failed := try(ctx, t.run.sender.fresh.Bundle(b))
		if !failed {
			continue
		}
		// A receiver that has broken down meanwhile refuses everything.
		if !t.control(ctx) {
			return seen{}, false
		}
		return found, true
	}
	return seen{}, false
}

// control reports whether a normal event of the kind that was accepted at the
// gate is accepted still.
func (t *trial) control(ctx context.Context) bool {
	plain, err := bundleOf(t.run.gen, t.run.gate.taken[t.c.Kind])
	if err != nil {
		t.run.life.broke(err)
		return false
	}
	a := t.run.sender.insist(ctx, t.run.sender.patient, t.run.sender.fresh.Bundle(plain))
	if a.Accepted() {
		return true
	}
	t.blocked = true
	if !a.Ours() {
		t.run.alive(ctx)
	}
	return false
}

// hangs plays a bundle with all the time that a delivery has, which tells a hang
// from a delay.
func (t *trial) hangs(ctx context.Context, b *payload.Bundle) (seen, bool) {
	a := t.run.sender.insist(ctx, t.run.sender.patient, b)
	switch {
	case a.Ours(), a.Outcome.Err == nil && a.Outcome.Latency < t.run.gate.limit:
		return seen{}, false
	case !a.Hung() && a.Outcome.Err != nil:
		return seen{}, false
	}
	found := seen{b, t.want, a.Outcome}
	found.found = receiver.InWords(a.Outcome)
	if a.Outcome.Err == nil {
		took := a.Outcome.Total.Round(time.Millisecond).String()
		found.found = lang.Textf("respondió después de %s", "it answered after %s", took)
	}
	return found, true
}

// shrink makes the failing payload small; nil when it got no smaller.
func (t *trial) shrink(ctx context.Context, b *payload.Bundle) *shrunken {
	t.until = t.run.receiver.Clock().Now().Add(shrinkTime)
	if t.want.oracle == oracle.NoHang {
		t.until = t.run.receiver.Clock().Now().Add(t.run.gate.limit) // each try that fails takes that long
	}
	var last *shrunken
	try := func(c *payload.Case, tree *jsontree.Object, body []byte) bool {
		if t.tries >= maxTries || t.run.receiver.Clock().Now().After(t.until) || t.run.life.dead.Load() || ctx.Err() != nil || t.run.receiver.Stopped() {
			return false
		}
		t.tries++
		candidate, err := t.run.gen.Bundle(c, tree, body)
		if err != nil {
			return false
		}
		candidate.Class = b.Class
		found, failed := t.fails(ctx, t.run.sender.fresh.Bundle(candidate))
		if failed {
			last = &shrunken{tree: tree, body: body, seen: found}
		}
		return failed
	}
	if t.c.Tree == nil {
		original := t.c.Body
		small := payload.ShrinkBytes(original, func(body []byte) bool {
			return t.stillSo(body) && try(t.c, nil, body)
		})
		if len(small) == len(original) {
			return nil
		}
		return last
	}
	if t.c.Class == payload.Equal {
		return nil // the spelling is the matter, and it has a name
	}
	if t.want.oracle == oracle.NoHang && len(t.c.Changed) == 1 {
		return nil // each try that fails takes as long as a hang, and it is one change
	}
	// The shape of the story is that of the normal event: a candidate is the plain
	// event with fewer changes.
	valid := t.run.gen.Config().Catalogue.Validate(t.c.Kind, t.c.Tree) == nil
	s := payload.Shrinker{
		Plain: t.base.Tree,
		Keep: func(v any) bool {
			return !valid || t.run.gen.Config().Catalogue.Validate(t.c.Kind, v) == nil
		},
		Fails: func(v any) bool {
			tree, ok := v.(*jsontree.Object)
			return ok && try(t.base, tree, t.run.gen.Body(tree))
		},
	}
	s.Shrink(t.c.Tree)
	return last
}

// stillSo reports whether cut bytes are still what their class says.
func (t *trial) stillSo(body []byte) bool {
	_, err := jsontree.Parse(body)
	switch t.c.Class {
	case payload.Broken, payload.Cut:
		return err != nil
	default:
		return err == nil
	}
}

type shrunken struct {
	tree *jsontree.Object
	body []byte
	seen seen
}
