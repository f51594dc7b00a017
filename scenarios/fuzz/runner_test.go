package fuzz_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/scenarios/fuzz"
	"github.com/kometia-sim/kometia-sim/scenarios/fuzz/oracle"
	undertest "github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/simulator/payload"
	"github.com/kometia-sim/kometia-sim/simulator/practice"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

type (
	huntConfig     = fuzz.Config
	receiverConfig = undertest.Config
	// setup is a hunt and its receiver before either is made.
	setup struct {
		huntConfig
		receiverConfig
	}
)

// serve starts a handler and gives a configuration to fuzz it with.
func serve(h http.Handler, seed uint64) setup {
	GinkgoHelper()
	server := httptest.NewServer(h)
	DeferCleanup(server.Close)
	return configFor(server.URL+"/webhook", seed)
}

func configFor(url string, seed uint64) setup {
	GinkgoHelper()
	target, err := wire.ParseTarget(url)
	Expect(err).NotTo(HaveOccurred())
	return setup{
		huntConfig{
			Generator: payload.Config{Seed: seed, Start: time.Now().UTC().Truncate(time.Second)}, Tool: "kometia-sim test",
		},
		receiverConfig{Target: target, UserAgent: "Kometia-Sim/test"},
	}
}

// newRunner makes the receiver and the hunt.
func newRunner(cfg setup) (*fuzz.Runner, error) {
	rec, err := undertest.New(cfg.receiverConfig)
	if err != nil {
		return nil, err
	}
	DeferCleanup(rec.Close)
	return fuzz.NewRunner(rec, cfg.huntConfig)
}

// replayAll makes the receiver and plays cases again.
func replayAll(ctx context.Context, cfg setup, cases []*fuzz.Saved, exact bool, tell func(fuzz.Replayed)) error {
	GinkgoHelper()
	rec, err := undertest.New(cfg.receiverConfig)
	Expect(err).NotTo(HaveOccurred())
	defer rec.Close()
	return fuzz.Replay(ctx, rec, cfg.huntConfig, cases, exact, tell)
}

// instantly is a drain: what the receivers here do is done when they answer.
func instantly() observe.Action {
	return observe.ActionFunc(func(context.Context, ...string) error { return nil })
}

func run(ctx context.Context, cfg setup) (*verdict.Report, []fuzz.Finding) {
	GinkgoHelper()
	r, err := newRunner(cfg)
	Expect(err).NotTo(HaveOccurred())
	report, err := r.Run(ctx)
	Expect(err).NotTo(HaveOccurred())
	return report, r.Findings()
}

// found is what a hunt for one flaw came to: when the first finding of its oracle
// was told, and how much a person has to read of it.
type found struct {
	took    time.Duration
	changes int
	moments int
	what    string
}

// hunting is a run against a flawed receiver that ends when its flaw was found.
func hunting(flaw flawed, seed uint64) (setup, *found) {
	GinkgoHelper()
	h := newReceiver(flaw)
	cfg := serve(h, seed)
	cfg.Observer, cfg.Drain, cfg.Observing = h, instantly(), "url"
	cfg.Hooks.Restart = observe.ActionFunc(h.restart)
	if flaw.oracle == oracle.NoHang && flaw.handles != nil {
		cfg.Wire.Timeout = 200 * time.Millisecond
	}
	stop := make(chan struct{})
	cfg.Stop = stop
	var once sync.Once
	out := &found{}
	began := time.Now()
	cfg.OnFinding = func(f fuzz.Finding, _ verdict.Result) {
		if f.Oracle == flaw.oracle && !f.Flaky {
			once.Do(func() {
				*out = found{took: time.Since(began), changes: len(f.Changes), what: f.What}
				if f.Phase == payload.Histories {
					out.moments = len(strings.Split(f.What, ", "))
				}
				close(stop)
			})
		}
	}
	return cfg, out
}

// alsoBy are the oracles that notice the same fault from another side.
func (f flawed) alsoBy() []string {
	if f.oracle == oracle.NothingFromBroken {
		return []string{oracle.EffectsOnce}
	}
	return nil
}

