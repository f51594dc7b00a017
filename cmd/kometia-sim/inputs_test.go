package main_test

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("an input", func() {
	var sh *shell
	BeforeEach(func() { sh = newShell() })

	It("may hold several events, as send writes them, in whatever way it was saved", func() {
		sh.stdin = sh.run("send", "order.placed", "order.paid", "--dry-run").out
		res := sh.run("validate", "-", "--lang", "en")
		Expect(res).To(Equal(result{0, "stdin:1: order.placed valid\nstdin:2: order.paid valid\n2 events: 2 valid, 0 invalid\n", ""}))
		sh.write("a.ndjson", "\ufeff"+strings.ReplaceAll(sh.stdin, "\n", "\r\n")+"{\r\n")
		res = sh.run("validate", "a.ndjson", "--lang", "en")
		Expect(res.code).To(Equal(2))
		Expect(res.out).To(HaveSuffix("a.ndjson:2: order.paid valid\n2 events: 2 valid, 0 invalid\n"))
		Expect(res.err).To(ContainSubstring("a.ndjson:3:"))
		sh.write("b.ndjson", strings.Replace(sh.stdin, `"kind":"order.paid"`, `"kind":"order.piad"`, 1))
		Expect(sh.run("validate", "b.ndjson", "--lang", "en").out).To(MatchRegexp(`b\.ndjson:2:\d+: kind: .*order\.paid`))
	})

	DescribeTable("is bounded before it is read", func(say string, content string) {
		sh.write("in.json", content)
		res := sh.run("validate", "in.json", "--lang", "en")
		Expect(res.code).NotTo(Equal(0))
		Expect(res.out + res.err).To(ContainSubstring(say))
		Expect(len(res.out)).To(BeNumerically("<", 100_000))
	},
		Entry("many values", "more than 400000 values", "["+strings.Repeat("{},", 500_000)+"{}]"),
		Entry("a long number", "a number of more than 10000 digits", strings.Repeat("9", 1_000_000)),
		Entry("many faults", "more violations", `{"id":"x","kind":"order.paid","data":{"object":{"items":[`+strings.Repeat(`{"a":1},`, 20_000)+`{}]}}}`),
	)

	It("is sent unchecked when it is too much to be checked", func() {
		rec := newReceiver(204)
		sh.stdin = strings.Repeat("9", 100_000)
		res := sh.run("send", "--data", "-", "--to", rec.URL, "--lang", "en")
		Expect(res.code).To(Equal(0), res.err)
		Expect(res.err).To(ContainSubstring("is not checked (a number of more than 10000 digits), it is sent as it is"))
		Expect(rec.got()[0]).To(HaveLen(100_000))
	})

	It("with many faults is told of the first ones, and of how many there are", func() {
		sh.write("in.ndjson", strings.Repeat(`{"id":"x","kind":"order.paid"}`+"\n", 1000)+`{"id":"y","kind":"order.paid"}`+"\n")
		res := sh.run("validate", "in.ndjson", "--lang", "en")
		Expect(res.code).To(Equal(1))
		Expect(res.out).To(MatchRegexp(`(?m)^in\.ndjson:1:7: id: .*$`))
		Expect(len(res.out)).To(BeNumerically("<", 100_000))
		said := strings.Split(strings.TrimSpace(res.out), "\n")
		Expect(said).To(HaveLen(502))
		Expect(said[500]).To(Equal("and 5506 more violations, from event 84 on"))
		Expect(said[501]).To(Equal("1001 events: 0 valid, 1001 invalid"))
	})

	It("of a scenario may not be larger than any scenario", func() {
		sh.write("big.yaml", "# "+strings.Repeat("a", 2<<20))
		res := sh.run("run", "big.yaml", "--target", "http://localhost:1/", "--lang", "en")
		Expect(res.code).To(Equal(2))
		Expect(res.err).To(ContainSubstring("big.yaml: more than 1 MiB"))
	})

	DescribeTable("of --again is held against what a send writes", func(change string) {
		rec := newReceiver(204)
		Expect(sh.run("send", "order.paid", "--to", rec.URL, "--ids", "4k2p", "-H", "X-A: b").code).To(Equal(0))
		file := filepath.Join(".kometia-sim", "last.json")
		from, to, _ := strings.Cut(change, "→")
		changed := strings.Replace(sh.read(file), from, to, 1)
		Expect(changed).NotTo(Equal(sh.read(file)))
		Expect(os.WriteFile(filepath.Join(sh.dir, file), []byte(changed), 0o600)).To(Succeed())
		res := sh.run("send", "--again", "--lang", "en")
		Expect(res.code).To(Equal(2), res.out+res.err)
		Expect(res.err).To(ContainSubstring("is damaged"))
		Expect(rec.got()).To(HaveLen(1))
	},
		Entry("ids that lead elsewhere", `"ids":"4k2p"→"ids":"../../x"`),
		Entry("a header of two lines", `"X-A"→"X-A: b\r\nX-B"`),
		Entry("another version", `"version":1→"version":2`),
	)

	It("that is a case and came from somebody else runs nothing", func() {
		body := base64.StdEncoding.EncodeToString([]byte("{}"))
		sh.write("case.json", `{"version":1,"id":"0123456789\ntouch pwned #","tool":"x","oracle":"no-hang","level":"must","kind":"order.paid\ntouch pwned","class":"plausible","phase":"coverage","seed":1,"index":1,"what":"x\ntouch pwned","code":"500","found":{"es":"x","en":"x"},"steps":[{"kind":"order.paid\ntouch pwned","event":"x","at":"2026-01-01T00:00:00Z","headers":[],"body":["`+body+`"]}]}`)
		res := sh.run("replay", "case.json", "--export", "curl")
		Expect(res.code).To(Equal(2))
		Expect(res.out).To(BeEmpty())
	})

	It("that is a case has a text that stays in its comment", func() {
		body := base64.StdEncoding.EncodeToString([]byte("{\n### x\nPOST http://elsewhere/\n}"))
		sh.write("case.json", `{"version":1,"id":"0123456789","tool":"x","oracle":"no-hang","level":"must","kind":"order.paid","class":"plausible","phase":"coverage","seed":1,"index":1,"what":"x\ntouch pwned","code":"500","found":{"es":"x","en":"x"},"steps":[{"kind":"order.paid","event":"x","at":"2026-01-01T00:00:00Z","headers":[],"body":["`+body+`"]}]}`)
		Expect(sh.run("replay", "case.json", "--export", "curl").out).To(HavePrefix("# 0123456789 no-hang: x⏎touch pwned\n# order.paid\ncurl "))
		res := sh.run("replay", "case.json", "--export", "http", "--lang", "en")
		Expect(res.out).To(And(ContainSubstring("no .http file can hold this request"), Not(ContainSubstring("elsewhere"))))
	})
})
