// Package schemas knows what Kometia says: the JSON Schemas (draft-07) of the
// event and of every object that an event can carry, the catalogue of event
// kinds, and where each piece of that knowledge comes from.
//
// Builtin is the catalogue as documented; Load lays a user's own schema files
// over it, so that new kinds need no rebuild. Validate holds an event against
// the schema of its kind, ValidateBytes does the same for captured bytes and
// says the line and column of each mistake. Assumptions lists what was decided
// where the documents are silent.
//
// Validation rests on gojsonschema, the format checkers of which are global to
// the process: this package replaces them, once, by stricter ones that leave
// values that are no strings alone.
package schemas

//go:generate env UPDATE_GOLDEN=1 go test . -ginkgo.focus=fidelity

// Provenance says where a piece of knowledge comes from.
type Provenance string

// The provenances, from firm to soft.
const (
	Documented Provenance = "documented" // stated by the documentation
	Sample     Provenance = "sample"     // seen in a documented sample only
	Inferred   Provenance = "inferred"   // follows from what is documented
	Assumed    Provenance = "assumed"    // decided by this project
)