var _ = Describe("Runner", Label("whole"), func() {
	DescribeTable("finds the fault of each flawed receiver, and makes it small", func(ctx SpecContext, flaw flawed) {
		cfg, found := hunting(flaw, 1)
		cfg.Generator.Kinds, cfg.Generator.Phases = flaw.kinds, payloadPhases()
		cfg.Cases, cfg.Time = 1400, 20*time.Second
		cfg.Store = fuzz.NewStore(GinkgoT().TempDir())
		report, findings := run(ctx, cfg)
		Expect(found.took).NotTo(BeZero(), "%v", report.Notes)
		Expect(found.took).To(BeNumerically("<", 15*time.Second))
		Expect(found.changes).To(BeNumerically("<=", 2), found.what)
		for _, f := range findings {
			Expect(f.Flaky).To(BeFalse(), "%s: %s", f.Oracle, f.What)
			// The one fault is noticed by what it is about and by nothing else.
			Expect(f.Oracle).To(BeElementOf(append(flaw.alsoBy(), flaw.oracle, "no-server-error")), "%s: %s", f.What, f.Found.EN)
			kept, err := fuzz.ReadCase(f.File)
			Expect(err).NotTo(HaveOccurred())
			Expect(kept.ID).To(Equal(f.ID))
		}
	}, func() (entries []TableEntry) {
		for _, f := range payloadFlaws() {
			entries = append(entries, Entry(f.name, SpecTimeout(time.Minute), f))
		}
		return entries
	}())

	DescribeTable("finds the fault of each receiver that breaks on the way, and makes it small", func(ctx SpecContext, flaw flawed) {
		cfg, found := hunting(flaw, 1)
		cfg.Generator.Phases = []payload.Phase{payload.Histories}
		// One history after the other: what a receiver with a short memory does depends
		// on what else it is told meanwhile.
		cfg.Cases, cfg.Beside = 400, 1
		cfg.Store = fuzz.NewStore(GinkgoT().TempDir())
		report, findings := run(ctx, cfg)
		Expect(found.took).NotTo(BeZero(), "%v", report.Notes)
		Expect(found.moments).To(BeNumerically("<=", max(4, flaw.moments)), found.what)
		Expect(findings).To(ContainElement(HaveField("Flaky", false)))
		for _, f := range findings {
			Expect(f.Flaky && !flaw.fickle).To(BeFalse(), "%s: %s", f.Oracle, f.What)
			Expect(f.Oracle).To(BeElementOf(append(flaw.alsoBy(), flaw.oracle)), "%s: %s", f.What, f.Found.EN)
			kept, err := fuzz.ReadCase(f.File)
			Expect(err).NotTo(HaveOccurred())
			Expect(kept.ID).To(Equal(f.ID))
		}
	}, func() (entries []TableEntry) {
		for _, f := range historyFlaws() {
			entries = append(entries, Entry(f.name, SpecTimeout(time.Minute), f))
		}
		return entries
	}())

	It("finds nothing in a good receiver", SpecTimeout(2*time.Minute), func(ctx SpecContext) {
		h := newReceiver(flawed{})
		cfg := serve(h, 3)
		cfg.Observer, cfg.Drain, cfg.Observing = h, instantly(), "url"
		cfg.Cases = 1500
		cfg.Histories = 120
		report, findings := run(ctx, cfg)
		Expect(findings).To(BeEmpty())
		for _, res := range report.Results {
			Expect(res.Verdict).To(Equal(verdict.Pass), "%s: %s", res.ID, res.Reason.EN)
		}
	})

	It("proves nothing with a handful of histories, and tells their number", SpecTimeout(time.Minute), func(ctx SpecContext) {
		h := newReceiver(flawed{})
		cfg := serve(h, 3)
		cfg.Observer, cfg.Drain, cfg.Observing = h, instantly(), "url"
		cfg.Cases, cfg.Histories = 50, 12
		report, findings := run(ctx, cfg)
		Expect(findings).To(BeEmpty())
		for _, res := range report.Results {
			if o, _ := oracle.Lookup(res.ID); o.Observed {
				Expect(res.Verdict).To(Equal(verdict.Inconclusive))
				Expect(res.Reason.EN).To(HavePrefix("12 histories were simulated, too few to prove anything"))
			}
		}
	})

	DescribeTable("finds nothing in the practice receivers that are good", func(ctx SpecContext, flaw string) {
		cfg := practise(ctx, flaw, 2)
		// They end by their numbers, on a busy machine, too.
		cfg.Cases, cfg.Histories = 600, 60
		cfg.Time = time.Minute
		if flaw == "throttled" {
			cfg.Time = 3 * time.Second
		}
		report, findings := run(ctx, cfg)
		for _, f := range findings {
			Expect(f).To(BeZero(), "%s %s: %s -> %s", f.Oracle, f.Kind, f.What, f.Found.EN)
		}
		for _, res := range report.Results {
			if flaw != "throttled" { // 60 requests are not enough to say much
				Expect(res.Verdict).To(BeElementOf(verdict.Pass, verdict.NotObserved), "%s: %s", res.ID, res.Reason.EN)
			}
		}
	}, func() (entries []TableEntry) {
		// make matrix plays all of them; here are those that do in another way what a
		// hunt looks at.
		names := []string{"", "lines", "note", "accepted-html", "throttled"}
		for _, name := range names {
			entries = append(entries, Entry("practice:"+name, SpecTimeout(3*time.Minute), name))
		}
		return entries
	}())

	It("does not hold against a receiver that asks the API what it learns there", SpecTimeout(time.Minute), func(ctx SpecContext) {
		// It knows what newer events say, of which only the beginning ever came.
		var mu sync.Mutex
		newest := map[string]*parsed{}
		h := newReceiver(flawed{handles: func(_ *receiver, _ *http.Request, e *parsed) int {
			mu.Lock()
			defer mu.Unlock()
			if now := newest[e.object]; now != nil && now.at > e.at {
				e.o, e.at = now.o, now.at
			}
			return 0
		}})
		cfg := serve(h, 5)
		cfg.Observer, cfg.Drain, cfg.Observing = h, instantly(), "url"
		cfg.Generator.Kinds, cfg.Generator.Phases = []string{"fulfillment.created", "fulfillment.updated"}, []payload.Phase{payload.Histories}
		cfg.Histories, cfg.Time = 500, 20*time.Second
		cfg.OnDelivery = func(body []byte) {
			e := parse(body)
			mu.Lock()
			defer mu.Unlock()
			if now := newest[e.object]; now == nil || now.at < e.at {
				newest[e.object] = e
			}
		}
		_, findings := run(ctx, cfg)
		for _, f := range findings {
			Expect(f).To(BeZero(), "%s: %s -> %s", f.Oracle, f.What, f.Found.EN)
		}
	})

	It("says when it could not see anything", SpecTimeout(20*time.Second), func(ctx SpecContext) {
		cfg := serve(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }), 1)
		cfg.Cases = 50
		report, findings := run(ctx, cfg)
		Expect(findings).To(BeEmpty())
		for _, res := range report.Results {
			Expect(res.Verdict).To(Equal(verdict.Inconclusive))
		}
		Expect(report.Unreachable).To(BeFalse())

		cfg = configFor("http://127.0.0.1:1/webhook", 1)
		cfg.Cases = 50
		report, _ = run(ctx, cfg)
		Expect(report.Unreachable).To(BeTrue())

		h := newReceiver(flawed{})
		cfg = serve(h, 1)
		cfg.Cases = 20
		report, _ = run(ctx, cfg)
		for _, res := range report.Results {
			o, _ := oracle.Lookup(res.ID)
			if o.Observed {
				Expect(res.Verdict).To(Equal(verdict.NotObserved))
			}
		}
	})

	It("ends with what was found when it is told to stop", SpecTimeout(20*time.Second), func(ctx SpecContext) {
		cfg := serve(newReceiver(payloadFlaws()[0]), 1)
		stop := make(chan struct{})
		var once sync.Once
		cfg.OnFinding = func(fuzz.Finding, verdict.Result) { once.Do(func() { close(stop) }) }
		cfg.Stop, cfg.Time = stop, time.Minute
		report, findings := run(ctx, cfg)
		Expect(report.Interrupted).To(BeTrue())
		Expect(findings).NotTo(BeEmpty())
	})

	It("keeps its budget in requests", SpecTimeout(20*time.Second), func(ctx SpecContext) {
		h := newReceiver(flawed{})
		n := 0
		cfg := serve(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			h.mu.Lock()
			n++
			h.mu.Unlock()
			h.ServeHTTP(w, req)
		}), 1)
		cfg.Requests = 100
		run(ctx, cfg)
		Expect(n).To(BeNumerically("<=", 100))
		Expect(n).To(BeNumerically(">", 90))
	})

	It("sends the same for a seed at any concurrency", SpecTimeout(time.Minute), func(ctx SpecContext) {
		start := time.Now().UTC().Truncate(time.Second)
		sent := func(concurrency int) map[string]bool {
			h := newReceiver(flawed{})
			cfg := serve(h, 6)
			cfg.Observer, cfg.Drain, cfg.Observing = h, instantly(), "url"
			cfg.Generator.Start, cfg.Generator.IDs = start, "ab12"
			cfg.Cases, cfg.Histories, cfg.Concurrency = 150, 30, concurrency
			var mu sync.Mutex
			bodies := map[string]bool{}
			cfg.OnDelivery = func(body []byte) {
				mu.Lock()
				defer mu.Unlock()
				bodies[string(body)] = true
			}
			run(ctx, cfg)
			return bodies
		}
		one := sent(1)
		Expect(len(one)).To(BeNumerically(">", 200))
		for _, concurrency := range []int{3, 16} {
			many := sent(concurrency)
			Expect(many).To(HaveLen(len(one)))
			for body := range one {
				Expect(many[body]).To(BeTrue(), body)
			}
		}
	})

	It("says before it begins that there is no time to send anything", func() {
		cfg := configFor("http://127.0.0.1:1/", 1)
		cfg.Time = 20 * time.Second
		var err error
		cfg.Pace, err = undertest.ParsePace("30/m")
		Expect(err).NotTo(HaveOccurred())
		_, err = newRunner(cfg)
		Expect(err).To(MatchError(SatisfyAll(ContainSubstring("is no time to send anything"), ContainSubstring("one request every 2s"), ContainSubstring("--time 1m"))))
		cfg.Time = 5 * time.Minute
		_, err = newRunner(cfg)
		Expect(err).NotTo(HaveOccurred())
	})

	It("joins what is wrong with its configuration", func() {
		cfg := configFor("http://127.0.0.1:1/", 1)
		cfg.Oracles, cfg.Generator.Phases = []string{"no-hangs"}, []payload.Phase{"x"}
		_, err := newRunner(cfg)
		Expect(err).To(MatchError(SatisfyAll(
			ContainSubstring("no budget"), ContainSubstring("no-hangs"), ContainSubstring(`unknown phase "x"`))))
	})
})

