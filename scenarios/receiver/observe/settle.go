package observe

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// Deadline is how long an effect is waited for: 5 times what one took, at least
// 10 s, so that a slow queue is not taken for one that does nothing.
func Deadline(timeToEffect time.Duration) time.Duration { return max(10*time.Second, 5*timeToEffect) }

// Quiet is how long nothing may move before a count is believed: twice what an
// effect took, at least 1 s, so that a second effect is not missed.
func Quiet(timeToEffect time.Duration) time.Duration { return max(time.Second, 2*timeToEffect) }

const (
	firstPause = 5 * time.Millisecond // between two questions; it doubles
	lastPause  = 200 * time.Millisecond
	// maxWindows is how many quiet windows may be begun before it is said that
	// the counts never come to rest.
	maxWindows = 10
)

// SettlerConfig is what a Settler works with.
type SettlerConfig struct {
	Observer Observer // required
	// Clock is what waiting goes by; nil means the wall clock.
	Clock retryclock.Clock
	// Drain works the receiver's queue off. With it no quiet window is needed.
	// Nil means that there is none.
	Drain Action
	// Env is given to each run of Drain; nil gives nothing.
	Env func() []string
	// Fields are the fields of the state that have to come to rest too (the
	// keys of the state_map). Others may change as they like.
	Fields []string
}

// Settler decides when the effects of deliveries may be believed. It remembers
// the counts that it saw, so that one which goes down is found. It may be used
// by several goroutines.
type Settler struct {
	cfg SettlerConfig

	mu   sync.Mutex
	seen map[string]int // by event id
}

// NewSettler checks the config.
func NewSettler(cfg SettlerConfig) (*Settler, error) {
	if cfg.Observer == nil {
		return nil, lang.Errorf("settler: falta el observador", "settler: no observer")
	}
	if cfg.Clock == nil {
		cfg.Clock = retryclock.Wall{}
	}
	if cfg.Env == nil {
		cfg.Env = func() []string { return nil }
	}
	return &Settler{cfg: cfg, seen: map[string]int{}}, nil
}

// Expect is what is waited for.
type Expect struct {
	Subject Subject
	// Before is how many effects the event had before it was delivered: 0, or
	// Settle says that it was seen.
	Before int
	// D0 is how many effects one clean delivery has; 0 waits for none and only
	// sees that none comes.
	D0 int
	// Named are those of D0 by their names; nil where they have none.
	Named map[string]int
}

// met reports whether a reading has all that is waited for. What a sink answers
// badly on purpose does not come while it does so.
func (e *Expect) met(r *Reading) bool {
	if r.StateOnly || r.Failed > 0 && r.Effects+r.Failed >= e.D0 {
		return true
	}
	for name, n := range e.Named {
		if r.Named[name] < n {
			return false
		}
	}
	return r.Effects >= e.D0
}

// rereads are the pauses before an observer that failed is asked again: one
// answer of 500, or one connection that broke, says nothing of the next.
func rereads() []time.Duration { return []time.Duration{50 * time.Millisecond, 500 * time.Millisecond} }

// ask asks the observer, and again when it fails in a way that may pass.
func (s *Settler) ask(ctx context.Context, subjects []Subject) (readings []Reading, err error) {
	for _, pause := range rereads() {
		readings, err = s.cfg.Observer.Observe(ctx, subjects)
		var failure *Error
		if !errors.As(err, &failure) || !failure.passing() {
			return readings, err
		}
		if err := s.cfg.Clock.WaitUntil(ctx, s.cfg.Clock.Now().Add(pause)); err != nil {
			return nil, err
		}
	}
	return s.cfg.Observer.Observe(ctx, subjects)
}

