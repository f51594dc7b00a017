package settings

import (
	"bytes"
	_ "embed" // config.schema.json
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// Schema is the JSON Schema of kometia-sim.yaml, for editors: what MakeSchema
// makes of the table.
//
//go:embed config.schema.json
var Schema []byte

// MakeSchema writes the schema of the keys of the table.
func MakeSchema() ([]byte, error) {
	raw := `{"$schema": "http://json-schema.org/draft-07/schema#",
		"$id": "https://kometia-sim.invalid/kometia-sim.schema.json",
		"title": "kometia-sim.yaml",
		"description": "Config of kometia-sim. A flag goes before the environment, the environment before this file.",
		` + objectSchema("") + `,
		"definitions": {
			"duration": {"type": "string", "pattern": "^([0-9]+(\\.[0-9]+)?(ms|s|m|h))+$"},
			"address": {"type": "string", "pattern": ":[0-9]+$"}
		}}`
	var b bytes.Buffer
	err := json.Indent(&b, []byte(raw), "", "  ")
	b.WriteString("\n")
	return b.Bytes(), err
}

// objectSchema describes the keys that stand behind a prefix.
func objectSchema(prefix string) string {
	var members []string
	seen := map[string]bool{}
	table := Table()
	for i := len(table) - 1; i >= 0; i-- { // the last row of a key documents it
		s := table[i]
		name, within := strings.CutPrefix(s.Key, prefix)
		if !within || name == "" || strings.Contains(name, ".") || seen[name] {
			continue
		}
		seen[name] = true
		description := ""
		if s.About != "" {
			description = fmt.Sprintf(`"description": %s, `, strconv.Quote(s.About))
		}
		members = append([]string{fmt.Sprintf("%q: {%s%s}", name, description, s.schema())}, members...)
	}
	return fmt.Sprintf(`"type": "object", "additionalProperties": false, "properties": {%s}`, strings.Join(members, ", "))
}

// schema describes the value of a key.
func (s *Setting) schema() string {
	switch s.Form {
	case Group:
		inner := objectSchema(s.Key + ".")
		if s.Type.Schema != "" {
			inner += ", " + s.Type.Schema
		}
		return inner
	case Receivers:
		return `"type": "array", "minItems": 1, "items": {"type": "object", "additionalProperties": false, "required": ["url"],
			"properties": {"url": {` + url().Schema + `}, "kinds": {` + listSchema(text()) + `}}}`
	case Intentions:
		values := `{"type": "object", "minProperties": 1, "additionalProperties": {"type": ["string", "number", "boolean", "null", "array"]}}`
		return `"type": "array", "minItems": 1, "items": {"type": "object", "minProperties": 1, "additionalProperties": false,
			"properties": {"kinds": {` + listSchema(text()) + `}, "when": ` + values + `, "unless": ` + values + `}}`
	case Many, Words:
		return listSchema(s.Type)
	case Named:
		return `"anyOf": [{` + s.Type.Schema + `}, {` + listSchema(s.Type) + `}, {"type": "object", "minProperties": 1, "additionalProperties": {` + s.Type.Schema + `}}]`
	case Pairs:
		return `"type": "object", "additionalProperties": {` + s.Type.Schema + `}`
	default:
		return s.Type.Schema
	}
}

func listSchema(of Type) string {
	return `"type": "array", "minItems": 1, "items": {` + of.Schema + `}`
}
