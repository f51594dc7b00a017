package view

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// Check is one check, or one oracle of fuzz, as it is told.
type Check struct {
	Standing // its verdict, as the list of known failures leaves it

	ID, Family string // KOM-RTY-003 and KOM-RTY
	Name       string // the id, made unique among the checks of the run
	// Title says the fault of a check that is red, of all others the requirement,
	// which Requires says of all.
	Title, Requires, Level string
	Weight                 verdict.Level
	Variant                string // the case it is about; "" where the event says it

	Requirement, Source, Why string
	Expected, Found          string
	Contrast                 string // both in one phrase; "" unless both are known
	Reason                   string // why it was not judged
	Needs                    *Ref   // what stood in its way
	Enable                   []Addition
	Listed                   string // what the list of known failures says of it
	Notes                    []string
	Diagnosis                *Diagnosis
	Fix                      []string // the best remedy, line by line
	Finding                  *Finding // what fuzz found; nil for a check
	OwnFix                   []string // that of the check itself, which knows no framework
	Fixes                    []Fix    // all remedies, the best first
	Foremost                 []Fix    // those that a short report shows
	Remedy                   string   // the best one in one line

	Cause  string // what it shares with others, for programs
	Shared []Ref  // the checks with the same cause
	// Told says that a check before it has the same cause and tells it, or is a finding
	// of the same; Also are the findings of the same as this one.
	Told  bool
	Also  []Ref
	Alone bool // inconclusive for a reason of its own, and told in full

	Attempts  []Attempt
	Several   bool    // they are about several events
	About     string  // the event that they are about, unless there are several
	Events    []Event // what was done to the receiver among them
	Exchanges []Exchange
	Cases     []Case

	// Changes are how what was sent differs from a normal event; only findings of
	// fuzz say so.
	Changes []Change

	Reproduce, Explain string // commands
	// Verify is the command that checks the fix: all checks with the same cause again.
	Verify  string
	Elapsed time.Duration
}

// Ref is a reference to another check of the run.
type Ref struct {
	At   int // its place; negative when it is not in the run
	Text string
}

// Texts are what references are called.
func Texts(refs []Ref) (out []string) {
	for _, r := range refs {
		out = append(out, r.Text)
	}
	return out
}

// Change is one difference from a normal event: the values as JSON, "" where the
// field is missing.
type Change struct{ Path, Normal, Here string }

// Event is something that was done to the receiver itself.
type Event struct {
	Verb   string
	Offset time.Duration
	Says   string // when, and what
}

// Case is one case of a check.
type Case struct {
	Standing
	Name, Found string // the name is the case's title, where it has one
	ID          string
}

// checks makes the views of all results, in their order.
func (w *Words) checks(rs []verdict.Result, o Options) []Check {
	byID := map[string]int{}
	byCause := map[string][]int{}
	names := namesOf(rs)
	for i := range rs {
		if _, taken := byID[rs[i].ID]; !taken {
			byID[rs[i].ID] = i
		}
	}
	told := map[string]bool{}
	views := make([]Check, len(rs))
	for i := range rs {
		views[i] = w.check(&rs[i], o)
		views[i].Name = names[i]
	}
	for _, want := range []verdict.Verdict{verdict.Fail, verdict.Warn} {
		for i := range rs {
			if cause := rs[i].Cause; rs[i].Verdict == want && cause != "" {
				views[i].Told, told[cause] = told[cause], true
			}
		}
	}
	for i := range rs {
		if cause := rs[i].Cause; cause != "" && (rs[i].Verdict == verdict.Fail || rs[i].Verdict == verdict.Warn) {
			byCause[cause] = append(byCause[cause], i)
		}
	}
	together(rs, views)
	for i := range rs {
		r, v := &rs[i], &views[i]
		v.Verify = v.Reproduce
		if !v.Told && len(byCause[r.Cause]) > 1 {
			v.Verify = verifying(r, rs, byCause[r.Cause])
		}
		if r.Needs != "" {
			v.Needs = &Ref{-1, Safe(r.Needs)}
			if at, known := byID[r.Needs]; known {
				v.Needs.At = at
			}
		}
		for _, j := range byCause[r.Cause] {
			if j != i && len(v.Shared) < ListShown {
				v.Shared = append(v.Shared, Ref{j, strings.TrimSpace(views[j].ID + " " + w.badCases(&rs[j]))})
			}
		}
	}
	return views
}

