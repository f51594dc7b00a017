package practice_test

import (
	"fmt"
	"os"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/practice"
)

// page writes the page of the practice receivers in one language.
func page(tag lang.Tag, catalogue string) string {
	say := func(es, en string) string { return lang.Text{ES: es, EN: en}.In(tag) }
	linked := func(ids []string) string {
		var links []string
		for _, id := range ids {
			links = append(links, fmt.Sprintf("[%s](%s#%s)", id, catalogue, strings.ToLower(id)))
		}
		return strings.Join(links, ", ")
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n", say("Los receptores de práctica", "The practice receivers"))
	fmt.Fprintf(&b, "%s\n\n", say(
		"[English](practice.md) · Generado de los receptores mismos; `make golden` lo escribe de nuevo. Cada corrida de las pruebas comprueba esta tabla: cada defecto lo notan las pruebas que aquí se dicen y ninguna otra, y a los que solo son distintos no los reprueba ninguna.",
		"[Español](practice.es.md) · Generated from the receivers themselves; `make golden` writes it anew. Every run of the tests checks this table: each fault is noticed by the checks named here and by no other, and those that are only different fail none."))
	fmt.Fprintf(&b, "%s\n\n```sh\nkometia-sim list flaws\nkometia-sim explain %s\n```\n\n", say(
		"Un receptor de verdad, con HTTP y SQLite, en un proceso propio: uno bueno (`practice`), y el mismo con exactamente un defecto (`practice:NOMBRE`), para ver cómo se ve cada falta en el informe.",
		"A real receiver, with HTTP and SQLite, in a process of its own: a good one (`practice`), and the same with exactly one fault (`practice:NAME`), to see what each fault looks like in the report."), "dedupe-memory")
	fmt.Fprintf(&b, "%s\n\n", say(
		"`kometia-sim run --target practice:NOMBRE --strict` lo prueba; `kometia-sim receive --flaw NOMBRE` lo deja en marcha.",
		"`kometia-sim run --target practice:NAME --strict` tries it; `kometia-sim receive --flaw NAME` leaves it running."))
	fmt.Fprintf(&b, "## %s\n\n", say("Con un defecto", "With a fault"))
	fmt.Fprintf(&b, "| %s | %s | %s |\n|---|---|---|\n", say("nombre", "name"), say("qué hace", "what it does"), say("lo notan", "noticed by"))
	for _, f := range practice.Flaws() {
		if f.Good {
			continue
		}
		noticed := linked(f.Fails)
		if f.Perhaps != nil {
			noticed += say("; a veces ", "; sometimes ") + linked(f.Perhaps)
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", f.Name, f.Title.In(tag), noticed)
	}
	fmt.Fprintf(&b, "\n## %s\n\n", say("Distintos, pero correctos", "Different, but right"))
	fmt.Fprintf(&b, "| %s | %s | %s |\n|---|---|---|\n", say("nombre", "name"), say("qué hace", "what it does"), say("avisan", "warned of by"))
	for _, f := range practice.Flaws() {
		if f.Good {
			fmt.Fprintf(&b, "| `%s` | %s | %s |\n", f.Name, f.Title.In(tag), linked(f.Warns))
		}
	}
	return b.String()
}

var _ = Describe("the page of the practice receivers", func() {
	DescribeTable("says what they are",
		func(tag lang.Tag, file, catalogue string) {
			want := page(tag, catalogue)
			if os.Getenv("UPDATE_GOLDEN") != "" {
				Expect(os.WriteFile(file, []byte(want), 0o644)).To(Succeed())
			}
			got, err := os.ReadFile(file)
			Expect(err).NotTo(HaveOccurred())
			Expect(string(got)).To(Equal(want), "make golden writes it anew")
		},
		Entry("in English", lang.English, "../../docs/practice.md", "catalogue.md"),
		Entry("in Spanish", lang.Spanish, "../../docs/practice.es.md", "catalogue.es.md"),
	)
})
