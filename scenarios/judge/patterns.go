package judge

import (
	"slices"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/model"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// Some causes show wherever events meet, and not in the check that happens to be about
// them alone: a column that cuts ids off loses events of all sorts. Such a cause is a
// pattern in what became of all events of a run: it is taken for one only where it
// explains every event that went wrong in that way and none that did not.

// How many events have to be wrong, how many right, and how many of these after the first
// that was lost, before a pattern among them is taken for one: a receiver that has stopped
// does nothing of what comes later, whatever that is like.
const (
	enoughWrong = 2
	enoughRight = 5
	enoughLater = 2
)

// pattern is a cause that explains what became of events of a run.
type pattern struct {
	breach              model.Breach // what it explains
	cause               string
	fault, matters, fix lang.Text
	note                lang.Text // what was measured of it; zero for nothing
	events              map[string]bool
	objects             map[*History]bool
}

// explains reports whether an exchange failed by the pattern.
func (p *pattern) explains(e *Exchange, breach model.Breach) bool {
	if (breach == model.Doubled) != (p.breach == model.Doubled) {
		return false
	}
	return p.events[e.Event] || e.History != nil && p.objects[e.History]
}

// take adds an event that the pattern explains. What is kept of its object is then
// explained as well.
func (p *pattern) take(e *Exchange) {
	if p.events == nil {
		p.events, p.objects = map[string]bool{}, map[*History]bool{}
	}
	p.events[e.Event] = true
	if e.History != nil && p.breach != model.Doubled {
		p.objects[e.History] = true
	}
}

// patterns are those among all that was delivered so far. They are looked for once for
// each check.
func (c *Judge) patterns() []*pattern {
	if c.seen == nil || c.seen.of != len(c.Heard) {
		c.seen = &patterns{of: len(c.Heard)}
		heard := inOrder(c.Heard)
		taken := slices.DeleteFunc(slices.Clone(heard), func(e *Exchange) bool { return !e.Acknowledged() || !e.expects() })
		for _, p := range []*pattern{
			findWatermark(taken, c.Follows), findCutIDs(heard, taken, c.Follows), findTooOld(heard, taken, c.Follows), findForgetting(heard), findBareUpdate(taken, c.Alone), findAtOnce(heard, taken, c.Follows),
		} {
			if p != nil {
				c.seen.found = append(c.seen.found, p)
			}
		}
	}
	return c.seen.found
}

// patterns are what was found, and among how many deliveries.
type patterns struct {
	found []*pattern
	of    int
}

// Recognises reports whether a cause that is known of all events explains why one was not
// done.
func (c *Judge) Recognises(e *Exchange) bool {
	c.seen = nil // effects may have come to rest since
	return slices.ContainsFunc(c.patterns(), func(p *pattern) bool { return p.explains(e, model.Lost) })
}

// recognise words a finding by the pattern that explains it.
func (c *Judge) recognise(f *Finding, e *Exchange) {
	if f.Verdict != verdict.Fail && f.Verdict != verdict.Warn || !e.Acknowledged() {
		return
	}
	for _, p := range c.patterns() {
		if p.explains(e, f.breach) {
			f.cause, f.fault, f.matters, f.fix = p.cause, p.fault, p.matters, p.fix
			if !p.note.IsZero() {
				f.note = p.note
			}
			return
		}
	}
}

// inOrder lists the deliveries of events that reached the receiver, in the order in which
// they came.
func inOrder(all []*Exchange) (heard []*Exchange) {
	for _, e := range all {
		if e.Event != "" && e.Last() != nil {
			heard = append(heard, e)
		}
	}
	slices.SortStableFunc(heard, func(a, b *Exchange) int { return a.Last().Started.Compare(b.Last().Started) })
	return heard
}

// firstCame is when each event came for the first time, by its id.
func firstCame(heard []*Exchange) map[string]time.Time {
	came := map[string]time.Time{}
	for _, e := range heard {
		if first := e.outcomes()[0].Started; came[e.Event].IsZero() || first.Before(came[e.Event]) {
			came[e.Event] = first
		}
	}
	return came
}

// expects reports whether it is known what the receiver is to do about the event.
func (e *Exchange) expects() bool { return !e.Inert && !e.Broken && !e.Meant }

// firsts are the deliveries in which an event came for the first time, plainly.
func firsts(taken []*Exchange) (out []*Exchange) {
	told := map[string]bool{}
	for _, e := range taken {
		if again := told[e.Event]; !again && !e.Late && e.Copies == 0 && !e.Beside && len(e.Changed) == 0 && e.Spelled == "" {
			out = append(out, e)
		}
		told[e.Event] = true
	}
	return out
}

// lost reports whether an event was acknowledged and is not done; known where that can
// be told.
func (e *Exchange) lost(follows Follows) (lost, known bool) {
	seen := e.Counted()
	if seen == nil || seen.Plain == 0 {
		return false, false
	}
	lost = len(model.Done(e.Line(follows))) > 0
	return lost, lost || seen.Count > 0
}

// answered is when the last response of an exchange was there.
func (e *Exchange) answered() time.Time { return e.Last().Started.Add(e.Last().Latency) }

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
