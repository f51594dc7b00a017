package ndjson

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/report/view"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// MaxLine is the longest line that is read, in bytes.
const MaxLine = 32 << 20

// lineBound is far more than any line holds.
func lineBound() jsontree.Bound { return jsontree.Bound{Depth: 20, Values: 1_000_000} }

// Stored is a run that was read back.
type Stored struct {
	Report *verdict.Report
	// Options are those that decided the run's verdict and exit code, and its
	// language.
	Options view.Options
}

// Read reads stored runs back, as many as stand one behind the other: those of
// several subscriptions are one stream on standard output. A run whose end is
// missing was cut off, and so was its last line where it is no whole one; what it
// had planned and has no result of is inconclusive then. What was written by a
// later version is read as far as it is known.
//
// An error says in which line it is. Texts are as they were stored: whoever shows
// them makes them safe, as view does.
func Read(r io.Reader) ([]Stored, error) {
	in := bufio.NewScanner(r)
	in.Buffer(make([]byte, 64<<10), MaxLine)
	in.Split(wholeLines)
	var runs []Stored
	var now *reading
	n := 0
	for in.Scan() {
		n++
		data := bytes.TrimSpace(bytes.TrimPrefix(in.Bytes(), []byte("\ufeff")))
		whole := bytes.HasSuffix(in.Bytes(), []byte("\n"))
		if len(data) == 0 {
			continue
		}
		kind, err := typeOf(data)
		if err == nil && kind == typeRun {
			if now != nil {
				runs = append(runs, now.done())
			}
			now, err = begun(data)
		} else if err == nil && now == nil {
			err = lang.Errorf("no empieza con la línea de una corrida (\"type\": \"run\")", "does not begin with the line of a run (\"type\": \"run\")")
		} else if err == nil {
			err = now.line(kind, data)
		}
		if err != nil && !whole && now != nil {
			break // cut off in the middle of a line
		}
		if err != nil {
			return nil, lang.Errorf("línea %d: %s", "line %d: %s", n, err)
		}
	}
	if errors.Is(in.Err(), bufio.ErrTooLong) {
		return nil, lang.Errorf("línea %d: pasa de %d MB", "line %d: is longer than %d MB", n+1, MaxLine>>20)
	}
	if in.Err() != nil {
		return nil, in.Err()
	}
	if now == nil {
		return nil, lang.Errorf("no contiene ninguna corrida: se espera lo que escribe --report json=ARCHIVO", "holds no run: what --report json=FILE writes is expected")
	}
	return append(runs, now.done()), nil
}

// wholeLines splits into lines with their ends, so that one which was cut off is
// known for it.
func wholeLines(data []byte, atEOF bool) (int, []byte, error) {
	if i := bytes.IndexByte(data, '\n'); i >= 0 {
		return i + 1, data[:i+1], nil
	}
	if atEOF && len(data) > 0 {
		return len(data), data, nil
	}
	return 0, nil, nil
}

func typeOf(data []byte) (string, error) {
	if err := lineBound().Check(data); err != nil {
		return "", err
	}
	var line struct {
		Type string `json:"type"`
	}
	if err := decode(data, &line); err != nil {
		return "", err
	}
	return line.Type, nil
}

func decode(data []byte, into any) error {
	err := json.Unmarshal(data, into)
	if mismatch, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return lang.Errorf("%s: se esperaba otro tipo de valor, no %s", "%s: expected another type of value, not %s", view.Safe(mismatch.Field), view.Safe(mismatch.Value))
	}
	if err != nil {
		return lang.Errorf("no es JSON de un informe: %s", "is no JSON of a report: %s", err)
	}
	return nil
}

// reading is a run that is being read.
type reading struct {
	head     head
	begun    map[string]bool
	results  []verdict.Result
	findings []verdict.Result // as they were found, of a run that may not have got to its end
	profile  *profile
	end      *end
}

func begun(data []byte) (*reading, error) {
	r := &reading{begun: map[string]bool{}}
	if err := decode(data, &r.head); err != nil {
		return nil, err
	}
	switch {
	case r.head.Version != version:
		return nil, lang.Errorf("versión %d del formato; se conoce la %d", "version %d of the format; version %d is known", r.head.Version, version)
	case r.head.Tool == "":
		return nil, lang.Errorf("es de send --json; se leen las de run y fuzz", "is of send --json; those of run and fuzz can be read")
	}
	return r, nil
}

// line takes one more line.
func (r *reading) line(kind string, data []byte) error {
	switch kind {
	case typeBegin:
		var b begin
		if err := decode(data, &b); err != nil {
			return err
		}
		for _, id := range b.Checks {
			r.begun[id] = true
		}
	case typeReceiver:
		r.profile = &profile{}
		return decode(data, r.profile)
	case typeCheck, typeFinding:
		var c check
		if err := decode(data, &c); err != nil {
			return err
		}
		if kind == typeCheck {
			r.results = append(r.results, c.result(r.head.Lang))
		} else {
			r.findings = append(r.findings, c.result(r.head.Lang))
		}
	case typeEnd:
		r.end = &end{}
		return decode(data, r.end)
	}
	return nil // a line that a later version may have
}