// fitting is a result with the texts that go with its verdict: most texts of a check are
// written for its failure, and would accuse who passed. What was not observed keeps why
// it matters, which is a reason to observe it.
func fitting(r *verdict.Result) *verdict.Result {
	out := *r
	switch r.Verdict {
	case verdict.Fail, verdict.Warn, Known:
		return r
	case verdict.NotApplicable:
		out.Expected, out.Found = lang.Text{}, lang.Text{}
	case verdict.Info:
		out.Expected = lang.Text{}
	}
	out.Fix = lang.Text{}
	if r.Verdict != verdict.Inconclusive && r.Verdict != verdict.NotObserved {
		out.Why = lang.Text{}
	}
	if !r.Verdict.Explained() {
		out.Diagnosis = nil
	}
	return &out
}

func (w *Words) check(r *verdict.Result, o Options) Check {
	r = fitting(r)
	st := w.Standing(r.Verdict)
	v := Check{
		Standing: st, ID: Safe(r.ID), Title: Safe(r.Title.In(w.Tag)), Requires: Safe(r.Title.In(w.Tag)), Level: w.level(r.Level), Weight: r.Level, Alone: standsAlone(r),
		Requirement: Prose(r.Requirement.In(w.Tag)), Source: Prose(r.Source.In(w.Tag)), Why: Prose(r.Why.In(w.Tag)),
		Expected: Safe(r.Expected.In(w.Tag)), Found: Safe(r.Found.In(w.Tag)), Reason: Safe(r.Reason.In(w.Tag)),
		Listed: w.listed(r), Cause: Safe(r.Cause), Elapsed: r.Elapsed,
		Attempts: w.attempts(r), Several: len(r.Attempts) > 0 && !oneEvent(r.Attempts), Cases: w.cases(r.Cases),
		Reproduce: Command(r.Reproduce), Explain: "kometia-sim explain " + Safe(r.ID),
	}
	if fault := Safe(r.Fault.In(w.Tag)); fault != "" && (r.Verdict == verdict.Fail || r.Verdict == verdict.Warn || r.Verdict == Known || r.Verdict == verdict.Info) {
		v.Title = fault
	}
	v.Family = familyOf(v.ID)
	if v.Weight != verdict.Must && v.Weight != verdict.Should {
		v.Weight = verdict.Informative // what is neither decides nothing
	}
	if len(v.Attempts) > 0 && !v.Several {
		v.About = v.Attempts[0].Name
	}
	for _, e := range r.Events {
		v.Events = append(v.Events, Event{e.Verb, e.Offset, fmt.Sprintf(w.ProcessEventAt, Offset(e.Offset), w.processEvent(e.Verb))})
	}
	v.Exchanges = w.exchanges(r.Attempts, v.Attempts, v.Several)
	if len(r.Attempts) == 0 || r.Variant != r.Attempts[0].Kind {
		v.Variant = Safe(cmp.Or(r.VariantTitle.In(w.Tag), r.Variant))
	}
	if v.Expected != "" && v.Found != "" {
		v.Contrast = fmt.Sprintf(w.ExpectedFound, v.Expected, v.Found)
	}
	if r.Verdict == verdict.NotObserved {
		v.Enable = w.enable(r.Enable.In(w.Tag))
	}
	if v.Finding = w.finding(r.Finding); v.Finding != nil {
		v.Notes = v.Finding.notes(w)
		v.Finding.Notes = len(v.Notes)
	}
	for _, n := range r.Notes {
		v.Notes = append(v.Notes, Safe(n.In(w.Tag)))
	}
	if r.Diagnosis != nil {
		title := ""
		if o.CauseTitle != nil {
			title = o.CauseTitle(r.Diagnosis.Code).In(w.Tag)
		}
		v.Diagnosis = w.Diagnosis(r.Diagnosis, title)
	}
	v.OwnFix = Lines(r.Fix.In(w.Tag))
	// The hint of a diagnosis knows the framework; the check's own fix does not.
	if v.Fix = v.OwnFix; r.Diagnosis != nil && (speaks(r) || len(v.Fix) == 0) && r.Diagnosis.Hint.In(w.Tag) != "" {
		v.Fix = v.Diagnosis.Hint
	}
	if r.Finding != nil {
		for _, c := range r.Finding.Changes {
			v.Changes = append(v.Changes, Change{Safe(c.Path), w.value(c.Normal, changeShown), w.value(c.Here, changeShown)})
		}
		for i := range v.Attempts { // what stands out in them is told as the changes
			if len(v.Changes) > 0 {
				v.Attempts[i].Sent, _, _ = strings.Cut(v.Attempts[i].Sent, " (")
			}
		}
	}
	m := remediesOf(r, w.Tag)
	v.Foremost, v.Remedy, v.Fixes = m.foremost(), m.line(), m.all()
	return v
}

