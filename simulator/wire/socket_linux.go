package wire

import (
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// cork holds back what does not fill a segment, so that the end of the stream
// can go in the same one as the last byte; off, it lets that go.
func (s *socket) cork(on bool) {
	value := 0
	if on {
		value = 1
	}
	_ = s.raw.Control(func(fd uintptr) {
		_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_CORK, value)
	})
}

// drained reports whether the other machine has taken all that was written.
func (s *socket) drained() bool {
	var left int32
	var failed syscall.Errno
	err := s.raw.Control(func(fd uintptr) {
		_, _, failed = syscall.Syscall(syscall.SYS_IOCTL, fd, syscall.TIOCOUTQ, uintptr(unsafe.Pointer(&left)))
	})
	return err != nil || failed != 0 || left == 0
}

// received is how many bytes have arrived since the connection was made, read or
// not; zero when the kernel does not say.
func (s *socket) received() (n uint64) {
	_ = s.raw.Control(func(fd uintptr) {
		if info, err := unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO); err == nil {
			n = info.Bytes_received
		}
	})
	return n
}
