package judge

import (
	"maps"
	"slices"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/model"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/diagnose"
)

// Judge judges checks on the exchanges that were played, with what it has to know
// of the run.
type Judge struct {
	Means
	Timeout   time.Duration
	Confirmed map[string]bool // assumptions that the user confirmed
	Follows   Follows         // what a plain delivery keeps of its event
	Alone     Alone           // what a normal event keeps by itself
	unused    map[string]bool // lives of which nothing is kept of what the later events change
	ByObject  bool            // effects are counted by object
	Plain     []*Exchange     // every plain serial delivery of the run so far
	Heard     []*Exchange     // every delivery of the run so far
	asked     bool            // it was seen to ask
	seen      *patterns       // what was found for the check that is judged; nil before
	believes  map[string]bool // kinds of events on which it acted although they were forged
	overlooks map[string]bool // kinds of objects of which it makes no change in order
}

// severity orders verdicts: of several cases the gravest decides.
func severity(v verdict.Verdict) int {
	return slices.Index([]verdict.Verdict{verdict.NotApplicable, verdict.Pass, verdict.Info, verdict.NotObserved, verdict.Inconclusive, verdict.Warn, verdict.Error, verdict.Fail}, v)
}

// Finding is the judgement on one exchange, or on one case.
type Finding struct {
	Verdict verdict.Verdict
	Because string
	Reason  lang.Text
	enable  lang.Text
	note    lang.Text
	found   lang.Text
	fault   lang.Text    // the same of its fault
	matters lang.Text    // the same of why it matters
	expects lang.Text    // the same of what was expected
	fix     lang.Text    // that stands in place of the check's own; empty keeps that
	cause   string       // the same of its cause
	breach  model.Breach // the worst of what was acknowledged; "" for none
	by      *Exchange
}

// Judge gives the result of a check on the cases that were played for it.
func (c *Judge) Judge(check *language.Check, cases []Case) verdict.Result {
	c.seen = nil // effects may have come to rest since
	r := verdict.Result{
		ID: check.ID, Level: check.Level, Title: check.Title, Fault: check.Fault, Requirement: check.Requirement,
		Why: check.Why, Fix: check.Fix, Source: check.Source, Expected: check.Expected, Foremost: check.Foremost,
	}
	if check.Takes(language.EvidenceAPI) && c.API == nil {
		c.unasked(check, &r)
		return r
	}
	if !c.canJudge(check) {
		r.Verdict = verdict.NotObserved
		if r.Reason, r.Enable = c.wanting(check); slices.Equal(c.lacks(check), []string{verdict.VerbSink}) {
			r.Verdict, r.Reason = verdict.NotApplicable, textNoSink(r.Enable)
		}
		return r
	}
	if i := slices.IndexFunc(check.Unless, func(id string) bool { return c.Confirmed[id] }); i >= 0 {
		r.Verdict, r.Reason = verdict.NotApplicable, textUnless(check.Unless[i])
		return r
	}
	assumed := true
	switch {
	case check.Slow != nil:
		assumed = c.judgeSlow(check, cases, &r)
	case check.Leaks != nil:
		c.judgeLeaks(check, cases, &r)
	default:
		c.judgeCases(check, cases, &r)
	}
	r.Passes = slices.ContainsFunc(c.Plain, (*Exchange).Acknowledged)
	c.weigh(check, assumed, &r)
	return r
}

