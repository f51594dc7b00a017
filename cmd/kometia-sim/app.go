package main

import (
	"context"
	"errors"
	"runtime/debug"

	"github.com/urfave/cli/v2"

	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/terminal"
	"github.com/kometia-sim/kometia-sim/report"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

const (
	version = "0.1.0"
	// tool is how reports name what made them.
	tool = "kometia-sim " + version
	// userAgent is sent with every event.
	userAgent = "Kometia-Sim/" + version
)

// run is the program: it carries out a command line and returns the exit code.
// It touches nothing but what h and ctx give it.
func run(ctx context.Context, h *terminal.Host, args []string) int {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	gone := make(chan struct{})
	quiet := *h
	quiet.Stdout = &terminal.QuietWriter{W: h.Stdout, Gone: func() { close(gone) }}
	quiet.Stop = either(ctx, h.Stop, gone)
	s := &session{Terminal: &terminal.Terminal{Host: &quiet}}
	err := s.survive(ctx, args)
	s.Complain(err)
	return terminal.ExitCode(err)
}

// survive turns a panic into an error: a bug of ours is exit 5 and one line,
// not a page of addresses that looks like the receiver's doing.
func (s *session) survive(ctx context.Context, args []string) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = lang.Errorf("falla interna de kometia-sim %s, por favor repórtela: %v", "internal failure of kometia-sim %s, please report it: %v", version, p)
			if s.Getenv("KOMETIA_SIM_DEBUG") != "" {
				err = errors.Join(err, errors.New(string(debug.Stack())))
			}
		}
	}()
	return s.run(ctx, args)
}

// either is closed when one of its channels is.
func either(ctx context.Context, a, b <-chan struct{}) <-chan struct{} {
	both := make(chan struct{})
	go func() {
		select {
		case <-a:
		case <-b:
		case <-ctx.Done():
			return
		}
		close(both)
	}()
	return both
}

// session is one command line being carried out.
type session struct {
	*terminal.Terminal
	// flags are those of the command.
	flags *cli.Context
}

func (s *session) run(ctx context.Context, args []string) error {
	asked := askedLanguage(args)
	if asked == "" {
		asked = s.Getenv("KOMETIA_SIM_LANG")
	}
	tag, err := lang.Detect(asked, s.Getenv)
	if err != nil {
		s.Lang, _ = lang.Detect("", s.Getenv)
		return terminal.Usage(lang.Errorf("no existe el idioma %q (use es o en)", "unknown language %q (use es or en)", asked))
	}
	s.Lang = tag
	app := s.app()
	arranged, err := arrange(app, args)
	if err != nil {
		return err
	}
	if len(arranged) == 0 {
		s.helpApp(s.Stderr, app)
		return terminal.Exit(terminal.ExitUsage)
	}
	// Seen here, because cli/v2 would answer it with a help of its own.
	if wantsHelp(arranged) {
		if c := app.Command(arranged[0]); c != nil {
			s.helpCommandOf(s.Stdout, c)
		} else {
			s.helpApp(s.Stdout, app)
		}
		return nil
	}
	return app.RunContext(ctx, append([]string{app.Name}, arranged...))
}

// wantsHelp looks for --help among arranged flags.
func wantsHelp(arranged []string) bool {
	for _, word := range arranged {
		switch word {
		case "--":
			return false
		case "--help", "--h":
			return arranged[0] != "__complete"
		}
	}
	return false
}

// askedLanguage finds --lang before anything is parsed, so that even the
// complaint about a bad flag is in the language asked for.
func askedLanguage(args []string) string {
	for i, arg := range args {
		switch {
		case arg == "--":
			return ""
		case (arg == "--lang" || arg == "-lang") && i+1 < len(args):
			return args[i+1]
		case len(arg) > 7 && arg[:7] == "--lang=":
			return arg[7:]
		}
	}
	return ""
}

// app is the command line as cli/v2 sees it, its texts in the reader's language.
func (s *session) app() *cli.App {
	app := &cli.App{
		Name:    "kometia-sim",
		Usage:   s.T("simula los webhooks de Kometia y prueba a su receptor", "simulates Kometia's webhooks and tests their receiver"),
		Version: version,
		Flags: append(s.common(),
			&cli.BoolFlag{Name: "version", Usage: s.T("muestra la versión", "print the version")}),
		Commands: []*cli.Command{
			s.sendCommand(), s.runCommand(), s.fuzzCommand(), s.replayCommand(), s.receiveCommand(),
			s.listCommand(), s.explainCommand(), s.schemaCommand(), s.validateCommand(),
			s.idsCommand(), s.completionCommand(), s.candidatesCommand(), s.helpCommand(),
		},
		HideHelp: true, HideHelpCommand: true, HideVersion: true,
		Writer: s.Stdout, ErrWriter: s.Stderr,
		// -H 'Accept: text/html, */*' is one header.
		DisableSliceFlagSeparator: true,
		OnUsageError:              func(_ *cli.Context, err error, _ bool) error { return terminal.Usage(err) },
		// Only main ends the process.
		ExitErrHandler: func(*cli.Context, error) {},
	}
	app.Action = func(c *cli.Context) error {
		if c.Bool("version") {
			_, err := s.Stdout.Write([]byte(tool + "\n"))
			return err
		}
		s.helpApp(s.Stdout, app)
		return nil
	}
	return app
}

// common are the flags of every command.
func (s *session) common() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "config", Usage: s.T("lee la configuración de `ARCHIVO` (si no, ./kometia-sim.yaml)", "read the config from `FILE` (default ./kometia-sim.yaml)")},
		&cli.StringFlag{Name: "lang", Usage: s.T("idioma, `es|en`", "language, `es|en`")},
		&cli.BoolFlag{Name: "help", Aliases: []string{"h"}, Usage: s.T("muestra esta ayuda", "show this help")},
	}
}

// command finishes a command: the common flags, and what every command needs.
func (s *session) command(c *cli.Command, act func(ctx context.Context) error) *cli.Command {
	c.Flags = append(c.Flags, s.common()...)
	c.HideHelp, c.HideHelpCommand = true, true
	c.OnUsageError = func(_ *cli.Context, err error, _ bool) error { return terminal.Usage(err) }
	c.Action = func(flags *cli.Context) error {
		s.flags = flags
		ctx := flags.Context
		err := act(ctx)
		if errors.Is(err, context.Canceled) && ctx.Err() != nil {
			return terminal.Exit(report.ExitInterrupted)
		}
		return err
	}
	return c
}
