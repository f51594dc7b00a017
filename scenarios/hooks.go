package scenarios

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// Hooks are how a run ends the receiver's process and starts it again, and takes
// away what it depends on. Each may be nil: checks that need it are not observed
// then. All are given KOMETIA_SIM_OFFSET; see observe.Offset.
type Hooks struct {
	// Start brings the receiver up. An observe.Hook may be a server that stays in
	// the foreground; it is left running.
	Start observe.Action
	// Kill ends the receiver without warning (SIGKILL).
	Kill observe.Action
	// Restart ends it in an orderly way and starts it again. It proves less, and
	// is used only where Start and Kill are not both there.
	Restart observe.Action
	// Down takes away what the receiver depends on (its database, its queue), Up
	// gives it back. They belong together.
	Down, Up observe.Action
	// Ready is the URL that is asked with GET whether the receiver is up; empty
	// means the target's origin with the path "/".
	Ready string
}

// ready is the URL that is asked whether the receiver at a target is up.
func (h *Hooks) ready(target *wire.Target) string {
	if h.Ready == "" && target != nil {
		if root, err := target.WithRequestURI("/"); err == nil {
			return root.URL()
		}
	}
	return h.Ready
}

// hard reports whether the receiver can be killed and started again.
func (h *Hooks) hard() bool { return h.Kill != nil && h.Start != nil }

// graceful reports whether restarts are orderly ones.
func (h *Hooks) graceful() bool { return !h.hard() && h.Restart != nil }

// lacks names the keys of the config that would have to be there for a case to
// be played; none when it can be. What can be killed has to be started again,
// and what is taken away to be given back.
func (h *Hooks) lacks(c *language.Case) (keys []string) {
	need := func(name string, a observe.Action) {
		if a == nil && !slices.Contains(keys, name) {
			keys = append(keys, name)
		}
	}
	for _, verb := range c.Verbs() {
		switch verb {
		case language.VerbDown, language.VerbUp:
			need("down", h.Down)
			need("up", h.Up)
		case language.VerbRestart:
			if h.Restart == nil {
				need("kill", h.Kill)
				need("start", h.Start)
			}
		case language.VerbKill, language.VerbStart:
			need("kill", h.Kill)
			need("start", h.Start)
		}
	}
	return keys
}

// process is the receiver's process as far as a run has meddled with it.
type process struct {
	hooks  Hooks
	clock  retryclock.Clock
	dead   bool
	down   bool
	offset time.Duration // of its clock
	// broken is why it could not be left as it was found; nil while it could.
	broken error
}

// do does what a hook step says.
func (p *process) do(ctx context.Context, verb string, offset time.Duration) error {
	switch verb {
	case language.VerbKill:
		return p.kill(ctx)
	case language.VerbStart:
		return p.start(ctx, offset)
	case language.VerbRestart:
		return p.restart(ctx, offset)
	case language.VerbDown:
		p.down = true // also when it fails half-way
		return p.hooks.Down.Run(ctx, observe.Offset(p.offset))
	default:
		err := p.hooks.Up.Run(ctx, observe.Offset(p.offset))
		p.down = err != nil
		return err
	}
}

func (p *process) restart(ctx context.Context, offset time.Duration) error {
	if !p.hooks.hard() {
		p.offset = offset
		if err := p.hooks.Restart.Run(ctx, observe.Offset(offset)); err != nil {
			return err
		}
		return observe.Ready(ctx, p.hooks.Ready, 0, p.clock)
	}
	if err := p.kill(ctx); err != nil {
		return err
	}
	return p.start(ctx, offset)
}

// kill ends the process and makes sure of it: one that goes on would pass every
// test of what it has forgotten.
func (p *process) kill(ctx context.Context) error {
	if p.dead {
		return nil
	}
	p.dead = true
	if err := p.hooks.Kill.Run(ctx, observe.Offset(p.offset)); err != nil {
		// Whether it lives none the less, the next start would not tell.
		p.dead = observe.Gone(ctx, "kill", p.hooks.Ready, time.Millisecond, p.clock) == nil
		return err
	}
	err := observe.Gone(ctx, "kill", p.hooks.Ready, 0, p.clock)
	p.dead = err == nil
	return err
}

func (p *process) start(ctx context.Context, offset time.Duration) error {
	if !p.dead {
		if offset == p.offset {
			return nil
		}
		return p.restart(ctx, offset) // a clock is set by starting
	}
	p.offset = offset
	err := observe.Up(ctx, p.hooks.Start, p.hooks.Ready, 0, p.clock, observe.Offset(offset))
	p.dead = err != nil
	return err
}

// restore leaves the receiver as it was found: started, up, its clock right. It
// is done whatever else ends, so it has to be given a context of its own.
func (p *process) restore(ctx context.Context) {
	var errs []error
	switch {
	case p.dead:
		errs = append(errs, p.start(ctx, 0))
	case p.offset != 0:
		errs = append(errs, p.restart(ctx, 0))
	}
	if p.down {
		errs = append(errs, p.do(ctx, language.VerbUp, 0))
	}
	p.broken = errors.Join(errs...)
}

// unmoved takes back a verdict for which the receiver's clock would have to have
// gone along with ours: a memory of two days is only tried by two days.
func (f *finding) unmoved(e *exchange) {
	if e.unmoved {
		f.verdict, f.because, f.note = verdict.NotObserved, "", lang.Text{}
		f.reason, f.enable = textUnmoved(), textEnableOffset()
	}
}

// Process is a receiver that hooks can end and start again.
type Process struct{ process }

// NewProcess takes hold of the receiver at a target. Ready of the hooks may be
// empty, as in a Config; clock is the one that waiting goes by.
func NewProcess(h Hooks, target *wire.Target, clock retryclock.Clock) *Process {
	h.Ready = h.ready(target)
	return &Process{process{hooks: h, clock: clock}}
}

// CanRestart reports whether there are hooks for it: start and kill, or restart.
func (p *Process) CanRestart() bool { return p.hooks.hard() || p.hooks.Restart != nil }

// Restart kills the receiver, or where that cannot be done ends it in an orderly
// way, and returns once it is ready again. It must be able to.
func (p *Process) Restart(ctx context.Context) error { return p.restart(ctx, 0) }

// Restore starts the receiver if it is not running. It has to be given a context
// that outlives the run; its error says why the receiver is left dead.
func (p *Process) Restore(ctx context.Context) error {
	p.restore(ctx)
	return p.broken
}
