package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/terminal"
	"github.com/kometia-sim/kometia-sim/report"
	"github.com/kometia-sim/kometia-sim/scenarios"
	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/diagnose"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

func (s *session) runCommand() *cli.Command {
	return s.command(&cli.Command{
		Name: "run", ArgsUsage: s.T("[ID|PATRÓN|ARCHIVO...]", "[ID|GLOB|FILE...]"),
		Usage: s.T("prueba si el receptor cumple las reglas de Kometia y da un informe", "tests whether the receiver keeps Kometia's rules and gives a report"),
		UsageText: s.T(`kometia-sim run --target http://localhost:8000/kometia/webhook
kometia-sim run --target practice
kometia-sim run 'KOM-RTY-*' --skip KOM-RTY-006
kometia-sim run --report junit=informe.xml --report json=informe.json
kometia-sim run mi-escenario.yaml`, `kometia-sim run --target http://localhost:8000/kometia/webhook
kometia-sim run --target practice
kometia-sim run 'KOM-RTY-*' --skip KOM-RTY-006
kometia-sim run --report junit=report.xml --report json=report.json
kometia-sim run my-scenario.yaml`),
		Description: s.T(
			`Sale con 0 si es conforme, 1 si no, 3 si nunca hubo conexión, 4 si nada fue concluyente.
Fuera de esta computadora envía a lo más 60 eventos y nada malformado, salvo con --allow.`,
			`Exits with 0 when it conforms, 1 when not, 3 when no connection was ever made, 4 when nothing was conclusive.
Off this computer it sends at most 60 events and nothing malformed, unless --allow says so.`),
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "target", Usage: s.T("`URL` del receptor, practice o practice:NOMBRE", "`URL` of the receiver, practice or practice:NAME")},
			&cli.StringSliceFlag{Name: "report", Usage: s.T("informe `FORMATO[=RUTA]`: ", "report `FORMAT[=PATH]`: ") + strings.Join(formats(), ", ") + s.T("; se puede repetir", "; may be repeated")},
			&cli.StringSliceFlag{Name: "only", Usage: s.T("solo las pruebas `ID|PATRÓN`", "only the checks `ID|GLOB`")},
			&cli.StringSliceFlag{Name: "skip", Usage: s.T("sin las pruebas `ID|PATRÓN`", "without the checks `ID|GLOB`")},
			&cli.StringFlag{Name: "known-failing", Usage: s.T("no deciden las fallas que enlista el `ARCHIVO`; una de ellas que pasa, sí", "failures that the `FILE` lists do not decide; one of them that passes does")},
			&cli.StringSliceFlag{Name: "kinds", Usage: s.T("los `TIPOS` a los que está suscrito, separados por comas", "the `KINDS` that it subscribes to, separated by commas")},
			&cli.BoolFlag{Name: "strict", Usage: s.T("los avisos también deciden", "warnings decide, too")},
			&cli.StringFlag{Name: "require", Usage: s.T("`effects` exige prueba de cada DEBE", "`effects` asks for proof of every MUST")},
			&cli.StringFlag{Name: "pace", Usage: s.T("a lo más `N/m` peticiones por minuto, o N/s (si no, tan rápido como contesta)", "at most `N/m` requests a minute, or N/s (default: as fast as it answers)")},
			&cli.BoolFlag{Name: "safe", Usage: s.T("trata al receptor como ajeno: pocos eventos, nada malformado (--safe=false lo apaga)", "treat the receiver as someone else's: few events, nothing malformed (--safe=false turns it off)")},
			&cli.BoolFlag{Name: "verbose", Aliases: []string{"v"}, Usage: s.T("muestra también lo que pasa", "show what passes, too")},
		}, s.sharedFlags()...),
	}, s.conform)
}

