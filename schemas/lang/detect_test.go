package lang_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

var _ = Describe("the language of a run", func() {
	DescribeTable("from flag and environment",
		func(flag string, env map[string]string, want lang.Tag) {
			got, err := lang.Detect(flag, func(name string) string { return env[name] })
			Expect(err).NotTo(HaveOccurred())
			Expect(got).To(Equal(want))
		},
		Entry("nothing at all", "", nil, lang.Spanish),
		Entry("the flag wins", "en", map[string]string{"LC_ALL": "es_MX.UTF-8"}, lang.English),
		Entry("the flag with a region", "es-MX", nil, lang.Spanish),
		Entry("the flag in capitals", "EN_us", nil, lang.English),
		Entry("LC_ALL before the others", "", map[string]string{"LC_ALL": "es_ES", "LC_MESSAGES": "en_US", "LANG": "en_US"}, lang.Spanish),
		Entry("LC_MESSAGES before LANG", "", map[string]string{"LC_MESSAGES": "es", "LANG": "en_US.UTF-8"}, lang.Spanish),
		Entry("an empty variable is none", "", map[string]string{"LC_ALL": "", "LANG": "es_MX.UTF-8"}, lang.Spanish),
		Entry("LANG", "", map[string]string{"LANG": "en_GB.UTF-8"}, lang.English),
		Entry("C", "", map[string]string{"LANG": "C"}, lang.English),
		Entry("C.UTF-8", "", map[string]string{"LC_ALL": "C.UTF-8"}, lang.English),
		Entry("POSIX", "", map[string]string{"LC_ALL": "POSIX", "LANG": "es_MX"}, lang.English),
		Entry("a third language", "", map[string]string{"LANG": "fr_FR.UTF-8"}, lang.English),
		Entry("a language that begins like Spanish", "", map[string]string{"LANG": "est_EE"}, lang.English),
		Entry("a modifier", "", map[string]string{"LANG": "es_ES@euro"}, lang.Spanish),
	)

	It("refuses a flag that names no language of ours", func() {
		_, err := lang.Detect("fr", nil)
		Expect(err).To(MatchError(`unknown language "fr" (use es or en)`))
	})

	It("takes no environment for an empty one", func() {
		Expect(lang.Detect("", nil)).To(Equal(lang.Spanish))
	})

	It("reads a text in either language, an unknown one as Spanish", func() {
		t := lang.Text{ES: "hola", EN: "hello"}
		Expect(t.In(lang.English)).To(Equal("hello"))
		Expect(t.In(lang.Spanish)).To(Equal("hola"))
		Expect(t.In("fr")).To(Equal("hola"))
		Expect(t.IsZero()).To(BeFalse())
		Expect(lang.Text{}.IsZero()).To(BeTrue())
	})
})
