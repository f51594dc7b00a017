package target

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
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/practice"
)

// Process is the practice receiver as a process of its own, as any receiver
// would be, that can be killed and started again: on the same address, with the
// same database.
//
// The child ends when its standard input does, and so never outlives us,
// whatever ends us. It removes its database then; what it was killed over is
// removed here.
type Process struct {
	cfg    ProcessConfig
	listen string // address; port 0 until the first start has chosen one
	dir    string // of its database
	url    string // of its webhook

	child *exec.Cmd // nil while there is none
	stdin io.Closer
}

// ProcessConfig says which practice receiver to start.
type ProcessConfig struct {
	Executable string // kometia-sim itself
	Lang       lang.Tag
	Flaw       practice.Flaw // zero is the good one
	API        practice.API  // for one that reads it
	ERP        string        // for one that calls it
	Schemas    string        // folder of the user's own event kinds; "" without one
}

// Start starts the practice receiver.
func Start(ctx context.Context, cfg ProcessConfig) (*Process, error) {
	p := &Process{cfg: cfg, listen: "127.0.0.1:0"}
	var err error
	if p.dir, err = os.MkdirTemp("", "kometia-sim-practice-"); err == nil {
		err = p.start(ctx, observe.Offset(0))
	}
	if err != nil {
		p.Close()
		return nil, lang.Errorf("el receptor de práctica no arrancó: %s", "the practice receiver did not start: %s", err)
	}
	return p, nil
}

// URL is that of the webhook.
func (p *Process) URL() string { return p.url }

// Close ends it and removes its database.
func (p *Process) Close() {
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
func (p *Process) start(ctx context.Context, env ...string) error {
	if p.child != nil {
		return nil
	}
	args := []string{
		"receive", "--listen", p.listen, "--db", filepath.Join(p.dir, "practice.sqlite"),
		"--until-eof", "--lang", string(p.cfg.Lang),
	}
	if p.cfg.Flaw.Name != "" {
		args = append(args, "--flaw", p.cfg.Flaw.Name)
	}
	if p.cfg.Flaw.UsesAPI {
		args = append(args, "--api", p.cfg.API.URL)
		env = append(env, "KOMETIA_SIM_API_KEY="+p.cfg.API.Key) // the arguments of a process are for all to see
	}
	if p.cfg.Flaw.CallsERP {
		args = append(args, "--erp", p.cfg.ERP)
	}
	env = append(env, "KOMETIA_SIM_SCHEMAS="+p.cfg.Schemas)
	cmd := exec.CommandContext(ctx, p.cfg.Executable, args...)
	cmd.Env = append(append(os.Environ(), "NO_COLOR=1"), env...)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	// A Ctrl-C or a closed terminal is for us; the child ends when we say so.
	group := observe.NewGroup(cmd)
	// Even in a hurry it gets the time to remove its database.
	cmd.Cancel, cmd.WaitDelay = stdin.Close, 2*time.Second
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	var complaint strings.Builder
	cmd.Stderr = &complaint
	if err := group.Start(cmd); err != nil {
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
	p.listen = strings.TrimSuffix(strings.TrimPrefix(p.url, "http://"), practice.WebhookRoute)
	return nil
}

// kill ends the child as a power cut would.
func (p *Process) kill(context.Context, ...string) error {
	if p.child == nil {
		return nil
	}
	err := p.child.Process.Kill()
	_ = p.stdin.Close()
	_ = p.child.Wait() // its error is the signal
	p.child = nil
	return err
}

// Hooks are what a run does to it.
func (p *Process) Hooks() receiver.Hooks {
	hooks := receiver.Hooks{
		Start: observe.ActionFunc(p.start), Kill: observe.ActionFunc(p.kill),
		Down:  observe.Post{Name: "down", URL: p.base() + practice.DownRoute},
		Up:    observe.Post{Name: "up", URL: p.base() + practice.UpRoute},
		Ready: p.base() + practice.HealthRoute,
	}
	if p.cfg.Flaw.UsesAPI {
		hooks.Reconcile = observe.Post{Name: verdict.VerbReconcile, URL: p.base() + practice.CatchUpRoute}
	}
	return hooks
}

// Observe is how its effects are seen.
func (p *Process) Observe() observe.Config {
	route := practice.EventRoute
	if p.cfg.Flaw.PerObject {
		route = practice.ObjectRoute
	}
	return observe.Config{URL: p.base() + route, StateMap: practice.StateMap()}
}

// Drain works its queue off.
func (p *Process) Drain() observe.Action {
	return observe.Post{Name: "drain", URL: p.base() + practice.DrainRoute}
}

func (p *Process) base() string { return strings.TrimSuffix(p.url, practice.WebhookRoute) }
