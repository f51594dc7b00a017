package scenarios

import (
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/consent"
	"github.com/kometia-sim/kometia-sim/scenarios/emit"
	"github.com/kometia-sim/kometia-sim/scenarios/judge"
	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/fault"
)

// planner says what is played of a suite, and how much that is.
type planner struct {
	cfg      *Config
	suite    *language.Suite
	receiver *receiver.Receiver
	judge    *judge.Judge
	gate     *gate
	maker    *emit.Maker
}

// Plan counts what the run is going to send, before the first request.
func (r *Runner) Plan() verdict.Plan {
	return r.planner.planOf(func(*language.Scenario) bool { return true })
}

// planOf is the plan of those scenarios that are wanted and counted.
func (pl *planner) planOf(counts func(*language.Scenario) bool) verdict.Plan {
	p := verdict.Plan{Of: len(pl.suite.All()), Classes: map[string]int{}, Live: pl.cfg.LiveOrders}
	for _, s := range pl.suite.Played() {
		if !counts(s) {
			continue
		}
		for i := range s.Checks {
			if pl.suite.Wants(s.Checks[i].ID) {
				p.Checks++
			}
		}
		if !pl.receiver.Allows(s.Consent) {
			p.Refused = append(p.Refused, string(s.Consent))
			continue
		}
		if pl.slowed(s) {
			continue
		}
		parts := pl.parts(s)
		// The gate goes no further than to the first kind that is acknowledged.
		p.AtMost = p.AtMost || s.Group == language.GroupGate && len(parts) > 1 && !pl.wantsWhole(s)
		plays := false
		for _, one := range parts {
			if pl.plays(s, one.Spec) {
				plays = true
				pl.planCase(s, one.Spec, one.Kind, &p)
			}
		}
		if plays && pl.feels(s) {
			p.Events, p.Requests = p.Events+1, p.Requests+1
			if k, err := pl.cfg.Catalogue.Kind(pl.gate.kind); err == nil && k.Object == "order" {
				p.Orders++
			}
		}
	}
	for _, kinds := range pl.lives() {
		p.Events, p.Requests = p.Events+len(kinds), p.Requests+len(kinds)
		if k, err := pl.cfg.Catalogue.Kind(kinds[0]); err == nil && k.Object == "order" {
			p.Orders += len(kinds)
		}
	}
	p.Pace, p.Takes = pl.receiver.Pace().String(), pl.receiver.Pace().Spacing()*time.Duration(max(p.Requests-1, 0))
	slices.Sort(p.Refused)
	p.Refused = slices.Compact(p.Refused)
	return p
}

// parts are what a scenario is played in. What makes the services fail that a receiver
// calls is played with kinds on which it calls them.
func (pl *planner) parts(s *language.Scenario) (out []emit.Part) {
	kinds := []string{pl.gate.kind}
	if effects := pl.receiver.Effects(); effects != nil && s.FailsSinks() {
		if callers := effects.Callers(append(kinds, pl.cfg.Tried()...)); len(callers) > 0 {
			kinds = callers
		}
	}
	for _, kind := range kinds {
		out = append(out, pl.cfg.Parts(s, kind)...)
	}
	return out
}

func (pl *planner) planCase(s *language.Scenario, c *language.Case, kind string, p *verdict.Plan) {
	times := pl.times(c)
	for i := range c.Steps {
		switch e, d := c.Steps[i].Emit, c.Steps[i].Deliver; {
		case e != nil && (e.Raw != nil || e.Again != "" || e.First):
			// What is sent is no event, or none of its own.
		case e != nil:
			p.Events += times
			if k, err := pl.cfg.Catalogue.Kind(e.KindFor(kind)); err == nil && k.Object == "order" {
				p.Orders += times
			}
		case c.Steps[i].Search != nil:
			se := c.Steps[i].Search
			n := times * pl.requests(se)
			p.Events, p.Orders, p.Requests, p.AtMost = p.Events+n, p.Orders+n, p.Requests+n, true
			if s.Consent != "" {
				p.Classes[string(s.Consent)] += n
			}
		case c.Steps[i].Sweep != nil:
			sw := c.Steps[i].Sweep
			made, err := pl.maker.SweepOf(sw.KindFor(kind), sw.Contents)
			if err != nil {
				continue // which the rehearsal tells
			}
			n := times * made.Len()
			p.Events, p.Requests, p.AtMost = p.Events+n, p.Requests+n*(1+len(made.Before())), true
			if k, err := pl.cfg.Catalogue.Kind(sw.KindFor(kind)); err == nil && k.Object == "order" {
				p.Orders += n
			}
		case d != nil && d.Expires:
			// Nothing of it leaves.
		case d != nil:
			// One that gets through, and before it each of which no answer is
			// heard; so for every copy. What is resumed is counted as if it had
			// to be.
			n := 1
			for i, f := range d.ParsedFaults() {
				if f.Loses() && f.Kind != fault.Refuse && i+1 < d.Attempts {
					n++
				}
			}
			n *= times * max(d.Times, 1) * max(d.Copies, 1) * len(d.Events())
			p.Requests += n
			if s.Consent != "" {
				p.Classes[string(s.Consent)] += n
			}
		}
	}
}

