package scenarios_test

import (
	"context"
	"os"
	"os/exec"
	"slices"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/examples/receivers"
	"github.com/kometia-sim/kometia-sim/scenarios"
	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/simulator/api"
)

// verifying are the examples that ask the API, with the field in which each keeps
// an order's total.
var verifying = map[string]string{"php-cuidadoso": "total_price", "sinatra-cuidadoso": "total_price", "django": "total", "express": "total"}

// verifier is one of them, and the run that tries it.
type verifier struct {
	*receivers.Running
	runner *scenarios.Runner
	report *verdict.Report
	err    error
}

var _ = It("real receivers that verify by the API keep what KOM-VER asks for", Label("whole", "unraced"), func(ctx SpecContext) {
	var all []*verifier
	for name, field := range verifying {
		available, err := receivers.Require(ctx, os.Stderr, name)
		Expect(err).NotTo(HaveOccurred())
		if !slices.Contains(available, name) {
			continue
		}
		const key = "sk_test_1234567890"
		simulated := api.NewSimulated(api.SimulatedConfig{Key: key, OtherKey: "sk_test_0987654321"})
		server, err := api.Serve(ctx, "", simulated)
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(server.Close)
		v := &verifier{}
		v.Running, err = receivers.Start(ctx, name, receivers.Options{Env: map[string]string{"KOMETIA_API_URL": server.URL, "KOMETIA_API_KEY": key}})
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(v.Close)

		cfg := configFor(v.WebhookURL)
		cfg.API, cfg.Auth, cfg.Kinds = simulated, language.AuthAPI, []string{"order.placed"}
		cfg.StateMap, cfg.Observing = map[string]string{field: "data.object.total_price"}, "url"
		cfg.Observer, err = observe.New(ctx, observe.Config{URL: v.URL + "/efectos/{event.id}", StateMap: cfg.StateMap})
		Expect(err).NotTo(HaveOccurred())
		suite, err := language.Builtin()
		Expect(err).NotTo(HaveOccurred())
		suite, err = suite.Select([]string{"KOM-VER-*"}, nil)
		Expect(err).NotTo(HaveOccurred())
		v.runner, err = newRunner(cfg, suite)
		Expect(err).NotTo(HaveOccurred())
		all = append(all, v)
	}
	if len(all) == 0 {
		Skip("none of them can be started here")
	}
	// Side by side: each mostly waits for its own question to time out.
	var running sync.WaitGroup
	for _, v := range all {
		running.Go(func() { v.report, v.err = v.runner.Run(ctx) })
	}
	running.Wait()
	for _, v := range all {
		Expect(v.err).NotTo(HaveOccurred(), v.Name)
		Expect(v.report.Results).To(HaveLen(4))
		for _, r := range v.report.Results {
			Expect(r.Verdict).To(Equal(verdict.Pass), "%s %s: %s %s\n%s", v.Name, r.ID, r.Found.EN, r.Reason.EN, v.Log())
		}
		Expect(v.report.Notes).To(BeEmpty(), v.Name)
	}
}, SpecTimeout(2*time.Minute))

var _ = It("a real receiver finds in the API what expired", Label("whole", "unraced"), func(ctx SpecContext) {
	available, err := receivers.Require(ctx, os.Stderr, "php-cuidadoso")
	Expect(err).NotTo(HaveOccurred())
	if len(available) == 0 {
		Skip("PHP is not here")
	}
	const key = "sk_test_1234567890"
	simulated := api.NewSimulated(api.SimulatedConfig{Key: key})
	server, err := api.Serve(ctx, "", simulated)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(server.Close)
	data := GinkgoT().TempDir()
	env := map[string]string{"KOMETIA_API_URL": server.URL, "KOMETIA_API_KEY": key, "KOMETIA_DATOS": data}
	php, err := receivers.Start(ctx, "php-cuidadoso", receivers.Options{Env: env})
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(php.Close)

	run := func(job ...string) verdict.Result {
		cfg := configFor(php.WebhookURL)
		cfg.API, cfg.Observing = simulated, "url"
		cfg.Observer, err = observe.New(ctx, observe.Config{URL: php.URL + "/efectos/{event.id}"})
		Expect(err).NotTo(HaveOccurred())
		cfg.Hooks.Reconcile = observe.ActionFunc(func(ctx context.Context, _ ...string) error {
			cmd := exec.CommandContext(ctx, "php", job...)
			cmd.Env = os.Environ()
			for name, value := range env {
				cmd.Env = append(cmd.Env, name+"="+value)
			}
			out, err := cmd.CombinedOutput()
			GinkgoWriter.Printf("%s", out)
			return err
		})
		suite, err := language.Builtin()
		Expect(err).NotTo(HaveOccurred())
		suite, err = suite.Select([]string{"KOM-REC-001"}, nil)
		Expect(err).NotTo(HaveOccurred())
		runner, err := newRunner(cfg, suite)
		Expect(err).NotTo(HaveOccurred())
		report, err := runner.Run(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(report.Results).To(HaveLen(1))
		return report.Results[0]
	}
	good := run("../examples/php-cuidadoso/ponerse-al-dia.php")
	Expect(good.Verdict).To(Equal(verdict.Pass), "%s %s", good.Found.EN, good.Reason.EN)
	Expect(len(good.Cases)).To(BeNumerically(">", 10), "one of each kind")
	idle := run("-r", "exit(0);")
	Expect(idle.Verdict).To(Equal(verdict.Warn), "%s %s", idle.Found.EN, idle.Reason.EN)
	Expect(idle.Found.EN).To(ContainSubstring("0 effects"))
	broken := run("-r", "exit(1);")
	Expect(broken.Verdict).To(Equal(verdict.Inconclusive), "a job that fails says nothing of what it does")
}, SpecTimeout(2*time.Minute))
