package platform

import (
	"encoding/json"
	"hash/fnv"
	"slices"
	"time"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// run is attempts in a row that are equal, as a delivery's row keeps them.
type run struct {
	Number  int              `json:"n"` // of the first; they count up by one
	Count   int              `json:"c"`
	First   int64            `json:"f"` // when the first was due, and how far they are apart
	Step    int64            `json:"p,omitempty"`
	Wall    int64            `json:"w"` // when the last began, by the computer's clock
	Verdict delivery.Verdict `json:"v,omitempty"`
	Status  int              `json:"s,omitempty"`
	Error   wire.ErrorKind   `json:"e,omitempty"`
	ES      string           `json:"es,omitempty"`
	EN      string           `json:"en,omitempty"`
	Fault   string           `json:"x,omitempty"`
	Fastest int64            `json:"lo"` // microseconds
	Slowest int64            `json:"hi"`
	Extra   bool             `json:"m,omitempty"`
	// Broken says that we were killed meanwhile.
	Broken bool `json:"k,omitempty"`
	// The responses that are kept, and what tells whether another one is the same.
	Response     int64  `json:"r,omitempty"`
	Hash         uint32 `json:"h,omitempty"`
	LastResponse int64  `json:"lr,omitempty"`
	LastHash     uint32 `json:"lh,omitempty"`
}

// equal reports whether the next attempt is another of the run.
func (r *run) equal(next *run) bool {
	return r.Verdict == next.Verdict && r.Status == next.Status && r.Error == next.Error && r.EN == next.EN && r.Fault == next.Fault &&
		!r.Extra && !next.Extra && !r.Broken && !next.Broken && next.Number == r.Number+r.Count &&
		(r.Count == 1 && next.First > r.First || r.Count > 1 && next.First-r.last() == r.Step)
}

// last is when the last one was due.
func (r *run) last() int64 { return r.First + int64(r.Count-1)*r.Step }

// join takes the next attempt into the run.
func (r *run) join(next *run) {
	if r.Count == 1 {
		r.Step = next.First - r.First
	}
	r.Count++
	r.Wall = next.Wall
	r.Fastest, r.Slowest = min(r.Fastest, next.Fastest), max(r.Slowest, next.Slowest)
}

func parseRuns(data []byte) (runs []run, err error) {
	if len(data) == 0 {
		return nil, nil
	}
	err = json.Unmarshal(data, &runs)
	return runs, err
}

func (r run) encode(before []run) ([]byte, error) {
	return json.Marshal(append(slices.Clip(before), r))
}

// runOf is a run of one attempt.
func runOf(d delivery.Done) run {
	a := d.Attempt
	r := run{Number: d.Number, Count: 1, First: d.Due.UnixMilli(), Verdict: a.Verdict, Fault: FaultName(a.Fault), Extra: d.Extra}
	out := a.Outcome
	if out == nil {
		return r
	}
	r.Wall, r.Status = out.Started.UnixMilli(), out.Status
	took := out.Latency
	if out.Err != nil {
		took = out.Total
		r.Error = out.Err.Kind
		if out.Err.Err != nil {
			text := lang.Both(out.Err.Err)
			r.ES, r.EN = text.ES, text.EN
		}
		if r.Fault == timeout {
			r.ES, r.EN = "se agotó el tiempo a propósito: cerramos la conexión sin esperar la respuesta", "the time was up on purpose: we closed the connection without waiting for the response"
		}
	}
	r.Fastest, r.Slowest = took.Microseconds(), took.Microseconds()
	return r
}

// keptBody is how much of a response is kept, in bytes.
const keptBody = 16 << 10

// response is what a receiver said, as it is kept.
type response struct {
	Status int         `json:"status"`
	Proto  string      `json:"proto,omitempty"`
	Reason string      `json:"reason,omitempty"`
	Header [][2]string `json:"header,omitempty"`
	Notes  []wire.Note `json:"notes,omitempty"`
	Bytes  int64       `json:"bytes"` // of the body, read in all
}

// responseOf is nil when there was none.
func responseOf(out *wire.Outcome) (head, body []byte, hash uint32) {
	if out == nil || out.Status == 0 {
		return nil, nil, 0
	}
	kept := response{Status: out.Status, Proto: out.Proto, Reason: out.Reason, Notes: out.Notes, Bytes: out.BodyBytes}
	h := fnv.New32a()
	for _, f := range out.Header {
		kept.Header = append(kept.Header, [2]string{f.Name, f.Value})
		_, _ = h.Write([]byte(f.Name)) // the values have dates, sessions and tokens
	}
	body = append([]byte{}, out.Body[:min(len(out.Body), keptBody)]...) // never nil, which would be NULL
	_, _ = h.Write(body)
	head, _ = json.Marshal(kept) // plain values
	return head, body, h.Sum32() | 1
}

// outcome is what the wire saw, as far as it is kept.
func (r *run) outcome(head, body []byte) *wire.Outcome {
	out := &wire.Outcome{Status: r.Status, Latency: time.Duration(r.Slowest) * time.Microsecond, Connected: r.Status != 0}
	if r.Error != "" {
		out.Err = &wire.Error{Kind: r.Error, Err: lang.Errorf("%s", "%s", lang.Text{ES: r.ES, EN: r.EN})}
	}
	var kept response
	if json.Unmarshal(head, &kept) == nil {
		out.Proto, out.Reason, out.Notes, out.BodyBytes, out.Body = kept.Proto, kept.Reason, kept.Notes, kept.Bytes, body
		for _, f := range kept.Header {
			out.Header = append(out.Header, wire.Field{Name: f[0], Value: f[1]})
		}
	}
	return out
}
