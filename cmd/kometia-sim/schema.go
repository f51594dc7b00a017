package main

import (
	"context"
	"errors"
	"strings"

	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/console"
	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/settings"
	"github.com/kometia-sim/kometia-sim/report/ndjson"
	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

func schemaCommand() command {
	return command{
		name: "schema", args: lang.Text{ES: "[TIPO|OBJETO|event|config|scenario|report]", EN: "[KIND|OBJECT|event|config|scenario|report]"},
		offers: func() []string {
			return append(append(settings.Kinds(), schemas.Builtin().Objects()...), "config", "event", "report", "scenario")
		},
		usage: lang.Text{ES: "escribe un JSON Schema; sin argumento, lista los que hay", EN: "prints a JSON Schema; without an argument, lists them"},
		examples: same(`kometia-sim schema order.placed
kometia-sim schema config > kometia-sim.schema.json
kometia-sim schema scenario > scenario.schema.json
kometia-sim schema report > report.schema.json`),
		act: schema,
	}
}

func schema(_ context.Context, c *call) error {
	name := strings.Join(c.args, " ")
	switch {
	case len(c.args) > 1:
		return console.Usage(lang.Errorf("schema: uno a la vez", "schema: one at a time"))
	case name == "config":
		return c.Print(string(settings.Schema))
	case name == "scenario":
		return c.Print(string(language.Schema()))
	case name == "report":
		return c.Print(string(ndjson.Schema))
	}
	catalogue, err := catalogueOf(c)
	if err != nil {
		return err
	}
	if name == "" {
		return listSchemas(c, catalogue)
	}
	data, err := catalogue.Schema(name)
	if unknown, ok := errors.AsType[*schemas.UnknownError](err); ok {
		return console.Usage(unknown)
	}
	if err != nil {
		return err
	}
	return c.Print(strings.TrimRight(string(data), "\n") + "\n")
}

func listSchemas(c *call, catalogue *schemas.Catalogue) error {
	rows := [][]string{
		{"config", settings.FileName},
		{"scenario", c.T("un escenario propio", "a scenario of one's own")},
		{"report", c.T("una línea de --report json o de send --json", "a line of --report json or of send --json")},
		{"event", c.T("el sobre de todos los eventos", "the envelope of all events")},
	}
	for _, name := range catalogue.Objects() {
		if name != "event" {
			rows = append(rows, []string{name, c.T("objeto", "object")})
		}
	}
	for _, k := range catalogue.Kinds() {
		rows = append(rows, []string{k.Name, k.Title.In(c.Lang)})
	}
	return c.Sheet(0).Rows(rows, c.Stdout)
}
