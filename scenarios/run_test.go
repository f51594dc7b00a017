package scenarios_test

import (
	"context"
	"fmt"
	"slices"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/scenarios"
	"github.com/kometia-sim/kometia-sim/scenarios/emit"
	"github.com/kometia-sim/kometia-sim/scenarios/language"
	undertest "github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

type (
	runConfig      = scenarios.Config
	receiverConfig = undertest.Config
	// setup is a run and its receiver before either is made.
	setup struct {
		runConfig
		receiverConfig
	}
)

func configFor(url string) setup {
	GinkgoHelper()
	target, err := wire.ParseTarget(url)
	Expect(err).NotTo(HaveOccurred())
	return setup{
		runConfig{Settings: emit.Settings{Seed: 7, IDs: "4k2p", Start: time.Now().UTC().Truncate(time.Second)}, StartFixed: true},
		receiverConfig{Target: target, UserAgent: "Kometia-Sim/test"},
	}
}

// newRunner makes the receiver and the run.
func newRunner(cfg setup, suite *language.Suite) (*scenarios.Runner, error) {
	rec, err := undertest.New(cfg.receiverConfig)
	if err != nil {
		return nil, err
	}
	DeferCleanup(rec.Close)
	return scenarios.NewRunner(rec, cfg.runConfig, suite)
}

// queueless is configFor a receiver that works nothing off later, and says so:
// else a run waits for it before it repeats what it refuses.
func queueless(rec *receiver) setup {
	GinkgoHelper()
	cfg := configFor(rec.URL)
	cfg.Drain = observe.ActionFunc(drained)
	return cfg
}

// everything selects the whole catalogue.
const everything = "KOM-*"

// run plays the checks that one of only names; without any, the whole catalogue
// but for the search for the largest body and the sweep of contents, which cost as
// much as all else and have specs of their own.
func run(ctx context.Context, cfg setup, only ...string) *verdict.Report {
	GinkgoHelper()
	suite, err := language.Builtin()
	Expect(err).NotTo(HaveOccurred())
	var skip []string
	if len(only) == 0 {
		skip = []string{size, "KOM-PAY-012"}
	}
	suite, err = suite.Select(only, skip)
	Expect(err).NotTo(HaveOccurred())
	runner, err := newRunner(cfg, suite)
	Expect(err).NotTo(HaveOccurred())
	rep, err := runner.Run(ctx)
	Expect(err).NotTo(HaveOccurred())
	// One more where the gate is closed: the check that says why.
	wanted := slices.DeleteFunc(slices.Clone(rep.Results), func(r verdict.Result) bool { return !suite.Wants(r.ID) })
	Expect(wanted).To(HaveLen(len(suite.Checks())))
	Expect(len(rep.Results)).To(BeNumerically("<=", len(wanted)+1))
	return rep
}

func verdicts(rep *verdict.Report) map[string]verdict.Verdict {
	out := map[string]verdict.Verdict{}
	for _, r := range rep.Results {
		out[r.ID] = r.Verdict
	}
	return out
}

// reds lists what a run holds against the receiver.
func reds(rep *verdict.Report) (out []string) {
	for _, r := range rep.Results {
		if r.Verdict == verdict.Fail || r.Verdict == verdict.Warn || r.Verdict == verdict.Error {
			out = append(out, fmt.Sprintf("%s %s", r.ID, r.Verdict))
		}
	}
	return out
}

func result(rep *verdict.Report, id string) verdict.Result {
	GinkgoHelper()
	for _, r := range rep.Results {
		if r.ID == id {
			return r
		}
	}
	Fail("no result for " + id)
	return verdict.Result{}
}
