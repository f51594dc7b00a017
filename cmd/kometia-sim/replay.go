package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/terminal"
	"github.com/kometia-sim/kometia-sim/report"
	"github.com/kometia-sim/kometia-sim/scenarios/fuzz"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

func (s *session) replayCommand() *cli.Command {
	return s.command(&cli.Command{
		Name: "replay", ArgsUsage: s.T("[ID|ARCHIVO|CARPETA...]", "[ID|FILE|DIR...]"),
		Usage: s.T("repite los casos que fuzz guardó y dice si siguen fallando", "plays again the cases that fuzz kept and says whether they still fail"),
		UsageText: s.T(`kometia-sim replay --target http://localhost:8000/kometia/webhook
kometia-sim replay 1f2e3d4c5b --exact
kometia-sim replay 1f2e3d4c5b --export curl`, `kometia-sim replay --target http://localhost:8000/kometia/webhook
kometia-sim replay 1f2e3d4c5b --exact
kometia-sim replay 1f2e3d4c5b --export curl`),
		Description: s.T(
			`Con identidades nuevas, porque un receptor que recuerda las anteriores escondería su defecto; --exact envía los mismos bytes.
Sale con 0 si todo está corregido, 1 si algo sigue fallando, 3 si algo no se pudo repetir. No borra nada sin --prune.`,
			`Under fresh identities, because a receiver that remembers the old ones would hide its fault; --exact sends the same bytes.
Exits with 0 when all is fixed, 1 when something still fails, 3 when something could not be played. Deletes nothing without --prune.`),
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "target", Usage: s.T("`URL` del receptor, practice o practice:NOMBRE", "`URL` of the receiver, practice or practice:NAME")},
			&cli.BoolFlag{Name: "exact", Usage: s.T("los mismos bytes, con las identidades de entonces", "the same bytes, with the identities of then")},
			&cli.BoolFlag{Name: "prune", Usage: s.T("borra los casos que ya no fallan", "delete the cases that no longer fail")},
			&cli.StringFlag{Name: "export", Usage: s.T("no envía nada; escribe el caso como `curl|http`", "send nothing; write the case as `curl|http`")},
			&cli.BoolFlag{Name: "json", Usage: s.T("una línea JSON por caso", "one JSON line for each case")},
		}, s.sharedFlags()...),
	}, s.replay)
}

// replay plays kept cases again.
func (s *session) replay(ctx context.Context) error {
	files, err := s.caseFiles(s.flags.Args().Slice())
	if err != nil {
		return terminal.Usage(err)
	}
	var cases []*fuzz.Saved
	var errs []error
	file := map[*fuzz.Saved]string{}
	for _, name := range files {
		c, err := fuzz.ReadCase(name)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		cases = append(cases, c)
		file[c] = name
	}
	if err := errors.Join(errs...); err != nil {
		return terminal.Usage(err)
	}
	if len(cases) == 0 {
		return terminal.Usage(lang.Errorf("no hay casos guardados en esta carpeta; kometia-sim fuzz los hace", "there are no cases in this folder; kometia-sim fuzz makes them"))
	}
	if s.flags.IsSet("export") {
		return s.export(cases)
	}
	rec, cfg, _, done, err := s.fuzzConfig(ctx)
	if err != nil {
		return err
	}
	defer done()
	counts := map[fuzz.ReplayVerdict]int{}
	err = fuzz.Replay(ctx, rec, cfg, cases, s.flags.Bool("exact"), func(r fuzz.Replayed) {
		counts[r.Verdict]++
		if r.Verdict == fuzz.Fixed && s.flags.Bool("prune") {
			if err := os.Remove(file[r.Case]); err != nil {
				s.Warn("no se pudo borrar: %s", "could not be deleted: %s", err)
			}
		}
		errs = append(errs, s.showReplayed(r))
	})
	if err := errors.Join(append(errs, err)...); err != nil {
		return err
	}
	switch {
	case s.Stopped():
		return terminal.Exit(report.ExitInterrupted)
	case counts[fuzz.StillFails] > 0:
		return terminal.Exit(report.ExitFailed)
	case counts[fuzz.CannotRun] > 0:
		return terminal.Exit(report.ExitUnreachable)
	}
	return nil
}

// replayedLine is a case that was played again, for programs.
type replayedLine struct {
	Type    string `json:"type"` // "replay"
	ID      string `json:"id"`
	Oracle  string `json:"oracle"`
	Kind    string `json:"kind"`
	What    string `json:"what"`
	Verdict string `json:"verdict"`
	Found   string `json:"found"`
}

