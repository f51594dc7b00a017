package report

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/diagnose"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// fixesShown is how many remedies of a diagnosis are printed; explain has all.
const fixesShown = 2

// SendTerminal tells a send to a person: two lines for an event that was
// received; for one that was not, why, and how to mend it. A cause is
// explained once, however many events it stopped.
type SendTerminal struct {
	w    io.Writer
	page *page
	run  SendRun
	told map[string]bool // diagnosis codes that were explained
	any  bool
	// failed is whether some delivery was not received without having been
	// retried, for which the closing lines have advice.
	failed, retried bool
}

// NewSendTerminal begins the report of a send; it writes nothing yet.
func NewSendTerminal(w io.Writer, run SendRun, o Options) *SendTerminal {
	return &SendTerminal{w: w, page: newPage(o, lang.Spanish), run: run, told: map[string]bool{}}
}

// Delivery tells one event and what became of it.
func (t *SendTerminal) Delivery(s *Send) error {
	p := t.page
	if t.any {
		p.blank()
	}
	t.any = true
	if s.Result != Delivered {
		t.failed = true
		t.retried = t.retried || s.Retry
	}
	p.event(s.Event)
	t.attempts(s)
	if len(s.Attempts) > 0 {
		t.explain(s)
	}
	return p.flush(t.w)
}

// End writes the count of several events and, when one was not received, what
// Kometia would do and how to go on.
func (t *SendTerminal) End(tally *Tally) error {
	p := t.page
	if tally.Delivered+tally.Failed > 1 {
		p.blank()
		var parts [][]atom
		if tally.Delivered > 0 {
			parts = append(parts, p.unit(green, p.words.SendDelivered.of(tally.Delivered, p.tag)))
		}
		if tally.Failed > 0 {
			parts = append(parts, p.unit(red, p.words.SendFailed.of(tally.Failed, p.tag)))
		}
		p.line(0, 0, p.dotted(parts...))
	}
	if t.failed {
		p.blank()
		if !t.retried {
			p.line(0, 0, p.say(plain, t.policy()))
		}
		again := strings.TrimSpace("kometia-sim send --again " + t.run.Again)
		fs := []field{{label: p.words.SendAgain, command: again}}
		if !t.retried {
			fs = append(fs, field{label: p.words.SendHours, command: again + " --retry"})
		}
		p.fields(0, fs)
	}
	return p.flush(t.w)
}

func (t *SendTerminal) interval() time.Duration {
	if t.run.Interval > 0 {
		return t.run.Interval
	}
	return time.Hour
}

func (t *SendTerminal) window() time.Duration {
	if t.run.Window > 0 {
		return t.run.Window
	}
	return 48 * time.Hour
}

func (t *SendTerminal) policy() string {
	w, tag := &t.page.words, t.page.tag
	if t.interval() == time.Hour && t.window() == 48*time.Hour {
		return w.WouldRetry.In(tag)
	}
	return fmt.Sprintf(w.WouldRetryEvery.In(tag), span(t.interval()), span(t.window()))
}

// event is the line that says what was sent.
func (p *page) event(e Event) {
	atoms := concat(p.unit(bold, e.Kind), after(2, p.unit(dim, shortID(e.ID))))
	if e.Number != "" {
		atoms = append(atoms, after(2, p.unit(plain, fmt.Sprintf(p.words.Order.In(p.tag), e.Number)))...)
	}
	if e.Currency != "" {
		atoms = append(atoms, after(2, p.unit(plain, Money(e.Total, e.Currency)))...)
	}
	atoms = append(atoms, after(2, p.unit(plain, Size(e.Bytes)))...)
	if e.Test {
		atoms = append(atoms, after(2, p.unit(dim, p.words.Test.In(p.tag)))...)
	}
	p.line(0, 2, atoms)
}

// attempts writes one line for each run of attempts with one outcome, and the
// result at the end of the last.
func (t *SendTerminal) attempts(s *Send) {
	p := t.page
	runs := fold(s.Attempts)
	at := 0
	for _, r := range runs {
		at = max(at, textColumns(p.stretch(r)))
	}
	for i, r := range runs {
		last := r[len(r)-1]
		mark, st := "✗", failing
		if last.Outcome == acknowledged {
			mark, st = "✓", passing
		}
		atoms := p.unit(st, mark)
		hang := 4
		if len(s.Attempts) > 1 {
			when := p.stretch(r)
			atoms = append(atoms, p.unit(dim, when)...)
			hang += at + 2
			gap := at - textColumns(when) + 2
			if len(r) > 1 {
				atoms = append(atoms, after(gap, p.unit(plain, p.words.Attempts.of(len(r), p.tag)))...)
				atoms = append(atoms, p.outcome(last.Attempt)...)
			} else {
				atoms = append(atoms, after(gap, p.answer(&last))...)
			}
		} else {
			atoms = append(atoms, p.answer(&last)...)
		}
		if i == len(runs)-1 {
			atoms = append(atoms, after(3, t.result(s, &last))...)
		}
		p.line(2, hang, atoms)
	}
}

// fold splits attempts into runs of equal outcome.
func fold(as []SendAttempt) [][]SendAttempt {
	var runs [][]SendAttempt
	for i := range as {
		if i > 0 && as[i].Status == as[i-1].Status && as[i].Outcome == as[i-1].Outcome &&
			as[i].Error == as[i-1].Error && as[i].Fault == as[i-1].Fault {
			n := len(runs) - 1
			runs[n] = append(runs[n], as[i])
			continue
		}
		runs = append(runs, []SendAttempt{as[i]})
	}
	return runs
}

