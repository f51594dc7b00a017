package schemas

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// Assumption is a decision taken where the documents are silent.
type Assumption struct {
	ID         string     `json:"id"`       // "attempts"
	Point      lang.Text  `json:"point"`    // what had to be decided
	Decision   lang.Text  `json:"decision"` // how it was
	Brief      lang.Text  `json:"brief"`    // the decision in a few words, for a line that names several
	Knob       string     `json:"knob"`     // what changes it; "" when nothing does
	Provenance Provenance `json:"provenance"`
}

// Assumptions lists the decisions that hold for the whole simulation, in the
// order in which docs/fidelity.md tells them. What is assumed of single members
// is told by Members.
func Assumptions() []Assumption {
	content, err := data.ReadFile("data/assumptions.json")
	if err != nil {
		panic(fmt.Sprintf("schemas: the embedded assumptions are missing: %v", err)) // a test keeps this from happening
	}
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.DisallowUnknownFields()
	var list []Assumption
	if err := decoder.Decode(&list); err != nil {
		panic(fmt.Sprintf("schemas: the embedded assumptions are broken: %v", err)) // as above
	}
	return list
}
