package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/kometia-sim/kometia-sim/report"
	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// exitUsage is bad usage, a bad config, a bad scenario, nothing selected; the
// other exit codes are report's.
const exitUsage = 2

// exitError carries the exit code that an error asks for. Without Err the code
// is a result (a receiver that refuses), not a failure, and nothing is printed.
type exitError struct {
	code int
	err  error
	hint error // said after the mistakes, where to read on; may be nil
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit %d", e.code)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// exit ends a command with a code and no message; zero is no error.
func exit(code int) error {
	if code == 0 {
		return nil
	}
	return &exitError{code: code}
}

// errStopped is an input that the user no longer waits for.
var errStopped = exit(report.ExitInterrupted)

// usage marks an error as the user's to mend: exit 2. Nil stays nil, and an
// input that was given up stays an interrupt.
func usage(err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, errStopped) {
		return errStopped
	}
	return &exitError{code: exitUsage, err: err}
}

// exitCode is the one place where an error becomes an exit code. An error that
// nobody claimed is a failure of ours.
func exitCode(err error) int {
	if err == nil {
		return report.ExitOK
	}
	if e, ok := errors.AsType[*exitError](err); ok {
		return e.code
	}
	return report.ExitHarness
}

// said is an error in both languages. Arguments that are errors or texts are
// put in the reader's language, too.
type said struct {
	text lang.Text
	args []any
}

// say makes an error of a Spanish and an English format with equal arguments.
func say(es, en string, args ...any) error { return &said{lang.Text{ES: es, EN: en}, args} }

func (s *said) Error() string { return s.in(lang.English) }

func (s *said) in(tag lang.Tag) string {
	args := make([]any, len(s.args))
	for i, a := range s.args {
		switch a := a.(type) {
		case error:
			args[i] = inWords(a, tag)
		case lang.Text:
			args[i] = a.In(tag)
		default:
			args[i] = a
		}
	}
	return fmt.Sprintf(s.text.In(tag), args...)
}

// Unwrap gives the errors among the arguments.
func (s *said) Unwrap() []error {
	var errs []error
	for _, a := range s.args {
		if err, ok := a.(error); ok {
			errs = append(errs, err)
		}
	}
	return errs
}

// meant is the "did you mean" of a message; empty when nothing is near.
func meant(suggestion string) lang.Text {
	if suggestion == "" {
		return lang.Text{}
	}
	return lang.Text{
		ES: fmt.Sprintf(" (¿quiso decir %s?)", suggestion),
		EN: fmt.Sprintf(" (did you mean %s?)", suggestion),
	}
}

// mistakes splits a joined error into its parts, each to be told on its own.
func mistakes(err error) []error {
	switch e := err.(type) { //nolint:errorlint // the joins at the top are what is wanted, not those inside a message
	case nil:
		return nil
	case *said:
		return []error{e}
	case *exitError:
		return mistakes(e.err)
	case interface{ Unwrap() []error }:
		var all []error
		for _, part := range e.Unwrap() {
			all = append(all, mistakes(part)...)
		}
		return all
	default:
		return []error{err}
	}
}

// inWords puts an error in the language of the reader as far as its type, or
// what it says, is known.
func inWords(err error, tag lang.Tag) string {
	if s, ok := err.(*said); ok { //nolint:errorlint // a message is translated as a whole or not at all
		return s.in(tag)
	}
	if tag == lang.English {
		return err.Error()
	}
	switch e := err.(type) { //nolint:errorlint // as above
	case *schemas.UnknownError:
		return fmt.Sprintf("no existe %s %q", thing(e.What), e.Name) + meant(e.Suggestion).ES
	case *jsontree.PathError:
		return fmt.Sprintf("la ruta %q no lleva a nada: %s", e.Path, lang.InSpanish(e.Reason)) + meant(e.Suggestion()).ES
	case *jsontree.SyntaxError:
		return fmt.Sprintf("línea %d, columna %d: %s", e.Line, e.Column, lang.InSpanish(e.Msg))
	case *fs.PathError:
		return fmt.Sprintf("%s: %s", e.Path, cause(e.Err))
	default:
		return lang.InSpanish(err.Error())
	}
}

// thing names in Spanish what an UnknownError is about.
func thing(what string) string {
	switch what {
	case "event kind":
		return "el tipo de evento"
	case "object":
		return "el objeto"
	case "schema":
		return "el esquema"
	case "check":
		return "la prueba"
	default:
		return what
	}
}

func cause(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "no existe"
	case errors.Is(err, fs.ErrPermission):
		return "sin permiso"
	default:
		return lang.InSpanish(err.Error())
	}
}

// complain tells every mistake of err, one a line, what spans several lines
// indented. Nothing of it reaches the terminal raw.
func complain(w io.Writer, err error, tag lang.Tag) {
	for _, m := range mistakes(err) {
		tell(w, "kometia-sim: error: ", inWords(m, tag))
	}
	if e, ok := errors.AsType[*exitError](err); ok && e.hint != nil {
		tell(w, "", inWords(e.hint, tag))
	}
}

// tell writes a text behind a prefix, its further lines indented.
func tell(w io.Writer, prefix, text string) {
	for i, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		if i > 0 {
			prefix = "  "
		}
		fmt.Fprintln(w, prefix+report.Safe(line))
	}
}
