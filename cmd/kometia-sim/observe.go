package main

import (
	"context"
	"strings"

	"github.com/kometia-sim/kometia-sim/scenarios"
	"github.com/kometia-sim/kometia-sim/scenarios/observe"
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
	if set.target.practice {
		base := strings.TrimSuffix(set.target.wire.URL(), "/webhook")
		from = observe.Config{URL: base + "/effects/{event.id}"}
		cfg.Drain = observe.Post{Name: "drain", URL: base + "/drain"}
	}
	if from.Zero() {
		return func() {}, nil
	}
	cfg.Observer, err = observe.New(ctx, from)
	if err != nil {
		return nil, usage(err)
	}
	cfg.Observing, cfg.Covers = from.Way(), from.Covers
	return func() { _ = observe.Close(cfg.Observer) }, nil
}
