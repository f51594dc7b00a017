package main

import (
	"context"
	"io"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/console"
	"github.com/kometia-sim/kometia-sim/report/columns"
	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// helpApp prints the help of the program. It is written here and not with the
// templates of cli/v2, which are in English and global to the process.
func helpApp(t *console.Terminal, w io.Writer, app *cli.App) {
	s := t.Sheet(console.HelpWidth)
	if w == t.Stderr {
		s = t.TalkSheet(console.HelpWidth)
	}
	s.Line(0, 2, columns.Join(s.Unit(columns.Bold, app.Name+":"), s.Say(columns.Plain, app.Usage)))
	head := func(es, en string) {
		s.Blank()
		s.Head(t.T(es, en))
	}
	head("Uso", "Usage")
	s.Line(2, 4, s.Say(columns.Plain, "kometia-sim "+t.T("COMANDO [ARGUMENTO...] [--OPCIÓN...]", "COMMAND [ARGUMENT...] [--FLAG...]")))
	head("Empiece con", "Start with")
	s.Line(2, 2, s.Whole(columns.Plain, "kometia-sim send order.created --to http://localhost:8000/kometia/webhook"))
	s.Line(2, 2, s.Whole(columns.Plain, "kometia-sim run --target http://localhost:8000/kometia/webhook"))
	head("Comandos", "Commands")
	var rows [][2]string
	for _, c := range app.Commands {
		if !c.Hidden {
			rows = append(rows, [2]string{strings.TrimSpace(c.Name + " " + c.ArgsUsage), c.Usage})
		}
	}
	s.Table(rows)
	head("Opciones de todos los comandos", "Flags of every command")
	s.Table(flagRows(app.Flags))
	head("Código de salida", "Exit code")
	s.Table([][2]string{
		{"0", t.T("recibido / conforme", "delivered / conforms")},
		{"1", t.T("no recibido / no conforme", "not delivered / does not conform")},
		{"2", t.T("uso, configuración o escenario con errores", "bad usage, config or scenario")},
		{"3", t.T("no se pudo conectar con el receptor", "the receiver could not be reached at all")},
		{"4", t.T("solo resultados no concluyentes", "only inconclusive results")},
		{"5", t.T("falló kometia-sim mismo", "kometia-sim itself failed")},
		{"130", t.T("interrumpido", "interrupted")},
	})
	s.Blank()
	s.Line(0, 0, s.Say(columns.Plain, t.T("Más: kometia-sim COMANDO --help", "Learn more: kometia-sim COMMAND --help")))
	_ = s.Flush(w) // what cannot be written is seen where the program ends
}

// helpCommandOf prints the help of one command.
func helpCommandOf(t *console.Terminal, c *cli.Command) {
	s := t.Sheet(console.HelpWidth)
	s.Line(0, 2, columns.Join(s.Unit(columns.Bold, "kometia-sim "+c.Name+":"), s.Say(columns.Plain, c.Usage)))
	s.Blank()
	s.Head(t.T("Uso", "Usage"))
	s.Line(2, 4, s.Say(columns.Plain, strings.TrimSpace("kometia-sim "+c.Name+" "+c.ArgsUsage)+t.T(" [--OPCIÓN...]", " [--FLAG...]")))
	if c.UsageText != "" {
		s.Blank()
		s.Head(t.T("Ejemplos", "Examples"))
		for line := range strings.SplitSeq(strings.TrimSpace(c.UsageText), "\n") {
			s.Line(2, 2, s.Whole(columns.Plain, line))
		}
	}
	if c.Description != "" {
		s.Blank()
		for paragraph := range strings.SplitSeq(strings.TrimSpace(c.Description), "\n") {
			s.Line(0, 0, s.Say(columns.Plain, paragraph))
		}
	}
	s.Blank()
	s.Head(t.T("Opciones", "Flags"))
	s.Table(flagRows(c.Flags))
	_ = s.Flush(t.Stdout)
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
