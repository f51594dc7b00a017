package report_test

import (
	"bytes"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/report/markdown"
	"github.com/kometia-sim/kometia-sim/report/terminal"
	"github.com/kometia-sim/kometia-sim/report/view"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

var _ = Describe("a comparison", func() {
	check := func(id string, v verdict.Verdict) verdict.Result {
		return verdict.Result{ID: id, Level: verdict.Must, Verdict: v, Title: lang.Same("does " + id), Reproduce: "kometia-sim run " + id}
	}
	found := func(oracle, id string) verdict.Result {
		r := check(oracle, verdict.Fail)
		r.Finding = &verdict.Finding{ID: id}
		return r
	}
	compare := func(before, now []verdict.Result) *view.Comparison {
		return view.Compare(&verdict.Report{Results: before}, &verdict.Report{Results: now}, view.Options{Lang: lang.English})
	}
	names := func(ds []view.Difference) (out []string) {
		for _, d := range ds {
			out = append(out, d.ID)
		}
		return out
	}

	It("puts every change in its group", func() {
		c := compare([]verdict.Result{
			check("A", verdict.Pass), check("B", verdict.Fail), check("C", verdict.Warn), check("D", verdict.Pass), check("E", verdict.NotObserved),
			check("F", verdict.Inconclusive), check("G", verdict.Pass), check("H", verdict.Fail), check("gone", verdict.Fail), check("I", verdict.NotApplicable),
		}, []verdict.Result{
			check("A", verdict.Fail), check("B", verdict.Pass), check("C", verdict.Fail), check("D", verdict.NotObserved), check("E", verdict.Fail),
			check("F", verdict.Pass), check("G", verdict.Pass), check("H", verdict.Warn), check("new", verdict.Fail), check("I", verdict.NotObserved),
		})
		Expect(names(c.Worse)).To(Equal([]string{"A", "C", "E"}))
		Expect(names(c.Better)).To(Equal([]string{"B", "F", "H"}))
		Expect(names(c.Lost)).To(Equal([]string{"D"}))
		Expect(names(c.Added)).To(Equal([]string{"new"}))
		Expect(names(c.Gone)).To(Equal([]string{"gone"}))
		Expect(c.Same).To(Equal(2))
		Expect(c.Sentence).To(Equal("3 worse, 3 better, 1 no longer judged, 1 new, 1 gone, 2 unchanged"))
		Expect(c.Exit).To(Equal(view.ExitFailed))
		Expect(c.Worse[0].Change()).To(Equal("passed → failed"))
	})
	It("exits by what it found", func() {
		one := func(v verdict.Verdict) []verdict.Result { return []verdict.Result{check("A", v)} }
		for _, c := range []struct {
			before, now verdict.Verdict
			exit        int
		}{
			{verdict.Pass, verdict.Pass, view.ExitOK},
			{verdict.Fail, verdict.Fail, view.ExitOK},
			{verdict.Pass, verdict.Warn, view.ExitFailed},
			{verdict.Fail, verdict.Error, view.ExitInconclusive},
			{verdict.Pass, verdict.NotApplicable, view.ExitOK},
		} {
			Expect(compare(one(c.before), one(c.now)).Exit).To(Equal(c.exit), "%v", c)
		}
	})
	It("holds findings of fuzz by their case", func() {
		c := compare([]verdict.Result{found("valid-accepted", "aa"), found("valid-accepted", "bb"), check("no-hang", verdict.Pass), found("no-leak", "cc")},
			[]verdict.Result{found("valid-accepted", "bb"), found("valid-accepted", "dd"), found("no-hang", "ee"), check("no-leak", verdict.Pass)})
		Expect(names(c.Worse)).To(Equal([]string{"valid-accepted dd", "no-hang ee"}))
		Expect(names(c.Better)).To(Equal([]string{"valid-accepted aa", "no-leak cc"}))
		Expect(c.Same).To(Equal(1))
		Expect(c.Lost).To(BeEmpty())
	})
	It("is told in both languages, also where texts are hostile", func() {
		before, now := fixtures()["mixed"], evil()
		for _, tag := range []lang.Tag{lang.Spanish, lang.English} {
			c := view.Compare(before, now, view.Options{Lang: tag})
			var text, page bytes.Buffer
			Expect(terminal.WriteComparison(&text, c, view.Options{Lang: tag})).To(Succeed())
			Expect(markdown.WriteComparison(&page, c)).To(Succeed())
			for _, out := range []string{text.String(), page.String()} {
				Expect(out).NotTo(ContainSubstring("\x1b"))
				Expect(strings.ToValidUTF8(out, "?")).To(Equal(out))
			}
			Expect(page.String()).NotTo(Or(ContainSubstring("<script"), ContainSubstring("<img"), MatchRegexp(`[^\\]\]\(http`)))
		}
	})
})
