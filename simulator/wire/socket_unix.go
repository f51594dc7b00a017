//go:build unix

package wire

import (
	"errors"
	"syscall"
)

// socket does to a TCP connection what the net package has no words for:
// looking at what has arrived without taking it, and writing as much as fits
// without waiting. The callback is made once per connection, because a closure
// per request would be garbage.
type socket struct {
	raw syscall.RawConn
	run func(fd uintptr) bool

	pending []byte
	idle    bool
	await   bool
	begun   bool
	quiet   bool
	wrote   int
	err     error
}

func newSocket(c syscall.Conn) (*socket, error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return nil, err
	}
	s := &socket{raw: raw}
	s.run = s.step
	return s, nil
}

// send writes what the kernel takes of p at once and never waits to write. A
// full buffer is no error: the rest is for a writer that may wait.
//
// An idle connection is looked at first. When it is not quiet (bytes that
// nobody asked for, the end of the stream, an error) nothing is written. When
// it is, p is whole (nothing is to be written after it) and all of it could be
// written, send goes on to wait until something can be read, or until the
// deadline: doing the three in one call of RawConn saves the read that would
// find nothing yet.
func (s *socket) send(p []byte, whole, idle bool) (quiet bool, wrote int, err error) {
	*s = socket{raw: s.raw, run: s.run, pending: p, idle: idle, await: idle && whole}
	// An error here, such as the deadline, is the next read's to tell.
	if waited := s.raw.Read(s.run); !s.begun {
		return false, 0, waited
	}
	s.pending = nil
	return s.quiet, s.wrote, s.err
}

// step is called by RawConn.Read, which has armed the poller before, so that
// nothing is missed that arrives after the look.
func (s *socket) step(fd uintptr) (done bool) {
	if s.begun {
		return true
	}
	s.begun = true
	if s.quiet = !s.idle || quiet(int(fd)); !s.quiet || len(s.pending) == 0 {
		return true
	}
	for {
		s.wrote, s.err = syscall.Write(int(fd), s.pending)
		if !errors.Is(s.err, syscall.EINTR) {
			break
		}
	}
	if s.err != nil {
		s.wrote = 0
		if wouldBlock(s.err) {
			s.err = nil
		}
	}
	return !s.await || s.wrote < len(s.pending)
}

// quiet reports whether there is nothing to be read, not even an end.
func quiet(fd int) bool {
	n, err := peek(fd)
	return n < 1 && wouldBlock(err)
}

// peek tells what a read of one byte would, and leaves the byte. An error of
// the connection is told only once: the read that follows finds a mere end.
func peek(fd int) (n int, err error) {
	var one [1]byte
	for {
		n, _, err = syscall.Recvfrom(fd, one[:], syscall.MSG_PEEK)
		if !errors.Is(err, syscall.EINTR) {
			return n, err
		}
	}
}

// pends reports whether a byte can be read.
func (s *socket) pends() (pends bool) {
	_ = s.raw.Control(func(fd uintptr) {
		n, err := peek(int(fd))
		pends = err == nil && n > 0
	})
	return pends
}

// silent reports whether there is nothing to be read, while another goroutine
// reads. The error is one of the connection, which that one will not be told.
func (s *socket) silent() (silent bool, err error) {
	if closed := s.raw.Control(func(fd uintptr) {
		_, err = peek(int(fd))
	}); closed != nil {
		return false, closed
	}
	if wouldBlock(err) {
		return true, nil
	}
	return false, err
}

func wouldBlock(err error) bool {
	return errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.EWOULDBLOCK)
}
