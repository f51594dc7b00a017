package scenarios_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/scenarios/language"
	undertest "github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/practice"
)

// needHooks are the checks that are not observed without hooks.
func needHooks() (ids []string) {
	GinkgoHelper()
	suite, err := language.Builtin()
	Expect(err).NotTo(HaveOccurred())
	for _, c := range suite.Checks() {
		if slices.Contains(c.Evidence, language.EvidenceProcess) && !slices.Contains([]string{"KOM-DEP-002", "KOM-REC-001"}, c.ID) { // which take a sink, and an API
			ids = append(ids, c.ID)
		}
	}
	Expect(ids).NotTo(BeEmpty())
	return ids
}

var _ = Describe("hooks", Label("whole"), func() {
	const limit = 5 * time.Minute
	restarts := []string{"KOM-DUP-005", "KOM-DUP-007", "KOM-DUR-001", "KOM-DEP-001"}

	It("show that a good receiver forgets nothing", func(ctx SpecContext) {
		m := &mortal{keeps: true}
		rep := run(ctx, m.live(), restarts...)
		for _, id := range restarts {
			Expect(result(rep, id).Verdict).To(Equal(verdict.Pass), "%s: %v", id, result(rep, id))
		}
		// DUR-001 and DUP-005 kill and start, DUP-007 with another clock, and DEP-001
		// takes the database away; each leaves the receiver as it was.
		did := m.did()
		Expect(len(did)).To(BeNumerically(">", 20), "under each family's events")
		Expect(did).To(ContainElements("start +47h", "kill +47h", "down +0h", "up +0h"))
		Expect(did[len(did)-3:]).To(Equal([]string{"start +47h", "kill +47h", "start +0h"}), "when nobody else has anything left to do")
		for i, one := range did {
			switch one {
			case "start +47h":
				Expect(did[i+1 : i+3]).To(Equal([]string{"kill +47h", "start +0h"}))
			case "down +0h":
				Expect(did[i+1]).To(Equal("up +0h"))
			case "kill +0h":
				Expect(did[i+1]).To(HavePrefix("start "))
			}
		}
		Expect(rep.Notes).To(BeEmpty())
		Expect(rep.Moved).To(BeTrue())
		told := map[string][]verdict.Event{}
		for _, id := range restarts {
			told[id] = result(rep, id).Events
		}
		Expect(told).To(Equal(map[string][]verdict.Event{
			"KOM-DUR-001": {{Verb: "kill", Offset: 30 * time.Minute}, {Verb: "start", Offset: 30 * time.Minute}},
			"KOM-DUP-005": {{Verb: "restart", Offset: 30 * time.Minute}},
			"KOM-DUP-007": {{Verb: "restart", Offset: 47 * time.Hour / 2}},
			"KOM-DEP-001": {{Verb: "down", Offset: -30 * time.Minute}, {Verb: "up", Offset: 30 * time.Minute}},
		}))
	}, SpecTimeout(limit))

	DescribeTable("bring to light", func(ctx SpecContext, m *mortal, want ...string) {
		Expect(reds(run(ctx, m.live(), restarts...))).To(ConsistOf(want))
	},
		Entry("a memory that a restart empties", SpecTimeout(limit), &mortal{}, "KOM-DUP-005 fail", "KOM-DUP-007 fail"),
		Entry("a memory of a day", SpecTimeout(limit), &mortal{keeps: true, forgets: 24 * time.Hour}, "KOM-DUP-007 fail"),
		Entry("an acknowledgement of what was not done", SpecTimeout(limit), &mortal{keeps: true, lazy: true}, "KOM-DUR-001 fail"),
	)

	It("prove nothing of two days by a clock that stood still", func(ctx SpecContext) {
		for _, m := range []*mortal{{keeps: true, still: true}, {keeps: true, still: true, forgets: 24 * time.Hour}} {
			r := result(run(ctx, m.live(), "KOM-DUP-007"), "KOM-DUP-007")
			Expect(r.Verdict).To(Equal(verdict.NotObserved))
			Expect(r.Enable.EN).To(ContainSubstring(`faketime -f "$KOMETIA_SIM_OFFSET"`))
		}
	}, SpecTimeout(limit))

	It("are named where they are wanting", func(ctx SpecContext) {
		cfg := (&mortal{keeps: true}).live()
		cfg.Hooks = undertest.Hooks{}
		rep := run(ctx, cfg, restarts...)
		for _, id := range restarts {
			Expect(result(rep, id).Verdict).To(Equal(verdict.NotObserved))
		}
		Expect(result(rep, "KOM-DUP-005").Enable.ES).To(Equal("kill: [systemctl, kill, --signal=KILL, mi-tienda]\nstart: [systemctl, start, mi-tienda]"))
		Expect(result(rep, "KOM-DEP-001").Enable.EN).To(Equal("down: [docker, compose, stop, db]\nup: [docker, compose, start, db]"))
		Expect(result(rep, "KOM-DUP-007").Foremost).To(BeTrue())

		cfg.Observer = nil
		Expect(result(run(ctx, cfg, "KOM-DEP-001"), "KOM-DEP-001").Enable.EN).To(And(HavePrefix("down:"), ContainSubstring("\nobserve:")))
	}, SpecTimeout(limit))

	It("prove less where the receiver is not killed, and say so", func(ctx SpecContext) {
		m := &mortal{keeps: true}
		cfg := m.live()
		cfg.Hooks.Kill, cfg.Hooks.Start, cfg.Hooks.Restart = nil, nil, m.do("restart", func() {})
		rep := run(ctx, cfg, restarts...)
		Expect(result(rep, "KOM-DUP-005").Verdict).To(Equal(verdict.Pass))
		Expect(result(rep, "KOM-DUP-005").Notes).To(ContainElement(HaveField("EN", ContainSubstring("proves less"))))
		Expect(result(rep, "KOM-DUR-001").Verdict).To(Equal(verdict.NotObserved))
		Expect(m.did()).To(Equal([]string{"restart +0h", "down +0h", "up +0h", "restart +47h", "restart +0h"}))
	}, SpecTimeout(limit))

	It("are not the receiver's fault when they fail, and the receiver is brought back", func(ctx SpecContext) {
		broken := &observe.Error{What: "kill", Kind: observe.Failed, Text: lang.Text{ES: "no", EN: "no"}}
		m := &mortal{keeps: true}
		cfg := m.live()
		cfg.Hooks.Kill = observe.ActionFunc(func(context.Context, ...string) error { return broken })
		rep := run(ctx, cfg, restarts...)
		Expect(reds(rep)).To(BeEmpty())
		Expect(result(rep, "KOM-DUP-005").Verdict).To(Equal(verdict.Inconclusive))
		Expect(result(rep, "KOM-DUP-005").Reason.EN).To(Equal("hook kill: no"))
		Expect(result(rep, "KOM-DEP-001").Verdict).To(Equal(verdict.Pass))

		// One that cannot be brought back is told, and nothing more is asked of it.
		cfg = m.live()
		cfg.Hooks.Start = observe.ActionFunc(func(context.Context, ...string) error { return errors.New("no disk") })
		rep = run(ctx, cfg, restarts...)
		Expect(reds(rep)).To(BeEmpty())
		for _, id := range restarts {
			Expect(result(rep, id).Verdict).To(Equal(verdict.Inconclusive), id)
			Expect(result(rep, id).Reason.EN).To(ContainSubstring("no disk"), id)
		}
		Expect(rep.Notes).To(ContainElement(HaveField("EN", ContainSubstring("not left as it was found"))))
	}, SpecTimeout(limit))

	It("say when the receiver has survived its killing", func(ctx SpecContext) {
		cfg := (&mortal{keeps: true}).live()
		cfg.Hooks.Kill = observe.ActionFunc(func(context.Context, ...string) error { return nil })
		r := result(run(ctx, cfg, "KOM-DUP-005"), "KOM-DUP-005")
		Expect(r.Verdict).To(Equal(verdict.Inconclusive))
		Expect(r.Reason.EN).To(MatchRegexp("^hook kill: the receiver did not end: .* still answers$"))
	}, SpecTimeout(limit))

	DescribeTable("leave the receiver as it was when the run is interrupted", func(ctx SpecContext, after string, want ...string) {
		m := &mortal{keeps: true}
		cfg := m.live()
		stop := make(chan struct{})
		cfg.Stop = stop
		wrap := func(name string, a observe.Action) observe.Action {
			return observe.ActionFunc(func(ctx context.Context, env ...string) error {
				if name == after && (after == "down" || len(m.did()) == len(want)-1) {
					close(stop)
				}
				return a.Run(ctx, env...)
			})
		}
		cfg.Hooks.Kill, cfg.Hooks.Start, cfg.Hooks.Down = wrap("kill", cfg.Hooks.Kill), wrap("start", cfg.Hooks.Start), wrap("down", cfg.Hooks.Down)
		rep := run(ctx, cfg, restarts...)
		Expect(reds(rep)).To(BeEmpty())
		Expect(rep.Interrupted).To(BeTrue())
		Expect(m.dead).To(BeFalse())
		Expect(m.down).To(BeFalse())
		Expect(m.did()[len(m.did())-1]).To(Or(Equal("start +0h"), Equal("up +0h")))
	},
		Entry("while it is killed under load", SpecTimeout(limit), "kill", "kill +0h"),
		Entry("while it is started with another clock", SpecTimeout(limit), "start", "kill +0h", "start +0h", "kill +0h", "start +0h", "kill +0h", "start +47h"),
		Entry("while its database is away", SpecTimeout(limit), "down", "down +0h"),
	)

	It("are run on another machine only with its owner's consent", func(ctx SpecContext) {
		m := &mortal{keeps: true}
		cfg := m.live()
		cfg.Safe = true
		Expect(result(run(ctx, cfg, "KOM-DUP-005"), "KOM-DUP-005").Enable.EN).To(Equal("--allow restart"))
		Expect(m.did()).To(BeEmpty())
		cfg = m.live()
		cfg.Safe, cfg.Allow = true, []string{"restart"}
		Expect(result(run(ctx, cfg, "KOM-DUP-005"), "KOM-DUP-005").Verdict).To(Equal(verdict.Pass))
	}, SpecTimeout(limit))

	It("kill at a receipt that the seed draws", func(ctx SpecContext) {
		at := func(seed uint64) int {
			m := &mortal{keeps: true}
			cfg := m.live()
			cfg.Seed = seed
			receipts := 0
			kill := cfg.Hooks.Kill
			cfg.Hooks.Kill = observe.ActionFunc(func(ctx context.Context, env ...string) error {
				m.mu.Lock()
				if receipts == 0 {
					receipts = len(m.seen)
				}
				m.mu.Unlock()
				return kill.Run(ctx, env...)
			})
			Expect(result(run(ctx, cfg, "KOM-DUR-001"), "KOM-DUR-001").Verdict).To(Equal(verdict.Pass))
			return receipts
		}
		// The gate's own events are among those seen, and up to three may be under way.
		drawn := map[int]bool{}
		for seed := range uint64(6) {
			n := at(seed)
			Expect(n).To(And(BeNumerically(">=", 6), BeNumerically("<=", 18+13)))
			drawn[n/4] = true
		}
		Expect(len(drawn)).To(BeNumerically(">", 1))
	}, SpecTimeout(limit))
})