func (c *Judge) judgeCases(check *language.Check, cases []Case, r *verdict.Result) {
	cases = slices.DeleteFunc(slices.Clone(cases), func(p Case) bool { return !p.Spec.Delivers(check.Exchange()) })
	findings := make([]Finding, len(cases))
	for i := range cases {
		findings[i] = c.JudgeCase(check, cases, i)
	}
	aside := setAside(cases, findings)
	worst := -1
	var alike []lang.Text
	for i := range cases {
		switch {
		case slices.Contains(aside, i):
		case worst < 0 || severity(findings[i].Verdict) > severity(findings[worst].Verdict):
			worst, alike = i, []lang.Text{cases[i].title()}
		case findings[i].Verdict == findings[worst].Verdict:
			if alike = append(alike, cases[i].title()); telling(findings[i].by) > telling(findings[worst].by) {
				worst = i
			}
		}
	}
	if worst < 0 {
		r.Verdict, r.Reason = verdict.Inconclusive, textNotPlayed.both()
		return
	}
	f := findings[worst]
	r.Verdict, r.Found, r.Reason, r.Needs, r.Enable = f.Verdict, f.found, f.why(), f.Because, f.enable
	if len(cases) > 1 && len(alike) > 1 && f.Verdict != verdict.Pass && f.Verdict != verdict.NotApplicable {
		r.Found = alsoIn(r.Found, alike, len(cases))
	}
	if check.Latencies {
		r.Found = textTook(r.Found, latencies(check, cases))
	}
	if wrong, all := rounds(check, cases); all > 0 {
		r.Found = textRounds(r.Found, wrong, all)
	}
	if kills, places := deaths(check, cases); kills > 0 {
		r.Found = textDeaths(r.Found, kills, places)
	}
	r.Variant, r.VariantTitle = cases[worst].Name, cases[worst].title()
	if len(cases) == 1 {
		r.Variant, r.VariantTitle = cases[worst].Kind, lang.Text{}
	}
	if f.by != nil && f.by.Limit != nil {
		r.Variant, r.VariantTitle = f.by.Kind, lang.Text{} // the orders of a search have a kind of their own
	}
	r.Diagnosis = f.diagnosis()
	if f.by != nil {
		r.Attempts, r.Events = cases[worst].attemptsOf(f.by), cases[worst].processEventsOf(f.by)
	}
	if len(aside) > 0 {
		var names []lang.Text
		for _, i := range aside {
			names = append(names, cases[i].title())
		}
		r.Notes = append(r.Notes, textAside(names))
	}
	r.Cause = causeOf(check, f)
	if !f.fix.IsZero() {
		r.Fix = f.fix
	}
	if f.Verdict == verdict.Info {
		r.Fault = lang.Text{} // that of the check says more than is known
	}
	for _, own := range []struct{ is, of *lang.Text }{{&f.fault, &r.Fault}, {&f.matters, &r.Why}, {&f.expects, &r.Expected}} {
		if !own.is.IsZero() {
			*own.of = *own.is
		}
	}
	for i := range cases {
		one := verdict.Case{Name: cases[i].Name, Title: cases[i].title(), Verdict: findings[i].Verdict, Expected: check.Expected, Found: findings[i].found}
		if findings[i].by != nil {
			one.Attempts = cases[i].attemptsOf(findings[i].by)
		}
		r.Cases = append(r.Cases, one)
		if n := findings[i].note; !n.IsZero() && findings[i].Verdict == f.Verdict && !slices.Contains(r.Notes, n) {
			r.Notes = append(r.Notes, n)
		}
	}
}

// setAside lists the cases that say nothing of kinds or families on which others
// say something: nobody observes what the receiver does on them, or it refuses
// them, which the gate tells. They hide nothing of the others.
func setAside(cases []Case, findings []Finding) (aside []int) {
	for i := range cases {
		barred := cases[i].Skipped != nil && cases[i].Skipped.Because != ""
		alone := cases[i].Skipped != nil && findings[i].Verdict == verdict.NotObserved // it depends on what the case does not send
		if unseen := findings[i].Verdict == verdict.NotObserved; barred || alone || unseen && (cases[i].Spec.Each != "" || cases[i].PlainIdle()) {
			aside = append(aside, i)
		}
	}
	if len(aside) == len(cases) {
		return nil
	}
	return aside
}

// causeOf names what a missed check probably has in common with others.
func causeOf(check *language.Check, f Finding) string {
	if f.Verdict != verdict.Fail && f.Verdict != verdict.Warn {
		return ""
	}
	if d := f.diagnosis(); d != nil && f.by.Acknowledged() && d.Certainty == diagnose.Certain {
		return d.Code // the error that the response hides, whatever came of it
	}
	if f.cause != "" {
		return f.cause
	}
	if check.Cause == "" && f.by != nil && f.by.Diagnosis != nil && f.by.Diagnosis.Certainty != diagnose.Possible {
		return f.by.Diagnosis.Code
	}
	return check.Cause
}

// diagnosis is what explains the response where the finding calls for that: why what
// is fine was refused is nobody's question. An error that a 2xx hides may be why work
// was not done, never why it was done twice; and why another value is kept only where
// the error is certain.
func (f Finding) diagnosis() *diagnose.Diagnosis {
	if f.by == nil || !f.Verdict.Explained() {
		return nil
	}
	d := f.by.Diagnosis
	if d == nil || !f.by.Acknowledged() {
		return d
	}
	switch f.breach {
	case model.Doubled, model.Acted:
		return nil
	case model.Stale, model.Overlooked, model.Altered, model.Restyled:
		if d.Certainty != diagnose.Certain {
			return nil
		}
	}
	return d
}

// interrupted says why a case was not played to its end.
func (c *Case) interrupted() lang.Text {
	if c.Tired {
		return textTired.both()
	}
	return textInterrupted.both()
}

