package ndjson

import (
	"cmp"
	"io"
	"time"

	"github.com/kometia-sim/kometia-sim/report/view"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// Send writes a send while it goes on: Attempt for each attempt, Result for
// each event, End once. After an error of the underlying writer nothing more is
// written, and every call returns that error.
type Send struct {
	lines lines
	tag   lang.Tag
}

// NewSend writes the line that heads a send.
func NewSend(w io.Writer, run view.SendRun, o view.Options) *Send {
	j := &Send{tag: o.Lang}
	j.lines.w = w
	_ = j.lines.write(struct { // the next line gives its error
		Type    string  `json:"type"`
		Version int     `json:"version"`
		Seed    uint64  `json:"seed"`
		IDs     string  `json:"ids"`
		Start   instant `json:"start"`
		Target  string  `json:"target"`
	}{"run", version, run.Seed, view.Safe(run.IDs), instant(run.Start), view.Command(run.Target)})
	return j
}

// Sending says that an attempt goes out. What has no Attempt behind it may have
// reached the receiver, or not.
func (j *Send) Sending(e view.SendEvent, number int, at time.Time) error {
	return j.lines.write(struct {
		Type    string  `json:"type"`
		Event   string  `json:"event"`
		Kind    string  `json:"kind"`
		Attempt int     `json:"attempt"`
		At      instant `json:"at"`
	}{"sending", view.Safe(e.ID), view.Safe(e.Kind), number, instant(at)})
}

// Attempt writes the line of one attempt, and before it those of the probes
// that explain it.
func (j *Send) Attempt(e view.SendEvent, a *view.SendAttempt) error {
	for _, p := range a.Probes {
		out := p.Outcome
		line := struct {
			Type    string       `json:"type"`
			Event   string       `json:"event"`
			Attempt int          `json:"attempt"`
			Method  string       `json:"method"`
			URL     string       `json:"url"`
			Status  *int         `json:"status"`
			Latency milliseconds `json:"latency_ms"`
			Error   *string      `json:"error"`
		}{"probe", view.Safe(e.ID), a.Number, view.Safe(cmp.Or(p.Request.Method, "POST")), view.Command(p.Request.Target.String()), nil, milliseconds(out.Latency), nil}
		if out.Err != nil {
			line.Latency = milliseconds(out.Total)
		}
		if out.Status > 0 {
			line.Status = &out.Status
		} else if out.Err != nil {
			line.Error = optional(out.Err.Error())
		}
		_ = j.lines.write(line) // the next line gives its error
	}
	status, _, problem := answerOf(&a.Attempt)
	return j.lines.write(struct {
		Type      string       `json:"type"`
		Event     string       `json:"event"`
		Kind      string       `json:"kind"`
		Attempt   int          `json:"attempt"`
		At        instant      `json:"at"`
		Offset    seconds      `json:"offset_s"`
		Status    *int         `json:"status"`
		Outcome   string       `json:"outcome"`
		Latency   milliseconds `json:"latency_ms"`
		Error     *string      `json:"error"`
		Diagnosis *diagnosis   `json:"diagnosis"`
		Notes     []string     `json:"notes,omitempty"`
	}{
		"attempt", view.Safe(e.ID), view.Safe(e.Kind), a.Number, instant(a.At), seconds(a.Offset),
		status, view.Safe(a.Outcome), milliseconds(a.Latency), problem, diagnosisOf(a.Diagnosis, j.tag, func(string) lang.Text { return a.Title }), notesOf(&a.Attempt),
	})
}

// Result writes the line of one delivery that is over.
func (j *Send) Result(s *view.Send) error {
	return j.lines.write(struct {
		Type       string  `json:"type"`
		Event      string  `json:"event"`
		Kind       string  `json:"kind"`
		Outcome    string  `json:"outcome"`
		Attempts   int     `json:"attempts"`
		LastOffset seconds `json:"last_offset_s"`
	}{"result", view.Safe(s.Event.ID), view.Safe(s.Event.Kind), view.Safe(s.Result), len(s.Attempts), seconds(s.LastOffset)})
}

// End writes the last line.
func (j *Send) End(t *view.Tally) error {
	return j.lines.write(struct {
		Type      string `json:"type"`
		Delivered int    `json:"delivered"`
		Failed    int    `json:"failed"`
		Exit      int    `json:"exit"`
	}{"end", t.Delivered, t.Failed, t.Exit()})
}
