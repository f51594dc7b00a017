package scenarios_test

import (
	"crypto/tls"
	"os"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/examples/receivers"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/simulator/diagnose"
)

var _ = Describe("the catalogue on real receivers", Label("whole", "unraced"), func() {
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

			rep := run(ctx, configFor(rec.WebhookURL), everything)
			Expect(reds(rep)).To(Equal(want), rec.Log())
			if code == "" {
				return
			}
			if certainty == diagnose.Possible {
				Expect(result(rep, "KOM-CSR-001").Verdict).To(Equal(verdict.Inconclusive))
			}
			for _, r := range rep.Results {
				if len(want) > 0 && want[0] == r.ID+" "+string(r.Verdict) {
					Expect(r.Diagnosis).NotTo(BeNil())
					Expect(r.Diagnosis.Code).To(Equal(code))
					Expect(r.Diagnosis.Certainty).To(Equal(certainty))
					return
				}
			}
			Fail("nothing to diagnose")
		},
		Entry("the guide's PHP", SpecTimeout(5*time.Minute), "php-guia", nil, "", diagnose.Certainty("")),
		// The guide's JSON.parse raises on a body that is no JSON, and Sinatra makes a 500 of it.
		Entry("the guide's Sinatra", SpecTimeout(5*time.Minute), "sinatra-guia", []string{"KOM-MAL-001 warn", "KOM-MAL-002 warn"}, "", diagnose.Certainty("")),
		Entry("careful PHP", SpecTimeout(5*time.Minute), "php-cuidadoso", nil, "", diagnose.Certainty("")),
		Entry("careful Sinatra", SpecTimeout(5*time.Minute), "sinatra-cuidadoso", nil, "", diagnose.Certainty("")),
		Entry("Go", SpecTimeout(5*time.Minute), "go-minimo", nil, "", diagnose.Certainty("")),
		Entry("Laravel with the guide's exception", SpecTimeout(5*time.Minute), "laravel", nil, "", diagnose.Certainty("")),
		Entry("Laravel without it", SpecTimeout(5*time.Minute), "laravel-csrf", []string{"KOM-CSR-001 fail"}, "csrf.laravel", diagnose.Certain),
		Entry("Laravel without it, debugging", SpecTimeout(5*time.Minute), "laravel-csrf-debug", []string{"KOM-CSR-001 fail"}, "csrf.laravel", diagnose.Certain),
		Entry("PHP that fails behind a 200", SpecTimeout(5*time.Minute), "php-fatal", []string{"KOM-ACK-003 fail", "KOM-LEA-001 warn"}, "ack.php-error", diagnose.Certain),
		Entry("PHP that warns behind a 200", SpecTimeout(5*time.Minute), "php-warning", []string{"KOM-ACK-003 warn", "KOM-LEA-001 warn"}, "ack.php-error", diagnose.Likely),
		Entry("nginx before nothing", SpecTimeout(5*time.Minute), "nginx-caido", []string{"KOM-ACK-001 fail"}, "gateway.bad", diagnose.Certain),
		Entry("nginx with a file", SpecTimeout(5*time.Minute), "nginx-estatico", []string{"KOM-ACK-001 fail"}, "method.not-allowed", diagnose.Certain),
		Entry("nginx with a folder", SpecTimeout(5*time.Minute), "nginx-barra", []string{"KOM-ACK-002 fail"}, "redirect.slash", diagnose.Certain),
		Entry("nginx before careful PHP", SpecTimeout(5*time.Minute), "nginx-delante", nil, "", diagnose.Certainty("")),
		Entry("nginx before Laravel without the exception", SpecTimeout(5*time.Minute), "nginx-laravel-csrf", []string{"KOM-CSR-001 fail"}, "csrf.laravel", diagnose.Certain),
		Entry("Django, exempt", SpecTimeout(5*time.Minute), "django", nil, "", diagnose.Certainty("")),
		Entry("Django", SpecTimeout(5*time.Minute), "django-csrf", []string{"KOM-CSR-001 fail"}, "csrf.django", diagnose.Certain),
		Entry("Django, debugging", SpecTimeout(5*time.Minute), "django-csrf-debug", []string{"KOM-CSR-001 fail"}, "csrf.django", diagnose.Certain),
		Entry("Flask, exempt", SpecTimeout(5*time.Minute), "flask", nil, "", diagnose.Certainty("")),
		Entry("Flask with Flask-WTF", SpecTimeout(5*time.Minute), "flask-csrf", []string{"KOM-CSR-001 fail"}, "csrf.flask", diagnose.Certain),
		Entry("Rails, exempt", SpecTimeout(5*time.Minute), "rails", nil, "", diagnose.Certainty("")),
		Entry("Rails", SpecTimeout(5*time.Minute), "rails-csrf", []string{"KOM-CSR-001 fail"}, "csrf.rails", diagnose.Likely),
		Entry("Rails without its error pages", SpecTimeout(5*time.Minute), "rails-csrf-vacio", []string{"KOM-CSR-001 fail"}, "csrf.rails", diagnose.Likely),
		Entry("Rails in development", SpecTimeout(5*time.Minute), "rails-csrf-debug", []string{"KOM-CSR-001 fail", "KOM-LEA-001 warn"}, "csrf.rails", diagnose.Certain),
		Entry("Sinatra, exempt", SpecTimeout(5*time.Minute), "sinatra", nil, "", diagnose.Certainty("")),
		Entry("Sinatra with Rack's token", SpecTimeout(5*time.Minute), "sinatra-csrf", []string{"KOM-CSR-001 fail"}, "csrf.rack", diagnose.Likely),
		Entry("Express, exempt", SpecTimeout(5*time.Minute), "express", nil, "", diagnose.Certainty("")),
		Entry("Express with csurf and its cookie", SpecTimeout(5*time.Minute), "express-csurf-cookie", []string{"KOM-CSR-001 fail"}, "csrf.express", diagnose.Certain),
		Entry("Express with csurf in development", SpecTimeout(5*time.Minute), "express-csurf-debug", []string{"KOM-CSR-001 fail", "KOM-LEA-001 warn"}, "csrf.express", diagnose.Certain),
		Entry("Express with csurf and no session", SpecTimeout(5*time.Minute), "express-csurf-sin-sesion-debug", []string{"KOM-CSR-001 fail", "KOM-LEA-001 warn"}, "csrf.express", diagnose.Certain),
		Entry("Express with lusca in development", SpecTimeout(5*time.Minute), "express-lusca-debug", []string{"KOM-CSR-001 fail", "KOM-LEA-001 warn"}, "csrf.express", diagnose.Certain),
		Entry("Express with its own size limit", SpecTimeout(5*time.Minute), "express-100kb", []string{"KOM-PAY-007 warn"}, "body.too-large", diagnose.Certain),
		// Their page says Forbidden and no more, as that of any next(403); a path that does not exist gets it, too.
		Entry("Express with csurf", SpecTimeout(5*time.Minute), "express-csurf", []string{"KOM-CSR-001 fail"}, "csrf.express", diagnose.Likely),
		Entry("Express with lusca", SpecTimeout(5*time.Minute), "express-lusca", []string{"KOM-CSR-001 fail"}, "csrf.express", diagnose.Likely),
	)

	DescribeTable("knows nginx's certificate and its size limit",
		func(ctx SpecContext, send func(leaf, intermediate *authority) tls.Certificate, want []string) {
			available, err := receivers.Require(ctx, os.Stderr, "nginx-tls")
			Expect(err).NotTo(HaveOccurred())
			if len(available) == 0 {
				Skip("nginx-tls cannot be started here")
			}
			root := (*authority)(nil).delegate("Spec root")
			intermediate := root.delegate("Spec R3")
			leaf := intermediate.issue(nil)
			options := receivers.Options{Dir: GinkgoT().TempDir()}
			leaf.write(options.Dir, send(leaf, intermediate))
			rec, err := receivers.Start(ctx, "nginx-tls", options)
			Expect(err).NotTo(HaveOccurred())
			DeferCleanup(rec.Close)

			cfg := configFor(strings.Replace(rec.WebhookURL, "http:", "https:", 1))
			cfg.Wire.RootCAs = root.pool()
			rep := run(ctx, cfg, everything)
			Expect(reds(rep)).To(Equal(want), rec.Log())
			if want != nil {
				Expect(result(rep, "KOM-TLS-001").Diagnosis.Rule).To(Equal("tls-incomplete"))
				return
			}
			Expect(result(rep, "KOM-TLS-001").Verdict).To(Equal(verdict.Pass))
			Expect(result(rep, "KOM-TLS-003").Verdict).To(Equal(verdict.Pass))
			Expect(result(rep, size).Found.EN).To(MatchRegexp(`^accepts up to (1\.0 MB|10[0-2][0-9] KB), rejects 1\.[12] MB \(413\)$`))
		},
		Entry("with fullchain.pem", SpecTimeout(5*time.Minute), func(leaf, intermediate *authority) tls.Certificate { return leaf.pair(intermediate) }, nil),
		Entry("with cert.pem", SpecTimeout(5*time.Minute), func(leaf, _ *authority) tls.Certificate { return leaf.pair() }, []string{"KOM-TLS-001 fail"}),
	)
})
