//go:build unix

package observe

import (
	"os/exec"
	"syscall"
)

// Group is a program with all that it starts, which are ended together: a
// shell's children would outlive the shell. It has no part in the terminal's
// signals, which are for us to deal with.
type Group struct{ pid int }

// NewGroup makes a program, which has not been started, the first of a group; its
// context's end is that of the group.
func NewGroup(cmd *exec.Cmd) *Group {
	g := &Group{}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	return g
}

// adopt is called when the program has been started.
func (g *Group) adopt(cmd *exec.Cmd) error {
	g.pid = cmd.Process.Pid
	return nil
}

// kill ends what is left of the group.
func (g *Group) kill() { _ = syscall.Kill(-g.pid, syscall.SIGKILL) }

// leave lets go of the group; what is left of it lives on.
func (*Group) leave() {}
