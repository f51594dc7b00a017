package main

import (
	"context"
	"fmt"
	"hash/fnv"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/state"
	"github.com/kometia-sim/kometia-sim/report"
	"github.com/kometia-sim/kometia-sim/scenarios"
	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/api"
	"github.com/kometia-sim/kometia-sim/simulator/diagnose"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
)

// play is one run of the catalogue: of the target, or of one of several
// subscriptions, which are played in turn.
type play struct {
	set      settings // with its own target, kinds and ids
	outputs  *outputs
	receiver *receiver.Receiver
	runner   *scenarios.Runner
	record   *state.Record
	number   int // of several, from 1; zero when there is only one
	of       int
}

// plays are the runs that are wanted: of the target, else of each subscription.
func (s *session) plays(set *settings, kinds []string, outputs *outputs) []play {
	if len(set.several) == 0 {
		one := *set
		one.kinds = kinds
		return []play{{set: one, outputs: outputs}}
	}
	var all []play
	for i, sub := range set.several {
		p := play{set: *set, outputs: outputs.numbered(i + 1), number: i + 1, of: len(set.several)}
		p.set.target, p.set.kinds = sub.target, sub.Kinds
		if i > 0 {
			p.set.ids = idsOf(set.ids, i)
		}
		all = append(all, p)
	}
	return all
}

// idsOf are the ids of a later subscription's run: its receiver may well share
// the database of the first one, and is not to know its events already.
func idsOf(first string, i int) string {
	h := fnv.New64a()
	fmt.Fprintf(h, "%s/%d", first, i)
	return shop.IDsFromSeed(h.Sum64())
}

// prepare makes the plan of the run. Its error is the user's to mend.
func (p *play) prepare(s *session, rec receiver.Config, cfg scenarios.Config, suite *language.Suite, store *api.Memory) (err error) {
	if p.receiver, err = s.at(&p.set.target, rec); err != nil {
		return err
	}
	cfg.Kinds, cfg.IDs = p.set.kinds, p.set.ids
	cfg.OnResult = p.outputs.result
	cfg.OnEvent = func(e *shop.Event, objects []*jsontree.Object) {
		p.record.Event(e)
		if store != nil {
			store.Add(e, objects...)
		}
	}
	p.runner, err = scenarios.NewRunner(p.receiver, cfg, suite)
	if err != nil && p.number > 0 {
		err = lang.Errorf("%s: %s", "%s: %s", p.set.target.word, err)
	}
	return err
}

// play carries the run out and tells its exit code.
func (p *play) play(ctx context.Context, s *session, diagnoses *diagnose.Table) (code int, err error) {
	if p.number > 0 {
		s.Note("suscripción %d de %d: %s", "subscription %d of %d: %s", p.number, p.of, p.set.target.word)
	}
	p.record = s.record(&p.set)
	defer func() { s.closeRecord(p.record) }()
	opts := s.runOptions(diagnoses, p.outputs)
	if err := s.begin(p.runner, &p.set, p.outputs, opts); err != nil {
		return 0, err
	}
	result, err := p.runner.Run(ctx)
	s.Draw("")
	if err != nil {
		return 0, err
	}
	if err := p.outputs.finish(result, opts); err != nil {
		return 0, err
	}
	return report.Summarize(result, opts).Exit, nil
}

// graver is the exit code of two runs together. What a receiver did wrong is
// graver than that another one was never reached.
func graver(a, b int) int {
	order := []int{
		report.ExitOK, report.ExitInconclusive, report.ExitUnreachable, report.ExitFailed, report.ExitHarness, report.ExitInterrupted,
	}
	return order[max(slices.Index(order, a), slices.Index(order, b))]
}

// numbered are the same reports, those in files with the number of the
// subscription before the ending: report-2.html.
func (o *outputs) numbered(n int) *outputs {
	c := &outputs{}
	for _, out := range o.all {
		one := *out
		if one.file != "" {
			one.path, one.file = numberedPath(one.path, n), numberedPath(one.file, n)
		}
		c.all = append(c.all, &one)
	}
	return c
}

func numberedPath(path string, n int) string {
	ext := filepath.Ext(path)
	return fmt.Sprintf("%s-%d%s", strings.TrimSuffix(path, ext), n, ext)
}
