package judge_test

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/scenarios/judge"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

var _ = Describe("a way to the receiver that fails on our side", func() {
	It("is no fault of the receiver", func() {
		for _, kind := range []wire.ErrorKind{wire.ErrDNS, wire.ErrConnect} {
			found := judge.VerdictOn(&wire.Outcome{Err: &wire.Error{Kind: kind, Err: errors.New("no route")}})
			Expect(found).To(Equal(verdict.Inconclusive), string(kind))
		}
		found := judge.VerdictOn(&wire.Outcome{Err: &wire.Error{Kind: wire.ErrRequest, Err: errors.New("bad header")}})
		Expect(found).To(Equal(verdict.Error))
		found = judge.VerdictOn(&wire.Outcome{Err: &wire.Error{Kind: wire.ErrReset, Err: errors.New("reset")}})
		Expect(found).To(Equal(verdict.Fail))
	})

	It("nor is a receiver that is not up again after we have ended it", func() {
		refused := &wire.Outcome{Err: &wire.Error{Kind: wire.ErrConnectRefused, Err: errors.New("refused")}}
		Expect(judge.VerdictAfter(verdict.VerbKill, refused)).To(Equal(verdict.Inconclusive))
		Expect(judge.VerdictAfter(verdict.VerbDown, refused)).To(Equal(verdict.Fail), "it has ended by itself")
		Expect(judge.VerdictOn(refused)).To(Equal(verdict.Fail))
		Expect(judge.VerdictAfter(verdict.VerbKill, &wire.Outcome{Status: 500})).To(Equal(verdict.Fail))
	})
})

var _ = Describe("a receiver that keeps one last time for many objects", func() {
	// Of each kind some events in their order and then some older ones, by seconds.
	events := func(done func(kind string, older bool) bool) (all []judge.One) {
		came := 0
		for _, at := range []int{100, 110, 120, 90, 91, 92, 130, 95} {
			for _, kind := range []string{"product.created", "order.placed"} {
				came++
				all = append(all, judge.One{Kind: kind, Object: fmt.Sprint(kind, at), At: at, Came: came, Done: done(kind, at < 100)})
			}
		}
		return all
	}

	It("is named when exactly the older ones were lost", func() {
		Expect(judge.CauseOf(events(func(_ string, older bool) bool { return !older })...)).To(Equal("watermark"))
	})

	It("is not named when an older one was done, or a newer one lost", func() {
		Expect(judge.CauseOf(events(func(kind string, older bool) bool { return !older || kind == "product.created" })...)).To(BeEmpty())
		Expect(judge.CauseOf(events(func(string, bool) bool { return true })...)).To(BeEmpty())
		Expect(judge.CauseOf(events(func(string, bool) bool { return false })...)).To(BeEmpty())
	})
})

var _ = Describe("a receiver that compares only the beginnings of ids", func() {
	// Ids of nine characters, of which some share more with an earlier one than others do.
	ids := []string{"evn_aaaaa", "evn_baaaa", "evn_bbaaa", "evn_bbabb", "evn_caaaa", "evn_ccaaa", "evn_daaaa", "evn_ccabb", "evn_aaaab"}
	events := func(done func(id string) bool) (all []judge.One) {
		for i, id := range ids {
			all = append(all, judge.One{Event: id, Kind: "order.placed", Object: id, At: i, Came: i, Done: done(id)})
		}
		return all
	}

	It("is named when exactly those were lost that begin as an earlier one", func() {
		Expect(judge.CauseOf(events(func(id string) bool { return !strings.HasSuffix(id, "b") })...)).To(Equal("ids"))
	})

	It("is not named where nothing was done any more after the first that was lost", func() {
		all := events(func(id string) bool { return !strings.HasSuffix(id, "b") })
		slices.SortStableFunc(all, func(a, b judge.One) int { return cmp.Compare(strconv.FormatBool(!a.Done), strconv.FormatBool(!b.Done)) })
		for i := range all {
			all[i].Came = i
		}
		Expect(judge.CauseOf(all...)).To(BeEmpty())
	})

	It("is not named when one that begins alike was done, or another one lost", func() {
		Expect(judge.CauseOf(events(func(id string) bool { return id != "evn_daaaa" && id != "evn_aaaab" })...)).To(BeEmpty())
		Expect(judge.CauseOf(events(func(id string) bool { return id == "evn_bbabb" || !strings.HasSuffix(id, "b") })...)).To(BeEmpty())
	})
})

