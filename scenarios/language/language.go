package language

import (
	"regexp"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/consent"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/schemas/strictyaml"
)

// Scenario is one file of the scenario language: a check, or a family of
// checks that share a set-up.
type Scenario struct {
	// Family names the set-up; it is part of the key from which the data of
	// its events is drawn, so renaming it changes the bytes of a seed.
	Family string `yaml:"family"`
	// Group says when it is played; see the Group constants.
	Group Group `yaml:"group"`
	// Consent is the class of stimulus that a receiver which is not on this
	// machine gets only when the user allows it; empty for a harmless one.
	Consent consent.Class `yaml:"consent"`
	// Each repeats every case: "kind" for each event kind of the run.
	Each string `yaml:"each"`
	// Cases are the stimuli, each with one thing that is out of the ordinary.
	Cases []Case `yaml:"cases"`
	// Checks are the judgements on what the cases showed.
	Checks []Check `yaml:"checks"`

	read *strictyaml.File
	own  bool // it is the user's, not the catalogue's
}

// Group orders the scenarios of a run: what may upset a receiver comes late.
type Group string

// The groups in the order in which they are played.
const (
	GroupGate       Group = "gate"
	GroupPlain      Group = "plain"
	GroupDuplicates Group = "duplicates"
	GroupRetries    Group = "retries"
	GroupOrder      Group = "order"
	GroupPayload    Group = "payload"
	GroupSize       Group = "size"
	GroupBurst      Group = "burst"
	GroupMethods    Group = "methods"
	// GroupVerify is for forged events and an API that fails, behind which a
	// receiver may want a pause.
	GroupVerify    Group = "verify"
	GroupMalformed Group = "malformed"
	GroupRestarts  Group = "restarts"
	// GroupEnd is for what is judged on the run as a whole.
	GroupEnd Group = "end"
)

func groups() []Group {
	return []Group{
		GroupGate, GroupPlain, GroupDuplicates, GroupRetries, GroupOrder, GroupPayload,
		GroupSize, GroupBurst, GroupMethods, GroupVerify, GroupMalformed, GroupRestarts, GroupEnd,
	}
}

// Case is one case: steps in order, with one thing out of the ordinary.
type Case struct {
	Name  string    `yaml:"name"`
	Title lang.Text `yaml:"title"`
	// Each repeats the case: "kind" for each event kind of the run, "family" for
	// each family of objects that the run has the case's kinds of; see [Case.For].
	Each string `yaml:"each"`
	// Day is the time of day in UTC at which the case's first event happens, such as
	// "12:59:30": the last one before the run that leaves time for the case. Empty
	// means any.
	Day TimeOfDay `yaml:"day"`
	// Times plays each step that often, each time with events of their own,
	// before the next step; zero means once. Safely is how often off this
	// machine, zero not at all; nil means Times.
	Times  int    `yaml:"times"`
	Safely *int   `yaml:"safely"`
	Steps  []Step `yaml:"steps"`
}

// Step is exactly one of its members.
type Step struct {
	Emit    *Emit    `yaml:"emit"`
	Deliver *Deliver `yaml:"deliver"`
	// Settle waits, where effects are observed, until those of all that the
	// case has delivered have come to rest.
	Settle bool `yaml:"settle"`
	// Hook ends, starts, or starves the receiver.
	Hook *HookStep `yaml:"hook"`
	// Sink makes services that the receiver calls answer otherwise.
	Sink *SinkStep `yaml:"sink"`
	// Search finds by trying how large an event the receiver takes.
	Search *Search `yaml:"search"`
	// Sweep sends all sorts of contents.
	Sweep *Sweep `yaml:"sweep"`
	// API has the simulated API fail.
	API *APIStep `yaml:"api"`
}

