package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/terminal"
	"github.com/kometia-sim/kometia-sim/report"
	"github.com/kometia-sim/kometia-sim/scenarios/consent"
	"github.com/kometia-sim/kometia-sim/scenarios/fuzz"
	"github.com/kometia-sim/kometia-sim/scenarios/fuzz/payload"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/diagnose"
)

func (s *session) fuzzCommand() *cli.Command {
	return s.command(&cli.Command{
		Name: "fuzz", ArgsUsage: s.T("[TIPO...]", "[KIND...]"),
		Usage: s.T("busca el evento que rompe al receptor, lo reduce y lo guarda", "hunts for the event that breaks the receiver, makes it small and keeps it"),
		UsageText: s.T(`kometia-sim fuzz --target http://localhost:8000/kometia/webhook
kometia-sim fuzz order.placed order.paid --time 10s --seed 7
kometia-sim fuzz --phases coverage,bytes --max-requests 5000 --report junit=fuzz.xml
kometia-sim fuzz --target practice:null-breaks --time 5s`, `kometia-sim fuzz --target http://localhost:8000/kometia/webhook
kometia-sim fuzz order.placed order.paid --time 10s --seed 7
kometia-sim fuzz --phases coverage,bytes --max-requests 5000 --report junit=fuzz.xml
kometia-sim fuzz --target practice:null-breaks --time 5s`),
		Description: s.T(
			`Cada hallazgo queda en .kometia-sim/cases; kometia-sim replay lo repite. La próxima vez van primero.
Sale con 0 si no halló nada, 1 con un hallazgo de nivel DEBE (--strict: también DEBERÍA), 3 si nunca hubo conexión.
Fuera de esta computadora solo con --allow fuzz.`,
			`Each finding is kept in .kometia-sim/cases; kometia-sim replay plays it again. The next run begins with them.
Exits with 0 when nothing was found, 1 with a finding at level MUST (--strict: SHOULD, too), 3 when no connection was ever made.
Off this computer only with --allow fuzz.`),
		Flags: append(append([]cli.Flag{
			&cli.StringFlag{Name: "target", Usage: s.T("`URL` del receptor, practice o practice:NOMBRE", "`URL` of the receiver, practice or practice:NAME")},
			&cli.StringFlag{Name: "time", Usage: s.T("termina tras `TIEMPO` (si no, 1m)", "end after `TIME` (default 1m)")},
			&cli.StringFlag{Name: "max-requests", Usage: s.T("termina tras `N` peticiones", "end after `N` requests")},
			&cli.StringSliceFlag{Name: "phases", Usage: s.T("solo las `FASES`: ", "only the `PHASES`: ") + strings.Join(phaseNames(), ", ")},
			&cli.StringSliceFlag{Name: "oracles", Usage: s.T("solo los `ORÁCULOS`: ", "only the `ORACLES`: ") + strings.Join(oracleNames(), ", ")},
			&cli.StringFlag{Name: "concurrency", Usage: s.T("`N` peticiones a la vez (si no, 4)", "`N` requests at once (default 4)")},
			&cli.StringSliceFlag{Name: "report", Usage: s.T("informe `FORMATO[=RUTA]`: ", "report `FORMAT[=PATH]`: ") + strings.Join(formats(), ", ") + s.T("; se puede repetir", "; may be repeated")},
			&cli.BoolFlag{Name: "strict", Usage: s.T("los avisos también deciden", "warnings decide, too")},
			&cli.BoolFlag{Name: "verbose", Aliases: []string{"v"}, Usage: s.T("muestra también lo que pasa", "show what passes, too")},
		}, s.sharedFlags()...), &cli.BoolFlag{Name: "forget", Usage: s.T("no empieza por los casos guardados", "do not begin with the kept cases")}),
	}, s.fuzz)
}

