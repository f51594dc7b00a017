package receivers

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	startTimeout = 30 * time.Second      // the slowest, Rails, takes 2 s on an idle machine
	buildTimeout = 5 * time.Minute       // Go's own packages, compiled for the first time on a busy machine
	pollInterval = 10 * time.Millisecond // between two questions whether it works
	stopTimeout  = 5 * time.Second       // a killed process frees its port at once
	logTail      = 64 << 10
	startTries   = 3 // a port that was free may be taken by another program before the receiver binds it
)

// Options are what one start may change. The zero value is good.
type Options struct {
	// Dir is the receiver's own folder: its database, generated config and log. Empty means a new temporary one, removed
	// by Close; a named one is created when needed and kept, so a second Start with it continues with the same data.
	Dir string
	// Env is added to the receiver's environment and wins over receivers.yaml.
	Env map[string]string
	// Timeout bounds the wait for the first answer, zero means 30 s.
	Timeout time.Duration
}

// Running is a receiver that has answered its first request, with the one behind it, if any: Close ends both, Kill and
// Restart only the one in front. Its methods are not safe for concurrent use, but Log is.
type Running struct {
	Name       string
	URL        string // http://127.0.0.1:PORT
	WebhookURL string // where to POST
	Dir        string // its own folder

	spec    spec
	options Options
	source  string
	port    *port
	group   *group
	behind  *Running // nil for most
}

// Start starts the named receiver on a free port of 127.0.0.1 and returns once it has answered a request. The receiver
// lives until Close, not until ctx ends: ctx bounds the start only. An error carries the tail of the receiver's log and,
// where that is the reason, the packages that are missing.
func Start(ctx context.Context, name string, options Options) (*Running, error) {
	s, err := lookup(name)
	if err != nil {
		return nil, err
	}
	examples, err := examplesDir()
	if err != nil {
		return nil, err
	}
	r := &Running{Name: name, spec: s, options: options, source: filepath.Join(examples, s.Source)}
	if err := r.prepareDir(); err != nil {
		return nil, fmt.Errorf("receiver %s: %w", name, err)
	}
	if s.Behind != "" {
		behind := Options{Dir: filepath.Join(r.Dir, "detras"), Timeout: options.Timeout}
		if r.behind, err = Start(ctx, s.Behind, behind); err != nil {
			return nil, errors.Join(err, r.removeDir())
		}
	}
	for try := 1; ; try++ {
		err := r.start(ctx)
		if err == nil {
			return r, nil
		}
		log := strings.ToLower(r.ownLog())
		taken := strings.Contains(log, "address already in use") || strings.Contains(log, "connection in use") // as gunicorn says
		err = errors.Join(r.explain(ctx, err), r.release(context.WithoutCancel(ctx)))
		if !taken || try == startTries {
			return nil, errors.Join(err, r.closeBehind(context.WithoutCancel(ctx)), r.removeDir())
		}
	}
}

// Close kills the receiver with everything that it started, waits until its port is free, and removes a temporary Dir.
// A second Close does nothing. ctx bounds only the wait for the port; DeferCleanup(receiver.Close) passes it.
func (r *Running) Close(ctx context.Context) error {
	err := errors.Join(r.release(ctx), r.closeBehind(ctx), r.removeDir())
	if err != nil {
		return fmt.Errorf("close receiver %s: %w", r.Name, err)
	}
	return nil
}

// Kill ends the receiver as a power cut would (SIGKILL). Its port and its Dir stay reserved for Restart.
func (r *Running) Kill(ctx context.Context) error {
	if r.group == nil {
		return nil
	}
	r.group.kill()
	r.group = nil
	ctx, cancel := context.WithTimeout(ctx, stopTimeout)
	defer cancel()
	return r.port.waitUntilFree(ctx)
}

// Restart kills the receiver and starts it again with the same URL and data.
func (r *Running) Restart(ctx context.Context) error {
	if err := r.Kill(ctx); err != nil {
		return fmt.Errorf("restart receiver %s: %w", r.Name, err)
	}
	if err := r.run(ctx); err != nil {
		return r.explain(ctx, err)
	}
	return nil
}

// Log is the tail (64 KiB) of what the receiver wrote to its output, after that of the one behind it.
func (r *Running) Log() string {
	if r.behind != nil {
		return r.behind.Log() + r.ownLog()
	}
	return r.ownLog()
}

