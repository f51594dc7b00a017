package main_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("the command that repeats a check", func() {
	It("does what the run did, without its secrets", func() {
		sh := newShell()
		sh.write("c.yaml", "timeout: 9s\n")
		res := sh.run("run", "KOM-ACK-001", "--target", newReceiver(500).URL, "--report", "json", "--seed", "7",
			"--config", "c.yaml", "--kinds", "order.paid, order.placed", "--timeout", "5s", "--allow", "malformed", "--allow", "burst",
			"-H", "X-Debug: it's me", "-H", "Authorization: Bearer s3cret", "-H", "X-Api-Key: s3cret", "--pace", "900/s", "--style", "plain", "--no-probe", "--safe=false")
		line := ofType(lines(res.out), "check")[0]["reproduce"].(string)
		Expect(line).To(HavePrefix("kometia-sim run KOM-ACK-001 --seed 7 --ids new --target http://127.0.0.1:"))
		Expect(line).To(HaveSuffix(` --kinds order.paid,order.placed --pace 900/s --safe=false --timeout 5s` +
			` -H 'X-Debug: it'\''s me' -H 'Authorization: Bearer ***' -H 'X-Api-Key: ***' --style plain --allow malformed,burst --no-probe --config c.yaml`))
		Expect(res.out).NotTo(ContainSubstring("s3cret"))
	})

	It("names nothing that was not asked for", func() {
		res := newShell().run("run", "KOM-ACK-001", "--target", newReceiver(500).URL, "--report", "json")
		Expect(ofType(lines(res.out), "check")[0]["reproduce"]).To(MatchRegexp(`^kometia-sim run KOM-ACK-001 --seed \d+ --ids new --target \S+$`))
	})
})
