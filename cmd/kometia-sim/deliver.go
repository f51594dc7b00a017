package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/terminal"
	"github.com/kometia-sim/kometia-sim/report"
	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/scenarios/consent"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/diagnose"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// outlet is where the story of a send is told: to a person or to a program.
type outlet interface {
	attempt(e report.Event, a *report.SendAttempt) error
	delivery(d *report.Send) error
	end(t *report.Tally) error
}

// person is told of a delivery when it is over.
type person struct{ *report.SendTerminal }

func (person) attempt(report.Event, *report.SendAttempt) error { return nil }
func (p person) delivery(d *report.Send) error                 { return p.Delivery(d) }
func (p person) end(t *report.Tally) error                     { return p.End(t) }

// program is told of every attempt as it ends.
type program struct{ *report.SendJSON }

func (p program) attempt(e report.Event, a *report.SendAttempt) error { return p.Attempt(e, a) }
func (p program) delivery(d *report.Send) error                       { return p.Result(d) }
func (p program) end(t *report.Tally) error                           { return p.End(t) }

// telling turns the attempts of an engine into a story for an outlet.
type telling struct {
	to     outlet
	policy retryclock.Policy
	table  *diagnose.Table
	prober *diagnose.Prober
	of     map[*delivery.Delivery]*report.Send
	tally  report.Tally
	err    error // the first of the outlet's
}

// deliver sends the letters, one after the other, under a retry policy and on a
// virtual clock, and says what became of them.
func (s *session) deliver(ctx context.Context, set *settings, letters []letter, policy retryclock.Policy, to outlet) error {
	client, err := wire.New(set.wire)
	if err != nil {
		return terminal.Usage(err)
	}
	defer client.Close()
	t := &telling{
		to: to, policy: policy, table: diagnose.Builtin(), prober: diagnose.NewProber(diagnose.Builtin(), s.probes(set, client)),
		of: map[*delivery.Delivery]*report.Send{},
	}
	start := set.start
	deliveries := make([]delivery.Delivery, len(letters))
	for i, l := range letters {
		if l.due.Before(start) {
			start = l.due
		}
		deliveries[i] = delivery.Delivery{
			Event: l.about.ID, Kind: l.about.Kind, Due: l.due,
			Request: set.request(l),
		}
		t.of[&deliveries[i]] = &report.Send{Event: l.about, Retry: policy.Attempts() > 1}
	}
	engine, err := delivery.New(delivery.Config{
		Clock: retryclock.NewVirtual(start), Policy: policy, Sender: client, OnAttempt: func(a delivery.Attempt) { t.attempt(ctx, a) }, Stop: s.Stop,
	})
	if err != nil {
		return terminal.Usage(err)
	}
	results, err := engine.Run(ctx, deliveries)
	t.interrupted(results)
	if err != nil && ctx.Err() == nil {
		return err
	}
	if t.err == nil {
		t.err = to.end(&t.tally)
	}
	if t.err != nil {
		return fmt.Errorf("writing the report: %w", t.err)
	}
	return terminal.Exit(t.tally.Exit())
}

// attempt is called for every attempt, one at a time.
func (t *telling) attempt(ctx context.Context, a delivery.Attempt) {
	send := t.of[a.Delivery]
	send.Attempts = append(send.Attempts, t.told(ctx, a))
	send.LastOffset = a.Offset
	t.keep(t.to.attempt(send.Event, &send.Attempts[len(send.Attempts)-1]))
	_, more := t.policy.Next(a.Number)
	canceled := a.Outcome != nil && a.Outcome.Err != nil && a.Outcome.Err.Kind == wire.ErrCanceled
	switch {
	case a.Verdict == delivery.Acknowledged:
		t.over(send, report.Delivered)
	case canceled, more:
	case send.Retry:
		t.over(send, report.Expired)
	default:
		t.over(send, report.Failed)
	}
}

// interrupted ends the deliveries that were cut off. What never had an attempt
// was not refused by anyone, so nothing is said of it.
func (t *telling) interrupted(results []delivery.Result) {
	for i := range results {
		if results[i].State != delivery.Interrupted {
			continue
		}
		t.tally.Interrupted = true
		if send := t.of[results[i].Delivery]; len(send.Attempts) > 0 {
			t.over(send, report.Failed)
		}
	}
}

func (t *telling) over(send *report.Send, result string) {
	send.Result = result
	t.tally.Add(send)
	t.keep(t.to.delivery(send))
}

func (t *telling) keep(err error) {
	if t.err == nil {
		t.err = err
	}
}

// told is an attempt as reports want it, with its diagnosis.
func (t *telling) told(ctx context.Context, a delivery.Attempt) report.SendAttempt {
	out := a.Outcome
	told := report.SendAttempt{
		Attempt: verdict.Attempt{
			Event: a.Delivery.Event, Kind: a.Delivery.Kind, Number: a.Number, At: a.At, Offset: a.Offset,
			Status: out.Status, Outcome: string(a.Verdict), Latency: out.Latency,
		},
		Connected: out.Connected,
		Notes:     out.Notes,
	}
	if out.Err != nil {
		told.Error, told.Latency = out.Err.Error(), out.Total
	}
	d, probes := t.prober.Diagnose(ctx, a.Delivery.Request, out)
	for _, p := range probes {
		told.Probes = append(told.Probes, toldProbe(p))
	}
	if d != nil {
		told.Diagnosis = d
		if entry, ok := t.table.Entry(d.Code); ok {
			told.Title = entry.Title
		}
		for _, f := range d.Fixes {
			told.Fixes = append(told.Fixes, report.FixText{For: f.For, Text: f.Text, Code: f.Code})
		}
	}
	return told
}

// toldProbe is a probe as reports want it.
func toldProbe(p diagnose.Probe) report.Probe {
	told := report.Probe{Method: p.Request.Method, URL: p.Request.Target.String(), Status: p.Outcome.Status, Latency: p.Outcome.Latency}
	if told.Method == "" {
		told.Method = "POST"
	}
	if p.Outcome.Err != nil {
		told.Error, told.Latency = p.Outcome.Err.Error(), p.Outcome.Total
	}
	return told
}

// probes is what further requests for a diagnosis go through; nil when the user
// wants none, or when the receiver is on another machine whose owner has not
// allowed them.
func (s *session) probes(set *settings, client *wire.Client) diagnose.Sender {
	allowed := set.target.wire.Loopback() || slices.Contains(set.config.Allow, string(consent.Probe)) ||
		slices.Contains(splitted(s.flags.StringSlice("allow")), string(consent.Probe))
	if s.flags.Bool("no-probe") || !allowed {
		return nil
	}
	return client
}
