package main

import (
	"context"
	"strings"

	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/terminal"
	"github.com/kometia-sim/kometia-sim/scenarios"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
)

// watch lets a run see what the receiver does: the practice receiver as it
// offers it, any other as the config says. Its closer ends what was begun.
func (s *session) watch(ctx context.Context, set *settings, cfg *scenarios.Config) (closer func(), err error) {
	from := observe.Config{
		Command: set.config.Observe.Command, URL: set.config.Observe.URL,
		Log:  observe.LogConfig{File: set.config.Observe.Log.File, Pattern: set.config.Observe.Log.Pattern},
		Sink: set.config.Observe.Sink, StateMap: set.config.Observe.StateMap, Dir: s.Dir,
	}
	if drain := set.config.Drain; len(drain) > 0 {
		cfg.Drain = observe.Hook{Name: "drain", Argv: drain, Dir: s.Dir}
	}
	cfg.Hooks = s.hooks(set.config)
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
		return func() {}, nil
	}
	cfg.Observer, err = observe.New(ctx, from)
	if err != nil {
		return nil, terminal.Usage(err)
	}
	cfg.Observing, cfg.Covers, cfg.StateMap = from.Way(), from.Covers, from.StateMap
	return func() { _ = observe.Close(cfg.Observer) }, nil
}

// hooks are the user's own commands. One that is not given stays nil.
func (s *session) hooks(c *config) scenarios.Hooks {
	h := scenarios.Hooks{Ready: c.Ready}
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
