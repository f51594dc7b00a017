package report

import (
	"bytes"
	"encoding/json"
	"io"
	"strconv"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/diagnose"
	"github.com/kometia-sim/kometia-sim/simulator/fault"
)

// formatVersion counts changes of the NDJSON that a reader must know of. A new
// member is none.
const formatVersion = 1

// JSON writes a run as NDJSON while it goes on: each line is written at once
// and whole. After an error of the underlying writer nothing more is written,
// and every call returns that error.
type JSON struct {
	lines ndjson
	tag   lang.Tag
	opts  Options
}

// NewJSON writes the line that heads a run. Texts are in the language of the
// run unless the options name another.
func NewJSON(w io.Writer, run verdict.Run, o Options) *JSON {
	j := &JSON{lines: ndjson{w: w}, tag: o.tag(run.Lang), opts: o}
	j.lines.put(struct {
		Type    string   `json:"type"`
		Version int      `json:"version"`
		Tool    string   `json:"tool"`
		Seed    uint64   `json:"seed"`
		IDs     string   `json:"ids"`
		Start   instant  `json:"start"`
		Target  string   `json:"target"`
		Lang    lang.Tag `json:"lang"`
	}{"run", formatVersion, Safe(run.Tool), run.Seed, Safe(run.IDs), instant(run.Start), clean(run.Target, commandLimit), language(j.tag)})
	return j
}

// Check writes the line of one result.
func (j *JSON) Check(r verdict.Result) error {
	line := checkLine{
		Type:        "check",
		ID:          Safe(r.ID),
		Variant:     optional(r.Variant),
		Level:       Safe(string(r.Level)),
		Result:      result(r.Verdict),
		Requirement: optional(r.Requirement.In(j.tag)),
		Expected:    optional(r.Expected.In(j.tag)),
		Found:       optional(r.Found.In(j.tag)),
		Reason:      optional(r.Reason.In(j.tag)),
		Enable:      safeLines(r.Enable.In(j.tag)),
		Diagnosis:   diagnosisOf(r.Diagnosis, j.tag),
		Attempts:    []attemptOfCheck{},
		Cause:       optional(r.Cause),
		Reproduce:   optionalCommand(r.Reproduce),
	}
	if k := r.Known; k != nil {
		line.Known = &knownMember{Safe(k.Pattern), optional(k.Reason), clean(k.File, commandLimit), k.Line}
	}
	for _, a := range r.Attempts {
		status, problem := answerOf(a)
		line.Attempts = append(line.Attempts, attemptOfCheck{
			At:      instant(a.At),
			Offset:  int64(a.Offset / time.Second),
			Status:  status,
			Outcome: Safe(a.Outcome),
			Error:   problem,
			Latency: milliseconds(a.Latency),
			Answer:  answerMemberOf(a.Exchange),
		})
	}
	return j.lines.write(line)
}

// End writes the last line: the counts, the verdict and the exit code.
func (j *JSON) End(r *verdict.Report) error {
	s := Summarize(r, j.opts)
	var more []wouldProve
	for _, st := range steps(r.Results, s, j.tag) {
		more = append(more, wouldProve{st.add, st.to})
	}
	var largest *string
	if f := foremost(r.Results); f != nil {
		largest = optional(f.ID)
	}
	return j.lines.write(struct {
		Type          string `json:"type"`
		Pass          int    `json:"pass"`
		Fail          int    `json:"fail"`
		Warn          int    `json:"warn"`
		NotObserved   int    `json:"not_observed"`
		NotApplicable int    `json:"not_applicable"`
		Inconclusive  int    `json:"inconclusive"`
		Error         int    `json:"error"`
		Info          int    `json:"info"`
		Known         int    `json:"known"`
		Outdated      int    `json:"known_outdated"`
		MustObserved  int    `json:"must_observed"`
		MustTotal     int    `json:"must_total"`
		Verdict       string `json:"verdict"`
		Exit          int    `json:"exit"`
		// What would prove more MUSTs, step by step, and the gravest of those that
		// were not observed.
		WouldProve []wouldProve `json:"would_prove,omitempty"`
		Foremost   *string      `json:"foremost_unproved,omitempty"`
	}{
		"end", s.Pass, s.Fail, s.Warn, s.NotObserved, s.NotApplicable, s.Inconclusive, s.Error, s.Info,
		s.Known, s.Outdated, s.MustObserved, s.MustTotal, s.Sentence(lang.English), s.Exit, more, largest,
	})
}

