package main_test

import (
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// mine is a scenario file of the user's own with two checks.
const mine = `family: mine
group: plain
cases:
  - {name: one, steps: [emit: {}, deliver: {}]}
checks:
  - id: MY-001
    level: must
    evidence: [wire]
    title: {es: Uno, en: One}
    requirement: {es: Uno., en: One.}
    judge: [{answers: ["2xx"], then: pass}, {then: fail}]
  - id: MY-002
    level: must
    evidence: [wire]
    title: {es: Dos, en: Two}
    requirement: {es: Dos., en: Two.}
    judge: [{answers: ["2xx"], then: pass}, {then: fail}]
`

var _ = Describe("what is asked for", func() {
	var sh *shell
	BeforeEach(func() {
		sh = newShell()
		sh.write("my.yaml", mine)
	})

	run := func(args ...string) result {
		return sh.run(append([]string{"run", "--target", newReceiver(204).URL, "--report", "json", "--lang", "en"}, args...)...)
	}
	played := func(args ...string) []any {
		GinkgoHelper()
		res := run(args...)
		Expect(res.code).To(Equal(0), res.err)
		var ids []any
		for _, c := range ofType(lines(res.out), "check") {
			ids = append(ids, c["id"])
		}
		return ids
	}

	It("adds up, ids and files", func() {
		Expect(played("KOM-ACK-001", "my.yaml")).To(ConsistOf("KOM-ACK-001", "MY-001", "MY-002"))
		Expect(played("my.yaml")).To(ConsistOf("MY-001", "MY-002"))
	})

	It("is reduced by --only and --skip, as far as something is left of every file", func() {
		Expect(played("my.yaml", "--only", "MY-001")).To(ConsistOf("MY-001"))
		Expect(played("my.yaml", "KOM-ACK-001", "--skip", "MY-002")).To(ConsistOf("KOM-ACK-001", "MY-001"))
		for _, args := range [][]string{{"--only", "KOM-ACK-001"}, {"KOM-ACK-001", "--skip", "MY-*"}} {
			res := run(append([]string{"my.yaml"}, args...)...)
			Expect(res.code).To(Equal(2), args)
			Expect(res.err).To(ContainSubstring("my.yaml: --only or --skip leaves none of its checks (MY-001, MY-002)"))
		}
	})

	DescribeTable("is not taken for something else", func(say string, args ...string) {
		rec := newReceiver(204)
		for i := range args {
			args[i] = strings.ReplaceAll(args[i], "URL", rec.URL)
		}
		res := sh.run(args...)
		Expect(res.code).To(Equal(2), res.out)
		Expect(res.err).To(ContainSubstring(say))
		Expect(rec.got()).To(BeEmpty())
	},
		Entry("a flag for a value", "the flag --target needs a value and --lang stands behind it", "run", "--target", "--lang", "en"),
		Entry("a short flag for a value", "the flag --only needs a value and -H stands behind it", "run", "--target", "URL", "--only", "-H", "a: b"),
		Entry("an empty value for none", "--only is empty", "run", "--target", "URL", "--only", ""),
		Entry("an empty value behind =", "--skip is empty", "run", "--target", "URL", "--skip="),
		Entry("the second of two targets for both", "--target stands twice with different values", "run", "--target", "URL", "--target", "practice"),
		Entry("nothing for a body", "there is nothing to send", "send", "--data", "-", "--to", "URL"),
		Entry("--allow-empty for another send", "--allow-empty is for --data", "send", "order.paid", "--to", "URL", "--allow-empty"),
		Entry("--prune for something that an export does", "--export and --prune do not go together", "replay", "--export", "curl", "--prune"),
	)

	It("is an empty body when that is said", func() {
		rec := newReceiver(204)
		Expect(sh.run("send", "--data", "-", "--allow-empty", "--to", rec.URL).code).To(Equal(0))
		Expect(rec.got()).To(HaveExactElements(BeEmpty()))
	})

	It("is a value that looks like a flag when it is attached", func() {
		Expect(sh.run("send", "order.paid", "--to", newReceiver(204).URL, "--set=data.object.note=--x").err).NotTo(ContainSubstring("needs a value"))
	})

	It("may be said twice when it is the same", func() {
		url := newReceiver(204).URL
		Expect(sh.run("send", "order.paid", "--to", url, "--to", url).code).To(Equal(0))
	})
})
