package shop

import (
	"fmt"
	"time"

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// Key names a story's streams. Two stories of one World with different keys
// share no id, order number or email; stories of one key and time are about the
// same objects.
type Key struct {
	Name  string // by convention the event kind, or the id of a scenario's group
	Index int    // counts the stories of that name from 0
}

// String is "order.placed#3".
func (k Key) String() string { return fmt.Sprintf("%s#%d", k.Name, k.Index) }

// DefaultGap is the time from each event of a story to the next when the story
// does not say.
const DefaultGap = time.Second

// Story is what is to happen in the shop: one event for each kind, all about
// the same objects, in this order.
//
// The object in an event is as it was at that moment: paid from order.paid on,
// shipped from fulfillment.created on. What must have happened before the first
// kind did happen (an order that is paid was placed some minutes earlier), but
// a story that begins with order.created or order.placed is paid only by
// order.paid. The same kind again is a later update of the same object.
type Story struct {
	Key   Key
	Kinds []string
	// At is the time of the first event, in whole seconds (a fraction is cut
	// off); zero is the World's start. It may lie up to 60 days before that.
	At time.Time
	// Gap is the time from each event to the next, at least one second, the
	// smallest step that timestamps can show. Zero is DefaultGap.
	Gap time.Duration
	// After is when the events behind the first happen, counted from it, in
	// place of Gap: each at least a second later than the first, and none before
	// the one in front of it; two may be of the same second, in which the later
	// one cannot be told by its time. Nil goes by Gap.
	After []time.Duration
	// Twin makes the story a content twin of another story's: the same customer
	// buys the same items, and only what is the order's own (ids, number, cart)
	// differs. Nil for none.
	Twin *Key
	// Shape gives the story the content of another story's: the same items,
	// quantities, prices, notes, names and addresses under identities of its own
	// (ids, order number, email, phones, what processors and carriers number) and
	// at its own times. Kinds, Lines and Twin may differ, and then what follows
	// from them does. Nil for a content of its own.
	Shape *Key
	// Lines is how many lines the order has, up to 4000; zero draws 1 to 6.
	Lines int
}

// when is the second of each event; of the first one only when the others
// cannot be told.
func (st *Story) when(start int64) ([]int64, error) {
	out := make([]int64, max(len(st.Kinds), 1))
	if out[0] = start; !st.At.IsZero() {
		out[0] = st.At.Unix()
	}
	gap := st.Gap
	switch {
	case gap == 0:
		gap = DefaultGap
	case st.After != nil:
		return out[:1], lang.Errorf("gap y after dicen los dos cuándo pasan los eventos: dé uno",
			"gap and after both say when the events happen: give one of them")
	case gap < time.Second:
		return out[:1], lang.Errorf("gap %s: se espera al menos un segundo", "gap %s: want at least one second", gap)
	}
	if st.After != nil && len(st.After) != len(out)-1 {
		return out[:1], lang.Errorf("after: %d tiempos para los %d eventos tras el primero",
			"after: %d times for the %d events behind the first", len(st.After), len(out)-1)
	}
	for i := 1; i < len(out); i++ {
		out[i] = out[i-1] + int64(gap/time.Second)
		if st.After == nil {
			continue
		}
		if out[i] = out[0] + int64(st.After[i-1]/time.Second); out[i] < out[i-1] || out[i] == out[0] {
			return out[:1], lang.Errorf("after %s: es antes del evento anterior, o en el segundo del primero",
				"after %s: before the event in front of it, or in the second of the first", st.After[i-1])
		}
	}
	return out, nil
}

// Event is one thing that happened. Its fields are for reading; the Tree may
// be changed by whoever asked for the event, as it is not shared.
type Event struct {
	ID         string // "evn_c..."
	Kind       string // "order.placed"
	ObjectType string // type of the object carried: "order"
	ObjectID   string
	At         time.Time        // when it happened, in UTC
	Tree       *jsontree.Object // the whole body
	Number     string           // order number of an order or of a shipment's order, else ""
	Total      int64            // that order's total in cents, else 0
	Currency   string           // that order's currency, else ""
	// Identities lists all in the body by which rows can be found again: ids,
	// order number, email, phone, permalinks, sku codes. In the order of the
	// body, without repetition.
	Identities []Identity
	// Gone says that the object was deleted with this event.
	Gone bool
	// Made says that the object came into being with this event.
	Made bool

	told snapshot
}

// Identity is a value by which an object can be found in a receiver's database.
type Identity struct {
	What  string // "order id", "order number", "email" ...
	Value string
}

// Subject is what an event is about: by any of it a receiver may be asked what it
// did with the event.
type Subject struct {
	EventID     string
	EventKind   string
	ObjectID    string
	ObjectType  string
	OrderNumber string // "" when the object is no order
}

// Subject is what the event is about.
func (e *Event) Subject() Subject {
	return Subject{EventID: e.ID, EventKind: e.Kind, ObjectID: e.ObjectID, ObjectType: e.ObjectType, OrderNumber: e.Number}
}

// Body is the event as bytes, without envelope.
func (e *Event) Body(s jsontree.Style) []byte {
	return jsontree.Append(make([]byte, 0, 6144), e.Tree, s)
}

// InvalidPayloadError says that a schema refused what the shop made. The shop
// is at fault, never the receiver.
type InvalidPayloadError struct {
	Story Key
	Seed  uint64
	IDs   string
	Kind  string
	Err   error // a *schemas.InvalidError
}

// Error implements error.
func (e *InvalidPayloadError) Error() string {
	return fmt.Sprintf("shop: story %s (seed %d, ids %s) made an event that its schema refuses: %v", e.Story, e.Seed, e.IDs, e.Err)
}

// Unwrap gives the schema's refusal.
func (e *InvalidPayloadError) Unwrap() error { return e.Err }
