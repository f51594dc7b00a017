package report

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// kindsShown is how many event kinds the line on the receiver names.
const kindsShown = 3

// Terminal tells a run to a person: one line of verdict when all is well, and
// for each cause of failure one block that says what was expected, what was
// seen, why it matters and how to mend it.
type Terminal struct{ Options Options }

// Write implements [Writer].
func (t Terminal) Write(w io.Writer, r *verdict.Report) error {
	p := newPage(t.Options, r.Run.Lang)
	r = inLightOfList(r, t.Options)
	sum := Summarize(r, t.Options)
	p.head(&r.Run, &r.Profile, r.Unreachable, t.Options.PlanShown)
	p.blank()
	if t.Options.Verbose {
		p.passed(r.Results)
	}
	if r.Unreachable && !t.Options.Verbose {
		p.whyUnreachable(r.Results, t.Options)
	} else {
		p.results(r.Results, t.Options)
	}
	p.foot(r, sum, t.Options)
	return p.flush(w)
}

// WritePlan writes the line that says what a run is going to send, and the one
// that says what it leaves out for want of consent.
func WritePlan(w io.Writer, plan verdict.Plan, o Options) error {
	p := newPage(o, o.Lang)
	p.fields(0, p.plan(plan))
	return p.flush(w)
}

func (p *page) head(run *verdict.Run, prof *verdict.Profile, unreachable, planned bool) {
	target := p.whole(bold, run.Target)
	target = append(target, after(3, p.unit(dim, fmt.Sprintf(p.words.Seed.In(p.tag), run.Seed)))...)
	if run.IDs != "" {
		target = append(target, after(2, p.unit(dim, "ids "+run.IDs))...)
	}
	if !run.Start.IsZero() {
		start := run.Start.UTC().Format(time.RFC3339)
		target = append(target, after(2, p.unit(dim, fmt.Sprintf(p.words.Start.In(p.tag), start)))...)
	}
	fs := []field{{label: p.words.Target, text: target}}
	if !planned {
		fs = append(fs, p.plan(run.Plan)...)
	}
	if !unreachable {
		fs = append(fs, field{label: p.words.Receiver, text: p.profile(prof)})
	}
	p.fields(0, fs)
}

func (p *page) plan(plan verdict.Plan) []field {
	posts := p.words.Posts.of(plan.Requests, p.tag)
	if plan.AtMost {
		posts = fmt.Sprintf(p.words.AtMost.In(p.tag), posts)
	}
	parts := []string{posts}
	switch {
	case plan.Orders > 0:
		parts = append(parts, p.words.TestOrders.of(plan.Orders, p.tag))
	case plan.Events > 0:
		parts = append(parts, p.words.TestEvents.of(plan.Events, p.tag))
	}
	parts = append(parts, p.words.Mails.In(p.tag))
	if plan.Pace != "" {
		parts = append(parts, fmt.Sprintf(p.words.AtPace.In(p.tag), Elapsed(plan.Takes), plan.Pace))
	}
	fs := []field{{label: p.words.Plan, text: p.say(plain, strings.Join(parts, ", "))}}
	if len(plan.Refused) > 0 {
		why := fmt.Sprintf(p.words.OmittedWhy.In(p.tag), strings.Join(plan.Refused, ", "), strings.Join(plan.Refused, ","))
		fs = append(fs, field{label: p.words.Omitted, text: p.say(yellow, why)})
	}
	return fs
}

func (p *page) profile(prof *verdict.Profile) []atom {
	if prof.Status == 0 {
		return p.say(red, p.words.NeverAcked.In(p.tag))
	}
	parts := [][]atom{p.unit(plain, fmt.Sprintf(p.words.AnsweredIn.In(p.tag), prof.Status, Latency(prof.Latency)))}
	if prof.Kinds < prof.Asked {
		parts = append(parts, p.unit(yellow, fmt.Sprintf(p.words.KindsAcked.In(p.tag), prof.Kinds, prof.Asked)))
	}
	for _, said := range p.effects(prof.Effects) {
		parts = append(parts, p.unit(plain, said))
	}
	if prof.Observer != "" {
		per := p.words.PerEvent
		if prof.PerObject {
			per = p.words.PerObject
		}
		parts = append(parts, p.unit(plain, fmt.Sprintf(per.In(p.tag), prof.Observer)))
	}
	if prof.RateLimit > 0 {
		parts = append(parts, p.unit(plain, fmt.Sprintf(p.words.RateLimit.In(p.tag), prof.RateLimit)))
	}
	if prof.Skew.Abs() >= time.Minute {
		parts = append(parts, p.unit(yellow, fmt.Sprintf(p.words.ClockSkew.In(p.tag), span(prof.Skew.Abs().Round(time.Second)))))
	}
	return p.dotted(parts...)
}

