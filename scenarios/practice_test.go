package scenarios_test

import (
	"context"
	"net"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/scenarios"
	"github.com/kometia-sim/kometia-sim/scenarios/observe"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/simulator/api"
	"github.com/kometia-sim/kometia-sim/simulator/practice"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
)

// wrapped is the check that only tells whether a receiver understands a form of
// the body that nobody has seen.
const wrapped = "KOM-PAY-011"

// practise starts a practice receiver and returns a config for it: its webhook,
// an observer of its effects and a way to work its queue off; the API for one
// that reads it.
func practise(cfg practice.Config) scenarios.Config {
	GinkgoHelper()
	var what practice.Flaw
	for _, f := range practice.Flaws() {
		if f.Name == cfg.Flaw {
			what = f
		}
	}
	store := api.NewStore(api.StoreConfig{})
	if what.UsesAPI {
		server, err := api.Serve(context.Background(), "", api.Handler(api.Config{Store: store, Key: "sk_test"}))
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(server.Close)
		cfg.API = practice.API{URL: server.URL, Key: "sk_test"}
	}
	asked := "{event.id}"
	if what.PerObject {
		asked = "{object.id}"
	}
	rec, err := practice.New(context.Background(), cfg)
	Expect(err).NotTo(HaveOccurred())
	ln, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	Expect(err).NotTo(HaveOccurred())
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- rec.Serve(ctx, ln) }()
	DeferCleanup(func() {
		stop()
		Expect(<-served).To(Succeed())
		Expect(rec.Close()).To(Succeed())
	})
	base := "http://" + ln.Addr().String()
	run := configFor(base + "/webhook")
	run.Observer, err = observe.New(context.Background(), observe.Config{URL: base + "/effects/" + asked})
	Expect(err).NotTo(HaveOccurred())
	run.OnEvent = func(e *shop.Event, objects []*jsontree.Object) { store.Add(e, objects...) }
	run.Drain = observe.Post{Name: "drain", URL: base + "/drain"}
	return run
}

// expectAll expects that a receiver on this machine which knows the bare event
// has passed every check that concerns it.
func expectAll(rep *scenarios.Report) {
	GinkgoHelper()
	for id, v := range verdicts(rep) {
		want := scenarios.Pass
		switch {
		case id == wrapped:
			want = scenarios.Info
		case strings.HasPrefix(id, "KOM-TLS-"):
			want = scenarios.NotApplicable // plain HTTP
		}
		Expect(v).To(Equal(want), "%s: %s", id, result(rep, id).Reason.EN)
	}
}

var _ = Describe("the catalogue on practice receivers", func() {
	// What waits in real time for a timeout or a rate limit is tried elsewhere
	// with shorter waits.
	tooLong := []string{"hang", "slow", "throttled"}

	var entries []TableEntry
	for _, f := range practice.Flaws() {
		if !slices.Contains(tooLong, f.Name) {
			entries = append(entries, Entry(f.Name, SpecTimeout(time.Minute), f))
		}
	}
	It("knows the flaws that take too long", func() {
		Expect(entries).To(HaveLen(len(practice.Flaws()) - len(tooLong)))
	})

	DescribeTable("fails the flaw's own checks and nothing else",
		func(ctx SpecContext, f practice.Flaw) {
			suite, err := scenarios.Builtin()
			Expect(err).NotTo(HaveOccurred())
			var want []string
			for _, c := range suite.Checks() {
				if slices.Contains(f.Fails, c.ID) {
					want = append(want, c.ID)
				}
			}
			rep := run(ctx, practise(practice.Config{Flaw: f.Name}))
			var got []string
			for _, r := range rep.Results {
				switch r.Verdict {
				case scenarios.Fail, scenarios.Error:
					got = append(got, r.ID)
				case scenarios.Warn:
					if !f.Good {
						got = append(got, r.ID)
					}
				case scenarios.Info:
					// The good one, too, knows the bare event only.
					if !f.Good && r.ID != wrapped {
						got = append(got, r.ID)
					}
				}
			}
			slices.Sort(got)
			Expect(got).To(Equal(want))
		}, entries)

	It("passes the good one", func(ctx SpecContext) {
		rep := run(ctx, practise(practice.Config{}))
		expectAll(rep)
		Expect(rep.Profile.Effects).NotTo(BeEmpty())

		rep = run(ctx, practise(practice.Config{Flaw: "unwraps"}), wrapped)
		Expect(result(rep, wrapped).Verdict).To(Equal(scenarios.Pass))
	}, SpecTimeout(time.Minute))

	It("passes one that answers just in time, and warns of one that does not", func(ctx SpecContext) {
		cfg := practise(practice.Config{Flaw: "hang", Delay: time.Second})
		cfg.Wire.Timeout = 100 * time.Millisecond
		Expect(reds(run(ctx, cfg))).To(Equal([]string{"KOM-LAT-001 warn"}))
		cfg = practise(practice.Config{Flaw: "slow", Delay: 10 * time.Millisecond})
		Expect(reds(run(ctx, cfg))).To(BeEmpty())
	}, SpecTimeout(time.Minute))
})
