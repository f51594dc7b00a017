package api

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
)

// root is where the API lives.
const root = "/api/v1"

// Config says what the handler answers and to whom.
type Config struct {
	// Store is what it answers from. It has no zero meaning.
	Store Store
	// Key is the store's secret key (see NewKey). Empty lets nobody in.
	Key string
	// Others are further accounts of the API: what is theirs is found under their
	// own keys only.
	Others []Account
	// Style is how the JSON is written; empty is jsontree.PHP.
	Style jsontree.Style
	// OnRequest, when not nil, is told of every request after its answer was
	// decided; from several goroutines at once.
	OnRequest func(Request)
}

// Account is what one key opens.
type Account struct {
	Key   string // empty lets nobody in
	Store Store
}

// Request is what a receiver asked of the API.
type Request struct {
	Method string
	// Path is the path asked for, without its query; it is the receiver's text.
	Path string
	// Status is what was answered.
	Status int
	// Authenticated says that the key of an account came with it.
	Authenticated bool
}

// Handler answers the routes that the package comment lists.
func Handler(cfg Config) http.Handler {
	if cfg.Style == "" {
		cfg.Style = jsontree.PHP
	}
	return &handler{cfg}
}

type handler struct{ cfg Config }

// opened is the store of the account whose key came with a request; nil without
// one.
func (h *handler) opened(r *http.Request) Store {
	for _, a := range append([]Account{{h.cfg.Key, h.cfg.Store}}, h.cfg.Others...) {
		if authenticated(r, a.Key) {
			return a.Store
		}
	}
	return nil
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
	store := h.opened(r)
	status := http.StatusOK
	body, err := h.answer(w, r, store)
	if err != nil {
		p := &problem{http.StatusInternalServerError, "internal", "internal error"}
		_ = errors.As(err, &p) // every error is one
		status, body = p.status, p.body()
	}
	if h.cfg.OnRequest != nil {
		h.cfg.OnRequest(Request{Method: r.Method, Path: r.URL.Path, Status: status, Authenticated: store != nil})
	}
	write(w, status, jsontree.Encode(body, h.cfg.Style))
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
		return one(store, parts[0], parts[1])
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
func one(store Store, segment, id string) (*jsontree.Object, error) {
	objectType, ok := documented(segment)
	if !ok {
		// A type of the user's own; a fulfillment is found at its order only.
		if objectType, ok = strings.CutSuffix(segment, "s"); !ok || objectType == "fulfillment" {
			return nil, notFound("there is nothing at this path")
		}
	}
	o, ok := store.Find(objectType, id)
	if !ok {
		return nil, notFound("no %s has the id %q", objectType, id)
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
	return page(r, store.List(objectType, keep))
}

// nested answers what is found under an order or a customer.
func nested(r *http.Request, store Store, parts []string) (*jsontree.Object, error) {
	var objectType string
	var all []*jsontree.Object
	switch parts[0] + "/" + parts[2] {
	case "orders/fulfillments":
		order, ok := store.Find("order", parts[1])
		if !ok {
			return nil, notFound("no order has the id %q", parts[1])
		}
		objectType = "fulfillment"
		all = store.List(objectType, func(o *jsontree.Object) bool { return text(o, "order_id") == text(order, "id") })
	case "customers/addresses":
		customer, ok := store.Find("customer", parts[1])
		if !ok {
			return nil, notFound("no customer has the id %q", parts[1])
		}
		objectType = "customer_address"
		addresses, _ := customer.Lookup("addresses")
		list, _ := addresses.([]any)
		for _, v := range list {
			if o, ok := v.(*jsontree.Object); ok {
				all = append(all, o)
			}
		}
	default:
		return nil, notFound("there is nothing at this path")
	}
	if len(parts) == 3 {
		return page(r, all)
	}
	for _, o := range all {
		if text(o, "id") == parts[3] {
			return object("data", o), nil
		}
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
