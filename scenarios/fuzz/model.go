package fuzz

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/fuzz/payload"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
)

// model is what a right receiver makes of a history: every event is acknowledged
// in the end and has its effects once, what is kept of an object is what its
// newest event says, and what never arrived whole did nothing.
//
// How many effects an event has may depend on what happened before it (who
// counts new orders counts none for a payment). So every story is held against
// itself, played in order and without faults.
type model struct {
	*Runner

	mu    sync.Mutex // held while a story is rehearsed
	asked int
	known sync.Map // of *clean, by the kinds of the story

	// judged counts by oracle how often a history had anything to be held against
	// it: without that, nothing was passed.
	judged map[string]*atomic.Int64
}

func newModel(r *Runner) *model {
	m := &model{Runner: r, judged: map[string]*atomic.Int64{}}
	for _, o := range Oracles() {
		m.judged[o.Name] = &atomic.Int64{}
	}
	return m
}

// clean is what a story does when nothing goes wrong.
type clean struct {
	// effects of each of its events, in order.
	effects []int
	// free says that each has the effects that it has alone: what came before
	// makes no difference.
	free bool
	// gone says that nothing is to be seen of the object in the end.
	gone bool
	// follows are the fields of the state, by type of object, that had the newest
	// event's value in the end: others the receiver keeps in a way of its own.
	follows map[string]bool
}

func followed(objectType, field string) string { return objectType + " " + field }

func (c *clean) sum() int {
	n := 0
	for _, e := range c.effects {
		n += e
	}
	return n
}

// charge is what a history shows against the receiver, and the passage that
// shows it.
type charge struct {
	suspicion
	passage int
}

// charges lists what a performance shows. None of a void one.
func (m *model) charges(ctx context.Context, p *performance) []charge {
	if p.void {
		return nil
	}
	var list []charge
	add := func(passage int, oracle, code, said string, found lang.Text) {
		if m.court.wanted[oracle] {
			list = append(list, charge{suspicion{oracle: oracle, code: code, said: said, found: found}, passage})
		}
	}
	if p.hanging >= 0 {
		add(p.hanging, NoHang, "hang", "", lang.Text{
			ES: fmt.Sprintf("%d intentos sin respuesta a tiempo", maxHung), EN: fmt.Sprintf("%d attempts without an answer in time", maxHung),
		})
		return list
	}
	for _, o := range []string{ValidAccepted, NoHang, StillAlive} {
		m.judged[o].Add(1)
	}
	for i := range p.states {
		if p.refused(i) && p.served(i) {
			a := answer{outcome: p.last(i)}
			add(i, ValidAccepted, a.code(), normalised(a.outcome), lang.Text{
				ES: "ni después de " + brief(p.took(i)) + ": " + told(a.outcome).ES, EN: "not even after " + brief(p.took(i)) + ": " + told(a.outcome).EN,
			})
		}
	}
	if p.readings == nil || len(list) > 0 {
		return list
	}
	m.effects(ctx, p, add)
	m.state(ctx, p, add)
	return list
}

// refused reports whether a passage was given up.
func (p *performance) refused(i int) bool {
	return !p.h.passages[i].withheld && p.states[i] != delivery.Delivered
}

// served reports whether all that came before an event of its story was taken:
// without it the event may be refused.
func (p *performance) served(i int) bool {
	for k := range p.h.passages {
		other := &p.h.passages[k]
		if other.story == p.h.passages[i].story && other.At.Before(p.h.passages[i].At) && p.states[k] != delivery.Delivered {
			return false
		}
	}
	return true
}

// story lists the passages of a story in the order in which they happened:
// those that were delivered, and those that never arrived whole.
func (p *performance) story(n int) (delivered, withheld []int) {
	for i := range p.h.passages {
		switch {
		case p.h.passages[i].story != n:
		case p.h.passages[i].withheld:
			withheld = append(withheld, i)
		default:
			delivered = append(delivered, i)
		}
	}
	slices.SortStableFunc(delivered, func(a, b int) int { return p.h.passages[a].At.Compare(p.h.passages[b].At) })
	return delivered, withheld
}

func (p *performance) stories() []int {
	seen := map[int]bool{}
	for i := range p.h.passages {
		seen[p.h.passages[i].story] = true
	}
	return slices.Sorted(maps.Keys(seen))
}

func (p *performance) kinds(of []int) (kinds []string) {
	for _, i := range of {
		kinds = append(kinds, p.h.passages[i].Kind)
	}
	return kinds
}

type adding func(passage int, oracle, code, said string, found lang.Text)

