package receiver

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
)

// Effects is what is seen of what the receiver does: when it may be believed,
// and what a clean delivery does, which everything else is held against. It may
// be used by several goroutines once it was calibrated.
type Effects struct {
	settler   *observe.Settler
	covers    func(observe.Subject) bool
	stateMap  map[string]string
	clean     map[string]observe.Calibration // what one clean delivery does, by kind
	took      time.Duration                  // the longest that an effect of one took
	perObject bool

	mu     sync.Mutex
	states map[string]bool // types of objects of which a state was seen
	err    error           // once set, nothing more is believed
}

func newEffects(cfg *Config, process *Process) (*Effects, error) {
	s, err := observe.NewSettler(observe.SettlerConfig{
		Observer: observe.Together(cfg.Observer, cfg.Clock), Clock: cfg.Clock, Drain: cfg.Drain,
		Env:    func() []string { return []string{process.env()} },
		Fields: slices.Sorted(maps.Keys(cfg.StateMap)),
	})
	return &Effects{settler: s, covers: cfg.Covers, stateMap: cfg.StateMap, clean: map[string]observe.Calibration{}, states: map[string]bool{}}, err
}

// Covers reports whether the observer can be asked about a subject at all.
func (e *Effects) Covers(s observe.Subject) bool {
	return s.EventID != "" && (e.covers == nil || e.covers(s))
}

// Calibrate measures what one clean delivery of each kind does.
// Of deliveries that the observer cannot be asked about nothing is known. An
// error means that nothing is believed any more.
func (e *Effects) Calibrate(ctx context.Context, clean []observe.Clean) (kinds []string, measured []observe.Calibration) {
	clean = slices.DeleteFunc(slices.Clone(clean), func(c observe.Clean) bool { return !e.Covers(c.Subject) })
	if len(clean) == 0 {
		return nil, nil
	}
	measured, err := e.settler.CalibrateAll(ctx, clean)
	if err != nil {
		e.Distrust(err)
		return nil, nil
	}
	var acted []observe.Subject
	for i, m := range measured {
		s := clean[i].Subject
		kinds = append(kinds, s.EventKind)
		e.clean[s.EventKind] = m
		e.took = max(e.took, m.Took)
		if len(e.Mapped(m.State)) > 0 {
			e.tells(s.ObjectType)
		}
		if m.D0 > 0 {
			acted = append(acted, s)
		}
	}
	e.perObject = e.countsPerObject(ctx, acted)
	return kinds, measured
}

// countsPerObject asks about a later event of each object on which the receiver
// has acted, one that is never delivered: an observer that sees effects of it
// counts rows of the object and not what an event did.
func (e *Effects) countsPerObject(ctx context.Context, acted []observe.Subject) bool {
	const never = "zzzz"
	var later []observe.Subject
	for _, s := range acted {
		s.EventID = s.EventID[:max(len(s.EventID)-len(never), 0)] + never
		if e.Covers(s) {
			later = append(later, s)
		}
	}
	return len(later) > 0 && errors.Is(e.settler.Fresh(ctx, later), observe.ErrSeen)
}

// Clean is how many effects one clean delivery of a kind has; measured is false
// for a kind of which none was made. Zero says that the receiver does not act
// on it where it is observed.
func (e *Effects) Clean(kind string) (n int, measured bool) {
	c, measured := e.clean[kind]
	return c.D0, measured
}

// CleanNamed are the same by their names; nil where the observer gives none.
func (e *Effects) CleanNamed(kind string) map[string]int { return e.clean[kind].Named }

// Callers are the kinds of which a clean delivery calls a sink: of those given the first
// ones, as many as it takes to have each sink called that is called at all.
func (e *Effects) Callers(kinds []string) (out []string) {
	called := map[string]bool{}
	for _, kind := range kinds {
		n := len(called)
		for name := range e.clean[kind].Called {
			called[name] = true
		}
		if len(called) > n {
			out = append(out, kind)
		}
	}
	return out
}

