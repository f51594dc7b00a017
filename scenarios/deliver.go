package scenarios

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/emit"
	"github.com/kometia-sim/kometia-sim/scenarios/judge"
	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/fault"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// outgoing is an exchange and the delivery that it waits for.
type outgoing struct {
	*judge.Exchange
	delivery.Delivery
}

// told is an emitted event with the history of its object, as far as it says
// something that is to be kept.
type told struct {
	*emit.Emitted
	history *judge.History
	version *judge.Version
}

// keeping makes an emitted event part of the history of its object.
func (c playing) keeping(e *emit.Emitted, step *language.Emit) told {
	h, v := c.Keep(e, step)
	return told{e, h, v}
}

// deliverer sends what the steps of a case deliver, and records the results.
type deliverer struct {
	cfg         *Config
	world       *shop.World
	receiver    *receiver.Receiver
	sender      *receiver.Sender
	judge       *judge.Judge
	gate        *gate
	observation *observation
	report      *verdict.Report
	patience    time.Duration // that is left for queues, between the retries of permuted events
	unheard     int           // responses that were waited for and did not come
	paced       bool          // the receiver refused the pace of many events at once
}

// mostInVain is how many responses that do not come a run waits for in all, each for the
// whole timeout, before it asks for no more: it knows by then that the receiver leaves
// requests without one.
const mostInVain = 12

// silence is how long a kept connection is listened to before the next event goes
// out on it, in wall time.
const silence = 250 * time.Millisecond

// prepare makes the delivery of an event as the step wants it.
func (dl *deliverer) prepare(d *language.Deliver, e told, round int) outgoing {
	x := &judge.Exchange{Name: d.Name(), Round: round, Kind: e.Kind, Summary: e.Summary, Changed: e.Changed, Spelled: e.Spelled, Broken: e.Broken, Forged: e.Forgery(), Follows: e.Follows, Keep: d.Connection == "kept", Copies: d.Copies}
	if d.MethodOrPost() != http.MethodPost {
		x.Summary = d.Method
	}
	if e.Event != nil {
		x.Event, x.Dated, x.Subject, x.Inert = e.Event.ID, e.Event.At, e.Event.Subject(), e.Inert || d.MethodOrPost() != http.MethodPost
		dl.tell(e.Emitted)
		if dl.cfg.OnEvent != nil {
			dl.cfg.OnEvent(e.Event, dl.world.Objects(e.Event))
		}
	}
	x.Barred = dl.gate.refused[e.Kind]
	if x.Meant = e.Event != nil && !x.Inert && dl.receiver.Means(e.Kind, e.Event.Tree); x.Meant && e.history != nil {
		e.history.Meant = true
	}
	if x.History = e.history; x.History != nil && !x.Inert {
		x.Version, x.Since = e.version, len(e.history.States)
		newest := e.history.Newest()
		x.Late = newest != nil && e.version.At.Before(newest.At)
	}
	faults, attempts := d.ParsedFaults(), max(d.Attempts, 1)
	if x.Expires = d.Expires; x.Expires {
		attempts = dl.cfg.Policy.Attempts()
		faults = slices.Repeat([]fault.Fault{fault.Of(fault.Refuse)}, attempts)
	}
	return outgoing{x, delivery.Delivery{
		Event: x.Event, Kind: e.Kind, Due: e.At.Add(d.At), Origin: e.At,
		Request: &wire.Request{
			Method: d.Method, Target: dl.receiver.Target(), Header: d.ChangedHeader(dl.receiver.Header()),
			Body: e.Body, Fresh: !x.Keep, Silence: silence, ExpectContinue: d.ExpectContinue,
		},
		Faults: faults, MaxAttempts: attempts,
	}}
}

// each is the delivery, or each of the copies that it stands for.
func (p outgoing) each() []outgoing {
	if p.Copies == 0 {
		return []outgoing{p}
	}
	var out []outgoing
	for _, d := range delivery.Copies(p.Delivery, p.Copies) {
		x := *p.Exchange
		out = append(out, outgoing{&x, d})
	}
	return out
}

