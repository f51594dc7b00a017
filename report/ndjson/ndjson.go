// Package ndjson writes runs and sends as NDJSON, for programs: one compact
// object a line, written whole as soon as it is known, so that a run which was
// cut off shows by its missing end.
//
// It holds data rather than words: what was found, not what a list of known
// failures makes of it.
package ndjson

import (
	"bytes"
	"encoding/json"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/report/view"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/diagnose"
	"github.com/kometia-sim/kometia-sim/simulator/fault"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// version counts changes that a reader must know of. A new field is none.
const version = 1

// headShown is how many header lines of an answer are kept.
const headShown = 30

// lines writes one value a line. Its first error stays: nothing is written
// after it.
type lines struct {
	w   io.Writer
	err error
}

func (l *lines) write(v any) error {
	if l.err != nil {
		return l.err
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if l.err = enc.Encode(v); l.err == nil {
		_, l.err = l.w.Write(b.Bytes())
	}
	return l.err
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

// optional is null for an empty text.
func optional(s string) *string {
	if s == "" {
		return nil
	}
	s = view.Safe(s)
	return &s
}

type diagnosis struct {
	Code string `json:"code"`
	// Or is a code that explains the same answer as well.
	Or        string `json:"or,omitempty"`
	Certainty string `json:"certainty"`
	Evidence  string `json:"evidence"`
	Hint      string `json:"hint"`
}

func diagnosisOf(d *diagnose.Diagnosis, tag lang.Tag) *diagnosis {
	if d == nil {
		return nil
	}
	return &diagnosis{view.Safe(d.Code), view.Safe(d.Or), view.Safe(string(d.Certainty)), view.Safe(d.Evidence.In(tag)), view.Prose(d.Hint.In(tag))}
}

// notesOf are what was odd about an attempt's answer.
func notesOf(a *verdict.Attempt) []string {
	notes := make([]string, len(a.Notes))
	for i, n := range a.Notes {
		notes[i] = view.Safe(string(n))
	}
	return notes
}

// answerOf gives an attempt as its sender saw it: a status, or the reason why
// there was none. An answer that we threw away on purpose never came.
func answerOf(a *verdict.Attempt) (status *int, problem *string) {
	if a.Outcome != string(delivery.NoResponse) && a.Status > 0 {
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

// answer is the beginning of what came back.
type answer struct {
	Head []string `json:"head"`
	Body string   `json:"body"`
}

func transcriptOf(t *wire.Transcript) *answer {
	if t == nil || t.Answer == (wire.Shown{}) {
		return nil
	}
	head := strings.Split(t.Answer.Head, "\n")
	head = head[:min(len(head), headShown)]
	for i := range head {
		head[i] = view.Safe(head[i])
	}
	return &answer{head, view.Safe(t.Answer.Body)}
}