// StateOnly reports whether no number of effects was told of any kind.
func (e *Effects) StateOnly() bool {
	for _, c := range e.clean {
		if !c.StateOnly {
			return false
		}
	}
	return len(e.clean) > 0
}

// Took is the longest that an effect of a clean delivery took.
func (e *Effects) Took() time.Duration { return e.took }

// Acts reports whether any clean delivery has effects.
func (e *Effects) Acts() bool {
	for _, c := range e.clean {
		if c.D0 > 0 {
			return true
		}
	}
	return false
}

// PerObject reports whether effects are counted by object: events of one object
// show the same.
func (e *Effects) PerObject() bool { return e.perObject }

// Tells reports whether the state of a type of object was seen.
func (e *Effects) Tells(objectType string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.states[objectType]
}

// Mapped are the fields of a state that the state_map names.
func (e *Effects) Mapped(state map[string]any) map[string]any {
	out := map[string]any{}
	for field := range e.stateMap {
		if v, ok := state[field]; ok {
			out[field] = v
		}
	}
	return out
}

// Fresh makes sure that events which are about to be delivered have had no
// effects before. Those that the observer cannot be asked about are left out.
func (e *Effects) Fresh(ctx context.Context, subjects []observe.Subject) error {
	subjects = slices.DeleteFunc(slices.Clone(subjects), func(s observe.Subject) bool { return !e.Covers(s) })
	if err := e.Err(); err != nil || len(subjects) == 0 {
		return err
	}
	return e.settler.Fresh(ctx, subjects)
}

// Settle waits until the effects of deliveries may be believed.
func (e *Effects) Settle(ctx context.Context, expects []observe.Expect) ([]observe.Reading, error) {
	return e.look(ctx, expects, e.settler.Settle)
}

// Glance sees what is there of the effects of deliveries within a short time: proof of
// what was done, and none of what was not.
func (e *Effects) Glance(ctx context.Context, expects []observe.Expect) ([]observe.Reading, error) {
	return e.look(ctx, expects, e.settler.Glance)
}

func (e *Effects) look(ctx context.Context, expects []observe.Expect, wait func(context.Context, []observe.Expect, time.Duration) ([]observe.Reading, error)) ([]observe.Reading, error) {
	if err := e.Err(); err != nil {
		return nil, err
	}
	readings, err := wait(ctx, expects, e.took)
	for i, r := range readings {
		if len(e.Mapped(r.State)) > 0 {
			e.tells(expects[i].Subject.ObjectType)
		}
	}
	return readings, err
}

// Acted tells of which events effects are seen now.
func (e *Effects) Acted(ctx context.Context, subjects []observe.Subject) ([]bool, error) {
	if err := e.Err(); err != nil {
		return nil, err
	}
	readings, err := e.settler.Read(ctx, subjects)
	acted := make([]bool, len(readings))
	for i := range readings {
		acted[i] = readings[i].Effects > 0
	}
	return acted, err
}

// tells records that a state of a type of object was seen: a receiver may keep
// nothing of what the gate sends and keep others.
func (e *Effects) tells(objectType string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.states[objectType] = true
}

// Arrive waits until what is expected of deliveries is there, or will not come. Where
// no number tells that, it waits as Settle does.
func (e *Effects) Arrive(ctx context.Context, expects []observe.Expect) error {
	if err := e.Err(); err != nil || len(expects) == 0 {
		return err
	}
	if e.StateOnly() {
		_, err := e.settler.Settle(ctx, expects, e.took)
		return err
	}
	return e.settler.Arrive(ctx, expects, e.took)
}

// Distrust stops believing the observer.
func (e *Effects) Distrust(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.err == nil {
		e.err = err
	}
}

// Err is why the observer is not believed any more; nil while it is.
func (e *Effects) Err() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.err
}
