package language

import (
	_ "embed" // scenario.template.json
	"fmt"
	"strings"
)

//go:embed scenario.template.json
var template string

// Schema is the JSON Schema (draft-07) of a scenario file, for editors. What it
// refuses the decoder refuses, too, but the decoder knows more: names that
// nothing bears, rules that never decide. The conditions of a rule come from
// their declarations.
func Schema() []byte {
	var rows strings.Builder
	for _, c := range conditions() {
		fmt.Fprintf(&rows, "        %q: %s,\n", c.Key(), c.schema())
	}
	return []byte(strings.Replace(template, "        \"$conditions\": {},\n", rows.String(), 1))
}
