package judge

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/model"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// Effects is what was seen of the effects of one event.
type Effects struct {
	Count    int
	Own      *int  // after one clean delivery of this very event; nil when it had none
	D0       int   // effects of one plain delivery of the kind; zero: it does not act on it
	Measured bool  // d0 is the kind's own
	Shared   bool  // they are counted by object, and others of its events were delivered
	Err      error // why effects cannot be told
	// The same by their names; nil where the observer gives none.
	Named, OwnNamed, D0Named map[string]int
	StateOnly                bool      // the observer tells no number
	Meant                    bool      // they are the receiver's own affair
	Skipped                  bool      // it is a test order, about which the receiver does nothing
	FailedAt                 time.Time // of the first call to a sink that failed on purpose; zero without one
}

// effects are the counts as a model of them has it.
func (s *Effects) effects() *model.Effects {
	return &model.Effects{Count: s.Count, Plain: s.D0, Own: s.Own, Named: model.NamedEffects(s.Named, s.D0Named, s.OwnNamed)}
}

// unseen takes back a pass when the evidence that the check needs was not seen.
func (c *Judge) unseen(f *Finding, check *language.Check, e *Exchange, in *language.Case) {
	if f.Verdict != verdict.Pass || e.Seen == nil {
		return
	}
	for _, evidence := range check.Evidence {
		if missing := c.missing(check, evidence, e, in); !missing.known {
			f.Verdict, f.Reason, f.enable = missing.verdict, missing.why, missing.enable
			return
		}
	}
}

// missing tells why an exchange shows no evidence of some kind, or none of its
// alternatives; known when it does.
func (c *Judge) missing(check *language.Check, evidence string, e *Exchange, in *language.Case) (out ruling) {
	for one := range strings.SplitSeq(evidence, "|") {
		r := ruling{known: true}
		switch {
		case e.Seen.Err != nil && one != language.EvidenceWire && one != language.EvidenceProcess:
			r = stuck(textObserver(e.Seen.Err))
		case one == language.EvidenceEffects && check.AsksNames() && len(e.Seen.Named) > 0 && e.Seen.Err == nil:
			// What is asked is not held against a plain event.
		case one == language.EvidenceEffects:
			r = e.Seen.shows(e.Kind)
		case one == language.EvidenceState && len(c.Paths) == 0:
			r = unknown(textNeedsState.both())
			r.enable = c.enableState()
		case one == language.EvidenceState:
			r = c.stateKnown(check, e, in)
		}
		if r.known {
			return r
		}
		if out.why.IsZero() {
			out = r
		}
		if out.enable.IsZero() {
			out.enable = r.enable
		}
	}
	return out
}

// shows tells why effects show nothing of an event; known when they do.
func (s *Effects) shows(kind string) ruling {
	switch {
	case s.Err != nil:
		return stuck(textObserver(s.Err))
	case s.Meant:
		return unknown(textMeant.both())
	case s.StateOnly:
		return unknown(textStateOnly.both())
	case s.D0 == 0 && s.Skipped:
		r := unknown(textSkipsTests.both())
		r.enable = lang.Same("live_orders: true")
		return r
	case s.D0 == 0:
		return unknown(TextNoEffects(kind))
	case s.Shared:
		return unknown(textSharedEffects.both())
	}
	return ruling{known: true}
}

// observed words why an observer could not tell.
func observed(err error) lang.Text {
	if e, ok := errors.AsType[*observe.Error](err); ok {
		return e.Text
	}
	return lang.Both(err)
}

// coalesced takes back that an event was lost which came together with another one of
// its object that was done, or right before it: a receiver may gather what comes at
// once and do the newest of it, as long as that is what it keeps. Nothing else is taken
// back: neither what became of a content, nor a value that is kept wrongly.
func (c *Judge) coalesced(f *Finding, played *Case, e *Exchange) {
	if f.Verdict != verdict.Fail && f.Verdict != verdict.Warn || e.History == nil || e.Content != nil || !e.Acknowledged() || e.Inert || !e.idle() {
		return
	}
	if slices.ContainsFunc(model.Hold(e.Line(c.Follows)), func(v model.Violation) bool { return v.Breach != model.Lost && v.Breach != model.Vanished }) {
		return
	}
	i := slices.IndexFunc(played.Exchanges, func(other *Exchange) bool {
		return other.History == e.History && other.Event != e.Event && other.Acknowledged() && other.Seen != nil && other.Seen.Err == nil && other.Seen.Count > 0 && gathers(other, e)
	})
	if i < 0 {
		return
	}
	// Of a deletion it cannot be seen whether it was kept where the object stays.
	superseded := e.Beside || e.Version != nil && (e.Version.gone || played.Exchanges[i].Version != nil && e.Version.At.Before(played.Exchanges[i].Version.At))
	switch newest := e.History.isNewest(c.Paths); {
	case newest.known && newest.yes:
		*f = Finding{Verdict: verdict.Pass, note: textGathered.both(), found: f.found, by: e}
	case !newest.known && superseded:
		*f = Finding{Verdict: verdict.Inconclusive, Reason: textGatheredOrLost.both(), found: f.found, by: e}
	}
}

// idle reports whether it is seen that nothing was done for the event.
func (e *Exchange) idle() bool {
	s := e.Seen
	return s != nil && s.Err == nil && !s.Meant && !s.Shared && !s.StateOnly && s.Count == 0
}

// gathers reports whether an exchange arrived together with another one, or soon after
// it: what a receiver gathers it does with the last of it.
func gathers(e, other *Exchange) bool {
	const gathering = 2 * time.Second
	a, b := e.Last(), other.Last()
	if a == nil || b == nil {
		return false
	}
	after := a.Started.Sub(b.Started)
	return after <= gathering && (after > 0 || e.Beside && other.Beside)
}
