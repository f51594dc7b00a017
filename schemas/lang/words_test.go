package lang_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// One word, one meaning, and the field's own: what stands on the left is said with
// what stands on the right.
var _ = Describe("the words of what a user reads", Label("unraced"), func() {
	type word struct{ not, but string }
	words := []word{
		{`mend(s|ed|ing)?`, "fix"},
		{`doubl(es|ed)`, "duplicated, acts twice"},
		{`(is|are|was|were) away`, "is down"},
		{`(an|the|no|its|this|each|every|any|another|same|whole|lost|late|all|%d) answers?`, "response (to answer is fine as a verb)"},
		{`plain (events?|delivery|deliveries|ones?|customers?|orders?)`, "normal event"},
		{`members?`, "field"},
		{`tells?|told`, "reports, says"},
		{`plays?|played|playing`, "runs, simulates"},
		{`(hangs?|hanging|hung) up`, "closes the connection"},
		{`most like it`, "closest catalog check"},
		{`proved: \d+|proved: %d`, "tested ... of ... required checks"},
		{`bitácoras?`, "registro"},
		{`almac[eé]n`, "base de datos"},
		{`cuelg\pL+|colgamos|colgar|colgó`, "cerrar la conexión"},
		{`jueg\pL+|juga\pL+|jugó`, "simular"},
		{`miembros?`, "campo"},
		{`(el|al|del|un|este) API`, "la API"},
		{`ganchos?`, "hook"},
		{`tú|tus|contigo|puedes|debes|quieres|tienes|necesitas`, "usted"},
		{`probado: \d+|probado: %d`, "pruebas obligatorias hechas"},
	}
	// Labels that used to stand by themselves.
	labels := regexp.MustCompile(`^(Matters|Importa|Repeat|Repetir|More|Más|Hubo)$`)
	who := regexp.MustCompile(`(^|[.!?;:] )Who `)
	// What Kometia's guide says is quoted as it stands there.
	quoted := regexp.MustCompile(`«[^»]*»|<br>\*[^*]*\*|^### .*`)
	// Names of the command line and of the languages that the product reads, which
	// never change.
	names := regexp.MustCompile("`[^`]*`|hang-up|lose-answer|[a-z]+[-_]members?|members?[-_][a-z]+|\\$[A-Z_]+|plays the (store|API)")

	is := map[word]*regexp.Regexp{}
	var all []string
	for _, w := range words {
		is[w] = regexp.MustCompile(`(?i)(^|[^\pL\pN_./{\[-])(` + w.not + `)($|[^\pL\pN_=-])`)
		all = append(all, w.not)
	}
	some := regexp.MustCompile(`(?i)` + strings.Join(all, "|")) // which most texts have none of

	var found []string
	read := 0
	hold := func(place, text string) {
		read++
		text = names.ReplaceAllString(text, "")
		for _, w := range words {
			if !some.MatchString(text) {
				break
			}
			if hit := is[w].FindString(text); hit != "" {
				found = append(found, place+": "+strings.TrimSpace(hit)+" -> "+w.but+": "+text)
			}
		}
		if who.MatchString(text) {
			found = append(found, place+": begins with Who: "+text)
		}
	}
	BeforeEach(func() { found, read = nil, 0 })

	walk := func(dir string, file func(path string)) {
		Expect(filepath.WalkDir(filepath.Join("../..", dir), func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				file(path)
			}
			return err
		})).To(Succeed())
	}

	It("are the field's in the source", func() {
		for _, dir := range []string{"schemas", "retryclock", "simulator", "scenarios", "report", "cmd"} {
			walk(dir, func(path string) {
				if filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
					return
				}
				set := token.NewFileSet()
				parsed, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
				Expect(err).NotTo(HaveOccurred())
				ast.Inspect(parsed, func(n ast.Node) bool {
					lit, ok := n.(*ast.BasicLit)
					if !ok || lit.Kind != token.STRING {
						return true
					}
					text, err := strconv.Unquote(lit.Value)
					Expect(err).NotTo(HaveOccurred())
					place := set.Position(lit.Pos()).String()
					if labels.MatchString(text) {
						found = append(found, place+": a label of one word: "+text)
					}
					if strings.Contains(strings.TrimSpace(text), " ") { // others are names
						hold(place, text)
					}
					return true
				})
			})
		}
		Expect(read).To(BeNumerically(">", 3000))
		Expect(found).To(BeEmpty(), strings.Join(found, "\n"))
	})

	It("are the field's in the data", func() {
		said := regexp.MustCompile(`\b(es|en): *(.*)$|"(?:description|title|es|en|x-description-es)": *"([^"]*)"`)
		for _, dir := range []string{"scenarios/catalogue", "scenarios/language", "simulator/diagnose/data", "schemas/data"} {
			walk(dir, func(path string) {
				if ext := filepath.Ext(path); ext != ".yaml" && ext != ".json" || strings.Contains(path, "testdata") {
					return
				}
				data, err := os.ReadFile(path)
				Expect(err).NotTo(HaveOccurred())
				n := 0
				for line := range strings.Lines(string(data)) {
					n++
					if m := said.FindStringSubmatch(strings.TrimSuffix(line, "\n")); m != nil {
						hold(path+":"+strconv.Itoa(n), m[2]+m[3])
					}
				}
			})
		}
		Expect(read).To(BeNumerically(">", 1500))
		Expect(found).To(BeEmpty(), strings.Join(found, "\n"))
	})

	It("are the field's in the documents", func() {
		pages, err := filepath.Glob("../../docs/*.md")
		Expect(err).NotTo(HaveOccurred())
		Expect(len(pages)).To(BeNumerically(">", 12))
		for _, page := range append(pages, "../../README.md", "../../README.es.md") {
			data, err := os.ReadFile(page)
			Expect(err).NotTo(HaveOccurred())
			code, n := false, 0
			for line := range strings.Lines(string(data)) {
				n++
				if strings.HasPrefix(line, "```") {
					code = !code
				}
				if strings.HasPrefix(page, "../../docs/traceability") {
					line = quoted.ReplaceAllString(line, "")
				}
				if !code && !strings.HasPrefix(page, "../../docs/architecture") {
					hold(page+":"+strconv.Itoa(n), strings.TrimSpace(line))
				}
			}
		}
		Expect(read).To(BeNumerically(">", 1000))
		Expect(found).To(BeEmpty(), strings.Join(found, "\n"))
	})
})
