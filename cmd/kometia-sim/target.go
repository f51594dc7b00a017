package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/simulator/practice"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// target is where events go: a URL, or a practice receiver that is started for
// the occasion.
type target struct {
	wire     *wire.Target // nil until the practice receiver has been started
	practice bool
	flaw     string // of the practice receiver; "" is the good one
	word     string // as the user named it, redacted
}

// kept reports whether the target may be kept: it holds no secret.
func (t *target) kept() bool { return t.practice || t.word == t.wire.URL() }

// readTarget finds the target: the flag, else KOMETIA_SIM_TARGET, else the
// config, where several subscriptions need a choice.
func (s *session) readTarget(set *settings, flag string, need bool) error {
	raw := s.given(flag, "KOMETIA_SIM_TARGET", set.config.Target)
	subs := set.config.Subscriptions
	if raw == "" && len(subs) > 1 {
		var urls []string
		for _, sub := range subs {
			urls = append(urls, wire.Redact(sub.URL))
		}
		return say("la configuración tiene %d suscripciones; elija una con --%s: %s", "the config has %d subscriptions; choose one with --%s: %s",
			len(subs), flag, strings.Join(urls, ", "))
	}
	if raw == "" && len(subs) == 1 {
		raw = subs[0].URL
	}
	for _, sub := range subs {
		if sub.URL == raw {
			set.kinds = sub.Kinds
		}
	}
	if raw == "" {
		if !need {
			return nil
		}
		return say("falta el destino: use --%s URL, KOMETIA_SIM_TARGET o target: en %s (o --%s practice para probar)",
			"no target: use --%s URL, KOMETIA_SIM_TARGET or target: in %s (or --%s practice to try it out)", flag, configFile, flag)
	}
	t, err := parseTarget(raw)
	set.target = t
	return err
}

// checkTarget is parseTarget for whoever wants to know only whether it is one.
func checkTarget(raw string) error {
	_, err := parseTarget(raw)
	return err
}

func parseTarget(raw string) (target, error) {
	name, flaw, named := strings.Cut(raw, ":")
	if name != "practice" {
		t, err := wire.ParseTarget(raw)
		return target{wire: t, word: wire.Redact(raw)}, err
	}
	t := target{practice: true, flaw: flaw, word: raw}
	if !named {
		return t, nil
	}
	return t, checkFlaw(flaw)
}

func checkFlaw(name string) error {
	var names []string
	for _, f := range practice.Flaws() {
		if f.Name == name {
			return nil
		}
		names = append(names, f.Name)
	}
	return say("no existe el receptor de práctica %q%s (kometia-sim list flaws los muestra)", "unknown practice receiver %q%s (kometia-sim list flaws shows them)",
		name, meant(schemas.Suggest(name, names)))
}

// open makes the target ready. Its closer ends what was started.
func (s *session) open(ctx context.Context, t *target) (closer func(), err error) {
	if !t.practice {
		return func() {}, nil
	}
	child, url, err := s.startPractice(ctx, t.flaw)
	if err != nil {
		return nil, say("el receptor de práctica no arrancó: %s", "the practice receiver did not start: %s", err)
	}
	t.wire, err = wire.ParseTarget(url)
	if err != nil {
		child()
		return nil, err
	}
	return child, nil
}

// startPractice runs the practice receiver as a process of its own, as any
// receiver would be. The child ends when its standard input does, and so never
// outlives us, whatever ends us; its database goes with it.
func (s *session) startPractice(ctx context.Context, flaw string) (end func(), url string, err error) {
	args := []string{"receive", "--listen", "127.0.0.1:0", "--until-eof", "--lang", string(s.lang)}
	if flaw != "" {
		args = append(args, "--flaw", flaw)
	}
	cmd := exec.CommandContext(ctx, s.Executable, args...)
	cmd.Env = append(os.Environ(), "NO_COLOR=1")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, "", err
	}
	// Even in a hurry it gets the time to remove its database.
	cmd.Cancel, cmd.WaitDelay = stdin.Close, 2*time.Second
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, "", err
	}
	var complaint strings.Builder
	cmd.Stderr = &complaint
	if err := cmd.Start(); err != nil {
		return nil, "", err
	}
	end = func() {
		_ = stdin.Close()
		_ = cmd.Wait()
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		end()
		if text := strings.TrimSpace(complaint.String()); text != "" {
			err = errors.New(text)
		}
		return nil, "", err
	}
	// What else it prints is for people.
	go func() { _, _ = io.Copy(io.Discard, stdout) }()
	return end, strings.TrimSpace(line), nil
}
