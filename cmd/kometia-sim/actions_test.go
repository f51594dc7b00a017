package main_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// actionsCommands are what the runner of GitHub Actions takes for commands in
// what a step prints.
func actionsCommands(said string) (names []string) {
	for line := range strings.Lines(said) {
		if m := regexp.MustCompile(`^\s*::([a-z-]+).*::`).FindStringSubmatch(line); m != nil {
			names = append(names, m[1])
		} else if regexp.MustCompile(`##\[[^\]]+\]`).MatchString(line) {
			names = append(names, "##[")
		}
	}
	return names
}

var _ = Describe("a step of GitHub Actions", Label("whole", "unraced"), func() {
	var sh *shell
	BeforeEach(func() {
		sh = newShell()
		sh.env["GITHUB_ACTIONS"], sh.env["CI"] = "true", "true"
		sh.env["GITHUB_STEP_SUMMARY"] = sh.write("summary.md", "# before\n")
	})
	hostile := func() string {
		rec := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			_, _ = io.Copy(io.Discard, req.Body)
			w.Header().Set("X-Evil", "::error::header")
			w.WriteHeader(http.StatusInternalServerError)
			fmt.Fprintf(w, "<title>::add-mask::%s</title>\r\n::stop-commands::x\n  ::add-mask::y\n##[add-mask]secret %s", strings.Repeat("long words ", 8), "::error::x")
		}))
		DeferCleanup(rec.Close)
		return rec.URL
	}

	It("annotates and adds to the summary by itself, and lets no receiver give commands", func() {
		url := hostile()
		for _, args := range [][]string{{"run", "KOM-ACK-*"}, {"fuzz", "order.paid", "--max-requests", "50"}} {
			res := sh.run(append(args, "--target", url)...)
			Expect(res.code).NotTo(Equal(0))
			names := actionsCommands(res.out + res.err)
			Expect(names).NotTo(BeEmpty(), res.err)
			for _, name := range names {
				Expect(name).To(BeElementOf("error", "warning", "notice"))
			}
		}
		Expect(actionsCommands(sh.run("send", "order.paid", "--to", url).out)).To(BeEmpty())
		Expect(sh.read("summary.md")).To(HavePrefix("# before\n"))
		Expect(strings.Count(sh.read("summary.md"), "\n## ")).To(BeNumerically(">=", 2))
	})
	DescribeTable("lets no receiver give commands by a report on standard output, and leaves files as they are", func(format string) {
		url := hostile()
		res := sh.run("run", "KOM-ACK-*", "--verbose", "--target", url, "--report", format, "--report", "json=r.json")
		Expect(res.code).To(Equal(1), res.err)
		Expect(actionsCommands(strings.ReplaceAll(res.out, "\r", "\n"))).To(BeEmpty())
		Expect(sh.run("run", "KOM-ACK-*", "--verbose", "--target", url, "--report", format+"=/dev/stderr").err).NotTo(MatchRegexp(`(?m)##\[|^\s*::(add-mask|stop-commands)`))
		again := sh.run("report", "r.json", "--verbose", "--report", format)
		Expect(actionsCommands(strings.ReplaceAll(again.out, "\r", "\n"))).To(BeEmpty())
		Expect(sh.run("report", "r.json", "--verbose", "--report", format+"=r.out").code).To(Equal(0))
		if format == "markdown" {
			Expect(actionsCommands(sh.read("r.out"))).NotTo(BeEmpty(), "the receiver says nothing that would be one")
		}
	}, Entry("terminal", "terminal"), Entry("markdown", "markdown"), Entry("html", "html"), Entry("junit", "junit"), Entry("json", "json"), Entry("badge", "badge"))
	It("annotates once where that is asked for, and not without a wish elsewhere", func() {
		rec := newReceiver(500)
		res := sh.run("run", "KOM-ACK-001", "--target", rec.URL, "--report", "github")
		Expect(actionsCommands(res.out)).To(ContainElement("error"))
		Expect(actionsCommands(res.err)).To(BeEmpty())
		delete(sh.env, "GITHUB_ACTIONS")
		res = sh.run("run", "KOM-ACK-001", "--target", rec.URL)
		Expect(actionsCommands(res.out + res.err)).To(BeEmpty())
		Expect(strings.Count(sh.read("summary.md"), "\n## ")).To(Equal(1))
	})
	It("says when the summary cannot be written", func() {
		sh.env["GITHUB_STEP_SUMMARY"] = filepath.Join(sh.dir, "none", "summary.md")
		res := sh.run("run", "KOM-ACK-001", "--target", newReceiver(204).URL)
		Expect(res.code).To(Equal(5))
		Expect(res.err).To(ContainSubstring("GITHUB_STEP_SUMMARY could not be written"))
	})
})
