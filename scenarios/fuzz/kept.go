package fuzz

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/scenarios/fuzz/payload"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/fault"
)

// finding makes a finding of a history.
func (h *historian) finding(index uint64, r failure) *Finding {
	oracle, _ := Lookup(r.charge.oracle)
	story := r.performance.h
	kind := story.passages[r.charge.passage].Kind
	f := &Finding{Saved: Saved{
		Version: savedVersion, Tool: h.cfg.Tool, Oracle: oracle.Name, Level: oracle.Level, Kind: kind, Class: payload.Plausible,
		Phase: payload.Histories, Seed: h.cfg.Generator.Seed, Index: index, What: story.told(h.cfg.Policy), Code: r.charge.code, Found: r.charge.found,
		Shape: story.shape(h.cfg.Policy), Restarts: story.restarts,
	}, Count: 1}
	// That two copies arrive at the same instant is promised by nobody.
	if slices.ContainsFunc(story.passages, func(p passage) bool { return p.copies > 1 }) && oracle.Level == verdict.Must {
		f.Level = verdict.Should
	}
	for i := range story.passages {
		p := &story.passages[i]
		s := Step{
			Kind: p.Kind, Event: p.Subject.EventID, At: p.due, Happened: p.At, Headers: h.headerLines(), Body: encodeLines(p.Body),
			Identities: p.Spans, Object: p.Subject.ObjectID, ObjectType: p.Subject.ObjectType, Number: p.Subject.OrderNumber,
			Story: p.story, Twin: p.twin, Copies: p.copies, Withheld: p.withheld,
		}
		for _, one := range p.faults {
			s.Faults = append(s.Faults, one.String())
		}
		f.Steps = append(f.Steps, s)
	}
	f.Attempts = r.performance.told()
	return f
}

// told are the attempts of all passages as reports tell them, in the order of
// their instants.
func (p *performance) told() []verdict.Attempt {
	var list []verdict.Attempt
	begin := p.h.begins()
	for i, attempts := range p.attempts {
		for k, a := range attempts {
			out := verdict.Attempt{
				Event: p.h.passages[i].Subject.EventID, Kind: p.h.passages[i].Kind, Number: a.Number, At: a.At, Offset: a.At.Sub(begin),
				Outcome: string(a.Verdict), Fault: a.Fault.String(),
			}
			if o := a.Outcome; o != nil {
				out.Status, out.Latency = o.Status, o.Latency
				if o.Err != nil {
					out.Error = string(o.Err.Kind)
				}
			}
			if p.readings != nil && k == len(attempts)-1 {
				n := p.readings[i].Effects
				out.Effects = &n
			}
			list = append(list, out)
		}
	}
	slices.SortStableFunc(list, func(a, b verdict.Attempt) int { return a.At.Compare(b.At) })
	return list
}

