package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/console"
	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/outputs"
	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/settings"
	"github.com/kometia-sim/kometia-sim/report/view"
	"github.com/kometia-sim/kometia-sim/scenarios/consent"
	"github.com/kometia-sim/kometia-sim/scenarios/fuzz"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/api"
	"github.com/kometia-sim/kometia-sim/simulator/payload"
)

func fuzzCommand() command {
	return command{
		name: "fuzz", args: lang.Text{ES: "[TIPO...]", EN: "[KIND...]"}, offers: settings.Kinds,
		waits: waitsForRun(),
		usage: lang.Text{ES: "busca eventos que rompan al receptor, los reduce y los guarda", EN: "hunts for events that break the receiver, shrinks them and keeps them"},
		examples: same(`kometia-sim fuzz --target http://localhost:8000/kometia/webhook
kometia-sim fuzz order.placed order.paid --time 10s --seed 7
kometia-sim fuzz --phases coverage,bytes --max-requests 5000 --report junit=fuzz.xml
kometia-sim fuzz --target practice:null-breaks --time 5s`),
		about: lang.Text{
			ES: `Cada hallazgo queda en .kometia-sim/cases; kometia-sim replay lo repite. La próxima vez van primero.
Sale con 0 si no halló nada, 1 con un hallazgo de nivel DEBE (--strict: también DEBERÍA), 3 si nunca hubo conexión.
Fuera de esta computadora solo con --allow fuzz.`,
			EN: `Each finding is kept in .kometia-sim/cases; kometia-sim replay repeats it. The next run begins with them.
Exits with 0 when nothing was found, 1 with a finding at level MUST (--strict: SHOULD, too), 3 when no connection was ever made.
Off this computer only with --allow fuzz.`,
		},
		act: hunt,
	}
}

// hunt looks for what breaks the receiver.
func hunt(ctx context.Context, c *call) error {
	v, err := c.given.Read("target", true, false)
	if err != nil {
		return err
	}
	reports, reportsErr := outputs.Read(c.Host, c.given.List("report"))
	before, beforeErr := baseline(c, 1)
	if err := errors.Join(huntKinds(c, v), reportsErr, beforeErr); err != nil {
		return console.Usage(err)
	}
	reports.TellActions()
	reports.EndWhenBroken(ctx)
	o, rec, err := c.openFuzzed(ctx, v)
	if err != nil {
		return err
	}
	defer o.close()
	cfg := fuzzConfig(c, v, o)
	limitHunt(c, v, &cfg)
	dir, err := c.state().MakeCases()
	if err != nil {
		return console.Usage(lang.Errorf("no se puede guardar ningún caso: %s", "no case can be kept: %s", err))
	}
	cfg.Store = fuzz.NewStore(dir)
	if !c.given.On("forget") {
		if cfg.Old, err = cfg.Store.All(); err != nil {
			c.Warn("hay casos que no se pueden leer: %s", "some cases cannot be read: %s", err)
		}
	}
	cfg.OnProgress, cfg.OnFinding = c.drawHunt, func(f fuzz.Finding, found verdict.Result) {
		reports.Finding(found)
		c.DrawAbove(fmt.Sprintf("%s  %s  %s  %s", f.ID, f.Oracle, f.Kind, console.Clip(f.What, 60)))
	}
	runner, err := fuzz.NewRunner(rec, cfg)
	if err != nil {
		return console.Usage(err)
	}
	opts := runOptions(c, reports)
	opts.PlanShown = false
	opts.Baseline = before[0]
	c.Note("semilla %d  ids %s  %s", "seed %d  ids %s  %s", v.Identity.Seed, v.Identity.IDs, v.Target.Word)
	planned := runner.Planned()
	head := runHead(c, v, verdict.CommandFuzz, planned)
	if err := reports.Begin(head, opts); err != nil {
		return err
	}
	reports.Start(idsOfPlanned(planned))
	result, err := runner.Run(ctx)
	c.Draw("")
	c.noteKeys(o)
	if err != nil {
		return err
	}
	complete(&result.Run, &head)
	for _, found := range result.Results {
		reports.Result(found)
	}
	// A case that is not kept cannot be replayed: whoever reads the result relies on it.
	opts.Unwritten = runner.Unkept()
	var lost []error
	for _, why := range opts.Unwritten {
		lost = append(lost, console.Ours(lang.Errorf("%s", "%s", why)))
	}
	if err := errors.Join(append(lost, reports.Finish(result, opts))...); err != nil {
		return err
	}
	return console.Exit(view.Summarize(result, opts).Exit)
}

