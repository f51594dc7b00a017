package observe_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/examples/receivers"
	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/simulator/practice"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
)

// told is an event of the shop and what an observer is asked about it.
type told struct {
	subject observe.Subject
	body    []byte
}

// tell makes order.placed of n orders.
func tell(n int, kinds ...string) []told {
	GinkgoHelper()
	if kinds == nil {
		kinds = []string{"order.placed"}
	}
	world, err := shop.New(shop.Config{Seed: 7, IDs: "4k2p", Start: noon})
	Expect(err).NotTo(HaveOccurred())
	var out []told
	for i := range n {
		events, err := world.Tell(shop.Story{Key: shop.Key{Name: "observe", Index: i}, Kinds: kinds})
		Expect(err).NotTo(HaveOccurred())
		for _, e := range events {
			out = append(out, told{
				observe.Subject{EventID: e.ID, EventKind: e.Kind, ObjectID: e.ObjectID, ObjectType: e.ObjectType, OrderNumber: e.Number},
				e.Body(jsontree.PHP),
			})
		}
	}
	return out
}

func subjectsOf(events []told) []observe.Subject {
	var out []observe.Subject
	for _, e := range events {
		out = append(out, e.subject)
	}
	return out
}

func expectOnce(events []told) []observe.Expect {
	var out []observe.Expect
	for _, e := range events {
		out = append(out, observe.Expect{Subject: e.subject, D0: 1})
	}
	return out
}

// post delivers an event and returns the status.
func post(ctx context.Context, url string, e told) int {
	GinkgoHelper()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(string(e.body)))
	Expect(err).NotTo(HaveOccurred())
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	Expect(err).NotTo(HaveOccurred())
	Expect(res.Body.Close()).To(Succeed())
	return res.StatusCode
}

// practise serves a practice receiver and returns its base URL.
func practise(cfg practice.Config) string {
	GinkgoHelper()
	rec, err := practice.New(context.Background(), cfg)
	Expect(err).NotTo(HaveOccurred())
	ln, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	Expect(err).NotTo(HaveOccurred())
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- rec.Serve(ctx, ln) }()
	DeferCleanup(func() {
		stop()
		Expect(<-served).To(Succeed())
		Expect(rec.Close()).To(Succeed())
	})
	return "http://" + ln.Addr().String()
}

var _ = Describe("the practice receiver", Label("whole"), func() {
	settler := func(cfg observe.SettlerConfig) *observe.Settler {
		GinkgoHelper()
		s, err := observe.NewSettler(cfg)
		Expect(err).NotTo(HaveOccurred())
		return s
	}

	DescribeTable("is observed", func(ctx SpecContext, flaw, path string, want int) {
		base := practise(practice.Config{Flaw: flaw})
		events := tell(3)
		s := settler(observe.SettlerConfig{
			Observer: must(observe.Config{URL: base + path}), Clock: retryclock.NewVirtual(noon), Fields: []string{"note"},
		})
		Expect(s.Fresh(ctx, subjectsOf(events))).To(Succeed())
		post(ctx, base+"/webhook", events[0])
		d0, _, err := s.Calibrate(ctx, events[0].subject)
		Expect(err).NotTo(HaveOccurred())
		Expect(d0).To(Equal(1))
		for range 2 {
			for _, e := range events[1:] {
				post(ctx, base+"/webhook", e)
			}
		}
		readings, err := s.Settle(ctx, expectOnce(events[1:]), 0)
		Expect(err).NotTo(HaveOccurred())
		Expect(effects(readings)).To(Equal([]int{want, want}))
		Expect(readings[0].State).To(HaveKey("deleted"))
	},
		Entry("by event", "", "/effects/{event.id}", 1),
		Entry("by object", "", "/effects/{object.id}", 1),
		Entry("many at once", "", "/effects", 1),
		Entry("when it doubles", "no-dedupe", "/effects/{event.id}", 2),
		Entry("when it doubles, many at once", "no-dedupe", "/effects", 2),
	)

	It("has its queue worked off", func(ctx SpecContext) {
		queue := slices.ContainsFunc(practice.Flaws(), func(f practice.Flaw) bool { return f.Name == "queue" })
		Expect(queue).To(BeTrue())
		base := practise(practice.Config{Flaw: "queue", Delay: time.Hour})
		events := tell(5)
		s := settler(observe.SettlerConfig{
			Observer: must(observe.Config{URL: base + "/effects"}), Clock: retryclock.NewVirtual(noon),
			Drain: observe.Post{Name: "drain", URL: base + "/drain"},
		})
		for _, e := range events {
			Expect(post(ctx, base+"/webhook", e)).To(Equal(http.StatusAccepted))
		}
		Expect(s.Fresh(ctx, subjectsOf(events))).To(Succeed())
		readings, err := s.Settle(ctx, expectOnce(events), time.Millisecond)
		Expect(err).NotTo(HaveOccurred())
		Expect(effects(readings)).To(Equal([]int{1, 1, 1, 1, 1}))
	})

	It("loses nothing while its store is away", func(ctx SpecContext) {
		base := practise(practice.Config{})
		events := tell(1)
		s := settler(observe.SettlerConfig{Observer: must(observe.Config{URL: base + "/effects/{event.id}"}), Clock: retryclock.NewVirtual(noon)})
		Expect(observe.Ready(ctx, observe.Place{URL: base + "/health"}, 0, nil)).To(Succeed())
		Expect(observe.Post{Name: "down", URL: base + "/store/down"}.Run(ctx)).To(Succeed())
		Expect(post(ctx, base+"/webhook", events[0])).To(Equal(http.StatusServiceUnavailable))
		Expect(observe.Post{Name: "up", URL: base + "/store/up"}.Run(ctx)).To(Succeed())
		Expect(s.Fresh(ctx, subjectsOf(events))).To(Succeed())
		Expect(post(ctx, base+"/webhook", events[0])).To(Equal(http.StatusNoContent))
		readings, err := s.Settle(ctx, expectOnce(events), 0)
		Expect(err).NotTo(HaveOccurred())
		Expect(effects(readings)).To(Equal([]int{1}))
	})

	It("shows an observer that counts per object", func(ctx SpecContext) {
		base := practise(practice.Config{})
		story := tell(1, "order.placed", "order.paid")
		s := settler(observe.SettlerConfig{Observer: must(observe.Config{URL: base + "/effects/{object.id}"}), Clock: retryclock.NewVirtual(noon)})
		post(ctx, base+"/webhook", story[0])
		Expect(s.Fresh(ctx, subjectsOf(story)[1:])).To(MatchError(observe.ErrSeen))
	})
})

