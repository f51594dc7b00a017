package main_test

import (
	"fmt"
	"path/filepath"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("run with several subscriptions", func() {
	var sh *shell
	BeforeEach(func() { sh = newShell() })

	config := func(first, second string) {
		sh.write("kometia-sim.yaml", fmt.Sprintf("subscriptions: [{url: %s/a, kinds: [order.paid]}, {url: %s/b, kinds: [product.updated]}]\n", first, second))
	}
	args := []string{"run", "KOM-ACK-001", "--seed", "7", "--report", "json"}

	It("plays each in turn, with its own kinds and its own ids", func() {
		one, two := newReceiver(204), newReceiver(204)
		config(one.URL, two.URL)
		res := sh.run(append(args, "--report", "html=r.html")...)
		Expect(res.code).To(Equal(0), res.err)
		Expect(strings.Index(res.err, "subscription 1 of 2")).To(BeNumerically("<", strings.Index(res.err, "subscription 2 of 2")))
		all := lines(res.out)
		heads, ends := ofType(all, "run"), ofType(all, "end")
		Expect(heads).To(HaveLen(2))
		Expect(ends).To(HaveLen(2))
		Expect(heads[0]["target"]).To(HaveSuffix("/a"))
		Expect(heads[1]["target"]).To(HaveSuffix("/b"))
		Expect(heads[0]["ids"]).NotTo(Equal(heads[1]["ids"]))
		for r, kind := range map[*receiver]string{one: "order.paid", two: "product.updated"} {
			Expect(r.got()).NotTo(BeEmpty())
			for _, body := range r.got() {
				Expect(string(body)).To(ContainSubstring(`"kind":"` + kind + `"`))
			}
		}
		Expect(sh.read("r-1.html")).To(ContainSubstring("/a"))
		Expect(sh.read("r-2.html")).To(ContainSubstring("/b"))
		Expect(filepath.Join(sh.dir, "r.html")).NotTo(BeAnExistingFile())
		again := sh.run(args...)
		Expect(ofType(lines(again.out), "run")[1]["ids"]).To(Equal(heads[1]["ids"]), "one seed, the same ids")
	})

	It("ends with the gravest", func() {
		good, bad, dead := newReceiver(204).URL, newReceiver(500).URL, "http://"+deadAddress()
		for _, c := range []struct {
			first, second string
			code          int
		}{{good, bad, 1}, {bad, good, 1}, {good, dead, 3}, {dead, bad, 1}} {
			config(c.first, c.second)
			Expect(sh.run(args...).code).To(Equal(c.code), "%v", c)
		}
	})

	It("plays only the one that is chosen, and asks for one where kinds are given", func() {
		one, two := newReceiver(204), newReceiver(204)
		config(one.URL, two.URL)
		Expect(sh.run(append(args, "--target", two.URL+"/b")...).code).To(Equal(0))
		Expect(one.got()).To(BeEmpty())
		res := sh.run(append(args, "--kinds", "order.paid")...)
		Expect(res.code).To(Equal(2))
		Expect(res.err).To(ContainSubstring("choose one with --target"))
		Expect(sh.run("send", "order.paid").err).To(ContainSubstring("choose one with --to"))
		Expect(sh.run("fuzz").err).To(ContainSubstring("choose one with --target"))
	})

	It("sends nothing to any when one of the plans is refused", func() {
		one := newReceiver(204)
		sh.write("many.yaml", fmt.Sprintf(many, 61))
		config(one.URL, "http://192.0.2.1")
		res := sh.run("run", "many.yaml")
		Expect(res.code).To(Equal(2))
		Expect(res.err).To(ContainSubstring("http://192.0.2.1/b"))
		Expect(one.got()).To(BeEmpty())
	})
})
