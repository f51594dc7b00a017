package report_test

import (
	"maps"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/report"
	"github.com/kometia-sim/kometia-sim/report/ndjson"
	"github.com/kometia-sim/kometia-sim/report/view"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// storedRuns are all the runs that are stored and read back here.
func storedRuns() map[string]*verdict.Report {
	all := fixtures()
	all["evil"], all["fuzz"], all["huge"] = evil(), fuzzed(), huge(3)
	return all
}

// readBack is the one run of a stream.
func readBack(stream string) ndjson.Stored {
	GinkgoHelper()
	runs, err := ndjson.Read(strings.NewReader(stream))
	Expect(err).NotTo(HaveOccurred())
	Expect(runs).To(HaveLen(1))
	return runs[0]
}

var _ = Describe("a stored run", Label("unraced"), func() {
	all := storedRuns()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		It("makes every report of "+name+" again, byte for byte", func() {
			for _, tag := range []lang.Tag{lang.Spanish, lang.English} {
				for _, strict := range []bool{false, true} {
					if strict && name != "mixed" {
						continue
					}
					run := *all[name]
					run.Run.Lang = tag
					o := view.Options{CauseTitle: titles, Strict: strict}
					back := readBack(writeAs("json", &run, o))
					Expect(back.Options.Strict).To(Equal(strict))
					Expect(back.Options.Lang).To(Equal(tag))
					for _, f := range report.Formats() {
						for _, width := range []int{0, 120} {
							if width > 0 && f.Name != "terminal" {
								continue
							}
							o.Width, o.Verbose = width, width > 0
							again := back.Options
							again.Width, again.Verbose = o.Width, o.Verbose
							Expect(writeAs(f.Name, back.Report, again)).To(Equal(writeAs(f.Name, &run, o)), f.Name)
						}
					}
				}
			}
		})
		It("is told in the other language, too: "+name, func() {
			if name == "evil" || name == "huge" {
				Skip("its texts are the same in both")
			}
			back := readBack(writeAs("json", all[name], view.Options{Lang: lang.Spanish, CauseTitle: titles}))
			o := view.Options{Lang: lang.English, CauseTitle: titles}
			for _, f := range report.Formats() {
				if f.Name == "json" {
					continue // it says which language it is in
				}
				Expect(writeAs(f.Name, back.Report, o)).To(Equal(writeAs(f.Name, all[name], o)), f.Name)
			}
		})
	}
})

// fuzzed is a run of fuzz with a finding.
func fuzzed() *verdict.Report {
	r := fixtures()["mixed"]
	found := refused()
	found.ID, found.Variant, found.Attempts = "valid-accepted", "order.placed 1f2e3d4c5b", found.Attempts[:1]
	found.Attempts[0].Exchange = expired()
	found.Finding = &verdict.Finding{
		ID: "1f2e3d4c5b", Kind: "order.placed", Phase: "coverage", What: "data.object.note: null", Count: 12,
		Changes: []verdict.Change{{Path: "data.object.note", Normal: `"Ring\n<twice>"`, Here: "null"}},
	}
	found.Events = []verdict.Event{{Verb: verdict.VerbRestart, Offset: 250_000_000}}
	r.Run.Command, r.Run.Unlisted, r.Run.Began = verdict.CommandFuzz, true, start
	r.Results = append([]verdict.Result{found}, r.Results...)
	return r
}
