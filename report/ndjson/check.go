package ndjson

import (
	"slices"

	"github.com/kometia-sim/kometia-sim/report/view"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// checkOf is the line of a result.
func (j *Run) checkOf(r *verdict.Result, kind string) check {
	tag := j.words.Tag
	line := check{
		Type: kind, ID: view.Safe(r.ID), Variant: optional(r.Variant), Level: view.Safe(string(r.Level)), Result: j.verdict(r.Verdict),
		Enable: view.Lines(r.Enable.In(tag)), Needs: view.Safe(r.Needs), Foremost: r.Foremost, Notes: safeAll(r.Notes, tag, view.Safe),
		Diagnosis: diagnosisOf(r.Diagnosis, tag, j.options.CauseTitle), Passes: r.Passes, Duration: milliseconds(r.Elapsed),
		Attempts: attemptsOf(r.Attempts, true), Cause: optional(r.Cause), Finding: findingOf(r.Finding),
	}
	texts := textsOf(r, tag)
	line.Fault, line.Case = texts.Fault, texts.Case
	line.Title, line.Requirement, line.Expected, line.Found = texts.Title, texts.Requirement, texts.Expected, texts.Found
	line.Reason, line.Why, line.Fix, line.Source = texts.Reason, texts.Why, texts.Fix, texts.Source
	for _, c := range r.Cases {
		line.Cases = append(line.Cases, oneCase{
			view.Safe(c.Name), optional(c.Title.In(tag)), j.verdict(c.Verdict), optional(c.Expected.In(tag)), optional(c.Found.In(tag)), attemptsOf(c.Attempts, false),
		})
	}
	for _, e := range r.Events {
		line.Events = append(line.Events, processEvent{view.Safe(e.Verb), seconds(e.Offset)})
	}
	if r.Reproduce != "" {
		command := view.Command(r.Reproduce)
		line.Reproduce = &command
	}
	if k := r.Known; k != nil {
		line.Known = &known{view.Safe(k.Pattern), optional(k.Reason), view.Command(k.File), k.Line}
	}
	line.Other = j.otherTexts(r, texts)
	return line
}

// verdict is a verdict that exists.
func (j *Run) verdict(v verdict.Verdict) string { return string(j.words.Standing(v).Verdict) }

// textsOf are the single texts of a check in one language.
func textsOf(r *verdict.Result, tag lang.Tag) checkTexts {
	whole := func(t lang.Text, safe func(string) string) *string {
		if t.In(tag) == "" {
			return nil
		}
		s := safe(t.In(tag))
		return &s
	}
	return checkTexts{
		Lang: string(tag), Title: whole(r.Title, view.Safe), Fault: whole(r.Fault, view.Safe), Case: whole(r.VariantTitle, view.Safe), Requirement: whole(r.Requirement, view.Prose), Expected: whole(r.Expected, view.Safe),
		Found: whole(r.Found, view.Safe), Reason: whole(r.Reason, view.Safe), Why: whole(r.Why, view.Prose), Fix: whole(r.Fix, view.Text),
		Source: whole(r.Source, view.Prose),
	}
}

// otherTexts are the texts of a check in the other language, as far as they are
// others; nil when none is.
func (j *Run) otherTexts(r *verdict.Result, here checkTexts) *checkTexts {
	tag := j.other()
	there := textsOf(r, tag)
	some := false
	for _, pair := range [][2]**string{
		{&there.Title, &here.Title},
		{&there.Fault, &here.Fault},
		{&there.Case, &here.Case},
		{&there.Requirement, &here.Requirement},
		{&there.Expected, &here.Expected},
		{&there.Found, &here.Found},
		{&there.Reason, &here.Reason},
		{&there.Why, &here.Why},
		{&there.Fix, &here.Fix},
		{&there.Source, &here.Source},
	} {
		if a, b := *pair[0], *pair[1]; a == nil || b != nil && *a == *b {
			*pair[0] = nil
			continue
		}
		some = true
	}
	if lines := view.Lines(r.Enable.In(tag)); !slices.Equal(lines, view.Lines(r.Enable.In(j.words.Tag))) {
		there.Enable, some = lines, true
	}
	if notes := safeAll(r.Notes, tag, view.Safe); differ(notes, safeAll(r.Notes, j.words.Tag, view.Safe)) {
		there.Notes, some = notes, true
	}
	if r.Diagnosis != nil {
		there.Diagnosis, some = diagnosisOf(r.Diagnosis, tag, j.options.CauseTitle), true
	}
	cases := false
	for _, c := range r.Cases {
		there.Cases = append(there.Cases, caseTexts{optional(c.Title.In(tag)), optional(c.Expected.In(tag)), optional(c.Found.In(tag))})
		cases = cases || c.Title.In(tag) != c.Title.In(j.words.Tag) || c.Expected.In(tag) != c.Expected.In(j.words.Tag) || c.Found.In(tag) != c.Found.In(j.words.Tag)
	}
	if !cases {
		there.Cases = nil
	}
	if !some && !cases {
		return nil
	}
	return &there
}

func findingOf(f *verdict.Finding) *finding {
	if f == nil {
		return nil
	}
	out := &finding{ID: view.Safe(f.ID), Kind: view.Safe(f.Kind), Phase: view.Safe(f.Phase), What: view.Safe(f.What), Flaky: f.Flaky, Count: f.Count}
	for _, c := range f.Changes {
		out.Changes = append(out.Changes, change{view.Safe(c.Path), view.Command(c.Normal), view.Command(c.Here)})
	}
	return out
}

func safeEach(texts []string) (out []string) {
	for _, t := range texts {
		out = append(out, view.Safe(t))
	}
	return out
}

// attemptsOf are attempts, with what went over the wire where it is wanted.
func attemptsOf(as []verdict.Attempt, exchanges bool) []attempt {
	out := make([]attempt, len(as))
	for i := range as {
		a := &as[i]
		status, lost, problem := answerOf(a)
		out[i] = attempt{
			Event: view.Safe(a.Event), Kind: view.Safe(a.Kind), Number: a.Number, At: instant(a.At), Offset: seconds(a.Offset),
			Status: status, Outcome: view.Safe(a.Outcome), Error: problem, Fault: view.Safe(a.Fault), Lost: lost, Latency: milliseconds(a.Latency),
			Notes: notesOf(a), Sent: view.Safe(a.Summary), Effects: a.Effects,
			Changed: safeEach(a.Changed),
		}
		if x := a.Exchange; x != nil && exchanges {
			out[i].Request, out[i].Answer = messageOf(&x.Request), messageOf(&x.Answer)
		}
	}
	return out
}
