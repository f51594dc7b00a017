// Command kometia-sim plays the store: it sends webhooks as Kometia does and
// says what is wrong with their receiver, why, and how to mend it.
//
// Each command has its own file, which turns flags into the Config of a library
// package and calls it. run is the whole program without the process around it:
// environment, working folder, terminal and clock come in through a host, and
// the exit code comes out, chosen in one place (errors.go).
package main

import (
	"context"
	"crypto/rand"
	"os"
	"os/signal"
	"syscall"

	"github.com/mattn/go-isatty"
	"golang.org/x/term"

	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/console"
	"github.com/kometia-sim/kometia-sim/retryclock"
)

func main() { os.Exit(start()) }

func start() int {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	stop := make(chan struct{})
	go interrupts(stop, cancel)
	// A reader of ours that goes away must not kill us: there may be a child to
	// end and a report to write. See quietWriter.
	signal.Ignore(syscall.SIGPIPE)

	dir, err := os.Getwd()
	if err != nil {
		dir = "."
	}
	executable, err := os.Executable()
	if err != nil {
		executable = os.Args[0]
	}
	return run(ctx, &console.Host{
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Getenv: os.Getenv, Dir: dir, Executable: executable,
		StdinTerminal: isatty.IsTerminal(os.Stdin.Fd()),
		OutWidth:      width(os.Stdout), ErrWidth: width(os.Stderr),
		Together:     sameEnd(os.Stdout, os.Stderr),
		AddressSpace: addressSpace(),
		Stop:         stop, Clock: retryclock.Wall{}, Random: rand.Reader,
	}, os.Args[1:])
}

// interrupts closes stop at the first signal, so that nothing new begins and
// what was done is reported, and cancels at the second, which ends at once. From
// the third on the system does what it likes. A terminal that is closed (HUP) is
// like any other wish to end, unless we were told to outlive it (nohup).
func interrupts(stop chan<- struct{}, cancel context.CancelFunc) {
	wanted := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		wanted = append(wanted, syscall.SIGHUP)
	}
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, wanted...)
	<-signals
	close(stop)
	<-signals
	signal.Reset(wanted...)
	cancel()
}

// sameEnd reports whether two streams end in the same place.
func sameEnd(a, b *os.File) bool {
	if isatty.IsTerminal(a.Fd()) && isatty.IsTerminal(b.Fd()) {
		return true
	}
	one, errOne := a.Stat()
	other, errOther := b.Stat()
	return errOne == nil && errOther == nil && os.SameFile(one, other)
}

// width is the number of columns of a terminal; zero when f is none.
func width(f *os.File) int {
	if !isatty.IsTerminal(f.Fd()) {
		return 0
	}
	columns, _, err := term.GetSize(int(f.Fd()))
	if err != nil || columns <= 0 {
		return 80
	}
	return columns
}
