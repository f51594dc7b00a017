// Package diagnose says why an attempt was not what it should have been, and
// how to mend it in the framework of the receiver.
package diagnose

import "github.com/kometia-sim/kometia-sim/schemas/lang"

// Certainty says how sure a diagnosis is.
type Certainty string

// The certainties. Certain is said only of what cannot be anything else.
const (
	Certain  Certainty = "certain"
	Likely   Certainty = "likely"
	Possible Certainty = "possible"
)

// Diagnosis is why an attempt was not what it should have been.
type Diagnosis struct {
	// Code is stable: csrf.laravel, redirect.slash, connect.refused ...
	Code      string
	Certainty Certainty
	// Evidence is what was seen, on one line, unescaped: it may quote the
	// receiver, so whoever prints it has to escape it.
	Evidence lang.Text
	// Hint is the fix in one line.
	Hint lang.Text
}
