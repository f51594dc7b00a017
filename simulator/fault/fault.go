// Package fault breaks a delivery on purpose, without root and without
// touching the receiver: it stands between the delivery engine and the wire.
package fault

// Kind names what is broken about one attempt.
type Kind string

// The faults. The zero Kind leaves the attempt alone.
const (
	None Kind = ""
	// Refuse: the attempt never leaves; the receiver does not hear of it.
	Refuse Kind = "refuse"
	// LoseAnswer: the receiver works and answers, the answer is read to its
	// end and thrown away, as if the network had lost it on the way back.
	LoseAnswer Kind = "lose-answer"
)
