package scenarios

import (
	"context"
	"slices"

	"github.com/kometia-sim/kometia-sim/scenarios/judge"
	"github.com/kometia-sim/kometia-sim/scenarios/language"
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
		for _, one := range pl.parts(s) {
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

// lives tells the lives, and learns what is kept of them.
func (pb *probes) lives(ctx context.Context) {
	c := alone()
	for _, kinds := range pb.planner.lives() {
		key := judge.LifeKey(kinds)
		events, err := pb.story(pb.maker, "life/"+key, kinds)
		if err != nil || stopped(ctx, pb.receiver) {
			return // the scenarios say it of themselves
		}
		for _, made := range events {
			pb.tell(ctx, c, c.keeping(made, &language.Emit{As: made.Kind, Story: key}))
		}
	}
	if len(c.Exchanges) == 0 {
		return
	}
	pb.observation.settle(ctx, c.Exchanges)
	for _, h := range c.Histories {
		last := h.Last()
		if !last.Shows() || last.Newest != h.Versions[len(h.Versions)-1] {
			continue
		}
		pb.judge.Live(h)
	}
}

// inStories tells each kind about which the receiver does nothing alone once more
// behind what it depends on, as far as it does something about that: a shipment alone
// may be dropped for want of its order. What it does then is what an event that comes
// too early is held against.
func (pb *probes) inStories(ctx context.Context, cases []judge.Case) {
	if pb.receiver.Effects() == nil || pb.receiver.Safe() || pb.report.Profile.PerObject || pb.observation.skipped != nil {
		return
	}
	c := alone()
	last := map[string]*judge.Exchange{}
	for i := range cases {
		kind := cases[i].Kind
		n, seen := pb.observation.clean(kind)
		before := pb.cfg.Catalogue.Before(kind)
		if !seen || n > 0 || len(before) == 0 || stopped(ctx, pb.receiver) {
			continue
		}
		events, err := pb.story(pb.maker, "story/"+kind, append(before, kind))
		if err != nil {
			return // the scenarios say it of themselves
		}
		for _, made := range events {
			last[kind] = pb.tell(ctx, c, told{Emitted: made})
		}
	}
	if len(last) == 0 {
		return
	}
	pb.observation.settle(ctx, c.Exchanges)
	pb.observation.storied = map[string]int{}
	for kind, e := range last {
		if s := e.Seen; s != nil && s.Err == nil && !s.Meant && e.Acknowledged() {
			pb.observation.storied[kind] = s.Count
		}
	}
}
