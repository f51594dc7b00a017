package console

import (
	"errors"
	"fmt"
	"syscall"

	"github.com/kometia-sim/kometia-sim/report/view"
	"github.com/kometia-sim/kometia-sim/schemas/files"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// ExitUsage is bad usage, a bad config, a bad scenario, nothing selected; the
// other exit codes are those of package report.
const ExitUsage = 2

// exitError carries the exit code that an error asks for. Without err the code
// is a result (a receiver that refuses), not a failure, and nothing is printed.
type exitError struct {
	code int
	err  error
	hint error // printed after the mistakes: where to read on; may be nil
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit %d", e.code)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// Exit ends a command with a code and no message; zero is no error.
func Exit(code int) error {
	if code == 0 {
		return nil
	}
	return &exitError{code: code}
}

// errStopped is an input that the user no longer waits for.
var errStopped = Exit(view.ExitInterrupted)

// Usage marks an error as the user's to fix: exit 2. Nil stays nil, an input that
// was given up stays an interrupt, and a disk that is full or a file that could not
// be opened for want of descriptors is no mistake of theirs.
func Usage(err error) error { return UsageWithHint(err, nil) }

// UsageWithHint is Usage with a line that says where to read on.
func UsageWithHint(err, hint error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, errStopped) {
		return errStopped
	}
	if errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) {
		return Ours(lang.Errorf("%s: suba el límite de archivos abiertos con ulimit -n 4096", "%s: raise the limit of open files with ulimit -n 4096", err))
	}
	if files.Full(err) {
		return Ours(err)
	}
	return &exitError{code: ExitUsage, err: err, hint: hint}
}

// Unreachable marks an error as that of a receiver which could not be reached.
func Unreachable(err error) error { return &exitError{code: view.ExitUnreachable, err: err} }

// Ours marks an error as a failure of kometia-sim itself, whatever it wraps.
func Ours(err error) error { return &exitError{code: view.ExitHarness, err: err} }

// ExitCode is the one place where an error becomes an exit code. An error that
// nobody marked is a failure of ours.
func ExitCode(err error) int {
	if err == nil {
		return view.ExitOK
	}
	if e, ok := errors.AsType[*exitError](err); ok {
		return e.code
	}
	return view.ExitHarness
}

// mistakes are the parts of a joined error, each to be printed on its own.
func mistakes(err error) []error {
	if e, ok := err.(*exitError); ok { //nolint:errorlint // one within a join is a mistake beside others
		err = e.err
	}
	return lang.Mistakes(err)
}
