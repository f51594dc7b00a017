package report_test

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/report"
	"github.com/kometia-sim/kometia-sim/report/ndjson"
	"github.com/kometia-sim/kometia-sim/report/view"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

func writeAs(format string, r *verdict.Report, o view.Options) string {
	GinkgoHelper()
	f, err := report.Lookup(format)
	Expect(err).NotTo(HaveOccurred())
	var b bytes.Buffer
	Expect(f.Write(&b, r, o)).To(Succeed())
	return b.String()
}

var _ = Describe("the NDJSON of a run", func() {
	all := fixtures()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		It("streams "+name, func() {
			out := writeAs("json", all[name], view.Options{Lang: lang.Spanish})
			golden("run-"+name+".ndjson", out)
			lines := objects(out)
			Expect(lines[0]).To(HaveKeyWithValue("type", "run"))
			end := lines[len(lines)-1]
			Expect(end).To(HaveKeyWithValue("type", "end"))
			Expect(lines).To(HaveLen(len(all[name].Results) + 2))
			s := view.Summarize(all[name], view.Options{})
			Expect(end["exit"]).To(BeNumerically("==", s.Exit))
			for _, l := range lines[1 : len(lines)-1] {
				Expect(l).To(HaveKeyWithValue("type", "check"))
			}
		})
	}

	It("writes each line as it comes, whole", func() {
		var w writes
		j := ndjson.NewRun(&w, run(), view.Options{})
		Expect(w).To(HaveLen(1))
		Expect(j.Check(doubled())).To(Succeed())
		Expect(w).To(HaveLen(2))
		Expect(j.End(all["red"], nil)).To(Succeed())
		Expect(w).To(HaveLen(3))
		for _, line := range w {
			Expect(strings.Count(line, "\n")).To(Equal(1))
		}
	})
	It("gives a lost response as the sender saw it", func() {
		line := objects(writeAs("json", all["red"], view.Options{}))[1]
		first := line["attempts"].([]any)[0]
		Expect(first).To(Equal(map[string]any{
			"at": "2026-01-01T00:00:00Z", "offset_s": 0.0, "status": nil,
			"outcome": "no_response", "error": "answer lost (fault)", "latency_ms": 12.3,
			"event": eventID, "kind": "order.placed", "attempt": 1.0, "fault": "lose-answer", "lost_status": 204.0, "effects": 1.0,
		}))
	})
	It("has a status or an error in every attempt, never both", func() {
		for name, r := range all {
			for _, line := range objects(writeAs("json", r, view.Options{})) {
				as, _ := line["attempts"].([]any)
				for _, a := range as {
					a := a.(map[string]any)
					Expect(a["status"] == nil).To(Equal(a["outcome"] == "no_response"), fmt.Sprint(name, a))
					Expect(a["error"] == nil).To(Equal(a["status"] != nil), fmt.Sprint(name, a))
				}
			}
		}
	})
	It("keeps times in UTC", func() {
		r := run()
		r.Start = start.In(time.FixedZone("CST", -6*3600))
		var b bytes.Buffer
		ndjson.NewRun(&b, r, view.Options{})
		Expect(b.String()).To(ContainSubstring(`"start":"2026-01-01T00:00:00Z"`))
	})
	It("reports a writer that fails", func() {
		j := ndjson.NewRun(broken{}, run(), view.Options{})
		Expect(j.Check(doubled())).To(MatchError(errBroken))
		Expect(j.End(all["red"], nil)).To(MatchError(errBroken))
		for _, f := range report.Formats() {
			Expect(f.Write(broken{}, all["red"], view.Options{})).To(MatchError(errBroken), f.Name)
		}
	})
	It("names the formats that there are", func() {
		var names []string
		for _, f := range report.Formats() {
			names = append(names, f.Name)
		}
		Expect(names).To(ContainElements("terminal", "json", "junit", "html", "markdown"))
		_, err := report.Lookup("pdf")
		Expect(err).To(MatchError(fmt.Sprintf("unknown report format %q (known: %s)", "pdf", strings.Join(names, ", "))))
		Expect(lang.In(err, lang.Spanish)).To(HavePrefix("no existe el formato de informe"))
	})
})

type writes []string

func (w *writes) Write(b []byte) (int, error) {
	*w = append(*w, string(b))
	return len(b), nil
}
