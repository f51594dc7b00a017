// Package serving is what kometia-sim serve is made of beside the platform: the
// ways to the receivers that its subscriptions name, under the rules of safe mode,
// and the server that its user and the receivers speak to.
package serving

import (
	"context"
	"sync"

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
	all map[string]*way
}

// NewWays makes ways out of what is common to all receivers.
func NewWays(cfg receiver.Config) *Ways { return &Ways{cfg: cfg, all: map[string]*way{}} }

// Receiver implements platform.Receivers. Nothing is looked up before something is
// sent.
func (w *Ways) Receiver(_ context.Context, url string) (platform.Receiver, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if known := w.all[url]; known != nil {
		return known, nil
	}
	target, err := wire.ParseTarget(url)
	if err != nil {
		return nil, err
	}
	made := &way{cfg: w.cfg}
	made.cfg.Target, made.cfg.Name = target, target.String()
	w.all[url] = made
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
	cfg receiver.Config

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

// open finds out, once, whose machine it is.
func (w *way) open(ctx context.Context) (delivery.Sender, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.sender != nil {
		return w.sender, nil
	}
	looking, cancel := context.WithTimeout(ctx, wire.DefaultConfig().ConnectTimeout)
	defer cancel()
	cfg := w.cfg
	cfg.Here = cfg.Wire.Dialer.Here(looking, cfg.Target)
	cfg.Safe = !cfg.Here
	made, err := receiver.New(cfg)
	if err != nil {
		return nil, err
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
