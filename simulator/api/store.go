package api

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
)

// defaultMax is how many events a store holds unless told otherwise. With its
// objects an event takes about 25 KB.
const defaultMax = 2000

// StoreConfig says how much a store holds.
type StoreConfig struct {
	// Max is the number of events that are kept; zero means 2000. With one more,
	// the event that was added first is forgotten, and so is every object that
	// no kept event told of.
	Max int
	// Catalogue knows which event kinds say that their object was deleted; nil
	// is the built-in one.
	Catalogue *schemas.Catalogue
}

// Memory is a Store in memory, safe for concurrent use. Make one with NewStore.
type Memory struct {
	max       int
	catalogue *schemas.Catalogue

	mu      sync.RWMutex
	objects map[key]*entry
	added   int                      // objects ever added
	queue   []key                    // events in the order in which they were added
	touched map[key]map[key]struct{} // what each event told of
}

type key struct{ objectType, id string }

type entry struct {
	tree *jsontree.Object // nil when deleted
	at   time.Time        // of the event that it is from
	last key              // the event added last that told of it
	made int64            // created_at, for the order of lists
	seq  int              // when it was added first
	skus []key            // of a product
}

// NewStore makes an empty store.
func NewStore(cfg StoreConfig) *Memory {
	if cfg.Max <= 0 {
		cfg.Max = defaultMax
	}
	if cfg.Catalogue == nil {
		cfg.Catalogue = schemas.Builtin()
	}
	return &Memory{max: cfg.Max, catalogue: cfg.Catalogue, objects: map[key]*entry{}, touched: map[key]map[key]struct{}{}}
}

// Add makes an event known and with it the state of objects (shop's
// World.Objects gives them). The event's own object need not be among them: it
// is taken from the event, or is gone when the event says that it was deleted.
//
// An object's state is that of the latest event about it, by the events' times
// and among equals by the order of adding; so events may be added in any order.
// Adding an event again replaces it. The trees are the store's from then on:
// nobody may change them.
func (m *Memory) Add(e *shop.Event, objects ...*jsontree.Object) {
	event := key{"event", e.ID}
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, again := m.objects[event]; !again {
		m.queue = append(m.queue, event)
	}
	m.putLocked(event, event, e.Tree, e.At)
	own := false
	for _, o := range objects {
		k := key{o.Text("object"), o.Text("id")}
		if k.id == "" || k.objectType == "" {
			continue // a shipping rate, say: it has no address in the API
		}
		own = own || k.id == e.ObjectID
		m.putLocked(event, k, o, e.At)
	}
	if !own && e.ObjectID != "" {
		var tree *jsontree.Object
		if k, _ := m.catalogue.Kind(e.Kind); !k.Deletes() {
			object, _ := jsontree.Get(e.Tree, "data.object") // nil when it is not there
			tree, _ = object.(*jsontree.Object)
		}
		m.putLocked(event, key{e.ObjectType, e.ObjectID}, tree, e.At)
	}
	for len(m.queue) > m.max {
		m.forgetLocked(m.queue[0])
		m.queue = m.queue[1:]
	}
}

// Hold makes objects known that no event tells of, as they stood at a time:
// what is in a shop before anything happens. They are never forgotten. The trees
// are the store's from then on.
func (m *Memory) Hold(at time.Time, objects ...*jsontree.Object) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, o := range objects {
		m.putLocked(key{"held", ""}, key{o.Text("object"), o.Text("id")}, o, at)
	}
}

// putLocked sets the state of an object as an event tells it; nil is deleted.
func (m *Memory) putLocked(event, k key, tree *jsontree.Object, at time.Time) {
	e, known := m.objects[k]
	if !known {
		m.added++
		e = &entry{seq: m.added}
		m.objects[k] = e
	}
	if e.last != event && e.last.objectType != "held" {
		e.last = event
		if m.touched[event] == nil {
			m.touched[event] = map[key]struct{}{}
		}
		m.touched[event][k] = struct{}{}
	}
	if known && at.Before(e.at) {
		return
	}
	e.tree, e.at = tree, at
	if _, ok := tree.Lookup("created_at"); ok {
		e.made = created(tree) // zero sorts it last
	}
	if k.objectType == "product" {
		m.putSkusLocked(event, e, at)
	}
}

// putSkusLocked makes the skus of a product findable by themselves, and those
// that it no longer has gone.
func (m *Memory) putSkusLocked(event key, product *entry, at time.Time) {
	before := product.skus
	product.skus = nil
	skus, _ := product.tree.Lookup("skus")
	list, _ := skus.([]any)
	for _, v := range list {
		sku, _ := v.(*jsontree.Object)
		if k := (key{"sku", sku.Text("id")}); k.id != "" {
			product.skus = append(product.skus, k)
			m.putLocked(event, k, sku, at)
		}
	}
	for _, k := range before {
		if !slices.Contains(product.skus, k) {
			m.putLocked(event, k, nil, at)
		}
	}
}

// forgetLocked drops an event and the objects that only it kept.
func (m *Memory) forgetLocked(event key) {
	for k := range m.touched[event] {
		if e, ok := m.objects[k]; ok && e.last == event {
			delete(m.objects, k)
		}
	}
	delete(m.touched, event)
}

// Find implements Store.
func (m *Memory) Find(_ context.Context, objectType, id string) (*jsontree.Object, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if e, ok := m.objects[key{objectType, id}]; ok {
		return e.tree, nil
	}
	return nil, nil
}

// List implements Store. It looks at everything, which is fast enough for as
// many objects as a store holds.
func (m *Memory) List(_ context.Context, objectType string, q Query) ([]*jsontree.Object, int, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	var found []*entry
	for k, e := range m.objects {
		if k.objectType == objectType && e.tree != nil {
			found = append(found, e)
		}
	}
	slices.SortFunc(found, func(a, b *entry) int {
		if a.made != b.made {
			return cmp.Compare(b.made, a.made)
		}
		return cmp.Compare(b.seq, a.seq)
	})
	trees := make([]*jsontree.Object, len(found))
	for i, e := range found {
		trees[i] = e.tree
	}
	some, total := Select(trees, q)
	return some, total, nil
}
