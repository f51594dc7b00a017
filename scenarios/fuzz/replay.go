package fuzz

import (
	"context"
	"errors"

	"github.com/kometia-sim/kometia-sim/scenarios/fuzz/oracle"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/payload"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// ReplayVerdict is what became of a case that was played again.
type ReplayVerdict string

// The verdicts of a replay.
const (
	Fixed      ReplayVerdict = "fixed"
	StillFails ReplayVerdict = "still-fails"
	CannotRun  ReplayVerdict = "cannot-run"
)

// Replayed is one case that was played again.
type Replayed struct {
	Case    *Saved
	Verdict ReplayVerdict
	// Found is what came back this time; for CannotRun it says why.
	Found lang.Text
	// Outcome is the answer; nil when there was none or effects decided.
	Outcome *wire.Outcome
}

// Replay plays cases again, in their order, and reports each. Under fresh
// identities, because a receiver that remembers the old ones would hide its
// fault; exact sends the very bytes. It deletes nothing. A limit of this computer
// ends it with that error.
func Replay(ctx context.Context, rec *receiver.Receiver, cfg Config, cases []*Saved, exact bool, tell func(Replayed)) error {
	if cfg.Cases == 0 {
		cfg.Cases = 1 // a budget is asked for; nothing is generated
	}
	kinds := map[string]bool{}
	oracles := map[string]bool{}
	for _, c := range cases {
		kinds[c.Kind] = true
		for i := range c.Steps {
			kinds[c.Steps[i].Kind] = c.Phase == payload.Histories || kinds[c.Steps[i].Kind]
		}
		oracles[c.Oracle] = true
	}
	cfg.Oracles = nil
	for _, o := range oracle.All() {
		if oracles[o.Name] {
			cfg.Oracles = append(cfg.Oracles, o.Name)
		}
	}
	cfg.Generator.Kinds = nil
	for _, k := range catalogueOf(&cfg.Generator).Kinds() {
		if kinds[k.Name] {
			cfg.Generator.Kinds = append(cfg.Generator.Kinds, k.Name)
		}
	}
	if cfg.Generator.Kinds == nil && len(cases) > 0 {
		for _, c := range cases {
			tell(Replayed{Case: c}.cannot("no se conoce el tipo de evento %q", "the event kind %q is unknown", c.Kind))
		}
		return nil
	}
	r, err := NewRunner(rec, cfg)
	if err != nil {
		return err
	}
	defer r.sender.close()
	open := r.passGate(ctx)
	if r.life.fault != nil {
		return r.life.fault
	}
	for _, c := range cases {
		if r.receiver.Stopped() || ctx.Err() != nil {
			break
		}
		played := r.replay(ctx, c, exact, open)
		if ours := rec.Failure(); ours != nil {
			err = ours.Err // and says nothing of the receiver
			break
		}
		tell(played)
	}
	return errors.Join(ctx.Err(), err, rec.Process().Restore(context.WithoutCancel(ctx)))
}

// cannot says why a case could not be played.
func (r Replayed) cannot(es, en string, args ...any) Replayed {
	r.Verdict, r.Found = CannotRun, lang.Textf(es, en, args...)
	return r
}

// What is said of a kind whose normal events are refused, and why.
const (
	notAcceptedES = "un evento normal de %s tampoco se acepta: %s"
	notAcceptedEN = "a normal event of %s is not accepted either: %s"
)

// replay plays one case.
func (r *Runner) replay(ctx context.Context, c *Saved, exact, open bool) Replayed {
	out := r.replayHere(ctx, c, exact, open)
	if name := r.receiver.Name(); out.Verdict == CannotRun && !c.Of(name) {
		out.Found = lang.Textf("%s; se encontró en otro destino: %s", "%s; it was found on another target: %s", out.Found, c.Target)
	}
	return out
}

func (r *Runner) replayHere(ctx context.Context, c *Saved, exact, open bool) Replayed {
	out := Replayed{Case: c, Verdict: CannotRun}
	if a, refused := r.gate.refused[c.Kind]; refused && c.Oracle != oracle.StillAlive {
		return out.cannot(notAcceptedES, notAcceptedEN, c.Kind, receiver.InWords(a.Outcome))
	}
	if !open {
		return out.cannot("el receptor no responde a ningún evento normal", "the receiver answers no normal event")
	}
	asked, _ := oracle.Lookup(c.Oracle)
	if asked.Observed && (r.observer == nil || !r.observer.trusted() || r.observer.clean(c.Kind) == 0 && c.Phase != payload.Histories) {
		return out.cannot("hace falta observar los efectos (observe: en kometia-sim.yaml)", "the effects have to be observed (observe: in kometia-sim.yaml)")
	}
	if c.Phase == payload.Histories {
		return r.repeatHistory(ctx, c, exact, out)
	}
	b, err := c.bundle()
	if err != nil {
		return out.cannot("%s", "%s", err)
	}
	times := 1
	if c.Flaky && !exact {
		times = confirmTimes
	}
	for range times {
		play := b
		if !exact {
			play = r.sender.fresh.Bundle(b)
		}
		found, fails, played := r.repeat(ctx, c, play)
		if !played {
			return out.cannot("sin conexión, o el receptor pide esperar", "no connection, or the receiver asks to wait")
		}
		out.Verdict, out.Found, out.Outcome = Fixed, found.found, found.outcome
		if fails {
			out.Verdict = StillFails
			return out
		}
	}
	return out
}

// repeat delivers a kept bundle and judges its end.
func (r *Runner) repeat(ctx context.Context, c *Saved, b *payload.Bundle) (found seen, fails, played bool) {
	for i := range b.Messages[:len(b.Messages)-1] {
		a := r.sender.send(ctx, r.sender.quick, b.Messages[i].Body)
		if a.Ours() {
			return seen{}, false, false
		}
	}
	end := &payload.Bundle{Class: b.Class, Messages: b.Messages[len(b.Messages)-1:]}
	asked, _ := oracle.Lookup(c.Oracle)
	if asked.Observed {
		s, _, failed, known := r.observer.violation(ctx, end)
		return seen{suspicion: s}, failed && s.oracle == c.Oracle, known && r.observer.trusted()
	}
	client := r.sender.quick
	if c.Oracle == oracle.NoHang || c.Oracle == oracle.StillAlive {
		client = r.sender.patient
	}
	a := receiver.Response{}
	for n := range attempts {
		a = r.sender.send(ctx, client, end.Last().Body)
		if a.Ours() || n > 0 && !end.Class.Good() || a.Outcome.Err != nil || a.Outcome.Acknowledged() || !end.Class.Good() {
			break
		}
	}
	if a.Ours() {
		return seen{}, false, false
	}
	found = seen{bundle: end, outcome: a.Outcome, suspicion: suspicion{found: receiver.InWords(a.Outcome)}}
	if c.Oracle == oracle.StillAlive && c.Code == oracle.Undone && a.Outcome.Acknowledged() && r.observer != nil {
		return found, !r.observer.backlog.caughtUp(ctx), r.observer.trusted()
	}
	if c.Oracle == oracle.StillAlive {
		return found, !a.Outcome.Acknowledged(), true
	}
	if a.Away() {
		return found, false, false
	}
	if c.Oracle == oracle.NoHang && a.Outcome.Err == nil && c.Limit > 0 && a.Outcome.Latency.Milliseconds() >= c.Limit {
		return found, true, true
	}
	for _, s := range r.judge.violations(end.Class, a) {
		if s.oracle == c.Oracle || s.oracle == oracle.NoHang {
			return found, true, true
		}
	}
	return found, false, true
}

// bundle is a kept case ready to be played.
func (s *Saved) bundle() (*payload.Bundle, error) {
	b := &payload.Bundle{Class: s.Class}
	var errs []error
	for i := range s.Steps {
		step := &s.Steps[i]
		body, err := step.Bytes()
		errs = append(errs, err)
		b.Messages = append(b.Messages, payload.Message{
			Kind: step.Kind, At: step.At, Body: body, Spans: step.Identities,
			Subject: observe.Subject{EventID: step.Event, EventKind: step.Kind, ObjectID: step.Object, ObjectType: step.ObjectType, OrderNumber: step.Number},
		})
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	if doc, err := jsontree.Parse(b.Last().Body); err == nil {
		b.Last().Tree, _ = doc.Root.(*jsontree.Object)
	}
	return b, nil
}

// playOld plays the cases of earlier runs before anything new is tried.
func (r *Runner) playOld(ctx context.Context) {
	fixed, unable, others := 0, 0, 0
	for _, c := range r.cfg.Old {
		if !c.Of(r.receiver.Name()) {
			others++
			continue
		}
		if r.life.over() || ctx.Err() != nil {
			return
		}
		if !r.judge.wanted[c.Oracle] || c.Oracle == oracle.StillAlive {
			// What may end the run is for replay alone.
			continue
		}
		switch out := r.replay(ctx, c, false, true); out.Verdict {
		case Fixed:
			fixed++
		case CannotRun:
			unable++
		default:
			f := &Finding{Saved: *c, Old: true, Count: 1}
			f.Found = out.Found
			if r.cfg.Store != nil {
				f.File = r.cfg.Store.Path(c.ID)
			}
			r.findings.add(f)
			r.findings.announce(f)
		}
	}
	if fixed > 0 {
		r.note("%d casos de antes ya no fallan; kometia-sim replay --prune los borra", "%d earlier cases no longer fail; kometia-sim replay --prune deletes them", fixed)
	}
	if unable > 0 {
		r.note("%d casos de antes no se pudieron repetir", "%d earlier cases could not be replayed", unable)
	}
	if others > 0 {
		r.note("Casos guardados de otros destinos, que no se repitieron: %d (kometia-sim replay los repite)", "Kept cases of other targets, not run: %d (kometia-sim replay runs them)", others)
	}
}
