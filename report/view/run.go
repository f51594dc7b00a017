package view

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

const (
	// kindsShown is how many event kinds the line on the receiver names.
	kindsShown = 3
	// ListShown is how much at most a document shows of what a run has without
	// bound. What is over is counted, not kept silent.
	ListShown = 200
)

// Report is a finished run as it is told in one language.
type Report struct {
	Words   *Words
	Options Options
	Summary Summary

	Sentence string   // the verdict: "does not conform"
	Counts   []Item   // how many checks have which verdict, the weighty first, and how long it took
	Hint     string   // what to make of a verdict that is not about the receiver; may be ""
	Why      string   // why a red run is red, in one sentence; "" for one that is not
	Tested   string   // how many of the required checks were tested, and with what result
	Advice   string   // which lines, added, would have how many of them tested; may be ""
	Aside    []string // what is gravest of what was not tested, and in which time all was
	Proved   string   // Tested, Advice and Aside in one paragraph; "" where nothing could be tested
	Notes    []string
	// Unwritten are the other reports of the run that could not be written, and why.
	Unwritten []string
	Assumed   []string // what the verdicts rest on

	Tool, Target, Seed, IDs string
	Name                    string // the receiver as the user wrote it; its target where nobody did
	Start                   string // "" when the run has none
	Elapsed                 time.Duration
	Plan                    []Field
	Receiver                []Item // what was learned of it; nil when it was never reached
	CleanUp                 string // the command that lists what was made; may be ""
	Facts                   []Field

	Checks []Check // in the order of the results
	// What could not be judged, by what it waits for.
	Inconclusive, ToEnable, NotObserved, NotApplicable []Group
	Steps                                              []Step     // how more of the required checks would be tested
	Actions                                            []Addition // all that is to be added for ToEnable, as one, and what else would have more tested
	Foremost                                           *Check     // the check not observed that the catalogue has reports name; nil for none

	// Latencies are those of every attempt that was answered, sorted.
	Latencies []time.Duration

	// Since is what has changed since an earlier run, and SinceSays the same in a
	// sentence; nil and "" where nobody gave one.
	Since     *Comparison
	SinceSays string

	Interrupted, Unreachable bool
	// Run is the run itself, for formats that hold data rather than words.
	Run *verdict.Report
}

// Item is a short text that stays together, and the tone in which it is said.
type Item struct {
	Text  string
	Tone  Tone
	Aside string // said behind it, plainly; may be ""
}

// Tone is what a text means for the reader.
type Tone int

// The tones.
const (
	Plain   Tone = iota
	Good         // as it should be
	Bad          // to be fixed
	Caution      // to be looked at
	Ours         // a fault of ours
)

// Field is a text with a label: in words, or as something to be copied.
type Field struct {
	Label, Text, Code string
	Tone              Tone
}

