//go:build !unix

package wire

import "syscall"

// socket stands in where writing without waiting is not to be had: nothing is
// written at once, so that the writer writes all, and every idle connection
// passes for alive, so that a dead one is found when it is used.
type socket struct{}

func newSocket(syscall.Conn) (*socket, error) { return &socket{}, nil }

func (*socket) send([]byte, bool, bool) (quiet bool, wrote int, err error) { return true, 0, nil }

// silent stands in where there is no looking without taking: an answer that has
// arrived and is not read yet goes unnoticed.
func (*socket) silent() (bool, error) { return true, nil }

// pends stands in likewise: what nobody asked for is found when it is read.
func (*socket) pends() bool { return false }
