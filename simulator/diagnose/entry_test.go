package diagnose_test

import (
	"strings"
	"unicode"
	"unicode/utf8"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/diagnose"
)

// sound holds what every diagnosis has to be, whatever it was made of.
func sound(d *diagnose.Diagnosis) {
	GinkgoHelper()
	for _, text := range []string{d.Evidence.ES, d.Evidence.EN, d.Hint.ES, d.Hint.EN} {
		Expect(text).NotTo(BeEmpty(), d.Rule)
		Expect(utf8.ValidString(text)).To(BeTrue(), d.Rule)
		Expect(strings.IndexFunc(text, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) })).To(Equal(-1), "%s: %q", d.Rule, text)
		Expect(text).NotTo(ContainSubstring("{"+"path"), d.Rule)
		Expect(utf8.RuneCountInString(text)).To(BeNumerically("<", 500), d.Rule)
	}
	Expect(d.Fixes).NotTo(BeEmpty(), d.Rule)
}

// labels are what the fixes of a code are for.
func labels(e diagnose.Entry) []lang.Text {
	var all []lang.Text
	for _, f := range e.Fixes {
		all = append(all, f.For)
	}
	return all
}