// New makes the view of a finished run. The report itself is not touched.
func New(r *verdict.Report, o Options) *Report {
	w := In(o.Tag(r.Run.Lang))
	sum := Summarize(r, o)
	rs := listed(r.Results, o)
	v := &Report{
		Words: w, Options: o, Summary: sum, Sentence: sum.Sentence(w.Tag), Counts: sum.counts(w, r.Elapsed), Hint: sum.Conclusion.hint(w),
		Tool: Safe(r.Run.Tool), Target: Command(r.Run.Target), Seed: fmt.Sprint(r.Run.Seed), IDs: Safe(r.Run.IDs), Elapsed: r.Elapsed,
		Plan: w.plan(r.Run.Plan), Checks: w.checks(rs, o),
		Inconclusive:  collect(rs, reasonOf(verdict.Inconclusive), w),
		ToEnable:      unlocked(rs, w, o.Config),
		NotObserved:   collect(rs, reasonOf(verdict.NotObserved), w),
		NotApplicable: collect(rs, reasonOf(verdict.NotApplicable), w),
		Latencies:     latencies(rs),
		Interrupted:   r.Interrupted || r.CutOff, Unreachable: r.Unreachable, Run: r,
	}
	if r.CutOff { // nobody knows how long it took
		v.Counts = v.Counts[:len(v.Counts)-1]
	}
	for i := range v.Checks {
		v.Checks[i].curls(&r.Run)
	}
	if v.Name = Command(r.Run.Name); v.Name == "" {
		v.Name = v.Target
	}
	v.Steps, v.Actions = steps(v.ToEnable, sum.MustObserved), w.actions(v.ToEnable, o.Config)
	if kinds := r.Profile.Accepted; len(kinds) > 0 && !r.Unreachable {
		v.Actions = append(v.Actions, Addition{fmt.Sprintf(w.OnlyKinds, len(kinds), r.Profile.Asked), "--kinds " + Command(strings.Join(kinds, ",")), true})
	}
	if at := slices.IndexFunc(rs, func(r verdict.Result) bool { return r.Foremost && r.Verdict == verdict.NotObserved }); at >= 0 {
		v.Foremost = &v.Checks[at]
	}
	if !r.Run.Start.IsZero() {
		v.Start = r.Run.Start.UTC().Format(time.RFC3339)
	}
	if !r.Unreachable && (!r.CutOff || r.Profile.Asked > 0) {
		v.Receiver = w.receiver(&r.Profile)
		if r.Run.IDs != "" && !r.Run.Unlisted {
			v.CleanUp = "kometia-sim ids " + v.IDs
		}
	}
	if sum.Conclusion != Unreachable {
		v.Why, v.Tested, v.Advice, v.Aside = v.why(), v.tested(), v.advice(), v.aside(r)
		v.Proved = v.proved(r)
	}
	if o.Baseline != nil {
		v.Since = Compare(o.Baseline, r, o)
		v.SinceSays = fmt.Sprintf(w.SinceRun, v.Since.Old.When, v.Since.Sentence)
		v.Notes = append(v.Notes, v.SinceSays)
	}
	for _, n := range r.Notes {
		v.Notes = append(v.Notes, Safe(n.In(w.Tag)))
	}
	v.Notes = append(v.Notes, once(v.Checks, w.SaidOf)...)
	for _, u := range o.Unwritten {
		v.Unwritten = append(v.Unwritten, Safe(u.In(w.Tag)))
	}
	for _, a := range r.Run.Assumed {
		v.Assumed = append(v.Assumed, Prose(a.In(w.Tag)))
	}
	v.Facts = v.facts(&r.Run)
	return v
}

// Remarks are what is to be known of a run as a whole, for documents.
func (v *Report) Remarks() []string {
	var out []string
	if v.Hint != "" {
		out = append(out, v.Hint)
	}
	out = append(out, v.Unwritten...)
	return append(out, v.Notes[:min(len(v.Notes), ListShown)]...)
}

// Line is items on one line.
func Line(items []Item) string {
	var out []string
	for _, i := range items {
		out = append(out, strings.TrimSpace(i.Text+" "+i.Aside))
	}
	return strings.Join(out, " · ")
}

// Plan says what a run is going to send, and what it leaves out for want of
// consent.
func Plan(plan verdict.Plan, tag lang.Tag) []Field { return In(tag).plan(plan) }

func (w *Words) plan(plan verdict.Plan) []Field {
	posts := w.Posts.Of(plan.Requests)
	if plan.AtMost {
		posts = fmt.Sprintf(w.AtMost, posts)
	}
	parts := []string{posts}
	switch {
	case plan.Orders > 0:
		orders := w.TestOrders
		if plan.Live {
			orders = w.Orders
		}
		parts = append(parts, orders.Of(plan.Orders))
	case plan.Events > 0:
		parts = append(parts, w.TestEvents.Of(plan.Events))
	}
	parts = append(parts, w.Mails)
	if plan.Pace != "" {
		parts = append(parts, fmt.Sprintf(w.AtPace, Elapsed(plan.Takes), plan.Pace))
	}
	fs := []Field{{Label: w.Plan, Text: Prose(strings.Join(parts, ", "))}}
	if len(plan.Refused) > 0 {
		why := fmt.Sprintf(w.OmittedWhy, strings.Join(plan.Refused, ", "), strings.Join(plan.Refused, ","))
		fs = append(fs, Field{Label: w.Omitted, Text: Prose(why), Tone: Caution})
	}
	return fs
}

