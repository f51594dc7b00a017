//go:build unix

package observe

import (
	"os/exec"
	"syscall"
)

// ownGroup puts a program in a process group of its own, which is killed as a
// whole: a shell's children would outlive the shell.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
