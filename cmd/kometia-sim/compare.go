package main

import (
	"bytes"
	"context"
	"errors"
	"io"

	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/console"
	"github.com/kometia-sim/kometia-sim/report/markdown"
	"github.com/kometia-sim/kometia-sim/report/ndjson"
	"github.com/kometia-sim/kometia-sim/report/terminal"
	"github.com/kometia-sim/kometia-sim/report/view"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

func compareCommand() command {
	return command{
		name: "compare", args: lang.Text{ES: "ANTES AHORA", EN: "OLD NEW"},
		usage: lang.Text{ES: "dice qué mejoró y qué empeoró entre dos corridas guardadas", EN: "says what got better and worse between two stored runs"},
		examples: lang.Text{ES: `kometia-sim compare antes.json ahora.json
kometia-sim compare antes.json ahora.json --format markdown`, EN: `kometia-sim compare old.json new.json
kometia-sim compare old.json new.json --format markdown`},
		about: lang.Text{
			ES: `Compara lo que se encontró, prueba por prueba. Los archivos son los de --report json=ARCHIVO.
Sale con 0 si nada empeoró, 1 si algo empeoró, 4 si nada empeoró pero algo que antes se pudo juzgar ahora no.`,
			EN: `Compares what was found, check by check. The files are those of --report json=FILE.
Exits with 0 when nothing got worse, 1 when something did, 4 when nothing did but something could be judged before and cannot be now.`,
		},
		act: compare,
	}
}

// compare holds a stored run against another.
func compare(_ context.Context, c *call) error {
	if err := c.given.Check(); err != nil {
		return console.Usage(err)
	}
	if len(c.args) != 2 {
		return console.Usage(lang.Errorf("diga qué dos corridas: la de antes y la de ahora", "say which two runs: the old one and the new one"))
	}
	before, errBefore := readStored(c, c.args[0])
	now, errNow := readStored(c, c.args[1])
	if err := errors.Join(errBefore, errNow); err != nil {
		return console.Usage(err)
	}
	if len(before) != len(now) {
		return console.Usage(lang.Errorf("%s tiene %d corridas y %s %d: se comparan una a una", "%s has %d runs and %s has %d: they are compared one by one",
			view.Safe(c.args[0]), len(before), view.Safe(c.args[1]), len(now)))
	}
	exits := map[int]bool{}
	for i := range now {
		compared := view.Compare(before[i].Report, now[i].Report, comparing(c, &now[i]))
		exits[compared.Exit] = true
		if i > 0 {
			if err := c.Print("\n"); err != nil {
				return err
			}
		}
		var b bytes.Buffer
		if err := printComparison(c, &b, compared); err != nil {
			return err
		}
		if err := c.Print(b.String()); err != nil {
			return err
		}
	}
	switch {
	case exits[view.ExitFailed]:
		return console.Exit(view.ExitFailed)
	case exits[view.ExitInconclusive]:
		return console.Exit(view.ExitInconclusive)
	}
	return nil
}

// comparing are the options of a comparison.
func comparing(c *call, now *ndjson.Stored) view.Options {
	opts := c.ReportOptions()
	opts.Strict, opts.RequireEffects = now.Options.Strict, now.Options.RequireEffects
	return opts
}

func printComparison(c *call, w io.Writer, compared *view.Comparison) error {
	if c.given.Text("format") == "markdown" {
		return markdown.WriteComparison(w, compared)
	}
	return terminal.WriteComparison(w, compared, c.ReportOptions())
}
