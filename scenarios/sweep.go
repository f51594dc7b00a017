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

// sweeper sends the contents of sweeps, and looks which of their changes are to
// blame.
type sweeper struct {
	cfg         *Config
	receiver    *receiver.Receiver
	judge       *judge.Judge
	gate        *gate
	maker       *emit.Maker
	deliverer   *deliverer
	observation *observation
}

// sweep sends the contents of a step, and what has to come before each.
func (sw *sweeper) sweep(ctx context.Context, c playing, step *language.Sweep, round int, at time.Time) {
	kind := step.KindFor(c.Kind)
	made, err := sw.maker.SweepOf(kind, step.Contents)
	if err != nil {
		c.Err = err
		return
	}
	w := &emit.Swept{Sweep: made, Step: step, Kind: kind, Round: round, At: at}
	var all [][]*emit.Emitted
	for n := range w.Len() {
		events, err := sw.maker.Contents(c.scenario, c.Spec, w, n, n, nil)
		if err != nil {
			c.Err = err
			return
		}
		all = append(all, events)
	}
	if c.Watched && sw.observation.known {
		var last []*emit.Emitted
		for _, events := range all {
			last = append(last, events[len(events)-1])
		}
		c.Unfresh = sw.observation.fresh(ctx, last)
	}
	for n, events := range all {
		if sw.deliverer.halted(ctx, c) {
			return
		}
		x := sw.send(ctx, c, w, n, nil, events)
		if n == 0 && !x.Acknowledged() && sw.gate.refused[kind] != "" {
			return // what is refused with all that belongs before it is refused whatever it says
		}
	}
}

// send delivers what belongs before a content, and the content itself.
func (sw *sweeper) send(ctx context.Context, c playing, w *emit.Swept, n int, only []int, events []*emit.Emitted) *judge.Exchange {
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
		if !last && sw.cfg.Kinds != nil && !slices.Contains(sw.cfg.Kinds, e.Kind) {
			continue
		}
		p := sw.deliverer.prepare(d, c.keeping(e, &language.Emit{As: e.Kind}), w.Round)
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
		sw.judge.Heard = append(sw.judge.Heard, x)
		sw.deliverer.send(ctx, c, d, []outgoing{p}, nil)
	}
	return x
}

// narrow looks, in the cases of a sweep, for the changes that are enough by
// themselves: for the first content of each that was refused, and for the first that
// did nothing where a normal event does something, or something where that does
// nothing. It does so when nothing else is under way: whoever works off several events
// at once may drop those beside a bad one, and does them when they come alone.
func (sw *sweeper) narrow(ctx context.Context, s *language.Scenario, cases []judge.Case) {
	vanished := 0
	for i := range cases {
		if !cases[i].PlainIdle() {
			vanished += len(cases[i].Swept(judge.VanishedContent))
		}
	}
	for i := range cases {
		c := playing{&cases[i], nil, s}
		first := func(odd func(*judge.Exchange) bool, alone bool) *judge.Exchange {
			for _, x := range c.Swept(odd) {
				if stopped(ctx, sw.receiver) || sw.deliverer.tired() {
					break
				}
				if x.Content.Beside = alone && !sw.again(ctx, c, x, odd); !x.Content.Beside {
					sw.single(ctx, c, x, odd)
					return x
				}
			}
			return nil
		}
		first(judge.RefusedContent, false)
		if !c.PlainIdle() {
			first(judge.VanishedContent, vanished > 1)
		}
		if acting := first(judge.IdlePlain(c.Case), false); acting != nil {
			c.NoteOnly(acting)
		}
	}
}

// again sends a content once more, with nothing else under way, and reports whether
// it is as odd again.
func (sw *sweeper) again(ctx context.Context, c playing, x *judge.Exchange, odd func(*judge.Exchange) bool) bool {
	every := make([]int, len(x.Content.Changes))
	for i := range every {
		every[i] = i
	}
	tries := sw.retold(ctx, c, x, [][]int{every})
	return len(tries) == 0 || odd(tries[0])
}

// retold sends a content again under identities of its own, each time with those of
// its changes that are picked, and looks what comes of it. None when it cannot.
func (sw *sweeper) retold(ctx context.Context, c playing, x *judge.Exchange, picks [][]int) (tries []*judge.Exchange) {
	w := x.Content.Swept
	for _, only := range picks {
		w.More++
		events, err := sw.maker.Contents(c.scenario, c.Spec, w, x.Content.N, w.Len()+w.More, only)
		if err != nil || stopped(ctx, sw.receiver) {
			return nil
		}
		tries = append(tries, sw.send(ctx, c, w, x.Content.N, only, events))
	}
	if c.Watched {
		sw.observation.glance(ctx, tries)
	}
	return tries
}

// single sends each change of a content alone, and keeps those that are as odd by
// themselves. When none is, it takes all of them together.
func (sw *sweeper) single(ctx context.Context, c playing, x *judge.Exchange, odd func(*judge.Exchange) bool) {
	all := x.Content.Changes
	if len(all) == 1 {
		x.Content.Enough = true
		return
	}
	picks := make([][]int, len(all))
	for i := range picks {
		picks[i] = []int{i}
	}
	var enough [][]int
	for i, try := range sw.retold(ctx, c, x, picks) {
		if odd(try) {
			enough = append(enough, picks[i])
		}
	}
	if mixed(all, enough) {
		enough = slices.DeleteFunc(enough, func(pick []int) bool {
			tries := sw.retold(ctx, c, x, [][]int{pick})
			return len(tries) > 0 && !odd(tries[0])
		})
	}
	if len(enough) > 0 {
		x.Content.Changes, x.Content.Enough = picked(all, slices.Concat(enough...)), true
	}
}

// mixed reports whether changes have different sorts of values: then some may have
// been as odd as the others only because they came beside them.
func mixed(all []string, picks [][]int) bool {
	sorts := map[string]bool{}
	for _, pick := range picks {
		_, value, _ := strings.Cut(all[pick[0]], ": ")
		sorts[value] = true
	}
	return len(sorts) > 1
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
