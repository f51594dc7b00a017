package scenarios

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/api"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/diagnose"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// judge judges checks on the exchanges that were played, with what it has to know
// of the run.
type judge struct {
	timeout   time.Duration
	confirmed map[string]bool   // assumptions that the user confirmed
	observer  bool              // effects can be seen
	hooks     *receiver.Hooks   // what can be done to the receiver's process
	drains    bool              // its queue can be worked off
	paths     map[string]string // the state_map: where in the event a field comes from
	follows   follows           // what a plain delivery keeps of its event
	byObject  bool              // effects are counted by object
	plain     []*exchange       // every plain serial delivery of the run so far
	heard     []*exchange       // every delivery of the run so far
	api       *api.Simulated    // what the receiver may ask; nil without one
	auth      string            // how it is said to know events for Kometia's
	asked     bool              // it was seen to ask
}

// severity orders verdicts: of several cases the gravest decides.
func severity(v verdict.Verdict) int {
	return slices.Index([]verdict.Verdict{verdict.NotApplicable, verdict.Pass, verdict.Info, verdict.NotObserved, verdict.Inconclusive, verdict.Warn, verdict.Error, verdict.Fail}, v)
}

// finding is the judgement on one exchange, or on one case.
type finding struct {
	verdict verdict.Verdict
	because string
	reason  lang.Text
	enable  lang.Text
	note    lang.Text
	found   lang.Text
	fault   lang.Text // the same of its fault
	matters lang.Text // the same of why it matters
	expects lang.Text // the same of what was expected
	fix     lang.Text // that stands in place of the check's own; empty keeps that
	cause   string    // the same of its cause
	by      *exchange
}

