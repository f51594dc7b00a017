package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/terminal"
	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// helpApp prints the help of the program. It is written here and not with the
// templates of cli/v2, which are in English and global to the process.
func (s *session) helpApp(w io.Writer, app *cli.App) {
	fmt.Fprintf(w, "%s: %s\n\n", app.Name, app.Usage)
	fmt.Fprintf(w, "%s\n", s.T("Uso", "Usage"))
	fmt.Fprintf(w, "  kometia-sim %s\n\n", s.T("COMANDO [ARGUMENTO...] [--OPCIÓN...]", "COMMAND [ARGUMENT...] [--FLAG...]"))
	fmt.Fprintf(w, "%s\n", s.T("Empiece con", "Start with"))
	fmt.Fprintf(w, "  kometia-sim send order.created --to http://localhost:8000/kometia/webhook\n")
	fmt.Fprintf(w, "  kometia-sim run --target http://localhost:8000/kometia/webhook\n\n")
	fmt.Fprintf(w, "%s\n", s.T("Comandos", "Commands"))
	var rows [][2]string
	for _, c := range app.Commands {
		if !c.Hidden {
			rows = append(rows, [2]string{strings.TrimSpace(c.Name + " " + c.ArgsUsage), c.Usage})
		}
	}
	terminal.Table(w, rows)
	fmt.Fprintf(w, "\n%s\n", s.T("Opciones de todos los comandos", "Flags of every command"))
	terminal.Table(w, flagRows(app.Flags))
	fmt.Fprintf(w, "\n%s\n", s.T("Salida", "Exit code"))
	terminal.Table(w, [][2]string{
		{"0", s.T("recibido / conforme", "delivered / conforms")},
		{"1", s.T("no recibido / no conforme", "not delivered / does not conform")},
		{"2", s.T("uso, configuración o escenario con errores", "bad usage, config or scenario")},
		{"3", s.T("no se pudo conectar con el receptor", "the receiver could not be reached at all")},
		{"4", s.T("solo resultados no concluyentes", "only inconclusive results")},
		{"5", s.T("falló kometia-sim mismo", "kometia-sim itself failed")},
		{"130", s.T("interrumpido", "interrupted")},
	})
	fmt.Fprintf(w, "\n%s\n", s.T("Más: kometia-sim COMANDO --help", "More: kometia-sim COMMAND --help"))
}

// helpCommandOf prints the help of one command.
func (s *session) helpCommandOf(w io.Writer, c *cli.Command) {
	fmt.Fprintf(w, "kometia-sim %s: %s\n\n", c.Name, c.Usage)
	fmt.Fprintf(w, "%s\n  %s\n", s.T("Uso", "Usage"),
		strings.TrimSpace("kometia-sim "+c.Name+" "+c.ArgsUsage)+s.T(" [--OPCIÓN...]", " [--FLAG...]"))
	if c.UsageText != "" {
		fmt.Fprintf(w, "\n%s\n%s\n", s.T("Ejemplos", "Examples"), terminal.Indent(c.UsageText, "  "))
	}
	if c.Description != "" {
		fmt.Fprintln(w)
		for _, paragraph := range strings.Split(strings.TrimSpace(c.Description), "\n") {
			for _, line := range terminal.Wrap(paragraph, terminal.HelpWidth) {
				fmt.Fprintln(w, line)
			}
		}
	}
	fmt.Fprintf(w, "\n%s\n", s.T("Opciones", "Flags"))
	terminal.Table(w, flagRows(c.Flags))
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

func (s *session) helpCommand() *cli.Command {
	return s.command(&cli.Command{
		Name: "help", Hidden: true, ArgsUsage: s.T("[COMANDO]", "[COMMAND]"),
		Usage: s.T("muestra la ayuda", "show help"),
	}, func(context.Context) error {
		app := s.app()
		name := s.flags.Args().First()
		if name == "" {
			s.helpApp(s.Stdout, app)
			return nil
		}
		c := app.Command(name)
		if c == nil {
			var names []string
			for _, c := range app.Commands {
				names = append(names, c.Name)
			}
			return terminal.Usage(lang.Errorf("no existe el comando %q%s", "unknown command %q%s", name, lang.DidYouMean(schemas.Suggest(name, names))))
		}
		s.helpCommandOf(s.Stdout, c)
		return nil
	})
}