// stretch is the virtual time of a run of attempts: "+0 h … +48 h".
func (p *page) stretch(r []SendAttempt) string {
	if len(r) == 1 {
		return offset(r[0].Offset)
	}
	return p.glyph(offset(r[0].Offset) + " … " + offset(r[len(r)-1].Offset))
}

// answer is the answer to one attempt and how long it took.
func (p *page) answer(a *SendAttempt) []atom {
	if a.Status == 0 {
		if kindOf(a.Error) == wire.ErrTimeout {
			return p.split(red, fmt.Sprintf(p.words.NoAnswerIn.In(p.tag), Latency(a.Latency)))
		}
		out := p.outcome(a.Attempt)
		if len(out) > 0 && out[0].text == p.glyph("→") {
			out = out[1:]
		}
		return append(out, p.faulted(a)...)
	}
	st := red
	if a.Outcome == acknowledged {
		st = green
	}
	said := fmt.Sprintf(p.words.AnsweredIn.In(p.tag), a.Status, Latency(a.Latency))
	return append(p.split(st, said), p.faulted(a)...)
}

func (p *page) faulted(a *SendAttempt) []atom {
	if a.Fault == "" {
		return nil
	}
	return p.unit(dim, "("+p.words.fault(a.Fault, p.tag)+")")
}

// result is the word that the reader looks for, and why it is so.
func (t *SendTerminal) result(s *Send, last *SendAttempt) []atom {
	p := t.page
	w := &p.words
	if s.Result == Delivered {
		said := p.unit(passing, w.Received.In(p.tag))
		if n := len(s.Attempts); n > 1 {
			said = append(said, p.say(dim, fmt.Sprintf(w.AtAttempt.In(p.tag), n))...)
		}
		return said
	}
	var why string
	switch {
	case s.Result == Expired:
		why = fmt.Sprintf(w.Expired.In(p.tag), span(s.LastOffset))
	case s.Retry:
		why = w.GaveUp.In(p.tag)
	case last.Status >= 300 && last.Status <= 399:
		why = w.NoRedirects.In(p.tag)
	case last.Status > 0:
		why = w.Only2xx.In(p.tag)
	}
	if why == "" {
		return p.unit(failing, w.NotReceived.In(p.tag))
	}
	head := p.unit(failing, w.NotReceived.In(p.tag))
	return concat(head, []atom{{text: ":", style: failing}}, p.say(plain, why))
}

// explain tells why, and how to mend it, once for each cause.
func (t *SendTerminal) explain(s *Send) {
	p := t.page
	last := &s.Attempts[len(s.Attempts)-1]
	for _, n := range last.Notes {
		p.fields(4, []field{{label: p.words.Note, text: p.quote(plain, p.words.note(n).In(p.tag))}})
	}
	a := last
	// An event that was received in the end may have been refused for a reason
	// that is worth a line.
	for i := len(s.Attempts) - 1; i >= 0 && a.Diagnosis == nil; i-- {
		a = &s.Attempts[i]
	}
	if a.Diagnosis == nil {
		return
	}
	d := a.Diagnosis
	if t.told[d.Code] {
		p.line(4, 4, p.say(dim, fmt.Sprintf(p.words.SameDiagnosis.In(p.tag), d.Code)))
		return
	}
	t.told[d.Code] = true
	p.blank()
	fs := p.diagnosis(d, Options{CauseTitle: func(string) lang.Text { return a.Title }})
	if a.Outcome == acknowledged {
		fs[0].label = p.words.Acked2xxBut
	}
	fixes := a.Fixes
	if len(fixes) == 0 {
		p.fields(0, append(fs, p.hint(d)...))
		return
	}
	p.fields(0, fs)
	p.blank()
	p.remedies(fixes[:min(len(fixes), fixesShown)])
}

func (p *page) hint(d *diagnose.Diagnosis) []field {
	if s := d.Hint.In(p.tag); s != "" {
		return []field{{label: p.words.Fix, lines: safeLines(s)}}
	}
	return nil
}

// remedies writes fixes below one label, aligned with the diagnosis above.
func (p *page) remedies(fixes []FixText) {
	col := max(textColumns(p.words.Evidence.In(p.tag)), textColumns(p.words.Fix.In(p.tag))) + 2
	for i, f := range fixes {
		if i == 0 {
			label := p.words.Fix.In(p.tag)
			p.paint(dim, label)
			p.spaces(col - textColumns(label))
		} else {
			p.spaces(col)
		}
		head := p.say(bold, f.For.In(p.tag))
		text, code := safeLines(f.Text.In(p.tag)), safeLines(f.Code)
		if len(head) > 0 && len(text)+len(code) > 0 {
			head = append(head, atom{text: ":", style: bold})
		}
		indent := col
		if len(head) > 0 {
			p.flow(col, col, head)
			indent += 2
		}
		lines := make([][]atom, 0, len(code)+len(text))
		for _, l := range code {
			lines = append(lines, p.whole(plain, l))
		}
		st := plain
		if len(code) > 0 {
			st = dim // a remark about the code
		}
		for _, l := range text {
			lines = append(lines, p.split(st, l))
		}
		for n, l := range lines {
			if len(l) > 0 && (n > 0 || len(head) > 0) {
				p.spaces(indent)
			}
			p.flow(indent, indent, l)
		}
	}
}
