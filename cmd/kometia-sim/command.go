package main

import (
	"context"
	"errors"

	"github.com/urfave/cli/v2"

	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/console"
	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/settings"
	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/state"
	"github.com/kometia-sim/kometia-sim/report/view"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// command is one command of the program. Its flags are rows of the table of
// package settings.
type command struct {
	name     string
	args     lang.Text // how help calls its arguments
	usage    lang.Text // in one line
	examples lang.Text
	about    lang.Text
	// offers are the arguments that completion proposes; nil is none.
	offers func() []string
	// waits is what an interrupt is told to wait for; zero for a command that ends
	// at once.
	waits  lang.Text
	hidden bool
	// words gets the arguments as they are, flags and all, instead of act.
	act   func(ctx context.Context, c *call) error
	words func(t *console.Terminal, words []string) error
}

// commands are all there are, in the order of the help.
func commands() []command {
	return []command{
		sendCommand(), runCommand(), fuzzCommand(), replayCommand(), receiveCommand(), serveCommand(),
		listCommand(), explainCommand(), schemaCommand(), validateCommand(),
		reportCommand(), compareCommand(), idsCommand(), completionCommand(), candidatesCommand(), helpCommand(),
	}
}

// call is a command that is being carried out.
type call struct {
	*console.Terminal
	given *settings.Given
	args  []string
}

// state is the folder that keeps what was sent from the working folder.
func (c *call) state() state.Folder { return state.Of(c.Dir) }

// waitsForRun is what a command waits for that tests a receiver.
func waitsForRun() lang.Text {
	return lang.Text{
		ES: "se espera a lo que está en camino, se deja el receptor como estaba y se escribe el informe",
		EN: "waiting for what is under way; then the receiver is left as it was and the report is written",
	}
}

// same is a text that both languages share.
func same(text string) lang.Text { return lang.Text{ES: text, EN: text} }

// cli is the command as the library of the command line wants it.
func (d command) cli(t *console.Terminal) *cli.Command {
	return &cli.Command{
		Name: d.name, ArgsUsage: d.args.In(t.Lang), Usage: d.usage.In(t.Lang),
		UsageText: d.examples.In(t.Lang), Description: d.about.In(t.Lang),
		Flags:    settings.Flags(d.name, t.Lang),
		HideHelp: true, HideHelpCommand: true, Hidden: d.hidden, SkipFlagParsing: d.words != nil,
		OnUsageError: func(_ *cli.Context, err error, _ bool) error { return console.Usage(err) },
		Action:       func(flags *cli.Context) error { return d.carryOut(t, flags) },
	}
}

func (d command) carryOut(t *console.Terminal, flags *cli.Context) error {
	ctx, args := flags.Context, flags.Args().Slice()
	if d.words != nil {
		return d.words(t, args)
	}
	if !d.waits.IsZero() {
		done := make(chan struct{})
		defer close(done)
		go t.Interrupted(done, d.waits.ES, d.waits.EN)
	}
	err := d.act(ctx, &call{Terminal: t, given: settings.Of(d.name, flags, t), args: args})
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		return console.Exit(view.ExitInterrupted)
	}
	return err
}
