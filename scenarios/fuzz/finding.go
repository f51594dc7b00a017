package fuzz

import (
	"context"
	"encoding/base64"
	"slices"

	"github.com/kometia-sim/kometia-sim/scenarios/fuzz/oracle"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/diagnose"
	"github.com/kometia-sim/kometia-sim/simulator/payload"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// Finding is a failure that was looked into.
type Finding struct {
	Saved
	// File is where it is kept; "" when it is not.
	File string
	// Count is how many failures of the run look the same.
	Count     int64
	Diagnosis *diagnose.Diagnosis
	Attempts  []verdict.Attempt
	// Old says that it is a case of an earlier run that still fails.
	Old bool
	// Also are other event kinds with which the same history fails the same way.
	Also []string

	buckets []*bucket
}

// newFinding begins a finding from a case.
func (r *Runner) newFinding(c *payload.Case, b *payload.Bundle, s suspicion) *Finding {
	asked, _ := oracle.Lookup(s.oracle)
	f := &Finding{Saved: Saved{
		Version: savedVersion, Tool: r.cfg.Tool, Oracle: s.oracle, Level: asked.Level, Kind: c.Kind, Class: c.Class,
		Phase: c.Phase, Seed: c.Seed, Index: c.Index, What: c.Name, Code: s.code, Found: s.found,
	}, Count: 1}
	if c.Soft && asked.Name == oracle.ValidAccepted || s.soft {
		f.Level = verdict.Should
	}
	if s.oracle == oracle.NoHang {
		f.Limit = r.gate.limit.Milliseconds()
	}
	f.steps(r, b)
	return f
}

// take books a failure that was seen.
func (f *Finding) take(ctx context.Context, r *Runner, found seen) {
	f.Found, f.Code = found.found, found.code
	f.evidence(ctx, r, found.bundle.Last(), found.outcome)
	if f.Oracle == oracle.NoHang && found.outcome != nil && found.outcome.Err == nil {
		f.Level = verdict.Should // late, and within the delivery timeout
	}
}

// evidence keeps the attempt that decides, and what its response means.
func (f *Finding) evidence(ctx context.Context, r *Runner, m *payload.Message, o *wire.Outcome) {
	if o == nil {
		return
	}
	a := verdict.Attempt{
		Event: m.Subject.EventID, Kind: m.Kind, Number: 1, At: m.At, Status: o.Status, Latency: o.Latency, Notes: o.Notes,
		Outcome: string(delivery.Rejected),
	}
	switch {
	case o.Err != nil:
		a.Error, a.Outcome = string(o.Err.Kind), string(delivery.NoResponse)
	case o.Acknowledged():
		a.Outcome = string(delivery.Acknowledged)
	}
	request := r.receiver.Request(m.Body)
	a.Exchange = verdict.Transcribe(request, o)
	f.Attempts = []verdict.Attempt{a}
	if asked, _ := oracle.Lookup(f.Oracle); !asked.Observed { // else the response is not what is wrong
		f.Diagnosis, _ = r.receiver.Diagnose(ctx, request, o)
	}
}

// caption says beside the attempt what was out of the ordinary in it.
func (f *Finding) caption() {
	if f.Phase == payload.Histories {
		return
	}
	for i := range f.Attempts {
		f.Attempts[i].Summary = f.What
	}
}

// steps writes the deliveries of a bundle.
func (f *Finding) steps(r *Runner, b *payload.Bundle) {
	f.Steps = nil
	messages := b.Messages
	if _, needed := r.sender.parents.Load(b.Last().Kind); !needed {
		messages = messages[len(messages)-1:]
	}
	for i := range messages {
		f.Steps = append(f.Steps, stepOf(r.receiver, &messages[i]))
	}
}

// stepOf writes one delivery.
func stepOf(rec *receiver.Receiver, m *payload.Message) Step {
	return Step{
		Kind: m.Kind, Event: m.Subject.EventID, At: m.At, Headers: headerLines(rec), Body: encodeLines(m.Body),
		Identities: m.Spans, Object: m.Subject.ObjectID, ObjectType: m.Subject.ObjectType, Number: m.Subject.OrderNumber,
	}
}

// headerLines are the header fields that are ours: the user's may be secrets.
func headerLines(r *receiver.Receiver) []string {
	lines := []string{}
	for _, h := range r.PlainHeader() {
		lines = append(lines, base64.StdEncoding.EncodeToString([]byte(h.Name+": "+h.Value)))
	}
	return lines
}

// describe writes how a payload differs from the normal event.
func (f *Finding) describe(c, base *payload.Case, tree *jsontree.Object) {
	f.Changes = nil
	if tree == nil || c.Class == payload.Equal {
		return
	}
	f.Changes = payload.Changes(base.Tree, tree)
}

// shrunk puts the small payload in the place of the one that was found. When
// another finding has the same, the two are one, and it reports false.
func (r *Runner) shrunk(ctx context.Context, f *Finding, base *payload.Case, small *shrunken) bool {
	smaller := r.findings.copied(f)
	smaller.take(ctx, r, small.seen)
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
	return r.findings.replace(f, &smaller)
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

func orMissing(here string) string {
	if here == "" {
		return "—"
	}
	return here
}