// Emit has the shop make an event.
type Emit struct {
	// As is the name by which later steps speak of it; empty means "event".
	As string `yaml:"as"`
	// Kind is the event's kind; empty means the plain kind of the run, "{kind}"
	// the one that the case is run for. In a case for each family, "{created}",
	// "{updated}", "{edited}" and "{deleted}" are the kinds that say so of its objects.
	Kind string `yaml:"kind"`
	// After is how long after the case's first event this one happens.
	After time.Duration `yaml:"after"`
	// Ahead dates the event that far ahead of the receiver's clock, at the moment
	// when it is made.
	Ahead time.Duration `yaml:"ahead"`
	// Story names the event that began a story: this is the next event of it,
	// about the same objects, later than the one before.
	Story string `yaml:"story"`
	// Again names an event emitted before: this is the same one as it is told an hour
	// later, when its own updated_at and pending_webhooks have moved on.
	Again string `yaml:"again"`
	// First has the event be the one of its kind with which the gate began the run.
	First bool `yaml:"first"`
	// Twin names an event emitted before: the same customer buys the same
	// things, and only what is the order's own differs.
	Twin string `yaml:"twin"`
	// Near names an event emitted before: the id of this one differs from its id only
	// at the end, where ids are drawn by lot.
	Near string `yaml:"near"`
	// OrderOf names the event of a parcel that was emitted before: this one is about
	// another parcel with things of the same order.
	OrderOf string `yaml:"order_of"`
	// NamedAs names an event emitted before, delivered or not: the object of this one
	// has its permalink, email or codes, which are free again.
	NamedAs string `yaml:"named_as"`
	// Lines is how many lines an order has; zero draws a few.
	Lines int `yaml:"lines"`
	// Set and Unset change members of the event by their path; Add adds members
	// that it does not have, to objects that it has. In a text of Set, {kind} is the
	// kind that the case is played for, {KIND} the same in capitals, and {object}
	// and {action} are what stands before and behind its dot.
	Set   map[string]any `yaml:"set"`
	Unset []string       `yaml:"unset"`
	Add   map[string]any `yaml:"add"`
	// Forged is what the simulated API says otherwise than the event (see the
	// Forged constants); empty for a genuine one. No effects are expected of it.
	Forged string `yaml:"forged"`
	// Outside marks a payload that leaves the schema on purpose: "schema", or "later"
	// for one as Kometia may come to send it, of which effects are expected.
	Outside string `yaml:"outside"`
	// Spelling is how the JSON is written: php, plain or pretty; empty means
	// the run's own. Keys is "reversed" or empty for the canonical order.
	Spelling string `yaml:"spelling"`
	Keys     string `yaml:"keys"`
	// Envelope is the form of the body, "bare" or "data"; empty means the run's.
	Envelope string `yaml:"envelope"`
	// Body spoils the event's JSON in the way of that name (see bodies), and
	// leaves its id as it was; empty leaves it alone.
	Body string `yaml:"body"`
	// Truncate keeps that fraction of the body's bytes; zero keeps all.
	Truncate float64 `yaml:"truncate"`
	// Raw is sent in place of the event's body, empty bodies included.
	Raw *string `yaml:"raw"`
}

// What a payload outside the schema is: nothing to act on, or an event as it may be
// sent later.
const (
	OutsideSchema = "schema"
	OutsideLater  = "later"
)

// SinkStep has a sink answer otherwise from now on, once for all rounds of the case.
type SinkStep struct {
	// Name is the sink's; empty means all.
	Name string `yaml:"name"`
	// Answer is how, as fault.ParseAnswer reads it: well, none, lost, a status, or how
	// long it takes.
	Answer string `yaml:"answer"`
}

// Search sends orders of growing size until one is refused, and then halves
// what lies between the largest that was taken and the smallest that was not.
type Search struct {
	// As names its exchanges for the checks; empty means "delivery".
	As string `yaml:"as"`
	// Kind is that of an order.
	Kind string `yaml:"kind"`
	// Sizes are what is tried on the way up, such as 64 KB, ascending.
	Sizes []Size `yaml:"sizes"`
	// Requests is how many are made at the most, Safely how many off this
	// machine; nil means Requests.
	Requests int  `yaml:"requests"`
	Safely   *int `yaml:"safely"`
}

// Sweep sends a covering set of contents of one kind, made from its schema: each
// null, boundary and plausible extreme once, a few in each event, plain ones first.
// Where one is refused or has no effect, it looks for the change that is enough.
type Sweep struct {
	// As names its exchanges for the checks; empty means "delivery".
	As string `yaml:"as"`
	// Kind is the events' kind; empty means the plain kind of the run, "{kind}" the
	// one that the case is played for.
	Kind string `yaml:"kind"`
	// Contents is how many there are at the most; zero is all.
	Contents int `yaml:"contents"`
}

// Deliver sends an event, once or by the retry policy.
type Deliver struct {
	// As names the exchange for the checks; empty means "delivery".
	As string `yaml:"as"`
	// Event is the name of an emitted event; empty means "event".
	Event string `yaml:"event"`
	// Method is the HTTP method (see methods); empty means POST, the only one
	// of which effects are expected.
	Method string `yaml:"method"`
	// At is how long after the event the first attempt that is played is made.
	At time.Duration `yaml:"at"`
	// Attempts is how many there are at the most, an hour apart; zero means 1.
	Attempts int `yaml:"attempts"`
	// Faults breaks attempts, by position, as fault.Parse reads them; "" leaves
	// one alone.
	Faults []string `yaml:"faults"`
	// Expires has every attempt of the policy refused before it leaves: the
	// receiver hears nothing of the event, which Kometia gives up.
	Expires bool `yaml:"expires"`
	// Copies is how many copies end at the same instant, on as many connections;
	// zero means a single delivery without a race. Each is an exchange of its
	// own, and those that are not acknowledged are retried one after the other.
	Copies int `yaml:"copies"`
	// ExpectContinue asks with "Expect: 100-continue" before the body is sent.
	ExpectContinue bool `yaml:"expect_continue"`
	// Connection is "fresh" (empty means fresh) or "kept".
	Connection string `yaml:"connection"`
	// Header replaces or adds header lines; null takes one away. HeaderCase
	// writes all names in "lower" or "upper" case.
	Header     map[string]*string `yaml:"header"`
	HeaderCase string             `yaml:"header_case"`
	// Times sends it that often in a row; zero means once.
	Times int `yaml:"times"`
	// Permute names events of the round, which are delivered in the permutation of
	// its number (the first as written), each retried by the policy.
	Permute []string `yaml:"permute"`
	// Together names events of the round whose first attempts end at the same instant,
	// each on a connection of its own. Each exchange is named as its event.
	Together []string `yaml:"together"`
	// Parallel sends the deliveries of all rounds of the case on that many
	// connections at once, on one virtual clock; zero sends one after the other,
	// each on its own.
	Parallel int `yaml:"parallel"`
	// Resume goes on with the exchange of that name, of the same round, where it
	// was not acknowledged: the next attempts belong to that exchange. Empty
	// begins one.
	Resume string `yaml:"resume"`
	// KillAfter has the kill hook run in the moment in which that many of the
	// step's deliveries, all rounds together, have been acknowledged; with
	// KillFrom the number is drawn between the two. Zero kills nothing.
	KillAfter int `yaml:"kill_after"`
	KillFrom  int `yaml:"kill_from"`
}

