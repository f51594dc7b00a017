package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/simulator/diagnose"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

const (
	// idsShown is how many ids of a group a short report names.
	idsShown = 6
	// A timeline longer than foldOver lines shows its first foldHead and its
	// last foldTail.
	foldOver, foldHead, foldTail = 6, 3, 2
)

// results writes what needs the reader: failures by cause, our own errors,
// warnings, and in a line or two what could not be judged.
func (p *page) results(rs []verdict.Result, o Options) {
	done := map[string]bool{}
	for i := range rs {
		r := &rs[i]
		if r.Verdict != verdict.Fail || r.Cause != "" && done[r.Cause] {
			continue
		}
		done[r.Cause] = true
		var shared []*verdict.Result
		for j := range rs {
			if other := &rs[j]; j != i && r.Cause != "" && other.Cause == r.Cause && other.Verdict == verdict.Fail {
				shared = append(shared, other)
			}
		}
		p.block(r, shared, o)
		p.blank()
	}
	for i := range rs {
		if r := &rs[i]; broken(r.Verdict) {
			p.harnessError(r)
			p.blank()
		}
	}
	for i := range rs {
		if r := &rs[i]; r.Verdict == outdated {
			p.passesNow(r)
			p.blank()
		}
	}
	p.knowns(rs)
	wrote := false
	for i := range rs {
		switch r := &rs[i]; {
		case r.Verdict != verdict.Warn:
		case o.Strict:
			p.block(r, nil, o)
			p.blank()
		default:
			p.brief(r)
			wrote = true
		}
	}
	for i := range rs {
		if r := &rs[i]; r.Verdict == verdict.Info {
			p.brief(r)
			wrote = true
		}
	}
	if wrote {
		p.blank()
	}
	p.groups(rs, o)
}

// broken reports our own errors, a verdict that nobody knows included.
func broken(v verdict.Verdict) bool {
	switch v {
	case verdict.Pass, verdict.Fail, verdict.Warn, verdict.Info,
		verdict.NotObserved, verdict.NotApplicable, verdict.Inconclusive, known, outdated:
		return false
	default:
		return true
	}
}

// title is the headline of a check.
func (p *page) title(mark string, st style, r *verdict.Result) {
	atoms := concat(p.unit(st, mark), p.unit(st, r.ID),
		after(2, p.unit(dim, p.words.level(r.Level).In(p.tag))), after(2, p.say(plain, r.Title.In(p.tag))))
	if r.Variant != "" && (len(r.Attempts) == 0 || r.Variant != r.Attempts[0].Kind) {
		atoms = append(atoms, p.unit(dim, "("+r.Variant+")")...)
	}
	p.line(0, 4, atoms)
}

// block tells one failure in full, and names those that share its cause.
func (p *page) block(r *verdict.Result, shared []*verdict.Result, o Options) {
	mark, st := "✗", failing
	if r.Verdict == verdict.Warn {
		mark, st = "!", warning
	}
	p.title(mark, st, r)
	p.contrast(r)
	p.timeline(r.Attempts, r.Verdict == verdict.Fail || r.Verdict == known)
	why := p.explanation(r, o)
	var then []field
	if r.Reproduce != "" {
		then = append(then, field{label: p.words.Repeat, command: r.Reproduce})
	}
	then = append(then, field{label: p.words.More, command: "kometia-sim explain " + r.ID})
	col := max(p.textColumn(4, why), p.textColumn(4, then))
	p.fieldsAt(4, col, why)
	if len(shared) > 0 {
		var ids []string
		for _, s := range shared {
			ids = append(ids, strings.TrimSpace(s.ID+" "+p.cases(s)))
		}
		p.line(4, 6, p.say(plain, fmt.Sprintf(p.words.SameCause.In(p.tag), strings.Join(ids, ", "))))
	}
	p.fieldsAt(4, col, then)
}

func (p *page) explanation(r *verdict.Result, o Options) []field {
	fs := p.diagnosis(r.Diagnosis, o)
	if s := r.Why.In(p.tag); s != "" {
		fs = append(fs, field{label: p.words.Matters, text: p.say(plain, s)})
	}
	// The hint of a diagnosis knows the framework; the check's own fix does not.
	if r.Diagnosis != nil && r.Diagnosis.Hint.In(p.tag) != "" {
		fs = append(fs, field{label: p.words.Fix, lines: safeLines(r.Diagnosis.Hint.In(p.tag))})
	} else if s := r.Fix.In(p.tag); s != "" {
		fs = append(fs, field{label: p.words.Fix, lines: safeLines(s)})
	}
	for _, n := range r.Notes {
		fs = append(fs, field{label: p.words.Note, text: p.quote(plain, n.In(p.tag))})
	}
	return fs
}

