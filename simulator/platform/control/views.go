package control

import (
	"encoding/json"
	"time"
	"unicode/utf8"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/platform"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

type eventView struct {
	Seq        int64     `json:"seq"`
	ID         string    `json:"id"`
	Kind       string    `json:"kind"`
	ObjectType string    `json:"object_type"`
	ObjectID   string    `json:"object_id"`
	At         time.Time `json:"at"`
	Deliveries int       `json:"deliveries"`
	Pending    int       `json:"pending"`
	// Cause is the event that a write through the API answered with this one.
	Cause string `json:"cause,omitempty"`
}

func viewEvents(events []platform.Event) []eventView {
	out := []eventView{}
	for _, e := range events {
		out = append(out, eventView{e.Seq, e.ID, e.Kind, e.ObjectType, e.ObjectID, e.At, e.Deliveries, e.Pending, e.Cause.Event})
	}
	return out
}

type deliveryView struct {
	ID           int64           `json:"id"`
	Subscription int64           `json:"subscription"`
	URL          string          `json:"url"`
	Event        string          `json:"event"`
	Kind         string          `json:"kind"`
	ObjectID     string          `json:"object_id"`
	State        string          `json:"state"`
	Attempts     int             `json:"attempts"`
	Of           int             `json:"of"`
	First        time.Time       `json:"first"`
	Next         *time.Time      `json:"next"`
	Expires      time.Time       `json:"expires"`
	Status       int             `json:"status,omitempty"`
	Error        string          `json:"error,omitempty"`
	Runs         []runView       `json:"runs"`
	Body         json.RawMessage `json:"body,omitempty"`
}

// runView is attempts in a row that are equal.
type runView struct {
	Number       int            `json:"number"`
	Count        int            `json:"count"`
	First        time.Time      `json:"first"`
	Last         time.Time      `json:"last"`
	Step         string         `json:"step,omitempty"`
	Wall         time.Time      `json:"wall"`
	Verdict      string         `json:"verdict"`
	Status       int            `json:"status,omitempty"`
	Error        string         `json:"error,omitempty"`
	Fault        string         `json:"fault,omitempty"`
	FastestMS    float64        `json:"fastest_ms"`
	SlowestMS    float64        `json:"slowest_ms"`
	Extra        bool           `json:"extra,omitempty"`
	Interrupted  bool           `json:"interrupted,omitempty"`
	Response     *responseView  `json:"response,omitempty"`
	LastResponse *responseView  `json:"last_response,omitempty"`
	Diagnosis    *diagnosisView `json:"diagnosis,omitempty"`
}

type responseView struct {
	Status int         `json:"status"`
	Header [][2]string `json:"header"`
	Body   string      `json:"body"`
	Bytes  int64       `json:"bytes"` // of the body in all
}

type diagnosisView struct {
	Code      string    `json:"code"`
	Certainty string    `json:"certainty"`
	Title     string    `json:"title"`
	Evidence  string    `json:"evidence"`
	Hint      string    `json:"hint"`
	Fixes     []fixView `json:"fixes,omitempty"`
}

type fixView struct {
	For  string `json:"for,omitempty"`
	File string `json:"file,omitempty"`
	Code string `json:"code,omitempty"`
	Text string `json:"text,omitempty"`
}

func viewDelivery(d *platform.Delivery, tag lang.Tag) deliveryView {
	v := deliveryView{
		ID: d.ID, Subscription: d.Subscription, URL: d.URL, Event: d.Event, Kind: d.Kind, ObjectID: d.ObjectID, State: d.State,
		Attempts: d.Attempts, Of: d.Of, First: d.First, Expires: d.Expires, Status: d.Status, Error: d.Error.In(tag), Runs: []runView{},
	}
	if !d.Next.IsZero() {
		v.Next = &d.Next
	}
	if json.Valid(d.Body) {
		v.Body = d.Body
	}
	for i := range d.Runs {
		v.Runs = append(v.Runs, viewRun(&d.Runs[i], tag))
	}
	return v
}

func viewRun(r *platform.Run, tag lang.Tag) runView {
	v := runView{
		Number: r.Number, Count: r.Count, First: r.First, Last: r.Last, Wall: r.Wall, Verdict: string(r.Verdict), Status: r.Status,
		Error: r.Error.In(tag), Fault: r.Fault, FastestMS: ms(r.Fastest), SlowestMS: ms(r.Slowest), Extra: r.Extra, Interrupted: r.Interrupted,
		Response: viewResponse(r.Response), LastResponse: viewResponse(r.LastResponse),
	}
	if r.Step > 0 {
		v.Step = r.Step.String()
	}
	if d := r.Diagnosis; d != nil {
		v.Diagnosis = &diagnosisView{Code: d.Code, Certainty: string(d.Certainty), Title: d.Title.In(tag), Evidence: d.Evidence.In(tag), Hint: d.Hint.In(tag)}
		for _, fix := range d.Fixes {
			v.Diagnosis.Fixes = append(v.Diagnosis.Fixes, fixView{fix.For.In(tag), fix.File, fix.Code, fix.Text.In(tag)})
		}
	}
	return v
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func viewResponse(out *wire.Outcome) *responseView {
	if out == nil || out.Status == 0 {
		return nil
	}
	v := &responseView{Status: out.Status, Header: [][2]string{}, Body: string(out.Body), Bytes: out.BodyBytes}
	if !utf8.ValidString(v.Body) {
		v.Body = string([]rune(v.Body)) // with U+FFFD for what is none
	}
	for _, f := range out.Header {
		v.Header = append(v.Header, [2]string{f.Name, wire.RedactField(f.Name, f.Value)})
	}
	return v
}

type callView struct {
	ID      int64     `json:"id"`
	At      time.Time `json:"at"`
	Virtual time.Time `json:"virtual"`
	Key     string    `json:"key"` // name; "" without one that opens anything
	Method  string    `json:"method"`
	Path    string    `json:"path"`
	Query   string    `json:"query,omitempty"`
	Status  int       `json:"status"`
	Events  []string  `json:"events,omitempty"`
	Cause   string    `json:"cause,omitempty"`
}

func viewCall(c platform.Call) callView {
	return callView{c.ID, c.At, c.Virtual, c.Key, c.Method, c.Path, c.Query, c.Status, c.Events, c.Cause.Event}
}

type listView[T any] struct {
	Data []T `json:"data"`
	// More says that the list goes on behind these.
	More bool `json:"more,omitempty"`
}

type statusView struct {
	Version       string         `json:"version"`
	Clock         clockView      `json:"clock"`
	Subscriptions int            `json:"subscriptions"`
	Deliveries    map[string]int `json:"deliveries"`
}

type kindView struct {
	Name   string `json:"name"`
	Object string `json:"object"`
	Title  string `json:"title"`
}

type keyView struct {
	Name   string `json:"name"`
	Key    string `json:"key"`
	Public bool   `json:"public"`
}

type draftView struct {
	Payloads []json.RawMessage `json:"payloads"`
}
