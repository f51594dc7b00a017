// Package ndjsontest holds NDJSON against its schema, in tests of whatever writes
// it.
package ndjsontest

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/xeipuuv/gojsonschema"

	"github.com/kometia-sim/kometia-sim/report/ndjson"
)

// Mistakes are what is wrong with the lines of a stream, fields that the schema
// does not know included: it lets readers leave them out, and a writer has none
// that it does not tell. Nil means that there is nothing.
func Mistakes(stream string) []string {
	var schema any
	if err := json.Unmarshal(ndjson.Schema, &schema); err != nil {
		return []string{err.Error()}
	}
	closed(schema)
	compiled, err := gojsonschema.NewSchema(gojsonschema.NewGoLoader(schema))
	if err != nil {
		return []string{err.Error()}
	}
	if !strings.HasSuffix(stream, "\n") {
		return []string{"the last line has no end"}
	}
	var out []string
	for i, line := range strings.Split(strings.TrimSuffix(stream, "\n"), "\n") {
		result, err := compiled.Validate(gojsonschema.NewStringLoader(line))
		if err != nil {
			out = append(out, fmt.Sprintf("line %d: %s", i+1, err))
			continue
		}
		for _, e := range result.Errors() {
			out = append(out, fmt.Sprintf("line %d: %s in %.300s", i+1, e, line))
		}
	}
	return out
}

// closed lets no object have fields that are not named.
func closed(schema any) {
	switch s := schema.(type) {
	case map[string]any:
		if _, named := s["properties"]; named {
			s["additionalProperties"] = false
		}
		for _, inner := range s {
			closed(inner)
		}
	case []any:
		for _, inner := range s {
			closed(inner)
		}
	}
}
