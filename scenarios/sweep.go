package scenarios

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/model"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/payload"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
)

// swept is a sweep that was played: of one kind, with what its plain contents have
// taught of the receiver.
type swept struct {
	*payload.Sweep
	step  *language.Sweep
	kind  string
	round int
	at    time.Time
	more  int // events that were made to narrow a failure down
	// relations are the fields that the receiver keeps as an event says; nil as
	// long as no state was seen.
	relations map[string]receiver.Relation
}

// content is what an exchange of a sweep sends.
type content struct {
	*swept
	n       int
	changes []string // what is out of the ordinary
	enough  bool     // each of the changes is enough by itself for what was odd
	only    []string // of a plain content that does nothing: changes with which it does
}

// sweepOf is the sweep of a kind, made from the schemas that the run goes by.
func (m *maker) sweepOf(kind string, most int) (*payload.Sweep, error) {
	if m.payloads == nil {
		g, err := payload.New(payload.Config{
			Seed: m.cfg.Seed, IDs: m.cfg.IDs, Start: m.cfg.Start, Catalogue: m.cfg.Catalogue, Style: m.cfg.Style,
			Envelope: m.cfg.Envelope, LiveOrders: m.cfg.LiveOrders,
		})
		if err != nil {
			return nil, err
		}
		m.payloads = g
	}
	return m.payloads.Sweep(kind, most), nil
}

// contents makes the events of a content: those that have to come before, and the
// one that is swept. The index tells its identities from all others of the sweep.
func (m *maker) contents(s *language.Scenario, spec *language.Case, w *swept, n, index int, only []int) ([]*emitted, error) {
	key := shop.Key{Name: emitKey(s, spec, w.step.Name(), w.kind), Index: index}
	story := shop.Story{Key: key, At: w.at.Add(-time.Duration(len(w.Before())) * time.Minute)}
	for i := range w.Before() {
		story.After = append(story.After, time.Duration(i+1)*time.Minute)
	}
	if len(w.Changes(n)) > 0 || n == 0 {
		story.Shape = &m.plain // the plain content, but for the changes
	}
	events, err := w.Content(n, only, story)
	if err != nil {
		return nil, lang.Errorf("%s: caso %s: contenido %d: %s", "%s: case %s: content %d: %s", s.File(), spec.Name, n, err)
	}
	var out []*emitted
	for _, e := range events {
		out = append(out, &emitted{event: e, kind: e.Kind, at: e.At, body: delivery.Body(e.Tree, m.cfg.Envelope, m.cfg.Style)})
	}
	return out, nil
}

// sweep sends the contents of a step, and what has to come before each.
func (r *Runner) sweep(ctx context.Context, s *language.Scenario, step *language.Sweep, c playing, round int, at time.Time) {
	kind := step.KindFor(c.kind)
	made, err := r.maker.sweepOf(kind, step.Contents)
	if err != nil {
		c.err = err
		return
	}
	w := &swept{Sweep: made, step: step, kind: kind, round: round, at: at}
	var all [][]*emitted
	for n := range w.Len() {
		events, err := r.maker.contents(s, c.spec, w, n, n, nil)
		if err != nil {
			c.err = err
			return
		}
		all = append(all, events)
	}
	if c.watched && r.observation.known {
		var last []*emitted
		for _, events := range all {
			last = append(last, events[len(events)-1])
		}
		c.unfresh = r.observation.fresh(ctx, last)
	}
	for n, events := range all {
		if r.stopped(ctx) {
			c.stopped = true
			return
		}
		x := r.sendContent(ctx, c, w, n, nil, events)
		if n == 0 && !x.acknowledged() && r.gate.refused[kind] != "" {
			return // what is refused with all that belongs before it is refused whatever it says
		}
	}
}

// sendContent delivers what belongs before a content, and the content itself.
func (r *Runner) sendContent(ctx context.Context, c playing, w *swept, n int, only []int, events []*emitted) *exchange {
	changes := w.Changes(n)
	if only != nil {
		changes = picked(changes, only)
	}
	var x *exchange
	for i, e := range events {
		d := &language.Deliver{As: w.step.Name()}
		last := i == len(events)-1
		switch {
		case !last:
			d.As = "before"
		case only != nil:
			d.As = "narrowing"
		}
		if !last && r.cfg.Kinds != nil && !slices.Contains(r.cfg.Kinds, e.kind) {
			continue
		}
		p := r.deliverer.prepare(d, c.keeping(e, &language.Emit{As: e.kind}), w.round)
		x = p.exchange
		x.follows = i > 0
		if last {
			x.content = &content{swept: w, n: n, changes: changes}
			x.changed = changes
			if n > 0 && len(changes) == 0 {
				x.changed = []string{"data.object"} // ordinary, but not the plain content
			}
			x.summary = strings.Join(changes, ", ")
		}
		c.exchanges = append(c.exchanges, x)
		r.judge.heard = append(r.judge.heard, x)
		r.deliverer.send(ctx, c, d, []outgoing{p}, nil)
	}
	return x
}

// narrow looks, in a case of a sweep, for the changes that are enough by themselves:
// for the first content that was refused, and for the first that did nothing where
// a normal event does something, or something where that does nothing.
func (r *Runner) narrow(ctx context.Context, s *language.Scenario, c playing) {
	first := func(odd func(*exchange) bool) *exchange {
		for _, x := range c.exchanges {
			if x.content != nil && x.name == x.content.step.Name() && len(x.content.changes) > 0 && odd(x) {
				r.single(ctx, s, c, x, odd)
				return x
			}
		}
		return nil
	}
	first(refusedContent)
	first(vanishedContent)
	if acting := first(idlePlain(c.playedCase)); acting != nil {
		c.noteOnly(acting)
	}
}

