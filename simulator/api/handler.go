package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
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
}

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
	call := Call{At: h.Now(), Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery, Status: http.StatusOK}
	k := h.opened(r)
	var store Store
	if k != nil {
		call.Key, store = k.Name, k.Store
	}
	body, err := h.answer(w, r, store)
	if err != nil {
		p := &problem{http.StatusInternalServerError, "internal", "internal error"}
		_ = errors.As(err, &p) // every error is one, but for those of a store
		call.Status, body = p.status, p.body()
	}
	if h.Calls != nil {
		h.Calls(call)
	}
	write(w, call.Status, jsontree.Encode(body, h.Style))
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

// answer finds the body of a 200, or the problem.
func (h *handler) answer(w http.ResponseWriter, r *http.Request, store Store) (*jsontree.Object, error) {
	path, ok := strings.CutPrefix(r.URL.Path, root+"/")
	if !ok {
		return nil, notFound("the API lives under %s", root)
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		return nil, &problem{http.StatusMethodNotAllowed, "method_not_allowed", "the simulated API is only read: GET or HEAD"}
	}
	// Before anything is looked up: who has no key learns nothing about what
	// there is.
	if store == nil {
		w.Header().Set("WWW-Authenticate", `Basic realm="Kometia API"`)
		return nil, &problem{
			http.StatusUnauthorized, "authentication_error",
			"give the key as user name of HTTP Basic, without a password, or as Bearer token",
		}
	}
	parts := strings.Split(path, "/")
	if slices.Contains(parts, "") {
		return nil, notFound("there is nothing at this path")
	}
	switch len(parts) {
	case 1:
		return list(r, store, parts[0])
	case 2:
		return one(r.Context(), store, parts[0], parts[1])
	case 3, 4:
		return nested(r, store, parts)
	}
	return nil, notFound("there is nothing at this path")
}

// documented is the type of object found at a documented path.
func documented(segment string) (objectType string, ok bool) {
	switch segment {
	case "events", "orders", "products", "skus", "customers", "collections":
		return strings.TrimSuffix(segment, "s"), true
	}
	return "", false
}

// one answers an object by its id.
func one(ctx context.Context, store Store, segment, id string) (*jsontree.Object, error) {
	objectType, ok := documented(segment)
	if !ok {
		// A type of the user's own; a fulfillment is found at its order only.
		if objectType, ok = strings.CutSuffix(segment, "s"); !ok || objectType == "fulfillment" {
			return nil, notFound("there is nothing at this path")
		}
	}
	o, err := find(ctx, store, objectType, id)
	if err != nil {
		return nil, err
	}
	return object("data", o), nil
}

// list answers a page of a type.
func list(r *http.Request, store Store, segment string) (*jsontree.Object, error) {
	objectType, ok := documented(segment)
	if !ok {
		return nil, notFound("there is nothing at this path")
	}
	keep, err := filter(r.URL.Query(), objectType)
	if err != nil {
		return nil, err
	}
	return page(r, store, objectType, Query{Keep: keep})
}

// find gives an object, or the problem that there is none.
func find(ctx context.Context, store Store, objectType, id string) (*jsontree.Object, error) {
	o, err := store.Find(ctx, objectType, id)
	if err == nil && o == nil {
		err = notFound("no %s has the id %q", objectType, id)
	}
	return o, err
}

// nested answers what is found under an order or a customer.
func nested(r *http.Request, store Store, parts []string) (*jsontree.Object, error) {
	var objectType string
	switch parts[0] + "/" + parts[2] {
	case "orders/fulfillments":
		objectType = "fulfillment"
	case "customers/addresses":
		objectType = "customer_address"
	default:
		return nil, notFound("there is nothing at this path")
	}
	parent, err := find(r.Context(), store, strings.TrimSuffix(parts[0], "s"), parts[1])
	if err != nil {
		return nil, err
	}
	keep := func(o *jsontree.Object) bool { return text(o, "order_id") == parts[1] }
	if objectType == "customer_address" {
		addresses, _ := parent.Lookup("addresses")
		store, keep = within(addresses), nil
	}
	if len(parts) == 3 {
		return page(r, store, objectType, Query{Keep: keep})
	}
	o, err := store.Find(r.Context(), objectType, parts[3])
	if err != nil || o != nil && (keep == nil || keep(o)) {
		return object("data", o), err
	}
	return nil, notFound("no %s of %s has the id %q", objectType, parts[1], parts[3])
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
