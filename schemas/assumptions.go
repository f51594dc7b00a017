package schemas

import "github.com/kometia-sim/kometia-sim/schemas/lang"

// Assumption is a decision taken where the documents are silent.
type Assumption struct {
	ID         string    // "attempts"
	Point      lang.Text // what had to be decided
	Decision   lang.Text
	Knob       string // what changes it; "" when nothing does
	Provenance Provenance
}

// Assumptions lists the decisions, in the order of the documentation.
func Assumptions() []Assumption { return nil }
