// Package serving is what kometia-sim serve is made of beside the platform: the
// ways to the receivers that its subscriptions name, under the rules of safe mode,
// and the server that its user and the receivers speak to.
package serving

import (
	"context"
	"sync"

	"github.com/kometia-sim/kometia-sim/scenarios/consent"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/platform"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// Ways gives the ways to receivers, one for each URL. Those on other machines get
// no more than they get from send: the gate of package receiver holds for each.
// Make one with NewWays; it is safe for concurrent use.
type Ways struct {
	cfg receiver.Config // but for its target

	mu  sync.Mutex
	all map[wayTo]*way
}

// wayTo is a URL, and whether its user has confirmed deliveries to another machine.
type wayTo struct {
	url       string
	confirmed bool
}

// NewWays makes ways out of what is common to all receivers.
func NewWays(cfg receiver.Config) *Ways { return &Ways{cfg: cfg, all: map[wayTo]*way{}} }

// Elsewhere implements platform.Receivers.
func (w *Ways) Elsewhere(ctx context.Context, url string) error {
	target, err := wire.ParseTarget(url)
	if err != nil || here(ctx, &w.cfg, target) {
		return err
	}
	return consent.Elsewhere(target.String())
}

// here looks up whether a target is on this machine.
func here(ctx context.Context, cfg *receiver.Config, target *wire.Target) bool {
	looking, cancel := context.WithTimeout(ctx, wire.DefaultConfig().ConnectTimeout)
	defer cancel()
	return cfg.Wire.Dialer.Here(looking, target)
}

// Receiver implements platform.Receivers. Nothing is looked up before something is
// sent.
func (w *Ways) Receiver(_ context.Context, url string, confirmed bool) (platform.Receiver, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	to := wayTo{url, confirmed}
	if known := w.all[to]; known != nil {
		return known, nil
	}
	target, err := wire.ParseTarget(url)
	if err != nil {
		return nil, err
	}
	made := &way{cfg: w.cfg, confirmed: confirmed}
	made.cfg.Target, made.cfg.Name = target, target.String()
	w.all[to] = made
	return made, nil
}

// Close closes the connections to all receivers.
func (w *Ways) Close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, one := range w.all {
		one.close()
	}
}

// way is the way to one receiver.
type way struct {
	cfg       receiver.Config
	confirmed bool

	mu       sync.Mutex
	receiver *receiver.Receiver
	sender   delivery.Sender
}

// Request implements platform.Receiver.
func (w *way) Request(body []byte) *wire.Request {
	return &wire.Request{Target: w.cfg.Target, Header: delivery.Header(w.cfg.UserAgent, w.cfg.Header), Body: body}
}

// Do implements delivery.Sender.
func (w *way) Do(ctx context.Context, r *wire.Request) *wire.Outcome {
	sender, err := w.open(ctx)
	if err != nil {
		return &wire.Outcome{Err: &wire.Error{Kind: wire.ErrRequest, Err: err}}
	}
	return sender.Do(ctx, r)
}

// open finds out whose machine it is: once, unless nothing goes there.
func (w *way) open(ctx context.Context) (delivery.Sender, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.sender != nil {
		return w.sender, nil
	}
	cfg := w.cfg
	cfg.Here = here(ctx, &cfg, cfg.Target)
	cfg.Safe, cfg.Closed = !cfg.Here, !cfg.Here && !w.confirmed
	made, err := receiver.New(cfg)
	if err != nil {
		return nil, err
	}
	if cfg.Closed {
		made.Close()
		return made.Direct(), nil // it refuses; the name may come to mean this computer
	}
	w.receiver, w.sender = made, made.Direct()
	return w.sender, nil
}

func (w *way) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.receiver != nil {
		w.receiver.Close()
	}
}