// effects holds the effects of a performance against the model.
func (m *model) effects(ctx context.Context, p *performance, add adding) {
	for _, n := range p.stories() {
		delivered, withheld := p.story(n)
		if slices.ContainsFunc(delivered, p.refused) || !m.visible(p, delivered) {
			continue
		}
		var want *clean
		if len(delivered) > 0 {
			if want = m.clean(ctx, p.kinds(delivered)); want == nil {
				continue
			}
		}
		if !m.watch.effects.PerObject() && (want == nil || want.free) {
			for _, i := range withheld {
				if m.watch.clean(p.h.passages[i].Kind) == 0 || !m.watch.effects.Covers(p.h.passages[i].Subject) {
					continue
				}
				m.judged[NothingFromBroken].Add(1)
				if got := p.readings[i].Effects; got > 0 {
					add(i, NothingFromBroken, "acted", "", effects(got))
				}
			}
		}
		switch {
		case want == nil:
		case want.free:
			for k, i := range delivered {
				m.count(i, p.readings[i].Effects, want.effects[k], p.late(i), add)
			}
		default:
			// Which event of a story has the effect depends on which came first.
			sum, late := 0, false
			for _, i := range delivered {
				sum += p.readings[i].Effects
				late = late || p.late(i)
			}
			m.count(delivered[len(delivered)-1], sum, want.sum(), late, add)
		}
	}
}

// count compares numbers of effects. What came late may be left undone: it is
// out of date.
func (m *model) count(passage, got, want int, late bool, add adding) {
	if want > 0 {
		m.judged[EffectsOnce].Add(1)
	}
	switch {
	case want == 0:
	case got > want:
		add(passage, EffectsOnce, "doubled", "", between(got, want))
	case got < want && !late:
		add(passage, EffectsOnce, "lost", "", between(got, want))
	}
}

func between(got, want int) lang.Text {
	g := effects(got)
	return lang.Text{ES: fmt.Sprintf("%s en vez de %d", g.ES, want), EN: fmt.Sprintf("%s instead of %d", g.EN, want)}
}

// visible reports whether the observer can be asked about all of some passages.
func (m *model) visible(p *performance, of []int) bool {
	return !slices.ContainsFunc(of, func(i int) bool { return !m.watch.effects.Covers(p.h.passages[i].Subject) })
}

// state holds what is kept of each object against what its events say. A field
// counts against the receiver only when its value is that of another event than
// the newest: what the receiver makes of a value is the payloads' affair.
func (m *model) state(ctx context.Context, p *performance, add adding) {
	for _, n := range p.stories() {
		delivered, _ := p.story(n)
		objects := map[string][]int{}
		for _, i := range delivered {
			id := p.h.passages[i].Subject.ObjectID
			objects[id] = append(objects[id], i)
		}
		for _, id := range slices.Sorted(maps.Keys(objects)) {
			of := objects[id]
			if slices.ContainsFunc(of, p.refused) || !m.visible(p, of) {
				continue
			}
			newest := of[len(of)-1]
			want := m.clean(ctx, p.kinds(delivered))
			if want == nil {
				continue
			}
			fields := m.watch.fields[p.h.passages[newest].Kind]
			state, agreed := p.state(of, fields)
			if !agreed {
				continue
			}
			if strings.HasSuffix(p.h.passages[newest].Kind, ".deleted") {
				if !want.gone || len(of) < 2 || len(delivered) != len(of) {
					continue
				}
				m.judged[StateConverges].Add(1)
				if !absent(state, m.receiver.StateMap()) {
					add(newest, StateConverges, "revived", "", lang.Text{ES: "el objeto sigue ahí después de borrado", EN: "the object is there after it was deleted"})
				}
				continue
			}
			m.stale(p, newest, of, state, fields, want, add)
		}
	}
}

// stale looks for a field that has the value of an older event than the newest.
// That of a newer one, which never arrived, it may have from the API; and what
// does not follow the newest event when nothing goes wrong need not do so here.
func (m *model) stale(p *performance, newest int, of []int, state map[string]any, fields map[string]relation, want *clean, add adding) {
	says := func(i int, rel relation, got any) bool {
		v, err := jsontree.Get(p.h.passages[i].Tree, rel.path)
		return err == nil && rel.holds(got, v)
	}
	last := &p.h.passages[newest]
	for _, field := range slices.Sorted(maps.Keys(fields)) {
		rel := fields[field]
		got, there := state[field]
		if !there || !want.follows[followed(last.Subject.ObjectType, field)] {
			continue
		}
		m.judged[StateConverges].Add(1)
		if says(newest, rel, got) {
			continue
		}
		if slices.ContainsFunc(p.newer(last), func(i int) bool { return says(i, rel, got) }) {
			continue
		}
		for _, i := range of[:len(of)-1] {
			if says(i, rel, got) {
				want, _ := jsontree.Get(last.Tree, rel.path)
				add(newest, StateConverges, "stale", "", lang.Text{
					ES: fmt.Sprintf("%s es %s, de %s; el evento más nuevo, %s, dice %s", field, payload.Shown(got), p.h.passages[i].Kind, last.Kind, payload.Shown(want)),
					EN: fmt.Sprintf("%s is %s, from %s; the newest event, %s, says %s", field, payload.Shown(got), p.h.passages[i].Kind, last.Kind, payload.Shown(want)),
				})
				return
			}
		}
	}
}