// diagnosis is the cause and its evidence; without the fix, which callers have
// in different forms.
func (p *page) diagnosis(d *diagnose.Diagnosis, o Options) []field {
	if d == nil {
		return nil
	}
	var cause []atom
	if o.CauseTitle != nil {
		cause = p.say(bold, o.CauseTitle(d.Code).In(p.tag))
	}
	code := d.Code + ", " + p.words.certainty(d.Certainty).In(p.tag)
	if len(cause) > 0 {
		code = "(" + code + ")"
	}
	fs := []field{{label: p.words.Cause, text: append(cause, after(2, p.unit(dim, code))...)}}
	if s := d.Evidence.In(p.tag); s != "" {
		fs = append(fs, field{label: p.words.Evidence, text: p.quote(plain, s)})
	}
	return fs
}

// contrast says what was expected and what there was, on one line where it
// fits, with the event that it was about.
func (p *page) contrast(r *verdict.Result) {
	want, got := Safe(r.Expected.In(p.tag)), Safe(r.Found.In(p.tag))
	about := after(3, p.about(r.Attempts))
	switch {
	case want == "" && got == "":
		if len(about) > 0 {
			p.line(4, 6, about)
		}
		return
	case want != "" && got != "":
		atoms := p.split(plain, fmt.Sprintf(p.words.ExpectedFound.In(p.tag), want, got))
		if lineColumns(atoms)+4 <= p.width {
			p.line(4, 6, append(atoms, about...))
			return
		}
	}
	var fs []field
	if want != "" {
		fs = append(fs, field{label: p.words.Expected, text: p.split(plain, want)})
	}
	if got != "" {
		fs = append(fs, field{label: p.words.Found, text: p.split(plain, got)})
	}
	fs[len(fs)-1].text = append(fs[len(fs)-1].text, about...)
	p.fields(4, fs)
}

// about names the one event of a timeline; a timeline of several names them
// line by line.
func (p *page) about(as []verdict.Attempt) []atom {
	if len(as) == 0 || !oneEvent(as) {
		return nil
	}
	return p.unit(dim, strings.TrimSpace(as[0].Kind+" "+shortID(as[0].Event)))
}

func oneEvent(as []verdict.Attempt) bool {
	for _, a := range as[1:] {
		if a.Event != as[0].Event || a.Kind != as[0].Kind {
			return false
		}
	}
	return true
}

// cases says how many of several cases did not pass.
func (p *page) cases(r *verdict.Result) string {
	bad := 0
	for _, c := range r.Cases {
		if c.Verdict == verdict.Fail || c.Verdict == verdict.Warn {
			bad++
		}
	}
	if bad == 0 || len(r.Cases) < 2 {
		return ""
	}
	return fmt.Sprintf(p.words.OfCases.In(p.tag), bad, len(r.Cases))
}

// timeline writes the attempts in virtual time, a long one folded.
func (p *page) timeline(as []verdict.Attempt, failed bool) {
	if len(as) == 0 {
		return
	}
	type row struct{ at, name, what, effects, mark []atom }
	rows := make([]row, len(as))
	single, names, seen := oneEvent(as), namesOfEvents(as), map[string]int{}
	var at, name, what, right int
	for i, a := range as {
		r := row{at: p.unit(dim, offset(a.Offset)), what: p.attempt(a)}
		if !single {
			r.name = p.unit(plain, names(a))
		}
		if a.Effects != nil {
			r.effects = p.unit(plain, fmt.Sprintf(p.words.EffectsNow.In(p.tag), *a.Effects))
			if before := seen[a.Event]; failed && before > 0 && *a.Effects > before {
				r.mark = p.unit(failing, p.words.Duplicate.In(p.tag))
			}
			seen[a.Event] = *a.Effects
		}
		rows[i] = r
		at, name, what = max(at, columns(r.at)), max(name, columns(r.name)), max(what, lineColumns(r.what))
		right = max(right, 3+lineColumns(r.effects)+2+lineColumns(r.mark))
	}
	// Columns only where the widest row leaves room for them.
	if name > p.width/3 {
		name = 0
	}
	aligned := 4+at+2+name+2+what+right <= p.width
	for i := 0; i < len(rows); i++ {
		if len(rows) > foldOver && i == foldHead {
			i = len(rows) - foldTail
			p.line(4, 4, p.unit(dim, fmt.Sprintf(p.words.MoreLines.In(p.tag), i-foldHead)))
		}
		r := rows[i]
		rest := after(at-columns(r.at)+2, r.name)
		if single {
			rest = after(at-columns(r.at)+2, r.what)
		} else {
			rest = append(rest, after(max(name-columns(r.name), 0)+2, r.what)...)
		}
		gap := 3
		if aligned {
			gap = what - lineColumns(r.what) + 3
		}
		rest = concat(r.at, rest, after(gap, r.effects), after(2, r.mark))
		p.line(4, 4+at+2, rest)
	}
}