// JudgeCase gives the finding of a check on one of the cases that were played for it.
func (c *Judge) JudgeCase(check *language.Check, cases []Case, i int) Finding {
	played := &cases[i]
	if played.Err != nil {
		return Finding{Verdict: verdict.Error, Reason: lang.Both(played.Err)}
	}
	if played.Skipped != nil {
		return *played.Skipped
	}
	judged := played.Of(check.Exchange())
	if len(judged) == 0 {
		return Finding{Verdict: verdict.Inconclusive, Reason: played.interrupted()}
	}
	for _, name := range slices.Sorted(maps.Keys(check.Given)) {
		given := played.Of(name)
		if len(given) == 0 {
			return Finding{Verdict: verdict.Inconclusive, Reason: played.interrupted()}
		}
		for _, e := range given {
			if f, stood := inTheWay(e); stood {
				return f
			}
			if !check.Given[name].Match(e.statuses()) {
				return Finding{Verdict: verdict.Inconclusive, Reason: textGiven(e), found: Describe(e), by: e}
			}
		}
	}
	if l := judged[0].Limit; l != nil {
		judged = []*Exchange{l.decides()}
	}
	var worst Finding
	alike := 0
	for j, e := range judged {
		f, stood := inTheWay(e)
		if !stood {
			f, stood = played.away(e)
		}
		if !stood {
			f = c.judgeExchange(check, cases, i, e)
		}
		if j == 0 || severity(f.Verdict) > severity(worst.Verdict) {
			worst, alike = f, 0
		} else if f.Verdict == worst.Verdict && telling(e) > telling(worst.by) {
			worst = f
		} else if f.Verdict == worst.Verdict && worst.note.IsZero() {
			worst.note = f.note
		}
		if f.Verdict == worst.Verdict {
			alike++
		}
	}
	if len(judged) > 1 && (worst.Verdict == verdict.Fail || worst.Verdict == verdict.Warn) {
		worst.found = textAmong(worst.found, alike, len(judged))
	}
	if played.Stopped && (severity(worst.Verdict) < severity(verdict.Inconclusive) || played.Spec.Meddles()) {
		// The steps that were not played might have shown something, and a
		// database that was not given back is no fault of the receiver's.
		return Finding{Verdict: verdict.Inconclusive, Reason: played.interrupted(), found: worst.found, by: worst.by}
	}
	return worst
}

func (c *Judge) judgeExchange(check *language.Check, cases []Case, i int, e *Exchange) Finding {
	evidence := c.evidence(check, cases, i, e)
	for k := range check.Judge {
		rule := &check.Judge[k]
		if !rule.Fits(evidence) {
			continue
		}
		f := Finding{Verdict: rule.Then, Because: rule.Because, Reason: rule.Reason, note: rule.Note, found: rule.Found, fault: rule.Fault, fix: rule.Fix, by: e}
		switch {
		case !f.found.IsZero():
		case e.Limit != nil:
			f.found = e.Limit.found()
		default:
			f.found = Describe(e)
		}
		f.found = check.Beside(rule, evidence, f.found)
		if e.Content != nil && e.Content.Beside && f.Verdict == verdict.Fail {
			f.crowded()
		} else if e.Content != nil && f.Verdict != verdict.Pass && (e.Content.Enough || len(e.Content.only) > 0 || !e.Acknowledged()) {
			f.found = textContent(f.found, e.Content)
		}
		if known := c.stateKnown(check, e, cases[i].Spec); known.known && rule.Open() {
			f.found = beside(f.found, known.found)
		}
		if evidence.HangUps > 0 {
			f.found = textHangUps(f.found, evidence.InTime, evidence.HangUps)
		}
		c.hold(&f, check, e)
		c.overlooked(&f, check, &cases[i], e)
		c.believed(&f, check, e)
		if f.Verdict == verdict.Pass && cases[i].passesOver(e) {
			f.Verdict, f.Reason = verdict.NotObserved, textPassedOver(e.Kind)
		}
		f.answered(check, e)
		c.coalesced(&f, &cases[i], e)
		c.recognise(&f, e)
		c.unseen(&f, check, e, cases[i].Spec)
		f.unmoved(e)
		c.unhandled(&f, e)
		if e.Limit != nil {
			e.Limit.weigh(check, &f)
		}
		return f
	}
	// The language makes sure that the last rule fits everything.
	return Finding{Verdict: verdict.Error, Reason: lang.Text{ES: "ninguna regla lo decide", EN: "no rule decides it"}, by: e}
}

func acknowledgedElsewhere(check *language.Check, cases []Case, i int) bool {
	for j := range cases {
		if j == i {
			continue
		}
		if slices.ContainsFunc(cases[j].Of(check.Exchange()), (*Exchange).Acknowledged) {
			return true
		}
	}
	return false
}

// weigh lowers a verdict that claims too much. A failure that rests on an
// assumption is only a warning until the user has confirmed the assumption, and a
// pass without the evidence that the check needs is not observed.
func (c *Judge) weigh(check *language.Check, assumed bool, r *verdict.Result) {
	for _, a := range check.Assumes {
		if r.Verdict == verdict.Fail && assumed && !c.Confirmed[a] {
			r.Verdict = verdict.Warn
			r.Notes = append(r.Notes, textAssumed(a))
		}
	}
	if r.Verdict != verdict.Pass {
		return
	}
	for _, e := range check.Evidence {
		l := c.lack(e)
		if e == language.EvidenceProcess && !check.Meddles() {
			l = lack{lacking: true, reason: textNeedsMore.both()}
		}
		if l.lacking {
			r.Verdict, r.Reason, r.Enable = verdict.NotObserved, l.reason, l.enable
			return
		}
	}
	if c.ByObject && slices.Contains(check.Evidence, language.EvidenceEffects) {
		r.Notes = append(r.Notes, textByObject.both())
	}
	if check.Restarts() && c.Hooks.Graceful() {
		r.Notes = append(r.Notes, textGraceful.both())
	}
}
