package main_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/scenarios/language"
)

var _ = Describe("looking things up", func() {
	var sh *shell
	BeforeEach(func() { sh = newShell() })

	DescribeTable("lists", func(what, one string, atLeast int) {
		res := sh.run("list", what)
		Expect(res.code).To(Equal(0), res.err)
		Expect(strings.Count(res.out, "\n")).To(BeNumerically(">=", atLeast))
		Expect(res.out).To(ContainSubstring(one))
		res = sh.run("list", what, "--json")
		var items []map[string]any
		Expect(json.Unmarshal([]byte(res.out), &items)).To(Succeed())
		Expect(len(items)).To(BeNumerically(">=", atLeast))
		for _, item := range items {
			Expect(item).To(HaveKeyWithValue("id", Not(BeEmpty())))
			Expect(item).To(HaveKeyWithValue("title", Not(BeEmpty())), "%v", item)
		}
	},
		Entry(nil, "events", "order.created", 13),
		Entry(nil, "checks", "KOM-RTY-002", 16),
		Entry(nil, "scenarios", "lost-answer", 5),
		Entry(nil, "diagnoses", "csrf.laravel", 30),
		Entry(nil, "flaws", "redirect-slash", 20),
	)

	It("explains everything that it lists, in both languages", Label("whole"), func() {
		explained := 0
		for _, what := range []string{"events", "checks", "diagnoses", "flaws"} {
			var items []struct{ ID string }
			Expect(json.Unmarshal([]byte(sh.run("list", what, "--json").out), &items)).To(Succeed())
			for _, item := range items {
				es, en := sh.run("explain", item.ID, "--lang", "es"), sh.run("explain", item.ID, "--lang", "en")
				Expect(es.code).To(Equal(0), "%s: %s", item.ID, es.err)
				Expect(en.code).To(Equal(0), "%s: %s", item.ID, en.err)
				Expect(es.out).NotTo(Equal(en.out), item.ID)
				explained++
			}
		}
		Expect(explained).To(BeNumerically(">", 70))
		Expect(sh.run("explain", "kom-ack-001").out).To(HavePrefix("KOM-ACK-001"))
	})

	It("explains a diagnosis with all its fixes", func() {
		out := sh.run("explain", "csrf.laravel", "--lang", "es").out
		Expect(out).To(And(ContainSubstring("validateCsrfTokens"), ContainSubstring("VerifyCsrfToken.php")))
	})

	It("explains the assumptions", func() {
		res := sh.run("explain", "supuestos", "--lang", "es")
		Expect(res.code).To(Equal(0))
		Expect(res.out).To(And(ContainSubstring("timeout"), ContainSubstring("supuesto")))
		Expect(sh.run("explain", "assumptions", "--lang", "es").out).To(Equal(res.out))
	})

	It("prints schemas", func() {
		for _, name := range []string{"order.paid", "order", "event", "config"} {
			res := sh.run("schema", name)
			Expect(res.code).To(Equal(0), res.err)
			Expect(json.Valid([]byte(res.out))).To(BeTrue(), name)
		}
		Expect(sh.run("schema").out).To(And(ContainSubstring("order.paid"), ContainSubstring("customer_address"), ContainSubstring("config"), ContainSubstring("scenario")))
		Expect(sh.run("schema", "scenario").out).To(Equal(string(language.Schema())))
	})

	Describe("validate", func() {
		It("takes what send makes", func() {
			for _, kind := range []string{"order.created", "fulfillment.updated", "product.deleted", "customer.updated", "collection.created"} {
				for _, style := range []string{"php", "plain", "pretty"} {
					sh.stdin = sh.run("send", kind, "--dry-run", "--style", style).out
					res := sh.run("validate", "-")
					Expect(res.code).To(Equal(0), res.out+res.err)
					Expect(res.out).To(Equal("stdin: " + kind + " valid\n"))
				}
			}
		})

		It("names line, path, expected and found of each mistake, and exits 1", func() {
			event := sh.run("send", "order.paid", "--dry-run", "--style", "pretty", "--set", "data.object.currency=7", "--unset", "data.object.items").out
			sh.write("bad.json", event)
			res := sh.run("validate", "bad.json")
			Expect(res.code).To(Equal(1))
			Expect(res.out).To(MatchRegexp(`(?m)^bad\.json:\d+:\d+: data\.object\.currency: expected .*, found .*7`))
			Expect(res.out).To(ContainSubstring("data.object.items"))
			Expect(res.err).To(BeEmpty())
		})

		It("suggests the kind that was meant", func() {
			sh.write("bad.json", strings.Replace(sh.run("send", "order.paid", "--dry-run").out, "order.paid", "order.piad", 1))
			res := sh.run("validate", "bad.json")
			Expect(res.code).To(Equal(1))
			Expect(res.out).To(HaveSuffix(`kind: expected a known event kind (did you mean order.paid?), found "order.piad"` + "\n"))
			res = sh.run("validate", "bad.json", "--lang", "es")
			Expect(res.out).To(HaveSuffix(`kind: se esperaba un tipo de evento conocido (¿quiso decir order.paid?), hay "order.piad"` + "\n"))
		})

		It("points at a syntax error and exits 2, having judged the others", func() {
			sh.write("good.json", sh.run("send", "order.paid", "--dry-run").out)
			sh.write("cut.json", "{\n  \"id\": 01\n}")
			res := sh.run("validate", "cut.json", "nope.json", "good.json")
			Expect(res.code).To(Equal(2))
			Expect(res.err).To(And(ContainSubstring("cut.json:2:"), ContainSubstring("^"), ContainSubstring("nope.json")))
			Expect(res.out).To(ContainSubstring("good.json: order.paid valid"))
		})

		It("lets nothing of a hostile file reach the terminal raw", func() {
			sh.write("evil.json", `{"id":"`+"\u202e"+`","kind":"\u001b[31m","object":"\u001b[2J"}`)
			res := sh.run("validate", "evil.json")
			Expect(res.code).To(Equal(1))
			Expect(res.out + res.err).NotTo(Or(ContainSubstring("\x1b"), ContainSubstring("\u202e")))
		})
	})

	Describe("--schemas", func() {
		It("says which file of an overlay does not compile", func() {
			sh.write("own/broken.json", "{\n  \"type\": \n}")
			for _, args := range [][]string{
				{"send", "order.paid", "--to", "http://localhost"}, {"list", "events"}, {"validate", "x.json"}, {"run", "--target", "practice"},
			} {
				res := sh.run(append(args, "--schemas", "own")...)
				Expect(res.code).To(Equal(2), "%v", args)
				Expect(res.err).To(And(ContainSubstring("broken.json"), Not(ContainSubstring("goroutine"))))
				Expect(res.out).To(BeEmpty())
			}
		})
	})

	Describe("ids", func() {
		It("lists what a send made", func() {
			r := newReceiver(200)
			Expect(sh.run("send", "order.placed", "--to", r.URL, "--seed", "7", "--ids", "ab12").code).To(Equal(0))
			res := sh.run("ids", "ab12")
			Expect(res.code).To(Equal(0), res.err)
			order := values(r.got()[0])
			for _, name := range []string{"id", "number", "email"} {
				Expect(res.out).To(ContainSubstring("\t" + order[name].(string) + "\n"))
			}
			Expect(sh.run("ids", "AB12").out).To(Equal(res.out))
			Expect(sh.run("ids").out).To(ContainSubstring("ab12"))
			var items []map[string]any
			Expect(json.Unmarshal([]byte(sh.run("ids", "ab12", "--json").out), &items)).To(Succeed())
			Expect(len(items)).To(BeNumerically(">", 5))
		})

		It("passes over the half line of a run that was killed", func() {
			Expect(sh.run("send", "order.placed", "--to", newReceiver(200).URL, "--ids", "ab12").code).To(Equal(0))
			before := sh.run("ids", "ab12").out
			f, err := os.OpenFile(filepath.Join(sh.dir, ".kometia-sim", "runs", "ab12.ndjson"), os.O_APPEND|os.O_WRONLY, 0)
			Expect(err).NotTo(HaveOccurred())
			_, err = f.WriteString(`{"type":"event","identi`)
			Expect(err).NotTo(HaveOccurred())
			Expect(f.Close()).To(Succeed())
			Expect(sh.run("ids", "ab12").out).To(Equal(before))
		})

		DescribeTable("refuses", func(say string, args ...string) {
			res := sh.run(append([]string{"ids"}, args...)...)
			Expect(res.code).To(Equal(2))
			Expect(res.err).To(ContainSubstring(say))
		},
			Entry("another path", "4 characters", "../../etc/passwd"),
			Entry("an unknown run", "there is no run zzzz", "zzzz"),
			Entry("two runs", "one run at a time", "aaaa", "bbbb"),
		)
	})
})
