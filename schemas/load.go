package schemas

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kometia-sim/kometia-sim/schemas/files"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// maxFile is the size above which a schema file is refused: none of ours has
// a hundredth of it.
const maxFile = 4 << 20

// Load lays the *.json files of a folder over the built-in schemas; "" is the
// built-in catalogue itself. A file describes an event kind (x-kind) or an
// object (x-object), and takes the place of a built-in one of the same name.
// Other files and folders inside are left alone.
//
// Everything that is wrong with the folder is reported at once, each mistake
// with its line and a caret. A folder without a schema is an error too: nobody
// names one for nothing.
func Load(dir string) (*Catalogue, error) {
	if dir == "" {
		return Builtin(), nil
	}
	added, mistakes := readDir(dir)
	c := newCatalogue(added)
	if len(mistakes) == 0 {
		mistakes = c.checkAdded(added)
	}
	if len(mistakes) == 0 {
		mistakes = c.try(added)
	}
	if len(mistakes) > 0 {
		return nil, errors.Join(mistakes...)
	}
	return c, nil
}

// readDir reads the schema files of a folder.
func readDir(dir string) (added []*source, mistakes []error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, []error{lang.Errorf("schemas: no se puede leer la carpeta: %s", "schemas: cannot read the folder: %s", err)}
	}
	read := 0
	byID := map[string]*source{}
	for _, entry := range entries {
		if entry.IsDir() || filepath.Ext(entry.Name()) != ".json" {
			continue
		}
		read++
		path := filepath.Join(dir, entry.Name())
		content, err := files.Read(path, maxFile)
		if err != nil {
			mistakes = append(mistakes, err)
			continue
		}
		content = files.Text(content)
		s, wrong := readSource(path, content, false)
		mistakes = append(mistakes, wrong...)
		if s == nil {
			continue
		}
		if other := byID[s.id]; other != nil {
			mistakes = append(mistakes, s.mistake("", "%s se describe también en %s", "%s is described in %s too", s.name(), other.file))
			continue
		}
		byID[s.id] = s
		added = append(added, s)
	}
	if read == 0 {
		mistakes = append(mistakes, lang.Errorf("schemas: la carpeta %s no tiene ningún esquema: ponga en ella un archivo *.json, o quite la opción",
			"schemas: the folder %s holds no schema: put a file named *.json into it, or leave the setting out", dir))
	}
	return added, mistakes
}

// checkAdded reports what can only be seen with all files at hand.
func (c *Catalogue) checkAdded(added []*source) []error {
	var mistakes []error
	for _, s := range added {
		if s.kind != nil && c.documents.source(objectID(s.kind.Object)) == nil {
			mistakes = append(mistakes, s.mistake("x-kind.object", "no existe el objeto %q%s", "unknown object %q%s", s.kind.Object, didYouMean(s.kind.Object, c.Objects())))
			continue // its references name the same object
		}
		if s.kind != nil {
			mistakes = append(mistakes, c.checkAfter(s)...)
		}
		mistakes = append(mistakes, c.documents.checkReferences(s)...)
	}
	if len(mistakes) > 0 {
		return mistakes
	}
	// What a file replaced may have been named by the files that stayed.
	for _, id := range slices.Sorted(maps.Keys(c.documents)) {
		if s := c.documents.source(id); s.builtin {
			for _, err := range c.documents.checkReferences(s) {
				mistakes = append(mistakes, lang.Errorf("%s\n(un archivo de su carpeta reemplazó lo que nombra)", "%s\n(a file of your folder replaced what it names)", err))
			}
		}
	}
	for _, s := range added {
		mistakes = append(mistakes, c.documents.checkCircles(s)...)
	}
	return mistakes
}

// try compiles what was added and what depends on it, and holds the examples
// against it: a schema that refuses its own examples, or makes the validator
// panic, is found here and not at the first event.
func (c *Catalogue) try(added []*source) []error {
	var mistakes []error
	objects := false
	for _, s := range added {
		if _, err := c.documents.compiledFor(s); err != nil {
			mistakes = append(mistakes, s.mistake("", "%s", "%s", err))
			continue
		}
		if s.kind == nil {
			objects = true
			mistakes = append(mistakes, c.tryObject(s)...)
		}
	}
	if len(mistakes) > 0 {
		return mistakes
	}
	for _, k := range c.kinds {
		if s := c.documents.source(kindID(k.Name)); objects || !s.builtin {
			mistakes = append(mistakes, c.tryKind(s)...)
		}
	}
	return mistakes
}

func (c *Catalogue) tryObject(s *source) []error {
	v, ok := s.tree.Lookup("examples")
	examples, isList := v.([]any)
	if ok && !isList {
		return []error{s.mistake("examples", "examples debe ser una lista", "examples must be a list")}
	}
	var mistakes []error
	for i, example := range examples {
		if err := c.validate(s, example); err != nil {
			mistakes = append(mistakes, s.exampleMistakes(jsontree.JoinIndex("examples", i), err)...)
		}
	}
	return mistakes
}

// exampleMistakes words what is wrong with an example, each at its own place.
func (s *source) exampleMistakes(at string, err error) []error {
	var invalid *InvalidError
	if !errors.As(err, &invalid) {
		return []error{s.mistake(at, "%s", "%s", err)}
	}
	var mistakes []error
	for _, v := range invalid.Violations {
		path := at
		switch {
		case strings.HasPrefix(v.Path, "["):
			path += v.Path
		case v.Path != "":
			path += "." + v.Path
		}
		mistakes = append(mistakes, s.mistake(path, "el ejemplo no cumple su propio esquema: %s", "the example does not keep to its own schema: %s", v))
	}
	return mistakes
}

func (c *Catalogue) tryKind(s *source) []error {
	if _, ok := c.Example(s.kind.Object); !ok {
		return []error{s.mistake("", `los eventos de tipo %s se hacen de un ejemplo de %s, pero su esquema no tiene: agréguele "examples": [{...}]`,
			`events of kind %s are made from an example of %s, but its schema has none: add "examples": [{...}] to it`, s.kind.Name, s.kind.Object)}
	}
	event, err := c.ExampleEvent(s.kind.Name)
	if err != nil {
		var path *jsontree.PathError
		if errors.As(err, &path) {
			return []error{s.mistake(jsontree.JoinName("x-kind.set", path.Path), "set: %s", "set: %s", err)}
		}
		return []error{s.mistake("", "%s", "%s", err)}
	}
	if err := c.validate(s, event); err != nil {
		return []error{s.mistake("", "un evento hecho del ejemplo de %s se rechaza: %s", "an event made of the example of %s is refused: %s", s.kind.Object, err)}
	}
	other := jsontree.Clone(event).(*jsontree.Object)
	other.Set("kind", "another."+s.kind.Name)
	if c.validate(s, other) == nil {
		return []error{s.mistake("", `el esquema acepta eventos de cualquier tipo: agregue "properties": {"kind": {"type": "string", "const": %q}}, o quite todo menos x-kind para tener el esquema usual`,
			`the schema takes events of any kind: add "properties": {"kind": {"type": "string", "const": %q}}, or leave out everything but x-kind to get the usual schema`, s.kind.Name)}
	}
	return nil
}
