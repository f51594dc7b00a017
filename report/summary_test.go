package report_test

import (
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/report/view"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// verdicts are all that there are.
var verdicts = []verdict.Verdict{
	verdict.Pass, verdict.Fail, verdict.Warn, verdict.Info,
	verdict.NotObserved, verdict.NotApplicable, verdict.Inconclusive, verdict.Error,
}

func judged(vs ...verdict.Verdict) *verdict.Report {
	r := &verdict.Report{}
	for _, v := range vs {
		r.Results = append(r.Results, verdict.Result{ID: "KOM-X-001", Level: verdict.Must, Verdict: v})
	}
	return r
}

// onList puts checks, by their place, on a list of known failures.
func onList(r *verdict.Report, at ...int) *verdict.Report {
	for _, i := range at {
		r.Results[i].Known = &verdict.Known{Pattern: "KOM-X-001", File: "known.txt", Line: i + 1}
	}
	return r
}

// blind has an observer that saw no effect of any event.
func blind(r *verdict.Report) *verdict.Report {
	r.Profile = verdict.Profile{Observer: "log", Effects: []verdict.KindEffects{{Kind: "order.placed"}, {Kind: "order.paid"}}}
	return r
}

var _ = Describe("the summary", func() {
	DescribeTable("concludes", func(r *verdict.Report, o view.Options, want view.Conclusion, exit int) {
		s := view.Summarize(r, o)
		Expect(s.Conclusion).To(Equal(want))
		Expect(s.Exit).To(Equal(exit))
	},
		Entry("conforms", judged(verdict.Pass), view.Options{}, view.Conforms, 0),
		Entry("conforms with a warning", judged(verdict.Pass, verdict.Warn), view.Options{}, view.Conforms, 0),
		Entry("conforms where a check does not apply", judged(verdict.Pass, verdict.NotApplicable), view.Options{RequireEffects: true}, view.Conforms, 0),
		Entry("not with a warning under --strict", judged(verdict.Pass, verdict.Warn), view.Options{Strict: true}, view.DoesNotConform, 1),
		Entry("not with a failure", judged(verdict.Pass, verdict.Fail, verdict.NotObserved), view.Options{}, view.DoesNotConform, 1),
		Entry("less than conforming without evidence", judged(verdict.Pass, verdict.NotObserved), view.Options{}, view.NoFaults, 0),
		Entry("less than conforming where something stood in the way", judged(verdict.Pass, verdict.Inconclusive), view.Options{}, view.NoFaults, 0),
		Entry("not enough under --require effects", judged(verdict.Pass, verdict.NotObserved), view.Options{RequireEffects: true}, view.NoFaults, 4),
		Entry("a failure under --require effects", judged(verdict.Fail, verdict.NotObserved), view.Options{RequireEffects: true}, view.DoesNotConform, 1),
		Entry("inconclusive where the observer that there is saw nothing at all", blind(judged(verdict.Pass, verdict.NotObserved)), view.Options{}, view.Blind, 4),
		Entry("conforms where nothing depends on it", blind(judged(verdict.Pass)), view.Options{}, view.Conforms, 0),
		Entry("not with a failure of one that nobody sees", blind(judged(verdict.Fail, verdict.NotObserved)), view.Options{}, view.DoesNotConform, 1),
		Entry("inconclusive", judged(verdict.Inconclusive, verdict.NotObserved), view.Options{}, view.Inconclusive, 4),
		Entry("nothing from nothing", judged(), view.Options{}, view.Inconclusive, 4),
		Entry("inconclusive where a warning stood in the way of the rest", judged(verdict.Warn, verdict.Inconclusive), view.Options{}, view.Inconclusive, 4),
		Entry("a warning alone", judged(verdict.Warn), view.Options{}, view.Conforms, 0),
		Entry("a known failure decides nothing", onList(judged(verdict.Pass, verdict.Fail), 1), view.Options{}, view.KnownFaults, 0),
		Entry("a failure beside a known one does", onList(judged(verdict.Pass, verdict.Fail, verdict.Fail), 1), view.Options{}, view.DoesNotConform, 1),
		Entry("a known warning decides nothing under --strict", onList(judged(verdict.Pass, verdict.Warn), 1), view.Options{Strict: true}, view.KnownFaults, 0),
		Entry("a known warning is a warning without it", onList(judged(verdict.Pass, verdict.Warn), 1), view.Options{}, view.Conforms, 0),
		Entry("a warning beside a known one decides under --strict", onList(judged(verdict.Warn, verdict.Warn), 1), view.Options{Strict: true}, view.DoesNotConform, 1),
		Entry("a listed check that passes fails the run", onList(judged(verdict.Pass, verdict.Pass), 0), view.Options{}, view.ListOutdated, 1),
		Entry("a failure is said before an outdated list", onList(judged(verdict.Pass, verdict.Fail), 0), view.Options{}, view.DoesNotConform, 1),
		Entry("what was not observed says nothing of the list", onList(judged(verdict.Pass, verdict.NotObserved), 1), view.Options{}, view.NoFaults, 0),
		Entry("what does not apply says nothing of the list", onList(judged(verdict.Pass, verdict.NotApplicable), 1), view.Options{}, view.Conforms, 0),
		Entry("what is inconclusive says nothing of the list", onList(judged(verdict.Inconclusive), 0), view.Options{}, view.Inconclusive, 4),
		Entry("a known failure does not stand for what it keeps from being judged", onList(judged(verdict.Fail, verdict.Inconclusive), 0), view.Options{}, view.Inconclusive, 4),
		Entry("a known failure alone", onList(judged(verdict.Fail), 0), view.Options{}, view.KnownFaults, 0),
		Entry("known failures are no proof of the rest", onList(judged(verdict.Fail, verdict.NotObserved), 0), view.Options{RequireEffects: true}, view.KnownFaults, 4),
		Entry("known failures where all is proved", onList(judged(verdict.Fail, verdict.Pass), 0), view.Options{RequireEffects: true}, view.KnownFaults, 0),
		Entry("our error although it is listed", onList(judged(verdict.Pass, verdict.Error), 1), view.Options{}, view.HarnessFailed, 5),
		Entry("our error before a failure", judged(verdict.Fail, verdict.Error), view.Options{}, view.HarnessFailed, 5),
		Entry("a verdict that nobody knows as our error", judged("maybe"), view.Options{}, view.HarnessFailed, 5),
		Entry("unreachable", &verdict.Report{Unreachable: true}, view.Options{}, view.Unreachable, 3),
		Entry("interrupted above all", &verdict.Report{Interrupted: true, Unreachable: true, Results: judged(verdict.Fail, verdict.Error).Results}, view.Options{}, view.Interrupted, 130),
	)

	It("counts causes, not only failures", func() {
		s := view.Summarize(fixtures()["red"], view.Options{})
		Expect(s.Fail).To(Equal(3))
		Expect(s.Causes).To(Equal(1))
		s = view.Summarize(judged(verdict.Fail, verdict.Fail), view.Options{})
		Expect(s.Causes).To(Equal(2))
	})
	It("says how much was observed", func() {
		s := view.Summarize(fixtures()["partial"], view.Options{})
		Expect(s.Sentence(lang.English)).To(Equal("no faults in what was observed (1 of 2 required checks)"))
		Expect(s.Sentence(lang.Spanish)).To(Equal("sin fallas en lo observado (1 de 2 pruebas obligatorias)"))
	})
	It("says which lines would prove how many more, the largest gain first", func() {
		r := judged(verdict.Pass)
		add := func(n int, level verdict.Level, enable string) {
			for range n {
				r.Results = append(r.Results, verdict.Result{ID: "KOM-Y-002", Level: level, Verdict: verdict.NotObserved, Enable: es(enable, enable), Title: es("Recuerda", "Remembers")})
			}
		}
		add(1, verdict.Must, "--allow malformed")
		add(2, verdict.Must, "--allow malformed\nobserve: {log: {file: a, pattern: b}}")
		add(4, verdict.Must, "observe: {log: {file: a, pattern: b}}")
		add(3, verdict.Must, "start: [a]\nkill: [b]\nobserve: {log: {file: a, pattern: b}}")
		add(9, verdict.Should, "--allow burst")
		out := render(r, view.Options{Lang: lang.English, Width: 300})
		Expect(out).To(ContainSubstring("? Not observed 19: Add observe: to test 5 of the 11 required checks; also --allow malformed to reach 8; also start: and kill: to reach 11.\n    observe:  KOM-Y-002, KOM-Y-002, KOM-Y-002, KOM-Y-002  (4 required)\n"))
		Expect(out).To(ContainSubstring("    Add to kometia-sim.yaml:\n      observe:\n        log: {file: a, pattern: b}\n      start: [a]\n      kill: [b]\n    Add to the command:  --allow malformed,burst\n"))
		Expect(out).To(ContainSubstring("Tested 1 of 11 required checks: all passed.\n"))
		Expect(out).NotTo(ContainSubstring("The gravest"))
		r.Results[5].Foremost = true
		Expect(render(r, view.Options{Lang: lang.Spanish, Width: 300})).To(ContainSubstring("La más importante que falta por probar: KOM-Y-002, recuerda."))
		r.Results[5].Verdict = verdict.Pass
		Expect(render(r, view.Options{Lang: lang.Spanish, Width: 300})).NotTo(ContainSubstring("Lo más grave"))
	})
	It("puts all that observes under one observe:, and names what the user has", func() {
		r := judged(verdict.Pass)
		for _, enable := range []string{"observe: {log: {file: a, pattern: b}}", "observe: {url: \"http://x/{event.id}\", state_map: {price: data.object.price}}", "observe: {sink: {erp: 127.0.0.1:9099}}"} {
			r.Results = append(r.Results, verdict.Result{ID: "KOM-Y-002", Level: verdict.Must, Verdict: verdict.NotObserved, Enable: es(enable, enable)})
		}
		out := render(r, view.Options{Lang: lang.English, Width: 200})
		Expect(out).To(ContainSubstring("Add observe: to test 2 of the 4 required checks; also state_map: to reach 3; also sink: to reach 4.\n"))
		Expect(out).To(ContainSubstring("Add to kometia-sim.yaml:\n      observe:\n        url: 'http://x/{event.id}'\n        state_map: {price: data.object.price}\n        sink: {erp: '127.0.0.1:9099'}\n"))
		out = render(r, view.Options{Lang: lang.English, Width: 200, Config: []string{"observe", "observe.log"}})
		Expect(out).To(ContainSubstring("In place of log:, put under observe: in kometia-sim.yaml:\n      url:"))
		Expect(out).To(ContainSubstring("url: and state_map: to reach"))
		Expect(out).NotTo(ContainSubstring("      observe:\n"))
	})
	It("proposes to say which kinds the receiver subscribes to, where it took only some", func() {
		r := judged(verdict.Pass)
		r.Profile = verdict.Profile{Status: 200, Asked: 13, Kinds: 2, Accepted: []string{"order.placed", "order.paid"}}
		Expect(render(r, view.Options{Lang: lang.English, Width: 200})).To(ContainSubstring("It accepted 2 of 13 event kinds. If it subscribes to those only, add to the command:  --kinds order.placed,order.paid"))
	})
	It("calls a selection one, and never conforming", func() {
		r := judged(verdict.Pass)
		r.Run.Plan = verdict.Plan{Checks: 1, Of: 62}
		s := view.Summarize(r, view.Options{})
		Expect(s.Conclusion).To(Equal(view.SelectedPassed))
		Expect(s.Sentence(lang.English)).To(Equal("selected checks passed (1 of 62)"))
		r = judged(verdict.Fail)
		r.Run.Plan = verdict.Plan{Checks: 1, Of: 62}
		Expect(render(r, view.Options{Lang: lang.English})).To(ContainSubstring("1 of 62 checks selected. Tested 1 of 1 required checks: 1 failed.\n"))
	})
	It("does not take a hunt that found nothing for conformance", func() {
		r := judged(verdict.Pass)
		r.Run.Hunt = true
		Expect(view.Summarize(r, view.Options{}).Conclusion).To(Equal(view.NothingFound))
		r = judged(verdict.Fail)
		r.Run.Hunt = true
		Expect(view.Summarize(r, view.Options{}).Conclusion).To(Equal(view.FaultsFound))
	})
	It("says in one sentence why, by what the receiver does, each cause once", func() {
		r := judged(verdict.Fail, verdict.Fail, verdict.Fail, verdict.Pass)
		for i, fault := range []string{"Acts twice on a duplicate", "Acts twice again", "Its clock is slow"} {
			r.Results[i].Fault, r.Results[i].Title = es("Actúa", fault), es("Requisito", "Requirement")
		}
		r.Results[0].Cause, r.Results[1].Cause = "dedupe", "dedupe"
		v := view.New(r, view.Options{Lang: lang.English})
		Expect(v.Why).To(Equal("Fails for 2 reasons: it acts twice on a duplicate (2 checks); its clock is slow."))
		Expect(v.Tested).To(Equal("Tested 4 of 4 required checks: 1 passed, 3 failed."))
		Expect([]string{v.Checks[0].Title, v.Checks[0].Requires, v.Checks[3].Title}).To(Equal([]string{"Acts twice on a duplicate", "Requirement", ""}))
		r.Results = r.Results[:2]
		Expect(view.New(r, view.Options{Lang: lang.English}).Why).To(Equal("Fails because it acts twice on a duplicate: 2 checks, 1 cause."))
		Expect(view.New(judged(verdict.Pass), view.Options{}).Why).To(BeEmpty())
	})
	It("leaves a body as it was sent that is nested beyond all reading", func() {
		deep := strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000)
		_, ok := view.Indented(deep, true, nil)
		Expect(ok).To(BeFalse())
		_, ok = view.Indented(strings.Repeat("[", 20)+"1"+strings.Repeat("]", 20), false, nil)
		Expect(ok).To(BeTrue())
	})
	It("says once of the run what would stand on many of its checks", func() {
		r := judged(verdict.Pass, verdict.Pass, verdict.Pass)
		for i := range r.Results {
			r.Results[i].Notes = []lang.Text{es("se cuenta por objeto", "counted by object")}
		}
		r.Results[0].Notes = append(r.Results[0].Notes, es("otra", "another"))
		v := view.New(r, view.Options{Lang: lang.English})
		Expect(v.Notes).To(Equal([]string{"counted by object (in 3 checks)"}))
		Expect(v.Checks[0].Notes).To(Equal([]string{"another"}))
		Expect(v.Checks[1].Notes).To(BeEmpty())
	})
	It("promises nothing where no line would prove more", func() {
		r := judged(verdict.Pass, verdict.Inconclusive, verdict.NotObserved)
		Expect(render(r, view.Options{Lang: lang.Spanish})).To(ContainSubstring("Pruebas obligatorias hechas: 1 de 3; pasan todas.\n"))
	})
	It("weighs MUSTs only", func() {
		r := judged(verdict.Pass, verdict.NotObserved)
		r.Results[1].Level = verdict.Should
		s := view.Summarize(r, view.Options{RequireEffects: true})
		Expect(s.Conclusion).To(Equal(view.Conforms))
		Expect([]int{s.MustObserved, s.MustTotal}).To(Equal([]int{1, 1}))
	})
	It("says the same conclusion in the documents' words as in its own", func() {
		for name, r := range fixtures() {
			s := view.Summarize(r, view.Options{})
			Expect(s.Sentence(lang.English)).To(HavePrefix(string(s.Conclusion)), name)
		}
	})
	It("shows every verdict", func() {
		r := fixtures()["green"]
		r.Results = nil
		for _, v := range verdicts {
			r.Results = append(r.Results, verdict.Result{ID: "KOM-V-" + string(v), Level: verdict.Should, Verdict: v, Title: es("título", "title")})
		}
		out := render(r, view.Options{Lang: lang.English, Verbose: true, Width: 300})
		for _, v := range verdicts {
			Expect(out).To(ContainSubstring("KOM-V-" + string(v)))
		}
		Expect(out).To(ContainSubstring("1 failed · 1 error of ours · 1 passed · 1 warning · 1 inconclusive · 1 not observed · 1 not applicable · 1 info"))
	})
})
