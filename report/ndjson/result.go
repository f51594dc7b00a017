package ndjson

import (
	"encoding/base64"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/diagnose"
	"github.com/kometia-sim/kometia-sim/simulator/fault"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// run is the head of a run as it was.
func (h *head) run() verdict.Run {
	out := verdict.Run{
		Tool: h.Tool, Command: h.Command, Seed: h.Seed, IDs: h.IDs, Start: time.Time(h.Start), Target: h.Target, Name: h.Name, Lang: lang.Tag(h.Lang),
		Timeout: time.Duration(h.Timeout), Unlisted: h.Unlisted, Hunt: h.Hunt,
		Plan: verdict.Plan{
			Checks: h.Plan.Checks, Of: h.Plan.Of, Requests: h.Plan.Requests, AtMost: h.Plan.AtMost, Events: h.Plan.Events, Orders: h.Plan.Orders,
			Live: h.Plan.Live, Classes: h.Plan.Classes, Refused: h.Plan.Refused, Pace: h.Plan.Pace, Takes: time.Duration(h.Plan.Takes),
		},
	}
	if h.Began != nil {
		out.Began = time.Time(*h.Began)
	}
	if h.Subscription != nil {
		out.Subscription = &verdict.Subscription{Number: h.Subscription.Number, Of: h.Subscription.Of}
	}
	var other headTexts
	if h.Other != nil {
		other = *h.Other
	}
	out.Assumed = textsIn(h.Lang, h.Assumed, other.Assumed)
	for _, p := range h.Planned {
		var there *string
		if title, ok := other.Titles[p.ID]; ok {
			there = &title
		}
		out.Planned = append(out.Planned, verdict.Planned{ID: p.ID, Level: verdict.Level(p.Level), Title: textIn(h.Lang, &p.Title, there, "")})
	}
	return out
}

func (p *profile) profile() verdict.Profile {
	out := verdict.Profile{
		Status: p.Status, Latency: time.Duration(p.Latency), Kinds: p.Kinds, Asked: p.Asked, RateLimit: p.RateLimit,
		Skew: time.Duration(p.Skew), Observer: p.Observer, PerObject: p.PerObject, Accepted: p.Accepted,
	}
	for _, e := range p.Effects {
		out.Effects = append(out.Effects, verdict.KindEffects{Kind: e.Kind, Count: e.Count, Within: time.Duration(e.Within)})
	}
	return out
}

// result is a check as it was found.
func (c *check) result(tag string) verdict.Result {
	var there checkTexts
	if c.Other != nil {
		there = *c.Other
	}
	text := func(here, also *string) lang.Text { return textIn(tag, here, also, there.Lang) }
	out := verdict.Result{
		ID: c.ID, Variant: plain(c.Variant), Level: verdict.Level(c.Level), Verdict: verdict.Verdict(c.Result),
		Title: text(c.Title, there.Title), Fault: text(c.Fault, there.Fault), VariantTitle: text(c.Case, there.Case), Requirement: text(c.Requirement, there.Requirement), Why: text(c.Why, there.Why),
		Fix: text(c.Fix, there.Fix), Source: text(c.Source, there.Source), Expected: text(c.Expected, there.Expected),
		Found: text(c.Found, there.Found), Reason: text(c.Reason, there.Reason), Needs: c.Needs, Enable: linesIn(tag, c.Enable, there.Enable),
		Foremost: c.Foremost, Notes: textsIn(tag, c.Notes, there.Notes), Diagnosis: c.Diagnosis.diagnosis(tag, there.Diagnosis), Passes: c.Passes,
		Attempts: attemptsIn(c.Attempts), Cause: plain(c.Cause), Reproduce: plain(c.Reproduce), Finding: c.Finding.finding(), Elapsed: time.Duration(c.Duration),
	}
	for _, e := range c.Events {
		out.Events = append(out.Events, verdict.Event{Verb: e.Verb, Offset: time.Duration(e.Offset)})
	}
	for i := range c.Cases {
		one := &c.Cases[i]
		var also caseTexts
		if i < len(there.Cases) {
			also = there.Cases[i]
		}
		out.Cases = append(out.Cases, verdict.Case{
			Name: one.Name, Title: text(one.Title, also.Title), Verdict: verdict.Verdict(one.Result), Expected: text(one.Expected, also.Expected), Found: text(one.Found, also.Found),
			Attempts: attemptsIn(one.Attempts),
		})
	}
	if k := c.Known; k != nil {
		out.Known = &verdict.Known{Pattern: k.Pattern, Reason: plain(k.Reason), File: k.File, Line: k.Line}
	}
	return out
}

func plain(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func (d *diagnosis) diagnosis(tag string, there *diagnosis) *diagnose.Diagnosis {
	if d == nil {
		return nil
	}
	if there == nil {
		there = d
	}
	text := func(here, also string) lang.Text { return textIn(tag, &here, &also, "") }
	out := &diagnose.Diagnosis{
		Code: d.Code, Or: d.Or, Certainty: diagnose.Certainty(d.Certainty), Title: text(d.Title, there.Title),
		Evidence: text(d.Evidence, there.Evidence), Hint: text(d.Hint, there.Hint), General: d.General, Receivers: d.Receivers,
	}
	for i, f := range d.Fixes {
		also := f
		if i < len(there.Fixes) {
			also = there.Fixes[i]
		}
		out.Fixes = append(out.Fixes, diagnose.Fix{
			For: text(f.For, also.For), Framework: f.Framework, Versions: f.Versions, File: f.File, Code: f.Code, Text: text(f.Text, also.Text),
		})
	}
	return out
}

func (f *finding) finding() *verdict.Finding {
	if f == nil {
		return nil
	}
	out := &verdict.Finding{ID: f.ID, Kind: f.Kind, Phase: f.Phase, What: f.What, Flaky: f.Flaky, Count: f.Count}
	for _, c := range f.Changes {
		out.Changes = append(out.Changes, verdict.Change{Path: c.Path, Normal: c.Normal, Here: c.Here})
	}
	return out
}

func attemptsIn(as []attempt) []verdict.Attempt {
	var out []verdict.Attempt
	for i := range as {
		a := &as[i]
		v := verdict.Attempt{
			Event: a.Event, Kind: a.Kind, Number: a.Number, At: time.Time(a.At), Offset: time.Duration(a.Offset), Status: a.Lost,
			Outcome: a.Outcome, Error: plain(a.Error), Fault: a.Fault, Latency: time.Duration(a.Latency), Summary: a.Sent, Effects: a.Effects, Changed: a.Changed,
		}
		if a.Status != nil {
			v.Status = *a.Status
		}
		lost := a.Fault == string(fault.LoseAnswer) && v.Error == answerLost
		if lost || strings.HasSuffix(v.Error, byFault) && v.Error == a.Fault+byFault {
			v.Error = ""
		}
		for _, n := range a.Notes {
			v.Notes = append(v.Notes, wire.Note(n))
		}
		if a.Request != nil || a.Answer != nil {
			v.Exchange = &wire.Transcript{Request: a.Request.shown(), Answer: a.Answer.shown()}
		}
		out = append(out, v)
	}
	return out
}

func (m *message) shown() wire.Shown {
	if m == nil {
		return wire.Shown{}
	}
	s := wire.Shown{Head: strings.Join(m.Head, "\n"), Body: m.Body, Length: m.Length, Cut: m.Cut}
	if m.Base64 {
		if body, err := base64.StdEncoding.DecodeString(m.Body); err == nil {
			s.Body = string(body)
		}
	}
	if !m.Cut {
		s.Length = int64(len(s.Body)) // which its hidden parts have changed
	}
	return s
}
