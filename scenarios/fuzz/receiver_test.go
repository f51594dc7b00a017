package fuzz_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
)

// receiver is a receiver as people write them: it parses, refuses to act twice,
// keeps the newest state, and has at most one fault. It is its own observer.
type receiver struct {
	flaw flawed

	mu       sync.Mutex
	seen     map[string]bool
	effects  map[string]int
	objects  map[string]string // object id by event id
	newest   map[string]int64  // time of the newest event by object id
	bought   map[string]string // event id by what was bought
	recent   []string
	requests int
	state    map[string]map[string]any
	stuck    bool
}

// flawed is one fault.
type flawed struct {
	name string
	// oracle is what has to notice it, kind the object it is about.
	oracle string
	kinds  []string
	// payload answers a parsed event instead of the good receiver; 0 leaves it.
	payload func(o map[string]any) int
	// raw sees the body first.
	raw func(r *receiver, body []byte) (status int, text string)
	// keeps changes what is stored.
	keeps func(o map[string]any)
	// skips says that an accepted event is not acted on.
	skips func(o map[string]any) bool
	// handles takes over from a parsed event on; 0 leaves it.
	handles func(r *receiver, req *http.Request, e *parsed) int
	// partial says that it goes on with a body that did not come whole.
	partial bool
	// moments is how many a person has to read at the most, where it takes more
	// than four.
	moments int
	fickle  bool // what it does depends on what else it is told at the same instant
	// forgets says that a restart takes its memory of events.
	forgets bool
}

// parsed is an event as the receiver reads it.
type parsed struct {
	id, kind, object string
	at               int64
	o                map[string]any
}

func newReceiver(f flawed) *receiver {
	return &receiver{
		flaw: f, seen: map[string]bool{}, effects: map[string]int{}, objects: map[string]string{}, state: map[string]map[string]any{},
		newest: map[string]int64{}, bought: map[string]string{},
	}
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil && !r.flaw.partial {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if r.flaw.raw != nil {
		if status, text := r.flaw.raw(r, body); status != 0 {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, text)
			return
		}
	}
	e := parse(body)
	if e == nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	o := e.o
	if r.flaw.payload != nil {
		if status := r.flaw.payload(o); status != 0 {
			w.WriteHeader(status)
			return
		}
	}
	if r.flaw.keeps != nil {
		r.flaw.keeps(o)
	}
	if r.flaw.handles != nil {
		if status := r.flaw.handles(r, req, e); status != 0 {
			w.WriteHeader(status)
			return
		}
	}
	r.once(e)
	w.WriteHeader(http.StatusNoContent)
}

// parse reads an event; nil when it is none.
func parse(body []byte) *parsed {
	var event struct {
		ID   string `json:"id"`
		Kind string `json:"kind"`
		At   int64  `json:"created_at"`
		Data struct {
			Object map[string]any `json:"object"`
		} `json:"data"`
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	if err := dec.Decode(&event); err != nil || event.ID == "" || event.Data.Object == nil {
		return nil
	}
	id, _ := event.Data.Object["id"].(string)
	return &parsed{id: event.ID, kind: event.Kind, object: id, at: event.At, o: event.Data.Object}
}

// once acts on an event that is new, and keeps what is newest.
func (r *receiver) once(e *parsed) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.seen[e.id] {
		return
	}
	r.seen[e.id] = true
	r.act(e)
	r.keep(e)
}

func (r *receiver) act(e *parsed) {
	if r.flaw.skips == nil || !r.flaw.skips(e.o) {
		r.effects[e.id]++
	}
}

// keep stores an object unless something newer of it is there.
func (r *receiver) keep(e *parsed) {
	r.objects[e.id] = e.object
	if e.at < r.newest[e.object] {
		return
	}
	r.newest[e.object] = e.at
	r.overwrite(e)
}

func (r *receiver) overwrite(e *parsed) {
	r.objects[e.id] = e.object
	r.state[e.object] = e.o
	if strings.HasSuffix(e.kind, ".deleted") {
		delete(r.state, e.object)
	}
}

// restart is what it loses with its process.
func (r *receiver) restart(context.Context, ...string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.flaw.forgets {
		clear(r.seen)
	}
	return nil
}

func (r *receiver) Observe(_ context.Context, subjects []observe.Subject) ([]observe.Reading, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := make([]observe.Reading, len(subjects))
	for i, s := range subjects {
		out[i] = observe.Reading{Effects: r.effects[s.EventID], State: r.state[r.objects[s.EventID]]}
	}
	return out, nil
}

func total(o map[string]any) int64 {
	n, _ := o["total_price"].(json.Number)
	i, _ := n.Int64()
	return i
}

func inner(o map[string]any, names ...string) any {
	var v any = o
	for _, name := range names {
		m, _ := v.(map[string]any)
		v = m[name]
	}
	return v
}

func textOf(o map[string]any, names ...string) string {
	s, _ := inner(o, names...).(string)
	return s
}

