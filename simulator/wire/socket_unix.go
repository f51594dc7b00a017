//go:build unix

package wire

import (
	"errors"
	"syscall"
)

// socket does to a TCP connection what the net package has no words for:
// writing as much as fits without waiting, and looking at what has arrived
// without taking it. The callbacks are made once per connection, because a
// closure per request would be garbage.
type socket struct {
	raw     syscall.RawConn
	write   func(fd uintptr) bool
	peek    func(fd uintptr) bool
	pending []byte
	wrote   int
	err     error
	quiet   bool
}

func newSocket(c syscall.Conn) (*socket, error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return nil, err
	}
	s := &socket{raw: raw}
	s.write = func(fd uintptr) bool {
		for {
			s.wrote, s.err = syscall.Write(int(fd), s.pending)
			if !errors.Is(s.err, syscall.EINTR) {
				return true
			}
		}
	}
	s.peek = func(fd uintptr) bool {
		var one [1]byte
		for {
			n, _, err := syscall.Recvfrom(int(fd), one[:], syscall.MSG_PEEK)
			if errors.Is(err, syscall.EINTR) {
				continue
			}
			// Anything but "nothing there yet" disqualifies: bytes that nobody
			// asked for, the end of the stream, an error.
			s.quiet = n < 1 && (errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.EWOULDBLOCK))
			return true
		}
	}
	return s, nil
}

// tryWrite writes what the kernel takes at once and never waits. A full buffer
// is no error: the rest is for a writer that may wait.
func (s *socket) tryWrite(p []byte) (int, error) {
	s.pending = p
	err := s.raw.Write(s.write)
	s.pending = nil
	switch {
	case err != nil:
		return 0, err
	case errors.Is(s.err, syscall.EAGAIN), errors.Is(s.err, syscall.EWOULDBLOCK):
		return 0, nil
	case s.err != nil:
		return 0, s.err
	}
	return s.wrote, nil
}

// idle reports whether the connection is open and nothing has arrived on it.
func (s *socket) idle() bool {
	return s.raw.Read(s.peek) == nil && s.quiet
}
