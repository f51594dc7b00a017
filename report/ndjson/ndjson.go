// Package ndjson writes runs and sends as NDJSON, for programs: one compact
// object a line, written whole as soon as it is known, so that a run which was
// cut off shows by its missing end.
//
// It holds data rather than words: what was found, not what a list of known
// failures makes of it. [Read] makes the run of it again, whole enough for every
// other format to be written as the run itself wrote it; [Schema] is the lines'
// JSON Schema.
package ndjson

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/kometia-sim/kometia-sim/report/view"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/schemas/secret"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/diagnose"
	"github.com/kometia-sim/kometia-sim/simulator/fault"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// version counts changes that a reader must know of. A new field is none.
const version = 1

// lines writes one value a line. Its first error stays: nothing is written
// after it.
type lines struct {
	mu  sync.Mutex
	w   io.Writer
	err error
}

func (l *lines) write(v any) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err != nil {
		return l.err
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if l.err = enc.Encode(v); l.err == nil {
		_, l.err = l.w.Write(escaped(b.Bytes()))
	}
	return l.err
}

// escaped is JSON in which characters that no output may show stand as escapes.
func escaped(line []byte) []byte {
	var out []byte // nil while nothing had to be changed
	for i := 0; i < len(line); {
		r, size := utf8.DecodeRune(line[i:])
		// GitHub's runner takes ##[ anywhere in a log for a command.
		command := r == '[' && bytes.HasSuffix(line[:i], []byte("##"))
		if command || r >= 0x7f && view.Hidden(r) {
			if out == nil {
				out = append(make([]byte, 0, len(line)+64), line[:i]...)
			}
			for _, unit := range utf16.Encode([]rune{r}) {
				out = fmt.Appendf(out, `\u%04x`, unit)
			}
		} else if out != nil {
			out = append(out, line[i:i+size]...)
		}
		i += size
	}
	if out == nil {
		return line
	}
	return out
}

// optional is null for an empty text.
func optional(s string) *string {
	if s == "" {
		return nil
	}
	s = view.Safe(s)
	return &s
}

func diagnosisOf(d *diagnose.Diagnosis, tag lang.Tag, titleOf func(string) lang.Text) *diagnosis {
	if d == nil {
		return nil
	}
	title := d.Title
	if title.IsZero() && titleOf != nil {
		title = titleOf(d.Code)
	}
	out := &diagnosis{
		Code: view.Safe(d.Code), Or: view.Safe(d.Or), Certainty: view.Safe(string(d.Certainty)), Title: view.Prose(title.In(tag)),
		Evidence: view.Safe(d.Evidence.In(tag)), Hint: view.Text(d.Hint.In(tag)), General: d.General,
	}
	for _, r := range d.Receivers {
		out.Receivers = append(out.Receivers, view.Safe(r))
	}
	for i := range d.Fixes {
		f := &d.Fixes[i]
		out.Fixes = append(out.Fixes, fix{
			For: view.Prose(f.For.In(tag)), Framework: view.Safe(f.Framework), Versions: view.Safe(f.Versions), File: view.Safe(f.File),
			Code: view.Text(f.Code), Text: view.Prose(f.Text.In(tag)),
		})
	}
	return out
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
// there was none. An answer that we threw away on purpose never came; lost is
// the status that it had.
func answerOf(a *verdict.Attempt) (status *int, lost int, problem *string) {
	if a.Outcome != string(delivery.NoResponse) && a.Status > 0 {
		return &a.Status, 0, nil
	}
	switch {
	case a.Fault == string(fault.LoseAnswer) && (a.Status > 0 || a.Error == ""):
		return nil, a.Status, optional(answerLost)
	case a.Error == "" && a.Fault != "":
		return nil, a.Status, optional(a.Fault + byFault)
	default:
		return nil, a.Status, optional(a.Error)
	}
}

// What stands for an error where a fault is all that there is to say.
const (
	byFault    = " (fault)"
	answerLost = "answer lost (fault)"
)

// messageOf is a message as it was, but for secrets: programs get its bytes, and
// what no output may show is escaped as JSON does.
func messageOf(m *wire.Shown) *message {
	if *m == (wire.Shown{}) {
		return nil
	}
	out := &message{Head: strings.Split(secret.Shapes(m.Head), "\n"), Body: secret.Shapes(m.Body), Length: m.Length, Cut: m.Partial()}
	for i, line := range out.Head {
		if !utf8.ValidString(line) {
			out.Head[i] = view.Command(line)
		}
	}
	if !utf8.ValidString(out.Body) {
		out.Body, out.Base64 = base64.StdEncoding.EncodeToString([]byte(out.Body)), true
	}
	return out
}
