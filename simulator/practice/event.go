package practice

import (
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/simulator/practice/strictjson"
)

// event is what the receiver needs to know of a delivery. It reads the body
// with strictjson, which shares nothing with the side that sends.
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

// reader reads events with what a receiver knows of their kinds.
type reader struct{ catalogue *schemas.Catalogue }

// parse reads a body as an event and looks its kind up.
func (r reader) parse(body []byte) (event, error) {
	e, err := parse(body)
	if err == nil {
		e.about, _ = r.catalogue.Kind(e.kind) // zero when it is unknown
	}
	return e, err
}

// parent is the id of the object without which an event cannot be, in its own
// object or beside it; "" when there is none.
func (r reader) parent(e event) string {
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
	object, err := strictjson.Members("data.object", e.object)
	if err != nil {
		return ""
	}
	id, _ := strictjson.Text(object, first.Object+"_id")
	return id
}

// parse reads a body as an event. Everything that JSON allows and a careful
// receiver cannot act on without guessing is an error: invalid UTF-8, a name
// that stands twice in one object, a missing or empty id or kind.
func parse(body []byte) (event, error) {
	if !utf8.Valid(body) {
		return event{}, errors.New("body: not UTF-8")
	}
	if err := strictjson.Unambiguous(body); err != nil {
		return event{}, fmt.Errorf("body: %w", err)
	}
	root, err := strictjson.Members("event", body)
	if err != nil {
		return event{}, err
	}
	if typ, err := strictjson.Text(root, "object"); err != nil || typ != "event" {
		return event{}, errors.New(`not an event: field "object" is not "event"`)
	}
	var e event
	if e.id, err = strictjson.Text(root, "id"); err != nil {
		return event{}, err
	}
	if e.kind, err = strictjson.Text(root, "kind"); err != nil {
		return event{}, err
	}
	if e.createdAt, err = strictjson.Seconds(root, "created_at", 0); err != nil {
		return event{}, err
	}
	data, err := strictjson.Members("data", root["data"])
	if err != nil {
		return event{}, err
	}
	object, err := strictjson.Members("data.object", data["object"])
	if err != nil {
		return event{}, err
	}
	if e.objectID, err = strictjson.Text(object, "id"); err != nil {
		return event{}, fmt.Errorf("data.object: %w", err)
	}
	if e.objectType, err = strictjson.Text(object, "object"); err != nil {
		return event{}, fmt.Errorf("data.object: %w", err)
	}
	if e.updatedAt, err = strictjson.Seconds(object, "updated_at", e.createdAt); err != nil {
		return event{}, fmt.Errorf("data.object: %w", err)
	}
	e.object = data["object"]
	return e, nil
}
