package lang_test

import (
	"os"
	"path/filepath"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"pgregory.net/rapid"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

var _ = Describe("a message in Spanish", func() {
	DescribeTable("is put together of phrases", func(en, es string) {
		Expect(lang.InSpanish(en)).To(Equal(es))
		Expect(lang.Said(en)).To(Equal(lang.Text{ES: es, EN: en}))
	},
		Entry("as it stands", "connection refused", "conexión rechazada"),
		Entry("with what it is about", "listen tcp 127.0.0.1:9: bind: address already in use", "escuchar en 127.0.0.1:9: la dirección ya está en uso"),
		Entry("within one another", "listen tcp 127.0.0.1:80: bind: permission denied", "escuchar en 127.0.0.1:80: sin permiso"),
		Entry("behind a place", "cases[0].steps[1].search: no event of that kind is that small", "cases[0].steps[1].search: ningún evento de ese tipo es tan pequeño"),
		Entry("behind places", "a.yaml: [3:5] checks[0].id: missing", "a.yaml: [3:5] checks[0].id: falta"),
		Entry("in quotes, which are kept", `could not find alias "missing"`, `no existe el alias "missing"`),
		Entry("line by line, the file left as it is", "[4:3] unknown field \"nothing\"\n   3 | a: missing\n>  4 | b: missing\n       ^", "[4:3] no existe la clave \"nothing\"\n   3 | a: missing\n>  4 | b: missing\n       ^"),
		Entry("or not at all", "something nobody has thought of: 100%", "something nobody has thought of: 100%"),
		Entry("nothing", "", ""),
	)

	It("has its verbs in the order of the English, and no phrase twice", func() {
		data, err := os.ReadFile("phrases.txt")
		Expect(err).NotTo(HaveOccurred())
		verbs := func(s string) (out []string) {
			for i := range len(s) - 1 {
				if s[i] == '%' {
					out = append(out, s[i:i+2])
				}
			}
			return out
		}
		seen, english, n := map[string]bool{}, "", 0
		for line := range strings.Lines(string(data)) {
			line = strings.TrimRight(line, "\n")
			switch {
			case line == "", strings.HasPrefix(line, "#"):
				Expect(english).To(BeEmpty(), "no Spanish of %q", english)
			case strings.HasPrefix(line, "  "):
				Expect(english).NotTo(BeEmpty(), line)
				Expect(verbs(line)).To(Equal(verbs(english)), line)
				english = ""
				n++
			default:
				Expect(english).To(BeEmpty(), "no Spanish of %q", english)
				Expect(seen).NotTo(HaveKey(line))
				seen[line], english = true, line
			}
		}
		Expect(n).To(BeNumerically(">", 50))
	})

	It("takes any message and comes to an end", func() {
		rapid.Check(GinkgoT(), func(t *rapid.T) {
			word := rapid.SampledFrom([]string{": ", " or ", "%s", "a string", "(did you mean ", "?)", "\n", "x", `"`, "", "path ", "or more", "has no member"})
			lang.InSpanish(strings.Join(rapid.SliceOfN(word, 0, 40).Draw(t, "words"), rapid.SampledFrom([]string{"", " "}).Draw(t, "between")))
		})
	})
})

// Every phrase is what somebody says: one whose words are no longer in the
// source translates nothing.
var _ = It("the phrases are those of the source", func() {
	var source strings.Builder
	for _, dir := range []string{"..", "../jsontree", "../../simulator/wire", "../../simulator/fault", "../../simulator/shop", "../../scenarios", "../../scenarios/language", "../../scenarios/receiver", "../../scenarios/receiver/observe", "../../report/view", "../../retryclock", "../../report", "../lang"} {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		Expect(err).NotTo(HaveOccurred())
		for _, file := range files {
			if !strings.HasSuffix(file, "_test.go") {
				data, err := os.ReadFile(file)
				Expect(err).NotTo(HaveOccurred())
				source.Write(data)
			}
		}
	}
	unescaped := strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(source.String())
	data, err := os.ReadFile("phrases.txt")
	Expect(err).NotTo(HaveOccurred())
	ours, checked := true, 0
	for line := range strings.Lines(string(data)) {
		line = strings.TrimRight(line, "\n")
		switch {
		case strings.HasPrefix(line, "#"):
			ours = !strings.Contains(line, "Go and the system") && !strings.Contains(line, "YAML") && !strings.Contains(line, "Composed")
		case ours && line != "" && line[0] != ' ' && !strings.HasPrefix(line, "x509") && !strings.HasPrefix(line, "current time"):
			longest := ""
			for piece := range strings.FieldsFuncSeq(strings.NewReplacer("%%", "\x00", "%s", "\x00", "%q", "\x00", "%d", "\x00", "%w", "\x00", "`", "\x00").Replace(line), func(r rune) bool { return r == 0 }) {
				if len(piece) > len(longest) {
					longest = piece
				}
			}
			if !strings.Contains(unescaped, strings.TrimSpace(longest)) {
				Fail("nobody says " + line)
			}
			checked++
		}
	}
	Expect(checked).To(BeNumerically(">", 20))
})
