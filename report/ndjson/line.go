package ndjson

import (
	"encoding/json"
	"math"
	"strconv"
	"time"
)

// The types of lines.
const (
	typeRun      = "run"      // heads a run, or a send
	typeBegin    = "begin"    // requests of these checks go out from here on
	typeReceiver = "receiver" // what the gate learned
	typeFinding  = "finding"  // of fuzz, as it is found; its check line stands at the end
	typeCheck    = "check"
	typeEnd      = "end"
)

// instant is a time in RFC 3339, UTC, with as many decimals as it has.
type instant time.Time

// MarshalJSON implements [json.Marshaler].
func (t instant) MarshalJSON() ([]byte, error) {
	return []byte(`"` + time.Time(t).UTC().Format(time.RFC3339Nano) + `"`), nil
}

// UnmarshalJSON implements [json.Unmarshaler].
func (t *instant) UnmarshalJSON(data []byte) error {
	var at time.Time
	err := json.Unmarshal(data, &at)
	*t = instant(at)
	return err
}

// milliseconds and seconds are durations as a number of their unit, with as many
// decimals as it takes to read the same duration back.
type (
	milliseconds time.Duration
	seconds      time.Duration
)

func number(d, unit time.Duration) ([]byte, error) {
	return strconv.AppendFloat(nil, float64(d)/float64(unit), 'f', -1, 64), nil
}

func duration(data []byte, unit time.Duration) (time.Duration, error) {
	var n float64
	if err := json.Unmarshal(data, &n); err != nil {
		return 0, err
	}
	n = math.Round(n * float64(unit))
	if math.Abs(n) > math.MaxInt64/2 {
		return 0, strconv.ErrRange
	}
	return time.Duration(n), nil
}

// MarshalJSON implements [json.Marshaler].
func (m milliseconds) MarshalJSON() ([]byte, error) {
	return number(time.Duration(m), time.Millisecond)
}

// UnmarshalJSON implements [json.Unmarshaler].
func (m *milliseconds) UnmarshalJSON(data []byte) error {
	d, err := duration(data, time.Millisecond)
	*m = milliseconds(d)
	return err
}

// MarshalJSON implements [json.Marshaler].
func (s seconds) MarshalJSON() ([]byte, error) { return number(time.Duration(s), time.Second) }

// UnmarshalJSON implements [json.Unmarshaler].
func (s *seconds) UnmarshalJSON(data []byte) error {
	d, err := duration(data, time.Second)
	*s = seconds(d)
	return err
}

// head is the line of a run before anything else.
type head struct {
	Type           string        `json:"type"`
	Version        int           `json:"version"`
	Tool           string        `json:"tool"`
	Command        string        `json:"command,omitempty"`
	Seed           uint64        `json:"seed"`
	IDs            string        `json:"ids"`
	Start          instant       `json:"start"`
	Began          *instant      `json:"began,omitempty"`
	Target         string        `json:"target"`
	Name           string        `json:"name,omitempty"`
	Lang           string        `json:"lang"`
	Timeout        milliseconds  `json:"timeout_ms"`
	Strict         bool          `json:"strict"`
	RequireEffects bool          `json:"require_effects"`
	Subscription   *subscription `json:"subscription,omitempty"`
	Plan           plan          `json:"plan"`
	Planned        []planned     `json:"planned,omitempty"`
	Unlisted       bool          `json:"unlisted,omitempty"`
	Hunt           bool          `json:"hunt,omitempty"` // a run of fuzz
	Assumed        []string      `json:"assumed,omitempty"`
	// Other are the same texts in the other language, where they differ.
	Other *headTexts `json:"other,omitempty"`
}

type headTexts struct {
	Lang    string            `json:"lang"`
	Assumed []string          `json:"assumed,omitempty"`
	Titles  map[string]string `json:"titles,omitempty"` // of what is planned, by id
}

type subscription struct {
	Number int `json:"number"`
	Of     int `json:"of"`
}

type planned struct {
	ID    string `json:"id"`
	Level string `json:"level"`
	Title string `json:"title"`
}

type plan struct {
	Checks   int            `json:"checks"`
	Of       int            `json:"of,omitempty"` // checks there are, of which those were selected
	Requests int            `json:"requests"`
	AtMost   bool           `json:"at_most,omitempty"`
	Events   int            `json:"events"`
	Orders   int            `json:"orders"`
	Live     bool           `json:"live,omitempty"`
	Classes  map[string]int `json:"classes,omitempty"`
	Refused  []string       `json:"refused,omitempty"`
	Pace     string         `json:"pace,omitempty"`
	Takes    milliseconds   `json:"takes_ms,omitempty"`
}