// judge gives the result of a check on the cases that were played for it.
func (c *judge) judge(check *language.Check, cases []playedCase) verdict.Result {
	r := verdict.Result{
		ID: check.ID, Level: check.Level, Title: check.Title, Fault: check.Fault, Requirement: check.Requirement,
		Why: check.Why, Fix: check.Fix, Source: check.Source, Expected: check.Expected, Foremost: check.Foremost,
	}
	if check.Takes(language.EvidenceAPI) && c.api == nil {
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
	if i := slices.IndexFunc(check.Unless, func(id string) bool { return c.confirmed[id] }); i >= 0 {
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
	r.Passes = slices.ContainsFunc(c.plain, (*exchange).acknowledged)
	c.weigh(check, assumed, &r)
	return r
}

func (c *judge) judgeCases(check *language.Check, cases []playedCase, r *verdict.Result) {
	cases = slices.DeleteFunc(slices.Clone(cases), func(p playedCase) bool { return !p.spec.Delivers(check.Exchange()) })
	findings := make([]finding, len(cases))
	for i := range cases {
		findings[i] = c.judgeCase(check, cases, i)
	}
	aside := setAside(cases, findings)
	worst := -1
	var alike []lang.Text
	for i := range cases {
		switch {
		case slices.Contains(aside, i):
		case worst < 0 || severity(findings[i].verdict) > severity(findings[worst].verdict):
			worst, alike = i, []lang.Text{cases[i].title()}
		case findings[i].verdict == findings[worst].verdict:
			alike = append(alike, cases[i].title())
		}
	}
	if worst < 0 {
		r.Verdict, r.Reason = verdict.Inconclusive, textNotPlayed.both()
		return
	}
	f := findings[worst]
	r.Verdict, r.Found, r.Reason, r.Needs, r.Enable = f.verdict, f.found, f.why(), f.because, f.enable
	if len(cases) > 1 && len(alike) > 1 && f.verdict != verdict.Pass && f.verdict != verdict.NotApplicable {
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
	r.Variant, r.VariantTitle = cases[worst].name, cases[worst].title()
	if len(cases) == 1 {
		r.Variant, r.VariantTitle = cases[worst].kind, lang.Text{}
	}
	if f.by != nil && f.by.limit != nil {
		r.Variant, r.VariantTitle = f.by.kind, lang.Text{} // the orders of a search have a kind of their own
	}
	if f.by != nil && f.verdict.Explained() {
		r.Diagnosis = f.by.diagnosis // why what is fine was refused is nobody's question
	}
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
	if f.verdict == verdict.Info {
		r.Fault = lang.Text{} // that of the check says more than is known
	}
	for _, own := range []struct{ is, of *lang.Text }{{&f.fault, &r.Fault}, {&f.matters, &r.Why}, {&f.expects, &r.Expected}} {
		if !own.is.IsZero() {
			*own.of = *own.is
		}
	}
	for i := range cases {
		one := verdict.Case{Name: cases[i].name, Title: cases[i].title(), Verdict: findings[i].verdict, Expected: check.Expected, Found: findings[i].found}
		if findings[i].by != nil {
			one.Attempts = cases[i].attemptsOf(findings[i].by)
		}
		r.Cases = append(r.Cases, one)
		if n := findings[i].note; !n.IsZero() && findings[i].verdict == f.verdict && !slices.Contains(r.Notes, n) {
			r.Notes = append(r.Notes, n)
		}
	}
}

// setAside lists the cases that say nothing of kinds or families on which others
// say something: nobody observes what the receiver does on them, or it refuses
// them, which the gate tells. They hide nothing of the others.
func setAside(cases []playedCase, findings []finding) (aside []int) {
	for i := range cases {
		barred := cases[i].skipped != nil && cases[i].skipped.because != ""
		alone := cases[i].skipped != nil && findings[i].verdict == verdict.NotObserved // it depends on what the case does not send
		if barred || alone || cases[i].spec.Each != "" && findings[i].verdict == verdict.NotObserved {
			aside = append(aside, i)
		}
	}
	if len(aside) == len(cases) {
		return nil
	}
	return aside
}

// causeOf names what a missed check probably has in common with others.
func causeOf(check *language.Check, f finding) string {
	if f.verdict != verdict.Fail && f.verdict != verdict.Warn {
		return ""
	}
	if f.cause != "" {
		return f.cause
	}
	if check.Cause == "" && f.by != nil && f.by.diagnosis != nil && f.by.diagnosis.Certainty != diagnose.Possible {
		return f.by.diagnosis.Code
	}
	return check.Cause
}

func (c *judge) judgeCase(check *language.Check, cases []playedCase, i int) finding {
	played := &cases[i]
	if played.err != nil {
		return finding{verdict: verdict.Error, reason: lang.Both(played.err)}
	}
	if played.skipped != nil {
		return *played.skipped
	}
	judged := played.of(check.Exchange())
	if len(judged) == 0 {
		return finding{verdict: verdict.Inconclusive, reason: textInterrupted.both()}
	}
	for _, name := range slices.Sorted(maps.Keys(check.Given)) {
		given := played.of(name)
		if len(given) == 0 {
			return finding{verdict: verdict.Inconclusive, reason: textInterrupted.both()}
		}
		for _, e := range given {
			if f, stood := inTheWay(e); stood {
				return f
			}
			if !check.Given[name].Match(e.statuses()) {
				return finding{verdict: verdict.Inconclusive, reason: textGiven(e), found: describe(e), by: e}
			}
		}
	}
	if l := judged[0].limit; l != nil {
		judged = []*exchange{l.decides()}
	}
	var worst finding
	alike := 0
	for j, e := range judged {
		f, stood := inTheWay(e)
		if !stood {
			f = c.judgeExchange(check, cases, i, e)
		}
		if j == 0 || severity(f.verdict) > severity(worst.verdict) {
			worst, alike = f, 0
		} else if f.verdict == worst.verdict && e.narrowed() && !worst.by.narrowed() {
			worst = f // it tells more
		} else if f.verdict == worst.verdict && worst.note.IsZero() {
			worst.note = f.note
		}
		if f.verdict == worst.verdict {
			alike++
		}
	}
	if len(judged) > 1 && (worst.verdict == verdict.Fail || worst.verdict == verdict.Warn) {
		worst.found = textAmong(worst.found, alike, len(judged))
	}
	if played.stopped && (severity(worst.verdict) < severity(verdict.Inconclusive) || played.spec.Meddles()) {
		// The steps that were not played might have shown something, and a
		// database that was not given back is no fault of the receiver's.
		return finding{verdict: verdict.Inconclusive, reason: textInterrupted.both(), found: worst.found, by: worst.by}
	}
	return worst
}

// inTheWay tells what kept an exchange from saying anything of the receiver.
func inTheWay(e *exchange) (finding, bool) {
	f := finding{verdict: verdict.Inconclusive, found: describe(e), by: e}
	failed := ours(e)
	switch {
	case e.throttled:
		f.reason = textThrottled.both()
	case e.result.State == delivery.Interrupted:
		f.reason = textInterrupted.both()
	case e.last() == nil && !e.expires:
		f.verdict, f.reason = verdict.NotApplicable, textNeverDue.both()
	case failed.Ours():
		f.verdict, f.reason = verdict.Error, failed.Text()
	case failed != nil:
		f.reason = textCutOff(failed)
	case e.gone:
		f.reason = textGone.both()
	case e.barred != "" && !e.acknowledged():
		f.because = e.barred
	default:
		return finding{}, false
	}
	return f, true
}

// ours is what failed between us and the receiver's machine, so that it cannot
// have heard of the attempt: a request that cannot be sent, a name that is not
// found, no route, a limit of this computer.
func ours(e *exchange) *wire.Error {
	for i := range e.result.Attempts {
		o := e.result.Attempts[i].Outcome
		if o == nil || o.Err == nil {
			continue
		}
		if o.Err.Kind == wire.ErrDNS || o.Err.Kind == wire.ErrConnect || o.Err.Ours() && o.Err.Kind != wire.ErrCanceled {
			return o.Err
		}
	}
	return nil
}

func (c *judge) judgeExchange(check *language.Check, cases []playedCase, i int, e *exchange) finding {
	evidence := c.evidence(check, cases, i, e)
	for k := range check.Judge {
		rule := &check.Judge[k]
		if !rule.Fits(evidence) {
			continue
		}
		f := finding{verdict: rule.Then, because: rule.Because, reason: rule.Reason, note: rule.Note, found: rule.Found, fault: rule.Fault, fix: rule.Fix, by: e}
		switch {
		case !f.found.IsZero():
		case e.limit != nil:
			f.found = e.limit.found()
		default:
			f.found = describe(e)
		}
		f.found = check.Beside(rule, evidence, f.found)
		if e.content != nil && f.verdict != verdict.Pass && (e.content.enough || len(e.content.only) > 0 || !e.acknowledged()) {
			f.found = textContent(f.found, e.content)
		}
		if known := c.stateKnown(check, e, cases[i].spec); known.known && rule.Open() {
			f.found = beside(f.found, known.found)
		}
		if evidence.HangUps > 0 {
			f.found = textHangUps(f.found, evidence.InTime, evidence.HangUps)
		}
		c.hold(&f, check, e)
		f.answered(check, e)
		c.unseen(&f, check, e, cases[i].spec)
		f.unmoved(e)
		if e.limit != nil {
			e.limit.weigh(check, &f)
		}
		return f
	}
	// The language makes sure that the last rule fits everything.
	return finding{verdict: verdict.Error, reason: lang.Text{ES: "ninguna regla decide", EN: "no rule decides"}, by: e}
}

func acknowledgedElsewhere(check *language.Check, cases []playedCase, i int) bool {
	for j := range cases {
		if j == i {
			continue
		}
		if slices.ContainsFunc(cases[j].of(check.Exchange()), (*exchange).acknowledged) {
			return true
		}
	}
	return false
}

// weigh lowers a verdict that claims too much. A failure that rests on an
// assumption is only a warning until the user has confirmed the assumption, and a
// pass without the evidence that the check needs is not observed.
func (c *judge) weigh(check *language.Check, assumed bool, r *verdict.Result) {
	for _, a := range check.Assumes {
		if r.Verdict == verdict.Fail && assumed && !c.confirmed[a] {
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
	if c.byObject && slices.Contains(check.Evidence, language.EvidenceEffects) {
		r.Notes = append(r.Notes, textByObject.both())
	}
	if check.Restarts() && c.hooks.Graceful() {
		r.Notes = append(r.Notes, textGraceful.both())
	}
}

// why words the reason of a finding that another check explains.
func (f finding) why() lang.Text {
	if f.because != "" {
		return textNeeds(f.because)
	}
	return f.reason
}

// describe words what the receiver answered in an exchange.
func describe(e *exchange) lang.Text {
	if e.expires {
		return lang.Textf("%d intentos sin llegar, y venció", "%d attempts did not get through, and it expired", len(e.result.Attempts))
	}
	var runs []lang.Text
	var lengths []int
	for _, o := range e.outcomes() {
		said := answered(o)
		if last := len(runs) - 1; last >= 0 && runs[last] == said {
			lengths[last]++
			continue
		}
		runs, lengths = append(runs, said), append(lengths, 1)
	}
	for i, n := range lengths {
		if n > 1 {
			runs[i] = lang.Textf("%s, %d veces", "%s, %d times", runs[i], n)
		}
	}
	return joined(runs, lang.Text{ES: ", luego ", EN: ", then "})
}

// answered words one answer, or why there was none.
func answered(o *wire.Outcome) lang.Text {
	switch {
	case o.Status != 0:
		return lang.Same(strconv.Itoa(o.Status))
	case o.Err.Kind == wire.ErrHungUp:
		return lang.Text{ES: "cerramos la conexión", EN: "we closed the connection"}
	}
	why := o.Err.Kind.Text()
	if why.IsZero() {
		why = lang.Same(string(o.Err.Kind))
	}
	return lang.Textf("sin respuesta (%s)", "no response (%s)", why)
}
