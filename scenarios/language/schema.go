package language

import _ "embed" // scenario.schema.json

//go:embed scenario.schema.json
var schema string

// Schema is the JSON Schema (draft-07) of a scenario file, for editors. What it
// refuses the decoder refuses, too, but the decoder knows more: names that
// nothing bears, rules that never decide.
func Schema() []byte { return []byte(schema) }
