package scenarios_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/language/languagetest"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
)

// own runs one check of a scenario that a user wrote.
func own(ctx context.Context, cfg setup, id, text string) verdict.Result {
	GinkgoHelper()
	suite, err := withMine(text).Select([]string{id}, nil)
	Expect(err).NotTo(HaveOccurred())
	runner, err := newRunner(cfg, suite)
	Expect(err).NotTo(HaveOccurred())
	rep, err := runner.Run(ctx)
	Expect(err).NotTo(HaveOccurred())
	return result(rep, id)
}

// withMine is the catalogue with a scenario that a user wrote.
func withMine(text string) *language.Suite {
	GinkgoHelper()
	file := filepath.Join(GinkgoT().TempDir(), "mine.yaml")
	Expect(os.WriteFile(file, []byte(text), 0o600)).To(Succeed())
	suite, err := language.Builtin()
	Expect(err).NotTo(HaveOccurred())
	Expect(suite.Add(file)).To(Succeed())
	return suite
}

const eventID = `"id":\s*"(evn_[a-z0-9]+)"`

var _ = Describe("Runner", Label("whole"), func() {
	Describe("a user's scenario", func() {
		var rec *receiver

		play := func(ctx context.Context, text string) (*verdict.Report, error) {
			GinkgoHelper()
			suite := withMine(text)
			Expect(languagetest.Refusal(text)).To(Succeed(), "the published schema")
			suite, err := suite.Select([]string{"MY-*"}, nil)
			Expect(err).NotTo(HaveOccurred())
			runner, err := newRunner(configFor(rec.URL), suite)
			if err != nil {
				return nil, err
			}
			return runner.Run(ctx)
		}

		BeforeEach(func() { rec = receive(nil) })

		It("is played like a built-in one", func(ctx SpecContext) {
			rep, err := play(ctx, languagetest.Plain)
			Expect(err).NotTo(HaveOccurred())
			Expect(verdicts(rep)).To(Equal(map[string]verdict.Verdict{"MY-SHOP-001": verdict.Pass}))
		}, SpecTimeout(5*time.Minute))

		It("changes fields of the event", func(ctx SpecContext) {
			_, err := play(ctx, strings.Replace(languagetest.Plain, "emit: {}", "emit: {kind: order.placed, set: {data.object.customer_note: 'Sin cebolla'}}", 1))
			Expect(err).NotTo(HaveOccurred())
			Expect(rec.received()).To(ContainElement(HaveField("Body", ContainSubstring(`"customer_note":"Sin cebolla"`))))
		}, SpecTimeout(5*time.Minute))

		DescribeTable("is refused before the first request",
			func(ctx SpecContext, emit, message string) {
				_, err := play(ctx, strings.Replace(languagetest.Plain, "emit: {}", "emit: "+emit, 1))
				Expect(err).To(MatchError(ContainSubstring(message)))
				Expect(err).To(MatchError(MatchRegexp(`(?s)mine\.yaml:6:\d+: cases\[0\]\.steps\[0\]\.emit[.a-z]*: case plain: emit event: .*\n  6 \| [^\n]*\n    \| +\^`)))
				Expect(rec.received()).To(BeEmpty())
			},
			Entry("unknown kind", SpecTimeout(5*time.Minute), "{kind: order.create}", "order.created"),
			Entry("unknown field", SpecTimeout(5*time.Minute), "{kind: order.placed, set: {data.object.total_prize: 1}}", "total_price"),
			Entry("leaves the schema", SpecTimeout(5*time.Minute), "{kind: order.placed, set: {data.object.total_price: mucho}}", "outside: schema"),
		)
	})
})