// Read asks for all subjects. An observer that fails in a way that may pass is
// asked up to twice more before that is an error.
func (s *Settler) Read(ctx context.Context, subjects []Subject) ([]Reading, error) {
	if len(subjects) == 0 {
		return nil, ctx.Err()
	}
	readings, err := s.ask(ctx, subjects)
	if err != nil {
		return nil, err
	}
	if len(readings) != len(subjects) {
		return nil, &Error{What: "observe", Kind: Unreadable, Text: lang.Textf(
			"%d lecturas para %d preguntas", "%d readings for %d questions", len(readings), len(subjects))}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, subject := range subjects {
		had, now := s.seen[subject.EventID], readings[i].Effects
		if now < had {
			return nil, &Error{What: "observe", Kind: Sinking, Subject: subject.EventID, Text: lang.Textf(
				"los efectos bajaron de %d a %d: observe algo que solo crezca", "the effects went down from %d to %d: observe something that only grows", had, now)}
		}
		if now > 0 {
			s.seen[subject.EventID] = now
		}
	}
	return readings, nil
}

// Fresh asks once, before a delivery, and finds the events that have effects
// already: an *Error of kind Seen that wraps ErrSeen.
func (s *Settler) Fresh(ctx context.Context, subjects []Subject) error {
	readings, err := s.Read(ctx, subjects)
	if err != nil {
		return err
	}
	for i, r := range readings {
		if r.Effects > 0 {
			return seen(subjects[i], r.Effects)
		}
	}
	return nil
}

func seen(s Subject, effects int) error {
	return &Error{What: "observe", Kind: Seen, Subject: s.EventID, Err: ErrSeen, Text: lang.Textf(
		"un evento nuevo tenía ya %d efectos: el receptor lo conoce de otra corrida, o se cuenta por objeto",
		"a fresh event had %d effects already: the receiver knows it from another run, or effects are counted per object", effects)}
}

// Settle waits until the effects of all deliveries may be believed and returns
// them. All that was expected has to be there, or its deadline be past; then
// nothing may move for a quiet window. An effect that never comes is no error:
// the reading has fewer than were expected.
//
// With a drain hook the queue is worked off first, and what is there then is
// all there is; only when something is missing, one quiet window and one more
// drain give a second worker the time to finish.
//
// timeToEffect is what Calibrate found. An event with effects before its
// delivery is ErrSeen, before anything is asked. Counts that never come to rest
// are an *Error of kind Restless, together with the last readings.
func (s *Settler) Settle(ctx context.Context, expects []Expect, timeToEffect time.Duration) ([]Reading, error) {
	for _, e := range expects {
		if e.Before != 0 {
			return nil, seen(e.Subject, e.Before)
		}
	}
	if len(expects) == 0 {
		return nil, ctx.Err()
	}
	w := s.expecting(expects, timeToEffect)
	err := w.settle(ctx)
	return w.readings, err
}

// expecting is a watch that waits for what is expected.
func (s *Settler) expecting(expects []Expect, timeToEffect time.Duration) *watch {
	subjects := make([]Subject, len(expects))
	for i, e := range expects {
		subjects[i] = e.Subject
	}
	w := s.watch(subjects)
	w.complete = func() bool {
		for i, e := range expects {
			if !e.met(&w.readings[i]) {
				return false
			}
		}
		return true
	}
	w.toEffect = func() time.Duration { return timeToEffect }
	if n := len(expects); n > manySubjects {
		some := slices.Clone(expects[n-sampleSize/2:])
		for i := 0; i < n-sampleSize/2; i += n / (sampleSize / 2) {
			some = append(some, expects[i])
		}
		w.sample = s.expecting(some, timeToEffect)
	}
	return w
}

// Of many subjects a sample is watched until it has come to rest: the last ones,
// for whose effects is waited longest, and some of all the others.
const (
	manySubjects = 100
	sampleSize   = 32
)

// Arrive waits until all that is expected is there, or its deadline past. Whether
// more of it comes is left to a [Settler.Settle] later.
func (s *Settler) Arrive(ctx context.Context, expects []Expect, timeToEffect time.Duration) error {
	w := s.expecting(expects, timeToEffect)
	if len(w.subjects) == 0 || s.cfg.Drain != nil {
		return ctx.Err() // where the queue is worked off, nothing of it is under way
	}
	w.arriving = true
	return w.polled(ctx)
}

// Glance waits until all that is expected is there, for a quiet window at the longest,
// and returns what is there then. What it sees is proof, what it does not see is none:
// that may still come.
func (s *Settler) Glance(ctx context.Context, expects []Expect, timeToEffect time.Duration) ([]Reading, error) {
	w := s.expecting(expects, timeToEffect)
	if len(expects) == 0 {
		return nil, ctx.Err()
	}
	if s.cfg.Drain != nil {
		err := w.settle(ctx)
		return w.readings, err
	}
	w.arriving, w.patience = true, Quiet(timeToEffect)
	err := w.polled(ctx)
	return w.readings, err
}

// watch is one wait for the rest of some counts.
type watch struct {
	s        *Settler
	subjects []Subject

	arriving bool                 // it ends with that, without a quiet window
	patience time.Duration        // for what is expected; zero is the deadline of its time to effect
	complete func() bool          // what is expected is there
	toEffect func() time.Duration // what an effect takes, as far as it is known
	readings []Reading            // of the last look; nil before the first
	began    time.Time
	moved    time.Time     // just after the look that saw the last movement, or the first look
	movedOf  []time.Time   // the same of each subject; zero until it has effects
	pause    time.Duration // before the next look
	cost     time.Duration // of the last look
	sample   *watch        // of some of the subjects, where they are many; nil otherwise
}

func (s *Settler) watch(subjects []Subject) *watch {
	return &watch{
		s: s, subjects: subjects, began: s.cfg.Clock.Now(),
		movedOf: make([]time.Time, len(subjects)), pause: firstPause,
	}
}

func (w *watch) settle(ctx context.Context) error {
	if w.s.cfg.Drain != nil {
		return w.drained(ctx)
	}
	return w.polled(ctx)
}

// look asks once. What it returns was true at the instant from, at which the
// question was asked; movement happened at the latest when the answer was there.
func (w *watch) look(ctx context.Context) (from time.Time, err error) {
	from = w.s.cfg.Clock.Now()
	now, err := w.s.Read(ctx, w.subjects)
	if err != nil {
		return from, err
	}
	after, moved := w.s.cfg.Clock.Now(), false
	for i := range now {
		// What is repeated while a sink fails on purpose need not come to rest.
		if now[i].Failed > 0 {
			continue
		}
		before := Reading{}
		if w.readings != nil {
			before = w.readings[i]
		}
		if now[i].Effects == before.Effects && maps.Equal(now[i].Named, before.Named) && w.s.sameState(now[i], before) {
			continue
		}
		w.movedOf[i] = after
		moved = moved || w.readings != nil
	}
	if moved || w.readings == nil {
		w.moved = after
	}
	w.readings = now
	w.cost = after.Sub(from)
	return from, nil
}

// sameState compares the fields that have to come to rest.
func (s *Settler) sameState(a, b Reading) bool {
	return !slices.ContainsFunc(s.cfg.Fields, func(f string) bool { return !reflect.DeepEqual(a.State[f], b.State[f]) })
}

// wait pauses before the next look, at the longest until an instant that
// matters. It is never shorter than a look takes: asking must not be most of
// what the receiver's computer does.
func (w *watch) wait(ctx context.Context, until time.Time) error {
	t := w.s.cfg.Clock.Now().Add(max(w.pause, w.cost))
	if t.After(until) {
		t = until
	}
	w.pause = min(2*w.pause, lastPause)
	return w.s.cfg.Clock.WaitUntil(ctx, t)
}

// window is how long nothing may move.
func (w *watch) window() time.Duration { return Quiet(w.toEffect()) }

// sampled settles by a sample and one look at all: where nothing is missing then, all
// are as quiet as those that were watched. done is false where something is missing.
func (w *watch) sampled(ctx context.Context) (done bool, err error) {
	if w.sample == nil {
		return false, nil
	}
	w.sample.arriving, w.sample.patience = w.arriving, w.patience
	unrest := w.sample.polled(ctx)
	if failure, ok := errors.AsType[*Error](unrest); unrest != nil && (!ok || failure.Kind != Restless) {
		return false, unrest
	}
	if _, err := w.look(ctx); err != nil {
		return false, err
	}
	return w.sample.complete() && w.complete(), unrest
}

// polled settles by a deadline and a quiet window.
func (w *watch) polled(ctx context.Context) error {
	if done, err := w.sampled(ctx); done || err != nil {
		return err
	}
	var ripe time.Time // when the waiting for effects ended
	for {
		from, err := w.look(ctx)
		if err != nil {
			return err
		}
		deadline := w.began.Add(cmp.Or(w.patience, Deadline(w.toEffect())))
		if !w.complete() && from.Before(deadline) {
			if err := w.wait(ctx, deadline); err != nil {
				return err
			}
			continue
		}
		if w.arriving {
			return nil
		}
		if ripe.IsZero() {
			ripe = from
		}
		switch {
		case !from.Before(w.moved.Add(w.window())):
			return nil
		case from.After(ripe.Add(maxWindows * w.window())):
			return w.restless()
		}
		if err := w.wait(ctx, w.moved.Add(w.window())); err != nil {
			return err
		}
	}
}

func (w *watch) restless() error {
	var moving []string
	for i, s := range w.subjects {
		if !w.movedOf[i].Before(w.moved) {
			moving = append(moving, s.EventID)
		}
	}
	return &Error{What: "observe", Kind: Restless, Subject: strings.Join(moving[:min(len(moving), 3)], ", "), Text: lang.Text{
		ES: "los efectos no dejan de moverse", EN: "the effects never come to rest",
	}}
}

// drained settles by working the queue off.
func (w *watch) drained(ctx context.Context) error {
	windows := 0
	for {
		if err := w.s.cfg.Drain.Run(ctx, w.s.cfg.Env()...); err != nil {
			return err
		}
		from, err := w.look(ctx)
		if err != nil {
			return err
		}
		if w.complete() || !from.Before(w.moved.Add(w.window())) {
			return nil
		}
		if windows++; windows > maxWindows {
			return w.restless()
		}
		// Something is missing, and a worker of the receiver's own may be at it.
		for until := from.Add(maxWindows * w.window()); from.Before(w.moved.Add(w.window())) && !w.complete(); {
			if from.After(until) {
				return w.restless()
			}
			if err := w.wait(ctx, w.moved.Add(w.window())); err != nil {
				return err
			}
			if from, err = w.look(ctx); err != nil {
				return err
			}
		}
	}
}
