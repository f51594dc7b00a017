package view

import (
	"fmt"
	"slices"

	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// The exit codes of a run and of a send. Bad usage is 2 and the command line's.
const (
	ExitOK           = 0
	ExitFailed       = 1
	ExitUnreachable  = 3
	ExitInconclusive = 4
	ExitHarness      = 5
	ExitInterrupted  = 130
)

// Conclusion is the verdict on a receiver.
type Conclusion string

// The conclusions.
const (
	Conforms       Conclusion = "conforms"
	DoesNotConform Conclusion = "does not conform"
	// NoFaults: nothing failed, yet not every MUST was observed, which is less
	// than to conform.
	NoFaults     Conclusion = "no faults in what was observed"
	Inconclusive Conclusion = "inconclusive"
	Unreachable  Conclusion = "unreachable"
	// Blind: nothing failed, but the observer that the user configured saw no effect at
	// all, so that most of what it is there for was not tested: mostly it looks in the
	// wrong place. That is no result that a CI job may take for a good one.
	Blind       Conclusion = "your observer saw no effect"
	Interrupted Conclusion = "interrupted"
	// CutOff: the run was killed, and its record ends where it did.
	CutOff Conclusion = "cut off"
	// SelectedPassed: a selection of the checks passed, which says nothing of the
	// others.
	SelectedPassed Conclusion = "selected checks passed"
	// NothingFound and FaultsFound are those of fuzz: no conformance follows from
	// having found nothing.
	NothingFound Conclusion = "fuzz found nothing"
	FaultsFound  Conclusion = "fuzz found faults"
	// KnownFaults: what failed is on the list of known failures, all of it.
	KnownFaults Conclusion = "no faults but the known ones"
	// ListOutdated: nothing failed that is not known, but a check passes that
	// the list has as failing.
	ListOutdated Conclusion = "the list of known failures is out of date"
	// HarnessFailed: a check ended in an error of ours, so that the others are
	// not to be trusted as a whole either.
	HarnessFailed Conclusion = "the harness failed"
)

// Summary is a run in numbers.
type Summary struct {
	Pass, Fail, Warn, Info                          int
	NotObserved, NotApplicable, Inconclusive, Error int
	// Known failed as the list of known failures says and decide nothing, so
	// that Fail and Warn do not count them; Outdated pass although they are
	// listed, and Pass does not count them.
	Known, Outdated int
	// Causes is how many different probable causes the failures have: failures
	// without one count each.
	Causes int
	// MustTotal is how many MUSTs concern this receiver; MustObserved how many
	// of them were seen kept or broken.
	MustObserved, MustTotal int
	// MustPassed, MustFailed, MustWarned and MustKnown are what was seen of them:
	// together they are MustObserved.
	MustPassed, MustFailed, MustWarned, MustKnown int
	// Selected is how many checks were selected of All that there are; both are zero
	// where none was left out.
	Selected, All int
	Conclusion    Conclusion
	Exit          int
}

// Summarize counts a run, says its verdict and chooses its exit code. It reads
// only Strict, RequireEffects and Unwritten of the options.
//
// Where several codes would do, the one that says least of the receiver wins:
// an interrupted run is that first, then an error of ours, then a receiver
// that was never reached, and only then what it did or did not do.
func Summarize(r *verdict.Report, o Options) Summary {
	var s Summary
	if p := r.Run.Plan; p.Checks < p.Of {
		s.Selected, s.All = p.Checks, p.Of
	}
	causes := map[string]bool{}
	for i := range r.Results {
		res := &r.Results[i]
		v := onList(res, o)
		s.count(res, v)
		if v == verdict.Fail {
			if res.Cause == "" || !causes[res.Cause] {
				s.Causes++
			}
			causes[res.Cause] = true
		}
	}
	s.Conclusion, s.Exit = s.conclude(r, o)
	if len(o.Unwritten) > 0 {
		s.Exit = ExitHarness // what was found stands, and not everybody who waits for it gets it
	}
	return s
}

func (s *Summary) count(res *verdict.Result, v verdict.Verdict) {
	seen := map[verdict.Verdict]*int{verdict.Pass: &s.Pass, verdict.Fail: &s.Fail, verdict.Warn: &s.Warn, Known: &s.Known, Outdated: &s.Outdated}
	unseen := map[verdict.Verdict]*int{
		verdict.Info: &s.Info, verdict.NotObserved: &s.NotObserved, verdict.NotApplicable: &s.NotApplicable, verdict.Inconclusive: &s.Inconclusive,
	}
	n, observed := seen[v]
	if n == nil {
		n = unseen[v]
	}
	if n == nil {
		n = &s.Error // an unknown verdict is a bug of ours; it must not vanish from the counts
	}
	*n++
	if res.Level == verdict.Must && res.Verdict != verdict.NotApplicable {
		s.MustTotal++
		if observed {
			s.MustObserved++
			*map[verdict.Verdict]*int{verdict.Fail: &s.MustFailed, verdict.Warn: &s.MustWarned, Known: &s.MustKnown, verdict.Pass: &s.MustPassed, Outdated: &s.MustPassed}[v]++
		}
	}
}

func (s *Summary) conclude(r *verdict.Report, o Options) (Conclusion, int) {
	switch {
	case r.CutOff:
		return CutOff, ExitInterrupted
	case r.Interrupted:
		return Interrupted, ExitInterrupted
	case s.Error > 0:
		return HarnessFailed, ExitHarness
	case r.Unreachable:
		return Unreachable, ExitUnreachable
	case r.Run.Hunt && (s.Fail > 0 || o.Strict && s.Warn > 0):
		return FaultsFound, ExitFailed
	case s.Fail > 0, o.Strict && s.Warn > 0:
		return DoesNotConform, ExitFailed
	case s.Outdated > 0:
		return ListOutdated, ExitFailed
	case s.Pass == 0 && (s.Warn+s.Known == 0 || s.Inconclusive > 0):
		// A warning, or a failure that is known, does not stand for the checks
		// that it keeps from being judged: a receiver that was too slow for all of
		// them has passed none.
		return Inconclusive, ExitInconclusive
	case blind(&r.Profile) && s.MustObserved < s.MustTotal:
		return Blind, ExitInconclusive
	case s.Known > 0 && o.RequireEffects && s.MustObserved < s.MustTotal:
		return KnownFaults, ExitInconclusive
	case s.Known > 0:
		return KnownFaults, ExitOK
	case s.MustObserved == s.MustTotal && r.Run.Hunt:
		return NothingFound, ExitOK
	case s.MustObserved == s.MustTotal && s.All > 0:
		return SelectedPassed, ExitOK
	case s.MustObserved == s.MustTotal:
		return Conforms, ExitOK
	case o.RequireEffects:
		return NoFaults, ExitInconclusive
	default:
		return NoFaults, ExitOK
	}
}

// blind reports whether somebody looked for effects and there was none of any event,
// although each was delivered cleanly.
func blind(p *verdict.Profile) bool {
	return p.Observer != "" && len(p.Effects) > 0 && !slices.ContainsFunc(p.Effects, func(e verdict.KindEffects) bool { return e.Count > 0 })
}

// Sentence says the verdict in words: "does not conform", "no faults in what
// was observed (18 of 33 required checks)", "selected checks passed (1 of 62)".
func (s Summary) Sentence(tag lang.Tag) string {
	text, known := In(tag).Conclusions[s.Conclusion]
	if !known {
		text = In(tag).Conclusions[Inconclusive]
	}
	switch s.Conclusion {
	case NoFaults, KnownFaults:
		return fmt.Sprintf(text, s.MustObserved, s.MustTotal)
	case SelectedPassed:
		return fmt.Sprintf(text, s.Selected, s.All)
	}
	return text
}

// Mark is the standing whose mark the verdict bears.
func (s Summary) Mark() string {
	if s.Exit == ExitHarness {
		return "error"
	}
	switch s.Conclusion {
	case Conforms, SelectedPassed, NothingFound:
		return "pass"
	case NoFaults, KnownFaults:
		if s.Exit == ExitOK {
			return "pass"
		}
		return "unclear"
	case Inconclusive, Blind, Interrupted, CutOff:
		return "unclear"
	default:
		return "fail"
	}
}
