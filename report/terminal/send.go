package terminal

import (
	"fmt"
	"io"
	"time"

	"github.com/kometia-sim/kometia-sim/report/columns"
	"github.com/kometia-sim/kometia-sim/report/view"
)

// Send tells a send: two lines for an event that was received; for one that was
// not, why, and how to fix it. A cause is explained once, however many events
// it stopped.
type Send struct {
	columns.Checks
	w    io.Writer
	run  view.SendRun
	told map[string]bool // diagnosis codes that were explained
	any  bool
	// failed is whether some delivery was not received without having been
	// retried, for which the closing lines have advice.
	failed, retried bool
}

// NewSend begins the report of a send; it writes nothing yet.
func NewSend(w io.Writer, run view.SendRun, o view.Options) *Send {
	return &Send{Checks: columns.Checks{Page: columns.New(o), Words: view.In(o.Lang)}, w: w, run: run, told: map[string]bool{}}
}

// Delivery tells one event and what became of it.
func (p *Send) Delivery(s *view.Send) error {
	if p.any {
		p.Blank()
	}
	p.any = true
	d := view.NewDelivery(s, p.Words)
	if !d.Received {
		p.failed, p.retried = true, p.retried || s.Retry
	}
	t := columns.Join(p.Unit(columns.Bold, d.Kind), columns.After(2, p.Unit(columns.Dim, d.ID)))
	for _, about := range d.About {
		t = append(t, columns.After(2, p.Unit(columns.Plain, about))...)
	}
	p.Line(0, 2, append(t, columns.After(2, p.Unit(columns.Dim, d.Test))...))
	p.attempts(d)
	for _, n := range d.Notes {
		p.Fields(4, []columns.Field{{Label: p.Words.Note, Text: p.Quote(columns.Plain, n)}})
	}
	if d.Diagnosis != nil {
		p.explain(d)
	}
	return p.Flush(p.w)
}

// End writes the count of several events and, when one was not received, what
// Kometia would do and how to go on.
func (p *Send) End(tally *view.Tally) error {
	w := p.Words
	if tally.Delivered+tally.Failed > 1 {
		p.Blank()
		p.Line(0, 0, p.Items(tally.Counts(w)))
	}
	if p.failed {
		again := p.run.SendAgain()
		fs := []columns.Field{{Label: w.SendAgain, Command: again}}
		p.Blank()
		if !p.retried {
			p.Line(0, 0, p.Say(columns.Plain, p.run.Retries(w)))
			fs = append(fs, columns.Field{Label: w.SendHours, Command: again + " --retry"})
		}
		p.Fields(0, fs)
	}
	if p.run.Made {
		if p.failed || tally.Delivered+tally.Failed > 1 {
			p.Blank()
		}
		p.Line(0, 2, p.made())
	}
	return p.Flush(p.w)
}

// made is what the events were made with: what gives the same bytes again.
func (p *Send) made() columns.Text {
	t := columns.Join(p.Unit(columns.Dim, fmt.Sprintf(p.Words.Seed, fmt.Sprint(p.run.Seed))), columns.After(2, p.Unit(columns.Dim, "ids "+p.run.IDs)))
	if !p.run.Start.IsZero() {
		t = append(t, columns.After(2, p.Unit(columns.Dim, fmt.Sprintf(p.Words.Start, p.run.Start.UTC().Format(time.RFC3339))))...)
	}
	return append(t, columns.After(2, p.Unit(columns.Dim, p.Words.SameBytes))...)
}

// attempts writes one line for each run of attempts with one outcome, and the
// result at the end of the last.
func (p *Send) attempts(d *view.Delivery) {
	at := 0
	for i := range d.Lines {
		at = max(at, p.Unit(columns.Dim, d.Lines[i].When).Width())
	}
	for i := range d.Lines {
		l := &d.Lines[i]
		t, hang := p.Unit(columns.Failing, "✗"), 4
		if l.Received {
			t = p.Unit(columns.Passing, "✓")
		}
		gap := 1
		if l.Times != "" || len(d.Lines) > 1 {
			when := p.Unit(columns.Dim, l.When)
			gap, hang = at-when.Width()+2, hang+at+2
			t = append(t, when...)
		}
		t = append(t, columns.After(gap, p.outcome(l))...)
		if i == len(d.Lines)-1 {
			t = append(t, columns.After(3, p.result(d))...)
		}
		p.Line(2, hang, t)
	}
}

// outcome is what one attempt, or several, brought.
func (p *Send) outcome(l *view.SendLine) columns.Text {
	if l.Times != "" {
		return columns.Join(p.Unit(columns.Plain, l.Times), p.Outcome(&l.Attempt))
	}
	st := columns.Red
	if l.Received {
		st = columns.Green
	}
	t := p.Say(st, l.Answer)
	if l.Attempt.Fault != "" {
		t = append(t, p.Unit(columns.Dim, "("+l.Attempt.Fault+")")...)
	}
	return t
}

// result is the word that the reader looks for, and why it is so.
func (p *Send) result(d *view.Delivery) columns.Text {
	switch {
	case d.Received:
		return columns.Join(p.Unit(columns.Passing, d.Result), p.Say(columns.Dim, d.Because))
	case d.Because == "":
		return p.Unit(columns.Failing, d.Result)
	default:
		return columns.Join(p.Unit(columns.Failing, d.Result), columns.Glue(columns.Failing, ":"), p.Say(columns.Plain, d.Because))
	}
}

// explain tells why, and how to fix it, once for each cause.
func (p *Send) explain(d *view.Delivery) {
	if p.told[d.Diagnosis.Code] {
		p.Line(4, 4, p.Say(columns.Dim, d.Same))
		return
	}
	p.told[d.Diagnosis.Code] = true
	p.Blank()
	fs := p.Diagnosis(d.Diagnosis, d.Label)
	if len(d.Fixes) == 0 {
		if len(d.Diagnosis.Hint) > 0 {
			fs = append(fs, columns.Field{Label: p.Words.Fix, Lines: d.Diagnosis.Hint})
		}
		p.Fields(0, fs)
		return
	}
	p.Fields(0, fs)
	p.Blank()
	p.Fixes(0, columns.TextColumn(0, []columns.Field{{Label: p.Words.Evidence}, {Label: p.Words.Fix}}), d.Fixes)
}
