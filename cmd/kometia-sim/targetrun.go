package main

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"slices"
	"syscall"
	"time"

	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/console"
	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/outputs"
	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/settings"
	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/state"
	"github.com/kometia-sim/kometia-sim/report/terminal"
	"github.com/kometia-sim/kometia-sim/report/view"
	"github.com/kometia-sim/kometia-sim/scenarios"
	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
)

// targetRun is one run of the catalogue: of the target, or of one of several
// subscriptions, which are tried in turn.
type targetRun struct {
	v       settings.Values // with its own target, kinds and ids
	reports *outputs.Outputs
	runner  *scenarios.Runner
	record  *state.Record
	number  int // of several, from 1; zero when there is only one
	of      int
	before  *verdict.Report // an earlier run; nil for none
}

// targetRuns are the runs that are wanted: of the target, else of each
// subscription.
func targetRuns(v *settings.Values, reports *outputs.Outputs) ([]targetRun, error) {
	if len(v.Several) == 0 {
		return []targetRun{{v: *v, reports: reports}}, nil
	}
	several, err := reports.Several(len(v.Several))
	if err != nil {
		return nil, err
	}
	var all []targetRun
	for i, sub := range v.Several {
		t := targetRun{v: *v, reports: several[i], number: i + 1, of: len(v.Several)}
		t.v.Target, t.v.Kinds = sub.Target, sub.Kinds
		if i > 0 {
			t.v.Identity.IDs = idsOf(v.Identity.IDs, i)
		}
		all = append(all, t)
	}
	return all, nil
}

// idsOf are the ids of a later subscription's run: its receiver may well share
// the database of the first one, and is not to know its events already.
func idsOf(first string, i int) string {
	h := fnv.New64a()
	fmt.Fprintf(h, "%s/%d", first, i)
	return shop.IDsFromSeed(h.Sum64())
}

// prepare makes the plan of the run. Its error is the user's to fix.
func (t *targetRun) prepare(ctx context.Context, o *opened, cfg scenarios.Config, suite *language.Suite) error {
	rec, err := o.at(ctx, t.v.Target, t.v.Limits.Safe)
	if err != nil {
		return err
	}
	cfg.Kinds, cfg.IDs = t.v.Kinds, t.v.Identity.IDs
	cfg.OnStart, cfg.OnReceiver, cfg.OnResult = t.reports.Start, t.reports.Receiver, t.reports.Result
	cfg.API, cfg.Auth = o.api, t.v.Auth
	cfg.OnEvent = func(e *shop.Event, _ []*jsontree.Object) { t.record.Event(e) }
	t.runner, err = scenarios.NewRunner(rec, cfg, suite)
	if err != nil && t.number > 0 {
		err = lang.Errorf("%s: %s", "%s: %s", t.v.Target.Word, err)
	}
	return err
}

// carryOut tells the plan, carries the run out, and gives its exit code.
func (t *targetRun) carryOut(ctx context.Context, c *call) (code int, err error) {
	if t.number > 0 {
		c.Note("suscripción %d de %d: %s", "subscription %d of %d: %s", t.number, t.of, t.v.Target.Word)
	}
	t.record = c.record(&t.v)
	if err := t.record.Refused(); err != nil {
		return 0, console.Usage(err)
	}
	defer func() {
		if lost := c.closeRecord(t.record); err == nil {
			err = lost
		}
	}()
	opts := runOptions(c, t.reports)
	opts.Baseline = t.before
	plan := t.runner.Plan()
	if err := terminal.WritePlan(c.Stderr, plan, c.TalkOptions(opts)); err != nil {
		return 0, err
	}
	head := runHead(c, &t.v, verdict.CommandRun, t.runner.Planned())
	head.Plan = plan
	if t.number > 0 {
		head.Subscription = &verdict.Subscription{Number: t.number, Of: t.of}
	}
	if err := t.reports.Begin(head, opts); err != nil {
		return 0, err
	}
	result, err := t.runner.Run(ctx)
	c.Draw("")
	if err != nil {
		return 0, err
	}
	complete(&result.Run, &head)
	if err := t.reports.Finish(result, opts); err != nil {
		return 0, err
	}
	return view.Summarize(result, opts).Exit, nil
}

// runHead is how a run or a hunt is called in its reports.
func runHead(c *call, v *settings.Values, command string, planned []verdict.Planned) verdict.Run {
	return verdict.Run{
		Command: command, Planned: planned, Began: c.Clock.Now().UTC().Truncate(time.Millisecond),
		Tool: console.Tool(), Seed: v.Identity.Seed, IDs: v.Identity.IDs, Start: v.Identity.Start,
		Target: v.Target.Wire.String(), Name: v.Target.Word, Lang: c.Lang, Timeout: v.Delivery.Wire.Timeout,
	}
}

// complete adds to the run of a report what only its head knows.
func complete(run, head *verdict.Run) {
	run.Command, run.Planned, run.Began, run.Subscription = head.Command, head.Planned, head.Began, head.Subscription
}

// record begins the record of what a run makes.
func (c *call) record(v *settings.Values) *state.Record {
	return c.state().Record(state.Run{IDs: v.Identity.IDs, Seed: v.Identity.Seed, Start: v.Identity.Start, Target: v.Target.Word})
}

// closeRecord ends a record and says when it is not whole.
func (c *call) closeRecord(r *state.Record) error {
	return c.unkept(r.Close(), lang.Text{ES: "no se pudo anotar lo que se creó, para kometia-sim ids", EN: "what was made could not be recorded, for kometia-sim ids"})
}

func isNotOurs(err error) bool {
	_, is := errors.AsType[*state.NotOursError](err)
	return is
}

// unkept is what comes of something that could not be kept. A folder that the user
// keeps us out of is worth a warning; anything else, a full disk, is a failure of
// ours, which the user learns beside the result.
func (c *call) unkept(err error, what lang.Text) error {
	switch {
	case err == nil:
		return nil
	case isNotOurs(err):
		return console.Usage(err)
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		c.Warn("%s: %s", "%s: %s", what, err)
		return nil
	}
	return console.Ours(lang.Errorf("%s: %s", "%s: %s", what, err))
}

// graver is the exit code of two runs together. What a receiver did wrong is
// graver than that another one was never reached.
func graver(a, b int) int {
	order := []int{
		view.ExitOK, view.ExitInconclusive, view.ExitUnreachable, view.ExitFailed, view.ExitHarness, view.ExitInterrupted,
	}
	return order[max(slices.Index(order, a), slices.Index(order, b))]
}