var _ = Describe("a receiver whose effects come late", Label("whole"), func() {
	DescribeTable("is believed when it rests", func(ctx SpecContext, want int, took time.Duration, delays ...time.Duration) {
		clock := retryclock.NewVirtual(noon)
		var mu sync.Mutex
		due := map[string][]time.Time{}
		base := listen(func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			if r.Method == http.MethodPost {
				var e struct{ ID string }
				if err := json.NewDecoder(r.Body).Decode(&e); err != nil {
					w.WriteHeader(http.StatusBadRequest)
					return
				}
				for _, d := range delays {
					due[e.ID] = append(due[e.ID], clock.Now().Add(d))
				}
				return
			}
			n := 0
			for _, at := range due[strings.TrimPrefix(r.URL.Path, "/")] {
				if !at.After(clock.Now()) {
					n++
				}
			}
			fmt.Fprint(w, n)
		})
		s, err := observe.NewSettler(observe.SettlerConfig{Observer: must(observe.Config{URL: base + "/{event.id}"}), Clock: clock})
		Expect(err).NotTo(HaveOccurred())
		events := tell(20)
		for _, e := range events {
			Expect(post(ctx, base, e)).To(Equal(http.StatusOK))
		}
		readings, err := s.Settle(ctx, expectOnce(events), time.Second)
		Expect(err).NotTo(HaveOccurred())
		for _, r := range readings {
			Expect(r.Effects).To(Equal(want))
		}
		Expect(clock.Now().Sub(noon)).To(BeNumerically("~", took, 500*ms))
	},
		Entry("once", 1, 5*time.Second, 3*time.Second),
		Entry("twice", 2, 6500*ms, 3*time.Second, 4500*ms),
		Entry("never", 0, 10*time.Second),
	)
})

var _ = Describe("the careful PHP receiver", Label("whole"), Ordered, func() {
	var rec *receivers.Running
	BeforeAll(func(ctx SpecContext) {
		names, err := receivers.Require(ctx, os.Stderr, "php-cuidadoso")
		Expect(err).NotTo(HaveOccurred())
		if len(names) == 0 {
			Skip("php-cuidadoso cannot be started here")
		}
		rec, err = receivers.Start(ctx, "php-cuidadoso", receivers.Options{})
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(rec.Close)
	}, NodeTimeout(time.Minute))

	DescribeTable("is observed", func(ctx SpecContext, from int, config func() observe.Config) {
		events := tell(from + 3)[from:]
		s, err := observe.NewSettler(observe.SettlerConfig{Observer: must(config()), Clock: retryclock.NewVirtual(noon)})
		Expect(err).NotTo(HaveOccurred())
		Expect(s.Fresh(ctx, subjectsOf(events))).To(Succeed())
		for range 2 {
			for _, e := range events[:2] {
				Expect(post(ctx, rec.WebhookURL, e)).To(BeNumerically("<", 300), rec.Log())
			}
		}
		// The third one was never sent.
		readings, err := s.Settle(ctx, []observe.Expect{
			{Subject: events[0].subject, D0: 1}, {Subject: events[1].subject, D0: 1}, {Subject: events[2].subject},
		}, 0)
		Expect(err).NotTo(HaveOccurred())
		Expect(effects(readings)).To(Equal([]int{1, 1, 0}))
	},
		Entry("by a command", SpecTimeout(time.Minute), 0, func() observe.Config { return observe.Config{Command: rec.EffectsCommand()} }),
		Entry("by a command with a list", SpecTimeout(time.Minute), 3, func() observe.Config {
			argv := rec.EffectsCommand()
			Expect(argv[len(argv)-1]).To(Equal("{event.id}"))
			return observe.Config{Command: argv[:len(argv)-1]}
		}),
		Entry("by a URL", SpecTimeout(time.Minute), 6, func() observe.Config { return observe.Config{URL: rec.EffectsURL()} }),
	)
})
