package wire

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"sync"
	"time"

	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// Config is how attempts are made. The zero value means the defaults.
type Config struct {
	// ConnectTimeout bounds name lookup, TCP connect and TLS handshake
	// together; zero means 5 s.
	ConnectTimeout time.Duration
	// FirstByteTimeout bounds the time from the connection standing to the
	// first byte of an answer; zero means that only Timeout counts.
	FirstByteTimeout time.Duration
	// Timeout bounds the whole exchange, body included; zero means 10 s.
	Timeout time.Duration
	// ContinueTimeout is how long a request with ExpectContinue waits to be told
	// to go on before it does so anyway; zero means 1 s.
	ContinueTimeout time.Duration
	// RootCAs are trusted for https; nil means those of the system.
	RootCAs *x509.CertPool
	// Insecure takes any certificate for any name. Nothing that comes of it says that
	// a sender of webhooks would.
	Insecure bool
	// Certificates are shown to a server that asks for one; the first is ours.
	Certificates []tls.Certificate
	// Dialer opens the connections.
	Dialer Dialer
	// MaxIdle is how many idle connections are kept, to all servers together;
	// zero means 256, below zero none.
	MaxIdle int
	// Clock gives the wall time for the outcome and for the deadlines of the
	// sockets, so it has to run with the computer's; nil means the wall clock.
	Clock retryclock.Clock
}

// DefaultConfig has every default filled in.
func DefaultConfig() Config {
	return Config{
		ConnectTimeout:   5 * time.Second,
		FirstByteTimeout: 10 * time.Second,
		Timeout:          10 * time.Second,
		ContinueTimeout:  time.Second,
		MaxIdle:          256,
		Clock:            retryclock.Wall{},
	}
}

// Client makes attempts. It is safe for concurrent use.
type Client struct {
	cfg   Config
	tls   *tls.Config
	pool  pool
	heads sync.Pool // *[]byte: head and start of the body, as one write
	// readers outlive their connections: their buffers are most of what a
	// fresh one costs.
	readers sync.Pool
}

