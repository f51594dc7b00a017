package scenarios_test

import (
	"context"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
)

// names is a receiver whose effects have names, and the observer of it.
type names struct {
	mu   sync.Mutex
	done map[string]map[string]int // by event id
}

func newNames() *names { return &names{done: map[string]map[string]int{}} }

// act does some things for an event, and reports whether it is new.
func (n *names) act(event string, what ...string) (fresh bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	fresh = n.done[event] == nil
	if fresh {
		n.done[event] = map[string]int{}
	}
	for _, w := range what {
		n.done[event][w]++
	}
	return fresh
}

func (n *names) Observe(_ context.Context, subjects []observe.Subject) ([]observe.Reading, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	out := make([]observe.Reading, len(subjects))
	for i, s := range subjects {
		out[i].Named = maps.Clone(n.done[s.EventID])
		for _, count := range out[i].Named {
			out[i].Effects += count
		}
	}
	return out, nil
}

var _ = Describe("effects with names", func() {
	watched := func(n *names, read func(p post)) setup {
		cfg := configFor(receive(func(_ http.ResponseWriter, _ *http.Request, p post) bool {
			if p.Valid && p.Event.Kind == "order.placed" {
				read(p)
			}
			return false
		}).URL)
		cfg.Kinds = []string{"order.placed"}
		cfg.Observer, cfg.Drain, cfg.Observing = n, observe.ActionFunc(drained), "url"
		return cfg
	}

	It("are held and told each by its name", func(ctx SpecContext) {
		n := newNames()
		rep := run(ctx, watched(n, func(p post) {
			if n.act(p.Event.ID, "mail") { // sent before it is seen that the event is known
				n.act(p.Event.ID, "invoice")
			}
		}), "KOM-DUP-001")
		r := result(rep, "KOM-DUP-001")
		Expect(r.Verdict).To(Equal(verdict.Fail))
		Expect(r.Found.EN).To(ContainSubstring("mail: "))
		Expect(r.Found.EN).NotTo(ContainSubstring("invoice"))
		Expect(r.Found.ES).To(ContainSubstring("mail: "))
	})

	const rule = `
family: mine
group: plain
cases:
  - name: pending
    title: {en: t}
    steps:
      - emit: {kind: order.placed, set: {data.object.financial_status: pending}}
      - deliver: {}
checks:
  - id: MY-SHIP-001
    level: must
    evidence: [effects]
    title: {en: a}
    requirement: {en: b}
    judge:
      - {effects_of: {shipment: some}, then: fail}
      - {effects_of: {mail: 1}, then: pass}
      - {then: warn}
`

	DescribeTable("are asked for by rules of the user's own", func(ctx SpecContext, want verdict.Verdict, found string, pending ...string) {
		n := newNames()
		r := own(ctx, watched(n, func(p post) {
			if strings.Contains(p.Body, `"financial_status":"pending"`) {
				n.act(p.Event.ID, pending...)
			} else if n.act(p.Event.ID) {
				n.act(p.Event.ID, "mail", "shipment")
			}
		}), "MY-SHIP-001", rule)
		Expect(r.Verdict).To(Equal(want))
		Expect(r.Found.EN).To(ContainSubstring(found))
	},
		Entry("kept", verdict.Pass, "mail: 1", "mail"),
		Entry("broken", verdict.Fail, "shipment: 1", "mail", "shipment"),
		Entry("another", verdict.Warn, "204", "invoice"),
	)
})