// slowed reports whether the pace that was asked for leaves nothing of what a
// scenario is about: a burst that is spaced is none.
func (pl *planner) slowed(s *language.Scenario) bool {
	return s.Consent == consent.Burst && pl.receiver.Pace() != (receiver.Pace{})
}

// times is how often a case is played.
func (pl *planner) times(c *language.Case) int {
	if pl.receiver.Safe() && c.Safely != nil {
		return *c.Safely
	}
	return max(c.Times, 1)
}

func (pl *planner) checkVolume() error {
	// A user who has allowed bursts by name knows that they are many.
	p := pl.planOf(func(s *language.Scenario) bool { return s.Consent != consent.Burst })
	if !pl.receiver.Safe() || pl.receiver.Permits(consent.Load) {
		return nil
	}
	return consent.CheckVolume(p.Events, p.Requests)
}

// assumed lists the assumptions that the verdicts of this run rest on: those of
// the checks that were judged, but not what the user has confirmed.
func (pl *planner) assumed(results []verdict.Result) []lang.Text {
	used := map[string]bool{}
	for i := range results {
		switch results[i].Verdict {
		case verdict.NotApplicable, verdict.NotObserved, verdict.Error:
			continue
		}
		used["timeout"], used["envelope"] = true, true
		if c := pl.suite.Check(results[i].ID); c != nil {
			for _, id := range slices.Concat(c.Assumes, c.RestsOn, c.Unless) {
				used[id] = true
			}
		}
	}
	var out []lang.Text
	for _, a := range schemas.Assumptions() {
		if used[a.ID] && !pl.judge.Confirmed[a.ID] {
			out = append(out, pl.inBrief(&a))
		}
	}
	return out
}

// inBrief says an assumption in a few words, with the value that it has in this
// run.
func (pl *planner) inBrief(a *schemas.Assumption) lang.Text {
	switch {
	case a.ID == "attempts":
		return lang.Textf("%d intentos", "%d attempts", pl.cfg.Policy.Attempts())
	case a.ID == "timeout":
		took := lang.Duration(pl.receiver.Timeout())
		return lang.Textf("tiempo de espera de %s", "timeout of %s", took)
	case a.ID == "envelope" && pl.cfg.Envelope == delivery.Data:
		return lang.Text{ES: "cuerpo en {\"data\": ...}", EN: "body in {\"data\": ...}"}
	}
	return a.Brief
}

// wantsWhole reports whether the gate is played with every kind, because its own
// checks are wanted, the latencies that it measures, or what calls a service.
func (pl *planner) wantsWhole(gate *language.Scenario) bool {
	return pl.suite.WantsAny(gate) || slices.ContainsFunc(pl.suite.Scenarios(), func(s *language.Scenario) bool {
		if s.FailsSinks() && pl.suite.WantsAny(s) && pl.receiver.Process().Hooks().Sinks != nil {
			return true // which kinds call them shows only there
		}
		return slices.ContainsFunc(s.Checks, func(c language.Check) bool { return c.Slow != nil && pl.suite.Wants(c.ID) })
	})
}

// plays reports whether a case can show anything: some check that is wanted and
// can be judged in this run is judged on what it delivers.
func (pl *planner) plays(s *language.Scenario, spec *language.Case) bool {
	return s.Group == language.GroupGate || pl.times(spec) > 0 && slices.ContainsFunc(s.Checks, func(c language.Check) bool {
		return pl.suite.Wants(c.ID) && spec.Delivers(c.Exchange()) && pl.judge.CanPlay(&c, spec)
	})
}

// requests is how many events a search sends at the most.
func (pl *planner) requests(se *language.Search) int {
	if pl.receiver.Safe() && se.Safely != nil {
		return *se.Safely
	}
	return se.Requests
}

// killAt is after how many receipts of a step the receiver is killed; zero for
// a step that does not.
func (pl *planner) killAt(c playing, d *language.Deliver) int {
	if d.KillAfter == 0 {
		return 0
	}
	most := min(d.KillAfter, pl.times(c.Spec))
	least := most
	if d.KillFrom > 0 {
		least = min(d.KillFrom, most)
	}
	key := fnv.New64a()
	_, _ = key.Write([]byte(emit.Key(c.scenario, c.Spec, "kill", c.Kind)))
	return least + rand.New(rand.NewPCG(pl.cfg.Seed, key.Sum64())).IntN(most-least+1)
}
