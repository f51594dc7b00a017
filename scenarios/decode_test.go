package scenarios_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/scenarios"
)

const plainScenario = `family: mine
group: plain
cases:
  - name: plain
    steps:
      - emit: {}
      - deliver: {}
checks:
  - id: MY-SHOP-001
    level: must
    evidence: [wire]
    title: {es: acepta, en: accepts}
    requirement: {es: debe aceptar, en: must accept}
    judge:
      - {answers: ["2xx"], then: pass}
      - {then: fail}
`

var _ = Describe("the catalogue", func() {
	It("holds the checks it is known for, each with texts in both languages", func() {
		suite, err := scenarios.Builtin()
		Expect(err).NotTo(HaveOccurred())
		var ids []string
		for _, c := range suite.Checks() {
			ids = append(ids, c.ID)
			for what, text := range map[string][2]string{
				"title": {c.Title.ES, c.Title.EN}, "requirement": {c.Requirement.ES, c.Requirement.EN},
				"why": {c.Why.ES, c.Why.EN}, "provoked": {c.Provoked.ES, c.Provoked.EN}, "passes": {c.Passes.ES, c.Passes.EN},
				"fix": {c.Fix.ES, c.Fix.EN}, "source": {c.Source.ES, c.Source.EN}, "expected": {c.Expected.ES, c.Expected.EN},
			} {
				Expect(text[0]).NotTo(BeEmpty(), "%s: %s in Spanish", c.ID, what)
				Expect(text[1]).NotTo(BeEmpty(), "%s: %s in English", c.ID, what)
			}
		}
		Expect(ids).To(Equal([]string{
			"KOM-ACK-001", "KOM-ACK-002", "KOM-ACK-003", "KOM-ACK-004", "KOM-CSR-001", "KOM-DUP-001",
			"KOM-LAT-001", "KOM-LAT-002", "KOM-MAL-001", "KOM-MAL-003", "KOM-NET-001", "KOM-PAY-005",
			"KOM-PAY-009", "KOM-RTY-001", "KOM-RTY-002", "KOM-RTY-006",
		}))
	})
})

var _ = Describe("Suite", func() {
	var suite *scenarios.Suite

	BeforeEach(func() {
		var err error
		suite, err = scenarios.Builtin()
		Expect(err).NotTo(HaveOccurred())
	})

	ids := func(s *scenarios.Suite) (out []string) {
		for _, c := range s.Checks() {
			out = append(out, c.ID)
		}
		return out
	}

	It("selects by id and by glob, in any case", func() {
		s, err := suite.Select([]string{"kom-rty-*", "KOM-ACK-001"}, []string{"KOM-RTY-006"})
		Expect(err).NotTo(HaveOccurred())
		Expect(ids(s)).To(Equal([]string{"KOM-ACK-001", "KOM-RTY-001", "KOM-RTY-002"}))
	})

	It("refuses patterns that match nothing, all at once, with a suggestion", func() {
		_, err := suite.Select([]string{"KOM-RTY-02", "KOM-XYZ-*"}, []string{"KOM-LAT-003"})
		Expect(err).To(MatchError(And(
			ContainSubstring(`"KOM-RTY-02" (did you mean KOM-RTY-002?)`),
			ContainSubstring(`"KOM-XYZ-*"`), ContainSubstring(`"KOM-LAT-003"`))))
	})

	It("refuses a selection that leaves nothing", func() {
		_, err := suite.Select([]string{"KOM-RTY-001"}, []string{"KOM-*"})
		Expect(err).To(MatchError(ContainSubstring("leaves no check")))
	})

	add := func(text string) error {
		GinkgoHelper()
		file := filepath.Join(GinkgoT().TempDir(), "mine.yaml")
		Expect(os.WriteFile(file, []byte(text), 0o600)).To(Succeed())
		return suite.Add(file)
	}

	It("takes a user's scenario beside the built-in ones", func() {
		Expect(add(plainScenario)).To(Succeed())
		Expect(ids(suite)).To(ContainElement("MY-SHOP-001"))
	})

	DescribeTable("tells a mistake with its place",
		func(from, to string, messages ...string) {
			Expect(plainScenario).To(ContainSubstring(from))
			err := add(strings.Replace(plainScenario, from, to, 1))
			Expect(err).To(HaveOccurred())
			for _, m := range messages {
				Expect(err.Error()).To(ContainSubstring(m))
			}
		},
		Entry("unknown key", "group: plain", "gruop: plain", "mine.yaml", "[2:1]", `unknown field "gruop"`, "^"),
		Entry("bad YAML", "cases:", "cases: [", "mine.yaml", "^"),
		Entry("wrong type", "level: must", "level: [must]", "mine.yaml", "[10:", "^"),
		Entry("unknown group", "group: plain", "group: plian", `"plian"`, "did you mean plain?"),
		Entry("unknown exchange", "evidence: [wire]", "evidence: [wire]\n    of: delivry", "did you mean delivery?"),
		Entry("unknown verdict", "then: fail", "then: fial", `"fial"`, "did you mean fail?"),
		Entry("no last rule", "      - {then: fail}\n", "", "the last rule has to fit everything"),
		Entry("no id", "id: MY-SHOP-001", "id: mine", `id "mine"`),
		Entry("a taken id", "id: MY-SHOP-001", "id: KOM-ACK-001", "KOM-ACK-001 stands already"),
		Entry("a taken family", "family: mine", "family: gate", `family "gate" stands already`),
		Entry("an unknown event", "deliver: {}", "deliver: {event: evnt}", `event "evnt" was not emitted`),
		Entry("an undeliverable delivery", "deliver: {}", "deliver: {faults: [refuse]}", "every one of its 1 attempts is broken"),
	)

	It("tells all mistakes of a file at once", func() {
		err := add(strings.NewReplacer("group: plain", "group: x", "level: must", "level: y", "evidence: [wire]", "evidence: [z]").Replace(plainScenario))
		Expect(err).To(MatchError(And(ContainSubstring(`"x"`), ContainSubstring(`"y"`), ContainSubstring(`"z"`))))
	})
})

func FuzzScenarioFile(f *testing.F) {
	files, err := filepath.Glob("catalogue/*.yaml")
	if err != nil || len(files) < 10 {
		f.Fatalf("seed corpus: %d files, %v", len(files), err)
	}
	f.Add([]byte(plainScenario))
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte) {
		file := filepath.Join(dir, "fuzz.yaml")
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
		// Whatever the file holds, it is read or refused, without a panic.
		if err := new(scenarios.Suite).Add(file); err != nil && !strings.Contains(err.Error(), "fuzz.yaml") {
			t.Fatalf("the error does not name the file: %v", err)
		}
	})
}
