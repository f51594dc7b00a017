package ndjson

import (
	"io"
	"time"

	"github.com/kometia-sim/kometia-sim/report/view"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// Write writes a run that is over.
func Write(w io.Writer, v *view.Report) error {
	run := NewRun(w, v.Run.Run, v.Options)
	for i := range v.Run.Results {
		if err := run.Check(v.Run.Results[i]); err != nil {
			return err
		}
	}
	return run.end(v)
}

// Run writes a run while it goes on. After an error of the underlying writer
// nothing more is written, and every call returns that error.
type Run struct {
	lines   lines
	words   *view.Words
	options view.Options
}

// NewRun writes the line that heads a run. Texts are in the language of the run
// unless the options name another.
func NewRun(w io.Writer, run verdict.Run, o view.Options) *Run {
	j := &Run{lines: lines{w: w}, words: view.In(o.Tag(run.Lang)), options: o}
	_ = j.lines.write(struct { // the next line gives its error
		Type    string   `json:"type"`
		Version int      `json:"version"`
		Tool    string   `json:"tool"`
		Seed    uint64   `json:"seed"`
		IDs     string   `json:"ids"`
		Start   instant  `json:"start"`
		Target  string   `json:"target"`
		Lang    lang.Tag `json:"lang"`
	}{"run", version, view.Safe(run.Tool), run.Seed, view.Safe(run.IDs), instant(run.Start), view.Command(run.Target), j.words.Tag})
	return j
}

type check struct {
	Type        string     `json:"type"`
	ID          string     `json:"id"`
	Variant     *string    `json:"variant"`
	Level       string     `json:"level"`
	Result      string     `json:"result"`
	Requirement *string    `json:"requirement"`
	Expected    *string    `json:"expected"`
	Found       *string    `json:"found"`
	Reason      *string    `json:"reason"`
	Enable      []string   `json:"enable,omitempty"`
	Diagnosis   *diagnosis `json:"diagnosis"`
	Attempts    []attempt  `json:"attempts"`
	Cause       *string    `json:"probable_cause"`
	Reproduce   *string    `json:"reproduce"`
	// Known is the entry of the list of known failures that is about the check.
	Known *known `json:"known"`
}

type known struct {
	Pattern string  `json:"pattern"`
	Reason  *string `json:"reason"`
	File    string  `json:"file"`
	Line    int     `json:"line"`
}

type attempt struct {
	At      instant      `json:"at"`
	Offset  int64        `json:"offset_s"`
	Status  *int         `json:"status"`
	Outcome string       `json:"outcome"`
	Error   *string      `json:"error"`
	Latency milliseconds `json:"latency_ms"`
	// Notes are what was odd about the answer.
	Notes []string `json:"notes,omitempty"`
	// Answer is the beginning of it, where a check is red or inconclusive.
	Answer *answer `json:"answer,omitempty"`
}

// Check writes the line of one result.
func (j *Run) Check(r verdict.Result) error {
	tag := j.words.Tag
	line := check{
		Type:        "check",
		ID:          view.Safe(r.ID),
		Variant:     optional(r.Variant),
		Level:       view.Safe(string(r.Level)),
		Result:      string(j.words.Standing(r.Verdict).Verdict),
		Requirement: optional(r.Requirement.In(tag)),
		Expected:    optional(r.Expected.In(tag)),
		Found:       optional(r.Found.In(tag)),
		Reason:      optional(r.Reason.In(tag)),
		Enable:      view.Lines(r.Enable.In(tag)),
		Diagnosis:   diagnosisOf(r.Diagnosis, tag),
		Attempts:    make([]attempt, len(r.Attempts)),
		Cause:       optional(r.Cause),
	}
	if r.Reproduce != "" {
		command := view.Command(r.Reproduce)
		line.Reproduce = &command
	}
	if k := r.Known; k != nil {
		line.Known = &known{view.Safe(k.Pattern), optional(k.Reason), view.Command(k.File), k.Line}
	}
	for i := range r.Attempts {
		a := &r.Attempts[i]
		status, problem := answerOf(a)
		line.Attempts[i] = attempt{
			At:      instant(a.At),
			Offset:  int64(a.Offset / time.Second),
			Status:  status,
			Outcome: view.Safe(a.Outcome),
			Error:   problem,
			Latency: milliseconds(a.Latency),
			Notes:   notesOf(a),
			Answer:  transcriptOf(a.Exchange),
		}
	}
	return j.lines.write(line)
}

type step struct {
	Add          []string `json:"add"`
	MustObserved int      `json:"must_observed"`
}

// End writes the last line: the counts, the verdict and the exit code, and which
// other reports of the run could not be written.
func (j *Run) End(r *verdict.Report, unwritten []lang.Text) error {
	o := j.options
	o.Unwritten = unwritten
	return j.end(view.New(r, o))
}

func (j *Run) end(v *view.Report) error {
	s := v.Summary
	var more []step
	for _, st := range v.Steps {
		more = append(more, step{st.Add, st.To})
	}
	var foremost *string
	if v.Foremost != nil {
		foremost = &v.Foremost.ID
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
		WouldProve []step  `json:"would_prove,omitempty"`
		Foremost   *string `json:"foremost_unproved,omitempty"`
		// Unwritten are the other reports that could not be written, and why.
		Unwritten []string `json:"unwritten,omitempty"`
	}{
		"end", s.Pass, s.Fail, s.Warn, s.NotObserved, s.NotApplicable, s.Inconclusive, s.Error, s.Info,
		s.Known, s.Outdated, s.MustObserved, s.MustTotal, s.Sentence(lang.English), s.Exit, more, foremost, v.Unwritten,
	})
}
