package main

import (
	"bytes"
	"context"
	_ "embed" // config.schema.json
	"errors"

	"github.com/urfave/cli/v2"

	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/terminal"
	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// configSchema is the JSON Schema of kometia-sim.yaml, for editors.
//
//go:embed config.schema.json
var configSchema []byte

func (s *session) schemaCommand() *cli.Command {
	return s.command(&cli.Command{
		Name: "schema", ArgsUsage: s.T("[TIPO|OBJETO|event|config|scenario]", "[KIND|OBJECT|event|config|scenario]"),
		Usage: s.T("escribe un JSON Schema; sin argumento, lista los que hay", "prints a JSON Schema; without argument, lists them"),
		UsageText: `kometia-sim schema order.placed
kometia-sim schema config > kometia-sim.schema.json
kometia-sim schema scenario > scenario.schema.json`,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "schemas", Usage: s.T("agrega los tipos de evento de la `CARPETA`", "add the event kinds of the folder `DIR`")},
		},
	}, s.schema)
}

func (s *session) schema(context.Context) error {
	if s.flags.NArg() > 1 {
		return terminal.Usage(lang.Errorf("schema: uno a la vez", "schema: one at a time"))
	}
	name := s.flags.Args().First()
	switch name {
	case "config":
		_, err := s.Stdout.Write(configSchema)
		return err
	case "scenario":
		_, err := s.Stdout.Write(language.Schema())
		return err
	}
	cfg, err := s.loadConfig()
	if err != nil {
		return err
	}
	catalogue, err := s.catalogueOf(cfg)
	if err != nil {
		return terminal.Usage(err)
	}
	if name == "" {
		return s.listSchemas(catalogue)
	}
	data, err := catalogue.Schema(name)
	if err != nil {
		if unknown, ok := errors.AsType[*schemas.UnknownError](err); ok {
			return terminal.Usage(unknown)
		}
		return err
	}
	data = append(bytes.TrimRight(data, "\n"), '\n')
	_, err = s.Stdout.Write(data)
	return err
}

func (s *session) listSchemas(catalogue *schemas.Catalogue) error {
	rows := [][]string{
		{"config", configFile},
		{"scenario", s.T("un escenario propio", "a scenario of one's own")},
		{"event", s.T("el sobre de todos los eventos", "the envelope of all events")},
	}
	for _, name := range catalogue.Objects() {
		if name != "event" {
			rows = append(rows, []string{name, s.T("objeto", "object")})
		}
	}
	for _, k := range catalogue.Kinds() {
		rows = append(rows, []string{k.Name, k.Title.In(s.Lang)})
	}
	return s.Print(terminal.Columns(rows))
}
