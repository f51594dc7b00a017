package scenarios_test

import (
	"os"
	"slices"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/examples/receivers"
	"github.com/kometia-sim/kometia-sim/simulator/diagnose"
)

var _ = Describe("the catalogue on real receivers", func() {
	DescribeTable("says of each what is so",
		func(ctx SpecContext, name string, want []string, code string, certainty diagnose.Certainty) {
			available, err := receivers.Require(ctx, os.Stderr, name)
			Expect(err).NotTo(HaveOccurred())
			if !slices.Contains(available, name) {
				Skip(name + " cannot be started here")
			}
			rec, err := receivers.Start(ctx, name, receivers.Options{})
			Expect(err).NotTo(HaveOccurred())
			DeferCleanup(rec.Close)

			rep := run(ctx, configFor(rec.WebhookURL))
			Expect(reds(rep)).To(Equal(want), rec.Log())
			if code == "" {
				return
			}
			for _, r := range rep.Results {
				if len(want) == 1 && want[0] == r.ID+" "+string(r.Verdict) {
					Expect(r.Diagnosis).NotTo(BeNil())
					Expect(r.Diagnosis.Code).To(Equal(code))
					Expect(r.Diagnosis.Certainty).To(Equal(certainty))
					return
				}
			}
			Fail("nothing to diagnose")
		},
		Entry("the guide's PHP", SpecTimeout(time.Minute), "php-guia", nil, "", diagnose.Certainty("")),
		// The guide's JSON.parse raises on a body that is no JSON, and Sinatra makes a 500 of it.
		Entry("the guide's Sinatra", SpecTimeout(time.Minute), "sinatra-guia", []string{"KOM-MAL-001 warn"}, "", diagnose.Certainty("")),
		Entry("careful PHP", SpecTimeout(time.Minute), "php-cuidadoso", nil, "", diagnose.Certainty("")),
		Entry("careful Sinatra", SpecTimeout(time.Minute), "sinatra-cuidadoso", nil, "", diagnose.Certainty("")),
		Entry("Go", SpecTimeout(time.Minute), "go-minimo", nil, "", diagnose.Certainty("")),
		Entry("Laravel with the guide's exception", SpecTimeout(time.Minute), "laravel", nil, "", diagnose.Certainty("")),
		Entry("Laravel without it", SpecTimeout(time.Minute), "laravel-csrf", []string{"KOM-CSR-001 fail"}, "csrf.laravel", diagnose.Certain),
		Entry("Laravel without it, debugging", SpecTimeout(time.Minute), "laravel-csrf-debug", []string{"KOM-CSR-001 fail"}, "csrf.laravel", diagnose.Certain),
		Entry("PHP that fails behind a 200", SpecTimeout(time.Minute), "php-fatal", []string{"KOM-ACK-003 fail"}, "ack.php-error", diagnose.Certain),
		Entry("PHP that warns behind a 200", SpecTimeout(time.Minute), "php-warning", []string{"KOM-ACK-003 warn"}, "ack.php-error", diagnose.Likely),
		Entry("nginx before nothing", SpecTimeout(time.Minute), "nginx-caido", []string{"KOM-ACK-001 fail"}, "gateway.bad", diagnose.Certain),
		Entry("nginx with a file", SpecTimeout(time.Minute), "nginx-estatico", []string{"KOM-ACK-001 fail"}, "method.not-allowed", diagnose.Certain),
		Entry("nginx with a folder", SpecTimeout(time.Minute), "nginx-barra", []string{"KOM-ACK-002 fail"}, "redirect.slash", diagnose.Certain),
	)
})
