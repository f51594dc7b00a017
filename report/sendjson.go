package report

import (
	"io"
	"time"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// SendJSON writes a send as NDJSON while it goes on: Attempt for each attempt,
// Result for each event, End once. After an error of the underlying writer
// nothing more is written, and every call returns that error.
type SendJSON struct {
	lines ndjson
	tag   lang.Tag
}

// NewSendJSON writes the line that heads a send.
func NewSendJSON(w io.Writer, run SendRun, o Options) *SendJSON {
	j := &SendJSON{lines: ndjson{w: w}, tag: o.Lang}
	j.lines.put(struct {
		Type    string  `json:"type"`
		Version int     `json:"version"`
		Seed    uint64  `json:"seed"`
		IDs     string  `json:"ids"`
		Start   instant `json:"start"`
		Target  string  `json:"target"`
	}{"run", formatVersion, run.Seed, Safe(run.IDs), instant(run.Start), clean(run.Target, commandLimit)})
	return j
}

// Attempt writes the line of one attempt, and before it those of the probes
// that explain it.
func (j *SendJSON) Attempt(e Event, a *SendAttempt) error {
	for _, p := range a.Probes {
		line := probeLine{
			Type: "probe", Event: Safe(e.ID), Attempt: a.Number, Method: Safe(p.Method), URL: clean(p.URL, commandLimit),
			Latency: milliseconds(p.Latency), Error: optional(p.Error),
		}
		if p.Status > 0 {
			line.Status, line.Error = &p.Status, nil
		}
		j.lines.put(line)
	}
	status, problem := answerOf(a.Attempt)
	return j.lines.write(attemptLine{
		Type:      "attempt",
		Event:     Safe(e.ID),
		Kind:      Safe(e.Kind),
		Attempt:   a.Number,
		At:        instant(a.At),
		Offset:    int64(a.Offset / time.Second),
		Status:    status,
		Outcome:   Safe(a.Outcome),
		Latency:   milliseconds(a.Latency),
		Error:     problem,
		Diagnosis: diagnosisOf(a.Diagnosis, j.tag),
	})
}

// Result writes the line of one delivery that is over.
func (j *SendJSON) Result(s *Send) error {
	return j.lines.write(struct {
		Type       string `json:"type"`
		Event      string `json:"event"`
		Kind       string `json:"kind"`
		Outcome    string `json:"outcome"`
		Attempts   int    `json:"attempts"`
		LastOffset int64  `json:"last_offset_s"`
	}{"result", Safe(s.Event.ID), Safe(s.Event.Kind), Safe(s.Result), len(s.Attempts), int64(s.LastOffset / time.Second)})
}

// Delivery writes the lines of a delivery that is over, for callers that have
// it as a whole.
func (j *SendJSON) Delivery(s *Send) error {
	for i := range s.Attempts {
		if err := j.Attempt(s.Event, &s.Attempts[i]); err != nil {
			return err
		}
	}
	return j.Result(s)
}

// End writes the last line.
func (j *SendJSON) End(t *Tally) error {
	return j.lines.write(struct {
		Type      string `json:"type"`
		Delivered int    `json:"delivered"`
		Failed    int    `json:"failed"`
		Exit      int    `json:"exit"`
	}{"end", t.Delivered, t.Failed, t.Exit()})
}

type attemptLine struct {
	Type      string           `json:"type"`
	Event     string           `json:"event"`
	Kind      string           `json:"kind"`
	Attempt   int              `json:"attempt"`
	At        instant          `json:"at"`
	Offset    int64            `json:"offset_s"`
	Status    *int             `json:"status"`
	Outcome   string           `json:"outcome"`
	Latency   milliseconds     `json:"latency_ms"`
	Error     *string          `json:"error"`
	Diagnosis *diagnosisMember `json:"diagnosis"`
}

type probeLine struct {
	Type    string       `json:"type"`
	Event   string       `json:"event"`
	Attempt int          `json:"attempt"`
	Method  string       `json:"method"`
	URL     string       `json:"url"`
	Status  *int         `json:"status"`
	Latency milliseconds `json:"latency_ms"`
	Error   *string      `json:"error"`
}