// namesOfEvents says what tells the events of a timeline apart: the kind where
// that is enough, else the id too.
func namesOfEvents(as []verdict.Attempt) func(verdict.Attempt) string {
	events := map[string]string{}
	enough := true
	for _, a := range as {
		if e, ok := events[a.Kind]; ok && e != a.Event {
			enough = false
		}
		events[a.Kind] = a.Event
	}
	return func(a verdict.Attempt) string {
		if enough {
			return a.Kind
		}
		return strings.TrimSpace(a.Kind + " " + shortID(a.Event))
	}
}

// attempt says what one attempt sent, what came back and what we did to it.
func (p *page) attempt(a verdict.Attempt) []atom {
	out := append(p.quote(plain, p.request(a)), p.outcome(a)...)
	if a.Fault != "" {
		out = append(out, atom{text: ","})
		out = append(out, p.split(dim, p.words.fault(a.Fault, p.tag))...)
	}
	return out
}

// request is what one attempt sent, in a word or two.
func (p *page) request(a verdict.Attempt) string {
	switch method, _, _ := strings.Cut(a.Summary, " "); method {
	case "":
		return "POST"
	case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS":
		return Safe(a.Summary)
	default:
		return Safe("POST (" + a.Summary + ")")
	}
}

// outcome is the answer, or why there was none.
func (p *page) outcome(a verdict.Attempt) []atom {
	arrow := p.unit(dim, "→")
	switch {
	case a.Status > 0:
		st := red
		if a.Status >= 200 && a.Status <= 299 {
			st = green
		}
		arrow = append(arrow, p.unit(st, fmt.Sprint(a.Status))...)
		if a.Latency >= time.Second {
			arrow = append(arrow, p.unit(plain, fmt.Sprintf(p.words.In.In(p.tag), Latency(a.Latency)))...)
		}
		return arrow
	case a.Error == "" && a.Fault != "":
		return nil // our own fault says it all
	default:
		said := p.words.NoAnswer.In(p.tag)
		if why := p.failureText(a.Error); why != "" {
			said += ": " + why
		}
		return append(arrow, p.split(red, said)...)
	}
}

// failureText translates a transport failure, "connect-refused: dial tcp ...",
// and leaves one that it does not know as it is.
func (p *page) failureText(s string) string {
	if t := kindOf(s).Text(); !t.IsZero() {
		return t.In(p.tag)
	}
	return Safe(s)
}

// brief tells a warning, or a piece of information, in two or three lines.
func (p *page) brief(r *verdict.Result) {
	short := *r
	short.Attempts = nil
	if r.Verdict == verdict.Info {
		p.title("i", cyan, r)
		p.line(4, 4, p.quote(plain, r.Found.In(p.tag)))
	} else {
		p.title("!", warning, r)
		p.contrast(&short)
	}
	for _, n := range r.Notes {
		p.line(4, 4, p.quote(dim, n.In(p.tag)))
	}
	if s := r.Fix.In(p.tag); s != "" && r.Verdict == verdict.Warn {
		p.fields(4, []field{{label: p.words.Fix, lines: safeLines(s)}})
	}
}

// harnessError tells a failure of ours as ours.
func (p *page) harnessError(r *verdict.Result) {
	p.title("E", ours, r)
	p.line(4, 4, p.say(magenta, p.words.OurErrors.In(p.tag)))
	var fs []field
	if s := r.Reason.In(p.tag); s != "" {
		fs = append(fs, field{label: p.words.Reason, text: p.quote(plain, s)})
	}
	if r.Reproduce != "" {
		fs = append(fs, field{label: p.words.Repeat, command: r.Reproduce})
	}
	p.fields(4, fs)
}

// kindOf is the kind of transport failure that an error text begins with.
func kindOf(s string) wire.ErrorKind {
	kind, _, _ := strings.Cut(s, ": ")
	return wire.ErrorKind(kind)
}
