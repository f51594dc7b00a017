package main_test

import (
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("run --known-failing", func() {
	var sh *shell
	BeforeEach(func() { sh = newShell() })

	// The receiver answers 500 to everything, so that KOM-ACK-001 fails.
	broken := func() *receiver { return newReceiver(500) }

	check := func(res result, id string) map[string]any {
		GinkgoHelper()
		for _, c := range ofType(lines(res.out), "check") {
			if c["id"] == id {
				return c
			}
		}
		Fail("no check " + id + " in\n" + res.out)
		return nil
	}
	end := func(res result) map[string]any { return ofType(lines(res.out), "end")[0] }

	It("keeps a listed failure from deciding, and shows it with its reason", func() {
		sh.write("known.txt", "# what we know\n\nkom-ack-001   # SHOP-12: the old shop, \"until May\"\r\n")
		res := sh.run("run", "KOM-ACK-001", "--target", broken().URL, "--known-failing", "known.txt", "--report", "json", "--report", "terminal=t.txt", "--report", "junit=r.xml", "--kinds", "order.paid")
		Expect(res.code).To(Equal(0), res.out+res.err)
		Expect(check(res, "KOM-ACK-001")).To(And(HaveKeyWithValue("result", "fail"),
			HaveKeyWithValue("known", map[string]any{"pattern": "kom-ack-001", "reason": `SHOP-12: the old shop, "until May"`, "file": "known.txt", "line": 3.0})))
		Expect(end(res)).To(And(HaveKeyWithValue("fail", 0.0), HaveKeyWithValue("known", 1.0), HaveKeyWithValue("exit", 0.0), HaveKeyWithValue("verdict", HavePrefix("no faults but the known ones"))))
		Expect(sh.read("t.txt")).To(And(ContainSubstring("SHOP-12"), ContainSubstring("known.txt:3"), ContainSubstring("1 known failure")))
		Expect(sh.read("r.xml")).To(And(ContainSubstring(`failures="0"`), ContainSubstring(`<skipped message="known failure: SHOP-12`)))
	})

	It("lets what is not listed decide as ever", func() {
		sh.write("known.txt", "KOM-ACK-001\n")
		res := sh.run("run", "KOM-ACK-001", "KOM-ACK-002", "--target", newReceiver(302).URL, "--known-failing", "known.txt", "--report", "json")
		Expect(res.code).To(Equal(1), res.out)
		Expect(check(res, "KOM-ACK-002")).To(And(HaveKeyWithValue("result", "fail"), HaveKeyWithValue("known", BeNil())))
		Expect(check(res, "KOM-ACK-001")).To(HaveKeyWithValue("result", "inconclusive"))
		Expect(end(res)).To(And(HaveKeyWithValue("known", 0.0), HaveKeyWithValue("fail", 1.0)))
	})

	DescribeTable("fails the run when a listed check passes", func(list, told string) {
		sh.write("known.txt", list)
		res := sh.run("run", "KOM-ACK-001", "--target", newReceiver(204).URL, "--known-failing", "known.txt", "--report", "terminal", "--report", "json=r.json")
		Expect(res.code).To(Equal(1), res.out)
		Expect(strings.Join(strings.Fields(res.out), " ")).To(And(ContainSubstring(told), ContainSubstring("THE LIST OF KNOWN FAILURES IS OUT OF DATE")))
		last := lines(sh.read("r.json"))
		Expect(last[len(last)-1]).To(And(HaveKeyWithValue("known_outdated", 1.0), HaveKeyWithValue("exit", 1.0)))
	},
		Entry("by its id", "# one\nKOM-ACK-001\n", "passes now: take it off the list (known.txt:2)"),
		Entry("by a pattern", "KOM-ACK-*  # all of them\n", "passes now, and KOM-ACK-* lists it as failing: keep only those on the list that fail (known.txt:1)"),
	)

	It("decides nothing on checks that were not selected", func() {
		sh.write("known.txt", "KOM-RTY-*\nKOM-LAT-001\n")
		res := sh.run("run", "KOM-ACK-001", "--target", newReceiver(204).URL, "--known-failing", "known.txt")
		Expect(res.code).To(Equal(0), res.out)
	})

	It("is strict about warnings where warnings decide", func() {
		sh.write("known.txt", "KOM-ACK-004\n")
		args := []string{"run", "KOM-ACK-001", "KOM-ACK-004", "--kinds", "order.paid", "--target", "practice:unknown-kind-500", "--known-failing", "known.txt", "--report", "json"}
		Expect(check(sh.run(args...), "KOM-ACK-004")).To(HaveKeyWithValue("result", "warn"), "the flaw is what this test needs")
		Expect(end(sh.run(args...))).To(And(HaveKeyWithValue("warn", 1.0), HaveKeyWithValue("known", 0.0), HaveKeyWithValue("exit", 0.0)))
		Expect(end(sh.run(append(args, "--strict")...))).To(And(HaveKeyWithValue("warn", 0.0), HaveKeyWithValue("known", 1.0), HaveKeyWithValue("exit", 0.0)))
	})

	It("is read from the config, beside it", func() {
		sh.write("conf/known.txt", "KOM-ACK-001\n")
		sh.write("conf/c.yaml", "target: "+broken().URL+"\nknown_failing: known.txt\n")
		res := sh.run("run", "KOM-ACK-001", "--config", "conf/c.yaml", "--report", "json")
		Expect(res.code).To(Equal(0), res.out+res.err)
		sh.write("other.txt", "KOM-RTY-001\n")
		Expect(sh.run("run", "KOM-ACK-001", "--config", "conf/c.yaml", "--known-failing", "other.txt").code).To(Equal(1), "the flag wins")
	})

	It("tells all mistakes of the file at once, with their lines, before anything is sent", func() {
		sh.write("known.txt", "KOM-RTY-03\nKOM-ACK-001\nKOM-LAT-001 is slow\nKOM-ACK-001 # again\n[\n\xff\n*X*\n")
		r := newReceiver(204)
		res := sh.run("run", "--target", r.URL, "--known-failing", "known.txt")
		Expect(res.code).To(Equal(2))
		for _, told := range []string{
			`known.txt:1:1: no check is named "KOM-RTY-03" (did you mean KOM-RTY-003?)`,
			`known.txt:3:1: one check a line; the reason goes behind #, as in: KOM-LAT-001  # is slow`,
			`known.txt:4:1: KOM-ACK-001 stands in line 2 already`,
			`known.txt:5:1: the pattern "[" cannot be read`,
			`known.txt:6:1: is no UTF-8 text`,
			`known.txt:7:1: no check is named "*X*"`,
		} {
			Expect(res.err).To(ContainSubstring(told))
		}
		Expect(r.got()).To(BeEmpty())
		sh.env["LANG"] = "es_MX.UTF-8"
		Expect(sh.run("run", "--target", r.URL, "--known-failing", "known.txt").err).To(ContainSubstring("known.txt:1:1: ninguna prueba se llama"))
		res = sh.run("run", "--target", r.URL, "--known-failing", "nope.txt")
		Expect(res.code).To(Equal(2))
		Expect(res.err).To(And(ContainSubstring("--known-failing"), ContainSubstring("nope.txt")))
	})

	It("knows the checks of the user's own files", func() {
		sh.write("mine.yaml", "family: mine\ngroup: plain\ncases: [{name: a, steps: [{emit: {}}, {deliver: {}}]}]\nchecks:\n  - {id: MY-SHOP-001, level: must, evidence: [wire], title: {en: a}, requirement: {en: b}, judge: [{then: fail}]}\n")
		sh.write("known.txt", "MY-SHOP-001\n")
		res := sh.run("run", "mine.yaml", "--target", newReceiver(204).URL, "--known-failing", "known.txt", "--report", "json")
		Expect(res.code).To(Equal(0), res.out+res.err)
		Expect(end(res)).To(HaveKeyWithValue("known", 1.0))
	})
})

var _ = Describe("run --only and --skip", func() {
	DescribeTable("refuse a pattern that names nothing, in the reader's language", func(tag, told string, args ...string) {
		sh := newShell()
		r := newReceiver(204)
		res := sh.run(append([]string{"run", "--target", r.URL, "--lang", tag}, args...)...)
		Expect(res.code).To(Equal(2), res.out)
		Expect(res.err).To(ContainSubstring(told))
		Expect(r.got()).To(BeEmpty())
	},
		Entry("--only", "en", `unknown check "KOM-RTY-03" (did you mean KOM-RTY-003?)`, "--only", "KOM-RTY-03"),
		Entry("--only, Spanish", "es", `no existe la prueba "KOM-RTY-03" (¿quiso decir KOM-RTY-003?)`, "--only", "KOM-RTY-03"),
		Entry("--skip", "en", `unknown check "KOM-XYZ-*"`, "--skip", "KOM-XYZ-*"),
		Entry("an argument", "es", `no existe la prueba "KOM-ZZZ-001"`, "KOM-ZZZ-001"),
		Entry("nothing left", "es", "la selección no deja ninguna prueba", "--only", "KOM-RTY-001", "--skip", "KOM-*"),
	)
})
