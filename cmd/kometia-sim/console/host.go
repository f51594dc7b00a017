package console

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	"github.com/kometia-sim/kometia-sim/report/github"
	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/schemas/files"
	"github.com/kometia-sim/kometia-sim/schemas/secret"
)

// Host is all that a command knows of the process and the computer around it.
type Host struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Getenv         func(string) string
	Dir            string // working folder
	Executable     string // this program, for the practice receiver
	StdinTerminal  bool
	// OutWidth and ErrWidth are the columns of the terminals behind Stdout and
	// Stderr; zero means that there is none.
	OutWidth, ErrWidth int
	// Together says that both streams end in the same place: a terminal, a file, a
	// pipe (2>&1).
	Together bool
	// Stop, once closed, keeps new work from beginning. Interrupt is closed when it
	// is the user who wishes so.
	Stop      <-chan struct{}
	Interrupt <-chan struct{}
	Clock     retryclock.Clock
	Random    io.Reader
	// AddressSpace is how many bytes the process may reserve; zero says that nothing
	// limits it.
	AddressSpace uint64
	// Secrets are what no output of this run may show; Stdout and Stderr keep them
	// back. Exact is Stdout without that, for the bytes that a user asked for.
	Secrets *secret.Hider
	Exact   io.Writer
	// Commands takes workflow commands for the runner of GitHub Actions, which reads
	// them out of all that a step prints; nil elsewhere. Annotations is Stdout for
	// them: in Stdout and Stderr nothing is one there.
	Commands    io.Writer
	Annotations io.Writer
}

// InActions reports whether this is a step of GitHub Actions.
func (h *Host) InActions() bool { return h.Getenv("GITHUB_ACTIONS") == "true" }

// Text is a stream for text that people read: in GitHub Actions nothing in it is
// taken for a command.
func (h *Host) Text(w io.Writer) io.Writer {
	if h.InActions() {
		return defused{w}
	}
	return w
}

type defused struct{ w io.Writer }

// Write implements io.Writer.
func (d defused) Write(p []byte) (int, error) {
	if _, err := io.WriteString(d.w, github.Defuse(string(p))); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Path resolves a path as given by the user.
func (h *Host) Path(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(h.Dir, name)
}

// AsGiven is Path for a library that shows what it reads: where the process
// stands in the working folder, the user's own spelling does.
func (h *Host) AsGiven(name string) string {
	path := h.Path(name)
	if absolute, err := filepath.Abs(name); err == nil && absolute == path {
		return name
	}
	return path
}

// Stopped reports whether the user has asked for an end.
func (h *Host) Stopped() bool {
	select {
	case <-h.Stop:
		return true
	default:
		return false
	}
}

// ReadFile reads a file of at most limit bytes, which may be a pipe.
func (h *Host) ReadFile(path string, limit int64) ([]byte, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return Await(h, func() ([]byte, error) { return files.ReadAny(path, limit) })
	}
	return files.Read(path, limit)
}

// ReadText is ReadFile for a text file, in UTF-8 however it was saved.
func (h *Host) ReadText(path string, limit int64) ([]byte, error) {
	data, err := h.ReadFile(path, limit)
	return files.Text(data), err
}

// Await waits for what may never come, such as a terminal's input or the other
// end of a pipe, and lets go of it when the user asks for an end.
func Await[T any](h *Host, f func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		value, err := f()
		done <- result{value, err}
	}()
	select {
	case r := <-done:
		return r.value, r.err
	case <-h.Stop:
		var none T
		return none, errStopped
	}
}

// color reports whether a stream of that many columns gets colours: only a
// terminal that can show them, and whose user did not say no (no-color.org).
func (h *Host) color(columns int) bool {
	return columns > 0 && h.Getenv("NO_COLOR") == "" && h.Getenv("TERM") != "dumb" && !h.ci()
}

// progress reports whether a line on stderr may be drawn over and over.
func (h *Host) progress() bool {
	return h.ErrWidth > 0 && h.Getenv("TERM") != "dumb" && !h.ci()
}

// ci reports whether this is a CI job; CI="" is none.
func (h *Host) ci() bool { return h.Getenv("CI") != "" }

// ascii reports whether the locale says that marks such as ✗ cannot be shown.
func (h *Host) ascii() bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if value := h.Getenv(name); value != "" {
			lower := strings.ToLower(value)
			return !strings.Contains(lower, "utf") && value != "C" && value != "POSIX" && strings.Contains(value, ".")
		}
	}
	return false
}

// QuietWriter is standard output as long as somebody reads it. When the reader
// is gone (head, a pager that was left) that is no error: what follows is
// dropped, and Gone is called once, so that no more work is begun for nobody.
type QuietWriter struct {
	W    io.Writer
	Gone func()

	mu     sync.Mutex
	closed bool
	err    error
}

// Err is the first error of a write that was no reader's leaving: a full disk.
// Not everything that prints looks at it.
func (q *QuietWriter) Err() error {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.err
}

// Write implements io.Writer.
func (q *QuietWriter) Write(p []byte) (int, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return len(p), nil
	}
	n, err := q.W.Write(p)
	if errors.Is(err, syscall.EPIPE) || errors.Is(err, io.ErrClosedPipe) {
		q.closed = true
		q.Gone()
		return len(p), nil
	}
	if q.err == nil {
		q.err = err
	}
	return n, err
}
