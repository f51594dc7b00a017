package practice

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
)

// webhookPath is where deliveries go.
const webhookPath = "/webhook"

// verdict is what became of a delivery.
type verdict string

const (
	acted     verdict = "acted"
	repeated  verdict = "repeated"  // known already, nothing done
	ignored   verdict = "ignored"   // a kind that it does not act on
	malformed verdict = "malformed" // no event
	failed    verdict = "failed"    // its own fault
	queued    verdict = "queued"    // kept for the background
	flawed    verdict = "flawed"    // a flaw answered instead
)

// delivery is one POST with its body read whole.
type delivery struct {
	request *http.Request
	body    []byte
	parse   func([]byte) (event, error)
	parsed  event
	err     error
	tried   bool
}

func (r *Receiver) delivery(request *http.Request, body []byte) *delivery {
	return &delivery{request: request, body: body, parse: r.parse}
}

// event parses the body, once.
func (d *delivery) event() (event, error) {
	if !d.tried {
		d.parsed, d.err = d.parse(d.body)
		d.tried = true
	}
	return d.parsed, d.err
}

// lasting is a context that outlives the sender's patience.
func (d *delivery) lasting() context.Context { return context.WithoutCancel(d.request.Context()) }

// answer is what goes back.
type answer struct {
	status  int
	header  map[string]string
	body    string
	verdict verdict
	reason  error // for the log and the body of a 4xx; nil when there is none
}

// handling turns a delivery into an answer. The good one is Receiver.accept;
// a flaw is a handling round another.
type handling func(*delivery) answer

// connection is what lives as long as one TCP connection.
type connection struct{ buffer []byte }

type connectionKey struct{}

// ServeHTTP answers one request. It compares paths itself: http.ServeMux would
// answer a path that is not clean with a redirect, which is a refusal here.
func (r *Receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	path := req.URL.Path
	// net/http would write the computer's time.
	w.Header().Set("Date", r.clock.Now().UTC().Format(http.TimeFormat))
	switch {
	case path == webhookPath || slices.Contains(r.flaw.paths, path):
		if allow(w, req, append(r.flaw.methods, http.MethodPost)...) {
			r.deliver(w, req)
		}
	case path == "/health":
		if allow(w, req, http.MethodGet, http.MethodHead) {
			w.WriteHeader(http.StatusNoContent)
		}
	case path == "/effects" || strings.HasPrefix(path, "/effects/"):
		if allow(w, req, http.MethodGet, http.MethodHead) {
			r.observe(w, req)
		}
	case path == DrainRoute, path == DownRoute, path == UpRoute, path == CatchUpRoute:
		if allow(w, req, http.MethodPost) {
			r.control(w, req)
		}
	default:
		fail(w, http.StatusNotFound, "there is nothing here")
	}
}

// allow answers 405 unless the method is one of those given.
func allow(w http.ResponseWriter, req *http.Request, methods ...string) bool {
	if slices.Contains(methods, req.Method) {
		return true
	}
	w.Header().Set("Allow", strings.Join(methods, ", "))
	fail(w, http.StatusMethodNotAllowed, "method not allowed")
	return false
}

// deliver takes one delivery.
func (r *Receiver) deliver(w http.ResponseWriter, req *http.Request) {
	if r.flaw.early != nil {
		r.flaw.early(r, req)
	}
	body, err := read(w, req)
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		r.logf("POST %s 413 body over %d bytes", webhookPath, maxBody)
		w.Header().Set("Connection", "close")
		fail(w, http.StatusRequestEntityTooLarge, "body too large")
		return
	case err != nil:
		// Cut off or badly framed: what came is not to be believed.
		r.logf("POST %s 400 body cut off: %q", webhookPath, err)
		if r.flaw.cut != nil {
			r.flaw.cut(r, r.delivery(req, body))
		}
		fail(w, http.StatusBadRequest, "body cut off")
		return
	}
	if r.latency > 0 {
		_ = r.clock.WaitUntil(req.Context(), r.clock.Now().Add(r.latency)) // its only error is that the sender hung up
	}
	d := r.delivery(req, body)
	a := r.handle(d)
	r.logDelivery(d, a)
	for name, value := range a.header {
		w.Header().Set(name, value)
	}
	if a.body == "" && a.reason != nil {
		fail(w, a.status, a.reason.Error())
		return
	}
	w.WriteHeader(a.status)
	_, _ = io.WriteString(w, a.body)
}

// logDelivery quotes what came from outside, so that no control character
// reaches a terminal.
func (r *Receiver) logDelivery(d *delivery, a answer) {
	if r.log == nil {
		return
	}
	reason := ""
	if a.reason != nil {
		reason = a.reason.Error()
	}
	e, _ := d.event()
	r.logf("%s %s %d %s %q %q %q", d.request.Method, webhookPath, a.status, a.verdict, e.kind, e.id, reason)
}

// read reads the whole body. One that announces more than maxBody is refused
// before a byte of it is read.
func read(w http.ResponseWriter, req *http.Request) ([]byte, error) {
	if req.ContentLength > maxBody {
		return nil, &http.MaxBytesError{Limit: maxBody}
	}
	buffer := bytes.NewBuffer(make([]byte, 0, max(req.ContentLength, 0)+bytes.MinRead))
	_, err := buffer.ReadFrom(http.MaxBytesReader(w, req.Body, maxBody))
	return buffer.Bytes(), err
}

// fail answers with an error in JSON. net/http leaves the body out after HEAD.
func fail(w http.ResponseWriter, status int, message string) {
	write(w, status, map[string]string{"error": message})
}

func write(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		status, body = http.StatusInternalServerError, []byte(`{"error":"internal"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
