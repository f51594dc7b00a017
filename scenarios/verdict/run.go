package verdict

import (
	"time"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// Run is what a conformance run was made with: the head of every report.
type Run struct {
	Tool    string // "kometia-sim 0.1.0"
	Command string // CommandRun or CommandFuzz; "" when nobody says
	// Began is when it began, by the clock on the wall; zero when nobody says.
	Began time.Time
	// Subscription is which of several it was about; nil when there is only one.
	Subscription *Subscription
	// Planned are the checks that were selected, or the oracles, in the order in
	// which they are judged; nil when nobody says.
	Planned []Planned
	Seed    uint64
	IDs     string    // 4 base-36 characters
	Start   time.Time // virtual instant at which the run's time ends
	Target  string    // redacted
	// Name is the receiver as the user wrote it, such as practice:no-dedupe; "" is
	// the same as Target.
	Name    string
	Lang    lang.Tag
	Timeout time.Duration
	Plan    Plan
	// Unlisted says that what was made is not listed by id anywhere, because it
	// was too much: what finds it again is the host part of every id.
	Unlisted bool
	// Hunt says that it is a run of fuzz: it looks for faults, and none found is no
	// conformance.
	Hunt    bool
	Assumed []lang.Text // assumptions that the verdicts rest on, one line each
}

// The commands that make runs.
const (
	CommandRun  = "run"
	CommandFuzz = "fuzz"
)

// Subscription is one of several receivers that are tried one after the other.
type Subscription struct {
	Number, Of int // from 1
}

// Planned is a check that a run is going to judge.
type Planned struct {
	ID    string
	Level Level
	Title lang.Text
}

// Plan is what a run is going to send, counted before the first request.
type Plan struct {
	Checks   int            // checks selected
	Of       int            // checks there are to select from; zero: all of them were
	Requests int            // POSTs, retries after a refusal not counted
	AtMost   bool           // there may be fewer POSTs, whatever the receiver answers
	Events   int            // distinct events
	Orders   int            // distinct orders
	Live     bool           // they do not say that they are tests
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
	// Accepted are the kinds acknowledged, in the order of the gate; nil where all
	// were, or where the user said which ones the receiver subscribes to.
	Accepted []string
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

// Report is a finished run.
type Report struct {
	Run         Run
	Profile     Profile
	Results     []Result
	Notes       []lang.Text // what is to be known of the run as a whole
	Interrupted bool
	Unreachable bool // no connection was ever made
	// CutOff says that the run's record ends before the run did: its process was
	// killed. Nobody knows more of it than Results says, nor how long it took.
	CutOff  bool
	Elapsed time.Duration
	Virtual time.Duration // virtual time that was played
	Moved   bool          // the receiver's clock went along in some check
}
