package scenarios

import (
	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// Matches lets tests try answer patterns on statuses.
func Matches(a Answers, statuses ...int) bool { return a.match(statuses) }

// ValidPatterns lets tests ask whether patterns can be read.
func ValidPatterns(a Answers) error { return a.validate() }

// NewPacer lets tests pace a sender of their own.
func NewPacer(sender delivery.Sender, clock retryclock.Clock, stop <-chan struct{}, pace Pace) delivery.Sender {
	return newPacer(sender, clock, stop, pace)
}

// VerdictOn judges a plain check, which wants a 2xx, on one outcome.
func VerdictOn(o *wire.Outcome) Verdict {
	check := &Check{Evidence: []string{EvidenceWire}, Judge: []Rule{{Answers: Answers{"2xx"}, Then: Pass}, {Then: Fail}}}
	e := &exchange{name: "delivery", result: delivery.Result{
		State: delivery.Failed, Attempts: []delivery.Attempt{{Number: 1, Outcome: o}},
	}}
	c := playedCase{spec: &CaseSpec{Steps: []Step{{Deliver: &Deliver{}}}}, exchanges: []*exchange{e}}
	return new(court).judge(check, []playedCase{c}).Verdict
}

// Bisect searches the rungs for a limit with that many tries; taken tells of a
// size whether it is taken and how large what was sent for it really was.
func Bisect(rungs []int, tries int, send func(size int) (sent int, taken bool)) (taken, refused, made int) {
	b := bisection{rungs: rungs, left: tries}
	for {
		size, more := b.next()
		if !more {
			return b.taken, b.refused, made
		}
		sent, ok := send(size)
		if sent <= b.taken {
			return b.taken, b.refused, made
		}
		made++
		b.learn(sent, ok)
	}
}
