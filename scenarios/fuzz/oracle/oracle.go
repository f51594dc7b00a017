// Package oracle is what a hunt holds against a receiver: the oracles, and what a
// report says of a failure of each.
//
//	o, known := oracle.Lookup(oracle.NoHang)
//	text, see := oracle.Explain(oracle.EffectsOnce, "lost")
package oracle

import (
	"github.com/kometia-sim/kometia-sim/scenarios/fuzz/history"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// Oracle is one thing that is held against a receiver.
type Oracle struct {
	// Name is stable: "valid-accepted".
	Name  string
	Level verdict.Level
	// Default says that it is on unless others are chosen.
	Default bool
	// Observed says that it needs an observer.
	Observed bool

	Explanation
	Requirement lang.Text
}

// Explanation is what a report says about a failure.
type Explanation struct {
	Title    lang.Text // what is required, in one line, said of the receiver
	Fault    lang.Text // what one does that misses it, in the same way: the title of a finding
	Why      lang.Text
	Fix      lang.Text
	Expected lang.Text
}

// The names of the oracles.
const (
	ValidAccepted     = history.ValidAccepted
	NoHang            = history.NoHang
	StillAlive        = history.StillAlive
	EffectsOnce       = history.EffectsOnce
	StateConverges    = history.StateConverges
	NothingFromBroken = history.NothingFromBroken
	NoServerError     = "no-server-error"
	SameMeaning       = "same-meaning-same-answer"
	NoLeak            = "no-leak"
	BadRejected       = "bad-rejected"
)

// Undone is the code of a receiver that acknowledges and does nothing any more.
const Undone = "undone"

// Lookup finds an oracle.
func Lookup(name string) (Oracle, bool) {
	for _, o := range All() {
		if o.Name == name {
			return o, true
		}
	}
	return Oracle{}, false
}

// Defaults are the names of those that are on unless others are chosen.
func Defaults() (names []string) {
	for _, o := range All() {
		if o.Default {
			names = append(names, o.Name)
		}
	}
	return names
}
