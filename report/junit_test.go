package report_test

import (
	"encoding/xml"
	"errors"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/report/view"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

type suites struct {
	Suites []struct {
		Name     string `xml:"name,attr"`
		Tests    int    `xml:"tests,attr"`
		Failures int    `xml:"failures,attr"`
		Errors   int    `xml:"errors,attr"`
		Skipped  int    `xml:"skipped,attr"`
		Cases    []struct {
			Name    string    `xml:"name,attr"`
			Failure *struct{} `xml:"failure"`
			Error   *struct{} `xml:"error"`
			Skipped *struct {
				Message string `xml:"message,attr"`
			} `xml:"skipped"`
			Out string `xml:"system-out"`
		} `xml:"testcase"`
	} `xml:"testsuite"`
}

// wellFormed reads the whole document, as strictly as encoding/xml does.
func wellFormed(s string) error {
	d := xml.NewDecoder(strings.NewReader(s))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

func parsed(s string) suites {
	GinkgoHelper()
	var v suites
	Expect(wellFormed(s)).To(Succeed())
	Expect(xml.Unmarshal([]byte(s), &v)).To(Succeed())
	Expect(v.Suites).To(HaveLen(1))
	return v
}

// strays are what a document has that the junit-10 form of Jenkins' xUnit plugin,
// which is the strictest that is in use, does not know or misses.
func strays(document string) (out []string) {
	GinkgoHelper()
	forms := map[string]struct {
		within, needs, may string
	}{
		"testsuites": {"", "", "name time tests failures errors"},
		"testsuite":  {"testsuites testsuite", "name tests failures errors", "group time skipped timestamp hostname id package file log url"},
		"properties": {"testsuite", "", ""},
		"property":   {"properties", "name value", ""},
		"testcase":   {"testsuite", "name", "time classname group"},
		"failure":    {"testcase", "", "type message"},
		"error":      {"testcase", "", "type message"},
		"skipped":    {"testcase", "", "type message"},
		"system-out": {"testcase testsuite", "", ""},
		"system-err": {"testcase testsuite", "", ""},
	}
	has := func(list, word string) bool { return slices.Contains(strings.Fields(list), word) }
	within := []string{""}
	d := xml.NewDecoder(strings.NewReader(document))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return out
		}
		Expect(err).NotTo(HaveOccurred())
		switch t := token.(type) {
		case xml.StartElement:
			name, parent := t.Name.Local, within[len(within)-1]
			within = append(within, name)
			form, known := forms[name]
			if !known || parent != form.within && !has(form.within, parent) {
				out = append(out, parent+"/"+name)
				continue
			}
			given := map[string]string{}
			for _, a := range t.Attr {
				given[a.Name.Local] = a.Value
				if !has(form.needs+" "+form.may, a.Name.Local) {
					out = append(out, name+": "+a.Name.Local)
				}
			}
			for _, need := range strings.Fields(form.needs) {
				if _, there := given[need]; !there {
					out = append(out, name+": no "+need)
				}
			}
			if took, timed := given["time"]; timed && !regexp.MustCompile(`^[0-9]*(\.[0-9]+)?$`).MatchString(took) {
				out = append(out, name+": time is "+took)
			}
		case xml.EndElement:
			within = within[:len(within)-1]
		}
	}
}

