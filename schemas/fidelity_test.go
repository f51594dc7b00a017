package schemas_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

func writeFile(t testing.TB, path, content string) {
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// fidelity writes the page that tells what the simulation knows and what it
// only infers or assumes, from the schemas and the assumptions themselves.
func fidelity(c *schemas.Catalogue, tag lang.Tag) string {
	say := func(en, es string) string { return lang.Text{ES: es, EN: en}.In(tag) }
	provenance := func(p schemas.Provenance) string {
		switch p {
		case schemas.Documented:
			return say("documented", "documentado")
		case schemas.Sample:
			return say("sample", "ejemplo")
		case schemas.Inferred:
			return say("inferred", "inferido")
		default:
			return say("assumed", "supuesto")
		}
	}
	knob := func(k string) string {
		if k == "" {
			return say("none", "ninguno")
		}
		return "`" + strings.ReplaceAll(k, "|", `\|`) + "`"
	}
	cell := func(s string) string { return strings.ReplaceAll(s, "|", `\|`) }

	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("%s", say(
		"<!-- Generated from schemas/data by `go generate ./schemas`; do not edit. -->",
		"<!-- Generado a partir de schemas/data con `go generate ./schemas`; no editar. -->"))
	line("# %s\n", say("Fidelity", "Fidelidad"))
	line("%s\n", say(
		"[Español](fidelity.es.md) · What kometia-sim sends and judges comes from Kometia's documentation wherever it speaks. Where it is silent, this page says what was inferred or assumed, and which knob changes it. `kometia-sim explain assumptions` prints the first table.",
		"[English](fidelity.md) · Lo que kometia-sim envía y juzga sale de la documentación de Kometia en todo lo que esta dice. Donde calla, esta página dice qué se infirió o se supuso y qué perilla lo cambia. `kometia-sim explain supuestos` muestra la primera tabla."))
	line("| %s | %s |\n|---|---|", say("Mark", "Marca"), say("Meaning", "Significado"))
	line("| %s | %s |", provenance(schemas.Documented), say("stated by the documentation", "lo dice la documentación"))
	line("| %s | %s |", provenance(schemas.Sample), say("seen in a documented sample, not in a table", "visto en un ejemplo documentado, no en una tabla"))
	line("| %s | %s |", provenance(schemas.Inferred), say("follows from what is documented, but no source states it", "se sigue de lo documentado, pero ninguna fuente lo dice"))
	line("| %s | %s |\n", provenance(schemas.Assumed), say("decided by this project", "lo decidió este proyecto"))
	line("%s\n", say(
		"The knob `schemas` is the folder of your own schema files (`schemas:` in kometia-sim.yaml): a file there adds an event kind or takes the place of a built-in schema, without a rebuild.",
		"La perilla `schemas` es la carpeta de esquemas propios (`schemas:` en kometia-sim.yaml): un archivo en ella agrega un tipo de evento o sustituye un esquema incluido, sin recompilar."))

	line("## %s\n", say("Behaviour", "Comportamiento"))
	line("| %s | %s | %s | %s |\n|---|---|---|---|", say("Point", "Punto"), say("Decision", "Decisión"), say("Mark", "Marca"), say("Knob", "Perilla"))
	for _, a := range schemas.Assumptions() {
		line("| %s (`%s`) | %s | %s | %s |", cell(a.Point.In(tag)), a.ID, cell(a.Decision.In(tag)), provenance(a.Provenance), knob(a.Knob))
	}

	line("\n## %s\n", say("Event kinds", "Tipos de evento"))
	line("| %s | %s | %s | %s |\n|---|---|---|---|", say("Kind", "Tipo"), say("Object", "Objeto"), say("Mark", "Marca"), say("Note", "Nota"))
	for _, k := range c.Kinds() {
		line("| `%s` | `%s` | %s | %s |", k.Name, k.Object, provenance(k.Provenance), cell(c.Note(k.Name).In(tag)))
	}

	line("\n## %s\n", say("Objects", "Objetos"))
	line("%s\n", say(
		"All fields of each object, in the order in which Kometia writes them; of a note, the part that no source states.",
		"Todos los campos de cada objeto, en el orden en que Kometia los escribe; en la nota, lo que ninguna fuente dice."))
	counts := map[schemas.Provenance]int{}
	var tables strings.Builder
	for _, object := range c.Objects() {
		members, err := c.Members(object)
		Expect(err).NotTo(HaveOccurred())
		fmt.Fprintf(&tables, "\n### %s\n\n", object)
		if note := c.Note(object); !note.IsZero() {
			fmt.Fprintf(&tables, "%s\n\n", note.In(tag))
		}
		fmt.Fprintf(&tables, "| %s | %s | %s | %s | %s |\n|---|---|---|---|---|\n", say("Field", "Campo"), say("Type", "Tipo"), say("Mark", "Marca"), say("Inferred or assumed", "Inferido o supuesto"), say("Knob", "Perilla"))
		for _, m := range members {
			counts[m.Provenance]++
			name := "`" + m.Name + "`"
			if !m.Required {
				name += say(" (optional)", " (opcional)")
			}
			k := ""
			if m.Knob != "" {
				k = knob(m.Knob)
			}
			fmt.Fprintf(&tables, "| %s | %s | %s | %s | %s |\n", name, m.Type, provenance(m.Provenance), cell(m.Note.In(tag)), k)
		}
	}
	line(say(
		"%d fields are documented, %d were seen in samples only, %d are inferred and %d assumed.",
		"%d campos están documentados, %d solo se han visto en ejemplos, %d se infieren y %d se suponen."),
		counts[schemas.Documented], counts[schemas.Sample], counts[schemas.Inferred], counts[schemas.Assumed])
	b.WriteString(tables.String())
	return b.String()
}

var _ = Describe("the fidelity page", func() {
	DescribeTable("is what the schemas say",
		func(file string, tag lang.Tag) {
			path := filepath.Join("..", "docs", file)
			want := fidelity(schemas.Builtin(), tag)
			if os.Getenv("UPDATE_GOLDEN") == "1" {
				Expect(os.WriteFile(path, []byte(want), 0o644)).To(Succeed())
			}
			got, err := os.ReadFile(path)
			Expect(err).NotTo(HaveOccurred())
			Expect(string(got)).To(Equal(want), "run: go generate ./schemas")
		},
		Entry("in English", "fidelity.md", lang.English),
		Entry("in Spanish", "fidelity.es.md", lang.Spanish),
	)
})

var _ = Describe("the assumptions", func() {
	It("are complete, each with an id of its own", func() {
		seen := map[string]bool{}
		list := schemas.Assumptions()
		Expect(len(list)).To(BeNumerically(">=", 36))
		for _, a := range list {
			Expect(a.ID).To(MatchRegexp(`^[a-z]+(-[a-z]+)*$`))
			Expect(seen).NotTo(HaveKey(a.ID))
			seen[a.ID] = true
			for _, text := range []string{a.Point.ES, a.Point.EN, a.Decision.ES, a.Decision.EN, a.Brief.ES, a.Brief.EN} {
				Expect(text).NotTo(BeEmpty(), a.ID)
			}
			Expect(a.Provenance).To(BeElementOf(schemas.Documented, schemas.Sample, schemas.Inferred, schemas.Assumed), a.ID)
		}
	})
})
