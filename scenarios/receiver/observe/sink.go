package observe

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"golang.org/x/net/netutil"

	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/fault"
)

const (
	// maxCall is how much of a call's body is looked at, maxCallDrained how
	// much of it is read before the connection is given up.
	maxCall        = 1 << 20
	maxCallDrained = 16 << 20
	// maxCalls is how many connections are served at once; with maxCall it
	// bounds the memory.
	maxCalls = 64
)

// Sink takes the place of a service that the receiver calls: an ERP, a courier,
// a mail API. It answers 200 {} to everything, until it is told otherwise. Each
// whole call that carries the id of an event in its path, query, header or body
// is one effect of it, or of its object when it carries no event id. Calls to one
// path with an equal key are one call. It has no state to tell.
type Sink struct {
	name     string
	key      key
	server   *http.Server
	listener net.Listener
	served   chan error

	mu      sync.Mutex
	answer  fault.Answer
	tally   *tally               // of what it took
	keys    map[string]struct{}  // of what it took
	failed  *tally               // of what it answered badly since it was told to
	firstly map[string]time.Time // when, by the ids
}

func newSink(ctx context.Context, cfg SinkConfig, k key) (*Sink, error) {
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", cfg.Address)
	if err != nil {
		return nil, lang.Errorf("observe: sink: %s", "observe: sink: %s", err)
	}
	s := &Sink{
		name: cfg.Name, key: k, listener: netutil.LimitListener(ln, maxCalls), served: make(chan error, 1),
		tally: newTally(), keys: map[string]struct{}{}, failed: newTally(),
	}
	s.server = &http.Server{
		Handler:           s,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       time.Minute,
		WriteTimeout:      time.Minute,
		IdleTimeout:       10 * time.Second, // connections are limited
		MaxHeaderBytes:    64 << 10,
	}
	go func() { s.served <- s.server.Serve(s.listener) }()
	return s, nil
}

// Name is what the effects here are called; "" without one.
func (s *Sink) Name() string { return s.name }

// URL is where the sink listens: http://127.0.0.1:PORT.
func (s *Sink) URL() string { return "http://" + s.listener.Addr().String() }

// Close implements io.Closer: it ends the calls under way and frees the port.
func (s *Sink) Close() error {
	err := s.server.Close()
	if served := <-s.served; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	s.served <- http.ErrServerClosed // for another Close
	return err
}

// Set makes it answer otherwise from now on; the zero Answer is well again.
func (s *Sink) Set(a fault.Answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.answer = a; a != (fault.Answer{}) {
		s.failed, s.firstly = newTally(), map[string]time.Time{}
	}
}

// readings counts all subjects.
func (s *Sink) readings(subjects []Subject) ([]Reading, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out, err := s.tally.readings(whatSink, subjects)
	for i := range out {
		out[i].FailedAt = s.firstly[subjects[i].EventID]
		if at := s.firstly[subjects[i].ObjectID]; out[i].FailedAt.IsZero() {
			out[i].FailedAt = at
		}
		if s.answer != (fault.Answer{}) {
			out[i].Failed = s.failed.count(subjects[i])
		}
		if out[i].Effects > 0 {
			out[i].Called = map[string]int{s.name: out[i].Effects}
		}
		if s.name != "" {
			out[i].Named = map[string]int{s.name: out[i].Effects}
		}
	}
	return out, err
}

// ServeHTTP takes a call. It is counted before it is answered, so that a
// receiver which waits for the answer has its effect seen.
func (s *Sink) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ids := map[string]struct{}{}
	findIDs(ids, []byte(r.URL.Path))
	findIDs(ids, []byte(r.URL.RawQuery))
	for _, values := range r.Header {
		for _, v := range values {
			findIDs(ids, []byte(v))
		}
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxCall))
	if err == nil {
		_, err = io.Copy(io.Discard, io.LimitReader(r.Body, maxCallDrained))
	}
	if err != nil {
		w.WriteHeader(http.StatusBadRequest) // cut short: the service would not have acted
		return
	}
	findIDs(ids, body)
	a := s.take(ids, s.key.of(r, body))
	if a.Slow > 0 {
		clock := retryclock.Wall{}
		_ = clock.WaitUntil(r.Context(), clock.Now().Add(a.Slow)) // its only error is that the caller hung up
	}
	if a.Silent {
		panic(http.ErrAbortHandler) // ends the connection without an answer
	}
	w.Header().Set("Content-Type", "application/json")
	if a.Status != 0 {
		w.WriteHeader(a.Status)
	}
	_, _ = io.WriteString(w, "{}")
}

// take counts a call and tells how it is to be answered.
func (s *Sink) take(ids map[string]struct{}, k string) fault.Answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.answer != (fault.Answer{}) {
		s.failed.add(ids)
		for id := range ids {
			if _, known := s.firstly[id]; !known {
				s.firstly[id] = retryclock.Wall{}.Now()
			}
		}
	}
	if _, known := s.keys[k]; !s.answer.Acts() || k != "" && known {
		return s.answer
	}
	s.tally.add(ids)
	if k != "" && len(s.keys) < maxTallied {
		s.keys[k] = struct{}{}
	}
	return s.answer
}
