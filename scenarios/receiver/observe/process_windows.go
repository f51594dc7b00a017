package observe

import (
	"errors"
	"os/exec"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"
)

// Group is a program with all that it starts, which are ended together: a job
// object. It has no part in the console's Ctrl-C, which is for us to deal with.
type Group struct{ job windows.Handle }

// NewGroup makes a program, which has not been started, the first of a group; its
// context's end is that of the group.
func NewGroup(cmd *exec.Cmd) *Group {
	g := &Group{}
	// Suspended until it is in the job: what it starts before would not be.
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: windows.CREATE_NEW_PROCESS_GROUP | windows.CREATE_SUSPENDED}
	cmd.Cancel = func() error {
		g.kill()
		return cmd.Process.Kill()
	}
	g.job, _ = windows.CreateJobObject(nil, nil)
	return g
}

// adopt takes the program into the group once it is there, and lets it run. One
// that cannot be let run is ended.
func (g *Group) adopt(cmd *exec.Cmd) error {
	pid := uint32(cmd.Process.Pid) //nolint:gosec // Windows ids are of 32 bits
	if g.job != 0 {
		const access = windows.PROCESS_SET_QUOTA | windows.PROCESS_TERMINATE
		if process, err := windows.OpenProcess(access, false, pid); err == nil {
			_ = windows.AssignProcessToJobObject(g.job, process)
			_ = windows.CloseHandle(process)
		}
	}
	err := resume(pid)
	if err != nil {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
	return err
}

// resume lets a process run that was created suspended: it has one thread.
func resume(pid uint32) error {
	threads, err := windows.CreateToolhelp32Snapshot(windows.TH32CS_SNAPTHREAD, 0)
	if err != nil {
		return err
	}
	defer func() { _ = windows.CloseHandle(threads) }()
	entry := windows.ThreadEntry32{Size: uint32(unsafe.Sizeof(windows.ThreadEntry32{}))}
	for err = windows.Thread32First(threads, &entry); err == nil; err = windows.Thread32Next(threads, &entry) {
		if entry.OwnerProcessID != pid {
			continue
		}
		thread, err := windows.OpenThread(windows.THREAD_SUSPEND_RESUME, false, entry.ThreadID)
		if err != nil {
			return err
		}
		_, err = windows.ResumeThread(thread)
		return errors.Join(err, windows.CloseHandle(thread))
	}
	return err
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
