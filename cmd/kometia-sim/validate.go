package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/console"
	"github.com/kometia-sim/kometia-sim/report/columns"
	"github.com/kometia-sim/kometia-sim/report/view"
	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/files"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

func validateCommand() command {
	return command{
		name: "validate", args: lang.Text{ES: "ARCHIVO...", EN: "FILE..."},
		usage: lang.Text{ES: "revisa eventos capturados: da línea, campo, lo esperado y lo hallado de cada error", EN: "checks captured events: gives line, field, expected and found for each error"},
		examples: same(`kometia-sim validate evento.json
kometia-sim send order.paid --dry-run | kometia-sim validate -`),
		about: lang.Text{
			ES: "- es la entrada estándar; varios eventos van uno por línea. Sale con 0 si todo es válido, 1 si un evento no lo es, 2 si algo no se puede leer o no es JSON.",
			EN: "- is standard input; several events stand one a line. Exits with 0 when all is valid, 1 when an event is not, 2 when something cannot be read or is no JSON.",
		},
		act: validate,
	}
}

func validate(ctx context.Context, c *call) error {
	if len(c.args) == 0 {
		return console.Usage(lang.Errorf("diga qué archivo revisar (- es la entrada estándar)", "say which file to check (- is standard input)"))
	}
	catalogue, err := catalogueOf(c)
	if err != nil {
		return err
	}
	var unreadable []error
	v := validation{call: c, catalogue: catalogue, room: mostPrinted}
	for _, file := range c.args {
		if ctx.Err() != nil || c.Stopped() {
			return console.Exit(view.ExitInterrupted)
		}
		if err := v.file(file); err != nil {
			unreadable = append(unreadable, err)
		}
	}
	if v.hidden > 0 {
		line := lang.Textf("y %d faltas más, en los eventos del %d.º al último", "and %d more violations, from event %d on", v.hidden, v.full).In(c.Lang)
		if err := v.say(columns.Red, line); err != nil {
			return err
		}
	}
	if v.events > 1 {
		if err := v.say(columns.Dim, lang.Textf("%d eventos: válidos %d, inválidos %d", "%d events: %d valid, %d invalid", v.events, v.events-v.invalid, v.invalid).In(c.Lang)); err != nil {
			return err
		}
	}
	switch {
	case unreadable != nil:
		return console.Usage(errors.Join(unreadable...))
	case v.invalid > 0:
		return console.Exit(view.ExitFailed)
	default:
		return nil
	}
}

// validation judges events and counts them.
type validation struct {
	*call
	catalogue       *schemas.Catalogue
	events, invalid int
	room            int // for violations, of mostPrinted
	hidden, full    int // violations for which there was none, and the first event that had one
}

// mostPrinted is how many violations are printed, of all files: what is wrong
// with the first events is wrong with the others.
const mostPrinted = 500

// say prints one line: on a terminal as wide as that, elsewhere whole.
func (v *validation) say(st columns.Style, line string) error {
	if v.OutWidth == 0 {
		return v.Print(view.Safe(line) + "\n")
	}
	s := v.Sheet(0)
	s.Line(0, 4, s.Quote(st, line))
	return s.Flush(v.Stdout)
}

// file judges one file: an event, or several, one a line. An error says that there
// was nothing to judge.
func (v *validation) file(file string) error {
	var data []byte
	var err error
	if file == "-" {
		data, err = v.ReadStdin(maxData)
		data, file = files.Text(data), "stdin"
	} else {
		data, err = v.ReadText(v.Path(file), maxData)
	}
	if err != nil {
		return err
	}
	if !perLine(data) {
		return v.event(file, data, 0)
	}
	number := 0
	var unreadable []error
	for line := range bytes.Lines(data) {
		number++
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		if v.Stopped() {
			return console.Exit(view.ExitInterrupted)
		}
		err := v.event(file, bytes.TrimSpace(line), number)
		if err == nil {
			continue
		}
		if unreadable = append(unreadable, err); len(unreadable) == mostUnreadable {
			unreadable = append(unreadable, lang.Errorf("%s: el resto no se revisó", "%s: the rest is not checked", file))
			break
		}
	}
	return errors.Join(unreadable...)
}

// mostUnreadable is how many lines that are no JSON make a file no list of events.
const mostUnreadable = 20

// perLine reports whether there are several JSON values, the first of which fills
// the first line: NDJSON, as send --dry-run writes several events.
func perLine(data []byte) bool {
	first, rest, _ := bytes.Cut(bytes.TrimLeft(data, " \t\r\n"), []byte{'\n'})
	return len(bytes.TrimSpace(rest)) > 0 && json.Valid(first)
}

// event judges one event; line is where it stands in its file, 0 when it is the
// whole file.
func (v *validation) event(file string, data []byte, line int) error {
	at, above := file, 0
	if line > 0 {
		at, above = fmt.Sprintf("%s:%d", file, line), line-1
	}
	kind, err := v.catalogue.ValidateBytes(data)
	if syntax, ok := errors.AsType[*jsontree.SyntaxError](err); ok {
		return lang.Errorf("%s:%d:%d: no es JSON: %s\n%s", "%s:%d:%d: no JSON: %s\n%s", file, above+syntax.Line, syntax.Column, syntax.Msg, jsontree.ExcerptAt(data, syntax.Line, syntax.Column, above+syntax.Line))
	}
	bad, ok := errors.AsType[*schemas.InvalidError](err)
	switch {
	case err == nil:
		v.events++
		return v.say(columns.Plain, fmt.Sprintf("%s: %s %s", at, kind.Name, v.T("válido", "valid")))
	case !ok:
		return lang.Errorf("%s: %s", "%s: %s", at, err)
	}
	v.events++
	v.invalid++
	shown := bad.Violations[:min(len(bad.Violations), v.room)]
	v.room -= len(shown)
	for _, found := range shown {
		found.Line += above
		if err := v.say(columns.Red, file+":"+found.In(v.Lang)); err != nil {
			return err
		}
	}
	if rest := len(bad.Violations) - len(shown); rest > 0 {
		if v.hidden == 0 {
			v.full = v.events
		}
		v.hidden += rest + bad.More
		return nil
	}
	if bad.More > 0 {
		return v.say(columns.Red, lang.Textf("%s: y al menos %d faltas más", "%s: and at least %d more violations", at, bad.More).In(v.Lang))
	}
	return nil
}
