package fuzz_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// historyFlaws is the family of receivers that break on what happens on the way,
// whatever the events say.
func historyFlaws() []flawed {
	order := []string{"order.placed", "order.paid", "fulfillment.created"}
	product := []string{"product.created", "product.updated", "product.deleted"}
	locked := func(do func(r *receiver, req *http.Request, e *parsed) int) func(*receiver, *http.Request, *parsed) int {
		return func(r *receiver, req *http.Request, e *parsed) int {
			r.mu.Lock()
			defer r.mu.Unlock()
			return do(r, req, e)
		}
	}
	// abandoned waits a moment for the sender to hang up.
	abandoned := func(req *http.Request) bool {
		select {
		case <-req.Context().Done():
			return true
		case <-time.After(3 * time.Millisecond):
			return false
		}
	}
	return []flawed{
		{name: "no dedupe", oracle: "effects-once", kinds: order, handles: locked(func(r *receiver, _ *http.Request, e *parsed) int {
			delete(r.seen, e.id)
			return 0
		})},
		{name: "dedupe race", oracle: "effects-once", kinds: order, handles: func(r *receiver, _ *http.Request, e *parsed) int {
			r.mu.Lock()
			known := r.seen[e.id]
			r.mu.Unlock()
			if known {
				return http.StatusOK
			}
			time.Sleep(2 * time.Millisecond) // its work, between the look and the mark
			r.mu.Lock()
			defer r.mu.Unlock()
			r.seen[e.id] = true
			r.act(e)
			r.keep(e)
			return http.StatusOK
		}},
		{name: "memory-only dedupe", oracle: "effects-once", kinds: order, forgets: true},
		{name: "remembers the last three events", oracle: "effects-once", kinds: order, moments: 8, fickle: true, handles: locked(func(r *receiver, _ *http.Request, e *parsed) int {
			if !slices.Contains(r.recent, e.id) {
				delete(r.seen, e.id)
				r.recent = append(r.recent, e.id)
				r.recent = r.recent[max(0, len(r.recent)-3):]
			}
			return 0
		})},
		{name: "acts again when the sender closes the connection", oracle: "effects-once", kinds: order, handles: func(r *receiver, req *http.Request, e *parsed) int {
			r.once(e)
			if abandoned(req) {
				r.mu.Lock()
				defer r.mu.Unlock()
				delete(r.seen, e.id)
			}
			return http.StatusOK
		}},
		{name: "marks before it works", oracle: "effects-once", kinds: order, handles: func(r *receiver, req *http.Request, e *parsed) int {
			gone := abandoned(req)
			r.mu.Lock()
			defer r.mu.Unlock()
			if !r.seen[e.id] && gone {
				r.seen[e.id] = true
				return http.StatusOK
			}
			return 0
		}},
		{name: "swallows equal content", oracle: "effects-once", kinds: order, handles: locked(func(r *receiver, _ *http.Request, e *parsed) int {
			if e.o["object"] != "order" { // parcels of two orders may well be alike
				return 0
			}
			lines, _ := e.o["items"].([]any)
			var bought []string
			for _, line := range lines {
				l, _ := line.(map[string]any)
				bought = append(bought, fmt.Sprint(l["name"], l["quantity"], l["price"]))
			}
			key := e.kind + fmt.Sprint(e.o["total_price"], textOf(e.o, "customer", "email"), bought)
			if first := r.bought[key]; len(lines) > 0 && first != "" && first != e.id {
				return http.StatusOK
			}
			r.bought[key] = e.id
			return 0
		})},
		{name: "acts on half a body", oracle: "nothing-from-broken", kinds: order, partial: true, raw: actsOnHalf},
		{name: "last write wins", oracle: "state-converges", kinds: product, handles: locked(func(r *receiver, _ *http.Request, e *parsed) int {
			if !r.seen[e.id] {
				r.seen[e.id] = true
				r.act(e)
				r.overwrite(e)
			}
			return http.StatusOK
		})},
		{name: "revives what was deleted", oracle: "state-converges", kinds: product, handles: locked(func(r *receiver, _ *http.Request, e *parsed) int {
			if _, known := r.state[e.object]; !known {
				r.newest[e.object] = 0
			}
			return 0
		})},
		{name: "409 to what it knows", oracle: "valid-accepted", kinds: order, handles: locked(func(r *receiver, _ *http.Request, e *parsed) int {
			if r.seen[e.id] {
				return http.StatusConflict
			}
			return 0
		})},
		{name: "refuses what is an hour old", oracle: "valid-accepted", kinds: order, handles: func(_ *receiver, _ *http.Request, e *parsed) int {
			if time.Since(time.Unix(e.at, 0)) > time.Hour {
				return http.StatusBadRequest
			}
			return 0
		}},
		{name: "a memory for each of two processes", oracle: "effects-once", kinds: order, handles: locked(func(r *receiver, _ *http.Request, e *parsed) int {
			r.requests++
			here := fmt.Sprint(r.requests%2, e.id)
			if r.bought[here] == "" {
				delete(r.seen, e.id)
			}
			r.bought[here] = e.id
			return 0
		})},
		{name: "forgets what is a day old", oracle: "effects-once", kinds: order, handles: locked(func(r *receiver, _ *http.Request, e *parsed) int {
			if time.Since(time.Unix(e.at, 0)) > 24*time.Hour {
				delete(r.seen, e.id)
			}
			return 0
		})},
		{name: "drops a change of what it does not know", oracle: "state-converges", kinds: product, handles: locked(func(r *receiver, _ *http.Request, e *parsed) int {
			if r.state[e.object] != nil || !strings.HasSuffix(e.kind, ".updated") {
				return 0
			}
			if !r.seen[e.id] {
				r.seen[e.id] = true
				r.act(e)
			}
			return http.StatusOK
		})},
		{name: "makes an order of an early payment, with total 0", oracle: "state-converges", kinds: order, handles: locked(func(r *receiver, _ *http.Request, e *parsed) int {
			if e.kind == "order.paid" && r.state[e.object] == nil {
				e.o["total_price"] = json.Number("0")
			}
			return 0
		})},
		{name: "collections keep what comes last", oracle: "state-converges", kinds: []string{"collection.created", "collection.updated"}, handles: locked(func(r *receiver, _ *http.Request, e *parsed) int {
			if strings.HasPrefix(e.kind, "collection.") {
				r.newest[e.object] = 0
			}
			return 0
		})},
		{name: "parcels keep what comes last", oracle: "state-converges", kinds: []string{"fulfillment.created", "fulfillment.updated"}, handles: locked(func(r *receiver, _ *http.Request, e *parsed) int {
			if strings.HasPrefix(e.kind, "fulfillment.") {
				r.newest[e.object] = 0
			}
			return 0
		})},
		{name: "drops a payment whose order comes later", oracle: "effects-once", kinds: order, handles: locked(func(r *receiver, _ *http.Request, e *parsed) int {
			if e.kind == "order.paid" && r.state[e.object] == nil {
				return http.StatusOK
			}
			return 0
		})},
		{name: "compares times as text of 12 hours", oracle: "state-converges", kinds: product, handles: locked(func(r *receiver, _ *http.Request, e *parsed) int {
			text := func(at int64) string { return time.Unix(at, 0).UTC().Format("2006-01-02 03:04:05") }
			if now := r.newest[e.object]; now != 0 && !r.seen[e.id] {
				if r.newest[e.object] = e.at; text(e.at) < text(now) {
					r.newest[e.object] = e.at + 1 // older, as it thinks
				}
			}
			return 0
		})},
		{name: "a lock that a hang-up leaves behind", oracle: "no-hang", kinds: order, handles: func(r *receiver, req *http.Request, e *parsed) int {
			r.mu.Lock()
			stuck := r.bought[e.id] != ""
			r.bought[e.id] = e.id
			r.mu.Unlock()
			if stuck {
				time.Sleep(400 * time.Millisecond)
			}
			if !abandoned(req) {
				r.mu.Lock()
				delete(r.bought, e.id)
				r.mu.Unlock()
			}
			return 0
		}},
	}
}

// actsOnHalf acts as soon as it sees an event's id.
func actsOnHalf(r *receiver, body []byte) (int, string) {
	_, rest, found := strings.Cut(string(body), `"id":"evn_`)
	id, _, whole := strings.Cut(rest, `"`)
	if found && whole && !json.Valid(body) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.effects["evn_"+id]++
	}
	return 0, ""
}
