package view_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/report/view"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/diagnose"
)

var _ = Describe("the fix of a check", func() {
	DescribeTable("stands first where it knows more than the diagnosis",
		func(d diagnose.Diagnosis, passes bool, first string) {
			d.Hint = lang.Same("the diagnosis")
			d.Fixes = []diagnose.Fix{{Text: lang.Same("the diagnosis")}}
			result := verdict.Result{ID: "KOM-DUP-001", Level: verdict.Must, Verdict: verdict.Fail, Fix: lang.Same("the check"), Diagnosis: &d, Passes: passes}
			checks := view.New(&verdict.Report{Results: []verdict.Result{result}}, view.Options{Lang: lang.English}).Checks
			Expect(checks).To(HaveLen(1))
			Expect(checks[0].Fixes[0].Text).To(Equal(first))
			Expect(checks[0].Fixes).To(HaveLen(2), "the other one stands below")
		},
		Entry("a general code where normal events pass", diagnose.Diagnosis{Code: "server.error", Certainty: diagnose.Likely, General: true}, true, "the check"),
		Entry("the same where none passes", diagnose.Diagnosis{Code: "server.error", Certainty: diagnose.Likely, General: true}, false, "the diagnosis"),
		Entry("a special code", diagnose.Diagnosis{Code: "csrf.laravel", Certainty: diagnose.Certain}, true, "the diagnosis"),
		Entry("one that is only possible", diagnose.Diagnosis{Code: "csrf.generic", Certainty: diagnose.Possible}, false, "the check"),
	)
})
