// Package sending makes the events of a send and delivers them: one event of
// each kind that was asked for, changed as the user wants it, under a retry
// policy and on a virtual clock.
package sending

import (
	"fmt"
	"strconv"
	"time"

	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/state"
	"github.com/kometia-sim/kometia-sim/report/view"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/simulator/api"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
)

// Message is one event ready to be sent.
type Message struct {
	About view.SendEvent
	Due   time.Time // virtual
	Body  []byte
	Event *shop.Event // nil for bytes that the shop did not make
	// objects are what the simulated API answers beside the event. The event's own
	// object is not among them: it stands in the event, as --set has changed it.
	objects []*jsontree.Object
}

// Store makes the simulated API answer for messages.
func Store(store *api.Simulated, messages []Message) {
	for _, m := range messages {
		if m.Event != nil {
			store.Add(m.Event, m.objects...)
		} else if e := api.EventIn(m.Body); e != nil {
			store.Add(e)
		}
	}
}

// Recalled are the messages of the last send, byte for byte.
func Recalled(l *state.Last) []Message {
	var out []Message
	for _, e := range l.Events {
		about := view.SendEvent{ID: e.ID, Kind: e.Kind, Bytes: len(e.Body)}
		if doc, err := jsontree.Parse(e.Body); err == nil {
			about = describe(doc.Root, len(e.Body))
		}
		out = append(out, Message{About: about, Due: e.Due, Body: e.Body})
	}
	return out
}

// Kept are messages as the next send --again wants them.
func Kept(messages []Message) []state.LastEvent {
	var out []state.LastEvent
	for _, m := range messages {
		out = append(out, state.LastEvent{ID: m.About.ID, Kind: m.About.Kind, Due: m.Due, Body: m.Body})
	}
	return out
}

// describe says in one line what is in the bytes of an event, whoever made it.
func describe(root any, bytes int) view.SendEvent {
	at := func(path string) any {
		v, _ := jsontree.Get(root, path)
		return v
	}
	word := func(path string) string {
		v, _ := at(path).(string)
		return v
	}
	e := view.SendEvent{ID: word("id"), Kind: word("kind"), Bytes: bytes}
	if word("data.object.object") == "order" {
		e.Number = word("data.object.number")
		if cents, err := strconv.ParseInt(fmt.Sprint(at("data.object.total_price")), 10, 64); err == nil {
			e.Total, e.Currency = cents, word("data.object.currency")
		}
		e.Test, _ = at("data.object.is_test").(bool)
	}
	return e
}