var _ = Describe("the steps hook, resume, parallel and kill_after", func() {
	const text = `family: mine
group: restarts
consent: restart
cases:
  - name: mine
    times: 3
    steps:
      - emit: {}
      - deliver: {parallel: 2, kill_after: 2}
      - hook: {run: start}
      - deliver: {resume: delivery, attempts: 3, faults: [refuse]}
checks:
  - id: MINE-001
    level: must
    evidence: [wire, process]
    title: {en: mine}
    requirement: {en: mine}
    judge:
      - {then: pass}
`
	add := func(text string) error {
		file := filepath.Join(GinkgoT().TempDir(), "mine.yaml")
		Expect(os.WriteFile(file, []byte(text), 0o600)).To(Succeed())
		return new(language.Suite).Add(file)
	}

	It("are read", func() {
		Expect(add(text)).To(Succeed())
	})

	DescribeTable("tell mistakes and their place", func(old, with, say string) {
		Expect(text).To(ContainSubstring(old))
		Expect(add(strings.Replace(text, old, with, 1))).To(MatchError(And(MatchRegexp(`mine\.yaml:\d+:\d+: `), ContainSubstring(say))))
	},
		Entry("no such hook", "run: start", "run: stop", `"stop" is none of restart, kill, start, down, up`),
		Entry("a clock that goes back", "{run: start}", "{run: start, offset: -1h}", "may not be negative"),
		Entry("a clock that is no time", "{run: start}", "{run: start, offset: soon}", "expected a duration with its unit"),
		Entry("a clock without a start", "{run: start}", "{run: down, offset: 1h}", "only a restart or a start"),
		Entry("no consent", "consent: restart\n", "", "consent: restart"),
		Entry("an unknown exchange", "resume: delivery", "resume: delivry", "did you mean delivery?"),
		Entry("another event", "resume: delivery,", "resume: delivery, event: event,", "goes on with a delivery as it was"),
		Entry("more kills than receipts", "kill_after: 2", "kill_after: 4", "4 receipts of 3 deliveries"),
		Entry("a draw from above", "kill_after: 2", "kill_after: 2, kill_from: 3", "may not be more than kill_after"),
		Entry("too many at once", "parallel: 2", "parallel: 101", "from 0 to 100"),
		Entry("several of each", "parallel: 2", "parallel: 2, times: 2", "give the case more times"),
		Entry("no evidence of the process", "evidence: [wire, process]", "evidence: [wire]", "name process, too"),
		Entry("nothing that leaves", "attempts: 3, faults: [refuse]", "attempts: 1, faults: [refuse]", "none of its 1 attempts leaves"),
		Entry("two in one step", "- hook: {run: start}", "- hook: {run: start}\n        settle: true", "a step is one of"),
	)

	It("go on where an exchange stopped", func(ctx SpecContext) {
		gate, err := language.Builtin()
		Expect(err).NotTo(HaveOccurred())
		file := filepath.Join(GinkgoT().TempDir(), "mine.yaml")
		Expect(os.WriteFile(file, []byte(strings.Replace(text, "- {then: pass}", "- {answers: [\"2xx\"], then: pass}\n      - {then: fail}", 1)), 0o600)).To(Succeed())
		Expect(gate.Add(file)).To(Succeed())
		gate, err = gate.Select([]string{"MINE-001"}, nil)
		Expect(err).NotTo(HaveOccurred())
		m := &mortal{keeps: true}
		cfg := m.live()
		cfg.Kinds = []string{"order.placed"}
		runner, err := newRunner(cfg, gate)
		Expect(err).NotTo(HaveOccurred())
		rep, err := runner.Run(ctx)
		Expect(err).NotTo(HaveOccurred())
		r := result(rep, "MINE-001")
		Expect(r.Verdict).To(Equal(verdict.Pass))
		Expect(m.did()).To(Equal([]string{"kill +0h", "start +0h"}))
		Expect(rep.Run.Plan.Requests).To(Equal(1 + 3 + 3 + 1))
	}, SpecTimeout(5*time.Minute))
})

