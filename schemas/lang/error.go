package lang

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// Bilingual is what can be read in either language: Text, Error, and the error
// types of other packages that write their message themselves.
type Bilingual interface{ In(tag Tag) string }

// Error is a message in both languages. It is made with Errorf, where the
// mistake is found, and read with In.
type Error struct {
	text Text
	args []any
}

// Errorf makes an error of a Spanish and an English format; both take the same
// arguments in the same order. An argument that is itself bilingual (a Text, an
// error) is put into the language that is asked for. Every error among the
// arguments is wrapped, so %s is the verb for it and %w does not exist.
func Errorf(es, en string, args ...any) error { return &Error{Text{ES: es, EN: en}, args} }

// Error implements error: the message in English.
func (e *Error) Error() string { return e.In(English) }

// In is the message in a language.
func (e *Error) In(tag Tag) string { return fmt.Sprintf(e.text.In(tag), translated(e.args, tag)...) }

// Unwrap gives the errors among the arguments.
func (e *Error) Unwrap() (errs []error) {
	for _, a := range e.args {
		if err, ok := a.(error); ok {
			errs = append(errs, err)
		}
	}
	return errs
}

// Textf formats a text; it treats its arguments as Errorf does.
func Textf(es, en string, args ...any) Text {
	return Text{ES: fmt.Sprintf(es, translated(args, Spanish)...), EN: fmt.Sprintf(en, translated(args, English)...)}
}

// DidYouMean is the suggestion behind a message about an unknown name; empty
// when there is none.
func DidYouMean(suggestion string) Text {
	if suggestion == "" {
		return Text{}
	}
	return Textf(" (¿quiso decir %s?)", " (did you mean %s?)", suggestion)
}

func translated(args []any, tag Tag) []any {
	out := make([]any, len(args))
	for i, a := range args {
		switch a := a.(type) {
		case error:
			out[i] = In(a, tag)
		case Bilingual:
			out[i] = a.In(tag)
		default:
			out[i] = a
		}
	}
	return out
}

// Both is the message of an error in both languages; empty for nil.
func Both(err error) Text {
	if err == nil {
		return Text{}
	}
	return Text{ES: In(err, Spanish), EN: In(err, English)}
}

// In is the message of an error in a language. An error of a library speaks
// English; its Spanish is put together of the phrases that are known and of
// the bilingual errors that it wraps.
func In(err error, tag Tag) string {
	if b, ok := err.(Bilingual); ok {
		return b.In(tag)
	}
	text := err.Error()
	if tag == English {
		return text
	}
	if e, ok := err.(*fs.PathError); ok { //nolint:errorlint // as above
		return fmt.Sprintf("%s: %s", e.Path, cause(e.Err))
	}
	for _, inner := range wrapped(err) {
		if in := inner.Error(); in != "" {
			text = strings.Replace(text, in, In(inner, tag), 1)
		}
	}
	return InSpanish(text)
}

// cause says in Spanish why a file could not be opened.
func cause(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "no existe"
	case errors.Is(err, fs.ErrPermission):
		return "sin permiso"
	default:
		return In(err, Spanish)
	}
}

func wrapped(err error) []error {
	switch e := err.(type) { //nolint:errorlint // one level
	case interface{ Unwrap() error }:
		if inner := e.Unwrap(); inner != nil {
			return []error{inner}
		}
	case interface{ Unwrap() []error }:
		return e.Unwrap()
	}
	return nil
}

// Mistakes takes errors.Join apart, at every depth: each part is reported on
// its own. Nil has none.
func Mistakes(err error) []error {
	if err == nil {
		return nil
	}
	if _, ok := err.(Bilingual); ok {
		return []error{err}
	}
	parts := wrapped(err)
	texts := make([]string, len(parts))
	for i, part := range parts {
		texts[i] = part.Error()
	}
	if len(parts) == 0 || strings.Join(texts, "\n") != err.Error() {
		return []error{err}
	}
	var all []error
	for _, part := range parts {
		all = append(all, Mistakes(part)...)
	}
	return all
}
