package main_test

import (
	"fmt"
	"net/http/httptest"
	"os"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/report/ndjson/ndjsontest"
)

var _ = Describe("report", Label("whole", "unraced"), func() {
	var sh *shell
	BeforeEach(func() { sh = newShell() })

	It("writes the reports of a run again as the run wrote them", func() {
		dup := []string{"run", "KOM-DUP-*", "KOM-ACK-*", "--target", "practice:dedupe-memory"}
		for _, language := range []string{"es", "en"} {
			sh.env["LANG"] = language + "_MX.UTF-8"
			res := sh.run(append(dup, "--strict", "--report", "json=a.json", "--report", "html=a.html", "--report", "junit=a.xml", "--report", "markdown=a.md")...)
			Expect(res.code).To(Equal(1), res.err)
			Expect(ndjsontest.Mistakes(sh.read("a.json"))).To(BeEmpty())
			all := lines(sh.read("a.json"))
			Expect(ofType(all, "begin")).NotTo(BeEmpty())
			Expect(ofType(all, "receiver")).To(HaveLen(1))

			sh.env["LANG"] = "en_US.UTF-8" // of whoever reads it later
			res = sh.run("report", "a.json", "--report", "html=b.html", "--report", "junit=b.xml", "--report", "markdown=b.md", "--report", "json=b.json")
			Expect(res.code).To(Equal(0), res.err)
			for _, ext := range []string{".html", ".xml", ".md"} {
				Expect(sh.read("b"+ext)).To(Equal(sh.read("a"+ext)), ext)
			}
			Expect(sh.run("report", "b.json", "--report", "json=c.json").code).To(Equal(0))
			Expect(sh.read("c.json")).To(Equal(sh.read("b.json")))
		}
		res := sh.run("report", "a.json", "--lang", "es", "--report", "markdown")
		Expect(res.out).To(ContainSubstring("Actúa una sola vez ante un duplicado"))
	})

	It("tells a run of several subscriptions, one after the other", func() {
		one, two := newReceiver(204), newReceiver(500)
		sh.write("kometia-sim.yaml", fmt.Sprintf("subscriptions: [{url: %s/a, kinds: [order.paid]}, {url: %s/b, kinds: [product.updated]}]\n", one.URL, two.URL))
		sh.stdin = sh.run("run", "KOM-ACK-001", "--report", "json").out
		Expect(ndjsontest.Mistakes(sh.stdin)).To(BeEmpty())
		res := sh.run("report", "-", "--report", "junit=r.xml")
		Expect(res.code).To(Equal(0), res.err)
		Expect(sh.read("r-1.xml")).To(ContainSubstring(one.URL))
		Expect(sh.read("r-2.xml")).To(And(ContainSubstring(two.URL), ContainSubstring("<failure")))
		Expect(strings.Index(res.out, one.URL)).To(BeNumerically("<", strings.Index(res.out, two.URL)))
	})

	It("tells of a hunt that was cut off what it had found", func() {
		rec := httptest.NewServer(&nullable{})
		DeferCleanup(rec.Close)
		res := sh.run("fuzz", "customer.created", "--target", rec.URL, "--seed", "7", "--max-requests", "300", "--report", "json=f.json")
		Expect(res.code).To(Equal(1), res.err)
		whole := sh.read("f.json")
		Expect(ndjsontest.Mistakes(whole)).To(BeEmpty())
		all := lines(whole)
		Expect(ofType(all, "finding")).NotTo(BeEmpty())
		found := ofType(all, "check")[0]["finding"].(map[string]any)
		Expect(found["changes"]).To(ContainElement(HaveKeyWithValue("path", ContainSubstring("default_address"))))

		cut := whole[:strings.Index(whole, `{"type":"check"`)]
		sh.write("cut.json", cut+`{"type":"chec`)
		res = sh.run("report", "cut.json")
		Expect(res.code).To(Equal(0), res.err)
		Expect(res.out).To(And(ContainSubstring("CUT OFF"), ContainSubstring("valid-accepted"), ContainSubstring("may have")))
	})

	It("says what is wrong with what it is given", func() {
		good := "KOM-ACK-001"
		sh.run("run", good, "--target", newReceiver(204).URL, "--report", "json=a.json")
		text := sh.read("a.json")
		for content, said := range map[string]string{
			"": "holds no run", "{}\n": "does not begin with the line of a run", "[]\n" + text: "line 1: ",
			strings.Replace(text, `"version":1`, `"version":9`, 1):         "version 9",
			text[:strings.Index(text, "\n")+1] + "{\n" + text:              "line 2: ",
			sh.run("send", "order.paid", "--to", "practice", "--json").out: "is of send --json",
			strings.Repeat("[", 100_000) + "\n":                            "line 1: ",
		} {
			sh.write("bad.json", content)
			res := sh.run("report", "bad.json")
			Expect(res.code).To(Equal(2), "%.80q\n%s", content, res.out)
			Expect(res.err).To(And(ContainSubstring("bad.json"), ContainSubstring(said)))
		}
		Expect(sh.run("report").code).To(Equal(2))
		Expect(sh.run("report", "none.json").code).To(Equal(2))
	})

	It("validates the lines of send, too", func() {
		res := sh.run("send", "order.placed", "order.paid", "--to", newReceiver(503).URL, "--retry", "--json")
		Expect(res.code).To(Equal(1))
		Expect(ndjsontest.Mistakes(res.out)).To(BeEmpty())
		all := lines(res.out)
		Expect(len(ofType(all, "attempt"))).To(BeNumerically(">=", 98))
		Expect(ofType(all, "sending")).To(HaveLen(len(ofType(all, "attempt"))))
		Expect(all[1]).To(HaveKeyWithValue("type", "sending"))
	})
})

