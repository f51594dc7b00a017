package judge_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/scenarios/judge"
)

var _ = Describe("the fixed texts", func() {
	It("are in both languages, each once", func() {
		spanish, english := map[string]bool{}, map[string]bool{}
		for _, t := range judge.FixedTexts() {
			Expect(t.ES).NotTo(BeEmpty(), t.EN)
			Expect(t.EN).NotTo(BeEmpty(), t.ES)
			Expect(t.ES).NotTo(Equal(t.EN))
			Expect(spanish).NotTo(HaveKey(t.ES))
			Expect(english).NotTo(HaveKey(t.EN))
			spanish[t.ES], english[t.EN] = true, true
		}
		Expect(spanish).NotTo(BeEmpty())
	})
})
