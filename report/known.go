package report

import (
	"fmt"
	"slices"

	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
)

// What becomes of a check that the user has listed as a known failure. These
// are verdicts of the list and not of the receiver, so that only reports know
// them; the NDJSON tells what was found, and the list beside it.
const (
	// known: it failed, as the list says, and decides nothing.
	known verdict.Verdict = "known"
	// outdated: it passed, and the list says that it fails.
	outdated verdict.Verdict = "outdated"
)

// standingVerdict is the verdict of a check in the light of the list. Only one
// that would decide, or that passes, is changed by it: what could not be judged
// says nothing about the list either.
func standingVerdict(r *verdict.Result, o Options) verdict.Verdict {
	switch {
	case r.Known == nil:
	case r.Verdict == verdict.Fail, r.Verdict == verdict.Warn && o.Strict:
		return known
	case r.Verdict == verdict.Pass:
		return outdated
	}
	return r.Verdict
}

// inLightOfList is the report with every verdict as the list leaves it, for
// those who tell it to people. The report itself is not touched. Summing up
// the one gives the same as summing up the other.
func inLightOfList(r *verdict.Report, o Options) *verdict.Report {
	if !slices.ContainsFunc(r.Results, func(res verdict.Result) bool { return res.Known != nil }) {
		return r
	}
	c := *r
	c.Results = slices.Clone(r.Results)
	for i := range c.Results {
		c.Results[i].Verdict = standingVerdict(&r.Results[i], o)
	}
	return &c
}

// listed says what the list has to do with a check; "" when nothing.
func (p *page) listed(r *verdict.Result) string {
	if r.Known == nil {
		return ""
	}
	place := fmt.Sprintf("%s:%d", r.Known.File, r.Known.Line)
	switch {
	case r.Verdict == outdated && r.Known.Pattern != r.ID:
		return fmt.Sprintf(p.words.PassesNowOf.In(p.tag), r.Known.Pattern, place)
	case r.Verdict == outdated:
		return fmt.Sprintf(p.words.PassesNow.In(p.tag), place)
	case r.Verdict == known && r.Known.Reason != "":
		return r.Known.Reason + " (" + place + ")"
	case r.Verdict == known:
		return place
	}
	return ""
}

// knowns writes the checks that failed as the list says, in two or three lines
// each: they are no news.
func (p *page) knowns(rs []verdict.Result) {
	wrote := false
	for i := range rs {
		r := &rs[i]
		if r.Verdict != known {
			continue
		}
		p.title("=", plain, r)
		short := *r
		short.Attempts = nil
		p.contrast(&short)
		p.fields(4, []field{{label: p.words.Known, text: p.quote(plain, p.listed(r))}})
		wrote = true
	}
	if wrote {
		p.blank()
	}
}

// passesNow tells a check that passes although the list has it.
func (p *page) passesNow(r *verdict.Result) {
	p.title("✗", failing, r)
	p.line(4, 4, p.quote(plain, p.listed(r)))
}
