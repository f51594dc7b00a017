package ndjson

import _ "embed"

// Schema is the JSON Schema (draft-07) of one line, for kometia-sim schema
// report. Its id carries the version of the format.
//
//go:embed report.schema.json
var Schema []byte
