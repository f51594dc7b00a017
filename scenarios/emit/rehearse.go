package emit

import (
	"cmp"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// StartOf is the virtual instant of a case's events in a run that ends at base.
func (m *Maker) StartOf(spec *language.Case, base time.Time) time.Time {
	return spec.Day.Last(base.Add(-span(spec, m.cfg.Policy)).Truncate(time.Second))
}

// Rehearse makes every event of the suite once, for a run that ends at base, so
// that a scenario which cannot be played is told before anything is sent.
func (m *Maker) Rehearse(base time.Time, plain string) error {
	var parts []func() error
	for _, s := range m.suite.Played() {
		for _, one := range m.cfg.Parts(s, plain) {
			parts = append(parts, func() error { return m.rehearse(s, one.Spec, one.Kind, base) })
		}
	}
	// What is made depends on nothing that was made before.
	errs := make([]error, len(parts))
	var next atomic.Int64
	var all sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		all.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(parts)); i = next.Add(1) - 1 {
				errs[i] = parts[i]()
			}
		})
	}
	all.Wait()
	return errors.Join(errs...)
}

// rehearse makes the events of one case.
func (m *Maker) rehearse(s *language.Scenario, c *language.Case, kind string, base time.Time) error {
	var errs []error
	for j := range c.Steps {
		if e := c.Steps[j].Emit; e != nil {
			errs = append(errs, m.rehearseEmit(s, c, e, kind, base))
		}
		if se := c.Steps[j].Search; se != nil {
			errs = append(errs, m.rehearseSearch(s, c, se, kind, base))
		}
		if sw := c.Steps[j].Sweep; sw != nil {
			errs = append(errs, m.rehearseSweep(s, c, sw, kind, base))
		}
	}
	return errors.Join(errs...)
}

// rehearseEmit makes one event. A step that changes members of an event whose
// kind only the gate will tell has to do so with every kind.
func (m *Maker) rehearseEmit(s *language.Scenario, c *language.Case, e *language.Emit, kind string, base time.Time) error {
	at := m.StartOf(c, base)
	if s.Repeats(c) || e.Kind != "" || !e.Changes() {
		_, err := m.Emit(s, c, e, kind, 0, at)
		return err
	}
	for _, kind := range m.cfg.Tried() {
		if _, err := m.Emit(s, c, e, kind, 0, at); err != nil {
			return lang.Errorf("%s (el paso no nombra un tipo, y esta corrida puede usar %s: nombre uno)",
				"%s (the step names no kind, and this run may use %s: name one)", err, kind)
		}
	}
	return nil
}

// rehearseSearch makes the smallest event of a search.
func (m *Maker) rehearseSearch(s *language.Scenario, spec *language.Case, se *language.Search, kind string, base time.Time) error {
	_, err := m.Sized(s, spec, se, kind, 0, se.Rungs()[0], m.StartOf(spec, base))
	return err
}

// span is the virtual time from a case's first event to its last attempt, as far
// as the receiver's own clock does not go along with it: what comes after a
// restart 47 h ahead may come 47 h later.
func span(c *language.Case, p retryclock.Policy) time.Duration {
	type begun struct {
		at       time.Duration // of the first attempt
		attempts int
	}
	var last, ahead time.Duration
	exchanges := map[string]begun{}
	for i := range c.Steps {
		if h := c.Steps[i].Hook; h != nil && (h.Run == verdict.VerbRestart || h.Run == verdict.VerbStart) {
			ahead = h.Offset
		}
		d := c.Steps[i].Deliver
		if d == nil {
			continue
		}
		x := exchanges[d.Resume]
		if d.Resume == "" {
			x = begun{at: d.Begins(c)}
		}
		x.attempts += d.ExpectedAttempts()
		if d.Expires {
			x.attempts = p.Attempts()
		}
		exchanges[cmp.Or(d.Resume, d.Name())] = x
		last = max(last, x.at+p.Offset(min(x.attempts, p.Attempts()))-ahead)
	}
	return last
}

// rehearseSweep makes every content of a sweep.
func (m *Maker) rehearseSweep(s *language.Scenario, spec *language.Case, sw *language.Sweep, kind string, base time.Time) error {
	made, err := m.SweepOf(sw.KindFor(kind), sw.Contents)
	if err != nil {
		return err
	}
	w := &Swept{Sweep: made, Step: sw, Kind: sw.KindFor(kind), At: m.StartOf(spec, base)}
	for n := range w.Len() {
		if _, err := m.Contents(s, spec, w, n, n, nil); err != nil {
			return err
		}
	}
	return nil
}
