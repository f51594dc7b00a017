package scenarios_test

import (
	"context"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/retryclock"
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

// practised is a practice receiver in this process that can be killed and
// started again, on the same address and with the same database.
type practised struct {
	cfg     practice.Config
	address string

	mu       sync.Mutex
	receiver *practice.Receiver
	listener net.Listener
	conns    []net.Conn
	served   chan struct{}
}

// Accept remembers connections, which have to die with the receiver.
func (p *practised) Accept() (net.Conn, error) {
	c, err := p.listener.Accept()
	if err == nil {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.conns = append(p.conns, c)
	}
	return c, err
}

func (p *practised) Close() error   { return p.listener.Close() }
func (p *practised) Addr() net.Addr { return p.listener.Addr() }

func (p *practised) start(ctx context.Context, env ...string) error {
	cfg := p.cfg
	for _, variable := range env {
		ahead, err := observe.ParseOffset(strings.TrimPrefix(variable, observe.OffsetName+"="))
		if err != nil {
			return err
		}
		cfg.Clock = retryclock.Shifted{Clock: retryclock.Wall{}, By: ahead}
	}
	var err error
	if p.listener, err = new(net.ListenConfig).Listen(ctx, "tcp", p.address); err != nil {
		return err
	}
	p.address = p.listener.Addr().String()
	if p.receiver, err = practice.New(ctx, cfg); err != nil {
		return err
	}
	p.served = make(chan struct{})
	// It outlives the step that started it.
	living := context.WithoutCancel(ctx)
	go func(r *practice.Receiver, served chan struct{}) {
		defer close(served)
		_ = r.Serve(living, p) // ends when its listener is gone
	}(p.receiver, p.served)
	return nil
}

// kill leaves nobody the time for anything: requests under way get no answer.
func (p *practised) kill(context.Context, ...string) error {
	if p.receiver == nil {
		return nil
	}
	_ = p.listener.Close()
	<-p.served
	p.mu.Lock()
	for _, c := range p.conns {
		_ = c.Close()
	}
	p.conns = nil
	p.mu.Unlock()
	err := p.receiver.Close()
	p.receiver = nil
	return err
}

// practise starts a practice receiver and returns a config for it: its webhook,
// an observer of its effects, a way to work its queue off, and hooks; the API
// for one that reads it.
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
	cfg.DB = filepath.Join(GinkgoT().TempDir(), "practice.sqlite")
	p := &practised{cfg: cfg, address: "127.0.0.1:0"}
	Expect(p.start(context.Background())).To(Succeed())
	DeferCleanup(func() { Expect(p.kill(context.Background())).To(Succeed()) })
	base := "http://" + p.address
	run := configFor(base + "/webhook")
	var err error
	run.Observer, err = observe.New(context.Background(), observe.Config{URL: base + "/effects/" + asked})
	Expect(err).NotTo(HaveOccurred())
	run.OnEvent = func(e *shop.Event, objects []*jsontree.Object) { store.Add(e, objects...) }
	run.StateMap = map[string]string{}
	for _, field := range []string{"name", "price", "description", "financial_status", "total_price", "customer_note"} {
		run.StateMap[field] = "data.object." + field
	}
	run.Drain = observe.Post{Name: "drain", URL: base + "/drain"}
	run.Hooks = scenarios.Hooks{
		Start: observe.ActionFunc(p.start), Kill: observe.ActionFunc(p.kill),
		Down: observe.Post{Name: "down", URL: base + "/store/down"}, Up: observe.Post{Name: "up", URL: base + "/store/up"},
		Ready: base + "/health",
	}
	return run
}

// expectAll expects that a receiver on this machine which knows the bare event
// has passed every check that concerns it and can be observed.
func expectAll(rep *scenarios.Report, unobserved ...string) {
	GinkgoHelper()
	for id, v := range verdicts(rep) {
		want := scenarios.Pass
		switch {
		case id == wrapped:
			want = scenarios.Info
		case strings.HasPrefix(id, "KOM-TLS-"):
			want = scenarios.NotApplicable // plain HTTP
		case slices.Contains(unobserved, id):
			want = scenarios.NotObserved
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
			if f.Name == "hang-up-doubles" {
				// Killed in this process it still lives to see its senders gone, and
				// errs once more; a process of its own would be dead.
				got = slices.DeleteFunc(got, func(id string) bool { return id == "KOM-DUR-001" })
			}
			if slices.Contains(f.Fails, "KOM-DUP-005") {
				// What was under way when it was killed may have been done and
				// not acknowledged: whether there was any is up to chance.
				got = slices.DeleteFunc(got, func(id string) bool { return id == "KOM-DUR-001" })
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