// receiver says what the gate learned of the receiver.
func (w *Words) receiver(prof *verdict.Profile) []Item {
	if prof.Status == 0 {
		return []Item{{Text: w.NeverAcked, Tone: Bad}}
	}
	var items []Item
	add := func(tone Tone, said string) { items = append(items, Item{Text: Safe(said), Tone: tone}) }
	add(Plain, fmt.Sprintf(w.AnsweredIn, prof.Status, Latency(prof.Latency)))
	if prof.Kinds < prof.Asked {
		add(Caution, fmt.Sprintf(w.KindsAcked, prof.Kinds, prof.Asked))
	}
	for _, said := range w.effects(prof.Effects) {
		add(Plain, said)
	}
	if prof.Observer != "" {
		per := w.PerEvent
		if prof.PerObject {
			per = w.PerObject
		}
		add(Plain, fmt.Sprintf(per, prof.Observer))
	}
	if prof.RateLimit > 0 {
		add(Plain, fmt.Sprintf(w.RateLimit, prof.RateLimit))
	}
	if prof.Skew.Abs() >= time.Minute {
		add(Caution, fmt.Sprintf(w.ClockSkew, Span(prof.Skew.Abs().Round(time.Second))))
	}
	return items
}

// effects says what one clean delivery does, kind by kind; of many kinds, how
// many of them do the same.
func (w *Words) effects(es []verdict.KindEffects) []string {
	say := func(what string, count int, within time.Duration, in string) string {
		n := w.Effects.Of(count)
		if count > 0 {
			n = fmt.Sprintf(in, n, Elapsed(within))
		}
		return what + ": " + n
	}
	var out []string
	if len(es) <= kindsShown {
		for _, e := range es {
			out = append(out, say(e.Kind, e.Count, e.Within, w.EffectsIn))
		}
		return out
	}
	kinds, slowest := map[int]int{}, map[int]time.Duration{}
	for _, e := range es {
		kinds[e.Count]++
		slowest[e.Count] = max(slowest[e.Count], e.Within)
	}
	for _, count := range slices.Backward(slices.Sorted(maps.Keys(kinds))) {
		out = append(out, say(w.Kinds.Of(kinds[count]), count, slowest[count], w.EffectsWithin))
	}
	return out
}

func (s *Summary) counts(w *Words, elapsed time.Duration) []Item {
	var items []Item
	for _, c := range []struct {
		n       int
		tone    Tone
		verdict verdict.Verdict
	}{
		{s.Fail, Bad, verdict.Fail},
		{s.Error, Ours, verdict.Error},
		{s.Outdated, Bad, Outdated},
		{s.Known, Caution, Known},
		{s.Pass, Good, verdict.Pass},
		{s.Warn, Caution, verdict.Warn},
		{s.Inconclusive, Plain, verdict.Inconclusive},
		{s.NotObserved, Plain, verdict.NotObserved},
		{s.NotApplicable, Plain, verdict.NotApplicable},
		{s.Info, Plain, verdict.Info},
	} {
		if c.n == 0 {
			continue
		}
		i := Item{Text: w.Counts[c.verdict].Of(c.n), Tone: c.tone}
		if c.verdict == verdict.Fail && s.Fail > s.Causes {
			i.Aside = w.CountCauses.Of(s.Causes)
		}
		items = append(items, i)
	}
	return append(items, Item{Text: Elapsed(elapsed)})
}

func (c Conclusion) hint(w *Words) string {
	switch c {
	case Unreachable:
		return w.UnreachableHint
	case Blind:
		return w.BlindHint
	case Interrupted:
		return w.InterruptedHint
	case CutOff:
		return w.CutOffHint
	case HarnessFailed:
		return w.HarnessHint
	default:
		return ""
	}
}

// facts say what a run was made with and what it rests on, for documents.
func (v *Report) facts(run *verdict.Run) []Field {
	w := v.Words
	took, lasted := "", Elapsed(v.Elapsed)
	if v.Run.CutOff {
		lasted = ""
	}
	if run.Timeout > 0 {
		took = Latency(run.Timeout)
	}
	all := []Field{{Label: w.SeedLabel, Code: v.Seed}, {Label: w.IDsLabel, Code: v.IDs}, {Label: w.StartLabel, Code: v.Start}}
	all = append(append(all, v.Plan...),
		Field{Label: w.Receiver, Text: Line(v.Receiver)},
		Field{Label: w.Timeout, Text: took},
		Field{Label: w.Took, Text: lasted},
		Field{Label: w.AssumedLabel, Text: strings.Join(v.Assumed[:min(len(v.Assumed), ListShown)], ", ")},
		Field{Label: w.CleanUpLabel, Code: v.CleanUp},
		Field{Label: w.Tool, Text: v.Tool})
	return slices.DeleteFunc(all, func(f Field) bool { return f.Text+f.Code == "" })
}
