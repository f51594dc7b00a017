package judge

import (
	"slices"

	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// inTheWay tells what kept an exchange from saying anything of the receiver.
func inTheWay(e *Exchange) (Finding, bool) {
	f := Finding{Verdict: verdict.Inconclusive, found: Describe(e), by: e}
	failed := Ours(e)
	switch {
	case e.Throttled:
		f.Reason = textThrottled.both()
	case e.Result.State == delivery.Interrupted:
		f.Reason = textInterrupted.both()
	case e.Last() == nil && !e.Expires:
		f.Verdict, f.Reason = verdict.NotApplicable, textNeverDue.both()
	case failed.Ours():
		f.Verdict, f.Reason = verdict.Error, failed.Text()
	case failed != nil:
		f.Reason = textCutOff(failed)
	case e.Gone:
		f.Reason = textGone.both()
	case e.Barred != "" && !e.Acknowledged():
		f.Because = e.Barred
	default:
		return Finding{}, false
	}
	return f, true
}

// away tells that a receiver which we had ended was not listening again: starting it is
// our affair, and a machine may be slow at it.
func (c *Case) away(e *Exchange) (Finding, bool) {
	o := e.Last()
	if o == nil || o.Err == nil || o.Err.Kind != wire.ErrConnectRefused {
		return Finding{}, false
	}
	ended := slices.ContainsFunc(c.process, func(p processEvent) bool { return p.verb == verdict.VerbKill || p.verb == verdict.VerbRestart })
	return Finding{Verdict: verdict.Inconclusive, Reason: textAway.both(), found: Describe(e), by: e}, ended
}

// Ours is what failed between us and the receiver's machine, so that it cannot
// have heard of the attempt: a request that cannot be sent, a name that is not
// found, no route, a limit of this computer.
func Ours(e *Exchange) *wire.Error {
	for i := range e.Result.Attempts {
		o := e.Result.Attempts[i].Outcome
		if o == nil || o.Err == nil {
			continue
		}
		if o.Err.Kind == wire.ErrDNS || o.Err.Kind == wire.ErrConnect || o.Err.Ours() && o.Err.Kind != wire.ErrCanceled {
			return o.Err
		}
	}
	return nil
}