func (s *session) showReplayed(r fuzz.Replayed) error {
	if s.flags.Bool("json") {
		enc := json.NewEncoder(s.Stdout)
		enc.SetEscapeHTML(false)
		return enc.Encode(replayedLine{
			Type: "replay", ID: r.Case.ID, Oracle: r.Case.Oracle, Kind: r.Case.Kind, What: r.Case.What,
			Verdict: string(r.Verdict), Found: r.Found.In(s.Lang),
		})
	}
	word := map[fuzz.ReplayVerdict]string{
		fuzz.Fixed:      s.T("CORREGIDO", "FIXED"),
		fuzz.StillFails: s.T("SIGUE FALLANDO", "STILL FAILS"),
		fuzz.CannotRun:  s.T("NO SE PUDO", "CANNOT RUN"),
	}[r.Verdict]
	_, err := fmt.Fprintf(s.Stdout, "%s  %s  %s\n  %s\n  %s\n", r.Case.ID, word, report.Safe(r.Case.Oracle+"  "+r.Case.Kind),
		report.Safe(terminal.Clip(r.Case.What, 200)), report.Safe(r.Found.In(s.Lang)))
	return err
}

// casesOf finds the files that one argument means.
func (s *session) casesOf(arg, dir string) ([]string, error) {
	path := s.Path(arg)
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		files, err := filepath.Glob(filepath.Join(path, "*.json"))
		slices.Sort(files)
		return files, err
	case err == nil:
		return []string{path}, nil
	case !strings.ContainsRune(arg, filepath.Separator):
		// The beginning of an id will do while it names one case.
		files, err := filepath.Glob(filepath.Join(dir, arg+"*.json"))
		if err == nil && len(files) == 1 {
			return files, nil
		}
		if len(files) > 1 {
			return nil, lang.Errorf("%q es el comienzo de %d casos", "%q is the beginning of %d cases", arg, len(files))
		}
	case arg == dir:
		return nil, nil
	}
	return nil, lang.Errorf("no hay ningún caso %q", "there is no case %q", arg)
}

// export writes cases as something that runs without this program.
func (s *session) export(cases []*fuzz.Saved) error {
	how := s.flags.String("export")
	if how != "curl" && how != "http" {
		return terminal.Usage(lang.Errorf("--export %q: use curl o http", "--export %q: use curl or http", how))
	}
	set, err := s.settings("target", false)
	if err != nil {
		return err
	}
	target := set.target.wire
	if target == nil {
		// A place that nobody is at: to be put in by hand.
		if target, err = wire.ParseTarget("http://localhost:8000/kometia/webhook"); err != nil {
			return err
		}
	}
	mark := "#"
	if how == "http" {
		mark = "###"
	}
	var b bytes.Buffer
	for _, c := range cases {
		moments, err := c.Moments(set.config.policy())
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "%s %s %s: %s\n", mark, c.ID, c.Oracle, report.Safe(terminal.Clip(c.What, 200)))
		for _, m := range moments {
			if m.Step == nil {
				fmt.Fprintf(&b, "%s %s\n", mark, s.T("aquí se reinicia el receptor", "here the receiver is restarted"))
				continue
			}
			body, err := m.Step.Bytes()
			if err != nil {
				return err
			}
			fields, err := m.Step.Fields()
			if err != nil {
				return err
			}
			request := &wire.Request{Target: target, Header: wire.Override(fields, set.extra), Body: body}
			fmt.Fprintf(&b, "%s %s%s\n", mark, m.Step.Kind, s.byHand(m))
			if how == "curl" {
				b.WriteString(together(curl(request, set.wire.Timeout), m.Copies))
				continue
			}
			for range m.Copies {
				fmt.Fprintf(&b, "POST %s\n", target.URL())
				for _, f := range request.Header {
					fmt.Fprintf(&b, "%s: %s\n", f.Name, f.Value)
				}
				fmt.Fprintf(&b, "\n%s\n\n", body)
			}
		}
	}
	_, err = s.Stdout.Write(b.Bytes())
	return err
}

// byHand says beside an exported request what goes wrong with it in the case.
func (s *session) byHand(m fuzz.Moment) string {
	text := ""
	if m.After >= time.Minute {
		text += fmt.Sprintf("  +%s", strings.TrimSuffix(m.After.Truncate(time.Minute).String(), "0s"))
	}
	if m.Copies > 1 {
		text += fmt.Sprintf("  x%d", m.Copies)
	}
	if f := m.Fault.String(); f != "" {
		text += s.T("  en el caso: ", "  in the case: ") + f
	}
	return text
}

// together runs a command several times at once.
func together(command string, copies int) string {
	if copies < 2 {
		return command
	}
	return strings.Repeat(strings.TrimRight(command, "\n")+" &\n", copies) + "wait\n"
}