// Check is one requirement on a receiver and how it is judged.
type Check struct {
	ID    string        `yaml:"id"`
	Level verdict.Level `yaml:"level"`
	// Evidence is all that the check takes; see the constants.
	Evidence []string `yaml:"evidence"`
	// Title says the requirement, Fault what a receiver does that misses it; both in
	// the third person, said of the receiver. Without a fault reports show the title.
	Title       lang.Text `yaml:"title"`
	Fault       lang.Text `yaml:"fault"`
	Requirement lang.Text `yaml:"requirement"`
	Why         lang.Text `yaml:"why"`
	Provoked    lang.Text `yaml:"provoked"`
	Passes      lang.Text `yaml:"passes"`
	Fix         lang.Text `yaml:"fix"`
	Source      lang.Text `yaml:"source"`
	Expected    lang.Text `yaml:"expected"`
	// Assumes names assumptions about Kometia that the check rests on. While
	// the user has not confirmed them, a failure is only a warning.
	Assumes []string `yaml:"assumes"`
	// RestsOn names further assumptions about Kometia that what the check sends or
	// expects rests on. They change no verdict; the run names them.
	RestsOn []string `yaml:"rests_on"`
	// Unless names assumptions under which the check says nothing: once the user has
	// confirmed one of them, it is not applicable.
	Unless []string `yaml:"unless"`
	// Cause names what a failure probably comes from; checks that fail with the
	// same cause are told as one. Empty means that it stands alone.
	Cause string `yaml:"cause"`
	// Foremost has reports name the check, by its title, among all that was not
	// observed: what it would prove weighs most.
	Foremost bool `yaml:"foremost"`
	// Of is the exchange that is judged; empty means "delivery".
	Of string `yaml:"of"`
	// Given names exchanges of the same case that must have been answered thus;
	// where they were not, the case is inconclusive.
	Given map[string]Answers `yaml:"given"`
	// Judge is tried from the top for every exchange; the first rule that fits
	// decides. Slow judges the latencies of all exchanges together instead, and
	// Leaks what all answers of the run say.
	Judge []Rule `yaml:"judge"`
	// Latencies adds to what was found how long the answers took.
	Latencies bool   `yaml:"latencies"`
	Slow      *Slow  `yaml:"slow"`
	Leaks     *Leaks `yaml:"leaks"`

	scenario *Scenario
}

// The kinds of evidence that a check may need.
const (
	EvidenceWire    = "wire"
	EvidenceEffects = "effects"
	EvidenceState   = "state"
	EvidenceProcess = "process"
	EvidenceAPI     = "api"
	// EvidenceEither is effects or state, whichever can be had.
	EvidenceEither = EvidenceEffects + "|" + EvidenceState
	// EvidenceAny judges by effects and state as far as they can be had, and else by
	// the answers alone.
	EvidenceAny = EvidenceEither + "|" + EvidenceWire
)

// Slow judges how long answers took.
type Slow struct {
	// Over is the limit; zero means the run's delivery timeout.
	Over time.Duration `yaml:"over"`
	// Count is how many answers over the limit it takes.
	Count int `yaml:"count"`
	// Then is the verdict when there are that many.
	Then verdict.Verdict `yaml:"then"`
}

// Leaks judges what the answers of the whole run say, refusals included.
type Leaks struct {
	// Marks are what no answer should hold.
	Marks []Mark `yaml:"marks"`
	// Then is the verdict when one does.
	Then verdict.Verdict `yaml:"then"`
}

// Mark is a text by which a leak is known for certain.
type Mark struct {
	// What it is that leaks.
	What lang.Text `yaml:"what"`
	// Pattern is a regular expression of Go's.
	Pattern string `yaml:"pattern"`

	pattern *regexp.Regexp
}

// Scenario is the one that the check stands in.
func (c *Check) Scenario() *Scenario { return c.scenario }

// File is the name of the file that the scenario was read from.
func (s *Scenario) File() string { return s.read.Name() }

// Own reports whether the scenario is the user's and not the catalogue's.
func (s *Scenario) Own() bool { return s.own }
