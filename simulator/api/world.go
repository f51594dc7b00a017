package api

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
)

// Store is where the handler finds what it answers: the objects of the shop as
// they stand, and the events (of type "event"). Trees that it gives are only
// read. It is asked from several goroutines at once.
type Store interface {
	// Find gives the object of a type ("order", "event") by its id, in its latest
	// state; nil without an error when there is none or it was deleted.
	Find(ctx context.Context, objectType, id string) (*jsontree.Object, error)
	// List gives the objects of a type that a query wants, and how many there are
	// with those that it skips. Both are empty for a type that nobody knows. The
	// slice is the caller's.
	List(ctx context.Context, objectType string, q Query) (found []*jsontree.Object, total int, err error)
}

// Query is what is wanted of a list. The zero Query wants all, newest first.
type Query struct {
	// Keep says which are wanted; nil wants all. Events are always wanted all.
	Keep func(*jsontree.Object) bool
	// Compare sorts as slices.SortStableFunc has it; nil is newest first, by
	// created_at and then the one added last.
	Compare func(a, b *jsontree.Object) int
	// Skip is how many of them are left out at the beginning, Limit how many are
	// given at most; zero gives all.
	Skip, Limit int
}

// Select makes a query of a list that is newest first.
func Select(all []*jsontree.Object, q Query) (found []*jsontree.Object, total int) {
	for _, o := range all {
		if q.Keep == nil || q.Keep(o) {
			found = append(found, o)
		}
	}
	if q.Compare != nil {
		slices.SortStableFunc(found, q.Compare)
	}
	total = len(found)
	found = found[min(q.Skip, total):]
	if q.Limit > 0 {
		found = found[:min(q.Limit, len(found))]
	}
	return slices.Clip(found), total
}

// created is created_at, in Unix seconds; zero without one.
func created(o *jsontree.Object) int64 {
	v, _ := o.Lookup("created_at")
	number, _ := v.(json.Number)
	n, _ := number.Int64()
	return n
}

// Writer takes what is written through the API. A Store whose key has none is
// only read.
type Writer interface {
	// Write lets decide say what a write changes, and does it whole or not at
	// all: when it returns nil the change is kept (on disk, if the world is kept
	// there) and its events are on their way. No other write comes between what
	// decide reads from the store that it is given and its change. An error of
	// decide comes back as it is, and then nothing has changed. Decide may be
	// called again when a write has to be tried again; it keeps nothing.
	Write(ctx context.Context, in Intent, decide func(Store, Moment) (Change, error)) error
}

// Ref names an object.
type Ref struct{ Type, ID string }

// Intent says what a write is about, before anything of it is done.
type Intent struct {
	// Key is the name of the key that it came with.
	Key string
	// About is the objects that it concerns: the one that it changes, and those
	// that it belongs to (the order of a shipment). Empty when it creates one that
	// belongs to nothing. Its Cause is looked for by them.
	About []Ref
}

// Moment is when a write happens, and why.
type Moment struct {
	// At is the time of the world's clock; objects and events are dated by it.
	At time.Time
	// Serial has never been given to a write of this world before, not even by
	// another process on the same file. Ids follow from it. It counts from 1;
	// gaps are no harm.
	Serial int
	// Cause is the event that the write seems to answer; zero for none. See Causes.
	Cause Cause
}

// Cause is the event in answer to which something happened.
type Cause struct {
	// Event is its id; "" for nothing that is known.
	Event string
	// Depth is how many events stand in its chain, itself included: 1 for an event
	// that no write of a receiver caused, 0 when Event is "" or was too long ago to
	// make a chain longer.
	Depth int
}

// Change is what a write does.
type Change struct {
	// Objects are those that are new or different, as they are from now on.
	Objects []*jsontree.Object
	// Gone are those that are no more.
	Gone []Ref
	// Events are what it makes happen, in order; each is caused by Moment.Cause.
	// What their bodies say of pending_webhooks is the world's to set.
	Events []*shop.Event
}
