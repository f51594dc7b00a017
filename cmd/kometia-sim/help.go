package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/console"
	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// helpApp prints the help of the program. It is written here and not with the
// templates of cli/v2, which are in English and global to the process.
func helpApp(t *console.Terminal, w io.Writer, app *cli.App) {
	fmt.Fprintf(w, "%s: %s\n\n", app.Name, app.Usage)
	fmt.Fprintf(w, "%s\n", t.T("Uso", "Usage"))
	fmt.Fprintf(w, "  kometia-sim %s\n\n", t.T("COMANDO [ARGUMENTO...] [--OPCIÓN...]", "COMMAND [ARGUMENT...] [--FLAG...]"))
	fmt.Fprintf(w, "%s\n", t.T("Empiece con", "Start with"))
	fmt.Fprintf(w, "  kometia-sim send order.created --to http://localhost:8000/kometia/webhook\n")
	fmt.Fprintf(w, "  kometia-sim run --target http://localhost:8000/kometia/webhook\n\n")
	fmt.Fprintf(w, "%s\n", t.T("Comandos", "Commands"))
	var rows [][2]string
	for _, c := range app.Commands {
		if !c.Hidden {
			rows = append(rows, [2]string{strings.TrimSpace(c.Name + " " + c.ArgsUsage), c.Usage})
		}
	}
	console.Table(w, rows)
	fmt.Fprintf(w, "\n%s\n", t.T("Opciones de todos los comandos", "Flags of every command"))
	console.Table(w, flagRows(app.Flags))
	fmt.Fprintf(w, "\n%s\n", t.T("Salida", "Exit code"))
	console.Table(w, [][2]string{
		{"0", t.T("recibido / conforme", "delivered / conforms")},
		{"1", t.T("no recibido / no conforme", "not delivered / does not conform")},
		{"2", t.T("uso, configuración o escenario con errores", "bad usage, config or scenario")},
		{"3", t.T("no se pudo conectar con el receptor", "the receiver could not be reached at all")},
		{"4", t.T("solo resultados no concluyentes", "only inconclusive results")},
		{"5", t.T("falló kometia-sim mismo", "kometia-sim itself failed")},
		{"130", t.T("interrumpido", "interrupted")},
	})
	fmt.Fprintf(w, "\n%s\n", t.T("Más: kometia-sim COMANDO --help", "More: kometia-sim COMMAND --help"))
}

// helpCommandOf prints the help of one command.
func helpCommandOf(t *console.Terminal, c *cli.Command) {
	w := t.Stdout
	fmt.Fprintf(w, "kometia-sim %s: %s\n\n", c.Name, c.Usage)
	fmt.Fprintf(w, "%s\n  %s\n", t.T("Uso", "Usage"),
		strings.TrimSpace("kometia-sim "+c.Name+" "+c.ArgsUsage)+t.T(" [--OPCIÓN...]", " [--FLAG...]"))
	if c.UsageText != "" {
		fmt.Fprintf(w, "\n%s\n%s\n", t.T("Ejemplos", "Examples"), console.Indent(c.UsageText, "  "))
	}
	if c.Description != "" {
		fmt.Fprintln(w)
		for _, paragraph := range strings.Split(strings.TrimSpace(c.Description), "\n") {
			for _, line := range console.Wrap(paragraph, console.HelpWidth) {
				fmt.Fprintln(w, line)
			}
		}
	}
	fmt.Fprintf(w, "\n%s\n", t.T("Opciones", "Flags"))
	console.Table(w, flagRows(c.Flags))
}

// flagRows describes flags: "-H, --header 'NAME: VALUE'" and what it does. The
// word in backquotes of a flag's text names its value.
func flagRows(flags []cli.Flag) [][2]string {
	var rows [][2]string
	for _, f := range flags {
		d, ok := f.(cli.DocGenerationFlag)
		if v, visible := f.(cli.VisibleFlag); !ok || visible && !v.IsVisible() {
			continue
		}
		var short, long string
		for _, n := range f.Names() {
			if len(n) == 1 {
				short = "-" + n + ", "
			} else {
				long = "--" + n
			}
		}
		text := d.GetUsage()
		if before, rest, found := strings.Cut(text, "`"); found {
			value, after, _ := strings.Cut(rest, "`")
			text = before + value + after
			long += " " + value
		}
		rows = append(rows, [2]string{short + long, text})
	}
	return rows
}

func helpCommand() command {
	return command{
		name: "help", hidden: true, args: lang.Text{ES: "[COMANDO]", EN: "[COMMAND]"},
		usage: lang.Text{ES: "muestra la ayuda", EN: "show help"},
		act: func(_ context.Context, c *call) error {
			app := newApp(c.Terminal)
			if len(c.args) == 0 {
				helpApp(c.Terminal, c.Stdout, app)
				return nil
			}
			if asked := app.Command(c.args[0]); asked != nil {
				helpCommandOf(c.Terminal, asked)
				return nil
			}
			var names []string
			for _, known := range app.Commands {
				names = append(names, known.Name)
			}
			return console.Usage(lang.Errorf("no existe el comando %q%s", "unknown command %q%s", c.args[0], lang.DidYouMean(schemas.Suggest(c.args[0], names))))
		},
	}
}
