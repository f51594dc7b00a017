package observe

import (
	"os/exec"
	"syscall"

	"golang.org/x/sys/windows"
)

// Group is a program with all that it starts, which are ended together: a job
// object. It has no part in the console's Ctrl-C, which is for us to deal with.
type Group struct{ job windows.Handle }

// NewGroup makes a program, which has not been started, the first of a group; its
// context's end is that of the group.
func NewGroup(cmd *exec.Cmd) *Group {
	g := &Group{}
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: windows.CREATE_NEW_PROCESS_GROUP}
	cmd.Cancel = func() error {
		g.kill()
		return cmd.Process.Kill()
	}
	g.job, _ = windows.CreateJobObject(nil, nil)
	return g
}

// adopt is called when the program has been started. What it starts before is
// not in the group: it had no time to.
func (g *Group) adopt(cmd *exec.Cmd) {
	if g.job == 0 {
		return
	}
	const access = windows.PROCESS_SET_QUOTA | windows.PROCESS_TERMINATE
	process, err := windows.OpenProcess(access, false, uint32(cmd.Process.Pid)) //nolint:gosec // Windows ids are of 32 bits
	if err != nil {
		return
	}
	_ = windows.AssignProcessToJobObject(g.job, process)
	_ = windows.CloseHandle(process)
}

// kill ends what is left of the group.
func (g *Group) kill() {
	if g.job != 0 {
		_ = windows.TerminateJobObject(g.job, 1)
	}
}

// leave lets go of the group; what is left of it lives on.
func (g *Group) leave() {
	if g.job != 0 {
		_ = windows.CloseHandle(g.job)
		g.job = 0
	}
}
