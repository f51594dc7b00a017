package main

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/console"
	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/outputs"
	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/settings"
	"github.com/kometia-sim/kometia-sim/report/view"
	"github.com/kometia-sim/kometia-sim/scenarios"
	"github.com/kometia-sim/kometia-sim/scenarios/emit"
	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/diagnose"
)

func runCommand() command {
	return command{
		name: "run", args: lang.Text{ES: "[ID|PATRÓN|ARCHIVO...]", EN: "[ID|GLOB|FILE...]"}, offers: settings.Checks,
		waits: waitsForRun(),
		usage: lang.Text{ES: "prueba si el receptor cumple las reglas de Kometia y escribe un informe", EN: "tests whether the receiver follows Kometia's rules and writes a report"},
		examples: lang.Text{ES: `kometia-sim run --target http://localhost:8000/kometia/webhook
kometia-sim run --target practice
kometia-sim run 'KOM-RTY-*' --skip KOM-RTY-006
kometia-sim run --report junit=informe.xml --report json=informe.json
kometia-sim run mi-escenario.yaml`, EN: `kometia-sim run --target http://localhost:8000/kometia/webhook
kometia-sim run --target practice
kometia-sim run 'KOM-RTY-*' --skip KOM-RTY-006
kometia-sim run --report junit=report.xml --report json=report.json
kometia-sim run my-scenario.yaml`},
		about: lang.Text{
			ES: `Sale con 0 si es conforme, 1 si no, 3 si nunca hubo conexión, 4 si nada fue concluyente.
Fuera de esta computadora envía a lo más 60 eventos y nada malformado, salvo con --allow.`,
			EN: `Exits with 0 when it conforms, 1 when not, 3 when no connection was ever made, 4 when nothing was conclusive.
Off this computer it sends at most 60 events and nothing malformed, unless --allow says so.`,
		},
		act: conform,
	}
}

// conform tries the catalogue on a receiver, or on one subscription after the other.
func conform(ctx context.Context, c *call) error {
	v, err := c.given.Read("target", true, true)
	if err != nil {
		return err
	}
	suite, known, suiteErr := selection(c)
	kindsErr := declareKinds(c, v)
	reports, reportsErr := outputs.Read(c.Host, c.given.List("report"))
	before, beforeErr := baseline(c, max(len(v.Several), 1))
	if err := errors.Join(suiteErr, kindsErr, reportsErr, beforeErr); err != nil {
		return console.Usage(err)
	}
	reports.TellActions()
	reports.EndWhenBroken(ctx)
	o, err := c.openObserved(ctx, v)
	if err != nil {
		return err
	}
	defer o.close()
	runs, err := targetRuns(v, reports)
	if err != nil {
		return console.Usage(err)
	}
	cfg := runConfig(c, v)
	cfg.Known = known
	// All plans are made, and may be refused, before anything is sent.
	var errs []error
	for i := range runs {
		runs[i].before = before[i]
		errs = append(errs, runs[i].prepare(ctx, o, cfg, suite))
	}
	if err := errors.Join(errs...); err != nil {
		return console.Usage(err)
	}
	worst := view.ExitOK
	for i := range runs {
		code, err := runs[i].carryOut(ctx, c)
		if err != nil {
			return err
		}
		worst = graver(worst, code)
		if code == view.ExitInterrupted {
			break
		}
	}
	return console.Exit(worst)
}

// runConfig is what all runs of this command have in common.
func runConfig(c *call, v *settings.Values) scenarios.Config {
	return scenarios.Config{
		Settings: emit.Settings{
			Seed: v.Identity.Seed, Start: v.Identity.Start, Catalogue: v.Catalogue,
			Policy: v.Delivery.Policy, Style: v.Delivery.Style, Envelope: v.Delivery.Envelope, LiveOrders: v.Delivery.LiveOrders,
		},
		Flags: c.given.Repeat(), StartFixed: v.Identity.Fixed, Confirmed: v.Delivery.Confirmed, Lang: c.Lang, Tool: console.Tool(),
		OnProgress: func(done, total int, what string) { c.Progress(done, total, what) },
	}
}

