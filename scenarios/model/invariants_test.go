package model_test

import (
	"encoding/json"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/scenarios/model"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
)

func number(n int) *int { return &n }

// breaches are those of a line that was acknowledged, changed as a spec wants.
func breaches(change func(*model.Line)) []model.Breach {
	l := &model.Line{Event: "evn_1", Kind: "order.placed", Acknowledged: true, Effects: &model.Effects{Count: 2, Plain: 2}}
	change(l)
	out := []model.Breach{}
	for _, v := range model.Hold(l) {
		Expect(v.Found.ES).NotTo(BeEmpty())
		Expect(v.Found.EN).NotTo(BeEmpty())
		out = append(out, v.Breach)
	}
	return out
}

var _ = DescribeTable("the invariants of effects", func(change func(*model.Line), want ...model.Breach) {
	Expect(breaches(change)).To(ConsistOf(want))
},
	Entry("as its twin", func(*model.Line) {}),
	Entry("fewer", func(l *model.Line) { l.Effects.Count = 1 }, model.Lost),
	Entry("none", func(l *model.Line) { l.Effects.Count = 0 }, model.Lost),
	Entry("none in another spelling", func(l *model.Line) { l.Effects.Count, l.Spelled = 0, "pretty" }, model.Ignored),
	Entry("more", func(l *model.Line) { l.Effects.Count = 3 }, model.Doubled),
	Entry("none, and refused", func(l *model.Line) { l.Effects.Count, l.Acknowledged = 0, false }),
	Entry("more, and refused", func(l *model.Line) { l.Effects.Count, l.Acknowledged = 3, false }, model.Doubled),
	Entry("none, and out of date", func(l *model.Line) { l.Effects.Count, l.Late = 0, true }),
	Entry("none, in a story", func(l *model.Line) { l.Effects.Count, l.Follows = 0, true }),
	Entry("a kind that it does not act on", func(l *model.Line) { l.Effects = &model.Effects{Count: 1} }),
	Entry("not counted, and nothing is kept", func(l *model.Line) { l.Effects, l.Missing = nil, true }, model.Lost),
	Entry("done, and nothing is kept", func(l *model.Line) { l.Missing = true }, model.Lost),
	Entry("not done, and nothing is kept", func(l *model.Line) { l.Effects.Count, l.Missing = 0, true }, model.Lost),
	Entry("done, nothing is kept, and out of date", func(l *model.Line) { l.Missing, l.Late = true, true }),
	Entry("not counted, nothing is kept, and refused", func(l *model.Line) { l.Effects, l.Missing, l.Acknowledged = nil, true, false }),
	Entry("not to be seen", func(l *model.Line) { l.Effects = nil }),

	Entry("another content, more", func(l *model.Line) { l.Changed, l.Effects.Count = []string{"data.object.items"}, 100 }),
	Entry("another content, fewer", func(l *model.Line) { l.Changed, l.Effects.Count = []string{"data.object.items"}, 1 }, model.Fewer),
	Entry("another content, none", func(l *model.Line) { l.Changed, l.Effects.Count = []string{"data.object.total_price"}, 0 }, model.Vanished),
	Entry("another content, more than after its own delivery", func(l *model.Line) {
		l.Changed, l.Effects.Count, l.Effects.Own = []string{"data.object.items"}, 200, number(100)
	}, model.Doubled),
	Entry("another content, as after its own delivery", func(l *model.Line) {
		l.Changed, l.Effects.Count, l.Effects.Own = []string{"data.object.items"}, 100, number(100)
	}),

	Entry("cut off, and nothing", func(l *model.Line) { l.Broken, l.Effects.Count = true, 0 }),
	Entry("cut off, and acted on", func(l *model.Line) { l.Broken, l.Effects.Count = true, 1 }, model.Acted),
)

var _ = DescribeTable("the invariants of effects with names", func(count, plain, own map[string]int, change func(*model.Line), want ...string) {
	l := &model.Line{Acknowledged: true, Effects: &model.Effects{Named: model.NamedEffects(count, plain, own)}}
	for _, x := range l.Effects.Named {
		l.Effects.Count, l.Effects.Plain = l.Effects.Count+x.Count, l.Effects.Plain+x.Plain
	}
	if change != nil {
		change(l)
	}
	told := []string{}
	for _, v := range model.Hold(l) {
		told = append(told, string(v.Breach)+" "+v.Found.EN)
	}
	Expect(told).To(Equal(append([]string{}, want...)))
},
	Entry("as its twin", map[string]int{"invoice": 1, "mail": 1}, map[string]int{"invoice": 1, "mail": 1}, nil, nil),
	Entry("the sum as its twin's", map[string]int{"invoice": 0, "mail": 2}, map[string]int{"invoice": 1, "mail": 1}, nil, nil,
		"doubled mail: 2 effects instead of 1", "lost invoice: 0 effects instead of 1"),
	Entry("one not named", map[string]int{"invoice": 1}, map[string]int{"invoice": 1, "mail": 1}, nil, nil, "lost mail: 0 effects instead of 1"),
	Entry("one that normal ones lack", map[string]int{"invoice": 1, "mail": 1}, map[string]int{"invoice": 1}, nil, nil, "doubled mail: 1 effect instead of 0"),
	Entry("another content, one less", map[string]int{"invoice": 1, "mail": 0}, map[string]int{"invoice": 1, "mail": 1}, nil,
		func(l *model.Line) { l.Changed = []string{"data.object.is_gift"} },
		"fewer mail: fewer effects than a normal event (0 of 1), which may be on purpose; what differs is data.object.is_gift"),
	Entry("another content, more after its own delivery", map[string]int{"line": 4}, map[string]int{"line": 1}, map[string]int{"line": 2},
		func(l *model.Line) { l.Changed = []string{"data.object.items"} }, "doubled line: 4 effects instead of 2"),
	Entry("another content, none at all", map[string]int{"invoice": 0, "mail": 0}, map[string]int{"invoice": 1, "mail": 1}, nil,
		func(l *model.Line) { l.Changed = []string{"data.object.total_price"} },
		"vanished 0 effects instead of 2; what differs from a normal event is data.object.total_price"),
)

