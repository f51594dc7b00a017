package verdict

import (
	"time"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/diagnose"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// Result is the outcome of one check.
type Result struct {
	ID      string
	Variant string // the case that decided, or the event kind it was played with
	// VariantTitle says in words which case that is; zero where the id says it.
	VariantTitle lang.Text
	Level        Level
	Verdict      Verdict
	Title        lang.Text // the requirement in one line, said of the receiver: "acts once although ..."
	Fault        lang.Text // what a receiver does that misses it, the title of a red result; zero: the title is
	Requirement  lang.Text // the sentence of the requirement
	Why          lang.Text // what it costs to miss it
	Fix          lang.Text
	Source       lang.Text
	Expected     lang.Text
	Found        lang.Text
	Reason       lang.Text // why not-observed, not-applicable, inconclusive or error
	Needs        string    // the check that stood in the way of an inconclusive one
	Enable       lang.Text // the lines of config or the flags that would make it observable
	Foremost     bool      // reports name it while it is not observed
	Notes        []lang.Text
	Diagnosis    *diagnose.Diagnosis
	// Passes says that normal events pass: then a diagnosis that is general
	// knows less than the check does, and the check's own fix stands first.
	Passes    bool
	Attempts  []Attempt // of the deciding case, in order of virtual time
	Events    []Event   // what was done to the receiver among those attempts
	Cases     []Case    // every case, deciding one included
	Cause     string    // probable cause shared with other checks; "" = its own
	Reproduce string    // the command that plays it again
	// Known is the entry of the user's list of known failures that is about the
	// check; nil when none is. What it changes is for the summary to say: the
	// verdict is what was found.
	Known *Known
	// Finding is what fuzz found; nil for a check of the catalogue, and for an
	// oracle without a finding.
	Finding *Finding
	// Elapsed is the check's share of the wall time that its scenario took.
	Elapsed time.Duration
}

// Finding is a case of fuzz that fails an oracle.
type Finding struct {
	ID    string // of the case that was kept
	Kind  string
	Phase string // of the hunt: coverage, boundaries, histories ...
	// What says in words what is out of the ordinary in what was sent; Changes are
	// its differences from a normal event, nil for a history.
	What    string
	Changes []Change
	Flaky   bool
	Count   int64 // how many cases fail alike, this one included
}

// Change is one difference between what was sent and a normal event: the values
// as JSON, "" where there is none.
type Change struct {
	Path, Normal, Here string
}

// Event is something that was done to the receiver itself between attempts.
type Event struct {
	Verb   string        // VerbRestart and the like
	Offset time.Duration // virtual, on the scale of the attempts around it
}

// Case is one case of a check.
type Case struct {
	Name     string
	Title    lang.Text // in words; zero where the name says it
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
	Notes   []wire.Note   // what was odd about the answer
	Summary string        // what stands out: method, content type, spelling; may be ""
	// Effects is how many effects of the event the observer had seen once this
	// attempt had settled; nil when nothing observed it.
	Effects *int
	// Changed are the paths of the fields in which the event differs from a normal
	// one, such as data.object.note; nil where none does, or nobody says.
	Changed []string
	// Exchange is what went over the wire, of the attempts that decided a check
	// which is red or inconclusive; else nil.
	Exchange *wire.Transcript

	Made *delivery.Attempt // what it tells; nil in a result
}
