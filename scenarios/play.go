package scenarios

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// emitted is an event of a case, ready to be sent.
type emitted struct {
	event   *shop.Event // nil when raw bytes are sent
	kind    string
	body    []byte
	at      time.Time
	summary string
}

// play plays all cases of a scenario.
func (r *Runner) play(ctx context.Context, s *Scenario) []playedCase {
	var out []playedCase
	inVain := 0
	for _, kind := range r.kindsFor(s) {
		for i := range s.Cases {
			if s.Group == GroupGate && (inVain >= maxInVain || r.kindEnough(s, out)) {
				return out
			}
			c := r.playCase(ctx, s, &s.Cases[i], kind, 0)
			out = append(out, c)
			if len(c.exchanges) > 0 && c.exchanges[0].slowly() {
				inVain++
			} else {
				inVain = 0
			}
		}
	}
	if s.Group == GroupGate {
		r.forgiveColdStart(ctx, s, out)
	}
	return out
}

// forgiveColdStart plays the very first case of the gate again when it alone
// got no answer in time: only then can be told whether the receiver had to
// start first or is too slow for that kind of event.
func (r *Runner) forgiveColdStart(ctx context.Context, s *Scenario, cases []playedCase) {
	first := &cases[0]
	answered := func(c playedCase) bool { return len(c.exchanges) > 0 && !c.exchanges[0].slowly() }
	if len(first.exchanges) == 0 || !first.exchanges[0].timedOut() || !slices.ContainsFunc(cases, answered) {
		return
	}
	again := r.playCase(ctx, s, first.spec, first.kind, 1)
	if len(again.exchanges) == 0 {
		return
	}
	r.court.plain = append(r.court.plain, first.exchanges...)
	if !again.exchanges[0].timedOut() {
		r.report.Notes = append(r.report.Notes, textColdStart(r.cfg.Wire.Timeout))
	}
	*first = again
}

// maxInVain is how many kinds in a row may go without an answer in time before
// the gate asks for no more: each costs a whole timeout.
const maxInVain = 2

// kindEnough reports whether the gate has found a kind to play with, has tried
// those that a wanted check names, and nobody wants its own checks or the
// latencies that it measures.
func (r *Runner) kindEnough(s *Scenario, cases []playedCase) bool {
	if r.suite.wantsAny(s) {
		return false
	}
	for _, other := range r.suite.Scenarios() {
		if slices.ContainsFunc(other.Checks, func(c Check) bool { return c.Slow != nil && r.suite.wants(c.ID) }) {
			return false
		}
		for i := range other.Cases {
			for _, kind := range other.Cases[i].kinds() {
				tried := slices.ContainsFunc(cases, func(c playedCase) bool { return c.kind == kind })
				if !tried && slices.Contains(r.cfg.kinds(), kind) {
					return false
				}
			}
		}
	}
	return slices.ContainsFunc(cases, func(c playedCase) bool {
		return len(c.exchanges) > 0 && c.exchanges[0].acknowledged()
	})
}

// kinds are the event kinds that the case names itself.
func (c *CaseSpec) kinds() (kinds []string) {
	for i := range c.Steps {
		if e := c.Steps[i].Emit; e != nil && e.Kind != "" && e.Kind != "{kind}" {
			kinds = append(kinds, e.Kind)
		}
	}
	return kinds
}

// barred tells why a case cannot say anything: it sends a kind that the
// receiver is not subscribed to, or one that it did not acknowledge at the gate,
// which is said there. Nil when nothing is in its way.
func (r *Runner) barred(s *Scenario, spec *CaseSpec) *finding {
	if s.Group == GroupGate {
		return nil
	}
	for _, kind := range spec.kinds() {
		if r.cfg.Kinds != nil && !slices.Contains(r.cfg.Kinds, kind) {
			return &finding{verdict: NotApplicable, reason: textNotSubscribed(kind)}
		}
		if id := r.refused[kind]; id != "" {
			return &finding{verdict: Inconclusive, because: id}
		}
	}
	return nil
}

