package judge

import (
	"slices"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/model"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// A receiver that keeps the time of the last event for all objects, or for all of a
// kind, drops whatever is older than that, of any object. It shows wherever events of
// different objects come out of order, so it is told as what it is, and not as what each
// check is about.

// How many events have to be lost, and how many done, before a pattern among them is
// taken for one.
const (
	enoughLost = 2
	enoughDone = 5
)

// scopes are what a last time may be kept for.
func scopes() []func(*Exchange) string {
	return []func(*Exchange) string{
		func(e *Exchange) string { return e.Kind },
		func(e *Exchange) string { return e.History.Kind },
		func(*Exchange) string { return "" },
	}
}

// watermark is what was learned of the events of a run: of which scope the last time
// explains all that was lost; a nil scope where none does.
type watermark struct {
	heard []*Exchange
	scope func(*Exchange) string
	of    int // deliveries of the run when that was learned
}

// watermark looks whether exactly those new objects were lost whose event was older
// than one that had been taken before. It looks once for each check: that takes the
// square of what was delivered.
func (c *Judge) watermark() *watermark {
	if c.mark == nil || c.mark.of != len(c.Heard) {
		c.mark = c.learnWatermark()
	}
	return c.mark
}

func (c *Judge) learnWatermark() *watermark {
	w := &watermark{of: len(c.Heard)}
	for _, e := range c.Heard {
		if e.Version != nil && e.History != nil && e.Acknowledged() && e.Last() != nil && !e.Inert && !e.Broken && !e.Meant {
			w.heard = append(w.heard, e)
		}
	}
	slices.SortStableFunc(w.heard, func(a, b *Exchange) int { return a.Last().Started.Compare(b.Last().Started) })
	for _, w.scope = range scopes() {
		if w.explains(c.Follows) {
			return w
		}
	}
	w.scope = nil
	return w
}

func (w *watermark) explains(follows Follows) bool {
	lost, done := 0, 0
	told := map[string]bool{}
	for _, e := range w.heard {
		again := told[e.Event]
		told[e.Event] = true
		if again || !e.Version.made || e.Late || e.Follows || e.Copies > 0 || e.Beside || len(e.Changed) > 0 || e.Spelled != "" {
			continue
		}
		seen := e.Counted()
		if seen == nil || seen.Plain == 0 {
			continue
		}
		older, known := w.older(e)
		if !known {
			continue
		}
		if gone := len(model.Done(e.Line(follows))) > 0; gone != older {
			return false
		} else if gone {
			lost++
		} else {
			done++
		}
	}
	return lost >= enoughLost && done >= enoughDone
}

// older reports whether an event is older than one of its scope that had been taken when
// it came; unknown where that one was still under way.
func (w *watermark) older(e *Exchange) (older, known bool) {
	came, answered := e.Last().Started, e.Last().Started.Add(e.Last().Latency)
	var before, meanwhile time.Time
	for _, other := range w.heard {
		o := other.Last()
		if o.Started.After(answered) {
			break
		}
		if other == e || w.scope(other) != w.scope(e) {
			continue
		}
		if o.Started.Add(o.Latency).Before(came) {
			before = latest(before, other.Version.At)
		} else {
			meanwhile = latest(meanwhile, other.Version.At)
		}
	}
	older = e.Version.At.Before(before)
	return older, older || !e.Version.At.Before(meanwhile)
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// outdated words a finding on an object of which an event was dropped for being older
// than one of another object.
func (c *Judge) outdated(f *Finding, e *Exchange) {
	if f.Verdict != verdict.Fail && f.Verdict != verdict.Warn || e.History == nil || !e.Acknowledged() || f.breach == model.Doubled {
		return
	}
	w := c.watermark()
	if w.scope == nil || !slices.ContainsFunc(w.heard, func(other *Exchange) bool {
		older, _ := w.older(other)
		return other.History == e.History && older
	}) {
		return
	}
	f.cause = "watermark"
	f.fault = lang.Text{ES: "Descarta un evento por ser más viejo que el de otro objeto", EN: "Drops an event because it is older than one about another object"}
	f.matters = lang.Text{
		ES: "Los reintentos y los eventos de varios objetos se cruzan siempre; lo que se descarta con un 2xx se pierde.",
		EN: "Retries and events about different objects always interleave; what is dropped with a 2xx is lost.",
	}
	f.fix = lang.Text{
		ES: "Compare updated_at con el que guardó del mismo objeto (data.object.id), no con la hora del último evento que llegó.",
		EN: "Compare updated_at with the one you stored for the same object (data.object.id), not with the time of the last event that arrived.",
	}
}
