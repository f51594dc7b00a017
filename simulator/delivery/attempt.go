package delivery

import (
	"context"
	"time"

	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/simulator/fault"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// attempter makes attempts.
type attempter struct {
	sender  Sender
	latency time.Duration
	seed    uint64
	idle    func(ctx context.Context, a Attempt) // nil waits for nobody
}

// attempt makes one attempt, broken as the delivery's faults want it.
func (m attempter) attempt(ctx context.Context, d *Delivery, number int, due time.Time) Attempt {
	a := Attempt{Delivery: d, Number: number, At: due, Offset: due.Sub(d.origin()), Fault: d.fault(number)}
	request := d.Request
	if d.together != nil && number == 1 {
		held, leave := d.together.hold(request)
		defer leave()
		request = held
	}
	if a.Fault.Kind == fault.Refuse {
		a.Verdict = NoResponse
		return a
	}
	if number > 1 && !request.Fresh {
		// An hour has passed: nobody keeps a connection that long.
		again := *request
		again.Fresh = true
		request = &again
	}
	if a.Fault.Kind != fault.None {
		request = m.broken(request, &a)
	}
	a.Outcome = m.sender.Do(ctx, request)
	a.Verdict = judge(a.Outcome)
	if a.Fault.Loses() {
		a.Verdict = NoResponse
	}
	if a.Fault.Abandons() && m.idle != nil {
		m.idle(ctx, a)
	}
	return a
}

// broken is the request as the attempt's fault has it go out.
func (m attempter) broken(request *wire.Request, a *Attempt) *wire.Request {
	script := a.Fault.Script(request, fault.Circumstances{
		Event: a.Delivery.Event, Latency: m.latency, Seed: m.seed + uint64(a.Number),
	})
	if script == nil {
		return request
	}
	out := *request
	out.Script, out.ExpectContinue = script, false
	return &out
}

// canceled reports whether we ended the attempt ourselves, which says nothing of
// the receiver.
func (a *Attempt) canceled() bool {
	return a.Outcome != nil && a.Outcome.Err != nil && a.Outcome.Err.Kind == wire.ErrCanceled
}

// after is what follows an attempt: the state in which its delivery ends, or ""
// and when the next attempt is due. Without again there is no further one,
// whatever the policy says.
func after(policy retryclock.Policy, a Attempt, again bool) (next time.Time, end State) {
	wait, more := policy.Next(a.Number)
	switch {
	case a.Verdict == Acknowledged:
		return next, Delivered
	case a.canceled():
		return next, Interrupted
	case more && again:
		return a.At.Add(wait), ""
	case !more && policy.Attempts() > 1:
		return next, Expired
	default:
		return next, Failed
	}
}