var _ = Describe("compare", Label("whole", "unraced"), func() {
	It("says what got better and worse, and exits with it", func() {
		sh := newShell()
		run := func(file, target string, checks ...string) {
			res := sh.run(append([]string{"run", "--target", target, "--report", "json=" + file}, checks...)...)
			Expect(res.code).To(BeElementOf(0, 1), res.err)
		}
		run("bad.json", "practice:dedupe-memory", "KOM-DUP-00[25]", "KOM-ACK-001")
		run("good.json", "practice", "KOM-DUP-00[256]")
		res := sh.run("compare", "good.json", "bad.json")
		Expect(res.code).To(Equal(1), res.err)
		Expect(res.out).To(And(MatchRegexp(`KOM-DUP-005 .*passed → failed`), ContainSubstring("1 new"), ContainSubstring("1 gone"), ContainSubstring("kometia-sim run KOM-DUP-005")))
		res = sh.run("compare", "bad.json", "good.json", "--format", "markdown")
		Expect(res.code).To(Equal(0), res.err)
		Expect(res.out).To(And(ContainSubstring("## kometia-sim: What changed"), ContainSubstring("better"), ContainSubstring("failed → passed")))
		Expect(sh.run("compare", "good.json", "good.json").out).To(ContainSubstring("Nothing changed."))

		res = sh.run("report", "bad.json", "--baseline", "good.json", "--report", "html=since.html")
		Expect(res.code).To(Equal(0), res.err)
		Expect(res.out).To(MatchRegexp(`Since the run of .*1 worse`))
		Expect(sh.read("since.html")).To(And(ContainSubstring("What changed since the earlier run"), MatchRegexp(`KOM-DUP-005</span> <span class="note">passed → failed`)))
		for _, wrong := range []string{"none.json", "since.html"} {
			res = sh.run("run", "KOM-ACK-001", "--target", "practice", "--baseline", wrong)
			Expect(res.code).To(Equal(2), res.out)
			Expect(res.err).To(And(ContainSubstring("--baseline: "), ContainSubstring(wrong)))
		}

		data := sh.read("good.json")
		sh.write("cut.json", data[:strings.Index(data, `{"type":"end"`)/2])
		res = sh.run("compare", "good.json", "cut.json", "--lang", "es")
		Expect(res.code).To(Equal(4), res.out)
		Expect(res.out).To(ContainSubstring("ya sin resultado"))
		Expect(sh.run("compare", "good.json").code).To(Equal(2))
		Expect(sh.run("compare", "good.json", "bad.json", "--format", "pdf").code).To(Equal(2))
	})
})

// cutOff is what a process that was killed left in a file: nothing but whole
// lines, or one that is not at the end.
func cutOff(path string) []map[string]any {
	GinkgoHelper()
	data, err := os.ReadFile(path)
	Expect(err).NotTo(HaveOccurred())
	text := string(data)
	return lines(text[:strings.LastIndex(text, "\n")+1])
}
