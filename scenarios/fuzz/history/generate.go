package history

import (
	"math/rand/v2"
	"slices"
	"time"

	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/simulator/fault"
	"github.com/kometia-sim/kometia-sim/simulator/payload"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
)

// Material is what a history may be made of: event kinds that the receiver
// accepts, whether it can be killed and started again, and whether contents may
// differ.
type Material struct {
	Kinds    []string
	Restarts bool
	// Uniform gives all stories one content, the same that the model rehearses with:
	// for receivers whose effects depend on it.
	Uniform bool
}

// shape is the story that the content of a new one is taken from; nil leaves it
// its own.
func (m Material) shape() *shop.Key {
	if !m.Uniform {
		return nil
	}
	return &shop.Key{Name: "history shape"}
}

// life is what can happen to one object, and to what belongs to it, as event
// kinds.
type life struct {
	begin []string            // once each, in this order
	more  []string            // any number of times
	ends  []string            // one of them is the last; nil where nothing ends it
	needs map[string][]string // what must have come before a kind
}

// lives sorts event kinds into the lives of objects. What cannot be without
// another object belongs to that one's life: a shipment to its order's.
func lives(kinds []string, c *schemas.Catalogue) []*life {
	byObject := map[string]*life{}
	var list []*life
	for _, name := range sorted(kinds, c) {
		kind, err := c.Kind(name)
		if err != nil {
			continue // of no catalogue: it is never drawn
		}
		before, object := c.Before(name), kind.Object
		if len(before) > 0 {
			first, _ := c.Kind(before[0])
			object = first.Object
		}
		l := byObject[object]
		if l == nil {
			l = &life{needs: map[string][]string{}}
			byObject[object] = l
			list = append(list, l)
		}
		if l.needs[name] = kind.After; object != kind.Object {
			l.needs[name] = before
		}
		switch kind.Action {
		case schemas.Create, schemas.Place, schemas.Pay:
			l.begin = append(l.begin, name)
		case schemas.Delete:
			l.ends = append(l.ends, name)
		default:
			l.more = append(l.more, name)
		}
	}
	return list
}

// sorted sorts kinds so that each comes behind those that must come before it,
// and else as in the catalogue.
func sorted(kinds []string, c *schemas.Catalogue) []string {
	var list []string
	add := func(name string) {
		if slices.Contains(kinds, name) && !slices.Contains(list, name) {
			list = append(list, name)
		}
	}
	for _, k := range c.Kinds() {
		for _, name := range c.Before(k.Name) {
			if slices.Contains(kinds, k.Name) {
				add(name)
			}
		}
		add(k.Name)
	}
	return list
}

// missing reports whether something has not happened that must come before a
// kind, as far as the receiver is to hear of it.
func (l *life) missing(kind string, happened []string) bool {
	return slices.ContainsFunc(l.needs[kind], func(need string) bool {
		return slices.Contains(l.begin, need) && !slices.Contains(happened, need)
	})
}

// maxEvents is how many events one story has at the most: what happens with more
// happens with fewer as well.
const maxEvents = 5

// draw draws what happens to one object. What must have happened before an
// event did happen in it, as far as the receiver is to hear of it.
func (l *life) draw(r *rand.Rand) []string {
	var list []string
	for _, kind := range l.begin {
		if !l.missing(kind, list) && r.IntN(4) > 0 {
			list = append(list, kind)
		}
	}
	for n := r.IntN(3); n > 0 && len(l.more) > 0 && len(list) < maxEvents; n-- {
		kind := l.more[r.IntN(len(l.more))]
		if !l.missing(kind, list) {
			list = append(list, kind)
		}
	}
	ends := slices.DeleteFunc(slices.Clone(l.ends), func(kind string) bool { return l.missing(kind, list) })
	if len(ends) > 0 && (len(list) == 0 || r.IntN(3) == 0) && len(list) < maxEvents {
		end := ends[0]
		if len(ends) > 1 {
			end = ends[r.IntN(len(ends))]
		}
		list = append(list, end)
	}
	switch {
	case len(list) > 0:
	case len(l.begin) > 0:
		list = append(list, l.begin[0])
	case len(l.more) > 0:
		list = append(list, l.more[0])
	}
	return list
}

// gaps are the times between two events of a story.
func gaps() []time.Duration {
	return []time.Duration{time.Second, 5 * time.Second, time.Minute, 20 * time.Minute, 3 * time.Hour}
}

// restartEvery is in how many histories one has a restart of its own: it costs a
// real receiver seconds, in which nothing else can be sent, and all that are on
// the way have it, too. restartFirst is the first
// that has one.
const restartEvery, restartFirst = 128, 4

