package scenarios

import (
	"context"
	"slices"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/judge"
	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
)

// The gate sends each event alone, and what a receiver keeps of one that goes on
// with a story shows only where the story began: a payment alone may leave a bare
// row, an update alone nothing. So the lives that the run's scenarios tell are first
// told once in order, plainly, and what is kept then is what they are held against.

// lives are the kinds of those lives, in order: of one object
// each, as far as the gate did not see them refused. None where no state is seen,
// nor of another machine, which gets no event that is not a check's own.
func (pl *planner) lives() (out [][]string) {
	if pl.receiver.Effects() == nil || len(pl.receiver.StateMap()) == 0 || pl.receiver.Safe() {
		return nil
	}
	known := map[string]bool{}
	for _, s := range pl.suite.Played() {
		if s.Group == language.GroupGate || !pl.receiver.Allows(s.Consent) {
			continue
		}
		for _, one := range pl.cfg.Parts(s, pl.gate.kind) {
			spec := one.Spec
			if !pl.plays(s, spec) {
				continue
			}
			for k := range spec.Steps {
				if e := spec.Steps[k].Emit; e != nil && e.Story == "" {
					told, _ := spec.Told(e)
					for _, life := range pl.livesOf(told, one.Kind) {
						if key := judge.LifeKey(life); len(life) > 1 && !known[key] {
							known[key], out = true, append(out, life)
						}
					}
				}
			}
		}
	}
	return out
}

// livesOf splits the events of a story by their objects.
func (pl *planner) livesOf(told []*language.Emit, kind string) (out [][]string) {
	objects := map[string]int{}
	for _, e := range told {
		k, err := pl.cfg.Catalogue.Kind(e.KindFor(kind))
		if err != nil || k.Deletes() || pl.gate.silent[k.Name] || pl.cfg.Kinds != nil && !slices.Contains(pl.cfg.Kinds, k.Name) {
			continue
		}
		at, begun := objects[k.Object]
		if !begun {
			at = len(out)
			objects[k.Object], out = at, append(out, nil)
		}
		out[at] = judge.WithKind(out[at], k.Name)
	}
	return out
}

// live tells the lives, and learns what is kept of them.
func (r *Runner) live(ctx context.Context) {
	c := alone()
	for _, kinds := range r.planner.lives() {
		events, err := r.maker.Plainly(shop.Story{
			Key: shop.Key{Name: "life/" + judge.LifeKey(kinds)}, Kinds: kinds, Gap: time.Minute,
			At: r.base.Add(-time.Duration(len(kinds)) * time.Minute),
		})
		if err != nil || r.stopped(ctx) {
			return // the scenarios say it of themselves
		}
		for _, made := range events {
			e := c.keeping(made, &language.Emit{As: made.Kind, Story: judge.LifeKey(kinds)})
			d := &language.Deliver{As: e.Kind}
			r.deliverer.send(ctx, c, d, []outgoing{r.deliverer.begin(c, r.deliverer.prepare(d, e, 0))}, nil)
		}
	}
	if len(c.Exchanges) == 0 {
		return
	}
	r.observation.settle(ctx, c.Exchanges)
	for _, h := range c.Histories {
		last := h.Last()
		if !last.Shows() || last.Newest != h.Versions[len(h.Versions)-1] || last.Absent() {
			continue
		}
		r.judge.Follows.Take(h.LifeKey(), last.Newest, last.State, r.judge.Paths)
	}
}

// inStories tells each kind about which the receiver does nothing alone once more
// behind what it depends on, as far as it does something about that: a shipment alone
// may be dropped for want of its order. What it does then is what an event that comes
// too early is held against.
func (r *Runner) inStories(ctx context.Context, cases []judge.Case) {
	if r.receiver.Effects() == nil || r.receiver.Safe() || r.report.Profile.PerObject || r.observation.skipped != nil {
		return
	}
	c := alone()
	last := map[string]*judge.Exchange{}
	for i := range cases {
		kind := cases[i].Kind
		n, seen := r.clean(kind)
		before := r.cfg.Catalogue.Before(kind)
		if !seen || n > 0 || len(before) == 0 || r.stopped(ctx) {
			continue
		}
		events, err := r.maker.Plainly(shop.Story{
			Key: shop.Key{Name: "story/" + kind}, Kinds: append(before, kind), Gap: time.Minute,
			At: r.base.Add(-time.Duration(len(before)+1) * time.Minute),
		})
		if err != nil {
			return // the scenarios say it of themselves
		}
		for _, made := range events {
			d := &language.Deliver{As: made.Kind}
			p := r.deliverer.begin(c, r.deliverer.prepare(d, told{Emitted: made}, 0))
			r.deliverer.send(ctx, c, d, []outgoing{p}, nil)
			last[kind] = p.Exchange
		}
	}
	if len(last) == 0 {
		return
	}
	r.observation.settle(ctx, c.Exchanges)
	r.observation.storied = map[string]int{}
	for kind, e := range last {
		if s := e.Seen; s != nil && s.Err == nil && !s.Meant && e.Acknowledged() {
			r.observation.storied[kind] = s.Count
		}
	}
}

// behindWhatItNeeds reports whether a case has the event on which one of that kind
// depends.
func (r *Runner) behindWhatItNeeds(spec *language.Case, e *language.Emit, kind, played string) bool {
	before := r.cfg.Catalogue.Before(kind)
	told, _ := spec.Told(e)
	return len(before) == 0 || slices.ContainsFunc(told, func(t *language.Emit) bool { return t.KindFor(played) == before[0] })
}
