package report_test

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"pgregory.net/rapid"

	"github.com/kometia-sim/kometia-sim/report/github"
	"github.com/kometia-sim/kometia-sim/report/view"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// workflowCommand is a line as the runner of GitHub Actions reads it
// (ActionCommand.TryParseV2, then TryParse).
type workflowCommand struct{ name, title, message string }

func workflowCommandOf(line string) (c workflowCommand, is bool) {
	unescape := func(s string, property bool) string {
		if property {
			s = strings.NewReplacer("%3A", ":", "%2C", ",").Replace(s)
		}
		return strings.ReplaceAll(strings.NewReplacer("%0D", "\r", "%0A", "\n").Replace(s), "%25", "%")
	}
	if rest, found := strings.CutPrefix(strings.TrimSpace(line), "::"); found {
		head, message, ended := strings.Cut(rest, "::")
		if !ended {
			return c, false
		}
		name, properties, _ := strings.Cut(head, " ")
		c.name, c.message = name, unescape(message, false)
		for _, p := range strings.Split(properties, ",") {
			if key, value, _ := strings.Cut(p, "="); strings.TrimSpace(key) == "title" {
				c.title = unescape(value, true)
			}
		}
		return c, true
	}
	if regexp.MustCompile(`##\[[^\]]+\]`).MatchString(line) {
		return workflowCommand{name: "##["}, true
	}
	return c, false
}

var _ = Describe("the annotations of GitHub", func() {
	all := storedRuns()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		It("tells "+name+" in lines that the runner reads as they are meant", func() {
			out := writeAs("github", all[name], view.Options{Lang: lang.English, CauseTitle: titles})
			if name == "red" || name == "gate" || name == "green" {
				golden("run-"+name+".github", out)
			}
			Expect(out).To(HaveSuffix("\n"))
			n := map[string]int{}
			for _, line := range strings.Split(strings.TrimSuffix(out, "\n"), "\n") {
				c, is := workflowCommandOf(line)
				Expect(is).To(BeTrue(), line)
				Expect(c.name).To(BeElementOf("error", "warning", "notice"), line)
				Expect(c.title).NotTo(BeEmpty(), line)
				n[c.name]++
			}
			Expect(max(n["error"], n["warning"], n["notice"])).To(BeNumerically("<=", 10))
			s := view.Summarize(all[name], view.Options{})
			red := s.Exit != view.ExitOK && s.Exit != view.ExitInconclusive && s.Exit != view.ExitInterrupted
			Expect(n["error"]).To(BeNumerically(map[bool]string{true: ">", false: "=="}[red], 0), name)
		})
	}
	It("counts what GitHub would not show", func() {
		r := huge(30)
		out := writeAs("github", r, view.Options{Lang: lang.English})
		Expect(strings.Count(out, "::error ")).To(Equal(10))
		Expect(out).To(MatchRegexp(`::error title=kometia-sim::and \d+ more\n`))
	})
	It("holds its grammar for every text", func() {
		rapid.Check(GinkgoT(), func(t *rapid.T) {
			text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{
				"::error::x", "%0A::add-mask::x", "a\r\n::stop-commands::x", "##[add-mask]x", "title=a,file=b::c", "%25%0D%3A", " ::warning x::",
			})).Draw(t, "text")
			r := fixtures()["mixed"]
			bad := refused()
			bad.ID, bad.Title, bad.Found, bad.Why, bad.Reproduce = "KOM-"+text, lang.Same(text), lang.Same(text), lang.Same(text), text
			r.Results = []verdict.Result{bad}
			var b strings.Builder
			if err := github.Write(&b, view.New(r, view.Options{})); err != nil {
				t.Fatal(err)
			}
			got := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
			if len(got) != 2 {
				t.Fatalf("%d lines: %q", len(got), b.String())
			}
			for _, line := range got {
				c, is := workflowCommandOf(line)
				if !is || c.name != "error" {
					t.Fatalf("%q is read as %+v", line, c)
				}
			}
			if c, _ := workflowCommandOf(got[1]); !strings.Contains(c.title, strings.TrimSpace(view.Safe("KOM-"+text))) && len(text) < 100 {
				t.Fatalf("%q lost %q", c.title, text)
			}
			for _, line := range strings.Split(github.Defuse(text), "\n") {
				if c, is := workflowCommandOf(line); is {
					t.Fatalf("%q is still the command %+v", line, c)
				}
			}
			for _, line := range strings.Split(writeAs("json", r, view.Options{}), "\n") {
				if c, is := workflowCommandOf(line); is {
					t.Fatalf("the JSON holds the command %+v", c)
				}
			}
		})
	})
})

var _ = Describe("the badge", func() {
	It("is a picture that says the verdict, for hostile runs too", func() {
		for name, r := range storedRuns() {
			out := writeAs("badge", r, view.Options{Lang: lang.English})
			Expect(wellFormed(out)).To(Succeed(), name)
			Expect(out).To(ContainSubstring(view.Summarize(r, view.Options{}).Sentence(lang.English)))
			if name == "green" || name == "red" {
				golden("run-"+name+".badge", out)
			}
		}
	})
})