// history is a kept history ready to be played.
func (s *Saved) history() (*history, error) {
	h := &history{restarts: s.Restarts}
	b, err := s.bundle()
	if err != nil {
		return nil, err
	}
	for i := range s.Steps {
		step := &s.Steps[i]
		p := passage{
			Message: b.Messages[i], story: step.Story, twin: step.Twin, due: step.At, copies: step.Copies, withheld: step.Withheld,
		}
		p.At = step.Happened
		if p.Tree, err = treeOf(p.Body); err != nil {
			return nil, err
		}
		for _, text := range step.Faults {
			one, err := fault.Parse(text)
			if err != nil {
				return nil, err
			}
			p.faults = append(p.faults, one)
		}
		h.passages = append(h.passages, p)
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
	moments := h.moments(policy)
	for _, m := range moments {
		out := Moment{After: m.at.Sub(moments[0].at), Fault: m.fault, Copies: 1}
		if m.passage >= 0 {
			out.Step = &s.Steps[m.passage]
			if copies := h.passages[m.passage].copies; copies > 1 && !m.again {
				out.Copies = copies
			}
		}
		list = append(list, out)
	}
	return list, nil
}

// retell plays a kept history again, as if it ended now: who refuses what is
// older than Kometia ever sends is not to be taken for who refuses what comes
// late. exact leaves the dates as well.
func (r *Runner) retell(ctx context.Context, c *Saved, exact bool, out Replayed) Replayed {
	cannot := func(es, en string) Replayed {
		out.Verdict, out.Found = CannotRun, lang.Text{ES: es, EN: en}
		return out
	}
	story, err := c.history()
	if err != nil {
		return cannot(err.Error(), err.Error())
	}
	for i := range story.passages {
		if a, refused := r.refused[story.passages[i].Kind]; refused {
			why := told(a.outcome)
			return cannot("un evento normal de "+story.passages[i].Kind+" tampoco se acepta: "+why.ES, "a plain event of "+story.passages[i].Kind+" is not accepted either: "+why.EN)
		}
	}
	if len(story.restarts) > 0 && !r.canRestart() {
		return cannot("hace falta reiniciar el receptor (start: y kill: en kometia-sim.yaml)", "the receiver has to be restarted (start: and kill: in kometia-sim.yaml)")
	}
	oracle, _ := Lookup(c.Oracle)
	switch {
	case !exact:
		story = r.dated(story)
	case r.watch != nil:
		var subjects []observe.Subject
		for i := range story.passages {
			subjects = append(subjects, story.passages[i].Subject)
		}
		if err := r.watch.effects.Fresh(ctx, subjects); err != nil {
			return cannot("el receptor ya conoce estas identidades; repita sin --exact", "the receiver knows these identities already; play it without --exact")
		}
	}
	t := &retelling{historian: r.historian, want: charge{suspicion: suspicion{oracle: c.Oracle, code: c.Code}}, kind: c.Kind}
	for range raceRetries {
		play := story
		if !exact {
			play = story.renewed(r.player.fresh)
		}
		before := r.historian.model.judged[c.Oracle].Load()
		p := r.perform(ctx, play, t.how())
		if p.void {
			return cannot("sin conexión, o el receptor pide esperar", "no connection, or the receiver asks to wait")
		}
		charges := r.historian.model.charges(ctx, p)
		for _, found := range charges {
			if found.oracle == c.Oracle {
				if !t.control(ctx, p) {
					return cannot("lo mismo en orden y sin fallas tampoco sale bien", "the same in order and without faults does not go well either")
				}
				out.Verdict, out.Found = StillFails, found.found
				return out
			}
		}
		switch {
		case oracle.Observed && !r.watch.trusted():
			return cannot("observador: "+r.watch.effects.Err().Error(), "observer: "+r.watch.effects.Err().Error())
		case r.historian.model.judged[c.Oracle].Load() > before:
		case len(charges) > 0:
			return cannot("ahora falla de otra manera: "+charges[0].found.ES, "it fails in another way now: "+charges[0].found.EN)
		default:
			return cannot("no se pudo ver nada de lo que se juzga", "nothing could be seen of what is judged")
		}
		out.Verdict = Fixed
		if !story.races() || exact {
			return out
		}
	}
	return out
}

// dated is a history moved in time so that its last planned attempt is now.
func (r *Runner) dated(h *history) *history {
	end := h.begins()
	for i := range h.passages {
		p := &h.passages[i]
		if last := p.due.Add(r.cfg.Policy.Offset(len(p.faults) + 1)); last.After(end) {
			end = last
		}
	}
	by := r.gen.World().Start().Sub(end).Truncate(time.Second)
	if by <= 0 {
		return h
	}
	out := h.clone()
	for i := range out.passages {
		p := &out.passages[i]
		doc, err := jsontree.Parse(p.Body)
		if err != nil {
			return h
		}
		moved := moveDates(doc.Root, int64(by/time.Second))
		p.Rewrite(jsontree.Append(nil, moved, r.gen.Config().Style))
		p.At, p.due = p.At.Add(by), p.due.Add(by)
		p.Tree, _ = treeOf(p.Body)
	}
	for i := range out.restarts {
		out.restarts[i] = out.restarts[i].Add(by)
	}
	return out
}

// moveDates is a value whose times (members that end in _at) are so many seconds
// later.
func moveDates(v any, by int64) any {
	switch v := v.(type) {
	case *jsontree.Object:
		out := &jsontree.Object{}
		for _, m := range v.Members {
			n, isNumber := m.Value.(json.Number)
			if at, err := n.Int64(); isNumber && err == nil && at > 0 && strings.HasSuffix(m.Name, "_at") {
				m.Value = json.Number(strconv.FormatInt(at+by, 10))
			} else {
				m.Value = moveDates(m.Value, by)
			}
			out.Members = append(out.Members, m)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = moveDates(v[i], by)
		}
		return out
	default:
		return v
	}
}

// treeOf reads the event in a body, in an envelope or not; nil where it is no
// object.
func treeOf(body []byte) (*jsontree.Object, error) {
	doc, err := jsontree.Parse(body)
	if err != nil {
		return nil, err
	}
	tree, _ := doc.Root.(*jsontree.Object)
	if _, bare := tree.Lookup("id"); !bare {
		if inner, _ := tree.Lookup("data"); inner != nil {
			if event, ok := inner.(*jsontree.Object); ok {
				return event, nil
			}
		}
	}
	return tree, nil
}
