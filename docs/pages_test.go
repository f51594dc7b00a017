package docs_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// pages are the pages that people read: docs, the front pages, and the READMEs of
// the examples.
func pages() []string {
	GinkgoHelper()
	var all []string
	for _, pattern := range []string{"*.md", "../*.md", "../examples/*.md", "../examples/*/README.md"} {
		found, err := filepath.Glob(pattern)
		Expect(err).NotTo(HaveOccurred())
		Expect(found).NotTo(BeEmpty(), pattern)
		all = append(all, found...)
	}
	return all
}

// prose is a page without its blocks of code.
func prose(page string) string {
	var b strings.Builder
	fenced := false
	for line := range strings.SplitSeq(page, "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), "```") {
			fenced = !fenced
			line = ""
		}
		if fenced {
			line = ""
		}
		b.WriteString(line + "\n")
	}
	return b.String()
}

// headings are a page's headings, in order, as "##" and the words.
func headings(page string) [][2]string {
	var all [][2]string
	for _, m := range regexp.MustCompile(`(?m)^(#+) (.+)$`).FindAllStringSubmatch(prose(page), -1) {
		all = append(all, [2]string{m[1], m[2]})
	}
	return all
}

// slug is the anchor that GitHub gives to a heading.
func slug(heading string) string {
	heading = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`).ReplaceAllString(heading, "$1")
	var b strings.Builder
	for _, r := range strings.ToLower(heading) {
		switch {
		case r == ' ':
			b.WriteByte('-')
		case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r):
			b.WriteRune(r)
		}
	}
	return b.String()
}

// anchors are all anchors of a page; of equal headings the later ones are
// numbered.
func anchors(page string) map[string]bool {
	all := map[string]bool{}
	times := map[string]int{}
	for _, h := range headings(page) {
		s := slug(h[1])
		if n := times[s]; n > 0 {
			all[fmt.Sprintf("%s-%d", s, n)] = true
		} else {
			all[s] = true
		}
		times[s]++
	}
	return all
}

func read(path string) string {
	GinkgoHelper()
	text, err := os.ReadFile(path)
	Expect(err).NotTo(HaveOccurred())
	return string(text)
}

var _ = Describe("the pages", Label("unraced"), func() {
	It("link to pages and to headings that there are", func() {
		links := 0
		for _, page := range pages() {
			for _, m := range regexp.MustCompile(`\]\(([^)\s]+)\)`).FindAllStringSubmatch(prose(read(page)), -1) {
				target := m[1]
				if strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
					continue
				}
				links++
				file, fragment, _ := strings.Cut(target, "#")
				path := page
				if file != "" {
					path = filepath.Join(filepath.Dir(page), file)
				}
				_, err := os.Stat(path)
				Expect(err).NotTo(HaveOccurred(), "%s links to %s", page, target)
				if fragment != "" {
					Expect(anchors(read(path))).To(HaveKey(fragment), "%s links to %s", page, target)
				}
			}
		}
		Expect(links).To(BeNumerically(">", 500))
	})

	It("link from a Spanish page to Spanish pages, from an English one to English pages", func() {
		for _, page := range pages() {
			if !strings.HasSuffix(page, ".md") || strings.Contains(page, "examples") || strings.HasSuffix(page, "CHANGELOG.md") {
				continue
			}
			spanish := strings.HasSuffix(page, ".es.md")
			for _, m := range regexp.MustCompile(`\[([^\]]*)\]\(([^)#:\s]+\.md)[^)]*\)`).FindAllStringSubmatch(prose(read(page)), -1) {
				if m[1] == "English" || m[1] == "Español" || m[1] == "En español" || m[1] == "In English" {
					continue
				}
				other := strings.TrimSuffix(m[2], ".md") + ".es.md"
				if spanish && !strings.HasSuffix(m[2], ".es.md") {
					_, err := os.Stat(filepath.Join(filepath.Dir(page), other))
					Expect(err).To(HaveOccurred(), "%s links to %s, and there is %s", page, m[2], other)
				}
				if !spanish {
					Expect(m[2]).NotTo(HaveSuffix(".es.md"), page)
				}
			}
		}
	})

	It("have the same parts in both languages, and the same commands", func() {
		spanish, err := filepath.Glob("*.es.md")
		Expect(err).NotTo(HaveOccurred())
		Expect(len(spanish)).To(BeNumerically(">=", 8))
		english, err := filepath.Glob("*.md")
		Expect(err).NotTo(HaveOccurred())
		Expect(english).To(HaveLen(2*len(spanish)), "each page has its other language")
		for _, es := range append(spanish, "../README.es.md") {
			en := strings.TrimSuffix(es, ".es.md") + ".md"
			Expect(read(es)).To(MatchRegexp(`\[(English|In English)\]\(`+filepath.Base(en)+`\)`), "a way to the other language")
			Expect(read(en)).To(MatchRegexp(`\[(Español|En español)\]\(`+filepath.Base(es)+`\)`), "a way to the other language")
			levels := func(page string) (all []string) {
				for _, h := range headings(read(page)) {
					all = append(all, h[0])
				}
				return all
			}
			Expect(levels(es)).To(Equal(levels(en)), "headings of %s and %s", es, en)
			fences := func(page string) (all []string) {
				fenced := false
				for line := range strings.SplitSeq(read(page), "\n") {
					if strings.HasPrefix(line, "```") {
						if fenced = !fenced; fenced {
							all = append(all, line)
						}
					}
				}
				return all
			}
			Expect(fences(es)).To(Equal(fences(en)), "blocks of code in %s and %s", es, en)
		}
	})

	It("use the words of the field", func() {
		inline := regexp.MustCompile("`[^`]*`")
		wrong := []*regexp.Regexp{}
		for _, w := range []string{
			`\b[Mm]end(s|ed|ing)?\b`, `\b[Dd]oubl(e|ed|es|ing)\b (?:deliver|effect)`, `\b[Ll]oses? and doubles?`, `\bplain events?\b`, `\bplain deliver`,
			`\b[Mm]embers?\b`, `\b(?:is|are) told\b`, `\btells\b`, `\bMatters\b`, `\bhang up\b`, `\bIts? own store\b`,
			`(?:^|[.:] )Who [a-z]`,
		} {
			wrong = append(wrong, regexp.MustCompile(w))
		}
		wrongES := []*regexp.Regexp{}
		for _, w := range []string{`\bbitácora`, `\b[Jj]uega(n)?\b`, `\b[Cc]olgamos\b`, `\b[Cc]olguemos\b`, `\bMiembros?\b`, `\bmiembros?\b`, `\bImporta\.`} {
			wrongES = append(wrongES, regexp.MustCompile(w))
		}
		looked := 0
		var offences []string
		for _, page := range pages() {
			base := filepath.Base(page)
			if slices.Contains(written, base) || base == "CHANGELOG.md" {
				continue
			}
			looked++
			list := wrong
			if strings.HasSuffix(page, ".es.md") {
				list = wrongES
			}
			n := 0
			for line := range strings.SplitSeq(prose(read(page)), "\n") {
				n++
				line = inline.ReplaceAllString(line, "``")
				for _, w := range list {
					if m := w.FindString(line); m != "" {
						offences = append(offences, fmt.Sprintf("%s:%d: %s", page, n, m))
					}
				}
			}
		}
		Expect(offences).To(BeEmpty(), strings.Join(offences, "\n"))
		Expect(looked).To(BeNumerically(">=", 12))
	})
})

// written are pages whose texts come from the catalog, the schemas, the practice
// receivers and the diagnoses, and are held to the same words there.
var written = []string{
	"catalogue.md", "catalogue.es.md", "practice.md", "practice.es.md",
	"fidelity.md", "fidelity.es.md", "symptoms.md", "symptoms.es.md", "traceability.md", "traceability.es.md",
}
