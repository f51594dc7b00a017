package main

import (
	"context"
	"errors"
	"runtime/debug"
	"strconv"

	"github.com/urfave/cli/v2"

	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/console"
	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/settings"
	"github.com/kometia-sim/kometia-sim/report/view"
	"github.com/kometia-sim/kometia-sim/schemas/files"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/schemas/secret"
)

// run is the program: it carries out a command line and returns the exit code.
// It touches nothing but what h and ctx give it.
func run(ctx context.Context, h *console.Host, args []string) int {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	gone := make(chan struct{})
	quiet := *h
	out := &console.QuietWriter{W: h.Stdout, Gone: func() { close(gone) }}
	quiet.Secrets, quiet.Exact = &secret.Hider{}, out
	shown, told := quiet.Secrets.Writer(out), quiet.Secrets.Writer(h.Stderr)
	quiet.Stdout, quiet.Stderr, quiet.Annotations = h.Text(shown), h.Text(told), shown
	if h.InActions() {
		quiet.Commands = told
	}
	quiet.Stop, quiet.Interrupt = either(ctx, h.Stop, gone), h.Stop
	t := &console.Terminal{Host: &quiet}
	err := survive(ctx, t, args)
	_ = shown.Flush() // its error is out's
	if lost := out.Err(); lost != nil && console.ExitCode(err) != view.ExitHarness {
		err = console.Ours(lang.Errorf("no se pudo escribir en la salida estándar: %s", "standard output could not be written: %s", files.PlainCause(lost)))
	}
	t.Complain(err)
	_ = told.Flush() // nobody is left to tell
	return console.ExitCode(err)
}

// survive turns a panic into an error: a bug of ours is exit 5 and one line,
// not a page of addresses that looks like the receiver's doing.
func survive(ctx context.Context, t *console.Terminal, args []string) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = lang.Errorf("falla interna de kometia-sim %s, por favor repórtela: %v", "internal failure of kometia-sim %s, please report it: %v", console.Version, p)
			if t.Getenv("KOMETIA_SIM_DEBUG") != "" {
				err = errors.Join(err, errors.New(string(debug.Stack())))
			}
		}
	}()
	return carryOut(ctx, t, args)
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

// leastAddressSpace, in bytes, is what the runtime of Go reserves on 64 bits beside
// what a run needs. With less it ends somewhere, in pages of addresses.
const leastAddressSpace = 2 << 30

// carryOut settles the language and carries out the command.
func carryOut(ctx context.Context, t *console.Terminal, args []string) error {
	asked := askedLanguage(args)
	if asked == "" {
		asked = t.Getenv("KOMETIA_SIM_LANG")
	}
	tag, err := lang.Detect(asked, t.Getenv)
	if err != nil {
		t.Lang, _ = lang.Detect("", t.Getenv)
		return console.Usage(settings.CheckLanguage(asked))
	}
	t.Lang = tag
	if t.AddressSpace > 0 && t.AddressSpace < leastAddressSpace && strconv.IntSize == 64 {
		return console.Ours(lang.Errorf("este proceso puede reservar %d MB y kometia-sim necesita %d, de los que usa pocos: suba el límite con ulimit -v %d",
			"this process may reserve %d MB and kometia-sim needs %d, of which it uses little: raise the limit with ulimit -v %d",
			t.AddressSpace>>20, leastAddressSpace>>20, leastAddressSpace>>10))
	}
	app := newApp(t)
	arranged, err := arrange(app, args)
	switch {
	case err != nil:
		return err
	case len(arranged) == 0:
		helpApp(t, t.Stderr, app)
		return console.Exit(console.ExitUsage)
	case !wantsHelp(arranged): // seen here, because cli/v2 would answer it with a help of its own
		return app.RunContext(ctx, append([]string{app.Name}, arranged...))
	}
	if c := app.Command(arranged[0]); c != nil {
		helpCommandOf(t, c)
	} else {
		helpApp(t, t.Stdout, app)
	}
	return nil
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
		case arg == "--", arg == "__complete": // whose words are another command's
			return ""
		case (arg == "--lang" || arg == "-lang") && i+1 < len(args) && !isFlag(args[i+1]):
			return args[i+1]
		case len(arg) > 7 && arg[:7] == "--lang=":
			return arg[7:]
		}
	}
	return ""
}

// newApp is the command line as cli/v2 sees it, its texts in the reader's
// language.
func newApp(t *console.Terminal) *cli.App {
	app := &cli.App{
		Name:     settings.Program,
		Usage:    t.T("simula los webhooks de Kometia y prueba a su receptor", "simulates Kometia's webhooks and tests their receiver"),
		Version:  console.Version,
		Flags:    settings.Flags(settings.Program, t.Lang),
		HideHelp: true, HideHelpCommand: true, HideVersion: true,
		Writer: t.Stdout, ErrWriter: t.Stderr,
		// -H 'Accept: text/html, */*' is one header.
		DisableSliceFlagSeparator: true,
		OnUsageError:              func(_ *cli.Context, err error, _ bool) error { return console.Usage(err) },
		// Only main ends the process.
		ExitErrHandler: func(*cli.Context, error) {},
	}
	for _, c := range commands() {
		app.Commands = append(app.Commands, c.cli(t))
	}
	app.Action = func(c *cli.Context) error {
		if c.Bool("version") {
			return t.Print(console.Tool() + "\n")
		}
		helpApp(t, t.Stdout, app)
		return nil
	}
	return app
}
