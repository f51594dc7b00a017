// Package verdict is the result model: what was found of a receiver, with which
// evidence. It serves the checks of the catalogue and the findings of the fuzzer
// alike, and every report is written from it.
//
// A Report is one finished run: its head (Run), what the gate learned of the
// receiver (Profile) and one Result for each check or oracle. A Result carries
// its Verdict, the texts that explain it in both languages, and the Attempts
// that decided it. The package knows neither the scenario language nor any
// format of a report.
package verdict

// Verdict is what became of one check, or of one case of it.
type Verdict string

// The verdicts, never blurred into one another.
const (
	Pass Verdict = "pass"
	Fail Verdict = "fail"
	// Warn is a SHOULD that is missed, or a MUST kept only after retries.
	Warn Verdict = "warn"
	// Info is what an INFO check yields.
	Info Verdict = "info"
	// NotObserved: the evidence that the check needs is not available.
	NotObserved Verdict = "not-observed"
	// NotApplicable: the check does not concern this receiver.
	NotApplicable Verdict = "not-applicable"
	// Inconclusive: something else stood in the way.
	Inconclusive Verdict = "inconclusive"
	// Error: the harness failed; never the receiver's fault.
	Error Verdict = "error"
)

// Explained reports whether a verdict calls for a cause and a remedy. What passed,
// what is only told, and what does not concern the receiver has neither, although the
// response to it may be one that a diagnosis knows, as the 400 to what is no event is.
func (v Verdict) Explained() bool {
	return v == Fail || v == Warn || v == Inconclusive || v == Error
}

// Level is how much a check weighs.
type Level string

// The levels: MUST decides the verdict, SHOULD does under --strict, INFO never.
const (
	Must        Level = "must"
	Should      Level = "should"
	Informative Level = "info"
)

// Levels lists all levels, the weightiest first.
func Levels() []Level { return []Level{Must, Should, Informative} }
