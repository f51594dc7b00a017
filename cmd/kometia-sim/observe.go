package main

import (
	"context"
	"errors"
	"strings"

	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/terminal"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
)

// receiver is the receiver under test as flags and config describe it, its target
// aside, and what closes its observer. The practice receiver is observed, worked off
// and restarted as it offers it, any other as the config says.
func (s *session) receiver(ctx context.Context, set *settings) (cfg receiver.Config, closer func(), err error) {
	allow, allowErr := s.allowed(set)
	pace, paceErr := s.pace(set)
	if err := errors.Join(allowErr, paceErr); err != nil {
		return cfg, nil, terminal.Usage(err)
	}
	cfg = receiver.Config{
		Wire: set.wire, UserAgent: userAgent, Header: set.extra, Pace: pace, Allow: allow,
		NoProbe: s.flags.Bool("no-probe"), Clock: s.Clock, Stop: s.Stop, Hooks: s.hooks(set.config),
	}
	from := observe.Config{
		Command: set.config.Observe.Command, URL: set.config.Observe.URL,
		Log:  observe.LogConfig{File: set.config.Observe.Log.File, Pattern: set.config.Observe.Log.Pattern},
		Sink: set.config.Observe.Sink, StateMap: set.config.Observe.StateMap, Dir: s.Dir,
	}
	if drain := set.config.Drain; len(drain) > 0 {
		cfg.Drain = observe.Hook{Name: "drain", Argv: drain, Dir: s.Dir}
	}
	if set.target.practice {
		base := strings.TrimSuffix(set.target.wire.URL(), practiceWebhook)
		from = observe.Config{URL: base + practiceEffects, StateMap: practiceState()}
		if set.target.traits().PerObject {
			from.URL = base + practiceRows
		}
		cfg.Drain = observe.Post{Name: "drain", URL: base + practiceDrain}
		cfg.Hooks = set.target.process.hooks()
	}
	if from.Zero() {
		return cfg, func() {}, nil
	}
	cfg.Observer, err = observe.New(ctx, from)
	if err != nil {
		return cfg, nil, terminal.Usage(err)
	}
	cfg.Observing, cfg.Covers, cfg.StateMap = from.Way(), from.Covers, from.StateMap
	return cfg, func() { _ = observe.Close(cfg.Observer) }, nil
}

// at is the receiver at a target. --safe, where there is such a flag, says whether
// it is another machine's.
func (s *session) at(t *target, cfg receiver.Config) (*receiver.Receiver, error) {
	cfg.Target, cfg.Name, cfg.Safe = t.wire, t.word, !t.wire.Loopback()
	if s.flags.IsSet("safe") {
		cfg.Safe = s.flags.Bool("safe")
	}
	return receiver.New(cfg)
}

// hooks are the user's own commands. One that is not given stays nil.
func (s *session) hooks(c *config) receiver.Hooks {
	h := receiver.Hooks{Ready: c.Ready}
	for _, hook := range []struct {
		name string
		argv []string
		to   *observe.Action
	}{
		{"start", c.Start, &h.Start},
		{"kill", c.Kill, &h.Kill},
		{"restart", c.Restart, &h.Restart},
		{"down", c.Down, &h.Down},
		{"up", c.Up, &h.Up},
	} {
		if len(hook.argv) > 0 {
			*hook.to = observe.Hook{Name: hook.name, Argv: hook.argv, Dir: s.Dir}
		}
	}
	return h
}
