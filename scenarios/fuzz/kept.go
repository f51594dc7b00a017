package fuzz

import (
	"context"
	"slices"
	"time"

	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/scenarios/fuzz/history"
	"github.com/kometia-sim/kometia-sim/scenarios/fuzz/oracle"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/simulator/fault"
	"github.com/kometia-sim/kometia-sim/simulator/payload"
)

// finding makes a finding of a history.
func (h *histories) finding(index uint64, failed history.Failure) *Finding {
	v, story := failed.Violation, failed.Played.History
	asked, _ := oracle.Lookup(v.Rule)
	f := &Finding{Saved: Saved{
		Version: savedVersion, Tool: h.run.cfg.Tool, Oracle: asked.Name, Level: asked.Level, Kind: story.Deliveries[v.Delivery].Kind, Class: payload.Plausible,
		Phase: payload.Histories, Seed: h.run.cfg.Generator.Seed, Index: index, What: story.InWords(h.run.cfg.Policy), Code: v.Code, Found: v.Found,
		Shape: story.Shape(h.run.cfg.Policy), Restarts: story.Restarts,
	}, Count: 1}
	// That two copies arrive at the same instant is promised by nobody; a retry is.
	again := len(story.Deliveries[v.Delivery].Faults) > 0
	if !again && slices.ContainsFunc(story.Deliveries, func(d history.Delivery) bool { return d.Copies > 1 }) && asked.Level == verdict.Must {
		f.Level = verdict.Should
	}
	for i := range story.Deliveries {
		d := &story.Deliveries[i]
		s := stepOf(h.run.receiver, &d.Message)
		s.At, s.Happened, s.Story, s.Twin, s.Copies, s.Withheld = d.Due, d.At, d.Story, d.Twin, d.Copies, d.Withheld
		for _, one := range d.Faults {
			s.Faults = append(s.Faults, one.String())
		}
		f.Steps = append(f.Steps, s)
	}
	f.Attempts = made(failed.Played)
	return f
}

// made are the attempts of all deliveries as reports show them, by their times.
func made(p *history.Played) []verdict.Attempt {
	var list []verdict.Attempt
	begin := p.History.Begins()
	for i, attempts := range p.Attempts {
		d := &p.History.Deliveries[i]
		for k, a := range attempts {
			out := verdict.Attempt{
				Event: d.Subject.EventID, Kind: d.Kind, Number: a.Number, At: a.At, Offset: a.At.Sub(begin),
				Outcome: string(a.Verdict), Fault: a.Fault.String(), Made: &a,
			}
			if o := a.Outcome; o != nil {
				out.Status, out.Latency, out.Notes = o.Status, o.Latency, o.Notes
				if o.Err != nil {
					out.Error = string(o.Err.Kind)
				}
			}
			if p.Readings != nil && k == len(attempts)-1 {
				n := p.Readings[i].Effects
				out.Effects = &n
			}
			list = append(list, out)
		}
	}
	slices.SortStableFunc(list, func(a, b verdict.Attempt) int { return a.At.Compare(b.At) })
	return list
}

// history is a kept history ready to be played.
func (s *Saved) history() (*history.History, error) {
	h := &history.History{Restarts: s.Restarts}
	b, err := s.bundle()
	if err != nil {
		return nil, err
	}
	for i := range s.Steps {
		step := &s.Steps[i]
		d := history.Delivery{
			Message: b.Messages[i], Story: step.Story, Twin: step.Twin, Due: step.At, Copies: step.Copies, Withheld: step.Withheld,
		}
		d.At = step.Happened
		if d.Tree, err = history.TreeOf(d.Body); err != nil {
			return nil, err
		}
		for _, text := range step.Faults {
			one, err := fault.Parse(text)
			if err != nil {
				return nil, err
			}
			d.Faults = append(d.Faults, one)
		}
		h.Deliveries = append(h.Deliveries, d)
	}
	return h, nil
}

