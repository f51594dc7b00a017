package report

import (
	"io"

	"github.com/kometia-sim/kometia-sim/report/ndjson"
	"github.com/kometia-sim/kometia-sim/report/terminal"
	"github.com/kometia-sim/kometia-sim/report/view"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
)

// What the command line takes from the floors below, by the names that it knows.
type (
	// Options is [view.Options].
	Options = view.Options
	// Event is [view.SendEvent].
	Event = view.SendEvent
	// Send is [view.Send].
	Send = view.Send
	// SendRun is [view.SendRun].
	SendRun = view.SendRun
	// SendAttempt is [view.SendAttempt].
	SendAttempt = view.SendAttempt
	// FixText is [view.FixText].
	FixText = view.FixText
	// Probe is [view.Probe].
	Probe = view.Probe
	// Tally is [view.Tally].
	Tally = view.Tally
	// JSON is [ndjson.Run].
	JSON = ndjson.Run
	// SendJSON is [ndjson.Send].
	SendJSON = ndjson.Send
	// SendTerminal is [terminal.Send].
	SendTerminal = terminal.Send
)

// The exit codes and the outcomes of a delivery.
const (
	ExitOK           = view.ExitOK
	ExitFailed       = view.ExitFailed
	ExitUnreachable  = view.ExitUnreachable
	ExitInconclusive = view.ExitInconclusive
	ExitHarness      = view.ExitHarness
	ExitInterrupted  = view.ExitInterrupted

	Delivered = view.Delivered
	Expired   = view.Expired
	Failed    = view.Failed
)

// Safe is [view.Safe].
func Safe(s string) string { return view.Safe(s) }

// Summarize is [view.Summarize].
func Summarize(r *verdict.Report, o Options) view.Summary { return view.Summarize(r, o) }

// WritePlan is [terminal.WritePlan].
func WritePlan(w io.Writer, plan verdict.Plan, o Options) error {
	return terminal.WritePlan(w, plan, o)
}

// NewJSON is [ndjson.NewRun].
func NewJSON(w io.Writer, run verdict.Run, o Options) *JSON { return ndjson.NewRun(w, run, o) }

// NewSendJSON is [ndjson.NewSend].
func NewSendJSON(w io.Writer, run SendRun, o Options) *SendJSON { return ndjson.NewSend(w, run, o) }

// NewSendTerminal is [terminal.NewSend].
func NewSendTerminal(w io.Writer, run SendRun, o Options) *SendTerminal {
	return terminal.NewSend(w, run, o)
}
