package scenarios_test

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
)

// gatherer does, of the events of an object that arrive within a moment, only the last;
// one that does not tell the state only the oldest, so that it is not by chance which
// of them the check is about.
type gatherer struct {
	mu     sync.Mutex
	last   map[string]event          // by object; what it is going to do
	done   map[string]int            // by event
	states map[string]map[string]any // by object
	stamps map[string]float64        // of what is kept
	tells  bool                      // the state
}

func (g *gatherer) take(p post) {
	g.mu.Lock()
	defer g.mu.Unlock()
	var said struct {
		Data struct{ Object map[string]any }
	}
	_ = json.Unmarshal([]byte(p.Body), &said) // what is no event has no object
	object := said.Data.Object
	id, _ := object["id"].(string)
	at, _ := object["updated_at"].(float64)
	if waits, some := g.last[id]; !some || g.tells || p.Event.CreatedAt < waits.CreatedAt {
		g.last[id] = p.Event
	}
	if at >= g.stamps[id] {
		g.stamps[id], g.states[id] = at, map[string]any{"price": object["price"], "name": object["name"]}
	}
	time.AfterFunc(200*time.Millisecond, func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		if g.last[id].ID == p.Event.ID {
			g.done[p.Event.ID] = 1
			delete(g.last, id)
		}
	})
}

func (g *gatherer) Observe(_ context.Context, subjects []observe.Subject) (out []observe.Reading, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, s := range subjects {
		r := observe.Reading{Effects: g.done[s.EventID]}
		if g.tells {
			r.State = g.states[s.ObjectID]
		}
		out = append(out, r)
	}
	return out, nil
}

var _ = Describe("a receiver that gathers what arrives together", func() {
	gathering := func(ctx context.Context, tells bool) *verdict.Report {
		g := &gatherer{last: map[string]event{}, done: map[string]int{}, states: map[string]map[string]any{}, stamps: map[string]float64{}, tells: tells}
		cfg := configFor(receive(func(_ http.ResponseWriter, _ *http.Request, p post) bool {
			g.take(p)
			return false
		}).URL)
		cfg.Observer, cfg.Observing = g, "url"
		cfg.Kinds = []string{"product.created", "product.updated", "product.deleted"}
		if tells {
			cfg.StateMap = map[string]string{"price": "data.object.price", "name": "data.object.name"}
		}
		return run(ctx, cfg, "KOM-ORD-001", "KOM-ORD-005")
	}

	It("passes when it keeps the newest", func(ctx SpecContext) {
		rep := gathering(ctx, true)
		Expect(reds(rep)).To(BeEmpty(), "%v", result(rep, "KOM-ORD-001").Found.EN)
		Expect(result(rep, "KOM-ORD-005").Verdict).To(Equal(verdict.Pass))
	}, SpecTimeout(2*time.Minute))

	It("is not judged when nobody sees what it keeps", func(ctx SpecContext) {
		r := result(gathering(ctx, false), "KOM-ORD-005")
		Expect(r.Verdict).To(Equal(verdict.Inconclusive))
		Expect(r.Reason.EN).To(ContainSubstring("either they are gathered on purpose, or one was lost"))
	}, SpecTimeout(2*time.Minute))

	It("is red for a payment that is dropped because its order comes later", func(ctx SpecContext) {
		books := newLedger()
		var mu sync.Mutex
		placed := map[string]bool{}
		cfg := configFor(receive(func(_ http.ResponseWriter, _ *http.Request, p post) bool {
			var said struct {
				Data struct{ Object struct{ ID string } }
			}
			_ = json.Unmarshal([]byte(p.Body), &said) // what is no event has no object
			mu.Lock()
			defer mu.Unlock()
			placed[said.Data.Object.ID] = placed[said.Data.Object.ID] || p.Event.Kind == "order.placed"
			if placed[said.Data.Object.ID] && books.first(p.Event.ID) {
				books.act(p.Event.ID)
			}
			return false
		}).URL)
		cfg.Observer, cfg.Drain, cfg.Observing = books, observe.ActionFunc(drained), "url"
		cfg.Kinds = []string{"order.placed", "order.paid"}
		Expect(result(run(ctx, cfg, "KOM-ORD-001"), "KOM-ORD-001").Verdict).To(Equal(verdict.Fail))
	}, SpecTimeout(2*time.Minute))
})
