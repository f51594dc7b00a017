package docs_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/diagnose"
)

// symptom is one entry of data/symptoms.yaml, which explains the fields.
type symptom struct {
	ID     string    `yaml:"id"`
	Title  lang.Text `yaml:"title"`
	Text   lang.Text `yaml:"text"`
	Status []string  `yaml:"status"`
	Error  []string  `yaml:"error"`
	First  []string  `yaml:"first"`
	Checks []string  `yaml:"checks"`
}

// sign is what a rule of the diagnosis looks at first, and its code.
type sign struct {
	code          string
	status, error []string
}

// signs are those of all rules of simulator/diagnose/data.
func signs() []sign {
	GinkgoHelper()
	text, err := os.ReadFile("../simulator/diagnose/compiled.json")
	Expect(err).NotTo(HaveOccurred())
	var table struct {
		Rules []struct {
			Rules []struct {
				Code string `json:"code"`
				When struct {
					Status []string `json:"status"`
					Error  []string `json:"error"`
				} `json:"when"`
			} `json:"rules"`
		} `json:"rules"`
	}
	Expect(json.Unmarshal(text, &table)).To(Succeed())
	var all []sign
	for _, file := range table.Rules {
		for _, r := range file.Rules {
			all = append(all, sign{r.Code, r.When.Status, r.When.Error})
		}
	}
	Expect(len(all)).To(BeNumerically(">", 200))
	return all
}

// among reports whether a rule that asks for the statuses of pattern is about
// the wanted one. A whole class (4xx, 500-999) is only what names it.
func among(wanted, pattern string) bool {
	if wanted == pattern {
		return true
	}
	low, high, isRange := strings.Cut(pattern, "-")
	from, err1 := strconv.Atoi(low)
	to, err2 := strconv.Atoi(high)
	status, err3 := strconv.Atoi(wanted)
	return isRange && err1 == nil && err2 == nil && err3 == nil && to-from < 50 && from <= status && status <= to
}

// codes are the diagnoses that the symptom may come from, the likeliest first.
func (s *symptom) codes(all []sign) []string {
	GinkgoHelper()
	found := map[string]bool{}
	for _, one := range all {
		for _, wanted := range s.Status {
			if slices.ContainsFunc(one.status, func(pattern string) bool { return among(wanted, pattern) }) {
				found[one.code] = true
			}
		}
		for _, wanted := range s.Error {
			if slices.Contains(one.error, wanted) {
				found[one.code] = true
			}
		}
	}
	codes := slices.Clone(s.First)
	for _, code := range codes {
		Expect(found).To(HaveKey(code), "%s: no rule leads from it to %s", s.ID, code)
	}
	for _, code := range diagnose.Builtin().Codes() {
		if found[code] && !slices.Contains(codes, code) {
			codes = append(codes, code)
		}
	}
	return codes
}

func anchor(code string) string { return strings.ReplaceAll(code, ".", "") }

// syntax names the language of a file for the fence around its code.
func syntax(file string) string {
	file = strings.Fields(file + " .")[0]
	switch path.Ext(strings.TrimRight(file, ",")) {
	case ".php":
		return "php"
	case ".py":
		return "python"
	case ".rb", ".ru":
		return "ruby"
	case ".js", ".mjs", ".ts":
		return "js"
	case ".go":
		return "go"
	}
	return "text"
}