// New checks the configuration and joins all that is wrong with it.
func New(cfg Config) (*Client, error) {
	var errs []error
	for _, d := range []struct {
		name  string
		value *time.Duration
		std   time.Duration
	}{
		{"connect timeout", &cfg.ConnectTimeout, DefaultConfig().ConnectTimeout},
		{"timeout", &cfg.Timeout, DefaultConfig().Timeout},
		{"continue timeout", &cfg.ContinueTimeout, DefaultConfig().ContinueTimeout},
		{"first byte timeout", &cfg.FirstByteTimeout, cfg.Timeout},
	} {
		if *d.value < 0 {
			errs = append(errs, lang.Errorf("%s %v: use una duración positiva", "%s %v: use a positive duration", d.name, *d.value))
		}
		if *d.value == 0 {
			*d.value = d.std
		}
	}
	if cfg.FirstByteTimeout == 0 {
		cfg.FirstByteTimeout = cfg.Timeout
	}
	if cfg.MaxIdle == 0 {
		cfg.MaxIdle = DefaultConfig().MaxIdle
	}
	switch cfg.Clock.(type) {
	case nil:
		cfg.Clock = retryclock.Wall{}
	case *retryclock.Virtual:
		errs = append(errs, lang.Errorf("clock: los sockets necesitan un reloj de pared, no uno virtual",
			"clock: sockets need a wall clock, not a virtual one"))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return &Client{
		cfg: cfg,
		tls: &tls.Config{
			MinVersion: tls.VersionTLS12,
			RootCAs:    cfg.RootCAs,
			NextProtos: []string{"http/1.1"},
			Time:       cfg.Clock.Now,

			CipherSuites:       cipherSuites(),
			VerifyConnection:   verification(cfg.Insecure),
			InsecureSkipVerify: cfg.Insecure, //nolint:gosec // the user has asked for it by name
		},
		pool:    pool{max: cfg.MaxIdle, idle: map[string][]*conn{}},
		heads:   sync.Pool{New: func() any { b := make([]byte, 0, 4<<10); return &b }},
		readers: sync.Pool{New: func() any { return newReader() }},
	}, nil
}

// Close closes the idle connections; attempts under way come to their end.
// Attempts after it fail with ErrCanceled.
func (c *Client) Close() { c.pool.close() }

// CloseIdle closes the idle connections and goes on: a server that serves one
// connection at a time can serve nobody while one of ours is open.
func (c *Client) CloseIdle() { c.pool.drop() }

// Do makes one attempt. It returns when the exchange is over, the timeout is
// up or ctx has ended (then at once); nothing of it is left running and the
// body is no longer read. The Outcome is never nil.
func (c *Client) Do(ctx context.Context, r *Request) *Outcome {
	out := &Outcome{Started: c.cfg.Clock.Now()}
	out.Err = c.attempt(ctx, r, out)
	out.Total = c.cfg.Clock.Now().Sub(out.Started)
	return out
}

func (c *Client) attempt(ctx context.Context, r *Request, out *Outcome) *Error {
	if err := r.Check(); err != nil {
		return &Error{Kind: ErrRequest, Err: err}
	}
	if ctx.Err() != nil {
		return canceled(ctx)
	}
	if c.pool.isClosed() {
		return newError(ErrCanceled, "el cliente está cerrado", "the client is closed")
	}
	end := out.Started.Add(c.cfg.Timeout)
	for !r.Fresh && !out.Resent && r.whole() {
		cn := c.pool.take(r.Target.key, end)
		if cn == nil {
			break
		}
		if r.Silence > 0 {
			if c.cfg.Clock.WaitUntil(ctx, cn.idle.Add(r.Silence)) != nil {
				cn.discard()
				return canceled(ctx)
			}
			// The wait is ours, and no time of the receiver's.
			out.Started = c.cfg.Clock.Now()
			end = out.Started.Add(c.cfg.Timeout)
			_ = cn.tcp.SetDeadline(end)
		}
		switch result, fail := c.exchange(ctx, cn, r, out, end); result {
		case settled:
			return fail
		case stale:
			// In all likelihood the server had closed the connection as idle,
			// which says nothing about this request. Never done on a fresh one.
			out.Resent = true
		case unsent:
		}
		out.Reused = false
	}
	cn, fail := c.dial(ctx, r.Target, out, end)
	if fail != nil {
		return fail
	}
	_, fail = c.exchange(ctx, cn, r, out, end)
	if r.ExpectContinue && out.Status == 417 {
		plain := *r
		plain.ExpectContinue, plain.Fresh = false, true
		*out = Outcome{Started: out.Started, Notes: []Note{NoteRefused}}
		return c.attempt(ctx, &plain, out)
	}
	return fail
}

// dial makes a connection, with TLS if the target wants it.
func (c *Client) dial(ctx context.Context, t *Target, out *Outcome, end time.Time) (*conn, *Error) {
	whole := end
	if limit := c.cfg.Clock.Now().Add(c.cfg.ConnectTimeout); limit.Before(end) {
		end = limit
	}
	dialing, cancel := context.WithDeadline(ctx, end)
	defer cancel()
	raw, fail := c.open(dialing, t, end)
	if fail != nil {
		if ctx.Err() != nil {
			return nil, canceled(ctx)
		}
		return nil, fail
	}
	out.Connected, out.Remote = true, raw.RemoteAddr().String()
	in := &meter{Conn: raw}
	var secured net.Conn = in
	if t.secure {
		cfg := c.tls.Clone()
		cfg.ServerName = t.hostname
		asked := false // for a certificate of ours; without one none is sent
		cfg.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			if len(c.cfg.Certificates) > 0 {
				return &c.cfg.Certificates[0], nil
			}
			asked = true
			return &tls.Certificate{}, nil
		}
		wrapped := tls.Client(in, cfg)
		err := wrapped.HandshakeContext(dialing)
		state := wrapped.ConnectionState()
		out.TLS = &state
		if err != nil {
			_ = raw.Close()
			if ctx.Err() != nil {
				return nil, canceled(ctx)
			}
			// The certificate that was not good enough is what one wants to see.
			var verify *tls.CertificateVerificationError
			if errors.As(err, &verify) {
				state.PeerCertificates = verify.UnverifiedCertificates
			}
			if asked && isAlert(err) {
				return nil, newError(ErrTLS, "%s pidió un certificado de cliente y terminó la negociación TLS sin él: %s",
					"%s asked for a client certificate and ended the TLS handshake without one: %s", t.hostname, rootCause(err))
			}
			return nil, handshakeError(t.hostname, err)
		}
		secured = wrapped
	}
	cn, err := newConn(in, secured, &c.readers)
	if err != nil {
		_ = raw.Close()
		return nil, newError(ErrConnect, "conectar con %s: %s", "connect to %s: %s", t.address, err)
	}
	cn.key, cn.state, cn.remote = t.key, out.TLS, out.Remote
	_ = raw.SetDeadline(whole)
	return cn, nil
}
