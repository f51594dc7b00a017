package scenarios

import (
	"time"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/diagnose"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

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

// Level is how much a check weighs.
type Level string

// The levels: MUST decides the verdict, SHOULD does under --strict, INFO never.
const (
	Must   Level = "must"
	Should Level = "should"
	InfoL  Level = "info"
)

// Run is what a conformance run was made with: the head of every report.
type Run struct {
	Tool    string // "kometia-sim 0.1.0"
	Seed    uint64
	IDs     string    // 4 base-36 characters
	Start   time.Time // virtual instant at which the run's time ends
	Target  string    // redacted
	Lang    lang.Tag
	Timeout time.Duration
	Plan    Plan
	// Unlisted says that what was made is not listed by id anywhere, because it
	// was too much: what finds it again is the host part of every id.
	Unlisted bool
	Assumed  []lang.Text // assumptions that the verdicts rest on, one line each
}

// Plan is what a run is going to send, counted before the first request.
type Plan struct {
	Checks   int            // checks selected
	Requests int            // POSTs, retries after a refusal not counted
	AtMost   bool           // there may be fewer POSTs, whatever the receiver answers
	Events   int            // distinct events
	Orders   int            // distinct test orders
	Classes  map[string]int // requests by consent class: malformed, burst, ...
	Refused  []string       // classes left out for want of consent
	// Pace is the pace that was asked for, such as 60/m, and Takes how long the
	// requests take at it; "" and zero when none was.
	Pace  string
	Takes time.Duration
}

// Profile is what the gate learned of the receiver.
type Profile struct {
	Status  int           // of its first acknowledged delivery; zero when there was none
	Latency time.Duration // median of the gate's acknowledged deliveries
	Kinds   int           // kinds acknowledged
	Asked   int           // kinds sent
	// RateLimit is what its answers say in X-RateLimit-Limit; zero when nothing.
	RateLimit int
	Skew      time.Duration // receiver's Date minus ours; zero when it sends none

	// Observer names what counts effects, as the config does (log, command,
	// url, sink); "" means that nothing does.
	Observer string
	// PerObject says that effects count per object, not per event (an upsert).
	PerObject bool
	// Effects is what one clean delivery of each kind does; nil without an
	// observer.
	Effects []KindEffects
}

// KindEffects is what one clean delivery of a kind does.
type KindEffects struct {
	Kind   string
	Count  int
	Within time.Duration // wall time until all of them were seen
}

// Result is the outcome of one check.
type Result struct {
	ID          string
	Variant     string // the case that decided, or the event kind it was played with
	Level       Level
	Verdict     Verdict
	Title       lang.Text // one line, said of the receiver: "acts once although ..."
	Requirement lang.Text // the sentence of the requirement
	Why         lang.Text // what it costs to miss it
	Fix         lang.Text
	Source      lang.Text
	Expected    lang.Text
	Found       lang.Text
	Reason      lang.Text // why not-observed, not-applicable, inconclusive or error
	Needs       string    // the check that stood in the way of an inconclusive one
	Enable      lang.Text // the lines of config or the flags that would make it observable
	Foremost    bool      // reports name it while it is not observed
	Notes       []lang.Text
	Diagnosis   *diagnose.Diagnosis
	Attempts    []Attempt // of the deciding case, in order of virtual time
	Events      []Event   // what was done to the receiver among those attempts
	Cases       []Case    // every case, deciding one included
	Cause       string    // probable cause shared with other checks; "" = its own
	Reproduce   string    // the command that plays it again
	// Known is the entry of the user's list of known failures that is about the
	// check; nil when none is. What it changes is for the summary to say: the
	// verdict is what was found.
	Known *Known
	// Elapsed is the check's share of the wall time that its scenario took.
	Elapsed time.Duration
}

// Event is something that was done to the receiver itself between attempts.
type Event struct {
	Verb   string        // restart, kill, start, down or up
	Offset time.Duration // virtual, on the scale of the attempts around it
}

// Case is one case of a check.
type Case struct {
	Name     string
	Verdict  Verdict
	Expected lang.Text
	Found    lang.Text
	Attempts []Attempt
}

// Attempt is one HTTP attempt as reports tell it.
type Attempt struct {
	Event   string // event id
	Kind    string
	Number  int
	At      time.Time     // virtual
	Offset  time.Duration // virtual, since the event's first due time
	Status  int           // zero when no answer came
	Outcome string        // acknowledged, rejected, no_response
	Error   string        // why there was no answer; "" when there was one
	Fault   string        // the fault that we made; "" for none
	Latency time.Duration // wall
	Summary string        // what stands out: method, content type, spelling; may be ""
	// Effects is how many effects of the event the observer had seen once this
	// attempt had settled; nil when nothing observed it.
	Effects *int
	// Exchange is what went over the wire, of the attempts that decided a check
	// which is red or inconclusive; else nil.
	Exchange *wire.Transcript

	made *delivery.Attempt // what it tells; nil in a result
}

// Report is a finished run.
type Report struct {
	Run         Run
	Profile     Profile
	Results     []Result
	Notes       []lang.Text // what is to be known of the run as a whole
	Interrupted bool
	Unreachable bool // no connection was ever made
	Elapsed     time.Duration
	Virtual     time.Duration // virtual time that was played
	Moved       bool          // the receiver's clock went along in some check
}
