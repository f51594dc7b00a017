package fault

import (
	"strconv"
	"time"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// Answer is how a service that the receiver calls answers on purpose; the zero
// Answer is well.
type Answer struct {
	// Status is the answer's; zero means 200. With one of 400 and more the service
	// has not acted.
	Status int
	// Slow is for how long the answer is held back. The service has acted by then.
	Slow time.Duration
	// Silent ends the connection without an answer. The service has not acted,
	// unless Acted says so.
	Silent, Acted bool
}

// The words for answers, besides a status and a duration.
const (
	AnswerWell = "well" // 200 again
	AnswerNone = "none" // no answer, and it has not acted
	AnswerLost = "lost" // no answer, although it has acted
)

// maxSlow is longer than any receiver should wait for an answer.
const maxSlow = time.Minute

// ParseAnswer reads well, none, lost, a status from 400 to 599, or how long an
// answer takes (3s).
func ParseAnswer(text string) (Answer, error) {
	switch text {
	case AnswerWell:
		return Answer{}, nil
	case AnswerNone:
		return Answer{Silent: true}, nil
	case AnswerLost:
		return Answer{Silent: true, Acted: true}, nil
	}
	if status, err := strconv.Atoi(text); err == nil && status >= 400 && status <= 599 {
		return Answer{Status: status}, nil
	}
	if slow, err := time.ParseDuration(text); err == nil && slow > 0 && slow <= maxSlow {
		return Answer{Slow: slow}, nil
	}
	return Answer{}, lang.Errorf("%q no es una respuesta: escriba well, none, lost, un estado de 400 a 599, o una duración hasta 1m",
		"%q is no response: write well, none, lost, a status from 400 to 599, or a duration up to 1m", text)
}

// Acts reports whether the service acts on a call that it answers so.
func (a Answer) Acts() bool { return a.Acted || a.Status == 0 && !a.Silent }