var _ = Describe("a practice receiver that is killed", Label("whole"), func() {
	It("keeps what it acknowledged, under a queue of its own, too", func(ctx SpecContext) {
		for _, flaw := range []string{"", "queue"} {
			rep := run(ctx, practise(practice.Config{Flaw: flaw}), needHooks()...)
			for _, id := range needHooks() {
				Expect(result(rep, id).Verdict).To(Equal(verdict.Pass), "%s %s: %v", flaw, id, result(rep, id))
			}
		}
	}, SpecTimeout(5*time.Minute))
})

var _ = Describe("what many connections bring at once", Label("whole"), func() {
	const limit = 5 * time.Minute
	loads := []string{"KOM-RTY-007", "KOM-BRS-001"}

	It("is taken by a good receiver, and timed", func(ctx SpecContext) {
		m := &mortal{keeps: true}
		rep := run(ctx, m.live(), loads...)
		for _, id := range loads {
			Expect(result(rep, id).Verdict).To(Equal(verdict.Pass), "%v", result(rep, id))
		}
		Expect(result(rep, "KOM-BRS-001").Found.EN).To(MatchRegexp(`; 460 responses: p50 .+, p95 .+, max `))
		Expect(len(m.seen)).To(BeNumerically(">=", 250))
	}, SpecTimeout(limit))

	It("is a warning where it is taken only after retries, and says how many", func(ctx SpecContext) {
		m := &mortal{keeps: true}
		cfg := m.live()
		var mu sync.Mutex
		refused := map[string]bool{}
		cfg.Target = configFor(receiveAny(func(w http.ResponseWriter, r *http.Request, p post) bool {
			mu.Lock()
			again := refused[p.Event.ID]
			refused[p.Event.ID] = true
			few := len(refused) < 100
			mu.Unlock()
			if !again && !few && p.Valid {
				w.WriteHeader(http.StatusInternalServerError)
				return true
			}
			return m.answer(w, r, p)
		}).URL).Target
		r := result(run(ctx, cfg, "KOM-BRS-001"), "KOM-BRS-001")
		Expect(r.Verdict).To(Equal(verdict.Warn))
		Expect(r.Found.EN).To(MatchRegexp(`^500, then 204, in 1\d\d of 200 deliveries; the same in all 14 cases; [78]\d\d responses: `))
	}, SpecTimeout(limit))

	It("ends where the receiver refuses the pace, and is no fault of its", func(ctx SpecContext) {
		m := &mortal{keeps: true}
		cfg := m.live()
		posts := 0
		var mu sync.Mutex
		cfg.Target = configFor(receiveAny(func(w http.ResponseWriter, r *http.Request, p post) bool {
			mu.Lock()
			defer mu.Unlock()
			if posts++; posts > 30 {
				w.Header().Set("Retry-After", "3600")
				w.WriteHeader(http.StatusTooManyRequests)
				return true
			}
			return m.answer(w, r, p)
		}).URL).Target
		rep := run(ctx, cfg, loads...)
		Expect(reds(rep)).To(BeEmpty())
		for _, id := range loads {
			Expect(result(rep, id).Verdict).To(Equal(verdict.Inconclusive))
			Expect(result(rep, id).Reason.EN).To(ContainSubstring("limits the rate"))
		}
		// Two groups of 10 connections at the most hit the wall, and a sentinel behind each.
		Expect(posts).To(BeNumerically("<=", 30+8+10+1+4))
		Expect(rep.Elapsed).To(BeNumerically("<", 20*time.Second))
	}, SpecTimeout(limit))

	It("is not held against the limits of another machine whose owner allows it", func() {
		suite, err := language.Builtin()
		Expect(err).NotTo(HaveOccurred())
		cfg := (&mortal{keeps: true}).live()
		cfg.Safe, cfg.Allow = true, []string{"burst"}
		runner, err := newRunner(cfg, suite)
		Expect(err).NotTo(HaveOccurred())
		Expect(runner.Plan().Events).To(BeNumerically(">", 250))
		cfg.Allow = nil
		runner, err = newRunner(cfg, suite)
		Expect(err).NotTo(HaveOccurred())
		Expect(runner.Plan().Events).To(BeNumerically("<=", 60))
	})
})
