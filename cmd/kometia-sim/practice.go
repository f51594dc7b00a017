package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/practice"
)

// practiceProcess is the practice receiver as a process of its own, as any
// receiver would be, that can be killed and started again: on the same address,
// with the same database.
//
// The child ends when its standard input does, and so never outlives us,
// whatever ends us. It removes its database then; what it was killed over is
// removed here.
type practiceProcess struct {
	executable string
	lang       lang.Tag
	flaw       string
	listen     string       // address; port 0 until the first start has chosen one
	api        practice.API // that it reads; zero for the ones that read none
	schemas    string       // folder of the user's own event kinds; "" without one

	dir string // of its database
	url string // of its webhook

	child *exec.Cmd // nil while there is none
	stdin io.Closer
}

// open starts it for the first time.
func (p *practiceProcess) open(ctx context.Context) (err error) {
	if p.dir, err = os.MkdirTemp("", "kometia-sim-practice-"); err != nil {
		return err
	}
	return p.start(ctx, observe.Offset(0))
}

// close ends it and removes its database.
func (p *practiceProcess) close() {
	if p.child != nil {
		_ = p.stdin.Close()
		_ = p.child.Wait()
		p.child = nil
	}
	if p.dir != "" {
		_ = os.RemoveAll(p.dir)
	}
}

// start starts a child and waits until it listens; env goes into its
// environment. A child that there is already is left alone.
func (p *practiceProcess) start(ctx context.Context, env ...string) error {
	if p.child != nil {
		return nil
	}
	args := []string{
		"receive", "--listen", p.listen, "--db", filepath.Join(p.dir, "practice.sqlite"),
		"--until-eof", "--lang", string(p.lang),
	}
	if p.flaw != "" {
		args = append(args, "--flaw", p.flaw)
	}
	if p.api.URL != "" {
		args = append(args, "--api", p.api.URL)
		env = append(env, "KOMETIA_SIM_API_KEY="+p.api.Key) // the arguments of a process are for all to see
	}
	env = append(env, "KOMETIA_SIM_SCHEMAS="+p.schemas)
	cmd := exec.CommandContext(ctx, p.executable, args...)
	cmd.Env = append(append(os.Environ(), "NO_COLOR=1"), env...)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	// Even in a hurry it gets the time to remove its database.
	cmd.Cancel, cmd.WaitDelay = stdin.Close, 2*time.Second
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	var complaint strings.Builder
	cmd.Stderr = &complaint
	if err := cmd.Start(); err != nil {
		return err
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		_ = stdin.Close()
		_ = cmd.Wait()
		if text := strings.TrimSpace(complaint.String()); text != "" {
			err = errors.New(text)
		}
		return err
	}
	// What else it prints is for people.
	go func() { _, _ = io.Copy(io.Discard, stdout) }()
	p.child, p.stdin, p.url = cmd, stdin, strings.TrimSpace(line)
	p.listen = strings.TrimSuffix(strings.TrimPrefix(p.url, "http://"), practiceWebhook)
	return nil
}

// kill ends the child as a power cut would.
func (p *practiceProcess) kill(context.Context, ...string) error {
	if p.child == nil {
		return nil
	}
	err := p.child.Process.Kill()
	_ = p.stdin.Close()
	_ = p.child.Wait() // its error is the signal
	p.child = nil
	return err
}

// hooks are what a run does to it.
func (p *practiceProcess) hooks() receiver.Hooks {
	base := strings.TrimSuffix(p.url, practiceWebhook)
	return receiver.Hooks{
		Start: observe.ActionFunc(p.start), Kill: observe.ActionFunc(p.kill),
		Down:  observe.Post{Name: "down", URL: base + "/store/down"},
		Up:    observe.Post{Name: "up", URL: base + "/store/up"},
		Ready: base + "/health",
	}
}
