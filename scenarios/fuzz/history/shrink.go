package history

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/kometia-sim/kometia-sim/simulator/fault"
	"github.com/kometia-sim/kometia-sim/simulator/payload"
)

// What one history may cost to be made small.
const (
	shrinkTime   = 15 * time.Second
	maxTries     = 200
	confirmTimes = 3
)

// RaceRetries is how often what chance decides is asked before it counts as gone.
const RaceRetries = 3

// Budget is the time that is left to look into failures.
type Budget interface {
	// Overdue reports whether the run has been over for so long that what is still
	// open is not looked into any more.
	Overdue() bool
	// Stopped reports whether the run was stopped, or has nobody left to ask.
	Stopped() bool
}

// Shrinker plays variants of one history that showed a violation.
type Shrinker struct {
	player  *Player
	budget  Budget
	want    Violation
	kind    string
	tries   int
	blocked atomic.Bool
	// Innocent says that the same events fail as well when nothing goes wrong with
	// them: it is their contents' affair.
	Innocent bool
}

// NewShrinker looks into a violation of a rule, by an event of a kind.
func NewShrinker(p *Player, b Budget, want Violation, kind string) *Shrinker {
	return &Shrinker{player: p, budget: b, want: want, kind: kind}
}

// Blocked reports whether a history could not be confirmed because nothing could be
// shown any more: there is no time left, or normal events are not taken.
func (s *Shrinker) Blocked() bool { return s.blocked.Load() }

// Failure is a violation that was seen, and what came of the history that showed
// it.
type Failure struct {
	Played    *Played
	Violation Violation
}

// Mode is how variants are played.
func (s *Shrinker) Mode() Mode {
	if s.want.Rule == NoHang {
		return Alone
	}
	return Whole
}

// fails plays a history under fresh identities and reports whether it shows the
// same. What chance decides is asked a few times.
func (s *Shrinker) fails(ctx context.Context, h *History, mode Mode) (Failure, bool) {
	times := 1
	if h.Races() {
		times = RaceRetries
	}
	for range times {
		if s.budget.Overdue() {
			s.blocked.Store(true) // there is no time left to find out
			return Failure{}, false
		}
		p := s.player.Play(ctx, h.Renewed(s.player.cfg.Fresh), mode)
		if p.Void {
			return Failure{}, false
		}
		for _, v := range s.player.Violations(ctx, p) {
			if v.Rule == s.want.Rule && v.Code == s.want.Code && p.History.Deliveries[v.Delivery].Kind == s.kind {
				return Failure{p, v}, true
			}
		}
	}
	return Failure{}, false
}

// Confirm plays the history again while its stories, in order and without
// faults, are taken as ever. Only what comes back counts. Restarts, which most
// histories only have in common with another, are left out where it comes back
// without them.
func (s *Shrinker) Confirm(ctx context.Context, h *History) (Failure, bool) {
	if len(h.Restarts) > 0 {
		if found, came := s.confirm(ctx, &History{Deliveries: h.Deliveries}, 1); came || s.Blocked() {
			return found, came
		}
	}
	return s.confirm(ctx, h, confirmTimes)
}

func (s *Shrinker) confirm(ctx context.Context, h *History, times int) (Failure, bool) {
	for range times {
		found, failed := s.fails(ctx, h, s.Mode())
		if !failed {
			continue
		}
		if !s.Control(ctx, found) {
			s.blocked.Store(true)
			return Failure{}, false
		}
		return found, true
	}
	return Failure{}, false
}

// Control reports whether it is what went wrong on the way that makes a history
// fail. What was done too often or in part, and what is kept, may come of the
// contents: the same events, delivered once, in order and under fresh identities,
// must not fail so. For the rest it is enough that the stories with other contents,
// of now, are acknowledged and do what they did before.
func (s *Shrinker) Control(ctx context.Context, f Failure) bool {
	h := f.Played.History.plain()
	if len(h.Deliveries) == 0 {
		return true
	}
	if v := f.Violation; v.Rule != StateConverges && (v.Rule != EffectsOnce || v.Code == nothingDone) {
		for _, kinds := range h.stories() {
			if !s.player.model.still(ctx, kinds) {
				return false
			}
		}
		return true
	}
	p := s.player.Play(ctx, h.Renewed(s.player.cfg.Fresh), Whole)
	if p.Void || p.hanging >= 0 {
		return false
	}
	for i := range p.states {
		if p.refused(i) {
			return false
		}
	}
	for _, v := range s.player.Violations(ctx, p) {
		if v.Rule == f.Violation.Rule && v.Code == f.Violation.Code {
			s.Innocent = true
			return false
		}
	}
	return true
}

// Shrink makes a failing history small: fewer events, fewer and simpler faults,
// no more restarts and copies than it takes. nil when it got no smaller.
func (s *Shrinker) Shrink(ctx context.Context, failed Failure) *Failure {
	var last *Failure
	clock := s.player.cfg.Receiver.Clock()
	until := clock.Now().Add(shrinkTime)
	mode := s.Mode()
	if mode == Whole {
		mode = Variant
	}
	minimal(failed.Played.History, failed.Violation.Delivery, s.legal, func(candidates []*History) int {
		if s.tries >= maxTries || clock.Now().After(until) || s.budget.Overdue() || s.budget.Stopped() || ctx.Err() != nil {
			return -1
		}
		s.tries += len(candidates)
		failures := make([]*Failure, len(candidates))
		var all sync.WaitGroup
		for i, candidate := range candidates {
			all.Go(func() {
				if found, failed := s.fails(ctx, candidate, mode); failed {
					failures[i] = &found
				}
			})
		}
		all.Wait()
		for i, failure := range failures {
			if failure == nil {
				continue
			}
			if len(candidates) > 1 {
				// What it failed for may have come with the others.
				s.tries++
				again, failed := s.fails(ctx, candidates[i], mode)
				if !failed {
					continue
				}
				failure = &again
			}
			last = failure
			return i
		}
		return -1
	})
	return last
}