// Moment is one request of a kept case, for whoever plays it by hand.
type Moment struct {
	// Step is nil where the receiver is restarted.
	Step *Step
	// After is the virtual time since the first moment.
	After time.Duration
	// Fault is what is broken about the request; Copies is how many arrive at the
	// same instant, at least one.
	Fault  fault.Fault
	Copies int
}

// Moments are what a case sends, in order, by a retry policy.
func (s *Saved) Moments(policy retryclock.Policy) ([]Moment, error) {
	var list []Moment
	if s.Phase != payload.Histories {
		for i := range s.Steps {
			list = append(list, Moment{Step: &s.Steps[i], Copies: 1})
		}
		return list, nil
	}
	h, err := s.history()
	if err != nil {
		return nil, err
	}
	instants := h.Instants(policy)
	for _, in := range instants {
		out := Moment{After: in.At.Sub(instants[0].At), Fault: in.Fault, Copies: 1}
		if in.Delivery >= 0 {
			out.Step = &s.Steps[in.Delivery]
			if copies := h.Deliveries[in.Delivery].Copies; copies > 1 && !in.Again {
				out.Copies = copies
			}
		}
		list = append(list, out)
	}
	return list, nil
}

// repeatHistory plays a kept history again, as if it ended now: a receiver that
// refuses what is older than Kometia ever sends is not one that refuses what comes
// late. exact leaves the dates as well.
func (r *Runner) repeatHistory(ctx context.Context, c *Saved, exact bool, out Replayed) Replayed {
	story, err := c.history()
	if err != nil {
		return out.cannot("%s", "%s", err)
	}
	for i := range story.Deliveries {
		if a, refused := r.gate.refused[story.Deliveries[i].Kind]; refused {
			return out.cannot(notAcceptedES, notAcceptedEN, story.Deliveries[i].Kind, receiver.InWords(a.Outcome))
		}
	}
	if len(story.Restarts) > 0 && !canRestart(r.receiver) {
		return out.cannot("hace falta reiniciar el receptor (start: y kill: en kometia-sim.yaml)", "the receiver has to be restarted (start: and kill: in kometia-sim.yaml)")
	}
	asked, _ := oracle.Lookup(c.Oracle)
	switch {
	case !exact:
		story = story.Redated(r.gen.World().Start(), r.cfg.Policy, r.gen.Config().Style)
	case r.observer != nil:
		var subjects []observe.Subject
		for i := range story.Deliveries {
			subjects = append(subjects, story.Deliveries[i].Subject)
		}
		if err := r.observer.effects.Fresh(ctx, subjects); err != nil {
			return out.cannot("el receptor ya conoce estas identidades; repita sin --exact", "the receiver knows these identities already; rereplay it without --exact")
		}
	}
	player := r.histories.player
	shrinker := history.NewShrinker(player, r.life, history.Violation{Rule: c.Oracle, Code: c.Code}, c.Kind)
	for range history.RaceRetries {
		play := story
		if !exact {
			play = story.Renewed(r.sender.fresh)
		}
		before := player.Judged(c.Oracle)
		played := player.Play(ctx, play, shrinker.Mode())
		if played.Void {
			return out.cannot("sin conexión, o el receptor pide esperar", "no connection, or the receiver asks to wait")
		}
		violations := player.Violations(ctx, played)
		for _, found := range violations {
			if found.Rule == c.Oracle {
				if !shrinker.Control(ctx, history.Failure{Played: played, Violation: found}) {
					return out.cannot("lo mismo en orden y sin fallas tampoco sale bien", "the same in order and without faults does not go well either")
				}
				out.Verdict, out.Found = StillFails, found.Found
				return out
			}
		}
		switch {
		case asked.Observed && !r.observer.trusted():
			return out.cannot("observador: %s", "observer: %s", r.observer.effects.Err())
		case player.Judged(c.Oracle) > before:
		case len(violations) > 0:
			return out.cannot("ahora falla de otra manera: %s", "it fails in another way now: %s", violations[0].Found)
		default:
			return out.cannot("no se pudo ver nada de lo que se juzga", "nothing could be seen of what is judged")
		}
		out.Verdict = Fixed
		if !story.Races() || exact {
			return out
		}
	}
	return out
}
