package fuzz

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/payload"
)

// gate is what is known of the receiver from normal events, before anything out of
// the ordinary is sent.
type gate struct {
	refused map[string]receiver.Response // kinds that are refused even when normal
	taken   map[string]*payload.Case     // by kind: a normal event that was accepted
	plain   string                       // a kind that is accepted; "" is none
	limit   time.Duration                // what takes longer is no response in time
	slowest time.Duration                // response to a normal event
}

// passGate delivers a normal event of every kind: what is refused there is not
// fuzzed, and how long it takes is what is slow. It reports whether there is
// anything to go on with.
func (r *Runner) passGate(ctx context.Context) bool {
	p := &r.report.Profile
	var took []time.Duration
	var clean []*payload.Bundle
	reachable := false
	for i, kind := range r.gen.Kinds() {
		p.Asked++
		var a receiver.Response
		for try := range gateTries {
			if r.life.over() || ctx.Err() != nil {
				return false
			}
			c, b, err := r.plainOf(kind, "gate", i*gateTries+try)
			if err != nil {
				r.life.broke(err)
				return false
			}
			a = r.deliverNormal(ctx, b)
			reachable = reachable || a.Outcome != nil && a.Outcome.Connected
			if !reachable && a.Away() {
				r.report.Unreachable = true
				return false
			}
			if a.Accepted() {
				r.gate.taken[kind] = c
				took = append(took, a.Outcome.Latency)
				slices.Sort(took)
				p.Latency, r.gate.slowest = took[len(took)/2], took[len(took)-1]
				// Beside what else is sent, how long its own kind took says little of
				// an event; the slowest of all is what each is given.
				r.receiver.Answered("", a.Outcome.Latency)
				clean = append(clean, b)
				break
			}
		}
		if r.gate.taken[kind] == nil {
			r.gate.refused[kind] = a
			continue
		}
		p.Kinds++
		if r.gate.plain == "" {
			r.gate.plain, p.Status = kind, a.Outcome.Status
		}
	}
	if r.gate.plain == "" {
		return false
	}
	r.gate.limit = r.sender.impatient(p.Latency)
	if r.observer != nil {
		p.Observer = r.receiver.Observing()
		r.observer.calibrate(ctx, clean, p)
	}
	r.histories.begin()
	return true
}

// gateTries is how many normal events of a kind have to be refused before the
// kind counts as refused: normal events differ, and what breaks a receiver may
// well be in the first.
const gateTries = 5

// deliverNormal delivers a normal event, and what comes before it when it is refused
// alone; a kind of which that is accepted is always played so.
func (r *Runner) deliverNormal(ctx context.Context, b *payload.Bundle) receiver.Response {
	a := r.sender.insist(ctx, r.sender.patient, b)
	kind := b.Last().Kind
	if _, needed := r.sender.parents.Load(kind); needed || a.Accepted() || len(b.Messages) == 1 || a.Ours() || a.Away() {
		return a
	}
	r.sender.parents.Store(kind, true)
	a = r.sender.insist(ctx, r.sender.patient, b)
	if !a.Accepted() {
		r.sender.parents.Delete(kind)
	}
	return a
}

// plainOf makes a normal event ready to be played.
func (r *Runner) plainOf(kind, name string, n int) (*payload.Case, *payload.Bundle, error) {
	c, err := r.gen.Plain(kind, name, n)
	if err != nil {
		return nil, nil, err
	}
	b, err := r.bundleOf(c)
	return c, b, err
}

// bundleOf packs a normal event.
func (r *Runner) bundleOf(c *payload.Case) (*payload.Bundle, error) {
	return r.gen.Bundle(c, c.Tree, r.gen.Body(c.Tree))
}

// alive looks whether a normal event is still accepted. When it is not, now and a
// few seconds later, the receiver has stopped serving: the run ends, and what
// was sent last is the finding.
func (r *Runner) alive(ctx context.Context) {
	var a receiver.Response
	for _, pause := range []time.Duration{0, time.Second, 3 * time.Second} {
		if r.life.dead.Load() || ctx.Err() != nil || r.receiver.Stopped() {
			return
		}
		if pause > 0 && r.receiver.Clock().WaitUntil(ctx, r.receiver.Clock().Now().Add(pause)) != nil {
			return
		}
		var err error
		if a, err = r.probe(ctx); err != nil {
			r.life.broke(err)
			return
		}
		if a.Throttled || a.Accepted() {
			return
		}
	}
	if !a.Ours() && r.life.dead.CompareAndSwap(false, true) {
		r.stoppedServing(a)
	}
}

// probe delivers a normal event under identities of its own.
func (r *Runner) probe(ctx context.Context) (receiver.Response, error) {
	b, err := r.bundleOf(r.gate.taken[r.gate.plain])
	if err != nil {
		return receiver.Response{}, err
	}
	return r.sender.insist(ctx, r.sender.patient, r.sender.fresh.Bundle(b)), nil
}

// maxLast is how many of the last cases are kept with a receiver that has
// stopped serving: one of them did it.
const maxLast = 24

// stoppedServing keeps what was sent before the receiver stopped serving.
func (r *Runner) stoppedServing(a receiver.Response) {
	if !r.judge.wanted[StillAlive] {
		return
	}
	f := &Finding{Saved: Saved{
		Version: savedVersion, Tool: r.cfg.Tool, Oracle: StillAlive, Level: verdict.Must, Kind: r.gate.plain, Class: payload.Plausible,
		Phase: payload.Bytes, Seed: r.cfg.Generator.Seed, Code: a.Code(), Found: receiver.InWords(a.Outcome),
	}, Count: 1}
	recent := r.recent.last()
	if len(recent) > maxLast {
		recent = recent[len(recent)-maxLast:]
	}
	var names []string
	for _, index := range recent {
		c, err := r.gen.Case(index)
		if err != nil {
			continue
		}
		b, err := r.gen.Bundle(c, c.Tree, c.Body)
		if err != nil {
			continue
		}
		step := *f
		step.steps(r, b)
		f.Steps = append(f.Steps, step.Steps...)
		f.Index = index
		if c.Name != "" && !c.Class.Good() {
			names = append(names, c.Kind+": "+c.Name)
		}
	}
	if len(names) > 3 {
		names = names[len(names)-3:]
	}
	f.What = fmt.Sprintf("one of the last %d payloads; of those out of the ordinary the last were %q", len(recent), names)
	if history, _ := r.histories.latest.Load().(string); history != "" {
		f.What += fmt.Sprintf("; the last history was %q", history)
	}
	if b, err := r.bundleOf(r.gate.taken[r.gate.plain]); err == nil {
		step := *f
		step.steps(r, b)
		f.Steps = append(f.Steps, step.Steps...)
	}
	r.findings.keep(f)
	r.findings.announce(f)
}

func (r *Runner) note(es, en string, args ...any) {
	r.noting.Lock()
	defer r.noting.Unlock()
	r.report.Notes = append(r.report.Notes, lang.Textf(es, en, args...))
}