// fuzz hunts.
func (s *session) fuzz(ctx context.Context) error {
	rec, cfg, set, done, err := s.fuzzConfig(ctx)
	if err != nil {
		return err
	}
	defer done()
	outputs, err := s.outputs()
	if err != nil {
		return terminal.Usage(err)
	}
	dir, err := s.state().MakeCases()
	if err != nil {
		return terminal.Usage(lang.Errorf("no se puede guardar ningún caso: %s", "no case can be kept: %s", err))
	}
	cfg.Store = fuzz.NewStore(dir)
	if !s.flags.Bool("forget") {
		old, err := cfg.Store.All()
		if err != nil {
			s.Warn("hay casos que no se pueden leer: %s", "some cases cannot be read: %s", err)
		}
		cfg.Old = old
	}
	cfg.OnProgress, cfg.OnFinding = s.drawHunt, s.drawFinding
	runner, err := fuzz.NewRunner(rec, cfg)
	if err != nil {
		return terminal.Usage(err)
	}
	diagnoses := diagnose.Builtin()
	opts := s.runOptions(diagnoses, outputs)
	s.Note("semilla %d  ids %s  %s", "seed %d  ids %s  %s", set.seed, set.ids, set.target.word)
	run := verdict.Run{
		Tool: tool, Seed: set.seed, IDs: set.ids, Start: set.start, Target: set.target.wire.String(),
		Lang: s.Lang, Timeout: set.wire.Timeout,
	}
	if err := outputs.begin(run, opts); err != nil {
		return err
	}
	result, err := runner.Run(ctx)
	s.Draw("")
	if err != nil {
		return err
	}
	for _, r := range result.Results {
		outputs.result(r)
	}
	if err := outputs.finish(result, opts); err != nil {
		return err
	}
	return terminal.Exit(report.Summarize(result, opts).Exit)
}

// fuzzConfig reads what fuzz and replay have in common, and opens the target
// and its observer. done ends what was begun.
func (s *session) fuzzConfig(ctx context.Context) (rec *receiver.Receiver, cfg fuzz.Config, set *settings, done func(), err error) {
	set, err = s.settings("target", true)
	if err != nil {
		return nil, cfg, nil, nil, err
	}
	allow, allowErr := s.allowed(set)
	_, paceErr := s.pace(set)
	cfg.Time, cfg.Requests, cfg.Concurrency, err = s.budgets()
	phases, phasesErr := s.phases()
	oracles, oraclesErr := s.oracles()
	var kindsErr error
	var kinds []string
	if s.flags.Command.Name == "fuzz" {
		kinds, kindsErr = s.fuzzKinds(set)
	}
	if err := errors.Join(allowErr, err, phasesErr, oraclesErr, kindsErr, s.consent(set, allow), paceErr); err != nil {
		return nil, cfg, nil, nil, terminal.Usage(err)
	}
	store, closeAPI, err := s.openAPI(ctx, set)
	if err != nil {
		return nil, cfg, nil, nil, err
	}
	end, err := s.open(ctx, set)
	if err != nil {
		closeAPI()
		return nil, cfg, nil, nil, err
	}
	described, closeObserver, err := s.receiver(ctx, set)
	if err == nil {
		if rec, err = s.at(&set.target, described); err != nil {
			closeObserver()
		}
	}
	if err != nil {
		end()
		closeAPI()
		return nil, cfg, nil, nil, err
	}
	cfg.Generator = payload.Config{
		Seed: set.seed, IDs: set.ids, Start: set.start, Catalogue: set.catalogue, Kinds: kinds,
		Phases: phases, Style: set.style, Envelope: set.envelope,
	}
	cfg.Oracles = oracles
	cfg.Lang, cfg.Tool, cfg.Policy = s.Lang, tool, set.config.policy()
	if store != nil {
		cfg.OnDelivery = func(body []byte) {
			if e := contents(body); e != nil {
				store.Add(e)
			}
		}
	}
	return rec, cfg, set, func() { rec.Close(); closeObserver(); end(); closeAPI() }, nil
}

// consent keeps a fuzzer away from other people's machines.
func (s *session) consent(set *settings, allow []string) error {
	if set.target.practice || set.target.wire == nil || set.target.wire.Loopback() {
		return nil
	}
	for _, class := range allow {
		if class == string(consent.Fuzz) {
			return nil
		}
	}
	return lang.Errorf("%s no está en esta computadora: agregue --allow fuzz si es suyo y puede romperse", "%s is not on this computer: add --allow fuzz if it is yours and may break", set.target.word)
}

