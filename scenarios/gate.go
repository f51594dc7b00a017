package scenarios

import (
	"context"
	"slices"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/emit"
	"github.com/kometia-sim/kometia-sim/scenarios/judge"
	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// gate is what the gate has learned of the receiver, and whether the receiver
// still listens.
type gate struct {
	base      time.Time                // virtual instant at which scenarios end
	kind      string                   // the plain kind: acknowledged at the gate
	refused   map[string]string        // kinds that the gate saw refused, and the check that says so
	sent      map[string]*emit.Emitted // the plain event of each kind
	silent    map[string]bool          // of these, the ones that got no answer in time
	gone      bool                     // the receiver has stopped listening
	reachable bool                     // it was connected to at least once
	skew      time.Duration            // how far its clock is from ours, as far as it has one
	failure   *wire.Error              // ours, which kept it from being reached
}

// gatekeeper plays the gate, and learns from it what the receiver is like.
type gatekeeper struct {
	cfg       *Config
	suite     *language.Suite
	receiver  *receiver.Receiver
	gate      *gate
	report    *verdict.Report
	planner   *planner
	maker     *emit.Maker
	player    *player
	deliverer *deliverer
}

// play plays the cases of the gate, one after the other.
func (g *gatekeeper) play(ctx context.Context, s *language.Scenario) (out []judge.Case) {
	inVain := 0
	for _, one := range g.cfg.Parts(s, g.gate.kind) {
		if inVain >= maxInVain || g.kindEnough(s, out) {
			return out
		}
		c := g.player.play(ctx, s, one.Spec, one.Kind, 0, nil)
		out = append(out, c)
		if len(c.Exchanges) > 0 && c.Exchanges[0].Slowly() {
			inVain++
		} else {
			inVain = 0
		}
	}
	g.forgiveColdStart(ctx, s, out)
	return out
}

// forgiveColdStart plays the very first case of the gate again when it alone got
// no answer in time. The second answer tells a receiver that had to start first
// from one that is too slow for that kind of event.
func (g *gatekeeper) forgiveColdStart(ctx context.Context, s *language.Scenario, cases []judge.Case) {
	first := &cases[0]
	answered := func(c judge.Case) bool { return len(c.Exchanges) > 0 && !c.Exchanges[0].Slowly() }
	if len(first.Exchanges) == 0 || !first.Exchanges[0].TimedOut() || !slices.ContainsFunc(cases, answered) {
		return
	}
	again := g.player.play(ctx, s, first.Spec, first.Kind, 1, nil)
	if len(again.Exchanges) == 0 {
		return
	}
	for _, e := range first.Exchanges {
		g.deliverer.plain(e)
	}
	if !again.Exchanges[0].TimedOut() {
		g.report.Notes = append(g.report.Notes, textColdStart(g.receiver.Timeout()))
	}
	*first = again
}

// maxInVain is how many kinds in a row may go without an answer in time before
// the gate asks for no more: each costs a whole timeout.
const maxInVain = 2

// kindEnough reports whether the gate has found a kind to play with, has tried
// those that a wanted check names, and neither the gate's own checks nor its
// latencies are wanted.
func (g *gatekeeper) kindEnough(s *language.Scenario, cases []judge.Case) bool {
	if g.planner.wantsWhole(s) {
		return false
	}
	for _, other := range g.suite.Scenarios() {
		for _, one := range g.cfg.Parts(other, g.gate.kind) {
			if !g.planner.plays(other, one.Spec) {
				continue
			}
			kinds := one.Spec.Kinds()
			if other.Repeats(one.Spec) {
				kinds = append(kinds, one.Kind)
			}
			for _, kind := range kinds {
				tried := slices.ContainsFunc(cases, func(c judge.Case) bool { return c.Kind == kind })
				if !tried && slices.Contains(g.cfg.Tried(), kind) {
					return false
				}
			}
		}
	}
	return slices.ContainsFunc(cases, func(c judge.Case) bool {
		return len(c.Exchanges) > 0 && c.Exchanges[0].Acknowledged()
	})
}

// learn takes the profile of the receiver from the gate.
func (g *gatekeeper) learn(cases []judge.Case) (acknowledged bool) {
	var took []time.Duration
	p := &g.report.Profile
	p.Asked = len(cases)
	for i := range cases {
		for _, e := range cases[i].Exchanges {
			o := e.Last()
			if o == nil {
				continue
			}
			g.deliverer.plain(e)
			if p.Skew == 0 {
				p.Skew = skew(o)
			}
			if p.RateLimit == 0 {
				p.RateLimit = receiver.RateLimit(o)
			}
			if !e.Acknowledged() {
				continue
			}
			if !acknowledged {
				acknowledged, g.gate.kind, p.Status = true, cases[i].Kind, o.Status
			}
			p.Kinds++
			p.Accepted = append(p.Accepted, cases[i].Kind)
			took = append(took, o.Latency)
		}
	}
	if p.Kinds == p.Asked || g.cfg.Kinds != nil {
		p.Accepted = nil
	}
	if len(took) > 0 {
		slices.Sort(took)
		p.Latency = took[len(took)/2]
	}
	// A server without a clock of its own says 1970, where the shop's past does not go.
	back := p.Skew < -time.Second
	if base := g.gate.base.Add(p.Skew); !back || g.maker.Rehearse(base, g.gate.kind) == nil {
		g.gate.skew = p.Skew
		if back && !g.cfg.StartFixed { // nothing may be dated in the receiver's future
			g.gate.base = base
			g.report.Notes = append(g.report.Notes, textSetBack(base))
		}
	}
	return acknowledged
}

// skew is how far the receiver's clock is from ours; zero when it does not say.
func skew(o *wire.Outcome) time.Duration {
	off, _ := o.Clock()
	return off
}