type begin struct {
	Type   string   `json:"type"`
	Checks []string `json:"checks"`
}

// profile is what the gate learned of the receiver.
type profile struct {
	Type      string        `json:"type,omitempty"` // only where it is a line
	Status    int           `json:"status"`
	Latency   milliseconds  `json:"latency_ms"`
	Kinds     int           `json:"kinds"`
	Asked     int           `json:"asked"`
	RateLimit int           `json:"rate_limit,omitempty"`
	Skew      milliseconds  `json:"skew_ms,omitempty"`
	Observer  string        `json:"observer,omitempty"`
	PerObject bool          `json:"per_object,omitempty"`
	Effects   []kindEffects `json:"effects,omitempty"`
	// Accepted are the kinds acknowledged, where some were not.
	Accepted []string `json:"accepted,omitempty"`
}

type kindEffects struct {
	Kind   string       `json:"kind"`
	Count  int          `json:"count"`
	Within milliseconds `json:"within_ms"`
}

// check is a result. Texts are in the language of the run.
type check struct {
	Type        string         `json:"type"`
	ID          string         `json:"id"`
	Variant     *string        `json:"variant"`
	Case        *string        `json:"variant_title,omitempty"` // which case that is, in words
	Level       string         `json:"level"`
	Result      string         `json:"result"`
	Title       *string        `json:"title"`
	Fault       *string        `json:"fault,omitempty"` // what a receiver does that misses it
	Requirement *string        `json:"requirement"`
	Expected    *string        `json:"expected"`
	Found       *string        `json:"found"`
	Reason      *string        `json:"reason"`
	Why         *string        `json:"why,omitempty"`
	Fix         *string        `json:"fix,omitempty"`
	Source      *string        `json:"source,omitempty"`
	Enable      []string       `json:"enable,omitempty"`
	Needs       string         `json:"needs,omitempty"`
	Foremost    bool           `json:"foremost,omitempty"`
	Notes       []string       `json:"notes,omitempty"`
	Diagnosis   *diagnosis     `json:"diagnosis"`
	Passes      bool           `json:"normal_events_pass,omitempty"`
	Duration    milliseconds   `json:"duration_ms"`
	Finding     *finding       `json:"finding,omitempty"`
	Attempts    []attempt      `json:"attempts"`
	Events      []processEvent `json:"process_events,omitempty"`
	Cases       []oneCase      `json:"cases,omitempty"`
	Cause       *string        `json:"probable_cause"`
	Reproduce   *string        `json:"reproduce"`
	// Known is the entry of the list of known failures that is about the check.
	Known *known `json:"known"`
	// Other are the same texts in the other language, where they differ.
	Other *checkTexts `json:"other,omitempty"`
}

// checkTexts are the texts of a check that exist in both languages.
type checkTexts struct {
	Lang        string      `json:"lang"`
	Title       *string     `json:"title,omitempty"`
	Fault       *string     `json:"fault,omitempty"`
	Case        *string     `json:"variant_title,omitempty"`
	Requirement *string     `json:"requirement,omitempty"`
	Expected    *string     `json:"expected,omitempty"`
	Found       *string     `json:"found,omitempty"`
	Reason      *string     `json:"reason,omitempty"`
	Why         *string     `json:"why,omitempty"`
	Fix         *string     `json:"fix,omitempty"`
	Source      *string     `json:"source,omitempty"`
	Enable      []string    `json:"enable,omitempty"`
	Notes       []string    `json:"notes,omitempty"`
	Diagnosis   *diagnosis  `json:"diagnosis,omitempty"`
	Cases       []caseTexts `json:"cases,omitempty"`
}

type caseTexts struct {
	Title    *string `json:"title,omitempty"`
	Expected *string `json:"expected"`
	Found    *string `json:"found"`
}

type diagnosis struct {
	Code string `json:"code"`
	// Or is a code that explains the same answer as well.
	Or        string   `json:"or,omitempty"`
	Certainty string   `json:"certainty"`
	Title     string   `json:"title,omitempty"`
	Evidence  string   `json:"evidence"`
	Hint      string   `json:"hint"`
	General   bool     `json:"general,omitempty"`
	Receivers []string `json:"receivers,omitempty"`
	Fixes     []fix    `json:"fixes,omitempty"`
}

type fix struct {
	For       string `json:"for,omitempty"`
	Framework string `json:"framework,omitempty"`
	Versions  string `json:"versions,omitempty"`
	File      string `json:"file,omitempty"`
	Code      string `json:"code,omitempty"`
	Text      string `json:"text,omitempty"`
}

