package observe

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"golang.org/x/net/netutil"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

const whatSink = "observe.sink"

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
// a mail API. It answers 200 {} to everything. Each whole call that carries the
// id of an event in its path, query, header or body is one effect of it, or of
// its object when it carries no event id. It has no state to tell.
type Sink struct {
	server   *http.Server
	listener net.Listener
	served   chan error

	mu    sync.Mutex
	tally *tally
}

func checkSink(address string) error {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return lang.Errorf("observe: sink: %q no es una dirección, escriba por ejemplo 127.0.0.1:9099",
			"observe: sink: %q is no address, write for example 127.0.0.1:9099", address)
	}
	ip, ipErr := netip.ParseAddr(host)
	if host != "localhost" && (ipErr != nil || !ip.IsLoopback()) {
		return lang.Errorf("observe: sink: %s no es solo de esta máquina, escriba 127.0.0.1:%s",
			"observe: sink: %s is not on this machine alone, write 127.0.0.1:%s", address, port)
	}
	// 0 is any free port; see Sink.URL.
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return lang.Errorf("observe: sink: %q no es un puerto", "observe: sink: %q is no port", port)
	}
	return nil
}

func newSink(ctx context.Context, address string) (*Sink, error) {
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, lang.Errorf("observe: sink: %s", "observe: sink: %s", err)
	}
	s := &Sink{listener: netutil.LimitListener(ln, maxCalls), served: make(chan error, 1), tally: newTally()}
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

// Observe implements Observer.
func (s *Sink) Observe(ctx context.Context, subjects []Subject) ([]Reading, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tally.readings(whatSink, subjects)
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
	s.mu.Lock()
	s.tally.add(ids)
	s.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, "{}")
}
