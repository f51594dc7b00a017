package main_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// elsewhere is a host of TEST-NET-1: nobody is there, and a run that sent
// anything to it would end with exit 3 and not with 2.
const elsewhere = "http://192.0.2.1/kometia/webhook"

// many is a scenario of more events than another machine gets.
const many = `family: many
group: plain
cases: [{name: a, times: %d, steps: [{emit: {kind: order.paid}}, {deliver: {}}]}]
checks:
  - {id: MY-MANY-001, level: must, evidence: [wire], title: {en: a}, requirement: {en: b}, judge: [{answers: ["2xx"], then: pass}, {then: fail}]}
`

var _ = Describe("run against another machine", func() {
	var sh *shell
	BeforeEach(func() { sh = newShell() })

	It("is refused before anything is sent when the plan is too big", func() {
		sh.write("many.yaml", fmt.Sprintf(many, 61))
		for _, tag := range []string{"en", "es"} {
			res := sh.run("run", "many.yaml", "--kinds", "order.paid", "--target", elsewhere, "--lang", tag)
			Expect(res.code).To(Equal(2), res.out+res.err)
			Expect(res.err).To(And(ContainSubstring("60"), ContainSubstring("--allow load")))
			Expect(res.out).To(BeEmpty())
		}
		Expect(filepath.Join(sh.dir, ".kometia-sim", "runs")).NotTo(BeADirectory(), "nothing was made")
	})

	It("counts retries and copies, not only events", func() {
		sh.write("many.yaml", strings.Replace(fmt.Sprintf(many, 40), "deliver: {}", "deliver: {times: 5}", 1))
		res := sh.run("run", "many.yaml", "--kinds", "order.paid", "--target", elsewhere)
		Expect(res.code).To(Equal(2), res.out+res.err)
		Expect(res.err).To(ContainSubstring("180"))
	})

	DescribeTable("send asks for the same consent as run, in the same words", func(want []string, args ...string) {
		sh.stdin = "\x00 no event"
		for _, tag := range []string{"en", "es"} {
			res := sh.run(append([]string{"send", "--to", elsewhere, "--timeout", "50ms", "--lang", tag}, args...)...)
			Expect(res.code).To(Equal(2), res.out+res.err)
			for _, w := range want {
				Expect(res.err).To(ContainSubstring(w))
			}
			Expect(res.out).To(BeEmpty())
		}
		Expect(filepath.Join(sh.dir, ".kometia-sim")).NotTo(BeADirectory(), "nothing was kept")
	},
		Entry(nil, []string{"61", "60", "--allow load"}, "order.paid", "--count", "61"),
		Entry(nil, []string{"196", "180", "--allow load"}, "order.paid", "--count", "4", "--retry"),
		Entry(nil, []string{"malformed", "--allow malformed"}, "--data", "-"),
		Entry(nil, []string{"malformed", "--allow malformed"}, "order.paid", "-H", "Transfer-Encoding: chunked"),
		Entry("but is not kept from what was allowed", []string{"--allow malformed"}, "--data", "-", "--allow", "load"),
	)

	It("is what --safe makes of this machine, too", func() {
		r := newReceiver(204)
		sh.write("many.yaml", fmt.Sprintf(many, 61))
		args := []string{"run", "many.yaml", "--kinds", "order.paid", "--target", r.URL}
		Expect(sh.run(append(args, "--safe")...).code).To(Equal(2))
		Expect(r.got()).To(BeEmpty())
		Expect(sh.run(append(args, "--safe", "--allow", "load")...).code).To(Equal(0))
		Expect(sh.run(args...).code).To(Equal(0))
	})

	It("gets no malformed body and no class that was not opened, and says which", func() {
		r := newReceiver(204)
		res := sh.run("run", "--target", r.URL, "--safe", "--report", "json")
		Expect(res.code).To(BeElementOf(0, 1), res.err)
		Expect(res.err).To(And(ContainSubstring("Left out"), ContainSubstring("--allow"), ContainSubstring("malformed")))
		Expect(len(r.got())).To(BeNumerically("<=", 180))
		events := map[string]bool{}
		for _, body := range r.got() {
			var event struct{ ID, Kind string }
			Expect(json.Unmarshal(body, &event)).To(Succeed(), "%s", body)
			events[event.ID] = true
		}
		Expect(len(events)).To(And(BeNumerically(">", 20), BeNumerically("<=", 60)))
		for _, c := range ofType(lines(res.out), "check") {
			if strings.HasPrefix(c["id"].(string), "KOM-MAL-") {
				Expect(c).To(HaveKeyWithValue("result", "not-observed"))
			}
		}
		r = newReceiver(204)
		sh.run("run", "KOM-MAL-001", "--target", r.URL, "--safe", "--allow", "malformed")
		bad := 0
		for _, body := range r.got() {
			if !json.Valid(body) {
				bad++
			}
		}
		Expect(bad).To(BeNumerically(">", 0))
	})
})
