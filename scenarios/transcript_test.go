package scenarios_test

import (
	"fmt"
	"net/http"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

var _ = Describe("what went over the wire", func() {
	// kept are the attempts of a result that have their exchange.
	kept := func(r verdict.Result) (out []verdict.Attempt) {
		for _, a := range r.Attempts {
			if a.Exchange != nil {
				out = append(out, a)
			}
		}
		return out
	}

	It("is kept of red checks only, bounded, without the user's secrets", func(ctx SpecContext) {
		rec := receive(func(w http.ResponseWriter, r *http.Request, p post) bool {
			if p.Event.Kind != "order.placed" {
				return false
			}
			w.Header().Set("Set-Cookie", "sid=abcdef; path=/")
			w.WriteHeader(http.StatusInternalServerError)
			fmt.Fprintf(w, "<b>\x1b\xff you sent %v %s", r.Header, strings.Repeat("x", 100_000))
			return true
		})
		cfg := configFor(strings.Replace(rec.URL, "http://", "http://ana:opensesame@", 1) + "/hook?token=querysecret")
		cfg.Header = []wire.Field{{Name: "X-Api-Key", Value: "headersecret"}, {Name: "X-Debug", Value: "shown"}}
		rep := run(ctx, cfg)
		red := result(rep, "KOM-ACK-001")
		Expect(red.Verdict).To(Equal(verdict.Fail))
		Expect(kept(red)).To(HaveLen(1))
		x := kept(red)[0].Exchange
		Expect(x.Request.Head).To(And(HavePrefix("POST /hook?token=*** HTTP/1.1\n"), ContainSubstring("Authorization: Basic ***"), ContainSubstring("X-Api-Key: ***"), ContainSubstring("X-Debug: shown")))
		Expect(x.Request.Body).To(ContainSubstring(`"kind":"order.placed"`))
		Expect(x.Answer.Head).To(And(HavePrefix("HTTP/1.1 500 Internal Server Error\n"), ContainSubstring("Set-Cookie: sid=***; path=/")))
		Expect(x.Answer.Body).To(And(HaveLen(4096), HavePrefix("<b>\x1b\xff you sent map["), ContainSubstring("X-Debug:[shown]")))
		Expect(x.Answer.Length).To(BeNumerically(">", 100_000))
		passed := 0
		for _, r := range rep.Results {
			for _, a := range kept(r) {
				all := fmt.Sprintf("%+v", *a.Exchange)
				for _, secret := range []string{"opensesame", "querysecret", "headersecret", "abcdef"} {
					Expect(all).NotTo(ContainSubstring(secret), r.ID)
				}
			}
			if r.Verdict == verdict.Pass {
				passed++
				Expect(kept(r)).To(BeEmpty(), r.ID)
			}
		}
		Expect(passed).To(BeNumerically(">", 3))
	})

	It("is kept of the first and the last attempts of many", func(ctx SpecContext) {
		rec := receive(unless(http.StatusConflict, func(p post) bool { return p.Repeats == 0 }))
		red := result(run(ctx, configFor(rec.URL), "KOM-DUP-001", "KOM-RTY-002"), "KOM-RTY-002")
		Expect(red.Verdict).To(Equal(verdict.Fail))
		Expect(len(red.Attempts)).To(BeNumerically(">", 1))
		Expect(kept(red)).To(HaveLen(min(len(red.Attempts), 4)))
		Expect(red.Attempts[0].Exchange).NotTo(BeNil(), "the lost response")
	})
})