var _ = Describe("the JUnit report", func() {
	all := fixtures()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		It("tells "+name, func() {
			out := writeAs("junit", all[name], view.Options{Lang: lang.English, CauseTitle: titles})
			golden("run-"+name+".junit", out)
			suite := parsed(out).Suites[0]
			sum := view.Summarize(all[name], view.Options{})
			Expect(suite.Failures).To(Equal(sum.Fail + sum.Outdated))
			Expect(suite.Skipped).To(Equal(sum.NotObserved + sum.NotApplicable + sum.Inconclusive + sum.Known))
			Expect(suite.Tests).To(Equal(len(suite.Cases)))
			names := map[string]bool{}
			for _, c := range suite.Cases {
				Expect(names).NotTo(HaveKey(c.Name))
				names[c.Name] = true
			}
			red := suite.Failures+suite.Errors > 0
			Expect(red).To(Equal(sum.Exit != view.ExitOK && sum.Exit != view.ExitInconclusive))
		})
	}

	It("makes a warning a failure under --strict", func() {
		suite := parsed(writeAs("junit", all["mixed"], view.Options{Strict: true})).Suites[0]
		Expect(suite.Failures).To(Equal(3))
		suite = parsed(writeAs("junit", all["mixed"], view.Options{})).Suites[0]
		Expect(suite.Failures).To(Equal(2))
		for _, c := range suite.Cases {
			if strings.HasPrefix(c.Name, "KOM-LAT-002 ") {
				Expect(c.Failure).To(BeNil())
				Expect(c.Out).To(ContainSubstring("6.2 s"))
			}
		}
	})
	It("tells one check of several variants apart", func() {
		r := &verdict.Report{Run: run()}
		for _, v := range []string{"order.placed", "order.paid", "order.paid", ""} {
			r.Results = append(r.Results, verdict.Result{ID: "KOM-ACK-001", Variant: v, Verdict: verdict.Pass, Title: es("Lo recibe", "Takes it")})
		}
		var names []string
		for _, c := range parsed(writeAs("junit", r, view.Options{Lang: lang.English})).Suites[0].Cases {
			names = append(names, c.Name)
		}
		Expect(names).To(Equal([]string{
			"KOM-ACK-001 Takes it · order.placed", "KOM-ACK-001 Takes it · order.paid", "KOM-ACK-001 Takes it · order.paid (2)", "KOM-ACK-001 Takes it",
		}))
	})
	It("names the cases of several subscriptions apart, and the same whatever was found", func() {
		names, suites := map[string]int{}, map[string]bool{}
		for _, of := range []int{1, 2} {
			for _, found := range []verdict.Verdict{verdict.Pass, verdict.Fail} {
				r := fixtures()["mixed"]
				r.Run.Subscription, r.Run.Target, r.Interrupted, r.Unreachable = &verdict.Subscription{Number: of, Of: 2}, "http://localhost/same", true, true
				for i := range r.Results {
					r.Results[i].Verdict = found
				}
				suite := parsed(writeAs("junit", r, view.Options{})).Suites[0]
				suites[suite.Name] = true
				for _, c := range suite.Cases {
					names[c.Name]++
				}
			}
		}
		Expect(suites).To(HaveLen(2))
		Expect(len(names)).To(BeNumerically(">", 20))
		for name, n := range names {
			Expect(n).To(Equal(2), name) // in each of the two runs of its subscription
		}
	})
	It("says when it began, and how long each check took", func() {
		r := fixtures()["red"]
		r.Run.Began = start.Add(90 * time.Minute)
		out := writeAs("junit", r, view.Options{})
		Expect(out).To(And(ContainSubstring(`timestamp="2026-01-01T01:30:00"`), ContainSubstring(`time="0.310"`)))
		Expect(writeAs("junit", fuzzed(), view.Options{})).NotTo(ContainSubstring(`time="0.000"`))
	})
	It("is what Jenkins' junit-10.xsd takes", func() {
		runs := storedRuns()
		for name, r := range runs {
			Expect(strays(writeAs("junit", r, view.Options{Strict: true}))).To(BeEmpty(), name)
		}
		Expect(strays(`<testsuites><testsuite name="a" tests="1" errors="0" failures="0" time="1 s"><testcase classname="x" line="3"><why/></testcase></testsuite></testsuites>`)).To(
			ConsistOf("testsuite: time is 1 s", "testcase: no name", "testcase: line", "testcase/why"))
	})
	It("satisfies xmllint, where there is one", func(ctx SpecContext) {
		lint, err := exec.LookPath("xmllint")
		if err != nil {
			Skip("no xmllint here")
		}
		for name := range all {
			path := filepath.Join(GinkgoT().TempDir(), "report.xml")
			Expect(os.WriteFile(path, []byte(writeAs("junit", all[name], view.Options{})), 0o600)).To(Succeed())
			out, err := exec.CommandContext(ctx, lint, "--noout", path).CombinedOutput()
			Expect(err).NotTo(HaveOccurred(), string(out))
		}
	})
})