// together has the first of the findings that differ from a normal event in the same
// fields tell the others, where they break the same rule or were met in the same way:
// what breaks on a name breaks on it in every kind.
func together(rs []verdict.Result, views []Check) {
	first := map[string]int{}
	for _, want := range []verdict.Verdict{verdict.Fail, verdict.Warn} {
		for i := range rs {
			if rs[i].Verdict != want || rs[i].Finding == nil || len(views[i].Changes) == 0 {
				continue
			}
			var fields []string
			for _, c := range views[i].Changes {
				fields = append(fields, c.Path)
			}
			at := strings.Join(fields, "|")
			rule, met := "rule "+views[i].ID+" "+at, "met "+views[i].Found+" "+at
			lead, known := first[rule]
			if !known {
				lead, known = first[met]
			}
			if !known {
				first[rule], first[met] = i, i
				continue
			}
			views[i].Told = true
			views[lead].Also = append(views[lead].Also, Ref{i, strings.TrimSpace(views[i].ID + " " + views[i].Variant)})
		}
	}
	for i := range rs {
		if lead := payloadOf(rs, views, i); lead >= 0 {
			views[i].Told = true
			views[lead].Also = append(views[lead].Also, Ref{i, strings.TrimSpace(views[i].ID + " " + views[i].Variant)})
		}
	}
}

// payloadOf is the finding that tells what a history of a single delivery has found: one
// of the same rule and kind that was answered alike, and knows the field. It is negative
// where there is none.
func payloadOf(rs []verdict.Result, views []Check, i int) int {
	f := rs[i].Finding
	if f == nil || f.What != f.Kind || len(f.Changes) > 0 {
		return -1
	}
	for j := range rs {
		r := &rs[j]
		if r.ID == rs[i].ID && r.Verdict == rs[i].Verdict && !views[j].Told && r.Finding != nil && len(r.Finding.Changes) > 0 &&
			r.Finding.Kind == f.Kind && r.Found.EN != "" && strings.HasSuffix(rs[i].Found.EN, r.Found.EN) {
			return j
		}
	}
	return -1
}

// verifying is the command that runs all checks with one cause again: that of the
// first, with the ids of the others.
func verifying(r *verdict.Result, rs []verdict.Result, same []int) string {
	one := "kometia-sim run " + r.ID + " "
	rest, ok := strings.CutPrefix(r.Reproduce, one)
	if !ok {
		return Command(r.Reproduce)
	}
	ids := []string{r.ID}
	for _, i := range same {
		if !slices.Contains(ids, rs[i].ID) {
			ids = append(ids, rs[i].ID)
		}
	}
	return Command("kometia-sim run " + strings.Join(ids, " ") + " " + rest)
}

// badCases says how many of several cases did not pass.
func (w *Words) badCases(r *verdict.Result) string {
	bad := 0
	for _, c := range r.Cases {
		if c.Verdict == verdict.Fail || c.Verdict == verdict.Warn {
			bad++
		}
	}
	if bad == 0 || len(r.Cases) < 2 {
		return ""
	}
	return fmt.Sprintf(w.OfCases, bad, len(r.Cases))
}

// cases are the cases of a check; a single one says no more than the check.
func (w *Words) cases(cs []verdict.Case) []Case {
	if len(cs) < 2 {
		return nil
	}
	views := make([]Case, len(cs))
	for i, c := range cs {
		views[i] = Case{Standing: w.Standing(c.Verdict), Name: Safe(cmp.Or(c.Title.In(w.Tag), c.Name)), ID: Safe(c.Name), Found: Safe(c.Found.In(w.Tag))}
		if views[i].Found == "" && len(c.Attempts) > 0 {
			views[i].Found = Tell(w.attempts(&verdict.Result{Attempts: c.Attempts}))
		}
	}
	return views
}

// namesOf gives every result a name of its own: the id, which CI servers keep
// history by, and the variant only where the id alone is taken twice.
func namesOf(rs []verdict.Result) []string {
	ids, used := map[string]int{}, map[string]int{}
	for i := range rs {
		ids[rs[i].ID]++
	}
	names := make([]string, len(rs))
	for i := range rs {
		name := rs[i].ID
		if ids[name] > 1 && rs[i].Variant != "" {
			name += " " + rs[i].Variant
		}
		name = Safe(name)
		unique := name
		for n := 2; used[unique] > 0; n++ {
			unique = fmt.Sprintf("%s (%d)", name, n)
		}
		used[unique]++
		names[i] = unique
	}
	return names
}

// familyOf is the family of a check, KOM-RTY of KOM-RTY-003. What has no number, such as
// an oracle of fuzz, is a family of its own.
func familyOf(id string) string {
	i := strings.LastIndexByte(id, '-')
	if i <= 0 || i == len(id)-1 || strings.Trim(id[i+1:], "0123456789") != "" {
		return id
	}
	return id[:i]
}
