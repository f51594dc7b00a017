package schemas

import (
	"embed"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/xeipuuv/gojsonschema"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

//go:embed data
var data embed.FS

// slot is the place of one schema in a catalogue. An embedded schema is read
// when it is first needed and every one is compiled when it is first needed:
// a run that sends one order reads a third of them and compiles one kind.
type slot struct {
	file   string // embedded file to read; "" when the source is there from the start
	read   sync.Once
	source *source

	compile sync.Once
	schema  *gojsonschema.Schema
	err     error
}

// documents are the schemas of a catalogue by $id, which refer to each other.
type documents map[string]*slot

// embedded makes the slots of the embedded schemas, by $id: a file is named
// for what it describes.
func embedded() documents {
	slots := documents{}
	for dir, id := range map[string]func(string) string{"data/kinds": kindID, "data/objects": objectID} {
		entries, err := data.ReadDir(dir)
		if err != nil {
			panic(fmt.Sprintf("schemas: %v", err)) // they are compiled in
		}
		for _, entry := range entries {
			slots[id(strings.TrimSuffix(entry.Name(), ".json"))] = &slot{file: dir + "/" + entry.Name()}
		}
	}
	return slots
}

// source returns the source of an $id; nil when there is none.
func (d documents) source(id string) *source {
	s := d[id]
	if s == nil {
		return nil
	}
	s.read.Do(func() {
		if s.file == "" {
			return
		}
		content, err := data.ReadFile(s.file)
		if err == nil {
			var mistakes []error
			s.source, mistakes = readSource(s.file, content, true)
			err = errors.Join(mistakes...)
		}
		if err == nil && s.source.id != id {
			err = lang.Errorf("%s describe %s", "%s describes %s", s.file, s.source.id)
		}
		if err != nil {
			panic(fmt.Sprintf("schemas: an embedded schema is broken: %v", err)) // a test keeps this from happening
		}
	})
	return s.source
}

// compiledFor compiles a source, once.
func (d documents) compiledFor(s *source) (*gojsonschema.Schema, error) {
	at := d[s.id]
	at.compile.Do(func() {
		useStrictFormats()
		at.schema, at.err = d.compile(s)
	})
	return at.schema, at.err
}
