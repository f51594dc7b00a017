package receiver

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/fault"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// Hooks are how a run ends the receiver's process and starts it again, and takes
// away what it depends on. Each may be nil: what needs it is not tried then.
// All are given KOMETIA_SIM_OFFSET; see observe.Offset.
type Hooks struct {
	// Start brings the receiver up. An observe.Hook may be a server that stays in
	// the foreground; it is left running.
	Start observe.Action
	// Kill ends the receiver without warning (SIGKILL). One that Start has left in
	// the foreground is ended without it.
	Kill observe.Action
	// Owned is what Start has left in the foreground; receivers that share their
	// process share it. Nil makes one.
	Owned *Owned
	// Restart ends it in an orderly way and starts it again. It proves less, and
	// is used only where Start and Kill are not both there.
	Restart observe.Action
	// Down takes away what the receiver depends on (its database, its queue), Up
	// gives it back. They belong together.
	Down, Up observe.Action
	// Reconcile runs the receiver's own job that looks in the API for the events
	// that it missed, and ends when that is done.
	Reconcile observe.Action
	// Sinks are what it calls, as far as it is ours; nil without any.
	Sinks *observe.Sinks
	// Ready is the URL that is asked with GET whether the receiver is up; empty
	// means the target's origin with the path "/".
	Ready string
}

// Owned is the receiver's process as far as we have started it in the foreground.
// The zero value is none.
type Owned struct {
	process *observe.Process // the last one; nil before the first
	began   bool             // the receiver was not up before us
}

// ours reports whether the receiver is ours to end.
func (o *Owned) ours() bool { return o != nil && o.process != nil }

// end ends it, with all that it has started.
func (o *Owned) end() {
	if o.ours() {
		o.process.Kill()
	}
}

// Lacks names the keys of the config that would have to be there for a verb;
// none when it can be done. What can be killed has to be started again, and what
// is taken away to be given back.
func (h *Hooks) Lacks(verb string) (keys []string) {
	need := func(name string, a observe.Action) {
		if a == nil {
			keys = append(keys, name)
		}
	}
	kill := func() {
		if !h.Owned.ours() {
			need(verdict.VerbKill, h.Kill)
		}
	}
	switch verb {
	case verdict.VerbDown, verdict.VerbUp:
		need(verdict.VerbDown, h.Down)
		need(verdict.VerbUp, h.Up)
	case verdict.VerbRestart:
		if h.Restart == nil {
			kill()
			need(verdict.VerbStart, h.Start)
		}
	case verdict.VerbReconcile:
		need(verdict.VerbReconcile, h.Reconcile)
	case verdict.VerbSink:
		if h.Sinks == nil {
			keys = append(keys, verdict.VerbSink)
		}
	case verdict.VerbKill, verdict.VerbStart:
		kill()
		need(verdict.VerbStart, h.Start)
	}
	return keys
}

// hard reports whether the receiver can be killed and started again.
func (h *Hooks) hard() bool { return (h.Kill != nil || h.Owned.ours()) && h.Start != nil }

// Graceful reports whether restarts are orderly ones.
func (h *Hooks) Graceful() bool { return !h.hard() && h.Restart != nil }

// Process is the receiver's process as far as it was meddled with. It is for one
// goroutine at a time, but for Offset.
type Process struct {
	hooks Hooks
	ready observe.Place
	clock retryclock.Clock
	dead  bool
	down  bool
	// Names of what it calls that answers otherwise; "" is all of it.
	failing map[string]bool
	offset  atomic.Int64 // of its clock
	broken  error
}

func newProcess(h Hooks, dialer wire.Dialer, clock retryclock.Clock) *Process {
	if h.Owned == nil {
		h.Owned = &Owned{}
	}
	return &Process{hooks: h, ready: observe.Place{URL: h.Ready, Dialer: dialer}, clock: clock, failing: map[string]bool{}}
}

// Begin starts a receiver that is not up, where there is a way to, and reports
// whether it had to. What it has started is ended by End.
func (p *Process) Begin(ctx context.Context) (begun bool, err error) {
	if p.hooks.Start == nil || observe.Answers(ctx, p.ready) {
		return false, ctx.Err()
	}
	p.dead, p.hooks.Owned.began = true, true
	return true, p.start(ctx, 0)
}

// End leaves a receiver that was not up before Begin as it was. One that Start has
// left in the background stays up without Kill.
func (p *Process) End(ctx context.Context) error {
	if !p.hooks.Owned.began || p.dead {
		return nil
	}
	p.hooks.Owned.began = false
	return p.kill(ctx)
}

// Hooks are what there is to end and start it.
func (p *Process) Hooks() *Hooks { return &p.hooks }