var _ = Describe("a receiver that remembers so many events", func() {
	// Each of ten events comes twice: some at once, the first ones after all others.
	deliveries := func(twice func(between int) bool) (all []judge.One) {
		came := 0
		deliver := func(i, between int) {
			came++
			event := fmt.Sprint("event ", i)
			all = append(all, judge.One{Event: event, Kind: "order.placed", Object: event, At: i, Came: came, Done: true, Twice: twice(between)})
		}
		for i := range 10 {
			between := 0
			if i < 4 {
				between = 9 - i
			}
			if deliver(i, between); between == 0 {
				deliver(i, 0)
			}
		}
		for i := 3; i >= 0; i-- {
			deliver(i, 9-i)
		}
		return all
	}

	It("is named when exactly those were done twice between whose deliveries most others came", func() {
		Expect(judge.CauseOf(deliveries(func(between int) bool { return between >= 8 })...)).To(Equal("forgetting"))
	})

	It("is not named when one was done twice that came again at once, or none was", func() {
		Expect(judge.CauseOf(deliveries(func(between int) bool { return between == 0 || between == 9 })...)).To(BeEmpty())
		Expect(judge.CauseOf(deliveries(func(int) bool { return false })...)).To(BeEmpty())
		Expect(judge.CauseOf(deliveries(func(int) bool { return true })...)).To(BeEmpty())
	})
})

var _ = Describe("a receiver that loses what it is told at the same time", func() {
	// Fifteen events come alone, then four pairs of events of different objects, or of one.
	events := func(done func(alone bool, i int) bool, one bool) (all []judge.One) {
		for i := range 15 {
			all = append(all, judge.One{Kind: "order.placed", Object: fmt.Sprint("alone ", i), At: i, Came: i, Done: done(true, i)})
		}
		for i := range 8 {
			object := fmt.Sprint("pair ", i/2)
			if !one {
				object = fmt.Sprint("either ", i)
			}
			all = append(all, judge.One{Kind: "order.placed", Object: object, At: 100 + i/2, Came: 100 + i/2, Done: done(false, i)})
		}
		return all
	}
	first := func(alone bool, i int) bool { return alone || i%2 == 0 }

	It("is named when nothing was lost that came alone", func() {
		Expect(judge.CauseOf(events(first, false)...)).To(Equal("at-once"))
	})

	It("is not named when one was lost that came alone, or only events of one object are in each other's way", func() {
		Expect(judge.CauseOf(events(func(alone bool, i int) bool { return first(alone, i) && i != 3 }, false)...)).To(BeEmpty())
		Expect(judge.CauseOf(events(first, true)...)).To(BeEmpty())
		Expect(judge.CauseOf(events(first, false)[9:]...)).To(BeEmpty(), "six that came alone say little")
	})
})

var _ = It("takes nothing for older of which there was nothing before", func() {
	made, changed := map[string]any{"x": "a"}, map[string]any{"x": "b"}
	ask := func(before, after map[string]any) []bool {
		known, yes := judge.AskAfter("older", made, changed, before, after)
		return []bool{known, yes}
	}
	Expect(ask(made, made)).To(Equal([]bool{true, true}))
	Expect(ask(made, changed)).To(Equal([]bool{true, false}))
	Expect(ask(made, nil)).To(Equal([]bool{true, true}))
	Expect(ask(nil, nil)).To(Equal([]bool{false, false}))
})
