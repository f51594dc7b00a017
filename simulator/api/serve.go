package api

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// Server is an HTTP server that runs. Make one with Serve.
type Server struct {
	// URL is where it answers, without a slash at its end:
	// "http://127.0.0.1:8091".
	URL string

	stop   context.CancelFunc
	closed chan struct{}
	err    error // set before closed is closed
}

// Serve answers with h at an address until ctx ends or Close is called.
//
// listen is "host:port"; an empty host is 127.0.0.1 and an empty or zero port is
// a free one, so that "" and ":8091" are reached from this computer only. Name a
// host ("0.0.0.0:8091") to be reached from others: what answers there is behind
// a key, but over plain HTTP.
func Serve(ctx context.Context, listen string, h http.Handler) (*Server, error) {
	host, port := "", ""
	if listen != "" {
		var err error
		if host, port, err = net.SplitHostPort(listen); err != nil {
			return nil, lang.Errorf("dirección %q: se espera host:puerto: %s", "listen address %q: want host:port: %s", listen, err)
		}
	}
	if host == "" {
		host = "127.0.0.1"
	}
	if port == "" {
		port = "0"
	}
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", net.JoinHostPort(host, port))
	if err != nil {
		return nil, err // of package net: it names the address
	}
	ctx, stop := context.WithCancel(ctx)
	s := &Server{URL: "http://" + Reachable(ln.Addr()), stop: stop, closed: make(chan struct{})}
	go s.run(ctx, ln, h)
	return s, nil
}

func (s *Server) run(ctx context.Context, ln net.Listener, h http.Handler) {
	defer close(s.closed)
	defer s.stop()
	server := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(ln) }()
	select {
	case s.err = <-failed:
		return
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	if err := server.Shutdown(grace); err != nil {
		s.err = server.Close()
	}
}

// Close stops the server and gives requests under way a second to end. It may be
// called more than once.
func (s *Server) Close() error {
	s.stop()
	return s.Wait()
}

// Wait returns when the server has ended: with nil when it was told to, else
// with the reason.
func (s *Server) Wait() error {
	<-s.closed
	return s.err
}

// Reachable is an address to connect to: one that is bound to every interface is
// reached on this computer's own.
func Reachable(a net.Addr) string {
	tcp, ok := a.(*net.TCPAddr)
	if !ok || !tcp.IP.IsUnspecified() {
		return a.String()
	}
	return net.JoinHostPort("127.0.0.1", fmt.Sprint(tcp.Port))
}
