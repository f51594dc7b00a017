package report_test

import (
	"bytes"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/report/columns"
	"github.com/kometia-sim/kometia-sim/report/terminal"
	"github.com/kometia-sim/kometia-sim/report/view"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

var sgr = regexp.MustCompile(`\x1b\[[0-9;]*m`)

func render(r *verdict.Report, o view.Options) string {
	GinkgoHelper()
	return writeAs("terminal", r, o)
}

var _ = Describe("the terminal report", func() {
	all := fixtures()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		for _, tag := range []lang.Tag{lang.Spanish, lang.English} {
			for _, width := range []int{100, 50} {
				It(fmt.Sprintf("shows %s in %s at %d columns", name, tag, width), func() {
					o := view.Options{Lang: tag, Width: width, CauseTitle: titles}
					golden(fmt.Sprintf("run-%s.%s.%d", name, tag, width), render(all[name], o))
				})
			}
		}
		It("says the same of "+name+" in colour", func() {
			o := view.Options{Lang: lang.Spanish, Width: 100, CauseTitle: titles}
			without := render(all[name], o)
			o.Color = true
			with := render(all[name], o)
			Expect(with).NotTo(Equal(without))
			Expect(sgr.ReplaceAllString(with, "")).To(Equal(without))
		})
		It("leaves no space at the end of a line of "+name, func() {
			for width := view.MinWidth; width < 120; width++ {
				out := render(all[name], view.Options{Lang: lang.Spanish, Width: width, Verbose: true})
				for line := range strings.Lines(out) {
					Expect(line).NotTo(HaveSuffix(" \n"), "at %d columns", width)
				}
			}
		})
	}

	It("shows colours", func() {
		golden("run-red.es.color", render(all["red"], view.Options{Lang: lang.Spanish, Width: 100, Color: true}))
	})
	It("lists what passed when asked", func() {
		golden("run-mixed.es.verbose", render(all["mixed"], view.Options{Lang: lang.Spanish, Width: 100, Verbose: true, Reports: []string{"report.html", "junit.xml"}}))
	})
	It("does without marks that a terminal may lack", func() {
		out := render(all["red"], view.Options{Lang: lang.English, Width: 100, ASCII: true})
		golden("run-red.en.ascii", out)
		for _, r := range out {
			Expect(r).To(BeNumerically("<", 0x80))
		}
	})
	It("tells a warning in full where it decides", func() {
		out := render(all["mixed"], view.Options{Lang: lang.English, Width: 100, Strict: true})
		Expect(out).To(ContainSubstring("kometia-sim explain KOM-LAT-002"))
	})
	It("takes 80 columns for none and 40 for fewer", func() {
		Expect(render(all["red"], view.Options{})).To(Equal(render(all["red"], view.Options{Width: 80})))
		Expect(render(all["red"], view.Options{Width: 3})).To(Equal(render(all["red"], view.Options{Width: 40})))
	})
	It("stays within its columns but for what is meant to be copied", func() {
		for name, r := range all {
			for _, width := range []int{40, 60, 80} {
				for line := range strings.Lines(render(r, view.Options{Lang: lang.Spanish, Width: width, Verbose: true})) {
					line = strings.TrimSuffix(line, "\n")
					if strings.Contains(line, "http://") || strings.Contains(line, "kometia-sim ") || strings.Contains(line, "observe:") || strings.Contains(line, "log: {") || strings.Contains(line, "$zip") {
						continue
					}
					Expect(columns.Width(line)).To(BeNumerically("<=", width), "%s at %d: %q", name, width, line)
				}
			}
		}
	})
	It("counts the kinds of a receiver where they are many", func() {
		r := fixtures()["green"]
		r.Profile.Effects = nil
		for i, kind := range []string{"order.created", "order.placed", "order.paid", "product.created", "product.deleted"} {
			r.Profile.Effects = append(r.Profile.Effects, verdict.KindEffects{Kind: kind, Count: min(i, 1), Within: time.Duration(i) * 10 * time.Millisecond})
		}
		Expect(render(r, view.Options{Lang: lang.English, Width: 160})).To(ContainSubstring("204 in 12 ms · 4 event kinds: 1 effect within 40 ms · 1 event kind: 0 effects · effects counted per event (log:)"))
	})
	It("leaves the plan out where it was shown before", func() {
		out := render(all["mixed"], view.Options{Lang: lang.English, PlanShown: true})
		Expect(out).To(HavePrefix("Target    http"))
		Expect(out).NotTo(Or(ContainSubstring("Plan "), ContainSubstring("Left out")))
	})
	It("does not say of a clock that was moved that it stood still", func() {
		r := fixtures()["green"]
		Expect(render(r, view.Options{Lang: lang.English, Width: 120})).To(ContainSubstring("your server's clock did not move."))
		r.Moved = true
		Expect(render(r, view.Options{Lang: lang.English, Width: 120})).To(ContainSubstring("your server's clock moved only where a check put it forward."))
	})
	It("prints the plan by itself", func() {
		var b bytes.Buffer
		Expect(terminal.WritePlan(&b, run().Plan, view.Options{Lang: lang.Spanish})).To(Succeed())
		Expect(b.String()).To(Equal("Plan  312 POST, 96 pedidos de prueba, correos @example.com\n"))
		plan := run().Plan
		plan.AtMost = true
		b.Reset()
		Expect(terminal.WritePlan(&b, plan, view.Options{Lang: lang.English})).To(Succeed())
		Expect(b.String()).To(Equal("Plan  at most 312 POSTs, 96 test orders, emails @example.com\n"))
	})
	It("measures what a terminal shows", func() {
		Expect(columns.Width("año")).To(Equal(3))
		Expect(columns.Width("an\u0303o")).To(Equal(3))
		Expect(columns.Width("日本")).To(Equal(4))
		Expect(columns.Width("✓ 👍")).To(Equal(4))
	})
})
