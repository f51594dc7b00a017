package schemas

import (
	"sort"
	"strings"
	"sync"

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// Catalogue is a set of event kinds and the schemas behind them. It never
// changes once made and is safe for concurrent use; schemas are read and
// compiled when they are first needed.
type Catalogue struct {
	kinds      []Kind
	documents  documents
	properties func() map[string]bool // every member that a schema names
}

// Builtin is the catalogue as documented. Every call returns the same one.
func Builtin() *Catalogue { return builtin() }

// builtin makes the catalogue of the embedded schemas once; they are a
// constant of the build.
var builtin = sync.OnceValue(func() *Catalogue { //nolint:gochecknoglobals // memo of a constant
	return newCatalogue(nil)
})

// newCatalogue lays sources over the embedded ones; one that takes the place
// of an embedded one keeps its rank, and what it does not say of its kind's
// behaviour.
func newCatalogue(added []*source) *Catalogue {
	c := &Catalogue{documents: embedded()}
	for _, s := range added {
		before := c.documents.source(s.id)
		if before != nil && s.rank == 0 {
			s.rank = before.rank
		}
		if s.kind != nil {
			s.kind.complete(before)
		}
		c.documents[s.id] = &slot{source: s}
	}
	var kinds []*source
	for id := range c.documents {
		if strings.HasPrefix(id, base+"kinds/") {
			kinds = append(kinds, c.documents.source(id))
		}
	}
	sort.Slice(kinds, func(i, j int) bool {
		a, b := kinds[i], kinds[j]
		if (a.rank == 0) != (b.rank == 0) { // without a rank: at the end
			return b.rank == 0
		}
		if a.rank != b.rank {
			return a.rank < b.rank
		}
		return a.kind.Name < b.kind.Name
	})
	for _, s := range kinds {
		c.kinds = append(c.kinds, *s.kind)
	}
	c.properties = sync.OnceValue(c.documents.propertyNames)
	return c
}

func (d documents) propertyNames() map[string]bool {
	names := map[string]bool{}
	for id := range d {
		for _, node := range d.source(id).schemas {
			properties, _ := node.Lookup("properties")
			for _, name := range memberNames(properties) {
				names[name] = true
			}
		}
	}
	return names
}

// Kinds lists the event kinds: those of an order, of a fulfillment, a product,
// a customer and a collection, then those that only a folder of the user's
// knows, sorted.
func (c *Catalogue) Kinds() []Kind { return append([]Kind(nil), c.kinds...) }

// Kind returns an event kind by name, or an *UnknownError.
func (c *Catalogue) Kind(name string) (Kind, error) {
	if s := c.documents.source(kindID(name)); s != nil {
		return *s.kind, nil
	}
	return Kind{}, &UnknownError{What: lang.Text{ES: "el tipo de evento", EN: "event kind"}, Name: name, Suggestion: Suggest(name, c.kindNames())}
}

// Objects lists the objects that have a schema, sorted; the event itself and
// the parts of other objects are among them.
func (c *Catalogue) Objects() []string {
	var names []string
	for id := range c.documents {
		if name, ok := strings.CutPrefix(id, base+"objects/"); ok {
			names = append(names, strings.TrimSuffix(name, ".json"))
		}
	}
	sort.Strings(names)
	return names
}

// Schema returns the schema of a kind or of an object ("event" is one) as
// JSON, indented. It stands on its own: the schemas that it refers to are in
// its definitions. An unknown name is an *UnknownError.
func (c *Catalogue) Schema(name string) ([]byte, error) {
	s := c.documents.source(kindID(name))
	if s == nil {
		s = c.documents.source(objectID(name))
	}
	if s == nil {
		names := append(c.Objects(), c.kindNames()...)
		return nil, &UnknownError{What: lang.Text{ES: "el esquema", EN: "schema"}, Name: name, Suggestion: Suggest(name, names)}
	}
	return append(jsontree.Encode(c.documents.bundle(s), jsontree.Pretty), '\n'), nil
}

// Example returns the first example of an object's schema, a tree of the
// caller's own; false when there is none.
func (c *Catalogue) Example(object string) (any, bool) {
	examples := c.Examples(object)
	if len(examples) == 0 {
		return nil, false
	}
	return examples[0], true
}

// Examples returns all examples of an object's schema, trees of the caller's
// own.
func (c *Catalogue) Examples(object string) []any {
	s := c.documents.source(objectID(object))
	if s == nil {
		return nil
	}
	v, _ := s.tree.Lookup("examples")
	list, _ := jsontree.Clone(v).([]any)
	return list
}

// ExampleEvent returns an event of a kind, made of the examples of the event
// and of the kind's object; ids and times do not fit each other.
func (c *Catalogue) ExampleEvent(kind string) (*jsontree.Object, error) {
	k, err := c.Kind(kind)
	if err != nil {
		return nil, err
	}
	object, ok := c.Example(k.Object)
	if !ok {
		return nil, lang.Errorf("el objeto %s no tiene ejemplo", "object %s has no example", k.Object)
	}
	for _, path := range sortedPaths(k.Set) {
		if err := jsontree.SetPath(object, path, jsontree.Clone(k.Set[path])); err != nil {
			return nil, err
		}
	}
	v, _ := c.Example("event")
	event, ok := v.(*jsontree.Object)
	if !ok {
		return nil, lang.Errorf("el esquema del evento no tiene ejemplo", "the schema of the event has no example")
	}
	event.Set("kind", k.Name)
	event.Set("data", &jsontree.Object{Members: []jsontree.Member{{Name: "object", Value: object}}})
	return event, nil
}

func sortedPaths(set map[string]any) []string {
	paths := make([]string, 0, len(set))
	for path := range set {
		paths = append(paths, path)
	}
	sort.Strings(paths)
	return paths
}

func (c *Catalogue) kindSource(name string) (*source, error) {
	if _, err := c.Kind(name); err != nil {
		return nil, err
	}
	return c.documents.source(kindID(name)), nil
}

func (c *Catalogue) objectSource(name string) (*source, error) {
	if s := c.documents.source(objectID(name)); s != nil {
		return s, nil
	}
	return nil, &UnknownError{What: lang.Text{ES: "el objeto", EN: "object"}, Name: name, Suggestion: Suggest(name, c.Objects())}
}
