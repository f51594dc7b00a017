package scenarios

import (
	"fmt"
	"slices"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/consent"
	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/fault"
)

// Plan counts what the run is going to send, before the first request.
func (r *Runner) Plan() verdict.Plan {
	return r.planOf(func(*language.Scenario) bool { return true })
}

// planOf is the plan of those scenarios that are wanted and counted.
func (r *Runner) planOf(counts func(*language.Scenario) bool) verdict.Plan {
	p := verdict.Plan{Classes: map[string]int{}}
	for _, s := range r.suite.Played() {
		if !counts(s) {
			continue
		}
		for i := range s.Checks {
			if r.suite.Wants(s.Checks[i].ID) {
				p.Checks++
			}
		}
		if !r.receiver.Allows(s.Consent) {
			p.Refused = append(p.Refused, string(s.Consent))
			continue
		}
		if r.slowed(s) {
			continue
		}
		kinds := r.kindsFor(s)
		// The gate goes no further than to the first kind that is acknowledged.
		p.AtMost = p.AtMost || s.Group == language.GroupGate && len(kinds) > 1 && !r.wantsWhole(s)
		for _, kind := range kinds {
			for i := range s.Cases {
				if !r.plays(s, &s.Cases[i]) {
					continue
				}
				r.planCase(s, &s.Cases[i], kind, &p)
			}
		}
	}
	p.Pace, p.Takes = r.receiver.Pace().String(), r.receiver.Pace().Spacing()*time.Duration(max(p.Requests-1, 0))
	slices.Sort(p.Refused)
	p.Refused = slices.Compact(p.Refused)
	return p
}

func (r *Runner) planCase(s *language.Scenario, c *language.Case, kind string, p *verdict.Plan) {
	times := r.times(c)
	for i := range c.Steps {
		switch e, d := c.Steps[i].Emit, c.Steps[i].Deliver; {
		case e != nil && e.Raw != nil:
			// What is sent in its place is no event.
		case e != nil:
			p.Events += times
			if k, err := r.cfg.Catalogue.Kind(e.KindFor(kind)); err == nil && k.Object == "order" {
				p.Orders += times
			}
		case c.Steps[i].Search != nil:
			se := c.Steps[i].Search
			n := times * r.requests(se)
			p.Events, p.Orders, p.Requests, p.AtMost = p.Events+n, p.Orders+n, p.Requests+n, true
			if s.Consent != "" {
				p.Classes[string(s.Consent)] += n
			}
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
func (r *Runner) slowed(s *language.Scenario) bool {
	return s.Consent == consent.Burst && r.receiver.Pace() != (receiver.Pace{})
}

// times is how often a case is played.
func (r *Runner) times(c *language.Case) int {
	if r.receiver.Safe() && c.Safely != nil {
		return *c.Safely
	}
	return max(c.Times, 1)
}

// kindsFor are the kinds that a scenario's cases are played for.
func (r *Runner) kindsFor(s *language.Scenario) []string {
	if s.Each != "kind" {
		return []string{r.kind}
	}
	return r.cfg.kinds()
}

func (r *Runner) checkVolume() error {
	// Who has allowed bursts by name knows that they are many.
	p := r.planOf(func(s *language.Scenario) bool { return s.Consent != consent.Burst })
	if !r.receiver.Safe() || p.Events <= maxSafeEvents && p.Requests <= maxSafeRequests || r.receiver.Permits(consent.Load) {
		return nil
	}
	return fmt.Errorf("the plan has %d events in %d requests; a receiver on another machine gets at most %d in %d: choose fewer checks or kinds, or --allow load",
		p.Events, p.Requests, maxSafeEvents, maxSafeRequests)
}

// assumed lists the assumptions that the verdicts of this run rest on.
func (r *Runner) assumed() []lang.Text {
	out := []lang.Text{{
		ES: fmt.Sprintf("%d intentos", r.cfg.Policy.Attempts()),
		EN: fmt.Sprintf("%d attempts", r.cfg.Policy.Attempts()),
	}}
	if !r.court.confirmed["timeout"] {
		out = append(out, lang.Text{
			ES: fmt.Sprintf("tiempo de espera de %s", lang.Duration(r.receiver.Timeout())),
			EN: fmt.Sprintf("timeout of %s", lang.Duration(r.receiver.Timeout())),
		})
	}
	if r.cfg.Envelope == delivery.Data {
		return append(out, lang.Text{ES: "cuerpo en {\"data\": ...}", EN: "body in {\"data\": ...}"})
	}
	return append(out, lang.Text{ES: "cuerpo sin envoltura", EN: "bare body"})
}
