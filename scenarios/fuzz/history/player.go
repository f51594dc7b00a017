package history

import (
	"context"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/scenarios/model"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/payload"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// Sender sends what a history delivers. Budgeted requests count towards the run's
// budget and are not made once it is used up: then there is no outcome.
type Sender interface {
	// Send makes one attempt, which may take the whole delivery timeout.
	Send(ctx context.Context, request *wire.Request, budgeted bool) receiver.Response
	// Burst waits for the turns of requests that then start together, and returns
	// what sends them.
	Burst(ctx context.Context, requests int, budgeted bool) delivery.Sender
}

// Config is what histories are played with.
type Config struct {
	Receiver  *receiver.Receiver
	Sender    Sender
	Generator *payload.Generator
	// Fresh gives a history that is played again identities that nobody has seen.
	Fresh  *payload.Freshener
	Policy retryclock.Policy
	// Material is what histories are made of.
	Material Material
	// Fields are the fields of the state that repeat what the event says, by kind of
	// event.
	Fields map[string]map[string]receiver.Relation
	// Latency is how long a response to a normal event takes.
	Latency time.Duration
	// Calm is held shared by everybody who sends or observes, and alone by whoever
	// restarts the receiver or must not be disturbed.
	Calm *sync.RWMutex
	// Turns is how many histories send at the same time while they are played within
	// the budget; zero means one. The others rest, as most of them do most of the
	// time.
	Turns int
	// CaughtUp reports whether the receiver has come to all that it has acknowledged:
	// of what is missing before, nothing is known. Nil always has.
	CaughtUp func(context.Context) bool
	// Wanted reports whether a rule is held against the receiver.
	Wanted func(rule string) bool
	// Quit is closed when nothing that is budgeted is to go on; the rest ends with
	// the receiver's Stop.
	Quit <-chan struct{}
	// Gone is called when the receiver did not come back after a restart, Broke with
	// a failure that is ours.
	Gone, Broke func(error)
}

// effects is what is seen of the receiver's effects; nil when nothing is, or is
// not to be believed.
func (c *Config) effects() *receiver.Effects {
	if e := c.Receiver.Effects(); e != nil && e.Err() == nil {
		return e
	}
	return nil
}

// Player plays histories and holds them against what a right receiver makes of
// them. It is safe for concurrent use.
type Player struct {
	cfg   Config
	model *reference
	turns chan struct{} // has an element for each request of a budgeted history

	// looking is held shared by whoever looks into a failure, and alone by a restart
	// that many share.
	looking sync.RWMutex

	mu       sync.Mutex
	underway map[*playback]bool
}

// NewPlayer makes a player.
func NewPlayer(cfg Config) *Player {
	p := &Player{cfg: cfg, turns: make(chan struct{}, max(1, cfg.Turns)), underway: map[*playback]bool{}}
	p.model = newReference(p)
	return p
}

// Material is what histories are made of.
func (p *Player) Material() Material { return p.cfg.Material }

// Mode is how a history is played.
type Mode int

// The modes.
const (
	// Budgeted: within the run's budget, beside what else is sent.
	Budgeted Mode = iota
	// Rehearsed: to its end whatever the budget, and in turn with those that are
	// played within it.
	Rehearsed
	// Whole: to its end whatever the budget, because a finding depends on it.
	Whole
	// Variant: so, and what is missing is not waited for longer than it takes the
	// receiver to catch up: a finding that was confirmed is only made smaller.
	Variant
	// Alone: so, and while nothing else is sent. How long a response takes must not
	// depend on us.
	Alone
)

// shares reports whether a history is played in turn with others, and has their
// restarts.
func (m Mode) shares() bool { return m == Budgeted || m == Rehearsed }

// depended reports whether a finding depends on a history.
func (m Mode) depended() bool { return m == Whole || m == Variant }

// patient reports whether what is expected is waited for as long as it may take.
func (m Mode) patient() bool { return m != Budgeted && m != Variant }

// Look does what looks into a failure, which restarts of others do not disturb.
func (p *Player) Look(look func()) {
	p.looking.RLock()
	defer p.looking.RUnlock()
	look()
}

// Violations lists what a history that was played shows against the receiver.
// None of a void one, which one becomes where the receiver has not come to it yet.
func (p *Player) Violations(ctx context.Context, played *Played) []Violation {
	list := p.model.violations(ctx, played)
	if !slices.ContainsFunc(list, Violation.missing) || p.look(ctx, played) {
		return list
	}
	if played.Void {
		return nil
	}
	return p.model.violations(ctx, played)
}

// missing reports whether the violation is that something is not there, which may
// come yet.
func (v Violation) missing() bool {
	return v.Rule == StateConverges || v.Rule == EffectsOnce && v.Code != string(model.Doubled)
}

// look looks again at a history of which something was missing, once the receiver
// has caught up; a history is void when it does not. It reports whether all is as it was.
func (p *Player) look(ctx context.Context, played *Played) (same bool) {
	effects := p.cfg.effects()
	if p.cfg.CaughtUp == nil || effects == nil || p.cfg.Receiver.Drains() {
		return true
	}
	p.cfg.Calm.RLock()
	defer p.cfg.Calm.RUnlock()
	if !p.cfg.CaughtUp(ctx) {
		played.Void = true
		return false
	}
	before := played.Readings
	p.observe(ctx, effects, played, false)
	return reflect.DeepEqual(before, played.Readings)
}

// Judged is how often a history had anything to be held against a rule: without
// that, nothing was passed.
func (p *Player) Judged(rule string) int64 {
	if n := p.model.judged[rule]; n != nil {
		return n.Load()
	}
	return 0
}
