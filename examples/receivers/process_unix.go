//go:build unix

package receivers

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"syscall"
)

var errLocked = errors.New("locked by another process")

// lockFile opens the file for this process alone; closing it unlocks.
func lockFile(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = file.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, errLocked
		}
		return nil, err
	}
	return file, nil
}

// group is a server and all that it started: php -S and puma fork workers that would outlive them.
//
// Its leader is a small shell that waits for the end of a pipe held by us and then kills the group. So the server ends
// also when the test process is killed, and the group's number stays ours until the leader has been waited for: a kill
// can never meet a stranger's process.
type group struct {
	leader *exec.Cmd
	server *exec.Cmd
	alive  io.Closer     // our end of the leader's pipe
	ended  chan struct{} // closed once the server's own process has ended
}

func startGroup(ctx context.Context, server *exec.Cmd) (*group, error) {
	leader := exec.CommandContext(ctx, "/bin/sh", "-c", "read -r _; kill -9 0")
	leader.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	alive, err := leader.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := leader.Start(); err != nil {
		return nil, err
	}
	g := &group{leader: leader, server: server, alive: alive, ended: make(chan struct{})}
	server.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pgid: leader.Process.Pid}
	if err := server.Start(); err != nil {
		close(g.ended)
		g.kill()
		return nil, err
	}
	go func() {
		defer close(g.ended)
		_ = server.Wait() // how it ended is in its ProcessState
	}()
	return g, nil
}

// kill ends every process of the group and waits for those that are ours.
func (g *group) kill() {
	_ = syscall.Kill(-g.leader.Process.Pid, syscall.SIGKILL) // fails only when nothing is left to kill
	<-g.ended
	_ = g.leader.Wait() // "signal: killed", as it should be
	_ = g.alive.Close()
}

// state tells how the server ended; only after ended is closed.
func (g *group) state() string {
	if g.server.ProcessState == nil {
		return "never started"
	}
	return g.server.ProcessState.String()
}
