package history

import (
	"context"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/model"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// The rules that histories are held against: names of oracles.
const (
	ValidAccepted     = "valid-accepted"
	NoHang            = "no-hang"
	StillAlive        = "still-alive"
	EffectsOnce       = "effects-once"
	StateConverges    = "state-converges"
	NothingFromBroken = "nothing-from-broken"
)

// reference is what a right receiver makes of a history: every event is acknowledged
// in the end and has its effects once, what is kept of an object is what its
// newest event says, and what never arrived whole did nothing.
//
// How many effects an event has may depend on what happened before it (a
// receiver that counts new orders counts none for a payment). So every story is held against
// itself, run in order and without faults.
type reference struct {
	*Config
	player *Player

	again atomic.Int64 // how often a story was rehearsed anew

	mu    sync.Mutex
	known map[string]*rehearsal // by the kinds of the story

	// judged counts by rule how often a history had anything to be held against it.
	judged map[string]*atomic.Int64
}

func newReference(p *Player) *reference {
	m := &reference{Config: &p.cfg, player: p, known: map[string]*rehearsal{}, judged: map[string]*atomic.Int64{}}
	for _, rule := range []string{ValidAccepted, NoHang, StillAlive, EffectsOnce, StateConverges, NothingFromBroken} {
		m.judged[rule] = &atomic.Int64{}
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

// alone is how many effects an event of a kind has by itself, -1 where that is not
// known.
func (m *reference) alone(ctx context.Context, kind string) int {
	if m.Material.Uniform { // what was measured at first had a content of its own
		if c := m.clean(ctx, []string{kind}); c != nil {
			return c.effects[0]
		}
		return -1
	}
	n, _ := m.Receiver.Effects().Clean(kind)
	return n
}

func followed(objectType, field string) string { return objectType + " " + field }

func (c *clean) sum() int {
	n := 0
	for _, e := range c.effects {
		n += e
	}
	return n
}

// Violation is what a history shows against the receiver, and the delivery that
// shows it.
type Violation struct {
	Rule string
	Code string
	// Said is the response's text without what changes from one to the next.
	Said  string
	Found lang.Text
	// Delivery is its index in the history.
	Delivery int
}

// adding adds a violation.
type adding func(delivery int, rule, code, said string, found lang.Text)

// violations lists what a history that was played shows. None of a void one.
func (m *reference) violations(ctx context.Context, p *Played) []Violation {
	if p.Void {
		return nil
	}
	var list []Violation
	add := func(delivery int, rule, code, said string, found lang.Text) {
		if m.Wanted(rule) {
			list = append(list, Violation{Rule: rule, Code: code, Said: said, Found: found, Delivery: delivery})
		}
	}
	if p.hanging >= 0 {
		add(p.hanging, NoHang, "hang", "", lang.Textf("%d intentos sin respuesta a tiempo", "%d attempts without a response in time", maxHung))
		return list
	}
	for _, o := range []string{ValidAccepted, NoHang, StillAlive} {
		m.judged[o].Add(1)
	}
	for i := range p.states {
		if p.refused(i) && p.served(i) {
			r, after := receiver.Response{Outcome: p.last(i)}, lang.Span(p.took(i).Round(time.Minute))
			add(i, ValidAccepted, r.Code(), receiver.Normalised(r.Outcome),
				lang.Textf("tampoco después de %s: %s", "not even after %s: %s", after, receiver.InWords(r.Outcome)))
		}
	}
	if p.Readings == nil || len(list) > 0 {
		return list
	}
	m.judgeEffects(ctx, p, add)
	m.judgeState(ctx, p, add)
	return list
}

// judgeEffects holds the effects of a history against the model.
func (m *reference) judgeEffects(ctx context.Context, p *Played, add adding) {
	for _, n := range p.stories() {
		delivered, withheld := p.story(n)
		if m.meant(p.History, delivered) {
			continue
		}
		if slices.ContainsFunc(delivered, p.refused) || !m.visible(p, delivered) {
			continue
		}
		var want *clean
		if len(delivered) > 0 {
			if want = m.clean(ctx, p.kinds(delivered)); want == nil {
				continue
			}
		}
		if !m.Receiver.Effects().PerObject() && (want == nil || want.free) {
			for _, i := range withheld {
				if m.alone(ctx, p.History.Deliveries[i].Kind) <= 0 || !m.Receiver.Effects().Covers(p.History.Deliveries[i].Subject) {
					continue
				}
				m.judged[NothingFromBroken].Add(1)
				if got := p.Readings[i].Effects; got > 0 {
					add(i, NothingFromBroken, "acted", "", EffectsInWords(got))
				}
			}
		}
		switch {
		case want == nil:
		case want.free:
			for k, i := range delivered {
				m.count(i, p.Readings[i].Effects, want.effects[k], p.late(i), add)
			}
		default:
			// Which event of a story has the effect depends on which came first.
			sum, late := 0, false
			for _, i := range delivered {
				sum += p.Readings[i].Effects
				late = late || p.late(i)
			}
			m.count(delivered[len(delivered)-1], sum, want.sum(), late, add)
		}
	}
}

// count compares numbers of effects. What came late may be left undone: it is
// out of date.
func (m *reference) count(delivery, got, want int, late bool, add adding) {
	if want > 0 {
		m.judged[EffectsOnce].Add(1)
	}
	line := &model.Line{Acknowledged: true, Late: late, Effects: &model.Effects{Count: got, Plain: want}}
	for _, v := range model.Hold(line) {
		code := string(v.Breach)
		if v.Breach == model.Lost && got > 0 {
			code = fewer
		}
		add(delivery, EffectsOnce, code, "", v.Found)
	}
}

// The codes of what was acknowledged and has no effect at all, which cannot be
// meant, and of what has fewer than another.
const nothingDone, fewer = "lost", "fewer"

// visible reports whether the observer can be asked about all of some deliveries.
func (m *reference) visible(p *Played, of []int) bool {
	return !slices.ContainsFunc(of, func(i int) bool { return !m.Receiver.Effects().Covers(p.History.Deliveries[i].Subject) })
}

// meant reports whether what the receiver makes of some of these deliveries is its
// own affair; nil are all of the history.
func (m *reference) meant(h *History, of []int) bool {
	for i := range h.Deliveries {
		if d := &h.Deliveries[i]; (of == nil || slices.Contains(of, i)) && m.Receiver.Means(d.Kind, d.Tree) {
			return true
		}
	}
	return false
}

// judgeState holds what is kept of each object against what its events say: a
// field that follows the newest event when nothing goes wrong has to follow it
// here.
func (m *reference) judgeState(ctx context.Context, p *Played, add adding) {
	for _, n := range p.stories() {
		delivered, _ := p.story(n)
		if m.meant(p.History, delivered) {
			continue
		}
		objects := map[string][]int{}
		for _, i := range delivered {
			id := p.History.Deliveries[i].Subject.ObjectID
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
			fields := m.Fields[p.History.Deliveries[newest].Kind]
			state, agreed := p.state(of, fields)
			if !agreed {
				continue
			}
			if m.Generator.Deletes(p.History.Deliveries[newest].Kind) {
				if !want.gone || len(of) < 2 || len(delivered) != len(of) {
					continue
				}
				m.judged[StateConverges].Add(1)
				if !absent(state, m.Receiver.StateMap()) {
					add(newest, StateConverges, "revived", "", lang.Text{ES: "el objeto sigue ahí después de borrado", EN: "the object is there after it was deleted"})
				}
				continue
			}
			m.follow(p, newest, of, state, fields, want, add)
		}
	}
}

// follow looks for a field that does not follow the newest event. The value of a
// newer one, which never arrived, it may have from the API.
func (m *reference) follow(p *Played, newest int, of []int, state map[string]any, fields map[string]receiver.Relation, want *clean, add adding) {
	last := &p.History.Deliveries[newest]
	line := &model.Line{Kind: last.Kind, Acknowledged: true}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		rel := fields[name]
		said, err := jsontree.Get(last.Tree, rel.Path)
		if err != nil || !want.follows[followed(last.Subject.ObjectType, name)] {
			continue
		}
		m.judged[StateConverges].Add(1)
		f := model.Field{Name: name, Relation: rel, Kept: state[name], Said: said, By: model.EventOf(last.Kind, last.At), Older: p.say(rel.Path, of[:len(of)-1])}
		if !slices.ContainsFunc(p.say(rel.Path, p.newer(last)), func(s model.Saying) bool { return rel.Holds(f.Kept, s.Value) }) {
			line.Kept = append(line.Kept, f)
		}
	}
	for _, v := range model.Kept(line) {
		if v.Certain() {
			add(newest, StateConverges, string(v.Breach), "", v.Found)
			return
		}
	}
}

// lacking reports whether an event of a history has fewer effects than one of its
// kind has had.
func (m *reference) lacking(p *Played) bool {
	for i := range p.Readings {
		n, _ := m.Receiver.Effects().Clean(p.History.Deliveries[i].Kind)
		if m.Material.Uniform {
			n = min(n, 1) // more of them was another content's
		}
		if p.Readings[i].Effects < n {
			return true
		}
	}
	return false
}

// expected is how many effects of a delivery are waited for, as far as it is known
// without playing anything.
func (m *reference) expected(p *Played, i int) int {
	delivered, _ := p.story(p.History.Deliveries[i].Story)
	c := m.remembered(p.kinds(delivered))
	switch {
	case c == nil && m.Material.Uniform:
		return 0
	case c == nil:
		n, _ := m.Receiver.Effects().Clean(p.History.Deliveries[i].Kind)
		return n
	case !c.free:
		return 0
	}
	return c.effects[slices.Index(delivered, i)]
}

// EffectsInWords is a number of effects in words.
func EffectsInWords(n int) lang.Text {
	if n == 1 {
		return lang.Text{ES: "1 efecto", EN: "1 effect"}
	}
	return lang.Textf("%d efectos", "%d effects", n)
}
