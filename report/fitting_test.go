package report_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/report/view"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// The texts of a check are written for its failure. What passed, or does not concern
// the receiver, is shown without them.
var _ = Describe("the texts of a check", func() {
	// accused is a result of a verdict with every text that a check has.
	accused := func(v verdict.Verdict) *verdict.Report {
		r := csrf()
		r.ID, r.Level, r.Verdict, r.Cause = "KOM-X-001", verdict.Must, v, ""
		r.Title, r.Fault, r.Why = lang.Same("TITLE"), lang.Same("ACCUSED"), lang.Same("WHY")
		r.Fix, r.Expected, r.Found = lang.Same("FIX"), lang.Same("EXPECTED"), lang.Same("FOUND")
		r.Diagnosis.Title, r.Diagnosis.Evidence, r.Diagnosis.Hint = lang.Same("CAUSE"), lang.Same("EVIDENCE"), lang.Same("HINT")
		out := fixtures()["green"]
		out.Results = append(out.Results, r)
		return out
	}
	DescribeTable("go with its verdict", func(v verdict.Verdict, never ...string) {
		o := view.Options{Lang: lang.English, Verbose: true, CauseTitle: titles}
		for _, format := range []string{"terminal", "html", "markdown", "github"} {
			out := writeAs(format, accused(v), o)
			for _, text := range never {
				Expect(out).NotTo(ContainSubstring(text), format)
			}
		}
	},
		Entry("passed", verdict.Pass, "ACCUSED", "WHY", "FIX", "CAUSE", "EVIDENCE", "HINT"),
		Entry("not applicable", verdict.NotApplicable, "ACCUSED", "WHY", "FIX", "CAUSE", "EVIDENCE", "HINT", "EXPECTED", "FOUND"),
		Entry("only told", verdict.Info, "WHY", "FIX", "CAUSE", "EVIDENCE", "HINT", "EXPECTED"),
		Entry("not observed", verdict.NotObserved, "ACCUSED", "FIX", "CAUSE", "EVIDENCE", "HINT"),
		Entry("inconclusive", verdict.Inconclusive, "ACCUSED", "FIX"),
		Entry("an error of ours", verdict.Error, "ACCUSED", "WHY", "FIX"),
	)
	It("are all there of a failure", func() {
		out := writeAs("html", accused(verdict.Fail), view.Options{Lang: lang.English, CauseTitle: titles})
		for _, text := range []string{"ACCUSED", "WHY", "FIX", "CAUSE", "EVIDENCE", "EXPECTED", "FOUND"} {
			Expect(out).To(ContainSubstring(text))
		}
	})
	It("hold over all reports that are stored as golden files", func() {
		quiet := 0
		for name, r := range fixtures() {
			for _, c := range view.New(r, view.Options{CauseTitle: titles}).Checks {
				switch c.Verdict {
				case verdict.Pass, verdict.NotApplicable, verdict.Info, view.Outdated:
					quiet++
					Expect(c.Why+c.Remedy).To(BeEmpty(), name+" "+c.ID)
					Expect(c.Diagnosis).To(BeNil(), name+" "+c.ID)
					Expect(append(c.Fixes, c.Foremost...)).To(BeEmpty(), name+" "+c.ID)
				}
			}
		}
		Expect(quiet).To(BeNumerically(">", 8))
	})
	It("title information by what was seen", func() {
		r := accused(verdict.Info)
		checks := view.New(r, view.Options{Lang: lang.English}).Checks
		Expect(checks[len(checks)-1].Title).To(Equal("ACCUSED"))
		r.Results[len(r.Results)-1].Fault = lang.Text{}
		checks = view.New(r, view.Options{Lang: lang.English}).Checks
		Expect(checks[len(checks)-1].Title).To(Equal("TITLE"))
	})
})

