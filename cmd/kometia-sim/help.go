package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/urfave/cli/v2"

	"github.com/kometia-sim/kometia-sim/schemas"
)

// helpApp prints the help of the program. It is written here and not with the
// templates of cli/v2, which are in English and global to the process.
func (s *session) helpApp(w io.Writer, app *cli.App) {
	fmt.Fprintf(w, "%s: %s\n\n", app.Name, app.Usage)
	fmt.Fprintf(w, "%s\n", s.t("Uso", "Usage"))
	fmt.Fprintf(w, "  kometia-sim %s\n\n", s.t("COMANDO [ARGUMENTO...] [--OPCIÓN...]", "COMMAND [ARGUMENT...] [--FLAG...]"))
	fmt.Fprintf(w, "%s\n", s.t("Empiece con", "Start with"))
	fmt.Fprintf(w, "  kometia-sim send order.created --to http://localhost:8000/kometia/webhook\n")
	fmt.Fprintf(w, "  kometia-sim run --target http://localhost:8000/kometia/webhook\n\n")
	fmt.Fprintf(w, "%s\n", s.t("Comandos", "Commands"))
	var rows [][2]string
	for _, c := range app.Commands {
		if !c.Hidden {
			rows = append(rows, [2]string{strings.TrimSpace(c.Name + " " + c.ArgsUsage), c.Usage})
		}
	}
	table(w, rows)
	fmt.Fprintf(w, "\n%s\n", s.t("Opciones de todos los comandos", "Flags of every command"))
	table(w, flagRows(app.Flags))
	fmt.Fprintf(w, "\n%s\n", s.t("Salida", "Exit code"))
	table(w, [][2]string{
		{"0", s.t("recibido / conforme", "delivered / conforms")},
		{"1", s.t("no recibido / no conforme", "not delivered / does not conform")},
		{"2", s.t("uso, configuración o escenario con errores", "bad usage, config or scenario")},
		{"3", s.t("no se pudo conectar con el receptor", "the receiver could not be reached at all")},
		{"4", s.t("solo resultados no concluyentes", "only inconclusive results")},
		{"5", s.t("falló kometia-sim mismo", "kometia-sim itself failed")},
		{"130", s.t("interrumpido", "interrupted")},
	})
	fmt.Fprintf(w, "\n%s\n", s.t("Más: kometia-sim COMANDO --help", "More: kometia-sim COMMAND --help"))
}

// helpCommandOf prints the help of one command.
func (s *session) helpCommandOf(w io.Writer, c *cli.Command) {
	fmt.Fprintf(w, "kometia-sim %s: %s\n\n", c.Name, c.Usage)
	fmt.Fprintf(w, "%s\n  %s\n", s.t("Uso", "Usage"),
		strings.TrimSpace("kometia-sim "+c.Name+" "+c.ArgsUsage)+s.t(" [--OPCIÓN...]", " [--FLAG...]"))
	if c.UsageText != "" {
		fmt.Fprintf(w, "\n%s\n%s\n", s.t("Ejemplos", "Examples"), indent(c.UsageText))
	}
	if c.Description != "" {
		fmt.Fprintln(w)
		for _, paragraph := range strings.Split(strings.TrimSpace(c.Description), "\n") {
			for _, line := range wrap(paragraph, helpWidth) {
				fmt.Fprintln(w, line)
			}
		}
	}
	fmt.Fprintf(w, "\n%s\n", s.t("Opciones", "Flags"))
	table(w, flagRows(c.Flags))
}

func indent(text string) string {
	return "  " + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n  ")
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

// columns of the help: the texts begin here, and no line is longer than that.
const (
	helpIndent = 30
	helpWidth  = 100
)

// table prints rows of two columns, the second one wrapped.
func table(w io.Writer, rows [][2]string) {
	widest := 0
	for _, r := range rows {
		if n := utf8.RuneCountInString(r[0]); n <= helpIndent-4 {
			widest = max(widest, n)
		}
	}
	pad := strings.Repeat(" ", widest+4)
	for _, r := range rows {
		lines := wrap(r[1], helpWidth-len(pad))
		if n := utf8.RuneCountInString(r[0]); n > widest {
			fmt.Fprintf(w, "  %s\n%s%s\n", r[0], pad, lines[0])
		} else {
			fmt.Fprintf(w, "  %s%s%s\n", r[0], strings.Repeat(" ", widest-n+2), lines[0])
		}
		for _, line := range lines[1:] {
			fmt.Fprintf(w, "%s%s\n", pad, line)
		}
	}
}

// wrap breaks a text between words; it has at least one line.
func wrap(text string, width int) []string {
	lines := []string{""}
	for _, word := range strings.Fields(text) {
		last := lines[len(lines)-1]
		switch {
		case last == "":
			lines[len(lines)-1] = word
		case utf8.RuneCountInString(last)+1+utf8.RuneCountInString(word) <= width:
			lines[len(lines)-1] = last + " " + word
		default:
			lines = append(lines, word)
		}
	}
	return lines
}

func (s *session) helpCommand() *cli.Command {
	return s.command(&cli.Command{
		Name: "help", Hidden: true, ArgsUsage: s.t("[COMANDO]", "[COMMAND]"),
		Usage: s.t("muestra la ayuda", "show help"),
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
			return usage(say("no existe el comando %q%s", "unknown command %q%s", name, meant(schemas.Suggest(name, names))))
		}
		s.helpCommandOf(s.Stdout, c)
		return nil
	})
}
