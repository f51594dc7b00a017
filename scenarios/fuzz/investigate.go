package fuzz

import (
	"context"
	"encoding/base64"
	"slices"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// What one finding may cost: tries to make it small, and time for all of them.
const (
	maxTries     = 400
	shrinkTime   = 5 * time.Second
	afterTheEnd  = 10 * time.Second // for what is still open when the run's time is up
	confirmTimes = 3
)

// investigate looks into suspects, one after the other.
func (r *Runner) investigate(ctx context.Context) {
	var grace time.Time // when the run ended, by the first suspect after it
	for s := range r.suspects {
		if r.ended.Load() {
			if now := r.cfg.Clock.Now(); grace.IsZero() {
				grace = now.Add(afterTheEnd)
			} else if now.After(grace) {
				r.missed.Add(1)
				continue
			}
		}
		if r.dead.Load() || r.stopped() || ctx.Err() != nil {
			r.missed.Add(1)
			continue
		}
		r.calm.RLock()
		r.look(ctx, s)
		r.calm.RUnlock()
	}
}

// look confirms a failure, makes it small and keeps it.
func (r *Runner) look(ctx context.Context, s suspect) {
	c, err := r.gen.Case(s.index)
	if err != nil {
		r.broke(err)
		return
	}
	b, err := r.gen.bundleOf(c, c.Tree, c.Body)
	if err != nil {
		r.broke(err)
		return
	}
	base, err := r.gen.Base(c)
	if err != nil {
		r.broke(err)
		return
	}
	t := &trial{Runner: r, c: c, base: base, want: s.suspicion}
	found, came := t.confirm(ctx, b)
	if !came && (r.dead.Load() || t.blocked) {
		return
	}
	f := r.newFinding(c, b, s.suspicion)
	f.buckets = []*bucket{s.bucket}
	if came && !c.Class.good() || came && c.Class == Equal {
		// Bad input is blamed only where the same event without it is accepted.
		if plain, err := r.bundleOf(base); err != nil || !r.player.insist(ctx, r.player.sender, r.player.again(plain)).accepted() {
			return
		}
	}
	if came {
		f.take(r, found)
		if c.Tree != nil && c.Class.good() && c.Class != Equal && t.ordinary(ctx) {
			// What fails is a plain event: it is held against one that does not.
			c, base = base, r.taken[c.Kind]
			t.c, t.base = c, base
		}
	}
	f.Flaky = !came
	f.describe(c, base, c.Tree)
	kept := r.keep(f)
	if kept != f {
		return
	}
	if came {
		if small := t.shrink(ctx, found.bundle); small != nil && !r.shrunk(f, base, small) {
			return
		}
	}
	r.tell(f)
}

// ordinary reports whether the case fails without anything out of the ordinary.
func (t *trial) ordinary(ctx context.Context) bool {
	b, err := t.bundleOf(t.base)
	if err != nil {
		return false
	}
	_, failed := t.fails(ctx, t.player.again(b))
	return failed
}

// trial plays variants of one case.
type trial struct {
	*Runner
	c, base *Case
	want    suspicion
	tries   int
	until   time.Time
	blocked bool // plain events of the kind are refused now, so nothing is shown
}

// seen is a failure that was seen again.
type seen struct {
	bundle *bundle
	suspicion
	outcome *wire.Outcome
}

// fails plays a bundle and reports whether it fails as it did before.
func (t *trial) fails(ctx context.Context, b *bundle) (seen, bool) {
	if oracle, _ := Lookup(t.want.oracle); oracle.Observed {
		s, failed := t.watch.judge(ctx, b)
		return seen{b, s, nil}, failed && s.oracle == t.want.oracle
	}
	a := t.player.insist(ctx, t.player.sender, b)
	for _, s := range t.court.judge(b.class, a) {
		if s.oracle == t.want.oracle && s.code == t.want.code {
			return seen{b, s, a.outcome}, true
		}
	}
	return seen{}, false
}

// confirm plays the case again under fresh identities, alone, while a plain
// event of the same story is accepted. Only what comes back counts.
func (t *trial) confirm(ctx context.Context, b *bundle) (seen, bool) {
	for range confirmTimes {
		if !t.control(ctx) {
			return seen{}, false
		}
		try := t.fails
		if t.want.oracle == NoHang {
			try = t.hangs
		}
		found, failed := try(ctx, t.player.again(b))
		if !failed {
			continue
		}
		// A receiver that has broken down meanwhile refuses everything.
		if !t.control(ctx) {
			return seen{}, false
		}
		return found, true
	}
	return seen{}, false
}

// control reports whether a plain event of the kind that was accepted at the
// gate is accepted still.
func (t *trial) control(ctx context.Context) bool {
	plain, err := t.bundleOf(t.taken[t.c.Kind])
	if err != nil {
		t.broke(err)
		return false
	}
	a := t.player.insist(ctx, t.player.patient, t.player.again(plain))
	if a.accepted() {
		return true
	}
	t.blocked = true
	if !a.ours() {
		t.alive(ctx)
	}
	return false
}

// hangs plays a bundle with all the time that a delivery has, which tells a hang
// from a delay.
func (t *trial) hangs(ctx context.Context, b *bundle) (seen, bool) {
	a := t.player.insist(ctx, t.player.patient, b)
	switch {
	case a.ours(), a.outcome.Err == nil && a.outcome.Latency < t.limit:
		return seen{}, false
	case !a.hung() && a.outcome.Err != nil:
		return seen{}, false
	}
	found := seen{b, t.want, a.outcome}
	found.found = told(a.outcome)
	if a.outcome.Err == nil {
		took := a.outcome.Total.Round(time.Millisecond).String()
		found.found = lang.Text{ES: "respondió después de " + took, EN: "it answered after " + took}
	}
	return found, true
}

// shrink makes the failing payload small; nil when it got no smaller.
func (t *trial) shrink(ctx context.Context, b *bundle) *shrunken {
	t.until = t.cfg.Clock.Now().Add(shrinkTime)
	if t.want.oracle == NoHang {
		t.until = t.cfg.Clock.Now().Add(t.limit) // each try that fails takes that long
	}
	var last *shrunken
	try := func(c *Case, tree *jsontree.Object, body []byte) bool {
		if t.tries >= maxTries || t.cfg.Clock.Now().After(t.until) || t.dead.Load() || ctx.Err() != nil || t.stopped() {
			return false
		}
		t.tries++
		candidate, err := t.gen.bundleOf(c, tree, body)
		if err != nil {
			return false
		}
		candidate.class = b.class
		found, failed := t.fails(ctx, t.player.again(candidate))
		if failed {
			last = &shrunken{tree: tree, body: body, seen: found}
		}
		return failed
	}
	if t.c.Tree == nil {
		original := t.c.Body
		small := shrinkBytes(original, func(body []byte) bool {
			return t.stillSo(body) && try(t.c, nil, body)
		})
		if len(small) == len(original) {
			return nil
		}
		return last
	}
	if t.c.Class == Equal {
		return nil // the spelling is the matter, and it has a name
	}
	if t.want.oracle == NoHang && len(t.c.Changed) == 1 {
		return nil // each try that fails takes as long as a hang, and it is one change
	}
	// The shape of the story is that of the plain event: a candidate is the plain
	// event with fewer changes.
	valid := t.gen.cfg.Catalogue.Validate(t.c.Kind, t.c.Tree) == nil
	s := Shrinker{
		Plain: t.base.Tree,
		Keep: func(v any) bool {
			return !valid || t.gen.cfg.Catalogue.Validate(t.c.Kind, v) == nil
		},
		Fails: func(v any) bool {
			tree, ok := v.(*jsontree.Object)
			return ok && try(t.base, tree, delivery.Body(tree, t.gen.cfg.Envelope, t.gen.cfg.Style))
		},
	}
	s.Shrink(t.c.Tree)
	return last
}

// stillSo reports whether cut bytes are still what their class says.
func (t *trial) stillSo(body []byte) bool {
	_, err := jsontree.Parse(body)
	switch t.c.Class {
	case Broken, Cut:
		return err != nil
	default:
		return err == nil
	}
}

type shrunken struct {
	tree *jsontree.Object
	body []byte
	seen seen
}

// newFinding begins a finding from a case.
func (r *Runner) newFinding(c *Case, b *bundle, s suspicion) *Finding {
	oracle, _ := Lookup(s.oracle)
	f := &Finding{Saved: Saved{
		Version: savedVersion, Tool: r.cfg.Tool, Oracle: s.oracle, Level: oracle.Level, Kind: c.Kind, Class: c.Class,
		Phase: c.Phase, Seed: c.Seed, Index: c.Index, What: c.Name, Code: s.code, Found: s.found,
	}, Count: 1}
	if c.Soft && oracle.Name == ValidAccepted {
		f.Level = scenarios.Should
	}
	if s.oracle == NoHang {
		f.Limit = r.limit.Milliseconds()
	}
	f.steps(r, b)
	return f
}

// take books a failure that was seen.
func (f *Finding) take(r *Runner, found seen) {
	f.Found, f.Code = found.found, found.code
	f.witness(r, found.bundle.last(), found.outcome)
	if f.Oracle == NoHang && found.outcome != nil && found.outcome.Err == nil {
		f.Level = scenarios.Should // late, and within the delivery timeout
	}
}

// witness keeps the attempt that decides, and what its answer means.
func (f *Finding) witness(r *Runner, p *parcel, o *wire.Outcome) {
	if o == nil {
		return
	}
	a := scenarios.Attempt{
		Event: p.subject.EventID, Kind: p.kind, Number: 1, At: p.at, Status: o.Status, Latency: o.Latency,
		Outcome: string(delivery.Rejected),
	}
	switch {
	case o.Err != nil:
		a.Error, a.Outcome = string(o.Err.Kind), string(delivery.NoResponse)
	case o.Acknowledged():
		a.Outcome = string(delivery.Acknowledged)
	}
	f.Attempts = []scenarios.Attempt{a}
	request := &wire.Request{Target: r.cfg.Target, Header: r.player.header, Body: p.body}
	f.Diagnosis = r.cfg.Diagnoses.Diagnose(request, o)
}

// caption says beside the attempt what was out of the ordinary in it.
func (f *Finding) caption() {
	if f.Phase == Histories {
		return
	}
	for i := range f.Attempts {
		f.Attempts[i].Summary = f.What
	}
}

// steps writes the deliveries of a bundle.
func (f *Finding) steps(r *Runner, b *bundle) {
	f.Steps = nil
	parcels := b.parcels
	if _, needed := r.player.parents.Load(b.last().kind); !needed {
		parcels = parcels[len(parcels)-1:]
	}
	for i := range parcels {
		p := &parcels[i]
		f.Steps = append(f.Steps, Step{
			Kind: p.kind, Event: p.subject.EventID, At: p.at, Headers: r.headerLines(), Body: encodeLines(p.body),
			Identities: p.spans, Object: p.subject.ObjectID, ObjectType: p.subject.ObjectType, Number: p.subject.OrderNumber,
		})
	}
}

// headerLines are the header fields that are ours: the user's may be secrets.
func (r *Runner) headerLines() []string {
	lines := []string{}
	for _, h := range delivery.Header(r.cfg.UserAgent, nil) {
		lines = append(lines, base64.StdEncoding.EncodeToString([]byte(h.Name+": "+h.Value)))
	}
	return lines
}

// describe writes how a payload differs from the plain event.
func (f *Finding) describe(c, base *Case, tree *jsontree.Object) {
	f.Changes = nil
	if tree == nil || c.Class == Equal {
		return
	}
	for _, e := range differences(base.Tree, tree) {
		if e.identity() {
			continue
		}
		change := Change{Path: e.place.String()}
		if was, there := get(base.Tree, e.place); there {
			change.Plain = shown(was)
		}
		if !e.drop {
			change.Here = shown(e.value)
		}
		f.Changes = append(f.Changes, change)
	}
}

// shown is a value as JSON, cut to a length that people read.
func shown(v any) string {
	text := []rune(string(jsontree.Encode(v, jsontree.Plain)))
	if len(text) > 160 {
		return string(text[:150]) + "…"
	}
	return string(text)
}

// keep adds a finding to the run and to the disk; one of a bucket that is there
// already is counted with it.
func (r *Runner) keep(f *Finding) *Finding {
	f.identify()
	f.caption()
	r.mu.Lock()
	for _, other := range r.findings {
		if other.ID == f.ID {
			other.absorb(f)
			other.Flaky = other.Flaky && f.Flaky
			r.mu.Unlock()
			return other
		}
	}
	r.findings = append(r.findings, f)
	r.mu.Unlock()
	r.write(f)
	return f
}

// shrunk puts the small payload in the place of the one that was found. When
// another finding has the same, the two are one, and it reports false.
func (r *Runner) shrunk(f *Finding, base *Case, small *shrunken) bool {
	smaller := r.copied(f)
	smaller.take(r, small.seen)
	smaller.describe(base, base, small.tree)
	smaller.steps(r, small.seen.bundle)
	if len(smaller.Changes) > 0 {
		smaller.What = ""
		for i, change := range smaller.Changes {
			if i > 0 {
				smaller.What += ", "
			}
			smaller.What += change.Path + ": " + orMissing(change.Here)
		}
	}
	return r.replace(f, &smaller)
}

// replace puts a smaller finding in the place of the one that it was made from.
// When another finding is the same, the two are one, and it reports false.
func (r *Runner) replace(f, smaller *Finding) bool {
	was := f.ID
	smaller.identify()
	smaller.caption()
	r.mu.Lock()
	defer r.mu.Unlock()
	smaller.buckets, smaller.Also = f.buckets, f.Also
	for _, other := range r.findings {
		if other != f && other.ID == smaller.ID {
			other.absorb(f)
			r.findings = slices.DeleteFunc(r.findings, func(mine *Finding) bool { return mine == f })
			r.forget(was)
			return false
		}
	}
	*f = *smaller
	r.write(f)
	if f.ID != was {
		r.forget(was)
	}
	return true
}

// copied is a finding as it is now: others are counted with it meanwhile.
func (r *Runner) copied(f *Finding) Finding {
	r.mu.Lock()
	defer r.mu.Unlock()
	return *f
}

// absorb counts a finding that is the same as this one.
func (f *Finding) absorb(other *Finding) {
	f.buckets = append(f.buckets, other.buckets...)
	for _, kind := range append([]string{other.Kind}, other.Also...) {
		if kind != f.Kind && !slices.Contains(f.Also, kind) {
			f.Also = append(f.Also, kind)
		}
	}
}

// tell shows a finding to whoever wants to see it at once.
func (r *Runner) tell(f *Finding) {
	if r.cfg.OnFinding == nil {
		return
	}
	r.cfg.OnFinding(r.copied(f))
}

func orMissing(here string) string {
	if here == "" {
		return "—"
	}
	return here
}

func (r *Runner) write(f *Finding) {
	if r.cfg.Store == nil {
		return
	}
	if err := r.cfg.Store.Write(&f.Saved); err != nil {
		r.note(lang.Text{ES: "no se pudo guardar el caso " + f.ID + ": " + err.Error(), EN: "the case " + f.ID + " could not be kept: " + err.Error()})
		return
	}
	f.File = r.cfg.Store.Path(f.ID)
}

func (r *Runner) forget(id string) {
	if r.cfg.Store != nil {
		_ = r.cfg.Store.Remove(id) // what it held stands in another file
	}
}
