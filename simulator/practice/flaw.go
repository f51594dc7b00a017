package practice

import (
	"context"
	"net/http"
	"time"

	"github.com/kometia-sim/kometia-sim/retryclock"
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
	// way. What an INFO check notices it only tells. Empty exactly when it is
	// good. A check that this one keeps from being judged at all (because no
	// delivery is accepted) is not listed.
	Fails []string
	// Perhaps are the ids of checks that notice it when they happen to hit the
	// right moment, or data of the right shape.
	Perhaps []string
	// Warns are the checks that may warn of a good one: it keeps what they ask
	// for, but not in the plain way.
	Warns []string
	// UsesAPI says that it reads from Kometia's API before it acts. ClaimsAPI says
	// that it does not, although its owner believes so (auth: api).
	UsesAPI, ClaimsAPI bool
	// PerObject says that its effects are rows of objects: it has to be
	// observed by the object's id, and several events of one object show once.
	PerObject bool
	// CallsERP says that it calls an ERP for each event it acts on.
	CallsERP bool
}

// flaw is a Flaw with what it does. What is empty or nil changes nothing.
type flaw struct {
	Flaw
	// wrap puts the flaw round the good receiver.
	wrap wrapping
	// asksLater has the background ask the API about an event before it works.
	asksLater bool
	// acts says how often the good receiver acts on an event; nil means once.
	acts func(event) int
	// names are the effects of an event, where they have names.
	names func(event) []string
	// stateOnly tells an observer no number of effects.
	stateOnly bool
	// catchesUp is what it does with an event that it finds in the API; nil is what
	// the good one does with a delivery.
	catchesUp func(context.Context, *Receiver, event) error
	// single serves one connection at a time.
	single bool
	// afterwards is what the background does with a job that is an event; nil is the
	// whole work of it.
	afterwards func(context.Context, *Receiver, event) error
	// paths are where deliveries are taken besides webhookPath.
	paths []string
	// methods are what they may come by besides POST.
	methods []string
	// early comes before the body is read.
	early func(r *Receiver, req *http.Request)
	// cut is told of a body that ended too soon, with what came of it.
	cut func(r *Receiver, d *delivery)
}

// UnknownFlawError is a name that no flaw has.
type UnknownFlawError struct {
	Name string
	// Suggestion is a name that may have been meant; empty when none is near.
	Suggestion string
}

// Error implements error.
func (e *UnknownFlawError) Error() string { return e.In(lang.English) }

// In implements lang.Bilingual.
func (e *UnknownFlawError) In(tag lang.Tag) string {
	return lang.Textf("no existe la falla %q%s", "unknown flaw %q%s", e.Name, lang.DidYouMean(e.Suggestion)).In(tag)
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
		acknowledgeFlaws(), redirectFlaws(), csrfFlaws(), latencyFlaws(), ageFlaws(), abortFlaws(),
		duplicateFlaws(), memoryFlaws(), storeFlaws(), erpFlaws(), orderFlaws(), payloadFlaws(), schemaFlaws(), textFlaws(),
		malformedFlaws(), methodFlaws(), connectionFlaws(), loadFlaws(), answerFlaws(), verifyFlaws(), catchUpFlaws(), goodOnes(),
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

// pace is how long a receiver takes.
type pace struct {
	clock retryclock.Clock
	delay time.Duration // the one configured; 0 is the flaw's own
}

// workTime is what the work of one event takes where a flaw needs it to take time: a
// mail that is sent, a call to an ERP.
const workTime = 5 * time.Millisecond

// takeTime works for that long, whatever the sender does meanwhile.
func (p pace) takeTime(request *http.Request) {
	_ = p.clock.WaitUntil(context.WithoutCancel(request.Context()), p.due(workTime)) // there is nothing that could end it early
}

// wait sits out the configured delay, or the flaw's own; it ends early when the
// sender hangs up.
func (p pace) wait(request *http.Request, own time.Duration) {
	_ = p.clock.WaitUntil(request.Context(), p.due(own)) // its only error is that the sender hung up
}

func (p pace) due(own time.Duration) time.Time { return p.clock.Now().Add(p.span(own)) }

// span is the configured delay, or the flaw's own.
func (p pace) span(own time.Duration) time.Duration {
	if p.delay > 0 {
		return p.delay
	}
	return own
}
