//go:build !linux && !darwin

package main

// addressSpace is how many bytes this process may reserve; zero says that nothing
// limits it.
func addressSpace() uint64 { return 0 }