// Offset is how far ahead of ours its clock was set.
func (p *Process) Offset() time.Duration { return time.Duration(p.offset.Load()) }

// Dead reports whether it was killed and not started again.
func (p *Process) Dead() bool { return p.dead }

// Starved reports whether what it depends on was taken away.
func (p *Process) Starved() bool { return p.down }

// AsFound reports whether nothing of it is changed now: it runs by its own clock,
// with all that it depends on and calls.
func (p *Process) AsFound() bool {
	return !p.dead && !p.down && p.Offset() == 0 && len(p.failing) == 0
}

// Broken is why it could not be left as it was found; nil while it could.
func (p *Process) Broken() error { return p.broken }

func (p *Process) env() string { return observe.Offset(p.Offset()) }

// Do does what a verb says; offset is how far ahead its clock is to be from now
// on, for restart and start.
func (p *Process) Do(ctx context.Context, verb string, offset time.Duration) error {
	switch verb {
	case verdict.VerbKill:
		return p.kill(ctx)
	case verdict.VerbStart:
		return p.start(ctx, offset)
	case verdict.VerbRestart:
		return p.restart(ctx, offset)
	case verdict.VerbReconcile:
		return p.hooks.Reconcile.Run(ctx, p.env())
	case verdict.VerbDown:
		p.down = true // also when it fails half-way
		return p.hooks.Down.Run(ctx, p.env())
	default:
		err := p.hooks.Up.Run(ctx, p.env())
		p.down = err != nil
		return err
	}
}

// Sink has a service that it calls answer otherwise, or all of them when name is
// empty.
func (p *Process) Sink(name string, a fault.Answer) error {
	switch {
	case a != fault.Answer{}:
		p.failing[name] = true
	case name == "":
		clear(p.failing)
	default:
		delete(p.failing, name)
	}
	return p.hooks.Sinks.Set(name, a)
}

func (p *Process) restart(ctx context.Context, offset time.Duration) error {
	if !p.hooks.hard() {
		p.offset.Store(int64(offset))
		if err := p.hooks.Restart.Run(ctx, p.env()); err != nil {
			return err
		}
		return observe.Ready(ctx, p.ready, 0, p.clock)
	}
	if err := p.kill(ctx); err != nil {
		return err
	}
	return p.start(ctx, offset)
}

// kill ends the process and makes sure of it: one that goes on would pass every
// test of what it has forgotten.
func (p *Process) kill(ctx context.Context) error {
	if p.dead {
		return nil
	}
	p.dead = true
	var err error
	if p.hooks.Kill != nil {
		err = p.hooks.Kill.Run(ctx, p.env())
	} else if !p.hooks.Owned.ours() {
		p.dead = false
		return nil
	}
	p.hooks.Owned.end()
	if err != nil {
		// Whether it lives none the less, the next start would not tell.
		p.dead = observe.Gone(ctx, verdict.VerbKill, p.ready, time.Millisecond, p.clock) == nil
		return err
	}
	err = observe.Gone(ctx, verdict.VerbKill, p.ready, 0, p.clock)
	p.dead = err == nil
	if alive, ok := errors.AsType[*observe.Error](err); ok && p.hooks.Kill == nil {
		told := *alive
		told.Text = lang.Textf("%s; start: dejó un proceso en una sesión propia (un demonio): agregue kill: con la orden que lo termina, o arránquelo en primer plano",
			"%s; start: left a process in a session of its own (a daemon): add kill: with the command that ends it, or start it in the foreground", alive.Text)
		err = &told
	}
	return err
}

func (p *Process) start(ctx context.Context, offset time.Duration) error {
	if !p.dead {
		if offset == p.Offset() {
			return nil
		}
		return p.restart(ctx, offset) // a clock is set by starting
	}
	p.offset.Store(int64(offset))
	process, err := observe.Up(ctx, p.hooks.Start, p.ready, 0, p.clock, p.env())
	p.dead = err != nil
	if process != nil {
		p.hooks.Owned.process = process
	}
	return err
}

// Restore leaves the receiver as it was found: started, up, its clock right. It
// is done whatever else ends, so it has to be given a context of its own. Its
// error says why the receiver is left otherwise.
func (p *Process) Restore(ctx context.Context) error {
	var errs []error
	if p.hooks.Sinks != nil {
		errs = append(errs, p.Sink("", fault.Answer{}))
	}
	switch {
	case p.dead:
		errs = append(errs, p.start(ctx, 0))
	case p.Offset() != 0:
		errs = append(errs, p.restart(ctx, 0))
	}
	if p.down {
		errs = append(errs, p.Do(ctx, verdict.VerbUp, 0))
	}
	p.broken = errors.Join(errs...)
	return p.broken
}
