//go:build !unix

package observe

import "os/exec"

// ownGroup does nothing where there are no process groups: only the program
// itself is killed there.
func ownGroup(*exec.Cmd) {}
