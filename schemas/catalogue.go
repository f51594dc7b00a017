package schemas

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"sort"
	"sync"

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
)

//go:embed data
var data embed.FS

// Catalogue is a set of event kinds and the schemas behind them. It never
// changes once made and is safe for concurrent use; schemas are compiled when
// they are first needed.
type Catalogue struct {
	kinds      []Kind
	sources    map[string]*source   // by $id
	compiled   map[string]*compiled // by $id
	properties map[string]bool      // every member that a schema names
}

// Builtin is the catalogue as documented. Every call returns the same one.
func Builtin() *Catalogue { return builtin() }

// builtin reads the embedded schemas once; they are a constant of the build.
var builtin = sync.OnceValue(func() *Catalogue { //nolint:gochecknoglobals // memo of a constant
	sources, err := embedded()
	if err != nil {
		panic(fmt.Sprintf("schemas: the embedded schemas are broken: %v", err)) // a test keeps this from happening
	}
	return newCatalogue(sources)
})

func embedded() ([]*source, error) {
	var sources []*source
	var mistakes []error
	err := fs.WalkDir(data, "data", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path == "data/assumptions.json" {
			return err
		}
		content, err := data.ReadFile(path)
		if err != nil {
			return err
		}
		s, wrong := readSource(path, content)
		mistakes = append(mistakes, wrong...)
		if s != nil {
			s.builtin = true
			sources = append(sources, s)
		}
		return nil
	})
	return sources, errors.Join(append(mistakes, err)...)
}

// newCatalogue makes a catalogue of sources; of two with one id the later one
// counts, and keeps the place of the earlier one.
func newCatalogue(sources []*source) *Catalogue {
	c := &Catalogue{sources: map[string]*source{}, compiled: map[string]*compiled{}, properties: map[string]bool{}}
	for _, s := range sources {
		if before := c.sources[s.id]; before != nil && s.rank == 0 {
			s.rank = before.rank
		}
		c.sources[s.id] = s
		c.compiled[s.id] = &compiled{}
		for _, node := range s.schemas {
			for _, name := range propertyNames(node) {
				c.properties[name] = true
			}
		}
	}
	var kinds []*source
	for _, s := range c.sources {
		if s.kind != nil {
			kinds = append(kinds, s)
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
	return c
}

func propertyNames(node *jsontree.Object) []string {
	properties, _ := node.Lookup("properties")
	return memberNames(properties)
}

// Kinds lists the event kinds: those of an order, of a fulfillment, a product,
// a customer and a collection, then those that only a folder of the user's
// knows, sorted.
func (c *Catalogue) Kinds() []Kind { return append([]Kind(nil), c.kinds...) }

// Kind returns an event kind by name, or an *UnknownError.
func (c *Catalogue) Kind(name string) (Kind, error) {
	if s := c.sources[kindID(name)]; s != nil {
		return *s.kind, nil
	}
	names := make([]string, len(c.kinds))
	for i, k := range c.kinds {
		names[i] = k.Name
	}
	return Kind{}, &UnknownError{What: "event kind", Name: name, Suggestion: Suggest(name, names)}
}

// Objects lists the objects that have a schema, sorted; the event itself and
// the parts of other objects are among them.
func (c *Catalogue) Objects() []string {
	var names []string
	for _, s := range c.sources {
		if s.kind == nil {
			names = append(names, s.object)
		}
	}
	sort.Strings(names)
	return names
}

// Schema returns the schema of a kind or of an object ("event" is one) as
// JSON, indented. It stands on its own: the schemas that it refers to are in
// its definitions. An unknown name is an *UnknownError.
func (c *Catalogue) Schema(name string) ([]byte, error) {
	s := c.sources[kindID(name)]
	if s == nil {
		s = c.sources[objectID(name)]
	}
	if s == nil {
		names := c.Objects()
		for _, k := range c.kinds {
			names = append(names, k.Name)
		}
		return nil, &UnknownError{What: "schema", Name: name, Suggestion: Suggest(name, names)}
	}
	return append(jsontree.Encode(c.bundle(s), jsontree.Pretty), '\n'), nil
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
	s := c.sources[objectID(object)]
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
		return nil, fmt.Errorf("object %s has no example", k.Object)
	}
	for _, path := range sortedPaths(k.Set) {
		if err := jsontree.SetPath(object, path, jsontree.Clone(k.Set[path])); err != nil {
			return nil, err
		}
	}
	v, _ := c.Example("event")
	event, ok := v.(*jsontree.Object)
	if !ok {
		return nil, errors.New("the schema of the event has no example")
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
	return c.sources[kindID(name)], nil
}

func (c *Catalogue) objectSource(name string) (*source, error) {
	if s := c.sources[objectID(name)]; s != nil {
		return s, nil
	}
	return nil, &UnknownError{What: "object", Name: name, Suggestion: Suggest(name, c.Objects())}
}