// legal reports whether a history makes sense with some of its deliveries only:
// without what came before it, an event may be refused with reason.
func (s *Shrinker) legal(all, some []Delivery) bool {
	if s.want.Rule != ValidAccepted {
		return true
	}
	for _, left := range all {
		if slices.ContainsFunc(some, func(d Delivery) bool { return d.Subject.EventID == left.Subject.EventID }) {
			continue
		}
		if slices.ContainsFunc(some, func(d Delivery) bool { return d.Story == left.Story && d.At.After(left.At) }) {
			return false
		}
	}
	return true
}

// minimal makes a failing history minimal by delta debugging. legal says which
// deliveries make sense without the others. fails plays candidates side by side and
// gives the first that fails, or -1; the last of those is the result.
//
// at is the delivery that showed the failure: most often it takes that one, or
// that one and another, which is tried before all else.
func minimal(h *History, at int, legal func(all, some []Delivery) bool, fails func([]*History) int) *History {
	now := h
	first := func(candidates ...*History) int {
		if len(candidates) == 0 {
			return -1
		}
		i := fails(candidates)
		if i >= 0 {
			now = candidates[i]
		}
		return i
	}
	try := func(candidate *History) bool { return first(candidate) == 0 }
	if len(now.Restarts) > 0 {
		try(&History{Deliveries: now.Deliveries})
	}
	payload.Reduce(now.Restarts, func(some []time.Time) bool {
		return try(&History{Deliveries: now.Deliveries, Restarts: slices.Clone(some)})
	})
	without := func(some []Delivery) bool { return legal(h.Deliveries, some) && try(now.with(slices.Clone(some))) }
	// Most failures take one event, or one and another.
	var few []*History
	for _, some := range append([][]Delivery{now.Deliveries[at : at+1]}, pairs(now.Deliveries, at)...) {
		if len(some) < len(now.Deliveries) && legal(h.Deliveries, some) {
			few = append(few, now.with(slices.Clone(some)))
		}
	}
	reduced := first(few...) >= 0
	first(plainer(now)...)
	if !reduced {
		payload.Reduce(now.Deliveries, without)
	}
	for i := range now.Deliveries {
		simplify(i, func() *History { return now }, try)
	}
	return now
}

// plainer are a history with less that goes wrong with its deliveries, the simplest
// first: most failures take one thing, some none at all. What two copies do at the
// same instant, one whose response was lost may do as well, and that will happen.
func plainer(h *History) (list []*History) {
	for _, keep := range []func(p *Delivery){
		func(p *Delivery) { p.Faults, p.Copies = nil, 0 },
		func(p *Delivery) { p.Copies = 0 },
		func(p *Delivery) {
			if p.Copies > 1 {
				p.Faults, p.Copies = []fault.Fault{fault.Of(fault.LoseAnswer)}, 0
			}
		},
		func(p *Delivery) { p.Faults = nil },
	} {
		candidate := h.clone()
		for i := range candidate.Deliveries {
			if !candidate.Deliveries[i].Withheld {
				keep(&candidate.Deliveries[i])
			}
		}
		list = append(list, candidate)
	}
	return list
}

// pairs are a delivery with each of the others, in their order.
func pairs(all []Delivery, at int) (list [][]Delivery) {
	for i := range all {
		if low, high := min(i, at), max(i, at); low < high {
			list = append(list, []Delivery{all[low], all[high]})
		}
	}
	return list
}

// simplify makes what goes wrong with one delivery simpler.
func simplify(i int, now func() *History, try func(*History) bool) {
	change := func(do func(p *Delivery)) bool {
		candidate := now().clone()
		do(&candidate.Deliveries[i])
		return try(candidate)
	}
	if now().Deliveries[i].Copies > 1 && !change(func(p *Delivery) { p.Copies = 0 }) && now().Deliveries[i].Copies > 2 {
		change(func(p *Delivery) { p.Copies = 2 })
	}
	if p := &now().Deliveries[i]; len(p.Faults) > 0 && !p.Withheld && !change(func(p *Delivery) { p.Faults = nil }) {
		payload.Reduce(p.Faults, func(some []fault.Fault) bool {
			return change(func(p *Delivery) { p.Faults = slices.Clone(some) })
		})
	}
	for k := range now().Deliveries[i].Faults {
		f := now().Deliveries[i].Faults[k]
		for _, simpler := range simpler(f, now().Deliveries[i].Withheld) {
			if f == simpler || change(func(p *Delivery) { p.Faults[k] = simpler }) {
				break
			}
		}
	}
}

// simpler lists what may stand for a fault, the simplest first.
func simpler(f fault.Fault, withheld bool) (list []fault.Fault) {
	if f.Kind == fault.Refuse {
		return nil
	}
	if !withheld { // which could never be answered
		list = append(list, fault.Of(fault.LoseAnswer))
	}
	if f.Cuts() {
		list = append(list, fault.Of(fault.CutFIN))
	}
	return append(list, fault.Of(f.Kind))
}
