package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/console"
	"github.com/kometia-sim/kometia-sim/report/columns"
	"github.com/kometia-sim/kometia-sim/report/view"
	"github.com/kometia-sim/kometia-sim/scenarios/fuzz"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

func replayCommand() command {
	return command{
		name: "replay", args: lang.Text{ES: "[ID|ARCHIVO|CARPETA...]", EN: "[ID|FILE|DIR...]"},
		waits: waitsForRun(),
		usage: lang.Text{ES: "repite los casos que fuzz guardó y dice si siguen fallando", EN: "replays the cases that fuzz kept and says whether they still fail"},
		examples: same(`kometia-sim replay --target http://localhost:8000/kometia/webhook
kometia-sim replay 1f2e3d4c5b --exact
kometia-sim replay 1f2e3d4c5b --export curl`),
		about: lang.Text{
			ES: `Con identidades nuevas, porque un receptor que recuerda las anteriores escondería su defecto; --exact envía los mismos bytes.
Sale con 0 si todo está corregido, 1 si algo sigue fallando, 3 si algo no se pudo repetir. No borra nada sin --prune.`,
			EN: `Under fresh identities, because a receiver that remembers the old ones would hide its fault; --exact sends the same bytes.
Exits with 0 when all is fixed, 1 when something still fails, 3 when something could not be run. Deletes nothing without --prune.`,
		},
		act: replay,
	}
}

// replay plays kept cases again.
func replay(ctx context.Context, c *call) error {
	if c.given.ByFlag("export") {
		var errs []error
		for _, other := range []string{"exact", "prune", "json"} {
			if c.given.ByFlag(other) {
				errs = append(errs, lang.Errorf("--export y --%s no van juntos", "--export and --%s do not go together", other))
			}
		}
		if err := errors.Join(errs...); err != nil {
			return console.Usage(err)
		}
	}
	files, err := caseFiles(c)
	if err != nil {
		return console.Usage(err)
	}
	var cases []*fuzz.Saved
	var errs []error
	file := map[*fuzz.Saved]string{}
	for _, name := range files {
		saved, err := fuzz.ReadCase(name)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		cases = append(cases, saved)
		file[saved] = name
	}
	if err := errors.Join(errs...); err != nil {
		return console.Usage(err)
	}
	if len(cases) == 0 {
		return console.Usage(lang.Errorf("no hay casos guardados en esta carpeta; kometia-sim fuzz los hace", "there are no cases in this folder; kometia-sim fuzz makes them"))
	}
	if c.given.ByFlag("export") {
		return export(c, cases)
	}
	v, err := c.given.Read("target", true, false)
	if err != nil {
		return err
	}
	o, rec, err := c.openFuzzed(ctx, v)
	if err != nil {
		return err
	}
	defer o.close()
	counts, others, played := map[fuzz.ReplayVerdict]int{}, 0, 0
	next := func() { // a case may take a while, with what it has to be held against
		if played < len(cases) {
			c.Draw(fmt.Sprintf("%d/%d %s", played+1, len(cases), cases[played].ID))
		}
	}
	next()
	err = fuzz.Replay(ctx, rec, fuzzConfig(c, v, o), cases, c.given.On("exact"), func(one fuzz.Replayed) {
		c.Draw("")
		counts[one.Verdict]++
		if one.Verdict == fuzz.Fixed && c.given.On("prune") && one.Case.Target != rec.Name() {
			others++
		} else if one.Verdict == fuzz.Fixed && c.given.On("prune") {
			if err := os.Remove(file[one.Case]); err != nil {
				c.Warn("no se pudo borrar: %s", "could not be deleted: %s", err)
			}
		}
		errs = append(errs, c.printReplayed(one, rec.Name()))
		played++
		next()
	})
	c.Draw("")
	if err := errors.Join(append(errs, err)...); err != nil {
		return err
	}
	if others > 0 {
		c.Note("%d casos no se borraron: se encontraron en otro destino, o no dicen en cuál; bórrelos de %s si ya no los quiere",
			"%d cases were not deleted: they were found on another target, or do not say on which; delete them from %s if you no longer want them", others, c.state().Cases())
	}
	if n := len(cases); n > 1 && !c.given.On("json") {
		if err := c.Print(c.replayedAll(n, counts)); err != nil {
			return err
		}
	}
	switch {
	case c.Stopped():
		return console.Exit(view.ExitInterrupted)
	case counts[fuzz.StillFails] > 0:
		return console.Exit(view.ExitFailed)
	case counts[fuzz.CannotRun] > 0:
		return console.Exit(view.ExitUnreachable)
	}
	return nil
}

