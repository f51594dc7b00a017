package receiver

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/netip"
	"slices"
	"sync"

	"github.com/kometia-sim/kometia-sim/scenarios/consent"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// gate is what every request to a receiver passes, whoever sends it: what its
// owner has not consented to does not go out. It goes by the request itself and
// by the address that is dialled, never by what a scenario says of itself.
type gate struct {
	closed error    // why nothing passes at all; nil where something may
	safe   bool     // the receiver is someone else's
	allow  []string // classes that its owner has opened

	mu       sync.Mutex
	requests int         // to another machine, those of bursts apart
	failure  *wire.Error // the first that was ours
}

// pass gives back why a request may not go out; nil lets it pass.
func (g *gate) pass(r *wire.Request, class consent.Class, burst bool) error {
	if g.closed != nil || !g.safe {
		return g.closed
	}
	need := []consent.Class{class}
	if class == "" {
		need = needs(r)
		if burst {
			need = append(need, consent.Burst)
		}
	}
	for _, class := range need {
		if !g.Permits(class) {
			return class.Refuse()
		}
	}
	if burst || g.Permits(consent.Load) || class == consent.Fuzz {
		return nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if err := consent.CheckVolume(0, g.requests+1); err != nil {
		return err
	}
	g.requests++
	return nil
}

// Refuses says, before anything is sent, what the owner of another machine has
// not consented to in requests that are made so many times each; nil when
// nothing is refused.
func (g *gate) Refuses(requests []*wire.Request, times int) error {
	if !g.safe {
		return nil
	}
	var errs []error
	refused := map[consent.Class]bool{}
	for _, request := range requests {
		for _, class := range needs(request) {
			if !g.Allows(class) && !refused[class] {
				refused[class] = true
				errs = append(errs, class.Refuse())
			}
		}
	}
	if !g.Permits(consent.Load) {
		errs = append(errs, consent.CheckVolume(len(requests), len(requests)*times))
	}
	return errors.Join(errs...)
}

// Safe reports whether it is another machine's, which gets little unasked.
func (g *gate) Safe() bool { return g.safe }

// Allows reports whether it may be sent a class of stimulus.
func (g *gate) Allows(class consent.Class) bool { return class == "" || !g.safe || g.Permits(class) }

// Permits reports whether a class was opened by name.
func (g *gate) Permits(class consent.Class) bool { return slices.Contains(g.allow, string(class)) }

// note keeps the first failure of ours.
func (g *gate) note(o *wire.Outcome) {
	if o.Err == nil || !o.Err.Ours() || o.Err.Kind == wire.ErrCanceled || o.Err.Kind == wire.ErrRequest {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.failure == nil {
		g.failure = o.Err
	}
}

// Failure is the first limit of this computer, or of what was consented to, that
// kept a request from going out; nil when none did.
func (g *gate) Failure() *wire.Error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.failure
}

// needs are the classes that a request belongs to by what it is.
func needs(r *wire.Request) (classes []consent.Class) {
	post := r.Method == "" || r.Method == http.MethodPost
	if !post {
		classes = append(classes, consent.Methods)
	}
	bare := !post && len(r.Body) == 0
	if !bare && !json.Valid(r.Body) || slices.ContainsFunc(r.Header, func(f wire.Field) bool { return f.Misframes(len(r.Body)) }) || r.Cuts() {
		classes = append(classes, consent.Malformed)
	}
	return classes
}

// onlyHere keeps requests to a receiver of this computer from going anywhere
// else, whatever its name has come to mean since it was looked up.
func onlyHere(name string) func(netip.AddrPort) error {
	return func(addr netip.AddrPort) error {
		if wire.Local(addr.Addr()) {
			return nil
		}
		return lang.Errorf("%s era esta computadora al empezar y ahora es %s: no se le envía nada", "%s was this computer at the beginning and is %s now: nothing is sent there", name, addr.Addr())
	}
}
