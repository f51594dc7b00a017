package wire

import (
	"time"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// Script is how a request goes out otherwise than whole and at once: piece by
// piece, and with an end of our own making. A request with a script has a
// connection to itself, which is closed afterwards.
type Script struct {
	// Steps are taken in order, each when the one before has been written.
	// What they leave of the request is never sent.
	Steps []Step
	// End is what becomes of the connection after the last step.
	End Ending
}

// Step sends one piece of a request.
type Step struct {
	// To is up to where the request is sent, in bytes of head and body together
	// (see AppendHead); below zero means to its end. A step that reaches no
	// further than the one before it only waits.
	To int
	// Pause is how long is waited before the piece is sent, in wall time.
	Pause time.Duration
	// Gate is asked when the step's turn has come, and the piece is sent once
	// what it returns is closed. Pause is then the longest that is waited for
	// that; zero means as long as the attempt lasts. Nil means no gate.
	Gate func() <-chan struct{}
}

// Ending is what becomes of the connection when a script is at its end. An
// answer whose first byte arrived earlier is read, and nothing is done; see
// ErrHungUp. Over TLS no ending says goodbye: it is that of a sender which
// died, not of one which changed its mind.
type Ending int

// The endings.
const (
	// GoOn waits for the answer, as without a script.
	GoOn Ending = iota
	// HangUp closes the connection: the receiver sees the end of the stream
	// (FIN), and what it sends afterwards is refused. On Linux the FIN comes in
	// the same segment as the last byte when no pause lies between them, so that
	// no answer can be quicker.
	HangUp
	// Finish ends our side of the connection (FIN) and listens on, for a
	// second: what the receiver says about a request that was cut off is an
	// answer, too.
	Finish
	// Reset tears the connection down (RST), once all that was sent has been
	// taken by the receiver's machine.
	Reset
)

// check reports why the script cannot be played.
func (s *Script) check() error {
	for i, st := range s.Steps {
		if st.Pause < 0 {
			return lang.Errorf("guion: paso %d: la pausa %v es negativa", "script: step %d: pause %v is negative", i+1, st.Pause)
		}
	}
	if s.End < GoOn || s.End > Reset {
		return lang.Errorf("guion: final desconocido", "script: unknown ending")
	}
	return nil
}

// expecting is the script of a request that asks first: its head, and its body
// when the server says that it wants it or says nothing for a while (RFC 9110,
// 10.1.1).
func expecting(r *Request, patience time.Duration, wanted <-chan struct{}) *Script {
	return &Script{Steps: []Step{
		{To: len(AppendHead(nil, r))},
		{To: -1, Pause: patience, Gate: func() <-chan struct{} { return wanted }},
	}}
}
