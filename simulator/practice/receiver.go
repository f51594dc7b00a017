package practice

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/net/netutil"

	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// maxBody is the largest body that is read, in bytes. Kometia's largest events
// are far below it; a body without end must not fill the memory.
const maxBody = 8 << 20

// Config says what a receiver is. The zero Config is the good receiver with a
// database of its own that goes away with it.
type Config struct {
	// Flaw is the name of what is wrong or different; see Flaws. Empty means
	// the good receiver.
	Flaw string
	// DB is the path of the SQLite file; it is made when it does not exist,
	// its folder is not. A receiver that opens the file of an earlier one
	// remembers what that one did. Empty means a file in a temporary folder
	// that Close removes.
	DB string
	// Clock is the receiver's own time, which flaws, effects and the Date of its
	// answers go by; nil means the wall clock.
	Clock retryclock.Clock
	// Delay replaces the waiting time of the flaws that wait (slow, hang,
	// queue, throttled ...); zero means each one's own.
	Delay time.Duration
	// Latency is how long it works on a delivery, besides what its flaw takes;
	// zero means no longer than it has to.
	Latency time.Duration
	// API is asked by the receiver that believes the API only (thin); the
	// others have no use for it.
	API API
	// ERP is the base URL of what receivers that call an ERP call; the others have no
	// use for it.
	ERP string
	// Catalogue has the event kinds that it acts on, and what each of them does;
	// nil is the built-in one.
	Catalogue *schemas.Catalogue
	// Log gets one line for each delivery and for each failure; nil means
	// nobody wants to know.
	Log io.Writer
}

// Receiver is a receiver of webhooks. Make one with New. It is an http.Handler,
// but serve it with Serve where you can: work in the background and the flaws
// of connections need it.
type Receiver struct {
	pace
	reader
	journal
	latency   time.Duration
	api       apiClient
	erp       string
	store     *store
	temporary string // folder to remove; empty when the file is the caller's
	flaw      flaw
	handle    handling
	wake      chan struct{} // has an element when jobs were added
	inMemory  atomic.Int64  // what later has still to do
	closed    atomic.Bool
	outside   sync.Mutex // while a job calls what is outside
}

// New makes a receiver; ctx bounds only the opening of its database. An unknown
// flaw is an *UnknownFlawError.
func New(ctx context.Context, cfg Config) (*Receiver, error) {
	f, err := find(cfg.Flaw)
	if err != nil {
		return nil, err
	}
	if cfg.Delay < 0 || cfg.Latency < 0 {
		return nil, lang.Errorf("practice: delay %v o latency %v es negativo", "practice: delay %v or latency %v is negative", cfg.Delay, cfg.Latency)
	}
	if f.UsesAPI && cfg.API.URL == "" {
		return nil, lang.Errorf("practice: %s necesita la dirección de la API", "practice: %s needs the address of the API", cfg.Flaw)
	}
	if f.CallsERP && cfg.ERP == "" {
		return nil, lang.Errorf("practice: %s necesita la dirección del ERP", "practice: %s needs the address of the ERP", cfg.Flaw)
	}
	if cfg.Clock == nil {
		cfg.Clock = retryclock.Wall{}
	}
	if cfg.Catalogue == nil {
		cfg.Catalogue = schemas.Builtin()
	}
	read := reader{cfg.Catalogue}
	r := &Receiver{
		pace: pace{cfg.Clock, cfg.Delay}, reader: read, journal: journal{log: cfg.Log}, latency: cfg.Latency,
		api: apiClient{cfg.API, read}, erp: cfg.ERP, flaw: f, wake: make(chan struct{}, 1),
	}
	path := cfg.DB
	if path == "" {
		if r.temporary, err = os.MkdirTemp("", "kometia-sim-practice-"); err != nil {
			return nil, err
		}
		path = filepath.Join(r.temporary, "practice.sqlite")
	}
	if r.store, err = openStore(ctx, path); err != nil {
		return nil, errors.Join(err, r.removeTemporary())
	}
	r.store.acts, r.store.names = f.acts, f.names
	r.handle = r.accept
	if f.wrap != nil {
		r.handle = f.wrap(r, r.accept)
	}
	return r, nil
}

// Close closes the database. Call it after Serve has returned.
func (r *Receiver) Close() error {
	r.closed.Store(true)
	return errors.Join(r.store.close(), r.removeTemporary())
}

func (r *Receiver) removeTemporary() error {
	if r.temporary == "" {
		return nil
	}
	return os.RemoveAll(r.temporary)
}

// Serve answers on ln until ctx ends, lets the requests under way finish (at
// most 5 s) and returns nil; any other end is an error. It closes ln, not the
// receiver.
func (r *Receiver) Serve(ctx context.Context, ln net.Listener) error {
	server := &http.Server{
		Handler:           r,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       time.Minute,
		IdleTimeout:       2 * time.Minute,
		ConnContext: func(ctx context.Context, _ net.Conn) context.Context {
			return context.WithValue(ctx, connectionKey{}, &connection{})
		},
	}
	background, stop := context.WithCancel(ctx)
	var working sync.WaitGroup
	defer working.Wait()
	defer stop()
	working.Go(func() { r.work(background) })

	if r.flaw.single {
		ln = netutil.LimitListener(ln, 1)
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(ln) }()
	select {
	case err := <-failed:
		return lang.Errorf("receptor de práctica: %s", "practice receiver: %s", err)
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := server.Shutdown(grace); err != nil {
		// What is still under way hangs, by a flaw or by its client.
		return server.Close()
	}
	return nil
}

// accept is the good receiver.
func (r *Receiver) accept(d *delivery) answer {
	e, err := d.event()
	if err != nil {
		return answer{status: http.StatusBadRequest, verdict: malformed, reason: err}
	}
	if !e.known() {
		// A 4xx would have Kometia repeat for two days what will never be
		// understood.
		return answer{status: http.StatusNoContent, verdict: ignored}
	}
	// The work is done even when the sender hangs up meanwhile: the retry then
	// finds it done.
	fresh, err := r.store.act(d.lasting(), e, r.clock.Now())
	switch {
	case err != nil:
		return r.failed(err)
	case !fresh:
		return answer{status: http.StatusNoContent, verdict: repeated}
	}
	return answer{status: http.StatusNoContent, verdict: acted}
}

// journal is where a receiver writes down what it did; nil is nowhere.
type journal struct {
	logging sync.Mutex
	log     io.Writer
}

// logf writes one line.
func (j *journal) logf(format string, args ...any) {
	if j.log == nil {
		return
	}
	j.logging.Lock()
	defer j.logging.Unlock()
	// A log that cannot be written is no reason to refuse a delivery.
	_, _ = fmt.Fprintf(j.log, format+"\n", args...)
}
