package serving

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/api"
	"github.com/kometia-sim/kometia-sim/simulator/platform"
	"github.com/kometia-sim/kometia-sim/simulator/platform/control"
)

// Site is all that answers at one address: the API of the shop, the control API
// and the page.
type Site struct {
	Platform *platform.Platform
	Control  control.Config
	Door     control.Door
	// Page answers everything that neither API does, and has the door in it; nil
	// answers 404.
	Page http.Handler
}

// Handler answers requests to the site. The API has keys of its own; everything
// else goes through the door.
func (s Site) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/api/", api.New(s.Platform.API()))
	inside := control.New(s.Control)
	mux.Handle("/_sim/", s.Door.Guard(inside))
	mux.Handle("/healthz", inside)
	page := s.Page
	if page == nil {
		page = http.NotFoundHandler()
	}
	mux.Handle("/", page)
	return mux
}

// Listen opens an address. One that others can reach takes a token.
func Listen(ctx context.Context, address string, token bool) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if ip, err := netip.ParseAddr(host); !token && host != "localhost" && (err != nil || !ip.Unmap().IsLoopback()) {
		return nil, lang.Errorf("%s se alcanza desde otras computadoras: agregue --token VALOR, o escuche en 127.0.0.1",
			"%s is reached from other computers: add --token VALUE, or listen on 127.0.0.1", address)
	}
	return (&net.ListenConfig{}).Listen(ctx, "tcp", address)
}

// Serve answers until ctx ends; requests under way end with it.
func Serve(ctx context.Context, ln net.Listener, h http.Handler) error {
	server := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		BaseContext:       func(net.Listener) context.Context { return ctx },
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(ln) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	// Answers that are on their way get a moment; nobody waits for the rest.
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 200*time.Millisecond)
	defer cancel()
	if err := server.Shutdown(grace); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return server.Close()
}
