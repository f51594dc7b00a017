// Package control is the control API of a Kometia of one's own: what its page
// does, for programs. It lives under /_sim/ and speaks JSON.
//
//	GET    /healthz                            "ok", for who waits for the start
//	GET    /_sim/status                        counts, clock, subscriptions
//	GET    /_sim/clock                         how the time goes
//	POST   /_sim/clock/advance                 {"by": "48h", "wait": true}
//	POST   /_sim/clock/finish                  {"wait": true}: until all is delivered or expired
//	POST   /_sim/clock/play                    {"speed": 60}; 0 stands still
//	GET    /_sim/kinds                         the event kinds
//	POST   /_sim/draft                         {"kinds": [...]}: payloads to be edited
//	POST   /_sim/emit                          {"kinds": [...], "count": 1, "wait": true} or
//	                                           {"payloads": [{...}], "anyway": false}
//	GET    /_sim/events                        newest first; before, limit
//	GET    /_sim/subscriptions                 and POST {"url": ..., "kinds": [...]},
//	                                           of another machine with "other_machine": true
//	GET    /_sim/subscriptions/{id}            and POST to change it, DELETE to remove it
//	POST   /_sim/subscriptions/{id}/fault      {"fault": "lose-answer", "times": 1}; "" mends it
//	GET    /_sim/deliveries                    newest first; subscription, state, kind, event, before, limit
//	GET    /_sim/deliveries/{id}               with all attempts, responses and the diagnosis
//	POST   /_sim/deliveries/{id}/redeliver     {"wait": true}: a further attempt now, unless it has expired
//	GET    /_sim/deliveries/{id}/case          a case that kometia-sim replay plays
//	GET    /_sim/calls                         who asked the API for what; before, limit, about
//	GET    /_sim/keys                          the keys of the API
//	GET    /_sim/watch                         server-sent events: what has changed
//	GET    /_sim/openapi.json                  both APIs in OpenAPI 3.1
//	POST   /_sim/reset                         forgets everything but keys, seed and time
//
// An error is {"error": {"type": ..., "message": ...}}, as the API's is, with the
// status 400 (no JSON that is understood), 403 (of another origin), 404, 409 (not
// any more, or not yet), 422 (it says what is wrong).
//
// Guard is the door of everything that can change something: it refuses names that
// a stranger's DNS may have given this computer, and pages of other origins.
package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/platform"
)

// Config is what the control API works on.
type Config struct {
	Platform *platform.Platform
	// Lang is the language of messages to who asks for none (Accept-Language).
	Lang lang.Tag
	// Case writes a delivery as a case that replay plays; nil has none.
	Case func(platform.Delivery) ([]byte, error)
	// Version is that of the program.
	Version string
}

// mostBody is how long a request may be, in bytes.
const mostBody = 4 << 20

// New makes the handler of what the package comment lists.
func New(cfg Config) http.Handler {
	h := &handler{cfg}
	mux := http.NewServeMux()
	for _, route := range h.routes() {
		do := route.do
		mux.HandleFunc(route.method+" "+route.path, func(w http.ResponseWriter, r *http.Request) {
			r.Body = http.MaxBytesReader(w, r.Body, mostBody)
			answer, err := do(r)
			if err != nil {
				h.fail(w, r, err)
				return
			}
			write(w, http.StatusOK, answer)
		})
	}
	mux.HandleFunc("GET /_sim/watch", h.watch)
	mux.HandleFunc("GET /_sim/openapi.json", func(w http.ResponseWriter, r *http.Request) {
		//nolint:contextcheck // it describes what takes requests, and takes none
		write(w, http.StatusOK, raw(jsontree.Encode(Document(cfg, h.tag(r)), jsontree.Pretty)))
	})
	mux.HandleFunc("/_sim/", func(w http.ResponseWriter, r *http.Request) {
		path := strings.TrimSuffix(r.URL.Path, "/")
		h.fail(w, r, &platform.Missing{Err: lang.Errorf("no hay %s %s en la API de control", "there is no %s %s in the control API", r.Method, path)})
	})
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, "ok\n")
	})
	return mux
}

type handler struct{ Config }

// raw is JSON that is written as it is.
type raw []byte

func write(w http.ResponseWriter, status int, answer any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	body, isRaw := answer.(raw)
	if !isRaw {
		var b bytes.Buffer
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(true)
		if err := enc.Encode(answer); err != nil { // of plain values
			status = http.StatusInternalServerError
		}
		body = b.Bytes()
	}
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that is gone is no news
}