// Generate makes the history of an index: a function of the seed, the index and
// the material.
func Generate(g *payload.Generator, index uint64, of Material) (*History, error) {
	r := g.Stream(index, 2)
	all := lives(of.Kinds, g.Config().Catalogue)
	h := &History{}
	number := func(story int) int { return int(index&(1<<56-1))*maxStories + story } //nolint:gosec // masked
	begin := func(i int, kinds []string) shop.Story {
		return shop.Story{Key: shop.Key{Name: "history", Index: number(i)}, Kinds: kinds, Shape: of.shape(), At: g.Config().Start.Add(time.Duration(r.IntN(120)) * time.Minute)}
	}
	plan := drills(all)
	if index < uint64(len(plan)) {
		d := plan[index]
		st, of := d.in(begin(0, d.kinds), gaps()[r.IntN(len(gaps()))])
		h.Deliveries = of
		return h, date(g, h, []shop.Story{st})
	}
	restart := of.Restarts && (index-uint64(len(plan)))%restartEvery == restartFirst
	var stories []shop.Story
	for i, n := 0, 1+r.IntN(maxStories-1); i < n; i++ {
		l := all[r.IntN(len(all))]
		st := begin(i, l.draw(r))
		at := time.Duration(0)
		for range len(st.Kinds) - 1 {
			at += gaps()[r.IntN(len(gaps()))]
			st.After = append(st.After, at)
		}
		stories = append(stories, st)
	}
	// Another one buys the same.
	if r.IntN(4) == 0 {
		twin := stories[0]
		key := stories[0].Key
		twin.Key, twin.Twin = shop.Key{Name: "history", Index: number(len(stories))}, &key
		twin.At = twin.At.Add(time.Duration(r.IntN(6))*time.Hour + time.Minute)
		stories = append(stories, twin)
	}
	for i, st := range stories {
		h.Deliveries = append(h.Deliveries, deliveries(r, i, st)...)
	}
	spoil(r, h, restart)
	return h, date(g, h, stories)
}

// MaxCopies is how many copies of an event arrive at the same time at the most.
const MaxCopies = 8

// maxStories is how many stories a history has at the most, one more with a twin.
const maxStories = 3

// plainly are the deliveries of a story's events, in their order and without their
// contents; all dates count from the story's own start, which date moves.
func plainly(story int, st shop.Story) []Delivery {
	out := make([]Delivery, len(st.Kinds))
	for i, kind := range st.Kinds {
		at := st.At
		if i > 0 {
			at = at.Add(st.After[i-1])
		}
		out[i] = Delivery{Message: payload.Message{Kind: kind, At: at}, Story: story, Due: at}
		if st.Twin != nil {
			out[i].Twin = 1
		}
	}
	return out
}

// deliveries are those of a story's events as they may come.
func deliveries(r *rand.Rand, story int, st shop.Story) []Delivery {
	out := plainly(story, st)
	// Two events close to each other may come in the other order.
	if n := len(out); n > 1 && r.IntN(3) == 0 {
		i := r.IntN(n - 1)
		out[i].Due = out[i+1].Due.Add(time.Second)
	}
	return out
}

// spoil breaks deliveries.
func spoil(r *rand.Rand, h *History, restart bool) {
	for i := range h.Deliveries {
		d := &h.Deliveries[i]
		last := i == len(h.Deliveries)-1 || h.Deliveries[i+1].Story != d.Story
		switch r.IntN(8) {
		case 0: // late by hours, or by more than a day and then lost as well
			d.Faults = slices.Repeat([]fault.Fault{fault.Of(fault.Refuse)}, 1+r.IntN(6))
			if r.IntN(4) == 0 {
				d.Faults = append(slices.Repeat([]fault.Fault{fault.Of(fault.Refuse)}, 24+r.IntN(4)), fault.Of(fault.LoseAnswer))
			}
		case 1:
			d.Faults = []fault.Fault{fault.Of(fault.LoseAnswer)}
		case 2:
			d.Copies = []int{2, 2, 3, MaxCopies}[r.IntN(4)]
		case 3:
			for range 1 + r.IntN(3) {
				d.Faults = append(d.Faults, breaks(r))
			}
		case 4: // only the beginning of it ever comes
			if last && r.IntN(2) == 0 {
				d.Faults, d.Withheld = []fault.Fault{cuts(r)}, true
			}
		}
	}
	if restart {
		d := &h.Deliveries[r.IntN(len(h.Deliveries))]
		d.Faults, d.Copies, d.Withheld = []fault.Fault{fault.Of(fault.LoseAnswer)}, 0, false
		h.Restarts = []time.Time{d.Due.Add(30 * time.Minute)}
	}
}

// breaks draws something that goes wrong with one attempt.
func breaks(r *rand.Rand) fault.Fault {
	switch r.IntN(7) {
	case 0:
		return fault.Of(fault.Refuse)
	case 1:
		return fault.Of(fault.LoseAnswer)
	case 2:
		return fault.Of(fault.Reset)
	case 3:
		return fault.Fault{Kind: fault.HangUp, After: time.Millisecond}
	case 4:
		return fault.Fault{Kind: fault.HangUp, Percent: 25 * (1 + r.IntN(3))}
	case 5:
		return cuts(r)
	default:
		return fault.Of(fault.HangUp)
	}
}

func cuts(r *rand.Rand) fault.Fault {
	return fault.Fault{Kind: []fault.Kind{fault.CutFIN, fault.CutRST}[r.IntN(2)], Percent: 1 + r.IntN(99)}
}

// date sets the history back so that its last planned attempt is now, drafts its
// stories and fills in what the events say.
func date(g *payload.Generator, h *History, stories []shop.Story) error {
	end := g.Config().Start
	for i := range h.Deliveries {
		d := &h.Deliveries[i]
		if last := d.Due.Add(time.Duration(len(d.Faults)) * time.Hour); last.After(end) {
			end = last
		}
	}
	back := end.Sub(g.Config().Start)
	next := 0
	for _, st := range stories {
		st.At = st.At.Add(-back)
		events, err := g.World().Draft(st)
		if err != nil {
			return err
		}
		for _, e := range events {
			if err := g.Config().Catalogue.Validate(e.Kind, e.Tree); err != nil {
				return err
			}
			d := &h.Deliveries[next]
			d.Message, d.Due = g.Message(e), d.Due.Add(-back)
			next++
		}
	}
	for i := range h.Restarts {
		h.Restarts[i] = h.Restarts[i].Add(-back)
	}
	return nil
}