// playCase plays the steps of a case, as often as it says, counting the rounds
// from the given one.
func (r *Runner) playCase(ctx context.Context, s *Scenario, spec *CaseSpec, kind string, first int) playedCase {
	c := playedCase{name: spec.Name, spec: spec, kind: kind, declared: r.cfg.Kinds != nil}
	if s.Each == "kind" {
		c.name = kind
	}
	if c.skipped = r.barred(s, spec); c.skipped != nil {
		return c
	}
	start := r.startOf(spec, r.base)
	for round := first; round < first+r.times(spec); round++ {
		events := map[string]*emitted{}
		for i := range spec.Steps {
			if r.stopped(ctx) || c.err != nil {
				c.stopped = c.err == nil
				return c
			}
			if e := spec.Steps[i].Emit; e != nil {
				events[e.name()], c.err = r.emit(s, spec, e, kind, round, start)
				continue
			}
			d := spec.Steps[i].Deliver
			for range max(d.Times, 1) {
				if r.stopped(ctx) {
					c.stopped = true
					return c
				}
				c.exchanges = append(c.exchanges, r.deliver(ctx, d, events[d.of()]))
			}
		}
		if s.measures() {
			r.court.plain = append(r.court.plain, c.exchanges[len(c.exchanges)-1])
			if r.court.waited() > maxMeasuring {
				break
			}
		}
	}
	return c
}

// startOf is the virtual instant of a case's events in a run that ends at base.
func (r *Runner) startOf(spec *CaseSpec, base time.Time) time.Time {
	return base.Add(-span(spec, r.cfg.Policy)).Truncate(time.Second)
}

// rehearse makes every event of the suite once, for a run that ends at base, so
// that a scenario which cannot be played is told before anything is sent.
func (r *Runner) rehearse(base time.Time) error {
	var errs []error
	for _, s := range r.suite.scenarios {
		if s.Group != GroupGate && !r.suite.wantsAny(s) {
			continue
		}
		for _, kind := range r.kindsFor(s) {
			for i := range s.Cases {
				c := &s.Cases[i]
				for j := range c.Steps {
					if e := c.Steps[j].Emit; e != nil {
						errs = append(errs, r.rehearseEmit(s, c, e, kind, base))
					}
				}
			}
		}
	}
	return errors.Join(errs...)
}

// rehearseEmit makes one event. A step that changes members of an event whose
// kind only the gate will tell has to do so with every kind.
func (r *Runner) rehearseEmit(s *Scenario, c *CaseSpec, e *Emit, kind string, base time.Time) error {
	at := r.startOf(c, base)
	if s.Each == "kind" || e.Kind != "" || len(e.Set)+len(e.Unset) == 0 {
		_, err := r.emit(s, c, e, kind, 0, at)
		return err
	}
	for _, kind := range r.cfg.kinds() {
		if _, err := r.emit(s, c, e, kind, 0, at); err != nil {
			return fmt.Errorf("%w (the step names no kind, and this run may play it with %s: name one)", err, kind)
		}
	}
	return nil
}

// span is the virtual time from a case's first event to its last attempt.
func span(c *CaseSpec, p retryclock.Policy) time.Duration {
	var last time.Duration
	for i := range c.Steps {
		if d := c.Steps[i].Deliver; d != nil {
			last = max(last, d.At+p.Offset(min(max(d.Attempts, 1), p.Attempts())))
		}
	}
	return last
}

// emit makes the event of a step. What it makes depends on seed, ids and start
// and on its place in the catalogue, never on what was played before.
func (r *Runner) emit(s *Scenario, c *CaseSpec, e *Emit, kind string, round int, at time.Time) (*emitted, error) {
	where := func(err error) error {
		return fmt.Errorf("%s: case %s: emit %s: %w", s.file, c.Name, e.name(), err)
	}
	key := shop.Key{Name: strings.Join([]string{s.Family, c.Name, e.name(), e.kind(kind)}, "/"), Index: round}
	events, err := r.world.Tell(shop.Story{Key: key, Kinds: []string{e.kind(kind)}, At: at})
	if err != nil {
		return nil, where(err)
	}
	out := &emitted{event: events[0], kind: events[0].Kind, at: at}
	if e.Raw != nil {
		return &emitted{body: []byte(*e.Raw), at: at, summary: e.summary()}, nil
	}
	tree := jsontree.Clone(out.event.Tree).(*jsontree.Object)
	// In order, so that a member and one inside it always end the same.
	for _, path := range slices.Sorted(maps.Keys(e.Set)) {
		if err := jsontree.SetPath(tree, path, jsontree.Of(e.Set[path])); err != nil {
			return nil, where(err)
		}
	}
	for _, path := range e.Unset {
		if err := jsontree.DeletePath(tree, path); err != nil {
			return nil, where(err)
		}
	}
	if e.Keys == "reversed" {
		reverseKeys(tree)
	}
	if len(e.Set)+len(e.Unset) > 0 && e.Outside == "" {
		if err := r.cfg.Catalogue.Validate(out.kind, tree); err != nil {
			return nil, where(fmt.Errorf("what it changes leaves the schema: mark it `outside: schema` if that is meant: %w", err))
		}
	}
	out.event.Tree = tree
	if k, ok := tree.Lookup("kind"); ok {
		out.kind, _ = k.(string)
	}
	style := r.cfg.Style
	if e.Spelling != "" {
		style = jsontree.Style(e.Spelling)
	}
	out.body = delivery.Body(tree, r.cfg.Envelope, style)
	if e.Truncate > 0 {
		out.body = out.body[:int(float64(len(out.body))*e.Truncate)]
	}
	out.summary = e.summary()
	return out, nil
}