// problem is an error as it is written.
type problem struct {
	Error struct {
		Type    string `json:"type"`
		Message string `json:"message"`
	} `json:"error"`
}

// fail answers an error with the status that it means.
func (h *handler) fail(w http.ResponseWriter, r *http.Request, err error) {
	status, kind := http.StatusInternalServerError, "internal"
	var bad *unreadable
	var invalid *platform.Invalid
	var missing *platform.Missing
	var conflict *platform.Conflict
	var unconfirmed *platform.Unconfirmed
	switch {
	case errors.As(err, &bad):
		status, kind = http.StatusBadRequest, "bad_request"
	case errors.As(err, &unconfirmed):
		status, kind = http.StatusUnprocessableEntity, "confirmation_required"
		err = lang.Errorf("%s. Lo confirma \"other_machine\": true", "%s. \"other_machine\": true confirms it", lang.Both(err))
	case errors.As(err, &invalid):
		status, kind = http.StatusUnprocessableEntity, "invalid_request"
	case errors.As(err, &missing):
		status, kind = http.StatusNotFound, "not_found"
	case errors.As(err, &conflict):
		status, kind = http.StatusConflict, "conflict"
	case errors.Is(err, context.Canceled):
		return // nobody is there any more
	}
	refuse(w, status, kind, lang.In(err, h.tag(r)))
}

func refuse(w http.ResponseWriter, status int, kind, message string) {
	var p problem
	p.Error.Type, p.Error.Message = kind, message
	write(w, status, p)
}

// tag is the language that a request asks for.
func (h *handler) tag(r *http.Request) lang.Tag {
	switch accepted := strings.ToLower(r.Header.Get("Accept-Language")); {
	case strings.HasPrefix(accepted, "es"):
		return lang.Spanish
	case strings.HasPrefix(accepted, "en"):
		return lang.English
	}
	return h.Lang
}

// unreadable is a request that is not understood.
type unreadable struct{ error }

func (u *unreadable) Unwrap() error { return u.error }

// In implements lang.Bilingual.
func (u *unreadable) In(tag lang.Tag) string { return lang.In(u.error, tag) }

// read reads the JSON of a request, and every mistake in it is one: a name that
// nobody knows too.
func read(r *http.Request, into any) error {
	dec := json.NewDecoder(r.Body)
	dec.DisallowUnknownFields()
	err := dec.Decode(into)
	if errors.Is(err, io.EOF) {
		return nil // nothing is the same as {}
	}
	if err == nil {
		if _, more := dec.Token(); !errors.Is(more, io.EOF) {
			err = lang.Errorf("hay más de un valor JSON", "there is more than one JSON value")
		}
	}
	if err != nil {
		return &unreadable{lang.Errorf("el cuerpo no es el JSON que se espera: %s", "the body is not the JSON that is expected: %s", lang.Both(err))}
	}
	return nil
}

// number is a number of the path or the query; zero when it is not there.
func number(text, name string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return 0, &unreadable{lang.Errorf("%s %.40q: se espera un número", "%s %.40q: want a number", name, text)}
	}
	return n, nil
}

// page is where a list goes on, and how long it is.
func page(r *http.Request) (before int64, limit int, err error) {
	before, err = number(r.URL.Query().Get("before"), "before")
	if err != nil {
		return 0, 0, err
	}
	n, err := number(r.URL.Query().Get("limit"), "limit")
	return before, int(min(n, 500)), err
}

// watch tells of changes as server-sent events.
func (h *handler) watch(w http.ResponseWriter, r *http.Request) {
	flush := http.NewResponseController(w)
	_ = flush.SetWriteDeadline(time.Time{}) // it lasts as long as someone listens
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusOK)
	_, _ = io.WriteString(w, ": kometia-sim\n\n")
	_ = flush.Flush()
	for c := range h.Platform.Watch(r.Context()) {
		data, _ := json.Marshal(changeView{c.Subscriptions || c.All, c.Events || c.All, c.Deliveries || c.All, c.Clock || c.All, c.Calls || c.All}) // switches
		if _, err := fmt.Fprintf(w, "event: change\ndata: %s\n\n", data); err != nil || flush.Flush() != nil {
			return
		}
	}
}

type changeView struct {
	Subscriptions bool `json:"subscriptions"`
	Events        bool `json:"events"`
	Deliveries    bool `json:"deliveries"`
	Clock         bool `json:"clock"`
	Calls         bool `json:"calls"`
}
