package history

import (
	"context"
	"hash/fnv"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/simulator/payload"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
)

// rehearsal is a story that is played in order and without faults, once.
type rehearsal struct {
	done  chan struct{}
	clean *clean // nil when nothing could be seen
}

// clean is what a story of some kinds does when nothing goes wrong; nil when
// that could not be seen. It is played once, by the first who asks.
func (m *reference) clean(ctx context.Context, kinds []string) *clean {
	key := strings.Join(kinds, " ")
	m.mu.Lock()
	r := m.known[key]
	if r != nil {
		m.mu.Unlock()
		<-r.done
		return r.clean
	}
	r = &rehearsal{done: make(chan struct{})}
	m.known[key] = r
	m.mu.Unlock()
	defer close(r.done)
	sum := fnv.New64a()
	_, _ = sum.Write([]byte(key))
	if r.clean = m.rehearse(ctx, shop.Key{Name: "clean", Index: int(sum.Sum64() >> 2)}, kinds, Rehearsed); r.clean == nil { //nolint:gosec // shifted
		m.mu.Lock()
		delete(m.known, key) // the next one tries again
		m.mu.Unlock()
	}
	return r.clean
}

// prepare rehearses the stories of a history while it is played.
func (m *reference) prepare(ctx context.Context, h *History) (ready func()) {
	var all sync.WaitGroup
	for _, kinds := range h.stories() {
		all.Go(func() { m.clean(ctx, kinds) })
	}
	return all.Wait
}

// remembered is what a story of some kinds did when it was rehearsed; nil when it
// was not yet.
func (m *reference) remembered(kinds []string) *clean {
	m.mu.Lock()
	r := m.known[strings.Join(kinds, " ")]
	m.mu.Unlock()
	if r == nil {
		return nil
	}
	select {
	case <-r.done:
		return r.clean
	default:
		return nil
	}
}

// still reports whether a story of some kinds, played now in order and without
// faults, is acknowledged and does what it did the first time: a receiver that
// has broken down meanwhile, or an observer, must not be taken for what a
// history brought about.
func (m *reference) still(ctx context.Context, kinds []string) bool {
	c := m.rehearse(ctx, shop.Key{Name: "still", Index: int(m.again.Add(1))}, kinds, Whole)
	before := m.remembered(kinds)
	return c != nil && (before == nil || slices.Equal(c.effects, before.effects) && c.gone == before.gone)
}

// rehearse plays a story in order and without faults.
func (m *reference) rehearse(ctx context.Context, key shop.Key, kinds []string, mode Mode) *clean {
	// So far apart that the receiver is at rest in between.
	const apart = 2 * receiver.ShortJump
	st := shop.Story{
		Key: key, Kinds: kinds, Gap: apart, Shape: m.Material.shape(),
		At: m.Generator.Config().Start.Add(-apart * time.Duration(len(kinds))),
	}
	h, err := inOrder(m.Generator, st)
	for range 20 { // one that is the receiver's own affair is the measure of no other
		if err != nil || !m.meant(h, nil) {
			break
		}
		st.Key.Index++
		h, err = inOrder(m.Generator, st)
	}
	if err != nil {
		m.Broke(err)
		return nil
	}
	p := m.player.Play(ctx, h, mode)
	if p.Void || p.hanging >= 0 {
		return nil
	}
	for i := range p.states {
		if p.refused(i) {
			return nil
		}
	}
	c := &clean{free: true, follows: map[string]bool{}}
	if m.Receiver.Effects() == nil {
		return c
	}
	if p.Readings != nil && m.lacking(p) && !m.player.look(ctx, p) && p.Void {
		return nil
	}
	if p.Readings == nil {
		return nil // the observer failed
	}
	for i := range p.Readings {
		n := p.Readings[i].Effects
		c.effects = append(c.effects, n)
		c.free = c.free && (len(kinds) == 1 || n == m.alone(ctx, kinds[i]))
	}
	c.free = c.free && !m.Receiver.Effects().PerObject()
	c.gone = absent(p.Readings[len(kinds)-1].State, m.Receiver.StateMap())
	for i := range h.Deliveries {
		g := &h.Deliveries[i]
		if len(p.newer(g)) > 0 {
			continue
		}
		for field, rel := range m.Fields[g.Kind] {
			want, err := jsontree.Get(g.Tree, rel.Path)
			if got, there := p.Readings[i].State[field]; err == nil && there && rel.Holds(got, want) {
				c.follows[followed(g.Subject.ObjectType, field)] = true
			}
		}
	}
	return c
}

// inOrder is the history of a story in which nothing goes wrong.
func inOrder(g *payload.Generator, st shop.Story) (*History, error) {
	events, err := g.World().Draft(st)
	if err != nil {
		return nil, err
	}
	h := &History{}
	for _, e := range events {
		h.Deliveries = append(h.Deliveries, Delivery{Message: g.Message(e), Due: e.At})
	}
	return h, nil
}

// absent reports whether nothing is kept of an object, or that it was deleted.
func absent(state map[string]any, stateMap map[string]string) bool {
	if receiver.SaysDeleted(state, stateMap) {
		return true
	}
	for _, v := range state {
		if v != nil {
			return false
		}
	}
	return true
}
