package scenarios

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
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
		out[at] = withKind(out[at], k.Name)
	}
	return out
}

// mostAlike is how many events of a kind tell one life from another: what is kept
// of the first need not be changed by the second, and a third is like the second.
const mostAlike = 2

// withKind adds a kind to those of the events of a life, as far as that makes another
// life of it.
func withKind(kinds []string, kind string) []string {
	n := 0
	for _, k := range kinds {
		if k == kind {
			n++
		}
	}
	if n < mostAlike {
		kinds = append(kinds, kind)
	}
	return kinds
}

// lifeKey tells which kinds of events an object has had, in whatever order.
func lifeKey(kinds []string) string {
	var had []string
	for _, kind := range slices.Sorted(slices.Values(kinds)) {
		had = withKind(had, kind)
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
	c := alone()
	for _, kinds := range r.planner.lives() {
		events, err := r.maker.plainly(shop.Story{
			Key: shop.Key{Name: "life/" + lifeKey(kinds)}, Kinds: kinds, Gap: time.Minute,
			At: r.base.Add(-time.Duration(len(kinds)) * time.Minute),
		})
		if err != nil || r.stopped(ctx) {
			return // the scenarios say it of themselves
		}
		for _, made := range events {
			e := c.keeping(made, &language.Emit{As: made.kind, Story: lifeKey(kinds)})
			d := &language.Deliver{As: e.kind}
			r.deliverer.send(ctx, c, d, []outgoing{r.deliverer.begin(c, r.deliverer.prepare(d, e, 0))}, nil)
		}
	}
	if len(c.exchanges) == 0 {
		return
	}
	r.observation.settle(ctx, c.exchanges)
	for _, h := range c.histories {
		last := h.last()
		if !last.shows() || last.newest != h.versions[len(h.versions)-1] || last.absent() {
			continue
		}
		r.judge.follows.take(h.lifeKey(), last.newest, last.state, r.judge.paths)
	}
}

// inStories tells each kind about which the receiver does nothing alone once more
// behind what it depends on, as far as it does something about that: a shipment alone
// may be dropped for want of its order. What it does then is what an event that comes
// too early is held against.
func (r *Runner) inStories(ctx context.Context, cases []playedCase) {
	if r.receiver.Effects() == nil || r.receiver.Safe() || r.report.Profile.PerObject || r.observation.skipped != nil {
		return
	}
	c := alone()
	last := map[string]*exchange{}
	for i := range cases {
		kind := cases[i].kind
		n, seen := r.clean(kind)
		before := r.cfg.Catalogue.Before(kind)
		if !seen || n > 0 || len(before) == 0 || r.stopped(ctx) {
			continue
		}
		events, err := r.maker.plainly(shop.Story{
			Key: shop.Key{Name: "story/" + kind}, Kinds: append(before, kind), Gap: time.Minute,
			At: r.base.Add(-time.Duration(len(before)+1) * time.Minute),
		})
		if err != nil {
			return // the scenarios say it of themselves
		}
		for _, made := range events {
			d := &language.Deliver{As: made.kind}
			p := r.deliverer.begin(c, r.deliverer.prepare(d, told{emitted: made}, 0))
			r.deliverer.send(ctx, c, d, []outgoing{p}, nil)
			last[kind] = p.exchange
		}
	}
	if len(last) == 0 {
		return
	}
	r.observation.settle(ctx, c.exchanges)
	r.observation.storied = map[string]int{}
	for kind, e := range last {
		if s := e.seen; s != nil && s.err == nil && !s.meant && e.acknowledged() {
			r.observation.storied[kind] = s.count
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

// orphaned words that an event which came too early was acknowledged and dropped.
func (f *finding) orphaned() {
	f.fault = lang.Text{
		ES: "Acusa y descarta un evento que llega antes que aquello de lo que depende",
		EN: "Acknowledges and drops an event that arrives before what it depends on",
	}
	f.matters = lang.Text{
		ES: "Kometia no repite lo que se recibió con 2xx: el envío o el pago que llegó antes que su pedido se pierde para siempre.",
		EN: "Kometia does not repeat what got a 2xx: the shipment or the payment that arrived before its order is lost for good.",
	}
	f.fix = lang.Text{
		ES: "Responda 409 o 503 mientras falte aquello de lo que depende, para que Kometia lo repita en una hora; o guárdelo y actúe cuando llegue lo que falta.",
		EN: "Answer 409 or 503 while what it depends on is missing, so that Kometia repeats it in an hour; or store it and act when that arrives.",
	}
	f.cause = "orphans"
}