func (s *session) budgets() (time.Duration, int64, int, error) {
	var errs []error
	limit := fuzz.DefaultTime
	var requests int64
	concurrency := fuzz.DefaultConcurrency
	if s.flags.IsSet("max-requests") {
		n, err := strconv.ParseInt(s.flags.String("max-requests"), 10, 64)
		if err != nil || n <= 0 {
			errs = append(errs, lang.Errorf("--max-requests %q: escriba un número entero desde 1", "--max-requests %q: write a whole number from 1", s.flags.String("max-requests")))
		}
		requests, limit = n, 0
	}
	if value := s.flags.String("time"); s.flags.IsSet("time") {
		d, err := parseDuration(value)
		if err != nil || d <= 0 {
			errs = append(errs, lang.Errorf("--time %q: escriba una duración con unidad, como 30s", "--time %q: write a duration with its unit, such as 30s", value))
		}
		limit = d
	}
	if value := s.flags.String("concurrency"); s.flags.IsSet("concurrency") {
		n, err := strconv.Atoi(value)
		if err != nil || n < 1 || n > 1024 {
			errs = append(errs, lang.Errorf("--concurrency %q: escriba un número de 1 a 1024", "--concurrency %q: write a number from 1 to 1024", value))
		}
		concurrency = n
	}
	return limit, requests, concurrency, errors.Join(errs...)
}

func (s *session) phases() ([]payload.Phase, error) {
	var list []payload.Phase
	var errs []error
	for _, name := range splitted(s.flags.StringSlice("phases")) {
		errs = append(errs, oneOf(name, phaseNames(), "--phases: no existe la fase %q%s: use %s", "--phases: unknown phase %q%s: use %s"))
		list = append(list, payload.Phase(name))
	}
	return list, errors.Join(errs...)
}

func (s *session) oracles() ([]string, error) {
	names := splitted(s.flags.StringSlice("oracles"))
	var errs []error
	for _, name := range names {
		errs = append(errs, oneOf(name, oracleNames(), "--oracles: no existe el oráculo %q%s: use %s", "--oracles: unknown oracle %q%s: use %s"))
	}
	return names, errors.Join(errs...)
}

// fuzzKinds are the kinds among the arguments, else those that the receiver
// subscribes to.
func (s *session) fuzzKinds(set *settings) ([]string, error) {
	kinds := s.flags.Args().Slice()
	if len(kinds) == 0 {
		return set.kinds, nil
	}
	var errs []error
	for _, kind := range kinds {
		if _, err := set.catalogue.Kind(kind); err != nil {
			errs = append(errs, err)
		}
	}
	return kinds, errors.Join(errs...)
}

func phaseNames() (names []string) {
	for _, p := range payload.Phases() {
		names = append(names, string(p))
	}
	return names
}

func oracleNames() (names []string) {
	for _, o := range fuzz.Oracles() {
		names = append(names, o.Name)
	}
	return names
}

// drawHunt draws how far the hunt is, over and over.
func (s *session) drawHunt(p fuzz.Progress) {
	rate := 0.0
	if seconds := p.Elapsed.Seconds(); seconds > 0 {
		rate = float64(p.Cases) / seconds
	}
	s.Draw(s.T(
		fmt.Sprintf("%s  %d casos (%.0f/s)  %d historias  %d hallazgos  %s  %d %% de los esquemas", p.Elapsed.Truncate(time.Second), p.Cases, rate, p.Histories, p.Findings, p.Phase, int(p.Covered)),
		fmt.Sprintf("%s  %d cases (%.0f/s)  %d histories  %d findings  %s  %d %% of the schemas", p.Elapsed.Truncate(time.Second), p.Cases, rate, p.Histories, p.Findings, p.Phase, int(p.Covered))))
}

// drawFinding tells a finding while the hunt goes on.
func (s *session) drawFinding(f fuzz.Finding) {
	s.DrawAbove(fmt.Sprintf("%s  %s  %s  %s", f.ID, f.Oracle, f.Kind, terminal.Clip(f.What, 60)))
}

// caseFiles finds the files of cases by what the user calls them: an id, a
// file, a folder. Without arguments they are all that are kept.
func (s *session) caseFiles(args []string) ([]string, error) {
	dir := s.state().Cases()
	if len(args) == 0 {
		args = []string{dir}
	}
	var files []string
	var errs []error
	for _, arg := range args {
		found, err := s.casesOf(arg, dir)
		files, errs = append(files, found...), append(errs, err)
	}
	return files, errors.Join(errs...)
}
