// Package console is how kometia-sim meets its user: the streams, folder and
// clock that it was started with (Host), the language that it speaks and what
// it says beside its result (Terminal), the exit code that an error means, and
// the layout of lists and pages.
package console

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/schollz/progressbar/v3"

	"github.com/kometia-sim/kometia-sim/report/view"
	"github.com/kometia-sim/kometia-sim/schemas/files"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// Terminal is a host whose user reads a language. A config file may still
// change the language.
type Terminal struct {
	*Host
	Lang lang.Tag

	doing atomic.Pointer[string] // what is being done now

	mu  sync.Mutex // an interrupt is told from elsewhere
	bar *progressbar.ProgressBar
}

// Interrupted says at once, when the user wishes an end, what is waited for. The
// end of done ends it.
func (t *Terminal) Interrupted(done <-chan struct{}, es, en string) {
	select {
	case <-done:
		return
	case <-t.Interrupt:
	}
	now := ""
	if doing := t.doing.Load(); doing != nil && *doing != "" {
		now = " (" + *doing + ")"
	}
	t.Draw("")
	t.Note("se interrumpe: "+es+"%s; otro Ctrl-C termina ya", "interrupted: "+en+"%s; another Ctrl-C ends now", now)
}

// T chooses between the two languages.
func (t *Terminal) T(es, en string) string { return lang.Text{ES: es, EN: en}.In(t.Lang) }

// Warn prints on stderr what the user should know and may overlook.
func (t *Terminal) Warn(es, en string, args ...any) {
	printBehind(t.Stderr, t.T("kometia-sim: aviso: ", "kometia-sim: warning: "), lang.Textf(es, en, args...).In(t.Lang))
}

// Note prints on stderr what is going on.
func (t *Terminal) Note(es, en string, args ...any) {
	printBehind(t.Stderr, "kometia-sim: ", lang.Textf(es, en, args...).In(t.Lang))
}

// Complain prints every mistake of err on stderr, one a line, what spans several
// lines indented. Nothing of it reaches the terminal raw.
func (t *Terminal) Complain(err error) {
	for _, m := range mistakes(err) {
		printBehind(t.Stderr, "kometia-sim: error: ", lang.In(m, t.Lang))
	}
	if e, ok := errors.AsType[*exitError](err); ok && e.hint != nil {
		printBehind(t.Stderr, "", lang.In(e.hint, t.Lang))
	}
}

// printBehind writes a text behind a prefix, its further lines indented.
func printBehind(w io.Writer, prefix, text string) {
	for i, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		if i > 0 {
			prefix = "  "
		}
		fmt.Fprintln(w, prefix+view.Safe(line))
	}
}

// ReadStdin reads standard input to its end, at most limit bytes.
func (t *Terminal) ReadStdin(limit int64) ([]byte, error) {
	if t.StdinTerminal {
		t.Note("leyendo la entrada estándar; termine con Ctrl-D", "reading standard input; end with Ctrl-D")
	}
	return Await(t.Host, func() ([]byte, error) { return files.ReadAll(t.Stdin, limit) })
}

// Print writes a finished text to stdout.
func (t *Terminal) Print(text string) error {
	_, err := io.WriteString(t.Text(t.Stdout), text)
	return err
}

// PrintExact writes to stdout what is to be run or piped on and would do something
// else without its secrets: a command, a body.
func (t *Terminal) PrintExact(text string) error {
	_, err := io.WriteString(t.Exact, text)
	return err
}

// PrintJSON prints a value as indented JSON, for programs.
func (t *Terminal) PrintJSON(v any) error { return t.printJSON(v, "  ") }

// PrintLine prints a value as a line of JSON.
func (t *Terminal) PrintLine(v any) error { return t.printJSON(v, "") }

func (t *Terminal) printJSON(v any, indent string) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetIndent("", indent)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return err
	}
	// GitHub's runner takes ##[ anywhere for a command; within JSON it stands in texts.
	_, err := t.Stdout.Write(bytes.ReplaceAll(b.Bytes(), []byte("##["), []byte(`##\u005b`)))
	return err
}

// Progress draws how many of all steps are done, which one is under way, and an
// estimate of how long the rest takes.
func (t *Terminal) Progress(done, total int, what string) {
	doing := fmt.Sprintf("%d/%d %s", done+1, total, what)
	t.doing.Store(&doing)
	if !t.progress() {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.bar == nil {
		t.bar = progressbar.NewOptions(total, progressbar.OptionSetWriter(t.Stderr), progressbar.OptionUseANSICodes(true),
			progressbar.OptionSetWidth(16), progressbar.OptionShowCount(), progressbar.OptionSetPredictTime(true),
			progressbar.OptionSetElapsedTime(true), progressbar.OptionClearOnFinish())
	}
	t.bar.Describe(Clip(view.Safe(what), max(t.ErrWidth-48, 12)))
	_ = t.bar.Set(done) // what cannot be drawn is not missed
}

// Draw draws a line on stderr over the one before it; nothing where that cannot
// be seen.
func (t *Terminal) Draw(line string) {
	t.mu.Lock()
	t.bar = nil
	t.mu.Unlock()
	t.doing.Store(&line)
	if t.progress() {
		fmt.Fprint(t.Stderr, "\r\x1b[K"+view.Safe(line))
	}
}

// DrawAbove leaves a line on stderr for good, above what Draw draws next.
func (t *Terminal) DrawAbove(line string) {
	if t.progress() {
		fmt.Fprint(t.Stderr, "\r\x1b[K"+view.Safe(line)+"\n")
	}
}

// ReportOptions are those of a report on standard output.
func (t *Terminal) ReportOptions() view.Options {
	return view.Options{Lang: t.Lang, Width: t.OutWidth, Color: t.color(t.OutWidth), ASCII: t.ascii()}
}

// TalkOptions are those of what a report says on stderr beforehand.
func (t *Terminal) TalkOptions(opts view.Options) view.Options {
	opts.Width, opts.Color = t.ErrWidth, t.color(t.ErrWidth)
	return opts
}