// replayedLine is a case that was played again, for programs.
type replayedLine struct {
	Type    string `json:"type"` // "replay"
	ID      string `json:"id"`
	Target  string `json:"target"`
	Oracle  string `json:"oracle"`
	Kind    string `json:"kind"`
	What    string `json:"what"`
	Verdict string `json:"verdict"`
	Found   string `json:"found"`
}

// replayedAll says in a line what became of all cases.
func (c *call) replayedAll(n int, counts map[fuzz.ReplayVerdict]int) string {
	var parts []string
	for _, of := range []struct {
		verdict fuzz.ReplayVerdict
		one     lang.Text
		many    lang.Text
	}{
		{fuzz.Fixed, lang.Text{ES: "%d corregido", EN: "%d fixed"}, lang.Text{ES: "%d corregidos", EN: "%d fixed"}},
		{fuzz.StillFails, lang.Text{ES: "%d sigue fallando", EN: "%d still fails"}, lang.Text{ES: "%d siguen fallando", EN: "%d still fail"}},
		{fuzz.CannotRun, lang.Text{ES: "%d no se pudo repetir", EN: "%d could not run"}, lang.Text{ES: "%d no se pudieron repetir", EN: "%d could not run"}},
	} {
		if counts[of.verdict] > 0 {
			parts = append(parts, view.Counted{One: of.one.In(c.Lang), Many: of.many.In(c.Lang)}.Of(counts[of.verdict]))
		}
	}
	return lang.Textf("%d casos: %s\n", "%d cases: %s\n", n, strings.Join(parts, ", ")).In(c.Lang)
}

func (c *call) printReplayed(r fuzz.Replayed, here string) error {
	found := r.Found.In(c.Lang)
	if c.given.On("json") {
		return c.PrintLine(replayedLine{
			Type: "replay", ID: r.Case.ID, Target: r.Case.Target, Oracle: r.Case.Oracle, Kind: r.Case.Kind, What: r.Case.What,
			Verdict: string(r.Verdict), Found: found,
		})
	}
	word := map[fuzz.ReplayVerdict]string{
		fuzz.Fixed:      c.T("CORREGIDO", "FIXED"),
		fuzz.StillFails: c.T("SIGUE FALLANDO", "STILL FAILS"),
		fuzz.CannotRun:  c.T("NO SE PUDO", "CANNOT RUN"),
	}[r.Verdict]
	if !r.Case.Of(here) && r.Verdict != fuzz.CannotRun { // where its reason says so
		found += lang.Textf(" (se encontró en otro destino: %s)", " (it was found on another target: %s)", r.Case.Target).In(c.Lang)
	}
	if c.OutWidth > 0 {
		style := map[fuzz.ReplayVerdict]columns.Style{fuzz.Fixed: columns.Passing, fuzz.StillFails: columns.Failing, fuzz.CannotRun: columns.Warning}[r.Verdict]
		s := c.Sheet(0)
		s.Line(0, 2, columns.Join(s.Unit(columns.Bold, r.Case.ID), columns.After(2, s.Unit(style, word)), columns.After(2, s.Say(columns.Plain, r.Case.Oracle+"  "+r.Case.Kind))))
		if r.Case.What != r.Case.Kind { // which stands above
			s.Line(2, 4, s.Quote(columns.Plain, r.Case.What))
		}
		s.Line(2, 4, s.Quote(columns.Plain, found))
		return s.Flush(c.Stdout)
	}
	return c.Print(fmt.Sprintf("%s  %s  %s\n  %s\n  %s\n", view.Safe(r.Case.ID), word, view.Safe(r.Case.Oracle+"  "+r.Case.Kind),
		view.Safe(console.Clip(r.Case.What, 200)), view.Safe(found)))
}

// caseFiles finds the files of cases by what the user calls them: an id, a file,
// a folder. Without arguments they are all that are kept.
func caseFiles(c *call) ([]string, error) {
	kept := c.state().Cases()
	args := c.args
	if len(args) == 0 {
		args = []string{kept}
	}
	var files []string
	var errs []error
	for _, arg := range args {
		found, err := casesOf(arg, c.Path(arg), kept)
		files, errs = append(files, found...), append(errs, err)
	}
	return files, errors.Join(errs...)
}

// casesOf finds the files that one argument means; path is the argument as a
// path, kept where cases are kept.
func casesOf(arg, path, kept string) ([]string, error) {
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
		files, err := filepath.Glob(filepath.Join(kept, arg+"*.json"))
		if err == nil && len(files) == 1 {
			return files, nil
		}
		if len(files) > 1 {
			return nil, lang.Errorf("%q es el comienzo de %d casos", "%q is the beginning of %d cases", arg, len(files))
		}
	case arg == kept:
		return nil, nil
	}
	return nil, lang.Errorf("no hay ningún caso %q", "there is no case %q", arg)
}
