package practice

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// event is what the receiver needs to know of a delivery. It reads the body
// with encoding/json and shares no parser with the side that sends, so that a
// mistake there cannot cancel itself out here.
type event struct {
	id, kind   string
	createdAt  int64
	objectID   string
	objectType string
	updatedAt  int64           // of the object; createdAt of the event when it has none
	object     json.RawMessage // as it came
}

// objectOf is the type of object that events of a kind carry; empty for a kind
// that the receiver does not act on.
func objectOf(kind string) string {
	switch kind {
	case "order.created", "order.placed", "order.paid":
		return "order"
	case "fulfillment.created", "fulfillment.updated":
		return "fulfillment"
	case "product.created", "product.updated", "product.deleted":
		return "product"
	case "customer.created", "customer.updated":
		return "customer"
	case "collection.created", "collection.updated", "collection.deleted":
		return "collection"
	}
	return ""
}

// known reports whether the receiver acts on the event. A known kind about
// another type of object than its own is as unknown as an unknown kind.
func (e event) known() bool {
	want := objectOf(e.kind)
	return want != "" && want == e.objectType
}

// deletes reports whether the object is gone with this event.
func (e event) deletes() bool { return strings.HasSuffix(e.kind, ".deleted") }

// rank orders events of one object that bear the same time to the second: what
// can only happen later ranks higher.
func (e event) rank() int {
	switch {
	case e.deletes():
		return 3
	case strings.HasSuffix(e.kind, ".created"):
		return 0
	case e.kind == "order.placed":
		return 1
	}
	return 2
}

// parse reads a body as an event. Everything that JSON allows and a careful
// receiver cannot act on without guessing is an error: invalid UTF-8, a name
// that stands twice in one object, a missing or empty id or kind.
func parse(body []byte) (event, error) {
	if !utf8.Valid(body) {
		return event{}, errors.New("body: not UTF-8")
	}
	if err := unambiguous(body); err != nil {
		return event{}, fmt.Errorf("body: %w", err)
	}
	root, err := members("event", body)
	if err != nil {
		return event{}, err
	}
	if typ, err := text(root, "object"); err != nil || typ != "event" {
		return event{}, errors.New(`not an event: member "object" is not "event"`)
	}
	var e event
	if e.id, err = text(root, "id"); err != nil {
		return event{}, err
	}
	if e.kind, err = text(root, "kind"); err != nil {
		return event{}, err
	}
	if e.createdAt, err = seconds(root, "created_at", 0); err != nil {
		return event{}, err
	}
	data, err := members("data", root["data"])
	if err != nil {
		return event{}, err
	}
	object, err := members("data.object", data["object"])
	if err != nil {
		return event{}, err
	}
	if e.objectID, err = text(object, "id"); err != nil {
		return event{}, fmt.Errorf("data.object: %w", err)
	}
	if e.objectType, err = text(object, "object"); err != nil {
		return event{}, fmt.Errorf("data.object: %w", err)
	}
	if e.updatedAt, err = seconds(object, "updated_at", e.createdAt); err != nil {
		return event{}, fmt.Errorf("data.object: %w", err)
	}
	e.object = data["object"]
	return e, nil
}

// members opens a JSON object. A map keeps names apart that differ in case
// only, which a Go struct would not.
func members(what string, data json.RawMessage) (map[string]json.RawMessage, error) {
	var m map[string]json.RawMessage
	if len(data) == 0 || json.Unmarshal(data, &m) != nil || m == nil {
		return nil, fmt.Errorf("not an event: %s is no object", what)
	}
	return m, nil
}

func text(m map[string]json.RawMessage, name string) (string, error) {
	var s string
	if json.Unmarshal(m[name], &s) != nil || s == "" {
		return "", fmt.Errorf("not an event: member %q is no text or empty", name)
	}
	return s, nil
}

// seconds reads a time in Unix seconds; without the member, or with null, it is
// missing.
func seconds(m map[string]json.RawMessage, name string, missing int64) (int64, error) {
	v := m[name]
	if len(v) == 0 || string(v) == "null" {
		return missing, nil
	}
	var n int64
	if err := json.Unmarshal(v, &n); err != nil {
		return 0, fmt.Errorf("not an event: member %q is no time in seconds", name)
	}
	return n, nil
}