// conform plays the catalogue against a receiver.
func (s *session) conform(ctx context.Context) error {
	set, err := s.settings("target", true)
	if err != nil {
		return err
	}
	suite, suiteErr := s.suite()
	kinds, kindsErr := s.subscribed(set)
	outputs, outputsErr := s.outputs()
	var known []verdict.Known
	var knownErr error
	if suiteErr == nil {
		known, knownErr = s.known(set, suite)
	}
	if err := errors.Join(suiteErr, kindsErr, outputsErr, knownErr, s.checkReceiver(set), s.checkRequire()); err != nil {
		return terminal.Usage(err)
	}
	store, closeAPI, err := s.openAPI(ctx, set)
	if err != nil {
		return err
	}
	defer closeAPI()
	end, err := s.open(ctx, set)
	if err != nil {
		return err
	}
	defer end()
	diagnoses := diagnose.Builtin()
	cfg := scenarios.Config{
		Flags: s.again(), Seed: set.seed, Start: set.start, StartFixed: set.startSet,
		Catalogue: set.catalogue, Confirmed: set.confirmedNames(),
		Policy: set.config.policy(), Style: set.style, Envelope: set.envelope,
		Lang: s.Lang, Tool: tool, Known: known,
		OnProgress: func(done, total int, what string) { s.Draw(fmt.Sprintf("%d/%d %s", done+1, total, what)) },
	}
	rec, closeObserver, err := s.receiver(ctx, set)
	if err != nil {
		return err
	}
	defer closeObserver()
	// All plans are made, and may be refused, before anything is sent.
	var errs []error
	plays := s.plays(set, kinds, outputs)
	for i := range plays {
		errs = append(errs, plays[i].prepare(s, rec, cfg, suite, store))
	}
	if err := errors.Join(errs...); err != nil {
		return terminal.Usage(err)
	}
	defer func() {
		for i := range plays {
			plays[i].receiver.Close()
		}
	}()
	worst := report.ExitOK
	for i := range plays {
		code, err := plays[i].play(ctx, s, diagnoses)
		if err != nil {
			return err
		}
		worst = graver(worst, code)
		if code == report.ExitInterrupted {
			break
		}
	}
	return terminal.Exit(worst)
}

// begin says what is going to be sent, before it is.
func (s *session) begin(runner *scenarios.Runner, set *settings, outputs *outputs, opts report.Options) error {
	plan := runner.Plan()
	if err := report.WritePlan(s.Stderr, plan, s.TalkOptions(opts)); err != nil {
		return err
	}
	return outputs.begin(verdict.Run{
		Tool: tool, Seed: set.seed, IDs: set.ids, Start: set.start, Target: set.target.wire.String(),
		Lang: s.Lang, Timeout: set.wire.Timeout, Plan: plan,
	}, opts)
}