func (r *Running) ownLog() string {
	file, err := os.Open(r.logPath())
	if err != nil {
		return ""
	}
	defer file.Close()
	if info, err := file.Stat(); err == nil && info.Size() > logTail {
		if _, err := file.Seek(-logTail, io.SeekEnd); err != nil {
			return ""
		}
	}
	text, err := io.ReadAll(io.LimitReader(file, logTail))
	if err != nil {
		return ""
	}
	return string(text)
}

// EffectsURL is the address, with {event.id} in it, that tells {"effects":n,"state":...}; "" for receivers that do not act.
func (r *Running) EffectsURL() string {
	if r.spec.Observe == "" {
		return ""
	}
	return r.URL + r.spec.Observe
}

// EffectsCommand is the command, with {event.id} in it, that prints how many effects an event had; it runs in any
// folder. Nil for receivers that do not act.
func (r *Running) EffectsCommand() []string {
	if len(r.spec.Effects) == 0 || r.port == nil { // nil port: closed, nothing to observe
		return nil
	}
	command := []string{"env"}
	for _, name := range slices.Sorted(maps.Keys(r.spec.Env)) {
		command = append(command, name+"="+r.expand(r.spec.Env[name]))
	}
	for _, word := range r.spec.Effects {
		command = append(command, r.expand(word))
	}
	return command
}

// Effects counts the effects that an event had so far.
func (r *Running) Effects(ctx context.Context, event string) (int, error) {
	if r.spec.Observe == "" {
		return 0, fmt.Errorf("receiver %s has no effects to observe", r.Name)
	}
	address := strings.ReplaceAll(r.EffectsURL(), "{event.id}", url.PathEscape(event))
	status, body, err := get(ctx, address)
	if err != nil {
		return 0, err
	}
	var answer struct {
		Effects *int `json:"effects"`
	}
	if err := json.Unmarshal(body, &answer); err != nil || status != http.StatusOK || answer.Effects == nil {
		return 0, fmt.Errorf("effects of %s at %s: status %d: %.200s", event, r.Name, status, body)
	}
	return *answer.Effects, nil
}

func (r *Running) prepareDir() error {
	if r.options.Dir == "" {
		dir, err := os.MkdirTemp("", "receptor-")
		r.Dir = dir
		return err
	}
	dir, err := filepath.Abs(r.options.Dir)
	if err != nil {
		return err
	}
	r.Dir = dir
	return os.MkdirAll(dir, 0o700)
}

func (r *Running) closeBehind(ctx context.Context) error {
	if r.behind == nil {
		return nil
	}
	return r.behind.Close(ctx)
}

func (r *Running) removeDir() error {
	if r.options.Dir != "" {
		return nil
	}
	return os.RemoveAll(r.Dir)
}

// release gives everything back but the folder.
func (r *Running) release(ctx context.Context) error {
	if r.port == nil {
		return nil
	}
	err := r.Kill(ctx)
	r.port.release()
	r.port = nil
	return err
}

func (r *Running) start(ctx context.Context) error {
	var err error
	if r.port, err = reservePort(ctx); err != nil {
		return err
	}
	r.URL = "http://" + r.port.host()
	r.WebhookURL = r.URL + r.spec.Webhook
	for from, to := range r.spec.Files {
		text, err := os.ReadFile(filepath.Join(r.source, from))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(r.Dir, to), []byte(r.expand(string(text))), 0o600); err != nil {
			return err
		}
	}
	if len(r.spec.Build) > 0 {
		building, cancel := context.WithTimeout(ctx, buildTimeout)
		defer cancel()
		if out, err := r.command(building, r.spec.Build).CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %s\n%s", strings.Join(r.spec.Build, " "), err.Error(), out)
		}
	}
	return r.run(ctx)
}

