package lang_test

import (
	"os"
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
		Entry("behind places", "a.yaml: read: is a directory", "a.yaml: read: es una carpeta"),
		Entry("in quotes, which are kept", `could not find alias "missing"`, `no existe el alias "missing"`),
		Entry("line by line", "broken pipe\n  no such host", "el otro lado cortó la conexión\n  ese nombre no existe"),
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
			word := rapid.SampledFrom([]string{": ", " or ", "%s", "listen tcp ", "bind: permission denied", "\n", "x", `"`, "", "x509: certificate is valid for ", ", not "})
			lang.InSpanish(strings.Join(rapid.SliceOfN(word, 0, 40).Draw(t, "words"), rapid.SampledFrom([]string{"", " "}).Draw(t, "between")))
		})
	})
})
