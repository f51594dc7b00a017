package main

import (
	"bytes"
	"context"
	"errors"

	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/console"
	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/outputs"
	"github.com/kometia-sim/kometia-sim/report/ndjson"
	"github.com/kometia-sim/kometia-sim/report/view"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/files"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

func reportCommand() command {
	return command{
		name: "report", args: lang.Text{ES: "ARCHIVO|-...", EN: "FILE|-..."},
		usage: lang.Text{ES: "vuelve a escribir los informes de una corrida guardada con --report json", EN: "rewrites the reports of a run that --report json stored"},
		examples: lang.Text{ES: `kometia-sim report informe.json
kometia-sim report informe.json --report html=informe.html --report junit=informe.xml
kometia-sim report informe.json --report markdown --lang en`, EN: `kometia-sim report report.json
kometia-sim report report.json --report html=report.html --report junit=report.xml
kometia-sim report report.json --report markdown --lang es`},
		about: lang.Text{
			ES: `Son los informes que la corrida misma habría escrito. Si se cortó, lo dicen: qué quedó sin resultado, y de qué no se sabe si llegó.
Sale con 0 cuando los escribió, dijeran lo que dijeran.`,
			EN: `They are the reports that the run itself would have written. If it was cut off they say so: what has no result, and of what nobody knows whether it arrived.
Exits with 0 when they are written, whatever they say.`,
		},
		act: rewrite,
	}
}

// rewrite writes the reports of stored runs.
func rewrite(_ context.Context, c *call) error {
	if len(c.args) == 0 {
		return console.Usage(lang.Errorf("diga qué corrida: el archivo que escribió --report json=ARCHIVO, o -", "say which run: the file that --report json=FILE wrote, or -"))
	}
	reports, err := outputs.Read(c.Host, c.given.List("report"))
	errs := []error{err}
	var runs []ndjson.Stored
	for _, arg := range c.args {
		stored, err := readStored(c, arg)
		runs, errs = append(runs, stored...), append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return console.Usage(err)
	}
	several := []*outputs.Outputs{reports}
	if len(runs) > 1 {
		if several, err = reports.Several(len(runs)); err != nil {
			return console.Usage(err)
		}
	}
	before, err := baseline(c, len(runs))
	if err != nil {
		return console.Usage(err)
	}
	for i := range runs {
		if err := rewriteOne(c, several[i], &runs[i], before[i]); err != nil {
			return err
		}
	}
	return nil
}

// rewriteOne writes the reports of one stored run.
func rewriteOne(c *call, reports *outputs.Outputs, run *ndjson.Stored, before *verdict.Report) error {
	opts := runOptions(c, reports)
	opts.Baseline = before
	opts.Strict, opts.RequireEffects, opts.Unwritten, opts.PlanShown = run.Options.Strict, run.Options.RequireEffects, run.Options.Unwritten, false
	if !c.given.ByFlag("lang") {
		opts.Lang = run.Options.Lang
	}
	if err := reports.Begin(run.Report.Run, opts); err != nil {
		return err
	}
	for i := range run.Report.Results {
		reports.Result(run.Report.Results[i])
	}
	return reports.Finish(run.Report, opts)
}

// baseline are the earlier runs that --baseline names, one for each of the runs that
// are told; nil for each without it.
func baseline(c *call, runs int) ([]*verdict.Report, error) {
	before := make([]*verdict.Report, runs)
	arg := c.given.Text("baseline")
	if arg == "" {
		return before, nil
	}
	stored, err := readStored(c, arg)
	if err != nil {
		return nil, lang.Errorf("--baseline: %s", "--baseline: %s", err)
	}
	if len(stored) != runs {
		return nil, lang.Errorf("--baseline: %s tiene %d corridas y esta es de %d: se comparan una a una", "--baseline: %s has %d runs and this one has %d: they are compared one by one",
			view.Safe(arg), len(stored), runs)
	}
	for i := range stored {
		before[i] = stored[i].Report
	}
	return before, nil
}

// maxStored is the largest file of stored runs that is read, in bytes.
const maxStored = 64 << 20

// readStored reads the runs of a file, or of standard input for "-".
func readStored(c *call, arg string) ([]ndjson.Stored, error) {
	var data []byte
	var err error
	if arg == "-" {
		data, err = c.ReadStdin(maxStored)
	} else {
		data, err = c.ReadFile(c.Path(arg), maxStored)
	}
	if err != nil {
		return nil, err
	}
	runs, err := ndjson.Read(bytes.NewReader(files.Text(data)))
	if err != nil {
		return nil, lang.Errorf("%s: %s", "%s: %s", view.Safe(arg), err)
	}
	return runs, nil
}
