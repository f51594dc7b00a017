package view

import (
	"fmt"
	"slices"

	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
)

// What becomes of a check that the user has listed as a known failure. These
// are verdicts of the list and not of the receiver, so that only reports know
// them; the NDJSON tells what was found, and the list beside it.
const (
	// Known: it failed, as the list says, and decides nothing.
	Known verdict.Verdict = "known"
	// Outdated: it passed, and the list says that it fails.
	Outdated verdict.Verdict = "outdated"
)

// onList is the verdict of a check in the light of the list. Only one that
// would decide, or that passes, is changed by it: what could not be judged says
// nothing about the list either.
func onList(r *verdict.Result, o Options) verdict.Verdict {
	switch {
	case r.Known == nil:
	case r.Verdict == verdict.Fail, r.Verdict == verdict.Warn && o.Strict:
		return Known
	case r.Verdict == verdict.Pass:
		return Outdated
	}
	return r.Verdict
}

// listed are results with every verdict as the list leaves it. The results
// themselves are not touched.
func listed(rs []verdict.Result, o Options) []verdict.Result {
	rs = slices.Clone(rs)
	for i := range rs {
		rs[i].Verdict = onList(&rs[i], o)
	}
	return rs
}

// listed says what the list has to do with a check; "" when nothing.
func (w *Words) listed(r *verdict.Result) string {
	if r.Known == nil {
		return ""
	}
	place := fmt.Sprintf("%s:%d", r.Known.File, r.Known.Line)
	switch {
	case r.Verdict == Outdated && r.Known.Pattern != r.ID:
		return Safe(fmt.Sprintf(w.PassesNowOf, r.Known.Pattern, place))
	case r.Verdict == Outdated:
		return Safe(fmt.Sprintf(w.PassesNow, place))
	case r.Verdict == Known && r.Known.Reason != "":
		return Safe(r.Known.Reason + " (" + place + ")")
	case r.Verdict == Known:
		return Safe(place)
	}
	return ""
}
