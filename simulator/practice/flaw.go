package practice

import (
	"fmt"
	"net/http"
	"time"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/schemas/nearest"
)

// Flaw is one way in which a practice receiver differs from the good one.
type Flaw struct {
	// Name is what it is asked for by: practice:NAME.
	Name string
	// Title says in one line what it does.
	Title lang.Text
	// Good says that the difference is no fault: no check may fail.
	Good bool
	// Fails are the ids of the checks that have to notice it; the first is the
	// one that it exists for, the others ask about the same thing in another
	// way. What an INFO check notices it only tells. Empty exactly when it is good. A check that this one keeps from
	// being judged at all (because no delivery is accepted) is not listed.
	Fails []string
}

// flaw is a Flaw with what it does.
type flaw struct {
	Flaw
	// wrap puts the flaw round the good receiver; nil changes nothing.
	wrap func(r *Receiver, next handling) handling
	// paths are where deliveries are taken besides webhookPath.
	paths []string
}

// UnknownFlawError is a name that no flaw has.
type UnknownFlawError struct {
	Name string
	// Suggestion is a name that may have been meant; empty when none is near.
	Suggestion string
}

// Error implements error.
func (e *UnknownFlawError) Error() string {
	if e.Suggestion != "" {
		return fmt.Sprintf("unknown flaw %q (did you mean %s?)", e.Name, e.Suggestion)
	}
	return fmt.Sprintf("unknown flaw %q", e.Name)
}

// Flaws lists the flaws by family and then the good but different ones, always
// in the same order.
func Flaws() []Flaw {
	all := flaws()
	public := make([]Flaw, len(all))
	for i, f := range all {
		public[i] = f.Flaw
	}
	return public
}

func flaws() []flaw {
	var all []flaw
	for _, family := range [][]flaw{
		acknowledgeFlaws(), redirectFlaws(), csrfFlaws(), latencyFlaws(), ageFlaws(), duplicateFlaws(),
		malformedFlaws(), connectionFlaws(), payloadFlaws(), schemaFlaws(), answerFlaws(), storeFlaws(), goodOnes(),
	} {
		all = append(all, family...)
	}
	return all
}

// find returns the flaw of that name; the empty name is the good receiver.
func find(name string) (flaw, error) {
	if name == "" {
		return flaw{}, nil
	}
	var names []string
	for _, f := range flaws() {
		if f.Name == name {
			return f, nil
		}
		names = append(names, f.Name)
	}
	return flaw{}, &UnknownFlawError{Name: name, Suggestion: nearest.Name(name, names)}
}

// instead is a wrap that answers every delivery alike and does nothing.
func instead(a answer) func(*Receiver, handling) handling {
	a.verdict = flawed
	return func(*Receiver, handling) handling {
		return func(*delivery) answer { return a }
	}
}

// wait sits out the configured delay, or the flaw's own; it ends early when the
// sender hangs up.
func (r *Receiver) wait(request *http.Request, own time.Duration) {
	_ = r.clock.WaitUntil(request.Context(), r.due(own)) // its only error is that the sender hung up
}

func (r *Receiver) due(own time.Duration) time.Time {
	if r.delay > 0 {
		own = r.delay
	}
	return r.clock.Now().Add(own)
}