var _ = Describe("the command that checks a fix", func() {
	It("runs all checks of a cause again, with what the user ran", func() {
		checks := view.New(fixtures()["red"], view.Options{Lang: lang.English}).Checks
		Expect(checks[0].Verify).To(Equal("kometia-sim run KOM-RTY-003 KOM-DUP-002 KOM-DUP-003 --seed 7 --ids new --target http://localhost:8000/kometia/webhook"))
		for _, format := range []string{"terminal", "html", "markdown"} {
			out := writeAs(format, fixtures()["red"], view.Options{Lang: lang.English, Width: 300})
			if format == "html" {
				root, err := inspect(out, len(fixtures()["red"].Results))
				Expect(err).NotTo(HaveOccurred())
				out = text(classed(root, "ol", "fixes")[0])
			}
			Expect(out).To(ContainSubstring("KOM-RTY-003 KOM-DUP-002 KOM-DUP-003 --seed 7"), format)
		}
	})
	It("replays the case of a finding", func() {
		r := fuzzed()
		r.Results[0].Reproduce = "kometia-sim replay 1f2e3d4c5b"
		Expect(view.New(r, view.Options{}).Checks[0].Verify).To(Equal("kometia-sim replay 1f2e3d4c5b"))
	})
})

var _ = Describe("findings of fuzz in the same fields", func() {
	same := func(id, variant, found string, v verdict.Verdict) verdict.Result {
		f := fuzzed().Results[0]
		f.ID, f.Variant, f.Verdict, f.Found, f.Cause = id, variant, v, lang.Same(found), ""
		return f
	}
	It("are told as one where they break the same rule, or were met in the same way", func() {
		r := fuzzed()
		r.Results = []verdict.Result{
			same("no-server-error", "order.paid 3c", "500", verdict.Warn),
			same("valid-accepted", "order.placed 1a", "500", verdict.Fail),
			same("valid-accepted", "order.paid 2b", "400", verdict.Fail),
			same("state-converges", "order.paid 4d", "cut", verdict.Fail),
		}
		v := view.New(r, view.Options{Lang: lang.English})
		var told []bool
		for _, c := range v.Checks {
			told = append(told, c.Told)
		}
		Expect(told).To(Equal([]bool{true, false, true, false}))
		Expect(view.Texts(v.Checks[1].Also)).To(Equal([]string{"valid-accepted order.paid 2b", "no-server-error order.paid 3c"}))
		out := render(r, view.Options{Lang: lang.English, Width: 120})
		Expect(out).To(ContainSubstring("Also in valid-accepted order.paid 2b, no-server-error order.paid 3c"))
	})
	It("tell what a history of a single delivery has found, too, where it was answered alike", func() {
		r := fuzzed()
		alone := r.Results[0]
		alone.Variant = "order.placed 9a8b"
		alone.Finding = &verdict.Finding{ID: "9a8b", Kind: "order.placed", What: "order.placed", Phase: "histories"}
		alone.Found = lang.Textf("tampoco después de 48 h: %s", "not even after 48 h: %s", alone.Found)
		r.Results = append(r.Results, alone)
		last := func() view.Check { c := view.New(r, view.Options{Lang: lang.English}).Checks; return c[len(c)-1] }
		Expect(last().Told).To(BeTrue())
		Expect(last().Finding.Breaks).To(Equal([]string{"a single delivery of order.placed"}))
		Expect(render(r, view.Options{Lang: lang.English})).To(ContainSubstring("Also in valid-accepted order.placed 9a8b"))
		r.Results[len(r.Results)-1].Finding.What = "order.placed, +1h order.placed again"
		Expect(last().Told).To(BeFalse())
	})
	It("say how long a value is of which they show the beginning", func() {
		r := fuzzed()
		r.Results[0].Finding.Changes = []verdict.Change{{Path: "data.name", Normal: `"Ana"`, Here: `"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…(5000)`}}
		Expect(view.New(r, view.Options{Lang: lang.English}).Checks[0].Finding.Breaks).To(ConsistOf(HaveSuffix(`aaa… (5000 characters); normally "Ana"`)))
	})
})