// practise starts a practice receiver in this process.
func practise(ctx context.Context, flaw string, seed uint64) setup {
	GinkgoHelper()
	receiver, err := practice.New(ctx, practice.Config{Flaw: flaw, Clock: retryclock.Wall{}})
	Expect(err).NotTo(HaveOccurred())
	server := httptest.NewUnstartedServer(receiver)
	serving, end := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan error, 1)
	go func() { done <- receiver.Serve(serving, server.Listener) }()
	DeferCleanup(func() {
		end()
		Expect(<-done).To(Succeed())
		Expect(receiver.Close()).To(Succeed())
	})
	base := "http://" + server.Listener.Addr().String()
	cfg := configFor(base+"/webhook", seed)
	o, err := observe.New(ctx, observe.Config{URL: base + "/effects/{event.id}"})
	Expect(err).NotTo(HaveOccurred())
	cfg.Observer, cfg.Observing, cfg.Drain = o, "url", observe.Post{Name: "drain", URL: base + "/drain"}
	return cfg
}

var _ = Describe("Replay", Label("whole"), func() {
	It("tells fixed from broken, from what cannot be played", SpecTimeout(time.Minute), func(ctx SpecContext) {
		dir := GinkgoT().TempDir()
		flaw := payloadFlaws()[0]
		cfg := serve(newReceiver(flaw), 1)
		cfg.Generator.Kinds, cfg.Generator.Phases = flaw.kinds, payloadPhases()
		cfg.Cases, cfg.Store = 600, fuzz.NewStore(dir)
		_, findings := run(ctx, cfg)
		Expect(findings).NotTo(BeEmpty())
		kept, err := fuzz.NewStore(dir).All()
		Expect(err).NotTo(HaveOccurred())
		Expect(kept).To(HaveLen(len(findings)))

		verdicts := func(cfg setup, exact bool) (list []fuzz.ReplayVerdict) {
			GinkgoHelper()
			Expect(replayAll(ctx, cfg, kept, exact, func(r fuzz.Replayed) { list = append(list, r.Verdict) })).To(Succeed())
			return list
		}
		again := cfg
		again.Generator.IDs = "zzzz"
		Expect(verdicts(again, false)).To(HaveEach(fuzz.StillFails))
		// This receiver refuses before it remembers, so the same bytes fail too.
		Expect(verdicts(again, true)).To(HaveEach(fuzz.StillFails))
		Expect(verdicts(serve(newReceiver(flawed{}), 1), false)).To(HaveEach(fuzz.Fixed))
		Expect(verdicts(configFor("http://127.0.0.1:1/", 1), false)).To(HaveEach(fuzz.CannotRun))

		// The next run meets them first.
		next := cfg
		next.Old, next.Cases = kept, 1
		_, findings = run(ctx, next)
		Expect(findings).To(HaveLen(len(kept)))
		Expect(findings[0].Old).To(BeTrue())
	})

	It("refuses a file that is no case, and says why", func() {
		dir := GinkgoT().TempDir()
		for name, content := range map[string]string{
			"empty":   "",
			"other":   `{"a":1}`,
			"version": `{"version":9,"oracle":"no-hang","steps":[]}`,
			"span":    `{"version":1,"oracle":"no-hang","steps":[{"kind":"order.placed","event":"x","at":"2026-01-01T00:00:00Z","headers":[],"body":["e30="],"identities":[{"what":"event id","value":"abc","at":[0]}]}]}`,
		} {
			file := filepath.Join(dir, name+".json")
			Expect(os.WriteFile(file, []byte(content), 0o600)).To(Succeed())
			_, err := fuzz.ReadCase(file)
			Expect(err).To(MatchError(ContainSubstring(name+".json")), name)
		}
	})
})