// newer lists the passages of the same object that happened later.
func (p *performance) newer(than *passage) (list []int) {
	for i := range p.h.passages {
		q := &p.h.passages[i]
		if q.Subject.ObjectID == than.Subject.ObjectID && q.At.After(than.At) {
			list = append(list, i)
		}
	}
	return list
}

// state is what is kept of an object, as all of its events tell it. Where they
// do not tell the same, nothing can be said: that observer says what each event
// said.
func (p *performance) state(of []int, fields map[string]relation) (state map[string]any, agreed bool) {
	for _, i := range of {
		s := p.readings[i].State
		switch {
		case s == nil:
		case state == nil:
			state = s
		default:
			for field := range fields {
				if !receiver.Same(state[field], s[field]) {
					return nil, false
				}
			}
		}
	}
	return state, true
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

// clean is what a story of some kinds does when nothing goes wrong; nil when
// that could not be seen. It is played once.
func (m *model) clean(ctx context.Context, kinds []string) *clean {
	m.mu.Lock()
	defer m.mu.Unlock()
	if c := m.remembered(kinds); c != nil {
		return c
	}
	c := m.rehearseLocked(ctx, kinds)
	if c != nil {
		m.known.Store(strings.Join(kinds, " "), c)
	}
	return c
}

// remembered is what a story of some kinds did when it was rehearsed; nil when it
// was not yet.
func (m *model) remembered(kinds []string) *clean {
	c, _ := m.known.Load(strings.Join(kinds, " "))
	known, _ := c.(*clean)
	return known
}

// still reports whether a story of some kinds, played now in order and without
// faults, is acknowledged and does what it did the first time: a receiver that
// has broken down meanwhile, or an observer, must not be taken for what a
// history brought about.
func (m *model) still(ctx context.Context, kinds []string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := m.rehearseLocked(ctx, kinds)
	before := m.remembered(kinds)
	return c != nil && (before == nil || slices.Equal(c.effects, before.effects) && c.gone == before.gone)
}

// rehearseLocked plays a story in order and without faults.
func (m *model) rehearseLocked(ctx context.Context, kinds []string) *clean {
	m.asked++
	// So far apart that the receiver is at rest in between.
	const apart = 2 * receiver.ShortJump
	st := shop.Story{
		Key: shop.Key{Name: "clean", Index: m.asked}, Kinds: kinds, Gap: apart,
		At: m.gen.Config().Start.Add(-apart * time.Duration(len(kinds))),
	}
	h, err := inOrder(m.gen, st)
	if err != nil {
		m.broke(err)
		return nil
	}
	p := m.perform(ctx, h, retold)
	if p.void || p.hanging >= 0 {
		return nil
	}
	for i := range p.states {
		if p.refused(i) {
			return nil
		}
	}
	c := &clean{free: true, follows: map[string]bool{}}
	if m.watch == nil {
		return c
	}
	if p.readings == nil {
		return nil // the observer failed
	}
	for i := range p.readings {
		n := p.readings[i].Effects
		c.effects = append(c.effects, n)
		c.free = c.free && n == m.watch.clean(kinds[i])
	}
	c.free = c.free && !m.watch.effects.PerObject()
	c.gone = absent(p.readings[len(kinds)-1].State, m.receiver.StateMap())
	for i := range h.passages {
		g := &h.passages[i]
		if len(p.newer(g)) > 0 {
			continue
		}
		for field, rel := range m.watch.fields[g.Kind] {
			want, err := jsontree.Get(g.Tree, rel.path)
			if got, there := p.readings[i].State[field]; err == nil && there && rel.holds(got, want) {
				c.follows[followed(g.Subject.ObjectType, field)] = true
			}
		}
	}
	return c
}

// free reports whether each event of a story is known to have the effects that it
// has alone; nothing is played to find out.
func (m *model) free(p *performance, story int) bool {
	delivered, _ := p.story(story)
	c := m.remembered(p.kinds(delivered))
	return c == nil || c.free
}

// inOrder is the history of a story in which nothing goes wrong.
func inOrder(g *payload.Generator, st shop.Story) (*history, error) {
	events, err := g.World().Draft(st)
	if err != nil {
		return nil, err
	}
	h := &history{}
	for _, e := range events {
		h.passages = append(h.passages, passage{Message: g.Message(e), due: e.At})
	}
	return h, nil
}