// done is the run, whole or cut off.
func (r *reading) done() Stored {
	rep := &verdict.Report{Results: r.results}
	o := view.Options{Strict: r.head.Strict, RequireEffects: r.head.RequireEffects, Lang: lang.Tag(r.head.Lang)}
	h := &r.head
	if r.end == nil {
		rep.CutOff = true
		r.missing(rep)
		rep.Notes = []lang.Text{textCutOff()}
	} else {
		e := r.end
		rep.CutOff, rep.Interrupted, rep.Unreachable = e.CutOff, e.Interrupted, e.Unreachable
		rep.Elapsed, rep.Virtual, rep.Moved = time.Duration(e.Duration), time.Duration(e.Virtual), e.ClockMoved
		var other []string
		if e.Other != nil {
			other = e.Other.Notes
		}
		rep.Notes = textsIn(h.Lang, e.Notes, other)
		for _, u := range e.Unwritten {
			o.Unwritten = append(o.Unwritten, lang.Same(u))
		}
		r.profile = &e.Receiver
		if e.Run != nil {
			h = e.Run
		}
	}
	if h != &r.head {
		h.Planned = r.head.Planned
		if r.head.Other != nil {
			if h.Other == nil {
				h.Other = &headTexts{Lang: r.head.Other.Lang}
			}
			h.Other.Titles = r.head.Other.Titles
		}
	}
	if r.profile != nil {
		rep.Profile = r.profile.profile()
	}
	rep.Run = h.run()
	return Stored{rep, o}
}

// textCutOff is said of a run that was cut off.
func textCutOff() lang.Text {
	return lang.Text{
		ES: "No quedó anotado si el receptor volvió a su estado después de la corrida.",
		EN: "Whether the receiver was left as it was is not recorded.",
	}
}

// textUnder is said of a check that was being tested then, textNotBegun of one
// whose turn had not come.
func textUnder() lang.Text {
	return lang.Text{
		ES: "la corrida se cortó mientras se probaba: sus eventos pudieron haber llegado al receptor",
		EN: "the run was cut off while this was being tested: its events may have reached the receiver",
	}
}

func textNotBegun() lang.Text {
	return lang.Text{
		ES: "la corrida se cortó antes de empezar esta prueba: no se envió ninguno de sus eventos",
		EN: "the run was cut off before this check began: none of its events was sent",
	}
}

// missing adds what a run that was cut off had planned and has no result of.
func (r *reading) missing(rep *verdict.Report) {
	have := map[string]bool{}
	rep.Results = append(rep.Results, latest(r.findings, rep.Results)...)
	for i := range rep.Results {
		have[rep.Results[i].ID] = true
	}
	titles := map[string]string{}
	other := lang.Tag("")
	if r.head.Other != nil {
		titles, other = r.head.Other.Titles, lang.Tag(r.head.Other.Lang)
	}
	for _, p := range r.head.Planned {
		if have[p.ID] {
			continue
		}
		res := verdict.Result{ID: p.ID, Level: verdict.Level(p.Level), Verdict: verdict.Inconclusive, Reason: textNotBegun()}
		if r.begun[p.ID] {
			res.Reason = textUnder()
		}
		var there *string
		if title, ok := titles[p.ID]; ok {
			there = &title
		}
		res.Title = textIn(r.head.Lang, &p.Title, there, string(other))
		rep.Results = append(rep.Results, res)
	}
}

// latest are the findings as they were last told, but for those that have a
// result.
func latest(findings, results []verdict.Result) (out []verdict.Result) {
	at := map[string]int{}
	for i := range results {
		if f := results[i].Finding; f != nil {
			at[f.ID] = -1
		}
	}
	for _, r := range findings {
		id := ""
		if r.Finding != nil {
			id = r.Finding.ID
		}
		switch i, seen := at[id]; {
		case !seen:
			at[id] = len(out)
			out = append(out, r)
		case i >= 0:
			out[i] = r
		}
	}
	return out
}

// textIn is a text that was stored in a language, and in the other one where it
// is another.
func textIn(tag string, here, there *string, other string) lang.Text {
	if here == nil && there == nil {
		return lang.Text{}
	}
	var t lang.Text
	if here != nil {
		t = lang.Same(*here)
	}
	if there == nil || other == tag {
		return t
	}
	if lang.Tag(tag) == lang.English {
		t.ES = *there
	} else {
		t.EN = *there
	}
	return t
}

func textsIn(tag string, here, there []string) (out []lang.Text) {
	for i := range here {
		var also *string
		if i < len(there) {
			also = &there[i]
		}
		out = append(out, textIn(tag, &here[i], also, ""))
	}
	return out
}

func linesIn(tag string, here, there []string) lang.Text {
	text := strings.Join(here, "\n")
	if there == nil {
		return textIn(tag, &text, nil, "")
	}
	also := strings.Join(there, "\n")
	return textIn(tag, &text, &also, "")
}