// payloadFlaws is the family of receivers that break on one payload.
func payloadFlaws() []flawed {
	const order, customer, product = "order", "customer", "product"
	kinds := map[string][]string{
		order: {"order.placed"}, customer: {"customer.created"}, product: {"product.created"},
	}
	on := func(object string, holds func(o map[string]any) bool, status int) func(map[string]any) int {
		return func(o map[string]any) int {
			if o["object"] == object && holds(o) {
				return status
			}
			return 0
		}
	}
	broken := func(name, object string, holds func(o map[string]any) bool) flawed {
		return flawed{name: name, oracle: "valid-accepted", kinds: kinds[object], payload: on(object, holds, http.StatusInternalServerError)}
	}
	return []flawed{
		broken("crash on null", customer, func(o map[string]any) bool { return o["default_address"] == nil }),
		broken("a gift without a message", order, func(o map[string]any) bool { return o["is_gift"] == true && o["gift_message"] == nil }),
		broken("60 items", order, func(o map[string]any) bool { items, _ := o["items"].([]any); return len(items) > 50 }),
		broken("an emoji in a name", order, func(o map[string]any) bool {
			return strings.IndexFunc(textOf(o, "shipping", "name"), func(r rune) bool { return r > 0xffff }) >= 0
		}),
		broken("total_price = 0", order, func(o map[string]any) bool { return total(o) == 0 }),
		broken("32-bit totals", order, func(o map[string]any) bool { return total(o) > math.MaxInt32 }),
		broken("SQL by concatenation", order, func(o map[string]any) bool { return strings.Contains(textOf(o, "billing", "name"), "'") }),
		broken("a column of 255", product, func(o map[string]any) bool { return utf8.RuneCountInString(textOf(o, "name")) > 255 }),
		broken("an address of 15 characters", order, func(o map[string]any) bool { return len(textOf(o, "browser_ip")) > 15 }),
		broken("no phone", order, func(o map[string]any) bool { return textOf(o, "shipping", "phone") == "" }),
		broken("no tags", product, func(o map[string]any) bool { tags, _ := o["tags"].([]any); return len(tags) == 0 }),
		broken("500 on a canceled order", order, func(o map[string]any) bool { return o["status"] == "canceled" }),
		broken("500 on an unknown status", order, func(o map[string]any) bool {
			return o["status"] != "placed" && o["status"] != "canceled" && o["status"] != "archived"
		}),
		{
			name: "fields that it does not know", oracle: "valid-accepted", kinds: kinds[customer],
			payload: on(customer, func(o map[string]any) bool { _, there := o["loyalty_points"]; return there }, http.StatusUnprocessableEntity),
		},
		{
			name: "slow regex on long notes", oracle: "no-hang", kinds: kinds[order],
			payload: func(o map[string]any) int {
				if len(textOf(o, "customer_note")) > 2000 {
					time.Sleep(2500 * time.Millisecond)
				}
				return 0
			},
		},
		{
			name: "order of keys assumed", oracle: "same-meaning-same-answer", kinds: kinds[order],
			raw: func(_ *receiver, body []byte) (int, string) {
				if !bytes.HasPrefix(bytes.TrimSpace(body), []byte(`{`)) || json.Valid(body) && !regexp.MustCompile(`^\s*\{\s*"id"`).Match(body) {
					return http.StatusBadRequest, "not an event"
				}
				return 0, ""
			},
		},
		{
			name: "500 on broken JSON", oracle: "no-server-error", kinds: kinds[order],
			raw: func(_ *receiver, body []byte) (int, string) {
				if !json.Valid(body) {
					return http.StatusInternalServerError, "Internal Server Error"
				}
				return 0, ""
			},
		},
		{
			name: "a stack trace on broken JSON", oracle: "no-leak", kinds: kinds[order],
			raw: func(_ *receiver, body []byte) (int, string) {
				if !json.Valid(body) {
					return http.StatusBadRequest, "Traceback (most recent call last):\n  File \"/srv/app/hooks.py\", line 12, in receive\njson.decoder.JSONDecodeError: Expecting value"
				}
				return 0, ""
			},
		},
		{
			name: "stuck after 100,000 lists", oracle: "still-alive", kinds: kinds[order],
			raw: func(r *receiver, body []byte) (int, string) {
				r.mu.Lock()
				defer r.mu.Unlock()
				if bytes.Contains(body, bytes.Repeat([]byte("["), 50_000)) {
					r.stuck = true
				}
				if r.stuck {
					return http.StatusServiceUnavailable, "out of memory"
				}
				return 0, ""
			},
		},
		{
			name: "float rounding of cents", oracle: "state-converges", kinds: kinds[order],
			keeps: func(o map[string]any) {
				if o["total_price"] != nil {
					o["total_price"] = json.Number(fmt.Sprint(int64(float64(total(o)) / 100 * 100)))
				}
			},
		},
		{
			name: "a name cut at 255", oracle: "state-converges", kinds: kinds[product],
			keeps: func(o map[string]any) {
				if name := []rune(textOf(o, "name")); len(name) > 255 {
					o["name"] = string(name[:255])
				}
			},
		},
		{
			name: "no work for free orders", oracle: "effects-once", kinds: kinds[order],
			skips: func(o map[string]any) bool { return o["object"] == order && total(o) == 0 },
		},
		{
			name: "acts on half a body", oracle: "nothing-from-broken", kinds: kinds[order],
			raw: actsOnHalf,
		},
	}
}