type wouldProve struct {
	Add          []string `json:"add"`
	MustObserved int      `json:"must_observed"`
}

type checkLine struct {
	Type        string           `json:"type"`
	ID          string           `json:"id"`
	Variant     *string          `json:"variant"`
	Level       string           `json:"level"`
	Result      string           `json:"result"`
	Requirement *string          `json:"requirement"`
	Expected    *string          `json:"expected"`
	Found       *string          `json:"found"`
	Reason      *string          `json:"reason"`
	Enable      []string         `json:"enable,omitempty"`
	Diagnosis   *diagnosisMember `json:"diagnosis"`
	Attempts    []attemptOfCheck `json:"attempts"`
	Cause       *string          `json:"probable_cause"`
	Reproduce   *string          `json:"reproduce"`
	// Known is the entry of the list of known failures that is about the check.
	Known *knownMember `json:"known"`
}

type knownMember struct {
	Pattern string  `json:"pattern"`
	Reason  *string `json:"reason"`
	File    string  `json:"file"`
	Line    int     `json:"line"`
}

type attemptOfCheck struct {
	At      instant      `json:"at"`
	Offset  int64        `json:"offset_s"`
	Status  *int         `json:"status"`
	Outcome string       `json:"outcome"`
	Error   *string      `json:"error"`
	Latency milliseconds `json:"latency_ms"`
	// Answer is the beginning of it, where a check is red or inconclusive.
	Answer *answerMember `json:"answer,omitempty"`
}

type diagnosisMember struct {
	Code      string `json:"code"`
	Certainty string `json:"certainty"`
	Evidence  string `json:"evidence"`
	Hint      string `json:"hint"`
}

func diagnosisOf(d *diagnose.Diagnosis, tag lang.Tag) *diagnosisMember {
	if d == nil {
		return nil
	}
	return &diagnosisMember{Safe(d.Code), Safe(string(d.Certainty)), Safe(d.Evidence.In(tag)), prose(d.Hint.In(tag))}
}

// answerOf gives an attempt as its sender saw it: a status, or the reason why
// there was none. An answer that we threw away on purpose never came.
func answerOf(a verdict.Attempt) (status *int, problem *string) {
	if a.Outcome != noResponse && a.Status > 0 {
		return &a.Status, nil
	}
	switch {
	case a.Fault == string(fault.LoseAnswer):
		return nil, optional("answer lost (fault)")
	case a.Error == "" && a.Fault != "":
		return nil, optional(a.Fault + " (fault)")
	default:
		return nil, optional(a.Error)
	}
}

// result keeps an unknown verdict from reaching a reader as if it were one.
func result(v verdict.Verdict) string {
	if broken(v) {
		return string(verdict.Error)
	}
	return string(v)
}

func language(tag lang.Tag) lang.Tag {
	if tag == lang.English {
		return tag
	}
	return lang.Spanish
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	s = Safe(s)
	return &s
}

func optionalCommand(s string) *string {
	if s == "" {
		return nil
	}
	s = clean(s, commandLimit)
	return &s
}

// lines is the NDJSON of a run that is over.
type lines struct{ opts Options }

// Write implements [Writer].
func (l lines) Write(w io.Writer, r *verdict.Report) error {
	j := NewJSON(w, r.Run, l.opts)
	for i := range r.Results {
		if err := j.Check(r.Results[i]); err != nil {
			return err
		}
	}
	return j.End(r)
}

// ndjson writes one compact value a line. Its first error stays.
type ndjson struct {
	w   io.Writer
	err error
}

func (n *ndjson) write(v any) error {
	n.put(v)
	return n.err
}

// put is write for lines that another line follows, which gives the error.
func (n *ndjson) put(v any) {
	if n.err != nil {
		return
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if n.err = enc.Encode(v); n.err == nil {
		_, n.err = n.w.Write(b.Bytes())
	}
}

// instant is a time in RFC 3339, UTC, whole seconds.
type instant time.Time

// MarshalJSON implements [json.Marshaler].
func (t instant) MarshalJSON() ([]byte, error) {
	return []byte(`"` + time.Time(t).UTC().Format(time.RFC3339) + `"`), nil
}

// milliseconds is a duration with one decimal.
type milliseconds time.Duration

// MarshalJSON implements [json.Marshaler].
func (m milliseconds) MarshalJSON() ([]byte, error) {
	ms := float64(m) / float64(time.Millisecond)
	return strconv.AppendFloat(nil, ms, 'f', 1, 64), nil
}
