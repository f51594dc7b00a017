package practice

import (
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/kometia-sim/kometia-sim/schemas"
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
	about      schemas.Kind    // zero for a kind that the receiver does not know
}

// known reports whether the receiver acts on the event. A known kind about
// another type of object than its own is as unknown as an unknown kind.
func (e event) known() bool { return e.about.Object != "" && e.about.Object == e.objectType }

// rank orders events of one object that bear the same time to the second: what
// can only happen later ranks higher.
func (e event) rank() int {
	switch e.about.Action {
	case schemas.Create:
		return 0
	case schemas.Place:
		return 1
	case schemas.Delete:
		return 3
	}
	return 2
}

// parse reads a body as an event and looks its kind up.
func (r *Receiver) parse(body []byte) (event, error) {
	e, err := parse(body)
	if err == nil {
		e.about, _ = r.catalogue.Kind(e.kind) // zero when it is unknown
	}
	return e, err
}

// parent is the id of the object without which an event cannot be, in its own
// object or beside it; "" when there is none.
func (r *Receiver) parent(e event) string {
	if e.about.Deletes() {
		return e.objectID
	}
	if len(e.about.After) == 0 {
		return ""
	}
	first, err := r.catalogue.Kind(r.catalogue.Before(e.kind)[0])
	if err != nil || first.Object == e.objectType {
		return e.objectID
	}
	object, err := members("data.object", e.object)
	if err != nil {
		return ""
	}
	id, _ := text(object, first.Object+"_id")
	return id
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
		return event{}, errors.New(`not an event: field "object" is not "event"`)
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
		return "", fmt.Errorf("not an event: field %q is no text or empty", name)
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
		return 0, fmt.Errorf("not an event: field %q is no time in seconds", name)
	}
	return n, nil
}