// suite is the catalogue, the user's own scenario files among the arguments
// added, reduced to what is wanted. An argument that names a file is one.
func (s *session) suite() (*language.Suite, error) {
	suite, err := language.Builtin()
	if err != nil {
		return nil, terminal.Ours(err)
	}
	before := len(suite.Checks())
	known := map[string]bool{}
	for _, c := range suite.Checks() {
		known[c.ID] = true
	}
	var errs []error
	only := splitted(s.flags.StringSlice("only"))
	for _, arg := range s.flags.Args().Slice() {
		if !isScenarioFile(arg) {
			only = append(only, arg)
			continue
		}
		if err := suite.Add(s.AsGiven(arg)); err != nil {
			errs = append(errs, err)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	// Files without patterns mean: play what these files hold.
	if len(suite.Checks()) > before && len(only) == 0 {
		for _, c := range suite.Checks() {
			if !known[c.ID] {
				only = append(only, c.ID)
			}
		}
	}
	return suite.Select(only, splitted(s.flags.StringSlice("skip")))
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

// splitted splits each value at its commas.
func splitted(values []string) []string {
	var out []string
	for _, value := range values {
		for _, part := range strings.Split(value, ",") {
			if part = strings.TrimSpace(part); part != "" {
				out = append(out, part)
			}
		}
	}
	return out
}

// subscribed are the kinds that the receiver is said to subscribe to.
func (s *session) subscribed(set *settings) ([]string, error) {
	kinds := set.kinds
	if s.flags.IsSet("kinds") {
		kinds = splitted(s.flags.StringSlice("kinds"))
	}
	var errs []error
	if len(set.several) > 0 && s.flags.IsSet("kinds") {
		errs = append(errs, lang.Errorf("--kinds con varias suscripciones: cada una tiene los suyos; elija una con --target", "--kinds with several subscriptions: each has its own; choose one with --target"))
	}
	for _, sub := range set.several {
		kinds = append(slices.Clone(kinds), sub.Kinds...)
	}
	for _, kind := range kinds {
		if _, err := set.catalogue.Kind(kind); err != nil {
			errs = append(errs, lang.Errorf("kinds: %s", "kinds: %s", err))
		}
	}
	return kinds, errors.Join(errs...)
}

// checkReceiver finds what is wrong about the receiver before anything is started.
func (s *session) checkReceiver(set *settings) error {
	_, allowErr := s.allowed(set)
	_, paceErr := s.pace(set)
	return errors.Join(allowErr, paceErr)
}

// allowed are the classes opened by flag or config.
func (s *session) allowed(set *settings) ([]string, error) {
	allow := append(slices.Clone(set.config.Allow), splitted(s.flags.StringSlice("allow"))...)
	var errs []error
	for _, class := range allow {
		if err := checkClass(class); err != nil {
			errs = append(errs, lang.Errorf("--allow: %s", "--allow: %s", err))
		}
	}
	return allow, errors.Join(errs...)
}

// pace is the most that the receiver takes.
func (s *session) pace(set *settings) (receiver.Pace, error) {
	if !s.flags.IsSet("pace") {
		return set.config.Pace, nil
	}
	pace, err := receiver.ParsePace(s.flags.String("pace"))
	if err != nil {
		err = badPace("--pace", s.flags.String("pace"))
	}
	return pace, err
}

func badPace(where, value string) error {
	return lang.Errorf("%s %q: escriba un número y una unidad de tiempo, como 60/m o 30/s", "%s %q: write a number and a unit of time, such as 60/m or 30/s", where, value)
}

func (s *session) checkRequire() error {
	if value := s.flags.String("require"); s.flags.IsSet("require") && value != "effects" {
		return lang.Errorf("--require %q: solo existe effects", "--require %q: there is only effects", value)
	}
	return nil
}

// again are the flags that change what this run sends, or how long it waits, as
// words of a command that does the same again. Secrets are named and not told.
func (s *session) again() []string {
	var words []string
	add := func(name, value string) { words = append(words, "--"+name, value) }
	for _, name := range []string{"config", "timeout", "ca", "style", "envelope", "schemas", "api", "pace"} {
		if s.flags.IsSet(name) {
			add(name, wire.Redact(s.flags.String(name)))
		}
	}
	for _, name := range []string{"kinds", "allow"} {
		if s.flags.IsSet(name) {
			add(name, strings.Join(splitted(s.flags.StringSlice(name)), ","))
		}
	}
	for _, value := range s.flags.StringSlice("header") {
		if f, err := wire.ParseField(value); err == nil {
			words = append(words, "-H", f.Name+": "+wire.RedactField(f.Name, f.Value))
		}
	}
	if s.flags.IsSet("safe") {
		words = append(words, fmt.Sprintf("--safe=%t", s.flags.Bool("safe")))
	}
	if s.flags.Bool("no-probe") {
		words = append(words, "--no-probe")
	}
	return words
}

// confirmedNames are the assumptions about Kometia that the user has confirmed.
// Who names a timeout has confirmed it.
func (set *settings) confirmedNames() []string {
	var names []string
	for id := range set.config.Assume {
		names = append(names, id)
	}
	if set.confirmed && !slices.Contains(names, "timeout") {
		names = append(names, "timeout")
	}
	slices.Sort(names)
	return names
}

func (s *session) runOptions(diagnoses *diagnose.Table, outputs *outputs) report.Options {
	opts := s.ReportOptions()
	opts.Strict = s.flags.Bool("strict")
	opts.RequireEffects = s.flags.String("require") == "effects"
	opts.Verbose = s.flags.Bool("verbose")
	opts.Reports = outputs.paths()
	// Both go to the same screen.
	opts.PlanShown = s.OutWidth > 0 && s.ErrWidth > 0
	opts.CauseTitle = func(code string) lang.Text {
		entry, _ := diagnoses.Entry(code)
		return entry.Title
	}
	return opts
}
