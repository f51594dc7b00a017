package main

import (
	"errors"
	"io"
	"path/filepath"
	"sync"
	"syscall"

	"github.com/kometia-sim/kometia-sim/retryclock"
)

// host is all that a run knows of the process and the computer around it.
type host struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Getenv         func(string) string
	Dir            string // working folder
	Executable     string // this program, for the practice receiver
	StdinTerminal  bool
	// OutWidth and ErrWidth are the columns of the terminals behind Stdout and
	// Stderr; zero means that there is none.
	OutWidth, ErrWidth int
	// Stop, once closed, keeps new work from beginning.
	Stop   <-chan struct{}
	Clock  retryclock.Clock
	Random io.Reader
}

// path resolves a path as given by the user.
func (h *host) path(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(h.Dir, name)
}

// asGiven is path for a library that shows what it reads: where the process
// stands in the working folder, the user's own spelling does.
func (h *host) asGiven(name string) string {
	path := h.path(name)
	if absolute, err := filepath.Abs(name); err == nil && absolute == path {
		return name
	}
	return path
}

// color reports whether a stream of that many columns gets colours: only a
// terminal that can show them, and whose user did not say no (no-color.org).
func (h *host) color(columns int) bool {
	return columns > 0 && h.Getenv("NO_COLOR") == "" && h.Getenv("TERM") != "dumb" && !h.ci()
}

// progress reports whether a line on stderr may be drawn over and over.
func (h *host) progress() bool {
	return h.ErrWidth > 0 && h.Getenv("TERM") != "dumb" && !h.ci()
}

// ci reports whether this is a CI job; CI="" is none.
func (h *host) ci() bool { return h.Getenv("CI") != "" }

// stopped reports whether the user has asked for an end.
func (h *host) stopped() bool {
	select {
	case <-h.Stop:
		return true
	default:
		return false
	}
}

// awaited reads an input that may never end, such as a terminal or a pipe
// without a writer, and lets go of it when the user asks for an end.
func (h *host) awaited(read func() ([]byte, error)) ([]byte, error) {
	type input struct {
		data []byte
		err  error
	}
	done := make(chan input, 1)
	go func() {
		data, err := read()
		done <- input{data, err}
	}()
	select {
	case in := <-done:
		return in.data, in.err
	case <-h.Stop:
		return nil, errStopped
	}
}

// quietWriter is standard output as long as somebody reads it. When the reader
// is gone (head, a pager that was left) that is no error: what follows is
// dropped, and gone is told once, so that no more work is begun for nobody.
type quietWriter struct {
	w    io.Writer
	gone func()

	mu     sync.Mutex
	closed bool
}

func (q *quietWriter) Write(p []byte) (int, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return len(p), nil
	}
	n, err := q.w.Write(p)
	if errors.Is(err, syscall.EPIPE) || errors.Is(err, io.ErrClosedPipe) {
		q.closed = true
		q.gone()
		return len(p), nil
	}
	return n, err
}
