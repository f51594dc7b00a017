package fuzz

import (
	"context"
	"slices"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/fuzz/payload"
	"github.com/kometia-sim/kometia-sim/simulator/fault"
)

// What one history may cost to be made small.
const (
	retellTime  = 15 * time.Second
	maxRetold   = 200
	raceRetries = 3 // what chance decides is asked so often before it counts as gone
)

// retelling plays variants of one history.
type retelling struct {
	*historian
	want    charge
	kind    string
	tries   int
	blocked bool
}

// failure is a charge that was seen again, and the performance that showed it.
type failure struct {
	performance *performance
	charge      charge
}

// how is the manner in which variants are played.
func (t *retelling) how() manner {
	if t.want.oracle == NoHang {
		return alone
	}
	return retold
}

// fails plays a history under fresh identities and reports whether it shows the
// same.
func (t *retelling) fails(ctx context.Context, story *history, times int) (failure, bool) {
	if !story.races() {
		times = 1
	}
	for range times {
		if t.overdue() {
			t.blocked = true // there is no time left to find out
			return failure{}, false
		}
		p := t.perform(ctx, story.renewed(t.player.fresh), t.how())
		if p.void {
			return failure{}, false
		}
		for _, c := range t.model.charges(ctx, p) {
			if c.oracle == t.want.oracle && c.code == t.want.code && p.h.passages[c.passage].Kind == t.kind {
				return failure{p, c}, true
			}
		}
	}
	return failure{}, false
}

// confirm plays the history again while its stories, in order and without
// faults, are taken as ever. Only what comes back counts.
func (t *retelling) confirm(ctx context.Context, story *history) (failure, bool) {
	for range confirmTimes {
		found, failed := t.fails(ctx, story, raceRetries)
		if !failed {
			continue
		}
		if !t.control(ctx, found.performance) {
			t.blocked = true
			return failure{}, false
		}
		return found, true
	}
	return failure{}, false
}

// control reports whether the stories of a performance are acknowledged and do
// what they did before, in order and without faults.
func (t *retelling) control(ctx context.Context, p *performance) bool {
	for _, n := range p.stories() {
		delivered, _ := p.story(n)
		if len(delivered) > 0 && !t.model.still(ctx, p.kinds(delivered)) {
			return false
		}
	}
	return true
}

// shrink makes a failing history small: fewer events, fewer and simpler faults,
// no more restarts and copies than it takes. nil when it got no smaller.
func (t *retelling) shrink(ctx context.Context, failed failure) *failure {
	var last *failure
	until := t.receiver.Clock().Now().Add(retellTime)
	minimal(failed.performance.h, failed.charge.passage, t.legal, func(candidate *history) bool {
		if t.tries >= maxRetold || t.receiver.Clock().Now().After(until) || t.overdue() || t.dead.Load() || ctx.Err() != nil || t.stopped() {
			return false
		}
		t.tries++
		found, failed := t.fails(ctx, candidate, raceRetries)
		if failed {
			last = &found
		}
		return failed
	})
	return last
}

// legal reports whether a history makes sense with some of its passages only:
// without what came before it, an event may be refused with reason.
func (t *retelling) legal(all, some []passage) bool {
	if t.want.oracle != ValidAccepted {
		return true
	}
	for _, left := range all {
		if slices.ContainsFunc(some, func(p passage) bool { return p.Subject.EventID == left.Subject.EventID }) {
			continue
		}
		if slices.ContainsFunc(some, func(p passage) bool { return p.story == left.story && p.At.After(left.At) }) {
			return false
		}
	}
	return true
}

// minimal makes a failing history minimal by delta debugging. legal says which
// passages make sense without the others; of the candidates that fails holds for
// the last is the result.
//
// at is the passage that showed the failure: most often it takes that one, or
// that one and another, which is tried before all else.
func minimal(story *history, at int, legal func(all, some []passage) bool, fails func(*history) bool) *history {
	now := story
	try := func(candidate *history) bool {
		if !fails(candidate) {
			return false
		}
		now = candidate
		return true
	}
	if len(now.restarts) > 0 {
		try(&history{passages: now.passages})
	}
	without := func(some []passage) bool { return legal(story.passages, some) && try(now.with(slices.Clone(some))) }
	// Most failures take one event, which is played fastest.
	one := without(now.passages[at : at+1])
	// Most take one thing that goes wrong, some none at all.
	for _, keep := range []func(p *passage){
		func(p *passage) { p.faults, p.copies = nil, 0 },
		func(p *passage) { p.copies = 0 },
		func(p *passage) { p.faults = nil },
	} {
		candidate := now.clone()
		for i := range candidate.passages {
			if !candidate.passages[i].withheld {
				keep(&candidate.passages[i])
			}
		}
		if try(candidate) {
			break
		}
	}
	if !one && !slices.ContainsFunc(pairs(now.passages, at), without) {
		payload.Reduce(now.passages, without)
	}
	for i := range now.passages {
		simplify(i, func() *history { return now }, try)
	}
	return now
}

// pairs are a passage with each of the others, in their order.
func pairs(all []passage, at int) (list [][]passage) {
	for i := range all {
		if low, high := min(i, at), max(i, at); low < high {
			list = append(list, []passage{all[low], all[high]})
		}
	}
	return list
}

// simplify makes what goes wrong with one passage simpler.
func simplify(i int, now func() *history, try func(*history) bool) {
	change := func(do func(p *passage)) bool {
		candidate := now().clone()
		do(&candidate.passages[i])
		return try(candidate)
	}
	if now().passages[i].copies > 1 && !change(func(p *passage) { p.copies = 0 }) && now().passages[i].copies > 2 {
		change(func(p *passage) { p.copies = 2 })
	}
	if p := &now().passages[i]; len(p.faults) > 0 && !p.withheld && !change(func(p *passage) { p.faults = nil }) {
		payload.Reduce(p.faults, func(some []fault.Fault) bool {
			return change(func(p *passage) { p.faults = slices.Clone(some) })
		})
	}
	for k := range now().passages[i].faults {
		f := now().passages[i].faults[k]
		for _, simpler := range simpler(f, now().passages[i].withheld) {
			if f == simpler || change(func(p *passage) { p.faults[k] = simpler }) {
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
	if !withheld { // which nobody would answer
		list = append(list, fault.Of(fault.LoseAnswer))
	}
	if f.Cuts() {
		list = append(list, fault.Of(fault.CutFIN))
	}
	return append(list, fault.Of(f.Kind))
}