// summary is what stands out about what is sent, for the timeline.
func (e *Emit) summary() string {
	switch {
	case e.Raw != nil && *e.Raw == "":
		return "empty body"
	case e.Raw != nil:
		return *e.Raw
	case e.Truncate > 0:
		return fmt.Sprintf("cut at %.0f %%", e.Truncate*100)
	case e.Spelling != "":
		return e.Spelling
	case e.Keys != "":
		return "keys " + e.Keys
	}
	return ""
}

// reverseKeys turns the order of the members round, at every level.
func reverseKeys(v any) {
	switch v := v.(type) {
	case *jsontree.Object:
		for i, j := 0, len(v.Members)-1; i < j; i, j = i+1, j-1 {
			v.Members[i], v.Members[j] = v.Members[j], v.Members[i]
		}
		for i := range v.Members {
			reverseKeys(v.Members[i].Value)
		}
	case []any:
		for i := range v {
			reverseKeys(v[i])
		}
	}
}

// deliver plays one delivery to its end, on a virtual clock of its own.
func (r *Runner) deliver(ctx context.Context, d *Deliver, e *emitted) *exchange {
	x := &exchange{name: d.name(), kind: e.kind, summary: e.summary, keep: d.Connection == "kept"}
	if e.event != nil {
		x.event = e.event.ID
		if r.cfg.OnEvent != nil {
			r.cfg.OnEvent(e.event, r.world.Objects(e.event))
		}
	}
	due := e.at.Add(d.At)
	request := &wire.Request{
		Target: r.cfg.Target, Header: d.header(delivery.Header(r.cfg.UserAgent, r.cfg.Header)),
		Body: e.body, Fresh: !x.keep,
	}
	wasGone := r.gone
	engine, err := delivery.New(delivery.Config{
		Clock: retryclock.NewVirtual(due), Policy: r.cfg.Policy, Sender: r.pacer, Stop: r.cfg.Stop,
	})
	if err != nil {
		// The policy was checked when the runner was made.
		panic(err)
	}
	// Its error is the context's, which the result tells as interrupted.
	results, _ := engine.Run(ctx, []delivery.Delivery{{
		Event: x.event, Kind: e.kind, Request: request, Due: due, Origin: e.at,
		Faults: d.Faults, MaxAttempts: max(d.Attempts, 1),
	}})
	x.result = results[0]
	r.report.Virtual += x.result.LastOffset()
	if o := x.last(); o != nil {
		x.diagnosis = r.cfg.Diagnoses.Diagnose(request, o)
		r.reachable = r.reachable || o.Connected
		away := o.Err != nil && (o.Err.Kind == wire.ErrConnectRefused || o.Err.Kind == wire.ErrConnectTimeout)
		x.gone = away && wasGone
		r.gone = away && r.reachable
	}
	for i := range x.result.Attempts {
		if o := x.result.Attempts[i].Outcome; o != nil {
			_, throttled := retryAfter(o, r.cfg.Clock.Now())
			x.throttled = x.throttled || throttled
		}
	}
	return x
}

// header applies a step's changes to the header of a delivery.
func (d *Deliver) header(base []wire.Field) []wire.Field {
	var out []wire.Field
	done := map[string]bool{}
	for _, f := range base {
		for name, value := range d.Header {
			if strings.EqualFold(name, f.Name) {
				done[name] = true
				if value == nil {
					f.Name = ""
				} else {
					f.Value = *value
				}
			}
		}
		if f.Name != "" {
			out = append(out, f)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(d.Header)) {
		if value := d.Header[name]; !done[name] && value != nil {
			out = append(out, wire.Field{Name: name, Value: *value})
		}
	}
	for i := range out {
		switch d.HeaderCase {
		case "lower":
			out[i].Name = strings.ToLower(out[i].Name)
		case "upper":
			out[i].Name = strings.ToUpper(out[i].Name)
		}
	}
	return out
}
