package main_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/report/ndjson"
)

// documented are the commands of kometia-sim that a page shows, in fenced sh
// blocks or in the cells of a table, in their order.
func documented(page string) (commands [][]string) {
	inline := regexp.MustCompile("`(kometia-sim [^`]+)`")
	fenced := false
	for line := range strings.SplitSeq(page, "\n") {
		switch {
		case strings.HasPrefix(line, "```"):
			fenced = line == "```sh"
			continue
		case fenced && strings.HasPrefix(line, "go run ./cmd/kometia-sim "):
			line = strings.TrimPrefix(line, "go run ./cmd/")
		case strings.HasPrefix(line, "|"):
			m := inline.FindStringSubmatch(line)
			if m == nil {
				continue
			}
			line = m[1]
		case !fenced:
			continue
		}
		if words := shellWords(line); len(words) > 0 && words[0] == "kometia-sim" {
			commands = append(commands, words[1:])
		}
	}
	return commands
}

var _ = Describe("the documentation", func() {
	const root = "../.."

	DescribeTable("shows commands that work, in both languages", Label("whole"),
		func(page string, least int) {
			rec := newReceiver(204)
			sh := newShell()
			Expect(os.CopyFS(filepath.Join(sh.dir, "docs"), os.DirFS(filepath.Join(root, "docs")))).To(Succeed())
			ran := map[string]bool{} // most of the second page's
			for _, language := range []string{".md", ".es.md"} {
				text, err := os.ReadFile(filepath.Join(root, page+language))
				Expect(err).NotTo(HaveOccurred())
				commands := documented(transcript.ReplaceAllString(string(text), ""))
				Expect(len(commands)).To(BeNumerically(">=", least), page+language)
				for _, words := range commands {
					line := strings.ReplaceAll(strings.Join(words, " "), "http://localhost:8000", rec.URL)
					if ran[line] {
						continue
					}
					ran[line] = true
					got := sh.run(strings.Fields(line)...)
					Expect(got.code).To(Equal(0), "%s: kometia-sim %s\n%s%s", page+language, line, got.out, got.err)
					Expect(got.out).NotTo(BeEmpty(), "%s: kometia-sim %s", page+language, line)
				}
			}
		},
		Entry(nil, "README", 18),
		Entry(nil, "docs/configuration", 6),
		Entry(nil, "docs/run", 3),
		Entry(nil, "docs/fuzz", 2),
		Entry(nil, "docs/formats", 6),
		Entry(nil, "docs/scenarios", 2),
		Entry(nil, "docs/symptoms", 2),
		Entry(nil, "docs/practice", 2),
		Entry(nil, "docs/faq", 4),
	)

	It("names every type of line", func() {
		var schema struct {
			Definitions map[string]struct {
				Properties struct {
					Type struct {
						Const string
						Enum  []string
					}
				}
			}
		}
		Expect(json.Unmarshal(ndjson.Schema, &schema)).To(Succeed())
		named := map[string]bool{}
		for _, of := range schema.Definitions {
			for _, name := range append(of.Properties.Type.Enum, of.Properties.Type.Const) {
				if name != "" {
					named[name] = true
				}
			}
		}
		Expect(len(named)).To(BeNumerically(">=", 10))
		for _, page := range []string{"docs/formats.md", "docs/formats.es.md"} {
			text, err := os.ReadFile(filepath.Join(root, page))
			Expect(err).NotTo(HaveOccurred())
			for name := range named {
				Expect(string(text)).To(ContainSubstring("\n| `"+name+"` |"), page+" "+name)
			}
		}
	})

	It("shows no command that no spec runs", func() {
		run := []string{
			"README", "docs/configuration", "docs/run", "docs/fuzz", "docs/scenarios", "docs/symptoms", "docs/practice", "docs/faq",
			"docs/formats", "docs/serve", "docs/observers", "docs/verify", "docs/reports", "docs/tutorial",
		}
		pages, err := filepath.Glob(filepath.Join(root, "docs/*.md"))
		Expect(err).NotTo(HaveOccurred())
		Expect(len(pages)).To(BeNumerically(">=", 20))
		for _, page := range append(pages, filepath.Join(root, "README.md"), filepath.Join(root, "README.es.md")) {
			text, err := os.ReadFile(page)
			Expect(err).NotTo(HaveOccurred())
			name, err := filepath.Rel(root, strings.TrimSuffix(strings.TrimSuffix(page, ".md"), ".es"))
			Expect(err).NotTo(HaveOccurred())
			if len(documented(string(text))) > 0 {
				Expect(run).To(ContainElement(name), "no spec runs the commands of %s", page)
			}
		}
	})

	It("shows make targets that there are", func() {
		makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
		Expect(err).NotTo(HaveOccurred())
		for _, page := range []string{"README.md", "README.es.md", "CONTRIBUTING.md"} {
			text, err := os.ReadFile(filepath.Join(root, page))
			Expect(err).NotTo(HaveOccurred())
			targets := regexp.MustCompile("(?m)(?:^|`)make ([a-z-]+)").FindAllStringSubmatch(string(text), -1)
			Expect(targets).NotTo(BeEmpty())
			for _, t := range targets {
				Expect(string(makefile)).To(MatchRegexp("(?m)^" + t[1] + ":"))
			}
		}
	})

	It("shows code that stands in the examples", func() {
		for page, blocks := range map[string]int{"docs/verify.md": 6, "docs/verify.es.md": 6, "docs/observers.md": 9, "docs/observers.es.md": 9} {
			text, err := os.ReadFile(filepath.Join(root, page))
			Expect(err).NotTo(HaveOccurred())
			shown := regexp.MustCompile("(?s)<!-- (examples/[^ ]+) -->\n```[a-z]+\n(.*?)```").FindAllStringSubmatch(string(text), -1)
			Expect(shown).To(HaveLen(blocks), page)
			for _, m := range shown {
				code, err := os.ReadFile(filepath.Join(root, m[1]))
				Expect(err).NotTo(HaveOccurred())
				Expect(string(code)).To(ContainSubstring(m[2]), page)
			}
		}
	})

	It("links to pages that there are", func() {
		pages, err := filepath.Glob(filepath.Join(root, "docs/*.md"))
		Expect(err).NotTo(HaveOccurred())
		Expect(len(pages)).To(BeNumerically(">=", 6))
		pages = append(pages, filepath.Join(root, "README.md"), filepath.Join(root, "README.es.md"), filepath.Join(root, "CONTRIBUTING.md"))
		for _, page := range pages {
			text, err := os.ReadFile(page)
			Expect(err).NotTo(HaveOccurred())
			for _, m := range regexp.MustCompile(`\]\(([^)#:]+)\)`).FindAllStringSubmatch(string(text), -1) {
				Expect(filepath.Join(filepath.Dir(page), m[1])).To(Satisfy(exists), page)
			}
		}
	})
})

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
