package report_test

import (
	"encoding/xml"
	"errors"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/report/view"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

type suites struct {
	Suites []struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Errors   int `xml:"errors,attr"`
		Skipped  int `xml:"skipped,attr"`
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
			if c.Name == "KOM-LAT-002" {
				Expect(c.Failure).To(BeNil())
				Expect(c.Out).To(ContainSubstring("6.2 s"))
			}
		}
	})
	It("tells one check of several variants apart", func() {
		r := &verdict.Report{Run: run()}
		for _, v := range []string{"order.placed", "order.paid", "order.paid", ""} {
			r.Results = append(r.Results, verdict.Result{ID: "KOM-ACK-001", Variant: v, Verdict: verdict.Pass})
		}
		var names []string
		for _, c := range parsed(writeAs("junit", r, view.Options{})).Suites[0].Cases {
			names = append(names, c.Name)
		}
		Expect(names).To(Equal([]string{"KOM-ACK-001 order.placed", "KOM-ACK-001 order.paid", "KOM-ACK-001 order.paid (2)", "KOM-ACK-001"}))
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