// selection is the catalogue, the user's own scenario files among the arguments
// added, reduced to what is wanted; and the failures that are known. Ids, globs
// and files add up; --only says which checks of the files are wanted. A file of
// which none is left is a mistake: whoever names it wants something of it.
func selection(c *call) (*language.Suite, []verdict.Known, error) {
	suite, err := language.Builtin()
	if err != nil {
		return nil, nil, console.Ours(err)
	}
	only, named := c.given.List("only"), []string(nil)
	ofFile := map[string][]string{}
	var errs []error
	for _, arg := range c.args {
		if !isScenarioFile(arg) {
			named = append(named, arg)
			continue
		}
		before := suite.All()
		errs = append(errs, addFile(c, suite, arg))
		ofFile[arg] = slices.DeleteFunc(suite.All(), func(id string) bool { return slices.Contains(before, id) })
	}
	if err := errors.Join(errs...); err != nil {
		return nil, nil, err
	}
	if len(only) == 0 {
		for _, ids := range ofFile {
			named = append(named, ids...)
		}
	}
	if suite, err = suite.Select(append(only, named...), c.given.List("skip")); err != nil {
		return nil, nil, err
	}
	for _, arg := range c.args {
		if ids := ofFile[arg]; len(ids) > 0 && !slices.ContainsFunc(ids, suite.Wants) {
			errs = append(errs, lang.Errorf("%s: --only o --skip no dejan ninguna de sus pruebas (%s)", "%s: --only or --skip leaves none of its checks (%s)", arg, strings.Join(ids, ", ")))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, nil, err
	}
	known, err := knownFailing(c, suite.All())
	return suite, known, err
}

func addFile(c *call, suite *language.Suite, arg string) error {
	data, err := c.ReadText(c.Path(arg), language.MaxFile)
	if err != nil {
		return err
	}
	return suite.Read(c.AsGiven(arg), data)
}

// isScenarioFile tells a file from an id or a glob.
func isScenarioFile(arg string) bool {
	switch strings.ToLower(filepath.Ext(arg)) {
	case ".yaml", ".yml":
		return true
	default:
		return strings.ContainsRune(arg, filepath.Separator)
	}
}

// maxKnown is far more than any list of known failures.
const maxKnown = 1 << 20

// knownFailing reads the list of known failures that the flag or the file names.
func knownFailing(c *call, ids []string) ([]verdict.Known, error) {
	path, shown := c.given.File("known-failing")
	if path == "" {
		return nil, nil
	}
	data, err := c.ReadText(path, maxKnown)
	if err != nil {
		return nil, lang.Errorf("--known-failing: %s", "--known-failing: %s", err)
	}
	return verdict.ReadKnown(shown, data, ids)
}

// declareKinds settles which kinds the receiver is said to subscribe to.
func declareKinds(c *call, v *settings.Values) error {
	var errs []error
	if c.given.ByFlag("kinds") {
		v.Kinds = c.given.List("kinds")
		if len(v.Several) > 0 {
			errs = append(errs, lang.Errorf("--kinds con varias suscripciones: cada una tiene los suyos; elija una con --target", "--kinds with several subscriptions: each has its own; choose one with --target"))
		}
	}
	kinds := slices.Clone(v.Kinds)
	for _, sub := range v.Several {
		kinds = append(kinds, sub.Kinds...)
	}
	for _, kind := range kinds {
		if _, err := v.Catalogue.Kind(kind); err != nil {
			errs = append(errs, lang.Errorf("kinds: %s", "kinds: %s", err))
		}
	}
	return errors.Join(errs...)
}

// runOptions are how the reports of a run or of a hunt look.
func runOptions(c *call, reports *outputs.Outputs) view.Options {
	opts := c.ReportOptions()
	opts.Strict = c.given.On("strict")
	opts.RequireEffects = c.given.Text("require") == "effects"
	opts.Verbose = c.given.On("verbose")
	opts.Reports = reports.Paths()
	// The plan on stderr is before the same eyes.
	opts.PlanShown = c.Together
	opts.Config = c.given.Keys()
	opts.CauseTitle = func(code string) lang.Text {
		entry, _ := diagnose.Builtin().Entry(code)
		return entry.Title
	}
	return opts
}
