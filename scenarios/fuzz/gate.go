package fuzz

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/fuzz/oracle"
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
	order, err := byTime(r.gen)
	if err != nil {
		r.life.broke(err)
		return false
	}
	for _, i := range order {
		kind := r.gen.Kinds()[i]
		p.Asked++
		var a receiver.Response
		for try := range gateTries {
			if r.life.over() || ctx.Err() != nil {
				return false
			}
			c, b, err := plainOf(r.gen, kind, "gate", i*gateTries+try)
			if err != nil {
				r.life.broke(err)
				return false
			}
			b, a = r.deliverNormal(ctx, b)
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

// byTime is the order in which normal events of the kinds happen, as indices of the
// kinds: nothing is wrong at the gate, the order neither.
func byTime(gen *payload.Generator) ([]int, error) {
	var order []int
	var at []time.Time
	for i, kind := range gen.Kinds() {
		_, b, err := plainOf(gen, kind, "gate", i*gateTries)
		if err != nil {
			return nil, err
		}
		order, at = append(order, i), append(at, b.Last().At)
	}
	slices.SortStableFunc(order, func(a, b int) int { return at[a].Compare(at[b]) })
	return order, nil
}

// gateTries is how many normal events of a kind have to be refused before the
// kind counts as refused: normal events differ, and what breaks a receiver may
// well be in the first.
const gateTries = 5

// deliverNormal delivers a normal event, and what comes before it when it is refused
// alone; a kind of which that is accepted is always played so. delivered is what was
// accepted: under fresh identities where the first ones were refused, since what a
// receiver has done before it refuses an event is no measure of what it does.
func (r *Runner) deliverNormal(ctx context.Context, b *payload.Bundle) (delivered *payload.Bundle, a receiver.Response) {
	a = r.sender.insist(ctx, r.sender.patient, b)
	kind := b.Last().Kind
	if _, needed := r.sender.parents.Load(kind); needed || a.Accepted() || len(b.Messages) == 1 || a.Ours() || a.Away() {
		return b, a
	}
	r.sender.parents.Store(kind, true)
	b = r.sender.fresh.Bundle(b)
	a = r.sender.insist(ctx, r.sender.patient, b)
	if !a.Accepted() {
		r.sender.parents.Delete(kind)
	}
	return b, a
}

// plainOf makes a normal event ready to be played.
func plainOf(gen *payload.Generator, kind, name string, n int) (*payload.Case, *payload.Bundle, error) {
	c, err := gen.Plain(kind, name, n)
	if err != nil {
		return nil, nil, err
	}
	b, err := bundleOf(gen, c)
	return c, b, err
}

// bundleOf packs a normal event.
func bundleOf(gen *payload.Generator, c *payload.Case) (*payload.Bundle, error) {
	return gen.Bundle(c, c.Tree, gen.Body(c.Tree))
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
	b, err := bundleOf(r.gen, r.gate.taken[r.gate.plain])
	if err != nil {
		return receiver.Response{}, err
	}
	return r.sender.insist(ctx, r.sender.patient, r.sender.fresh.Bundle(b)), nil
}

// maxLast is how many of the last cases are kept with a receiver that has
// stopped serving: one of them did it.
const maxLast = 24

// stopped keeps a receiver that has stopped serving or working, with some cases of
// which one did it and what is to be said of them.
func (r *Runner) stopped(code string, found lang.Text, cases []*payload.Case, what string) {
	if !r.judge.wanted[oracle.StillAlive] {
		return
	}
	f := &Finding{Saved: Saved{
		Version: savedVersion, Tool: r.cfg.Tool, Oracle: oracle.StillAlive, Level: verdict.Must, Kind: r.gate.plain, Class: payload.Plausible,
		Phase: payload.Bytes, Seed: r.cfg.Generator.Seed, Code: code, Found: found, What: what,
	}, Count: 1}
	keep := func(b *payload.Bundle, err error) {
		if err == nil {
			step := *f
			step.steps(r, b)
			f.Steps = append(f.Steps, step.Steps...)
		}
	}
	for _, c := range cases {
		keep(r.gen.Bundle(c, c.Tree, c.Body))
		f.Index = c.Index
	}
	if history, _ := r.histories.latest.Load().(string); history != "" {
		f.What += fmt.Sprintf("; the last history was %q", history)
	}
	keep(bundleOf(r.gen, r.gate.taken[r.gate.plain]))
	r.findings.keep(f)
	r.findings.announce(f)
}

// stoppedServing keeps what was sent before the receiver stopped serving.
func (r *Runner) stoppedServing(a receiver.Response) {
	recent := r.recent.last()
	var cases []*payload.Case
	var names []string
	for _, index := range recent[max(0, len(recent)-maxLast):] {
		c, err := r.gen.Case(index)
		if err != nil {
			continue
		}
		if cases = append(cases, c); c.Name != "" && !c.Class.Good() {
			names = append(names, c.Kind+": "+c.Name)
		}
	}
	r.stopped(a.Code(), receiver.InWords(a.Outcome), cases,
		fmt.Sprintf("one of the last %d payloads; of those out of the ordinary the last were %q", len(cases), names[max(0, len(names)-maxNames):]))
}

// maxNames is how many of the cases are named of which one stopped the receiver.
const maxNames = 3

func (r *Runner) note(es, en string, args ...any) {
	r.noting.Lock()
	defer r.noting.Unlock()
	r.report.Notes = append(r.report.Notes, lang.Textf(es, en, args...))
}