// refusedContent reports whether a content was refused for what it says.
func refusedContent(x *exchange) bool {
	_, stood := inTheWay(x)
	return !stood && !x.acknowledged()
}

// vanishedContent reports whether a content was acknowledged and did nothing.
func vanishedContent(x *exchange) bool {
	return x.acknowledged() && x.seen != nil && x.seen.err == nil && !x.seen.meant && !x.seen.shared && x.seen.d0 > 0 && x.seen.count == 0
}

// idlePlain reports whether a content did something although a plain one of the
// case did nothing: what a receiver acts on, its normal events are, too.
func idlePlain(c *playedCase) func(*exchange) bool {
	plain := slices.ContainsFunc(c.exchanges, func(x *exchange) bool {
		return x.content != nil && x.content.n == 0 && x.acknowledged() && x.seen != nil && x.seen.err == nil && !x.seen.meant && !x.seen.shared && x.seen.count == 0
	})
	return func(x *exchange) bool {
		return plain && x.acknowledged() && x.seen != nil && x.seen.err == nil && x.seen.count > 0
	}
}

// single sends each change of a content alone, under identities of its own, and
// keeps those that are as odd by themselves. When none is, it takes all of them
// together.
func (r *Runner) single(ctx context.Context, s *language.Scenario, c playing, x *exchange, odd func(*exchange) bool) {
	w, all := x.content.swept, x.content.changes
	if len(all) == 1 {
		x.content.enough = true
		return
	}
	var tries []*exchange
	for i := range all {
		w.more++
		events, err := r.maker.contents(s, c.spec, w, x.content.n, w.Len()+w.more, []int{i})
		if err != nil || r.stopped(ctx) {
			return
		}
		tries = append(tries, r.sendContent(ctx, c, w, x.content.n, []int{i}, events))
	}
	if c.watched {
		c.turn.settle(ctx, r.observation, tries)
	}
	var enough []string
	for i, try := range tries {
		if odd(try) {
			enough = append(enough, all[i])
		}
	}
	if len(enough) > 0 {
		x.content.changes, x.content.enough = enough, true
	}
}

// narrowed reports whether it is known which change of the content is enough.
func (e *exchange) narrowed() bool { return e != nil && e.content != nil && e.content.enough }

// noteOnly tells the plain content of a case which changes make the receiver act.
func (c *playedCase) noteOnly(acting *exchange) {
	for _, x := range c.exchanges {
		if x.content != nil && x.content.n == 0 && x.name == x.content.step.Name() {
			x.content.only = acting.content.changes
		}
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
func (o *observation) learn(c *playedCase) {
	learner := receiver.NewLearner(o.receiver.StateMap())
	var w *swept
	for _, x := range c.exchanges {
		if x.content == nil || len(x.content.changes) > 0 || !x.acknowledged() || x.history == nil {
			continue
		}
		w = x.content.swept
		if l := x.history.last(); l.shows() && l.newest == x.version {
			learner.Learn(x.version.tree, l.state)
		}
	}
	if w != nil {
		w.relations = learner.Relations()
	}
}

// isAltered asks whether a field that the plain contents were kept in has another
// value than this content says; restyled asks only for case or spaces.
func (e *exchange) isAltered(restyled bool) ruling {
	if e.content == nil || len(e.content.relations) == 0 {
		return unknown(textNoObject.both())
	}
	l := e.history.last()
	if r := l.sees(); !r.known {
		return r
	}
	if l.newest != e.version || e.version.gone {
		return unknown(textNoneTaken.both())
	}
	var held []string
	line := model.Line{Acknowledged: true, Changed: e.content.changes}
	for _, field := range slices.Sorted(maps.Keys(e.content.relations)) {
		rel := e.content.relations[field]
		if said, err := jsontree.Get(e.version.tree, rel.Path); err == nil {
			held = append(held, field)
			line.Kept = append(line.Kept, model.Field{Name: field, Relation: rel, Kept: l.state[field], Said: said, By: e.version.event()})
		}
	}
	for _, v := range model.Kept(&line) {
		if restyled == (v.Breach == model.Restyled) {
			return ruling{known: true, yes: true, found: v.Found}
		}
	}
	return ruling{known: true, found: textHeld(held)}
}

// textContent tells what was out of the ordinary about a content that failed.
func textContent(found lang.Text, c *content) lang.Text {
	const most = 3
	names := c.changes
	if len(c.only) > 0 {
		names = c.only
	}
	if len(names) > most {
		names = append(slices.Clone(names[:most]), "…")
	}
	switch {
	case len(names) == 0:
		return found
	case len(c.only) > 0:
		return beside(found, lang.Textf("un evento normal no hace nada, y uno con %s sí", "a normal event does nothing, and one with %s does", strings.Join(names, ", ")))
	case c.enough && len(names) == 1:
		return beside(found, lang.Textf("basta %s", "%s is enough", names[0]))
	case c.enough:
		return beside(found, lang.Textf("basta cualquiera: %s", "any is enough: %s", strings.Join(names, ", ")))
	}
	return beside(found, lang.Textf("con %s", "with %s", strings.Join(names, ", ")))
}
