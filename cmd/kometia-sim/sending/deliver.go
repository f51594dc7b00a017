package sending

import (
	"context"
	"time"

	"github.com/kometia-sim/kometia-sim/report/view"
	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// Printer is told what becomes of a send: a person of each delivery when it is
// over, a program of every attempt, before it goes out and as it ends.
type Printer interface {
	Sending(e view.SendEvent, number int, at time.Time) error
	Attempt(e view.SendEvent, a *view.SendAttempt) error
	Delivery(d *view.Send) error
	End(t *view.Tally) error
}

// Deliverer delivers messages.
type Deliverer struct {
	Receiver *receiver.Receiver
	Policy   retryclock.Policy
	Start    time.Time // virtual; earlier when a message is due before it
	Printer  Printer
	Unkept   bool // the messages could not be recorded, which the exit code tells
}

// Refuses says what of the messages the owner of another machine has not
// consented to; nil when nothing is refused.
func (d *Deliverer) Refuses(messages []Message) error {
	requests := make([]*wire.Request, len(messages))
	for i, m := range messages {
		requests[i] = d.Receiver.Request(m.Body)
	}
	return d.Receiver.Refuses(requests, d.Policy.Attempts())
}

// Deliver sends the messages, one after the other, on a virtual clock, and has
// the printer say what became of them. It gives back the exit code.
func (d *Deliverer) Deliver(ctx context.Context, messages []Message) (int, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	f := &following{tally: view.Tally{Unkept: d.Unkept}, to: d.Printer, policy: d.Policy, receiver: d.Receiver, cancel: cancel, sends: map[*delivery.Delivery]*view.Send{}}
	start := d.Start
	deliveries := make([]delivery.Delivery, len(messages))
	for i, m := range messages {
		if m.Due.Before(start) {
			start = m.Due
		}
		request := d.Receiver.Request(m.Body)
		request.Fresh = true // what a server says late on a connection is no answer to another event
		deliveries[i] = delivery.Delivery{Event: m.About.ID, Kind: m.About.Kind, Due: m.Due, Request: request}
		f.sends[&deliveries[i]] = &view.Send{Event: m.About, Retry: d.Policy.Attempts() > 1}
	}
	engine, err := delivery.New(delivery.Config{
		Clock: retryclock.NewVirtual(start), Policy: d.Policy, Sender: d.Receiver.Direct(), Stop: d.Receiver.Stop(),
		OnAttempt: func(a delivery.Attempt) { f.attempt(ctx, a) },
		OnStart:   func(d *delivery.Delivery, n int, at time.Time) { f.keep(f.to.Sending(f.sends[d].Event, n, at)) },
	})
	if err != nil {
		return 0, err
	}
	results, err := engine.Run(ctx, deliveries)
	if ours := d.Receiver.Failure(); ours != nil {
		return 0, ours.Err
	}
	f.interrupted(results)
	if err != nil && ctx.Err() == nil {
		return 0, err
	}
	if f.err == nil {
		f.err = d.Printer.End(&f.tally)
	}
	if f.err != nil {
		return 0, lang.Errorf("no se pudo escribir el informe: %s", "writing the report: %s", f.err)
	}
	return f.tally.Exit(), nil
}

// following turns the attempts of an engine into what a printer is told.
type following struct {
	to     Printer
	policy retryclock.Policy
	// receiver is who is sent to; cancel ends what the computer cannot go on with.
	receiver *receiver.Receiver
	cancel   func()
	sends    map[*delivery.Delivery]*view.Send
	tally    view.Tally
	err      error // the first one of the printer
}

// attempt is called for every attempt, one at a time.
func (f *following) attempt(ctx context.Context, a delivery.Attempt) {
	send := f.sends[a.Delivery]
	send.Attempts = append(send.Attempts, f.told(ctx, a))
	send.LastOffset = a.Offset
	f.keep(f.to.Attempt(send.Event, &send.Attempts[len(send.Attempts)-1]))
	_, more := f.policy.Next(a.Number)
	if f.receiver.Failure() != nil {
		f.cancel()
		return
	}
	canceled := a.Outcome != nil && a.Outcome.Err != nil && a.Outcome.Err.Kind == wire.ErrCanceled
	switch {
	case a.Verdict == delivery.Acknowledged:
		f.over(send, view.Delivered)
	case canceled, more:
	case send.Retry:
		f.over(send, view.Expired)
	default:
		f.over(send, view.Failed)
	}
}

// interrupted ends the deliveries that were cut off. What never had an attempt
// was not refused by anyone, so nothing is said of it.
func (f *following) interrupted(results []delivery.Result) {
	for i := range results {
		if results[i].State != delivery.Interrupted {
			continue
		}
		f.tally.Interrupted = true
		if send := f.sends[results[i].Delivery]; len(send.Attempts) > 0 {
			f.over(send, view.Failed)
		}
	}
}

func (f *following) over(send *view.Send, result string) {
	send.Result = result
	f.tally.Add(send)
	f.keep(f.to.Delivery(send))
}

func (f *following) keep(err error) {
	if f.err == nil {
		f.err = err
	}
}

// told is an attempt as reports want it, with its diagnosis.
func (f *following) told(ctx context.Context, a delivery.Attempt) view.SendAttempt {
	out := a.Outcome
	told := view.SendAttempt{
		Attempt: verdict.Attempt{
			Event: a.Delivery.Event, Kind: a.Delivery.Kind, Number: a.Number, At: a.At, Offset: a.Offset,
			Status: out.Status, Outcome: string(a.Verdict), Latency: out.Latency, Notes: out.Notes,
		},
		Connected: out.Connected,
	}
	if out.Err != nil {
		told.Error, told.Latency = out.Err.Error(), out.Total
	}
	d, probes := f.receiver.Diagnose(ctx, a.Delivery.Request, out)
	told.Probes = probes
	if d != nil {
		told.Diagnosis, told.Title = d, d.Title
	}
	return told
}