type known struct {
	Pattern string  `json:"pattern"`
	Reason  *string `json:"reason"`
	File    string  `json:"file"`
	Line    int     `json:"line"`
}

// finding is what fuzz found.
type finding struct {
	ID      string   `json:"id"`
	Kind    string   `json:"kind"`
	Phase   string   `json:"phase"`
	What    string   `json:"what"`
	Changes []change `json:"changes,omitempty"`
	Flaky   bool     `json:"flaky"`
	Count   int64    `json:"count"`
}

type change struct {
	Path   string `json:"path"`
	Normal string `json:"normal"`
	Here   string `json:"here"`
}

type processEvent struct {
	Verb   string  `json:"verb"`
	Offset seconds `json:"offset_s"`
}

type oneCase struct {
	Name     string    `json:"name"`
	Title    *string   `json:"title,omitempty"`
	Result   string    `json:"result"`
	Expected *string   `json:"expected"`
	Found    *string   `json:"found"`
	Attempts []attempt `json:"attempts,omitempty"`
}

type attempt struct {
	Event   string  `json:"event"`
	Kind    string  `json:"kind"`
	Number  int     `json:"attempt"`
	At      instant `json:"at"`
	Offset  seconds `json:"offset_s"`
	Status  *int    `json:"status"`
	Outcome string  `json:"outcome"`
	Error   *string `json:"error"`
	// Fault is what we did to the attempt on purpose, and Lost the status that
	// came and that its sender did not see for it.
	Fault   string       `json:"fault,omitempty"`
	Lost    int          `json:"lost_status,omitempty"`
	Latency milliseconds `json:"latency_ms"`
	// Notes are what was odd about the answer.
	Notes []string `json:"notes,omitempty"`
	// Sent is what stands out in what was sent.
	Sent    string `json:"sent,omitempty"`
	Effects *int   `json:"effects,omitempty"`
	// Changed are the paths of the fields that a normal event has otherwise.
	Changed []string `json:"changed,omitempty"`
	// Request and Answer are the beginning of them, where a check is red or
	// inconclusive.
	Request *message `json:"request,omitempty"`
	Answer  *message `json:"answer,omitempty"`
}

// message is what went over the wire.
type message struct {
	Head   []string `json:"head"`
	Body   string   `json:"body"`
	Length int64    `json:"length"`
	Cut    bool     `json:"cut,omitempty"` // body is not all of it
	// Base64 says that body is in base64: it is no UTF-8.
	Base64 bool `json:"base64,omitempty"`
}

type step struct {
	Add          []string `json:"add"`
	MustObserved int      `json:"must_observed"`
}

// end is the last line of a run.
type end struct {
	Type          string `json:"type"`
	Pass          int    `json:"pass"`
	Fail          int    `json:"fail"`
	Warn          int    `json:"warn"`
	NotObserved   int    `json:"not_observed"`
	NotApplicable int    `json:"not_applicable"`
	Inconclusive  int    `json:"inconclusive"`
	Error         int    `json:"error"`
	Info          int    `json:"info"`
	Known         int    `json:"known"`
	Outdated      int    `json:"known_outdated"`
	MustObserved  int    `json:"must_observed"`
	MustTotal     int    `json:"must_total"`
	Verdict       string `json:"verdict"`
	Exit          int    `json:"exit"`
	// What would prove more MUSTs, step by step, and the gravest of those that
	// were not observed.
	WouldProve []step  `json:"would_prove,omitempty"`
	Foremost   *string `json:"foremost_unproved,omitempty"`
	// Unwritten are the other reports that could not be written, and why.
	Unwritten   []string     `json:"unwritten,omitempty"`
	Duration    milliseconds `json:"duration_ms"`
	Virtual     seconds      `json:"virtual_s"`
	ClockMoved  bool         `json:"clock_moved,omitempty"`
	Interrupted bool         `json:"interrupted,omitempty"`
	Unreachable bool         `json:"unreachable,omitempty"`
	// CutOff says that the run was killed, and its record was closed by whoever
	// read it.
	CutOff   bool      `json:"cut_off,omitempty"`
	Receiver profile   `json:"receiver"`
	Notes    []string  `json:"notes,omitempty"`
	Run      *head     `json:"run,omitempty"` // the head as it is now, where that is another one
	Other    *endTexts `json:"other,omitempty"`
}

type endTexts struct {
	Lang  string   `json:"lang"`
	Notes []string `json:"notes,omitempty"`
}