// resumed makes the delivery of an exchange's next attempts. There are none when
// it was acknowledged, or when the policy has given it up.
func (dl *deliverer) resumed(d *language.Deliver, x *judge.Exchange) (outgoing, bool) {
	last := x.Result.Last()
	if last == nil || last.Verdict == delivery.Acknowledged {
		return outgoing{}, false
	}
	wait, more := dl.cfg.Policy.Next(last.Number)
	x.Before, x.Effects = cmp.Or(x.Before, x.Effects), nil
	rest := *x.Result.Delivery
	rest.First, rest.Due, rest.Origin = last.Number+1, last.At.Add(wait), last.At.Add(-last.Offset)
	rest.Faults, rest.MaxAttempts = d.ParsedFaults(), max(d.Attempts, 1)
	return outgoing{x, rest}, more
}

// sendOne sends one event of a case by itself.
func (dl *deliverer) sendOne(ctx context.Context, c playing, d *language.Deliver, e told) *judge.Exchange {
	p := dl.begin(c, dl.prepare(d, e, 0))
	dl.send(ctx, c, d, []outgoing{p}, nil)
	return p.Exchange
}

// send plays deliveries to their ends, together on one virtual clock. It calls
// acknowledged, unless that is nil, on every receipt, and sends nothing meanwhile.
//
// A receiver that refuses the pace of a group even after waiting would refuse
// the rest of it as well, so the group ends there.
func (dl *deliverer) send(ctx context.Context, c playing, d *language.Deliver, group []outgoing, acknowledged func()) {
	if len(group) == 0 {
		return
	}
	deliveries := make([]delivery.Delivery, len(group))
	first := group[0].Due
	for i := range group {
		deliveries[i] = group[i].Delivery
		if group[i].Due.Before(first) {
			first = group[i].Due
		}
	}
	var sender delivery.Sender = dl.sender
	racing := (group[0].Copies > 0 || group[0].Beside) && group[0].First == 0
	if racing {
		sender = dl.sender.Burst(ctx, len(group))
	}
	wasGone, refused, waited := dl.gate.gone, false, false
	clock, rest := dl.clock(d, first)
	stop, breakOff := dl.breakable()
	defer breakOff()
	engine, err := delivery.New(delivery.Config{
		Clock: clock, Policy: dl.cfg.Policy, Sender: sender, Stop: stop, Concurrency: d.Parallel,
		Latency: dl.report.Profile.Latency, Seed: dl.cfg.Seed,
		Idle: func(ctx context.Context, a delivery.Attempt) {
			for i := range group {
				if &deliveries[i] == a.Delivery {
					dl.idle(ctx, c, group[i].Exchange, a)
				}
			}
		},
		OnAttempt: func(a delivery.Attempt) {
			rest.Attempted(a)
			if process := dl.receiver.Process(); inVain(a) && !process.Dead() && !process.Starved() && (!waited || !racing && d.Parallel == 0) { // those wait all at the same time
				waited = true
				if dl.unheard++; dl.tired() {
					breakOff()
				}
			}
			if a.Verdict == delivery.Acknowledged && acknowledged != nil {
				acknowledged()
			}
			if len(group) > 1 && !racing && dl.throttled(a.Outcome) {
				refused, dl.paced = true, true
				breakOff()
			}
		},
	})
	if err != nil {
		// The policy was checked when the runner was made.
		panic(err)
	}
	// Its error is the context's, which the result tells as interrupted.
	results, _ := engine.Run(ctx, deliveries)
	var longest time.Duration
	for i := range group {
		x := group[i].Exchange
		dl.book(ctx, x, results[i], wasGone)
		x.Throttled = x.Throttled || refused && x.Result.State == delivery.Interrupted
		longest = max(longest, results[i].LastOffset())
	}
	dl.report.Virtual += longest
	if len(d.Permute) > 0 {
		overtaken(group)
	}
}

// breakable is a Stop of its own for a group, closed with the run's.
func (dl *deliverer) breakable() (stop <-chan struct{}, breakOff func()) {
	own, closing := make(chan struct{}), sync.Once{}
	breakOff = func() { closing.Do(func() { close(own) }) }
	go func() {
		select {
		case <-dl.receiver.Stop():
			breakOff()
		case <-own:
		}
	}()
	return own, breakOff
}

// throttled reports whether an attempt was still refused for our pace after
// waiting.
func (dl *deliverer) throttled(o *wire.Outcome) bool {
	if o == nil {
		return false
	}
	_, throttled := receiver.Throttled(o, dl.receiver.Clock().Now())
	return throttled
}

