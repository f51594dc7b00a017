package scenarios

import (
	"context"
	"slices"
	"strings"
	"time"

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
		for _, one := range pl.cfg.parts(s, pl.gate.kind) {
			spec := one.spec
			if !pl.plays(s, spec) {
				continue
			}
			for k := range spec.Steps {
				if e := spec.Steps[k].Emit; e != nil && e.Story == "" {
					told, _ := spec.Told(e)
					for _, life := range pl.livesOf(told, one.kind) {
						if key := lifeKey(life); len(life) > 1 && !known[key] {
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
		if times(out[at], k.Name) < mostAlike {
			out[at] = append(out[at], k.Name)
		}
	}
	return out
}

// mostAlike is how many events of a kind tell one life from another: what is kept
// of the first need not be changed by the second, and a third is like the second.
const mostAlike = 2

func times(kinds []string, kind string) (n int) {
	for _, k := range kinds {
		if k == kind {
			n++
		}
	}
	return n
}

// lifeKey tells which kinds of events an object has had, in whatever order.
func lifeKey(kinds []string) string {
	var had []string
	for _, kind := range slices.Sorted(slices.Values(kinds)) {
		if times(had, kind) < mostAlike {
			had = append(had, kind)
		}
	}
	return strings.Join(had, " ")
}

// lifeKey tells which kinds of events were taken of an object.
func (h *history) lifeKey() string {
	var kinds []string
	for _, v := range h.versions {
		if v.taken {
			kinds = append(kinds, v.kind)
		}
	}
	return lifeKey(kinds)
}

// live tells the lives, and learns what is kept of them.
func (r *Runner) live(ctx context.Context) {
	c := &playedCase{}
	for _, kinds := range r.planner.lives() {
		events, err := r.maker.tell(shop.Story{
			Key: shop.Key{Name: "life/" + lifeKey(kinds)}, Kinds: kinds, Gap: time.Minute,
			At: r.base.Add(-time.Duration(len(kinds)) * time.Minute), Shape: &r.maker.plain,
		})
		if err != nil || r.stopped(ctx) {
			return // the scenarios say it of themselves
		}
		for _, event := range events {
			e := &emitted{event: event, kind: event.Kind, at: event.At, body: r.maker.body(event.Tree, "", "")}
			c.keep(e, &language.Emit{As: event.Kind, Story: lifeKey(kinds)})
			d := &language.Deliver{As: event.Kind}
			r.deliverer.send(ctx, c, d, []outgoing{r.deliverer.begin(c, r.deliverer.prepare(d, e, 0))}, nil)
		}
	}
	if len(c.exchanges) == 0 {
		return
	}
	r.observation.settle(ctx, c.exchanges)
	for _, h := range c.histories {
		last := h.last()
		if !last.sees().known || last.newest != h.versions[len(h.versions)-1] || last.absent() {
			continue
		}
		r.judge.follows.take(h.lifeKey(), last.newest, last.state, r.judge.paths)
	}
}
