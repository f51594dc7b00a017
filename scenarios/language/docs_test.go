package language_test

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// cataloguePage writes the page of the catalogue in one language.
func cataloguePage(tag lang.Tag, checks []*language.Check) string {
	say := func(es, en string) string { return lang.Text{ES: es, EN: en}.In(tag) }
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n", say("El catálogo de conformidad", "The conformance catalogue"))
	fmt.Fprintf(&b, "%s\n\n", say(
		"[English](catalogue.md) · Generado del catálogo mismo; `make golden` lo escribe de nuevo. `kometia-sim explain ID` dice lo mismo en la terminal.",
		"[Español](catalogue.es.md) · Generated from the catalogue itself; `make golden` writes it anew. `kometia-sim explain ID` says the same in the terminal."))
	fmt.Fprintf(&b, "%s\n\n", say(
		"**DEBE** decide el veredicto; **DEBERÍA** decide con `--strict`. Una prueba cuya evidencia falta queda *sin observar*.",
		"**MUST** decides the verdict; **SHOULD** decides under `--strict`. A check that lacks its evidence is *not observed*."))
	level := map[verdict.Level]string{
		verdict.Must: say("DEBE", "MUST"), verdict.Should: say("DEBERÍA", "SHOULD"), verdict.Informative: "INFO",
	}
	fmt.Fprintf(&b, "| id | %s | %s | %s |\n|---|---|---|---|\n", say("nivel", "level"), say("el receptor ...", "the receiver ..."), say("evidencia", "evidence"))
	for _, c := range checks {
		fmt.Fprintf(&b, "| [%s](#%s) | %s | %s | %s |\n", c.ID, strings.ToLower(c.ID), level[c.Level], c.Title.In(tag), strings.Join(c.Evidence, ", "))
	}
	for _, c := range checks {
		fmt.Fprintf(&b, "\n## %s\n\n**%s** · %s\n\n", c.ID, level[c.Level], c.Title.In(tag))
		for _, part := range []struct {
			name string
			text lang.Text
		}{
			{say("Requisito", "Requirement"), c.Requirement},
			{say("Por qué importa", "Why it matters"), c.Why},
			{say("Cómo se prueba", "How it is tested"), c.Provoked},
			{say("Pasa", "Passes"), c.Passes},
			{say("Corrección", "Fix"), c.Fix},
			{say("Fuente", "Source"), c.Source},
		} {
			fmt.Fprintf(&b, "- **%s.** %s\n", part.name, part.text.In(tag))
		}
	}
	return b.String()
}

var _ = Describe("the catalogue's page", func() {
	DescribeTable("says what the catalogue says",
		func(tag lang.Tag, file string) {
			suite, err := language.Builtin()
			Expect(err).NotTo(HaveOccurred())
			want := cataloguePage(tag, suite.Checks())
			if os.Getenv("UPDATE_GOLDEN") != "" {
				Expect(os.WriteFile(file, []byte(want), 0o644)).To(Succeed())
			}
			got, err := os.ReadFile(file)
			Expect(err).NotTo(HaveOccurred())
			Expect(string(got)).To(Equal(want), "make golden writes it anew")
		},
		Entry("in English", lang.English, "../../docs/catalogue.md"),
		Entry("in Spanish", lang.Spanish, "../../docs/catalogue.es.md"),
	)
})

// conditionTable is the table of what a rule may ask for.
func conditionTable(tag lang.Tag) string {
	var b strings.Builder
	fmt.Fprintf(&b, "| %s | %s |\n|---|---|\n", lang.Text{ES: "condición", EN: "condition"}.In(tag), lang.Text{ES: "se cumple según", EN: "fits by"}.In(tag))
	for _, c := range language.Conditions() {
		fmt.Fprintf(&b, "| `%s` | %s |\n", c.Key(), strings.ReplaceAll(c.Means().In(tag), "|", "\\|"))
	}
	return b.String()
}

var _ = DescribeTable("the page of the scenario language has a row for every condition",
	func(tag lang.Tag, file string) {
		const from, to = "<!-- conditions: make golden -->\n", "<!-- /conditions -->\n"
		page, err := os.ReadFile(file)
		Expect(err).NotTo(HaveOccurred())
		before, rest, found := strings.Cut(string(page), from)
		Expect(found).To(BeTrue(), from)
		_, after, found := strings.Cut(rest, to)
		Expect(found).To(BeTrue(), to)
		want := before + from + "\n" + conditionTable(tag) + "\n" + to + after
		if os.Getenv("UPDATE_GOLDEN") != "" {
			Expect(os.WriteFile(file, []byte(want), 0o644)).To(Succeed())
			page = []byte(want)
		}
		Expect(string(page)).To(Equal(want), "make golden writes it anew")
		for _, c := range language.Conditions() {
			Expect(c.Means().ES).NotTo(BeEmpty(), c.Key())
			Expect(c.Means().EN).NotTo(BeEmpty(), c.Key())
		}
	},
	Entry("in English", lang.English, "../../docs/scenarios.md"),
	Entry("in Spanish", lang.Spanish, "../../docs/scenarios.es.md"),
)

var _ = DescribeTable("the page of the scenario language has every key of a scenario",
	func(file string) {
		if os.Getenv("UPDATE_GOLDEN") != "" {
			Skip("the page is being written")
		}
		var schema any
		Expect(json.Unmarshal(language.Schema(), &schema)).To(Succeed())
		keys := map[string]bool{}
		var walk func(any)
		walk = func(v any) {
			switch v := v.(type) {
			case map[string]any:
				if properties, ok := v["properties"].(map[string]any); ok {
					for key := range properties {
						keys[key] = true
					}
				}
				for _, inner := range v {
					walk(inner)
				}
			case []any:
				for _, inner := range v {
					walk(inner)
				}
			}
		}
		walk(schema)
		Expect(len(keys)).To(BeNumerically(">", 90))
		page, err := os.ReadFile(file)
		Expect(err).NotTo(HaveOccurred())
		code := strings.Join(regexp.MustCompile("(?s)```.*?```|`[^`\n]+`").FindAllString(string(page), -1), "\n")
		for key := range keys {
			Expect(code).To(MatchRegexp(`(?m)(?:^|[^\w-])`+key+`(?:$|[^\w-])`), "no word about the key %s", key)
		}
	},
	Entry("in English", "../../docs/scenarios.md"),
	Entry("in Spanish", "../../docs/scenarios.es.md"),
)
