package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/terminal"
	"github.com/kometia-sim/kometia-sim/report"
	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

func (s *session) validateCommand() *cli.Command {
	return s.command(&cli.Command{
		Name: "validate", ArgsUsage: s.T("ARCHIVO...", "FILE..."),
		Usage: s.T("revisa eventos capturados: línea, ruta, lo esperado y lo hallado de cada error", "checks captured events: line, path, expected and found of each error"),
		UsageText: `kometia-sim validate evento.json
kometia-sim send order.paid --dry-run | kometia-sim validate -`,
		Description: s.T("- es la entrada estándar. Sale con 0 si todo es válido, 1 si un evento no lo es, 2 si algo no se puede leer o no es JSON.",
			"- is standard input. Exits with 0 when all is valid, 1 when an event is not, 2 when something cannot be read or is no JSON."),
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "schemas", Usage: s.T("agrega los tipos de evento de la `CARPETA`", "add the event kinds of the folder `DIR`")},
		},
	}, s.validate)
}

func (s *session) validate(ctx context.Context) error {
	files := s.flags.Args().Slice()
	if len(files) == 0 {
		return terminal.Usage(lang.Errorf("diga qué archivo revisar (- es la entrada estándar)", "say which file to check (- is standard input)"))
	}
	cfg, err := s.loadConfig()
	if err != nil {
		return err
	}
	catalogue, err := s.catalogueOf(cfg)
	if err != nil {
		return terminal.Usage(err)
	}
	var unreadable []error
	invalid := false
	for _, file := range files {
		if ctx.Err() != nil || s.Stopped() {
			return terminal.Exit(report.ExitInterrupted)
		}
		valid, err := s.validateFile(catalogue, file)
		if err != nil {
			unreadable = append(unreadable, err)
		}
		invalid = invalid || !valid
	}
	switch {
	case unreadable != nil:
		return terminal.Usage(errors.Join(unreadable...))
	case invalid:
		return terminal.Exit(report.ExitFailed)
	default:
		return nil
	}
}

// validateFile judges one file. An error says that there was nothing to judge.
func (s *session) validateFile(catalogue *schemas.Catalogue, file string) (valid bool, err error) {
	var data []byte
	if file == "-" {
		data, err = s.ReadStdin(maxData)
		file = "stdin"
	} else {
		data, err = s.ReadFile(s.Path(file), maxData)
	}
	if err != nil {
		return false, err
	}
	kind, err := catalogue.ValidateBytes(data)
	if syntax, ok := errors.AsType[*jsontree.SyntaxError](err); ok {
		return false, lang.Errorf("%s:%d:%d: no es JSON: %s\n%s", "%s:%d:%d: no JSON: %s\n%s", file, syntax.Line, syntax.Column, syntax.Msg, syntax.Excerpt)
	}
	bad, ok := errors.AsType[*schemas.InvalidError](err)
	switch {
	case err == nil:
		_, err = fmt.Fprintf(s.Stdout, "%s: %s %s\n", report.Safe(file), report.Safe(kind.Name), s.T("válido", "valid"))
		return true, err
	case !ok:
		return false, lang.Errorf("%s: %s", "%s: %s", file, err)
	}
	for _, v := range bad.Violations {
		if _, err := fmt.Fprintln(s.Stdout, report.Safe(file+":"+v.In(s.Lang))); err != nil {
			return false, err
		}
	}
	return false, nil
}
