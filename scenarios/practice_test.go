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
	undertest "github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/simulator/practice"
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
// an observer of its effects, a way to work its queue off, and hooks.
func practise(cfg practice.Config) setup {
	GinkgoHelper()
	cfg.DB = filepath.Join(GinkgoT().TempDir(), "practice.sqlite")
	p := &practised{cfg: cfg, address: "127.0.0.1:0"}
	Expect(p.start(context.Background())).To(Succeed())
	DeferCleanup(func() { Expect(p.kill(context.Background())).To(Succeed()) })
	base := "http://" + p.address
	run := configFor(base + "/webhook")
	var err error
	run.Observer, err = observe.New(context.Background(), observe.Config{URL: base + "/effects/{event.id}"})
	Expect(err).NotTo(HaveOccurred())
	run.StateMap = map[string]string{}
	for _, field := range []string{"name", "price", "description", "financial_status", "total_price", "customer_note"} {
		run.StateMap[field] = "data.object." + field
	}
	run.Drain = observe.Post{Name: "drain", URL: base + "/drain"}
	run.Hooks = undertest.Hooks{
		Start: observe.ActionFunc(p.start), Kill: observe.ActionFunc(p.kill),
		Down: observe.Post{Name: "down", URL: base + "/store/down"}, Up: observe.Post{Name: "up", URL: base + "/store/up"},
		Ready: base + "/health",
	}
	return run
}

// expectAll expects that a receiver on this machine which knows the bare event
// has passed every check that concerns it and can be observed.
func expectAll(rep *verdict.Report, unobserved ...string) {
	GinkgoHelper()
	for id, v := range verdicts(rep) {
		want := verdict.Pass
		switch {
		case id == wrapped:
			want = verdict.Info
		case id == "KOM-VER-001", id == "KOM-REC-001":
			want = verdict.NotObserved // nobody simulates the API
		case strings.HasPrefix(id, "KOM-TLS-"), strings.HasPrefix(id, "KOM-VER-"), id == "KOM-DEP-002":
			want = verdict.NotApplicable // plain HTTP, and a receiver that need not ask and calls nobody
		case slices.Contains(unobserved, id):
			want = verdict.NotObserved
		}
		Expect(v).To(Equal(want), "%s: %s", id, result(rep, id).Reason.EN)
	}
}

// The whole matrix is asserted in cmd/kometia-sim, where the receivers are
// processes of their own.
var _ = Describe("the catalogue on practice receivers", Label("whole"), func() {
	It("passes the good one", func(ctx SpecContext) {
		rep := run(ctx, practise(practice.Config{}), everything)
		expectAll(rep)
		Expect(rep.Profile.Effects).NotTo(BeEmpty())
		// It saw the end of what was cut off, and took none of it for received.
		for _, note := range result(rep, "KOM-RTY-005").Notes {
			Expect(note.EN).NotTo(ContainSubstring("2xx"))
		}

		rep = run(ctx, practise(practice.Config{Flaw: "unwraps"}), wrapped)
		Expect(result(rep, wrapped).Verdict).To(Equal(verdict.Pass))
	}, SpecTimeout(5*time.Minute))

	It("passes one that answers just in time, and warns of one that does not", func(ctx SpecContext) {
		cfg := practise(practice.Config{Flaw: "hang", Delay: time.Minute})
		// Far above what a busy machine takes over an order of 100 lines.
		cfg.Wire.Timeout = time.Second
		// One at a time: what many at once may take is for the loads' own checks.
		serial := []string{"KOM-ACK-00[123]", "KOM-LAT-*", "KOM-PAY-001", "KOM-PAY-004"}
		Expect(reds(run(ctx, cfg, serial...))).To(Equal([]string{"KOM-LAT-001 warn"}))
		cfg = practise(practice.Config{Flaw: "slow", Delay: 10 * time.Millisecond})
		Expect(reds(run(ctx, cfg, serial...))).To(BeEmpty())
	}, SpecTimeout(5*time.Minute))
})
