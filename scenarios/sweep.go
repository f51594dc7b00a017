package scenarios

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/emit"
	"github.com/kometia-sim/kometia-sim/scenarios/judge"
	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
)

// sweep sends the contents of a step, and what has to come before each.
func (r *Runner) sweep(ctx context.Context, s *language.Scenario, step *language.Sweep, c playing, round int, at time.Time) {
	kind := step.KindFor(c.Kind)
	made, err := r.maker.SweepOf(kind, step.Contents)
	if err != nil {
		c.Err = err
		return
	}
	w := &emit.Swept{Sweep: made, Step: step, Kind: kind, Round: round, At: at}
	var all [][]*emit.Emitted
	for n := range w.Len() {
		events, err := r.maker.Contents(s, c.Spec, w, n, n, nil)
		if err != nil {
			c.Err = err
			return
		}
		all = append(all, events)
	}
	if c.Watched && r.observation.known {
		var last []*emit.Emitted
		for _, events := range all {
			last = append(last, events[len(events)-1])
		}
		c.Unfresh = r.observation.fresh(ctx, last)
	}
	for n, events := range all {
		if r.stopped(ctx) {
			c.Stopped = true
			return
		}
		x := r.sendContent(ctx, c, w, n, nil, events)
		if n == 0 && !x.Acknowledged() && r.gate.refused[kind] != "" {
			return // what is refused with all that belongs before it is refused whatever it says
		}
	}
}

// sendContent delivers what belongs before a content, and the content itself.
func (r *Runner) sendContent(ctx context.Context, c playing, w *emit.Swept, n int, only []int, events []*emit.Emitted) *judge.Exchange {
	changes := w.Changes(n)
	if only != nil {
		changes = picked(changes, only)
	}
	var x *judge.Exchange
	for i, e := range events {
		d := &language.Deliver{As: w.Step.Name()}
		last := i == len(events)-1
		switch {
		case !last:
			d.As = "before"
		case only != nil:
			d.As = "narrowing"
		}
		if !last && r.cfg.Kinds != nil && !slices.Contains(r.cfg.Kinds, e.Kind) {
			continue
		}
		p := r.deliverer.prepare(d, c.keeping(e, &language.Emit{As: e.Kind}), w.Round)
		x = p.Exchange
		x.Follows = i > 0
		if last {
			x.Content = &judge.Content{Swept: w, N: n, Changes: changes}
			x.Changed = changes
			if n > 0 && len(changes) == 0 {
				x.Changed = []string{"data.object"} // ordinary, but not the plain content
			}
			x.Summary = strings.Join(changes, ", ")
		}
		c.Exchanges = append(c.Exchanges, x)
		r.judge.Heard = append(r.judge.Heard, x)
		r.deliverer.send(ctx, c, d, []outgoing{p}, nil)
	}
	return x
}

// narrow looks, in a case of a sweep, for the changes that are enough by themselves:
// for the first content that was refused, and for the first that did nothing where
// a normal event does something, or something where that does nothing.
func (r *Runner) narrow(ctx context.Context, s *language.Scenario, c playing) {
	first := func(odd func(*judge.Exchange) bool) *judge.Exchange {
		for _, x := range c.Exchanges {
			if x.Content != nil && x.Name == x.Content.Step.Name() && len(x.Content.Changes) > 0 && odd(x) {
				r.single(ctx, s, c, x, odd)
				return x
			}
		}
		return nil
	}
	first(judge.RefusedContent)
	first(judge.VanishedContent)
	if acting := first(judge.IdlePlain(c.Case)); acting != nil {
		c.NoteOnly(acting)
	}
}

// single sends each change of a content alone, under identities of its own, and
// keeps those that are as odd by themselves. When none is, it takes all of them
// together.
func (r *Runner) single(ctx context.Context, s *language.Scenario, c playing, x *judge.Exchange, odd func(*judge.Exchange) bool) {
	w, all := x.Content.Swept, x.Content.Changes
	if len(all) == 1 {
		x.Content.Enough = true
		return
	}
	var tries []*judge.Exchange
	for i := range all {
		w.More++
		events, err := r.maker.Contents(s, c.Spec, w, x.Content.N, w.Len()+w.More, []int{i})
		if err != nil || r.stopped(ctx) {
			return
		}
		tries = append(tries, r.sendContent(ctx, c, w, x.Content.N, []int{i}, events))
	}
	if c.Watched {
		c.turn.settle(ctx, r.observation, tries)
	}
	var enough []string
	for i, try := range tries {
		if odd(try) {
			enough = append(enough, all[i])
		}
	}
	if len(enough) > 0 {
		x.Content.Changes, x.Content.Enough = enough, true
	}
}

// picked are the names at some positions.
func picked(names []string, at []int) (out []string) {
	for _, i := range at {
		out = append(out, names[i])
	}
	return out
}

// learn takes from the plain contents of a sweep which fields of the state repeat
// the event.
func (o *observation) learn(c *judge.Case) {
	learner := receiver.NewLearner(o.receiver.StateMap())
	var w *emit.Swept
	for _, x := range c.Exchanges {
		if x.Content == nil || len(x.Content.Changes) > 0 || !x.Acknowledged() || x.History == nil {
			continue
		}
		w = x.Content.Swept
		if l := x.History.Last(); l.Shows() && l.Newest == x.Version {
			learner.Learn(x.Version.Tree, l.State)
		}
	}
	if w != nil {
		w.Relations = learner.Relations()
	}
}