// symptomsPage writes the page in one language.
func symptomsPage(tag lang.Tag, list []symptom, all []sign, checks map[string]*language.Check) string {
	say := say(tag)
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("# %s\n", say("Mi receptor responde ...", "My receiver answers ..."))
	line("%s\n", say(
		"[English](symptoms.md) · Qué significa cada respuesta para Kometia, de qué puede venir y cómo se corrige en su framework. Generada de los mismos datos que usa el programa; `make golden` la escribe de nuevo.",
		"[Español](symptoms.es.md) · What each response means to Kometia, what it may come from, and how to fix it in your framework. Generated from the data that the program itself uses; `make golden` writes it anew."))
	line("%s\n\n```sh\nkometia-sim send order.created --to http://localhost:8000/kometia/webhook\n```\n", say(
		"Lo más rápido es preguntarle al programa. Envía un evento, lee la respuesta y dice cuál de estas causas es, con la evidencia y el código para corregirla:",
		"The fastest way is to ask the program. It sends an event, reads the response and says which of these causes it is, with the evidence and the code that fixes it:"))
	line("%s\n\n```sh\nkometia-sim explain 419\nkometia-sim explain csrf.laravel\n```\n", say(
		"Si ya conoce el estado o el código del diagnóstico, la terminal dice lo mismo que esta página:",
		"If you already know the status or the code of the diagnosis, the terminal says what this page says:"))

	line("| %s | %s |\n|---|---|", say("lo que ve", "what you see"), say("lo más probable", "what it most likely is"))
	for i := range list {
		s := &list[i]
		likely := checkLinks(tag, s.Checks[:min(2, len(s.Checks))])
		if len(s.Checks) == 0 {
			var links []string
			for _, code := range s.codes(all)[:min(3, len(s.codes(all)))] {
				links = append(links, fmt.Sprintf("[%s](#%s)", code, anchor(code)))
			}
			likely = strings.Join(links, ", ")
		}
		line("| [%s](#%s) | %s |", s.Title.In(tag), slug(s.Title.In(tag)), likely)
	}

	for i := range list {
		s := &list[i]
		line("\n## %s\n", s.Title.In(tag))
		line("%s\n", s.Text.In(tag))
		for _, code := range s.codes(all) {
			e, known := diagnose.Builtin().Entry(code)
			Expect(known).To(BeTrue(), code)
			line("- [%s](#%s): %s. %s: %s.", code, anchor(code), e.Title.In(tag), say("Corrección", "Fix"), e.HintFor("").In(tag))
		}
		for _, id := range s.Checks {
			c := checks[id]
			Expect(c).NotTo(BeNil(), "%s: no check is named %s", s.ID, id)
			fault := c.Fault.In(tag)
			if fault == "" {
				fault = c.Title.In(tag)
			}
			line("- **%s** (%s). %s: %s", fault, checkLinks(tag, []string{id}), say("Corrección", "Fix"), c.Fix.In(tag))
		}
		if len(s.Checks) > 0 {
			line("\n%s [%s](%s).", say(
				"Se ve solo cuando se cuentan los efectos; cómo hacerlo en su framework:",
				"This shows only where effects are counted; how to do that in your framework:"),
				say("observadores", "observers"), pageName("observers", tag))
		}
	}

	line("\n## %s\n", say("Los diagnósticos y cómo corregirlos", "The diagnoses and their fixes"))
	line("%s", say("Las correcciones usan la ruta de ejemplo `/kometia/webhook`. El programa pone la suya.",
		"The fixes use the example path `/kometia/webhook`. The program puts in yours."))
	shown := map[string]string{} // a fix, and the code under which it stands
	for _, e := range diagnose.Builtin().Entries() {
		line("\n### %s\n", e.Code)
		line("**%s.** %s\n", e.Title.In(tag), e.Cause.In(tag))
		line("**%s.** %s", say("Para estar seguro", "To be sure"), e.Check.In(tag))
		var elsewhere []string
		for _, f := range e.FixesFor("") {
			key := f.For.EN + f.Code + f.Text.EN
			if at, ok := shown[key]; ok && f.Framework != "" {
				if link := fmt.Sprintf("[%s](#%s)", at, anchor(at)); !slices.Contains(elsewhere, link) {
					elsewhere = append(elsewhere, link)
				}
				continue
			}
			shown[key] = e.Code
			label := f.For.In(tag)
			if label != "" {
				label = ": " + label
			}
			line("\n**%s%s.** %s", say("Corrección", "Fix"), label, f.Text.In(tag))
			if f.Code != "" {
				line("\n```%s\n%s\n```", syntax(f.File), f.Code)
			}
		}
		if len(elsewhere) > 0 {
			line("\n%s %s.", say("En un framework en particular:", "In a particular framework:"), strings.Join(elsewhere, ", "))
		}
	}
	lines := strings.Split(b.String(), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}

var _ = Describe("the page of the symptoms", Label("unraced"), func() {
	DescribeTable("says what the diagnoses and the catalog say",
		func(tag lang.Tag) {
			var list []symptom
			data("symptoms.yaml", &list)
			suite, err := language.Builtin()
			Expect(err).NotTo(HaveOccurred())
			checks := map[string]*language.Check{}
			for _, c := range suite.Checks() {
				checks[c.ID] = c
			}
			generated("symptoms", tag, symptomsPage(tag, list, signs(), checks))
		},
		Entry("in English", lang.English),
		Entry("in Spanish", lang.Spanish),
	)

	It("has every diagnosis under what a developer sees of it", func() {
		var list []symptom
		data("symptoms.yaml", &list)
		all := signs()
		under := map[string]bool{}
		named := map[string]bool{}
		for i := range list {
			s := &list[i]
			Expect(s.Title.ES).NotTo(BeEmpty(), s.ID)
			Expect(s.Title.EN).NotTo(BeEmpty(), s.ID)
			Expect(s.Text.ES).NotTo(BeEmpty(), s.ID)
			Expect(s.Text.EN).NotTo(BeEmpty(), s.ID)
			kinds := 0
			for _, how := range [][]string{s.Status, s.Error, s.Checks} {
				if len(how) > 0 {
					kinds++
				}
			}
			Expect(kinds).To(Equal(1), "%s: one of status, error and checks", s.ID)
			for _, code := range s.codes(all) {
				under[code] = true
			}
			for _, status := range s.Status {
				named[status] = true
			}
		}
		for _, code := range diagnose.Builtin().Codes() {
			Expect(under).To(HaveKey(code), "no symptom leads to it")
		}
		for _, one := range all {
			for _, status := range one.status {
				if _, err := strconv.Atoi(status); err == nil && status >= "200" {
					Expect(named).To(HaveKey(status), "a rule knows it (%s), and no symptom", one.code)
				}
			}
		}
	})
})
