package ndjson

import (
	"bytes"
	"encoding/json"
	"io"

	"github.com/kometia-sim/kometia-sim/report/view"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// Write writes a run that is over.
func Write(w io.Writer, v *view.Report) error {
	run := NewRun(w, v.Run.Run, v.Options)
	for i := range v.Run.Results {
		if err := run.Check(v.Run.Results[i]); err != nil {
			return err
		}
	}
	return run.end(v)
}

// Run writes a run while it goes on, each line as soon as it is known, from
// several goroutines if need be. After an error of the underlying writer nothing
// more is written, and every call returns that error.
type Run struct {
	lines   lines
	words   *view.Words
	options view.Options
	head    head
}

// NewRun writes the line that heads a run. Texts are in the language of the run
// unless the options name another, those that exist in the other one beside them.
func NewRun(w io.Writer, run verdict.Run, o view.Options) *Run {
	j := &Run{words: view.In(o.Tag(run.Lang)), options: o}
	j.lines.w = w
	j.head = j.headOf(&run)
	_ = j.lines.write(j.head) // the next line gives its error
	return j
}

// Begin says that requests of these checks go out from here on. What has no line
// behind it in a run that was cut off may have reached the receiver, or not.
func (j *Run) Begin(checks []string) error {
	line := begin{typeBegin, make([]string, len(checks))}
	for i, id := range checks {
		line.Checks[i] = view.Safe(id)
	}
	return j.lines.write(line)
}

// Receiver writes what was learned of the receiver before the checks.
func (j *Run) Receiver(p verdict.Profile) error {
	line := profileOf(&p)
	line.Type = typeReceiver
	return j.lines.write(line)
}

// Finding writes a finding of fuzz as it is found, for a run that gets no
// further. The result of it is written at the end, by Check.
func (j *Run) Finding(r verdict.Result) error { return j.lines.write(j.checkOf(&r, typeFinding)) }

// Check writes the line of one result.
func (j *Run) Check(r verdict.Result) error { return j.lines.write(j.checkOf(&r, typeCheck)) }

// End writes the last line: the counts, the verdict and the exit code, and which
// other reports of the run could not be written.
func (j *Run) End(r *verdict.Report, unwritten []lang.Text) error {
	o := j.options
	o.Unwritten = unwritten
	return j.end(view.New(r, o))
}

func (j *Run) end(v *view.Report) error {
	s, r := v.Summary, v.Run
	line := end{
		Type: typeEnd, Pass: s.Pass, Fail: s.Fail, Warn: s.Warn, NotObserved: s.NotObserved, NotApplicable: s.NotApplicable,
		Inconclusive: s.Inconclusive, Error: s.Error, Info: s.Info, Known: s.Known, Outdated: s.Outdated,
		MustObserved: s.MustObserved, MustTotal: s.MustTotal, Verdict: s.Sentence(lang.English), Exit: s.Exit, Unwritten: v.Unwritten,
		Duration: milliseconds(r.Elapsed), Virtual: seconds(r.Virtual), ClockMoved: r.Moved,
		Interrupted: r.Interrupted, Unreachable: r.Unreachable, CutOff: r.CutOff, Receiver: profileOf(&r.Profile), Notes: safeAll(r.Notes, j.words.Tag, view.Safe),
	}
	for _, st := range v.Steps {
		line.WouldProve = append(line.WouldProve, step{st.Add, st.To})
	}
	if v.Foremost != nil {
		line.Foremost = &v.Foremost.ID
	}
	if notes := safeAll(r.Notes, j.other(), view.Safe); differ(notes, line.Notes) {
		line.Other = &endTexts{string(j.other()), notes}
	}
	if now, was := j.headOf(&r.Run).settled(), j.head.settled(); !same(now, was) {
		line.Run = &now
	}
	return j.lines.write(line)
}

// other is the language that the lines are not in.
func (j *Run) other() lang.Tag {
	if j.words.Tag == lang.English {
		return lang.Spanish
	}
	return lang.English
}

func (j *Run) headOf(run *verdict.Run) head {
	h := head{
		Type: typeRun, Version: version, Tool: view.Safe(run.Tool), Command: view.Safe(run.Command), Seed: run.Seed, IDs: view.Safe(run.IDs),
		Start: instant(run.Start), Target: view.Command(run.Target), Name: view.Command(run.Name), Lang: string(j.words.Tag), Timeout: milliseconds(run.Timeout),
		Strict: j.options.Strict, RequireEffects: j.options.RequireEffects, Unlisted: run.Unlisted, Hunt: run.Hunt, Assumed: safeAll(run.Assumed, j.words.Tag, view.Prose),
		Plan: planOf(&run.Plan),
	}
	if !run.Began.IsZero() {
		began := instant(run.Began)
		h.Began = &began
	}
	if s := run.Subscription; s != nil {
		h.Subscription = &subscription{s.Number, s.Of}
	}
	other := headTexts{Lang: string(j.other()), Titles: map[string]string{}}
	for _, p := range run.Planned {
		one := planned{view.Safe(p.ID), view.Safe(string(p.Level)), view.Safe(p.Title.In(j.words.Tag))}
		h.Planned = append(h.Planned, one)
		if title := view.Safe(p.Title.In(j.other())); title != one.Title {
			other.Titles[one.ID] = title
		}
	}
	if assumed := safeAll(run.Assumed, j.other(), view.Prose); differ(assumed, h.Assumed) {
		other.Assumed = assumed
	}
	if len(other.Titles) > 0 || other.Assumed != nil {
		h.Other = &other
	}
	return h
}

// settled is a head without what does not change any more.
func (h head) settled() head {
	h.Planned = nil
	if h.Other != nil {
		h.Other = &headTexts{Lang: h.Other.Lang, Assumed: h.Other.Assumed}
		if h.Other.Assumed == nil {
			h.Other = nil
		}
	}
	return h
}

func planOf(p *verdict.Plan) plan {
	out := plan{
		Checks: p.Checks, Of: p.Of, Requests: p.Requests, AtMost: p.AtMost, Events: p.Events, Orders: p.Orders, Live: p.Live,
		Classes: p.Classes, Pace: view.Safe(p.Pace), Takes: milliseconds(p.Takes),
	}
	for _, class := range p.Refused {
		out.Refused = append(out.Refused, view.Safe(class))
	}
	return out
}

func profileOf(p *verdict.Profile) profile {
	out := profile{
		Status: p.Status, Latency: milliseconds(p.Latency), Kinds: p.Kinds, Asked: p.Asked, RateLimit: p.RateLimit,
		Skew: milliseconds(p.Skew), Observer: view.Safe(p.Observer), PerObject: p.PerObject,
	}
	out.Accepted = safeEach(p.Accepted)
	for _, e := range p.Effects {
		out.Effects = append(out.Effects, kindEffects{view.Safe(e.Kind), e.Count, milliseconds(e.Within)})
	}
	return out
}

// safeAll are texts in one language, each made safe.
func safeAll(texts []lang.Text, tag lang.Tag, safe func(string) string) []string {
	var out []string
	for _, t := range texts {
		out = append(out, safe(t.In(tag)))
	}
	return out
}

func differ(a, b []string) bool {
	for i := range a {
		if a[i] != b[i] {
			return true
		}
	}
	return false
}

// same reports whether two heads are the same line.
func same(a, b head) bool {
	first, errA := json.Marshal(a)
	second, errB := json.Marshal(b)
	return errA == nil && errB == nil && bytes.Equal(first, second)
}