// run starts the server and waits until it works.
func (r *Running) run(ctx context.Context) error {
	timeout := r.options.Timeout
	if timeout == 0 {
		timeout = startTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	log, err := os.OpenFile(r.logPath(), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer log.Close() // the server has its own copy
	// The server must outlive the start: a test's BeforeEach ends its context long before the test does.
	command := r.command(context.WithoutCancel(ctx), r.spec.Command)
	command.Stdout, command.Stderr = log, log
	if r.group, err = startGroup(context.WithoutCancel(ctx), command); err != nil {
		return err
	}
	return r.waitUntilReady(ctx)
}

// waitUntilReady asks until the expected answer comes. An open port is not enough: some servers answer 404 for a while
// after they listen.
func (r *Running) waitUntilReady(ctx context.Context) error {
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	var last string
	for {
		status, _, err := get(ctx, r.URL+r.spec.Ready.Path)
		switch {
		case err != nil:
			last = err.Error()
		case status == r.spec.Ready.Status:
			return nil
		default:
			last = fmt.Sprintf("GET %s: status %d instead of %d", r.spec.Ready.Path, status, r.spec.Ready.Status)
		}
		select {
		case <-r.group.ended:
			return fmt.Errorf("it ended before it answered (%s)", r.group.state())
		case <-ctx.Done():
			return fmt.Errorf("it did not work in time: %s: %w", last, context.Cause(ctx))
		case <-ticker.C:
		}
	}
}

// explain adds to a failed start what the reader needs to mend it.
func (r *Running) explain(ctx context.Context, err error) error {
	text := fmt.Sprintf("\ncommand: %s\nfolder: %s", strings.Join(r.spec.Command, " "), r.source)
	if lacking, lackErr := Missing(context.WithoutCancel(ctx), r.Name); lackErr == nil && len(lacking) > 0 {
		text += "\nmissing: " + installing(lacking)
	}
	if log := strings.TrimSpace(r.Log()); log != "" {
		text += "\nits log:\n" + log
	}
	return fmt.Errorf("start receiver %s: %w%s", r.Name, err, text)
}

func (r *Running) logPath() string {
	return filepath.Join(r.Dir, "receptor.log")
}

func (r *Running) command(ctx context.Context, argv []string) *exec.Cmd {
	expanded := make([]string, len(argv))
	for i, word := range argv {
		expanded[i] = r.expand(word)
	}
	command := exec.CommandContext(ctx, program(expanded[0]), expanded[1:]...)
	command.Dir = r.source
	command.Env = r.environment()
	return command
}

// program finds the servers that Debian keeps out of an ordinary user's PATH.
func program(name string) string {
	if _, err := exec.LookPath(name); err != nil {
		if path, err := exec.LookPath("/usr/sbin/" + name); err == nil {
			return path
		}
	}
	return name
}

// foreignVariables would change how a receiver acts, by what their names begin with.
const foreignVariables = "KOMETIA_ APP_ DB_ SESSION_ SECRET_KEY DATABASE_URL= PORT= " +
	"PHP_CLI_SERVER_WORKERS= RACK_ RAILS_ RUBYOPT= BUNDLE_ WEB_CONCURRENCY= PUMA_ " +
	"DJANGO_ FLASK_ PYTHON GUNICORN_ NODE_"

// environment is ours without what would change a receiver's behaviour from outside, so that it acts alike everywhere.
func (r *Running) environment() []string {
	var env []string
	for _, pair := range os.Environ() {
		foreign := false
		for _, prefix := range strings.Fields(foreignVariables) {
			foreign = foreign || strings.HasPrefix(pair, prefix)
		}
		if !foreign {
			env = append(env, pair)
		}
	}
	env = append(env, "LC_ALL=C.UTF-8", "NO_PROXY=127.0.0.1", "no_proxy=127.0.0.1")
	for name, value := range r.spec.Env {
		env = append(env, name+"="+r.expand(value))
	}
	for name, value := range r.options.Env {
		env = append(env, name+"="+value)
	}
	return env
}

func (r *Running) expand(text string) string {
	behind := ""
	if r.behind != nil {
		behind = r.behind.port.host()
	}
	return strings.NewReplacer(
		"{behind}", behind,
		"{host}", r.port.host(),
		"{port}", strconv.Itoa(r.port.number),
		"{dir}", r.Dir,
		"{source}", r.source,
	).Replace(text)
}

// get reads at most 1 MiB on a connection of its own, past any proxy.
func get(ctx context.Context, address string) (int, []byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return 0, nil, err
	}
	transport := &http.Transport{DisableKeepAlives: true}
	client := http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	response, err := client.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	var body bytes.Buffer
	if _, err := io.Copy(&body, io.LimitReader(response.Body, 1<<20)); err != nil {
		return 0, nil, err
	}
	return response.StatusCode, body.Bytes(), nil
}

// examplesDir finds the examples folder from the working folder upwards: a test runs in the folder of its package.
func examplesDir() (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		examples := filepath.Join(dir, "examples")
		if _, err := os.Stat(filepath.Join(examples, "receivers", "receivers.yaml")); err == nil {
			return examples, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("no examples/receivers/receivers.yaml at or above %s", start)
		}
	}
}