func idsOfPlanned(planned []verdict.Planned) (ids []string) {
	for _, p := range planned {
		ids = append(ids, p.ID)
	}
	return ids
}

// fuzzConfig is what fuzz and replay have in common.
func fuzzConfig(c *call, v *settings.Values, o *opened) fuzz.Config {
	cfg := fuzz.Config{
		Generator: payload.Config{
			Seed: v.Identity.Seed, IDs: v.Identity.IDs, Start: v.Identity.Start, Catalogue: v.Catalogue,
			Style: v.Delivery.Style, Envelope: v.Delivery.Envelope, LiveOrders: v.Delivery.LiveOrders,
		},
		Time: fuzz.DefaultTime, Concurrency: fuzz.DefaultConcurrency,
		Policy: v.Delivery.Policy, Lang: c.Lang, Tool: console.Tool(),
	}
	if o.api != nil {
		cfg.OnDelivery = func(body []byte) {
			if e := api.EventIn(body); e != nil {
				o.api.Add(e)
			}
		}
	}
	return cfg
}

// limitHunt reads how long and for what to look; the checks of the flags have
// approved of their values.
func limitHunt(c *call, v *settings.Values, cfg *fuzz.Config) {
	if c.given.ByFlag("max-requests") {
		cfg.Requests, _ = strconv.ParseInt(c.given.Text("max-requests"), 10, 64)
		cfg.Time = 0
	}
	if c.given.ByFlag("time") {
		cfg.Time, _ = time.ParseDuration(c.given.Text("time"))
	}
	if c.given.ByFlag("concurrency") {
		cfg.Concurrency, _ = strconv.Atoi(c.given.Text("concurrency"))
	}
	cfg.Generator.Kinds, cfg.Oracles = v.Kinds, c.given.List("oracles")
	for _, name := range c.given.List("phases") {
		cfg.Generator.Phases = append(cfg.Generator.Phases, payload.Phase(name))
	}
}

// huntKinds settles the kinds: those among the arguments, else those that the
// receiver subscribes to.
func huntKinds(c *call, v *settings.Values) error {
	if len(c.args) == 0 {
		return nil
	}
	v.Kinds = c.args
	var errs []error
	for _, kind := range c.args {
		_, err := v.Catalogue.Kind(kind)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// openFuzzed opens the receiver for a fuzzer, and keeps that away from other
// people's machines.
func (c *call) openFuzzed(ctx context.Context, v *settings.Values) (*opened, *receiver.Receiver, error) {
	o, err := c.openObserved(ctx, v)
	if err != nil {
		return nil, nil, err
	}
	rec, err := o.at(ctx, v.Target, nil)
	if err == nil && !rec.Allows(consent.Fuzz) {
		err = console.Usage(lang.Errorf("%s no está en esta computadora: agregue --allow fuzz si es suyo y puede romperse", "%s is not on this computer: add --allow fuzz if it is yours and may break", v.Target.Word))
	}
	if err != nil {
		o.close()
		return nil, nil, err
	}
	return o, rec, nil
}

// drawHunt draws how far the hunt is, over and over.
func (c *call) drawHunt(p fuzz.Progress) {
	rate := 0.0
	if seconds := p.Elapsed.Seconds(); seconds > 0 {
		rate = float64(p.Cases) / seconds
	}
	took := p.Elapsed.Truncate(time.Second).String()
	if p.Budget > 0 {
		took += "/" + p.Budget.String()
	}
	c.Draw(lang.Textf("%s  %d casos (%.0f/s)  %d historias  %d hallazgos  %s  %d %% de los esquemas", "%s  %d cases (%.0f/s)  %d histories  %d findings  %s  %d %% of the schemas",
		took, p.Cases, rate, p.Histories, p.Findings, p.Phase, int(p.Covered)).In(c.Lang))
}
