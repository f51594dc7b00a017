//go:build linux || darwin

package main

import "syscall"

// addressSpace is how many bytes this process may reserve; zero says that nothing
// limits it.
func addressSpace() uint64 {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_AS, &limit) != nil || limit.Cur >= 1<<62 {
		return 0
	}
	return limit.Cur
}