// effects says what one clean delivery does, kind by kind; of many kinds, how
// many of them do the same.
func (p *page) effects(es []verdict.KindEffects) []string {
	say := func(who string, count int, within time.Duration, in lang.Text) string {
		n := p.words.Effects.of(count, p.tag)
		if count > 0 {
			n = fmt.Sprintf(in.In(p.tag), n, Elapsed(within))
		}
		return who + ": " + n
	}
	var out []string
	if len(es) <= kindsShown {
		for _, e := range es {
			out = append(out, say(e.Kind, e.Count, e.Within, p.words.EffectsIn))
		}
		return out
	}
	kinds, slowest := map[int]int{}, map[int]time.Duration{}
	for _, e := range es {
		kinds[e.Count]++
		slowest[e.Count] = max(slowest[e.Count], e.Within)
	}
	for _, count := range slices.Backward(slices.Sorted(maps.Keys(kinds))) {
		out = append(out, say(p.words.Kinds.of(kinds[count], p.tag), count, slowest[count], p.words.EffectsWithin))
	}
	return out
}

// foot writes the verdict, what it rests on and what to do afterwards.
func (p *page) foot(r *verdict.Report, sum Summary, o Options) {
	st, mark := failing, "✗ "
	switch sum.Conclusion {
	case Conforms:
		st, mark = passing, "✓ "
	case NoFaults, KnownFaults:
		st, mark = green, "✓ "
		if sum.Exit != ExitOK {
			st, mark = warning, "? "
		}
	case Inconclusive, Interrupted:
		st, mark = warning, "? "
	case HarnessFailed:
		st, mark = ours, "E "
	}
	verdict := p.unit(st, mark+upper(sum.Sentence(p.tag)))
	if textColumns(verdict[0].text) > p.width/2 {
		verdict = p.say(st, mark+upper(sum.Sentence(p.tag)))
	}
	p.line(0, 2, concat(verdict, after(2, p.counts(sum, r.Elapsed))))
	switch sum.Conclusion {
	case Unreachable:
		p.line(0, 0, p.say(plain, p.words.UnreachableHint.In(p.tag)))
	case Interrupted:
		p.line(0, 0, p.say(plain, p.words.InterruptedHint.In(p.tag)))
	case HarnessFailed:
		p.line(0, 0, p.say(plain, p.words.HarnessHint.In(p.tag)))
	}
	if sum.Conclusion != Unreachable {
		p.basis(r, sum)
	}
	p.farewell(r, sum, o)
}

// basis says what was proved, in which time and on which assumptions.
func (p *page) basis(r *verdict.Report, sum Summary) {
	proved := p.say(dim, p.proved(r, sum))
	if r.Virtual > 0 {
		said := p.simulated(r)
		proved = append(proved, p.say(dim, said)...)
	}
	p.line(0, 0, proved)
	for _, n := range r.Notes {
		p.line(0, 0, p.quote(yellow, n.In(p.tag)))
	}
	var assumed []string
	for _, a := range r.Run.Assumed {
		assumed = append(assumed, a.In(p.tag))
	}
	if len(assumed) > 0 {
		p.line(0, 0, concat(p.say(dim, p.words.Assumptions.In(p.tag)), p.comma(dim, assumed),
			p.unit(dim, p.words.ExplainAssumed.In(p.tag))))
	}
}

func (p *page) farewell(r *verdict.Report, sum Summary, o Options) {
	var last []atom
	for i, path := range o.Reports {
		if i == 0 {
			last = append(last, p.say(dim, p.words.ReportFiles.In(p.tag))...)
		}
		if i < len(o.Reports)-1 {
			path += ","
		}
		last = append(last, p.whole(plain, path)...)
	}
	if r.Run.IDs != "" && !r.Unreachable && !r.Run.Unlisted {
		last = append(last, after(3, p.unit(dim, p.words.CleanUp.In(p.tag)))...)
		last = append(last, p.whole(plain, "kometia-sim ids "+r.Run.IDs)...)
	}
	last = append(last, after(3, p.unit(dim, fmt.Sprintf(p.words.Exit.In(p.tag), sum.Exit)))...)
	p.line(0, 0, last)
}

// counts lists what there is of each verdict, the weighty first.
func (p *page) counts(s Summary, elapsed time.Duration) []atom {
	var parts [][]atom
	add := func(n int, st style, c counted) {
		if n > 0 {
			parts = append(parts, p.unit(st, c.of(n, p.tag)))
		}
	}
	add(s.Fail, red, p.words.CountFail)
	if s.Fail > s.Causes {
		parts[len(parts)-1] = append(parts[len(parts)-1], p.unit(plain, p.words.CountCauses.of(s.Causes, p.tag))...)
	}
	add(s.Error, magenta, p.words.CountError)
	add(s.Outdated, red, p.words.CountOutdated)
	add(s.Known, yellow, p.words.CountKnown)
	add(s.Pass, green, p.words.CountPass)
	add(s.Warn, yellow, p.words.CountWarn)
	add(s.Inconclusive, plain, p.words.CountInconclusive)
	add(s.NotObserved, plain, p.words.CountNotObserved)
	add(s.NotApplicable, plain, p.words.CountNotApplicable)
	add(s.Info, plain, p.words.CountInfo)
	parts = append(parts, p.unit(plain, Elapsed(elapsed)))
	return p.dotted(parts...)
}

// upper is for headlines; what stands in parentheses keeps its case.
func upper(s string) string {
	head, tail, _ := strings.Cut(s, "(")
	if tail != "" {
		tail = "(" + tail
	}
	return strings.ToUpper(head) + tail
}
