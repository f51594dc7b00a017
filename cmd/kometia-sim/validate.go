package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/console"
	"github.com/kometia-sim/kometia-sim/report/view"
	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

func validateCommand() command {
	return command{
		name: "validate", args: lang.Text{ES: "ARCHIVO...", EN: "FILE..."},
		usage: lang.Text{ES: "revisa eventos capturados: línea, ruta, lo esperado y lo hallado de cada error", EN: "checks captured events: line, path, expected and found of each error"},
		examples: same(`kometia-sim validate evento.json
kometia-sim send order.paid --dry-run | kometia-sim validate -`),
		about: lang.Text{
			ES: "- es la entrada estándar. Sale con 0 si todo es válido, 1 si un evento no lo es, 2 si algo no se puede leer o no es JSON.",
			EN: "- is standard input. Exits with 0 when all is valid, 1 when an event is not, 2 when something cannot be read or is no JSON.",
		},
		act: validate,
	}
}

func validate(ctx context.Context, c *call) error {
	if len(c.args) == 0 {
		return console.Usage(lang.Errorf("diga qué archivo revisar (- es la entrada estándar)", "say which file to check (- is standard input)"))
	}
	catalogue, err := catalogueOf(c)
	if err != nil {
		return err
	}
	var unreadable []error
	invalid := false
	for _, file := range c.args {
		if ctx.Err() != nil || c.Stopped() {
			return console.Exit(view.ExitInterrupted)
		}
		valid, err := validateFile(c, catalogue, file)
		if err != nil {
			unreadable = append(unreadable, err)
		}
		invalid = invalid || !valid
	}
	switch {
	case unreadable != nil:
		return console.Usage(errors.Join(unreadable...))
	case invalid:
		return console.Exit(view.ExitFailed)
	default:
		return nil
	}
}

// validateFile judges one file. An error says that there was nothing to judge.
func validateFile(c *call, catalogue *schemas.Catalogue, file string) (valid bool, err error) {
	var data []byte
	if file == "-" {
		data, err = c.ReadStdin(maxData)
		file = "stdin"
	} else {
		data, err = c.ReadFile(c.Path(file), maxData)
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
		_, err = fmt.Fprintf(c.Stdout, "%s: %s %s\n", view.Safe(file), view.Safe(kind.Name), c.T("válido", "valid"))
		return true, err
	case !ok:
		return false, lang.Errorf("%s: %s", "%s: %s", file, err)
	}
	for _, v := range bad.Violations {
		if _, err := fmt.Fprintln(c.Stdout, view.Safe(file+":"+v.In(c.Lang))); err != nil {
			return false, err
		}
	}
	return false, nil
}
