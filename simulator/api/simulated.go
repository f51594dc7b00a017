package api

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
)

// Trouble is a way in which the API fails on purpose.
type Trouble string

// The troubles. Those that are a status answer it to the right key.
const (
	Down            Trouble = "down" // the connection ends without an answer
	Slow            Trouble = "slow" // the answer comes after slowFor, when nobody waits for it any more
	Unauthorized    Trouble = "401"
	NotFound        Trouble = "404"
	TooManyRequests Trouble = "429"
	ServerError     Trouble = "500"
)

// Troubles lists the names of all troubles.
func Troubles() []string {
	var names []string
	for _, t := range []Trouble{Down, Slow, Unauthorized, NotFound, TooManyRequests, ServerError} {
		names = append(names, string(t))
	}
	return names
}

// slowFor is longer than a sender of webhooks waits for its receiver.
const slowFor = 12 * time.Second

// SimulatedConfig says whose the simulated API is.
type SimulatedConfig struct {
	// Key is the account's secret key; empty lets nobody in. OtherKey is that of
	// another account of the same API; empty when nobody has it.
	Key, OtherKey string
	// Catalogue is that of the stores; nil is the built-in one.
	Catalogue *schemas.Catalogue
	// Max is how many events each store holds; see StoreConfig.
	Max int
	// Clock is waited on when an answer is slow; nil is the wall clock.
	Clock retryclock.Clock
}

// Simulated is the API as a run has it: it answers for what was sent, fails on
// purpose about what it was told to, and keeps count of what it was asked. Make
// one with NewSimulated; it is an http.Handler and safe for concurrent use.
type Simulated struct {
	clock      retryclock.Clock
	key        string
	own, other *Memory
	answers    http.Handler

	mu       sync.Mutex
	troubles map[string]*failing // by the id that is asked about
	asked    map[string]int      // questions with the right key, by the id asked about
	keys     Keys
}

type failing struct {
	with Trouble
	left int // questions that it still fails; negative for all
}

// Keys counts questions by the key that came with them.
type Keys struct{ Right, Other, None int }

// Refused tells of the questions that were refused for their key; nothing when
// there were none.
func (k Keys) Refused() (texts []lang.Text) {
	if k.Other > 0 {
		texts = append(texts, lang.Textf("Su servidor preguntó a la API simulada con otra llave (preguntas: %d, todas respondidas con 401): dele la de api.key.",
			"Your server asked the simulated API with another key (questions: %d, each answered 401): give it that of api.key.", k.Other))
	}
	if k.None > 0 {
		texts = append(texts, lang.Textf("Su servidor preguntó a la API simulada sin llave (preguntas: %d, todas respondidas con 401): va como usuario de HTTP Basic, sin contraseña.",
			"Your server asked the simulated API without a key (questions: %d, each answered 401): it goes as user name of HTTP Basic, without a password.", k.None))
	}
	return texts
}

// NewSimulated makes an API that knows nothing yet.
func NewSimulated(cfg SimulatedConfig) *Simulated {
	s := &Simulated{
		clock: cfg.Clock, key: cfg.Key,
		own:      NewStore(StoreConfig{Max: cfg.Max, Catalogue: cfg.Catalogue}),
		other:    NewStore(StoreConfig{Max: cfg.Max, Catalogue: cfg.Catalogue}),
		troubles: map[string]*failing{}, asked: map[string]int{},
	}
	if s.clock == nil {
		s.clock = retryclock.Wall{}
	}
	s.answers = New(Options{Keys: Fixed(
		Key{Value: cfg.Key, Name: "own", Store: s.own},
		Key{Value: cfg.OtherKey, Name: "other", Store: s.other},
	)})
	return s
}

// Add makes an event known as one of the account's; see Memory.Add.
func (s *Simulated) Add(e *shop.Event, objects ...*jsontree.Object) { s.own.Add(e, objects...) }

// AddOther makes an event known as one of another account, which the account's
// own key does not find.
func (s *Simulated) AddOther(e *shop.Event, objects ...*jsontree.Object) { s.other.Add(e, objects...) }

// Fail has the API fail at the next questions about an id, of an event or of an
// object; times is how many, zero means all until Heal.
func (s *Simulated) Fail(id string, with Trouble, times int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if times <= 0 {
		times = -1
	}
	s.troubles[id] = &failing{with, times}
}

// Heal has the API answer rightly again about an id.
func (s *Simulated) Heal(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.troubles, id)
}

// Asked counts the questions about an id that came with the account's key,
// those that it failed at included.
func (s *Simulated) Asked(id string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked[id]
}

// Keys counts all questions so far.
func (s *Simulated) Keys() Keys {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.keys
}

// ServeHTTP implements http.Handler.
func (s *Simulated) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch with := s.note(r); with {
	case "":
		s.answers.ServeHTTP(w, r)
	case Down:
		panic(http.ErrAbortHandler) // which ends the connection, and is not logged
	case Slow:
		if s.wait(r.Context()) == nil {
			s.answers.ServeHTTP(w, r)
		}
	default:
		writeProblem(w, troubled(with))
	}
}

func (s *Simulated) wait(ctx context.Context) error {
	return s.clock.WaitUntil(ctx, s.clock.Now().Add(slowFor))
}

// note counts a question and takes the trouble that it is to meet.
func (s *Simulated) note(r *http.Request) (with Trouble) {
	path, ok := strings.CutPrefix(r.URL.Path, root+"/")
	if !ok {
		return ""
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch _, _, basic := r.BasicAuth(); {
	case authenticated(r, s.key):
		s.keys.Right++
	case basic || r.Header.Get("Authorization") != "":
		s.keys.Other++
		return ""
	default:
		s.keys.None++
		return ""
	}
	for id := range strings.SplitSeq(path, "/") {
		s.asked[id]++
		if f := s.troubles[id]; f != nil && f.left != 0 && with == "" {
			with = f.with
			f.left--
		}
	}
	return with
}

// troubled is the problem of a trouble that is a status.
func troubled(with Trouble) *problem {
	switch with {
	case Unauthorized:
		return &problem{http.StatusUnauthorized, "authentication_error", "the key was revoked"}
	case NotFound:
		return &problem{http.StatusNotFound, "not_found", "there is nothing at this path"}
	case TooManyRequests:
		return &problem{http.StatusTooManyRequests, "rate_limit", "too many requests"}
	default:
		return &problem{http.StatusInternalServerError, "internal", "internal error"}
	}
}
