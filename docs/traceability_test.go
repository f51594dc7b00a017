package docs_test

import (
	"fmt"
	"path"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// tracing is data/guide.yaml, which explains the fields.
type tracing struct {
	Guide []struct {
		Section string     `yaml:"section"`
		Says    []sentence `yaml:"says"`
	} `yaml:"guide"`
	Points []point `yaml:"points"`
}

type point struct {
	ID       string    `yaml:"id"`
	Checks   []string  `yaml:"checks"`
	Untested lang.Text `yaml:"untested"`
}

type sentence struct {
	ES       string    `yaml:"es"`
	EN       string    `yaml:"en"`
	Checks   []string  `yaml:"checks"`
	Untested lang.Text `yaml:"untested"`
}

// matching are the checks that patterns name, in the order of the catalog.
func matching(checks []*language.Check, patterns []string) []string {
	GinkgoHelper()
	var ids []string
	for _, p := range patterns {
		found := false
		for _, c := range checks {
			ok, err := path.Match(p, c.ID)
			Expect(err).NotTo(HaveOccurred(), p)
			if ok {
				found = true
				ids = append(ids, c.ID)
			}
		}
		Expect(found).To(BeTrue(), "no check is named %s", p)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// resting are the checks that rest on an assumption.
func resting(checks []*language.Check, id string) []string {
	var ids []string
	for _, c := range checks {
		if slices.Contains(slices.Concat(c.RestsOn, c.Assumes, c.Unless), id) {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

// untold are the checks that are under no sentence of the guide.
func (t *tracing) untold(checks []*language.Check) []*language.Check {
	under := map[string]bool{}
	for _, part := range t.Guide {
		for _, s := range part.Says {
			for _, id := range matching(checks, s.Checks) {
				under[id] = true
			}
		}
	}
	var others []*language.Check
	for _, c := range checks {
		if !under[c.ID] {
			others = append(others, c)
		}
	}
	return others
}

// testedBy is the cell that says which checks test a point, or why none does.
func testedBy(tag lang.Tag, ids []string, why lang.Text) string {
	if len(ids) > 0 {
		return checkLinks(tag, ids)
	}
	return lang.Text{ES: "**ninguna.** ", EN: "**none.** "}.In(tag) + cell(why.In(tag))
}

func traceabilityPage(tag lang.Tag, t *tracing, checks []*language.Check) string {
	say := say(tag)
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	sentences, untested := 0, 0
	for _, part := range t.Guide {
		for _, s := range part.Says {
			sentences++
			if len(s.Checks) == 0 {
				untested++
			}
		}
	}
	line("# %s\n", say("De cada frase a sus pruebas", "From each sentence to its checks"))
	line("%s\n", say(
		"[English](traceability.md) · Qué pruebas comprueban cada frase de la guía de webhooks de Kometia y cada supuesto, y qué no comprueba ninguna. Generada del catálogo y de `docs/data/guide.yaml`; `make golden` la escribe de nuevo.",
		"[Español](traceability.es.md) · Which checks test each sentence of Kometia's webhooks guide and each assumption, and what no check tests. Generated from the catalog and `docs/data/guide.yaml`; `make golden` writes it anew."))
	others := t.untold(checks)
	line(say(
		"La guía tiene %d frases: %d las comprueba al menos una prueba, %d ninguna. De las %d pruebas, %d comprueban algo que la guía dice; %d, otra cosa (al final).",
		"The guide has %d sentences: at least one check tests %d of them, none tests %d. Of the %d checks, %d test something that the guide says and %d something else (at the end).")+"\n",
		sentences, sentences-untested, untested, len(checks), len(checks)-len(others), len(others))

	line("## %s", say("La guía", "The guide"))
	n := 0
	for _, part := range t.Guide {
		line("\n### %s\n", part.Section)
		line("| | %s | %s |\n|---|---|---|", say("frase", "sentence"), say("la comprueban", "tested by"))
		for _, s := range part.Says {
			n++
			text := "«" + cell(s.ES) + "»"
			if tag == lang.English {
				text = cell(s.EN) + "<br>*" + cell(s.ES) + "*"
			}
			line("| %d | %s | %s |", n, text, testedBy(tag, matching(checks, s.Checks), s.Untested))
		}
	}

	line("\n## %s\n", say("Los supuestos", "The assumptions"))
	line("%s\n", say(
		"Donde la documentación de Kometia calla, se decidió algo. Estas pruebas dependen de ello; si su tienda hace otra cosa, cambie la perilla o confirme el supuesto con `assume:`. `kometia-sim explain supuestos` muestra la lista.",
		"Where Kometia's documentation is silent, something was decided. These checks rest on it; if your store does otherwise, change the knob, or confirm the assumption with `assume:`. `kometia-sim explain assumptions` prints the list."))
	line("| %s | %s | %s |\n|---|---|---|", say("punto", "point"), say("decisión", "decision"), say("pruebas", "checks"))
	for _, a := range schemas.Assumptions() {
		ids := resting(checks, a.ID)
		why := lang.Text{ES: "Da forma a lo que se envía o se contesta.", EN: "It shapes what is sent or answered."}
		for _, p := range t.Points {
			if p.ID == a.ID {
				ids, why = matching(checks, p.Checks), p.Untested
			}
		}
		line("| %s (`%s`) | %s | %s |", cell(a.Point.In(tag)), a.ID, cell(a.Decision.In(tag)), testedBy(tag, ids, why))
	}

	line("\n## %s\n", say("Pruebas de lo que la guía no dice", "Checks of what the guide does not say"))
	line("| %s | %s | %s |\n|---|---|---|", say("prueba", "check"), say("el receptor ...", "the receiver ..."), say("fuente", "source"))
	for _, c := range others {
		line("| %s | %s | %s |", checkLinks(tag, []string{c.ID}), cell(c.Title.In(tag)), cell(c.Source.In(tag)))
	}
	return b.String()
}

var _ = Describe("the page of what tests what", Label("unraced"), func() {
	read := func() (*tracing, []*language.Check) {
		var t tracing
		data("guide.yaml", &t)
		suite, err := language.Builtin()
		Expect(err).NotTo(HaveOccurred())
		Expect(len(suite.Checks())).To(BeNumerically(">=", 60))
		return &t, suite.Checks()
	}

	DescribeTable("says what the catalog says",
		func(tag lang.Tag) {
			t, checks := read()
			page := traceabilityPage(tag, t, checks)
			generated("traceability", tag, page)
			for _, c := range checks {
				Expect(page).To(ContainSubstring("["+c.ID+"]"), "every check has its place")
			}
			for _, a := range schemas.Assumptions() {
				Expect(page).To(ContainSubstring("(`"+a.ID+"`)"), "every assumption is listed")
			}
		},
		Entry("in English", lang.English),
		Entry("in Spanish", lang.Spanish),
	)

	It("has every sentence of the guide, with its checks or the reason why there are none", func() {
		t, checks := read()
		var sentences []sentence
		for _, part := range t.Guide {
			Expect(part.Says).NotTo(BeEmpty(), part.Section)
			sentences = append(sentences, part.Says...)
		}
		Expect(sentences).To(HaveLen(28), "the guide of November 2026; one that came or went is looked at by a person")
		seen := map[string]bool{}
		for _, s := range sentences {
			Expect(s.EN).NotTo(BeEmpty(), s.ES)
			Expect(seen).NotTo(HaveKey(s.ES))
			seen[s.ES] = true
			Expect(s.Untested.ES != "" && s.Untested.EN != "").To(Equal(len(s.Checks) == 0), "checks or a reason: %s", s.ES)
			matching(checks, s.Checks)
		}
	})

	It("has each check under the section that its source names", func() {
		t, checks := read()
		named := 0
		for _, part := range t.Guide {
			var under []string
			for _, s := range part.Says {
				under = append(under, matching(checks, s.Checks)...)
			}
			for _, c := range checks {
				if strings.Contains(c.Source.ES, "«"+part.Section+"»") {
					named++
					Expect(under).To(ContainElement(c.ID), part.Section)
					Expect(c.Source.EN).To(ContainSubstring(`"` + part.Section + `"`))
				}
			}
		}
		Expect(named).To(BeNumerically(">=", 15))
		for _, c := range checks {
			for _, m := range strings.Split(c.Source.ES, "«")[1:] {
				section, _, _ := strings.Cut(m, "»")
				Expect(t.Guide).To(ContainElement(HaveField("Section", section)), "%s: the guide has no such section", c.ID)
			}
		}
	})

	It("explains only what no check rests on", func() {
		t, checks := read()
		Expect(t.Points).NotTo(BeEmpty())
		for _, p := range t.Points {
			Expect(p.Untested.ES != "" && p.Untested.EN != "").To(Equal(len(p.Checks) == 0), p.ID)
			Expect(schemas.Assumptions()).To(ContainElement(HaveField("ID", p.ID)))
			Expect(resting(checks, p.ID)).To(BeEmpty(), p.ID)
		}
	})
})