var _ = Describe("effects of all events of an object", func() {
	// ships tells a shipment for each event that says paid; once has it look at the
	// order as well.
	ships := func(once bool) setup {
		n, shipped := newNames(), map[string]bool{}
		cfg := configFor(receive(func(_ http.ResponseWriter, _ *http.Request, p post) bool {
			if !p.Valid || !n.act(p.Event.ID, "noted") {
				return false
			}
			order := orderID.FindString(p.Body)
			if strings.Contains(p.Body, `"financial_status":"paid"`) && (!once || !shipped[order]) {
				shipped[order] = true
				n.act(p.Event.ID, "shipment")
			}
			return false
		}).URL)
		cfg.Kinds = []string{"order.placed", "order.paid"}
		cfg.Observer, cfg.Drain, cfg.Observing = n, observe.ActionFunc(drained), "url"
		return cfg
	}

	It("show what each of them did, and only one of them should have", func(ctx SpecContext) {
		r := result(run(ctx, ships(false), "KOM-ORD-004"), "KOM-ORD-004")
		Expect(r.Verdict).To(Equal(verdict.Fail))
		Expect(r.Found.EN).To(ContainSubstring("shipment: 2 instead of 1"))
		Expect(r.Found.EN).NotTo(ContainSubstring("noted"))
	}, SpecTimeout(time.Minute))

	It("show nothing where they are counted by object", func(ctx SpecContext) {
		n := newNames()
		cfg := configFor(receive(func(_ http.ResponseWriter, _ *http.Request, p post) bool {
			if order := orderID.FindString(p.Body); p.Valid && p.Event.Kind == "order.placed" && n.act(order, "invoice") {
				n.act(order, "parcel")
			}
			return false
		}).URL)
		cfg.Kinds = []string{"order.placed", "order.paid"}
		cfg.Observer, cfg.Drain, cfg.Observing = namesByObject{n}, observe.ActionFunc(drained), "url"
		Expect(result(run(ctx, cfg, "KOM-ORD-004"), "KOM-ORD-004").Verdict).To(Equal(verdict.Pass))
	}, SpecTimeout(time.Minute))

	It("show nothing against one that did it once", func(ctx SpecContext) {
		Expect(result(run(ctx, ships(true), "KOM-ORD-004"), "KOM-ORD-004").Verdict).To(Equal(verdict.Pass))
	}, SpecTimeout(time.Minute))
})

var orderID = regexp.MustCompile(`ord_[a-z0-9]+`)

var _ = Describe("a state without a number of effects", func() {
	var s *shelf
	stateOnly := func(read reader) setup {
		s = newShelf()
		cfg := s.config(read, fieldsOfShelf)
		cfg.Observer = counted{s}
		return cfg
	}

	It("is enough for what is about state, and nothing is blamed for the number", func(ctx SpecContext) {
		rep := run(ctx, stateOnly(careful), "KOM-ORD-002", "KOM-RTY-003", "KOM-PAY-006")
		Expect(reds(rep)).To(BeEmpty())
		Expect(result(rep, "KOM-ORD-002").Verdict).To(Equal(verdict.Pass))
		r := result(rep, "KOM-RTY-003")
		Expect(r.Verdict).To(Equal(verdict.NotObserved))
		Expect(r.Reason.EN).To(ContainSubstring("the observer reports only the state"))
	}, SpecTimeout(time.Minute))

	It("shows what was acknowledged and not done", func(ctx SpecContext) {
		times := map[string]int{}
		rep := run(ctx, stateOnly(func(s *shelf, f fact) (int, bool) {
			if times[f.Kind]++; times[f.Kind] > 1 {
				return 204, true // only the first of a kind is kept
			}
			return careful(s, f)
		}), "KOM-DUP-001")
		r := result(rep, "KOM-DUP-001")
		Expect(r.Verdict).To(Equal(verdict.Fail))
		Expect(r.Found.EN).To(ContainSubstring("nothing of the object is there"))
	}, SpecTimeout(time.Minute))
})

// namesByObject is an observer of names that tells those of an object for each of its events.
type namesByObject struct{ of *names }

func (o namesByObject) Observe(ctx context.Context, subjects []observe.Subject) ([]observe.Reading, error) {
	subjects = slices.Clone(subjects)
	for i := range subjects {
		subjects[i].EventID = subjects[i].ObjectID
	}
	return o.of.Observe(ctx, subjects)
}

// counted is an observer that tells no effects of another.
type counted struct{ of observe.Observer }

func (c counted) Observe(ctx context.Context, subjects []observe.Subject) ([]observe.Reading, error) {
	out, err := c.of.Observe(ctx, subjects)
	for i := range out {
		out[i].Effects, out[i].StateOnly = 0, true
	}
	return out, err
}
