package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
)

// root is where the API lives.
const root = "/api/v1"

// Options say what the API answers and to whom.
type Options struct {
	// Keys gives the keys that open it, asked at every request, so that keys may
	// come and go. Nil, like none, lets nobody in.
	Keys func() []Key
	// Style is how the JSON is written; empty is jsontree.PHP.
	Style jsontree.Style
	// Calls, when not nil, is told of every request after its answer was decided
	// and before it is sent; from several goroutines at once.
	Calls func(Call)
	// Now is the computer's clock, by which calls are dated; nil dates none.
	Now func() time.Time
	// Today is the world's clock, by which what will be published later is not yet
	// there; nil takes everything for published.
	Today func() time.Time
	// Shop makes what is written into objects. Nil when no key has a Writer.
	Shop *shop.World
	// MaxDepth is how many events may stand in a chain, each made by a write that
	// answered the one before; the write that would make one more is refused. Zero
	// is DefaultMaxDepth, negative has no end.
	MaxDepth int
	// Catalogue is whose schemas the API's description has; nil is the built-in
	// one.
	Catalogue *schemas.Catalogue
}

// DefaultMaxDepth is more than any shop needs and few enough to read.
const DefaultMaxDepth = 16

// Key is a key of the API and what it opens.
type Key struct {
	// Value is the key itself (see NewKey). Empty lets nobody in.
	Value string
	// Name is what the log of calls says instead of the key.
	Name string
	// Public says that it is one for browsers, which reads only what everybody may
	// see.
	Public bool
	// Store is what it reads. It has no zero meaning.
	Store Store
	// Writer takes what it writes; nil when it only reads.
	Writer Writer
}

// Call is what was asked of the API, and what came of it.
type Call struct {
	At time.Time
	// Key is the name of the key that came with it; "" when none that opens
	// anything did.
	Key    string
	Method string
	// Path and Query are what was asked for; they are the caller's text.
	Path, Query string
	// Status is what was answered.
	Status int
	// Events are the ids of the events that a write made happen, and Cause is the
	// event that it was an answer to.
	Events []string
	Cause  Cause
}

// Fixed is Options.Keys for keys that never change.
func Fixed(keys ...Key) func() []Key { return func() []Key { return keys } }

// New makes the handler of the routes that the package comment lists.
func New(o Options) http.Handler {
	if o.Keys == nil {
		o.Keys = Fixed()
	}
	if o.Style == "" {
		o.Style = jsontree.PHP
	}
	if o.Now == nil {
		o.Now = func() time.Time { return time.Time{} }
	}
	if o.MaxDepth == 0 {
		o.MaxDepth = DefaultMaxDepth
	}
	if o.Catalogue == nil {
		o.Catalogue = schemas.Builtin()
	}
	return &handler{o}
}

type handler struct{ Options }

// opened is the key that came with a request; nil without one. All are compared,
// so that the time that it takes tells nothing.
func (h *handler) opened(r *http.Request) (found *Key) {
	for _, k := range h.Keys() {
		if authenticated(r, k.Value) {
			found = &k
		}
	}
	return found
}

// problem is an error as the API tells it.
type problem struct {
	status        int
	kind, message string
}

// Error implements error.
func (p *problem) Error() string { return p.message }

func notFound(format string, args ...any) error {
	return &problem{http.StatusNotFound, "not_found", fmt.Sprintf(format, args...)}
}

func invalid(format string, args ...any) error {
	return &problem{http.StatusUnprocessableEntity, "invalid_request", fmt.Sprintf(format, args...)}
}

// ServeHTTP implements http.Handler.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a := &ask{Request: r, handler: h, key: h.opened(r), header: w.Header(), status: http.StatusOK}
	a.call = Call{At: h.Now(), Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery}
	if a.key != nil {
		a.call.Key = a.key.Name
	}
	body, err := a.answer()
	if err != nil {
		p := &problem{http.StatusInternalServerError, "internal", "internal error"}
		_ = errors.As(err, &p) // every error is one, but for those of a store
		a.status, body = p.status, p.body()
	}
	a.call.Status = a.status
	if h.Calls != nil {
		h.Calls(a.call)
	}
	if body == nil {
		w.WriteHeader(a.status)
		return
	}
	write(w, a.status, jsontree.Encode(body, h.Style))
}

// ask is a request while it is answered.
type ask struct {
	*http.Request
	*handler
	key    *Key
	args   map[string]string // of the path
	header http.Header       // of the response
	status int               // of the response, when there is no problem
	call   Call
}

func write(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	// net/http leaves the body out after HEAD; a client that is gone is no news.
	_, _ = w.Write(body)
}

func writeProblem(w http.ResponseWriter, p *problem) {
	write(w, p.status, jsontree.Encode(p.body(), jsontree.PHP))
}

func (p *problem) body() *jsontree.Object {
	return object("error", object("type", p.kind, "message", p.message))
}

// answer finds the body of the response, nil for none, or the problem.
func (a *ask) answer() (*jsontree.Object, error) {
	path, ok := strings.CutPrefix(a.URL.Path, root+"/")
	switch {
	case !ok:
		return nil, notFound("the API lives under %s", root)
	case path == documentPath && reads(a.Method):
		return a.document(), nil
	case a.key == nil:
		// Before anything is looked up: who has no key learns nothing about what
		// there is.
		a.header.Set("WWW-Authenticate", `Basic realm="Kometia API"`)
		return nil, &problem{
			http.StatusUnauthorized, "authentication_error",
			"give the key as user name of HTTP Basic, without a password, or as Bearer token",
		}
	}
	found, err := a.route(strings.Split(path, "/"))
	if err != nil {
		return nil, err
	}
	if a.key.Public && !found.public {
		return nil, &problem{http.StatusForbidden, "permission_error", "a public key does not open this; give the secret key (sk_)"}
	}
	return found.answer(a)
}

func reads(method string) bool { return method == http.MethodGet || method == http.MethodHead }

// find gives an object, or the problem that there is none.
func (a *ask) find(objectType, id string) (*jsontree.Object, error) {
	return find(a.Context(), a.key.Store, objectType, id)
}

func find(ctx context.Context, store Store, objectType, id string) (*jsontree.Object, error) {
	o, err := store.Find(ctx, objectType, id)
	if err == nil && o == nil {
		err = notFound("no %s has the id %q", objectType, id)
	}
	return o, err
}

// object makes a tree of names and values in turn.
func object(pairs ...any) *jsontree.Object {
	o := &jsontree.Object{}
	for i := 0; i+1 < len(pairs); i += 2 {
		name, _ := pairs[i].(string)
		o.Members = append(o.Members, jsontree.Member{Name: name, Value: pairs[i+1]})
	}
	return o
}
