package receiver

import (
	"time"

	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
)

// NewPaced lets tests pace a sender of their own.
func NewPaced(client delivery.Sender, clock retryclock.Clock, stop <-chan struct{}, pace Pace) *Sender {
	return &Sender{Sending: Sending{Stop: stop}, gate: &gate{}, pacer: newPacer(clock, pace), client: client}
}

// Endless is a sender as NewPaced makes it that waits as often as it is asked to.
func Endless(client delivery.Sender, clock retryclock.Clock, over func() bool) *Sender {
	return &Sender{Sending: Sending{Endless: true, Over: over}, gate: &gate{}, pacer: newPacer(clock, Pace{}), client: client}
}

// Plain is an answer to a normal event.
type Plain struct {
	Kind    string
	Latency time.Duration
}

// Busy is how long a receiver is given with an event of a kind on which we hung up,
// after these answers.
func Busy(kind string, answers ...Plain) time.Duration {
	r := &Receiver{}
	for _, a := range answers {
		r.Answered(a.Kind, a.Latency)
	}
	return r.Busy(kind)
}