var _ = Describe("what vanished for its content", func() {
	It("is told with the field that made the difference", func() {
		all := model.Hold(&model.Line{Acknowledged: true, Changed: []string{"data.object.total_price"}, Effects: &model.Effects{Plain: 1}})
		Expect(all).To(HaveLen(1))
		Expect(all[0].Certain()).To(BeTrue())
		Expect(all[0].Found.EN).To(ContainSubstring("what differs from a normal event is data.object.total_price"))
		Expect(all[0].Fix.EN).To(ContainSubstring("data.object.total_price"))
	})
})

var _ = Describe("a value that no normal delivery had", func() {
	of := func(kept any, changed ...string) []model.Breach {
		return breaches(func(l *model.Line) {
			l.Changed = changed
			l.Kept = []model.Field{{Name: "name", Kept: kept, Said: "Taza roja", Other: true, Older: []model.Saying{{By: "older", Value: "Taza azul"}}}}
		})
	}
	It("is held where the content is what it is about, or is not there at all, or is another event's", func() {
		Expect(of("Taza ro")).To(BeEmpty())
		Expect(of("Taza ro", "data.object.name")).To(ConsistOf(model.Altered))
		Expect(of(nil)).To(ConsistOf(model.Altered))
		Expect(of("Taza azul")).To(ConsistOf(model.Stale))
	})
})

var _ = DescribeTable("the invariant of what is kept", func(kept, said any, want ...model.Breach) {
	field := model.Field{
		Name: "name", Relation: receiver.Relation{Path: "data.object.name"}, Kept: kept, Said: said, By: "newer",
		Older: []model.Saying{{By: "older", Value: "Taza azul"}},
	}
	Expect(breaches(func(l *model.Line) { l.Kept = []model.Field{field} })).To(ConsistOf(want))
	Expect(breaches(func(l *model.Line) { l.Kept, l.Acknowledged = []model.Field{field}, false })).To(BeEmpty())
},
	Entry("the same", "Taza roja", "Taza roja"),
	Entry("as databases write it", "1999.00", json.Number("1999")),
	Entry("of an older event", "Taza azul", "Taza roja", model.Stale),
	Entry("of no event", "Taza ro", "Taza roja", model.Altered),
	Entry("escaped", "Ana &amp; Zoe", "Ana & Zoe", model.Altered),
	Entry("nothing", nil, "Taza roja", model.Altered),
	Entry("a number of no event", json.Number("16777215"), json.Number("99999999"), model.Altered),
	Entry("in another letter case", "TAZA ROJA", "Taza roja", model.Restyled),
	Entry("with other spaces", "Taza  roja", "Taza roja", model.Restyled),
)

var _ = Describe("a change that came in order and is not there", func() {
	of := func(change func(*model.Line)) model.Violation {
		l := &model.Line{
			Acknowledged: true, InOrder: true, Follows: true, Effects: &model.Effects{Plain: 1},
			Kept: []model.Field{{Name: "price", Kept: "10", Said: "12", Older: []model.Saying{{By: "older", Value: "10"}}}},
		}
		change(l)
		all := model.Hold(l)
		Expect(all).To(HaveLen(1))
		return all[0]
	}
	It("never went back: it was passed over, or taken for old", func() {
		idle := of(func(*model.Line) {})
		Expect(idle.Breach).To(Equal(model.Overlooked))
		Expect(idle.Fix.EN).To(HavePrefix("Deduplicate by event id"))
		acted := of(func(l *model.Line) { l.Effects.Count = 1 })
		Expect(acted.Breach).To(Equal(model.Overlooked))
		Expect(acted.Fix.EN).To(HavePrefix("Store and compare the object's updated_at"))
		Expect(of(func(l *model.Line) { l.InOrder = false }).Breach).To(Equal(model.Stale))
	})
})