// tired reports whether the run has waited long enough for what does not come.
func (dl *deliverer) tired() bool { return dl.unheard >= mostInVain }

// halted reports whether a case goes no further: the run was stopped, or waits for no
// more responses.
func (dl *deliverer) halted(ctx context.Context, c playing) bool {
	c.Tired = dl.tired()
	c.Stopped = c.Stopped || c.Tired || stopped(ctx, dl.receiver)
	return c.Stopped
}

// inVain reports whether an attempt waited the whole timeout for a response.
func inVain(a delivery.Attempt) bool {
	return a.Outcome != nil && a.Outcome.Err != nil && a.Outcome.Err.Kind == wire.ErrTimeout && a.Fault.Kind == fault.None
}

// book records the result of a delivery.
func (dl *deliverer) book(ctx context.Context, x *judge.Exchange, result delivery.Result, wasGone bool) {
	result.Attempts = append(x.Result.Attempts, result.Attempts...)
	x.Result = result
	if x.Version != nil && x.Acknowledged() {
		x.Version.Taken, x.Version.Arrived = true, x.Last().Started
	}
	if o := x.Last(); o != nil {
		dl.gate.reachable = dl.gate.reachable || o.Connected
		process := dl.receiver.Process()
		x.Unmoved = process.Offset() != 0 && !dl.movedBy(process.Offset(), o)
		dl.report.Moved = dl.report.Moved || process.Offset() != 0 && !x.Unmoved
		// A receiver that we have killed or starved needs no explanation, and
		// neither does a webhook that takes no GET.
		x.Diagnosis = nil
		if sent := result.Delivery.Request; !process.Dead() && !process.Starved() && cmp.Or(sent.Method, http.MethodPost) == http.MethodPost {
			x.Diagnosis, _ = dl.receiver.Diagnose(ctx, sent, o)
		}
		if !process.Dead() {
			away := o.Err != nil && (o.Err.Kind == wire.ErrConnectRefused || o.Err.Kind == wire.ErrConnectTimeout)
			x.Gone = away && wasGone
			dl.gate.gone = away && dl.gate.reachable
		}
	}
	attempts := result.Attempts
	if (x.Copies > 0 || x.Beside) && len(attempts) > 1 {
		attempts = attempts[1:] // a loser that was told to come later did so
	}
	x.Throttled = slices.ContainsFunc(attempts, func(a delivery.Attempt) bool { return dl.throttled(a.Outcome) })
}

// movedBy reports whether the receiver's clock, by its answer, is further ahead
// of ours by that much than it was at the gate.
func (dl *deliverer) movedBy(offset time.Duration, o *wire.Outcome) bool {
	const inexact = 5 * time.Minute
	off, told := o.Clock()
	return told && (off-dl.report.Profile.Skew-offset).Abs() < inexact
}

// outgoing makes the deliveries of one round of a step. The case records each
// one that begins here.
func (dl *deliverer) outgoing(c playing, d *language.Deliver, events map[string]told, round int) (out []outgoing) {
	if len(d.Permute) > 0 {
		return dl.permuted(c, d, events, round)
	}
	if len(d.Together) > 0 && d.Resume == "" {
		return dl.atOnce(c, d, events, round)
	}
	if d.Resume == "" {
		one := dl.prepare(d, events[d.EventName()], round)
		if one.Follows && dl.observation.storied[one.Exchange.Kind] > 0 && !slices.ContainsFunc(c.Exchanges, func(x *judge.Exchange) bool { return x.Round == round }) {
			one.Follows, one.Orphan = false, true // nothing of its story has come yet
		}
		for _, p := range one.each() {
			out = append(out, dl.begin(c, p))
		}
		return out
	}
	for _, x := range c.Of(d.Resume) {
		if x.Round != round {
			continue
		}
		if p, more := dl.resumed(d, x); more {
			out = append(out, p)
		}
	}
	return out
}

// begin records a delivery in its case.
func (dl *deliverer) begin(c playing, p outgoing) outgoing {
	if c.Unfresh != nil {
		p.Seen = &judge.Effects{Err: c.Unfresh}
	}
	c.Exchanges = append(c.Exchanges, p.Exchange)
	dl.judge.Heard = append(dl.judge.Heard, p.Exchange)
	return p
}
