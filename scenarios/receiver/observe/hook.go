package observe

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// Action is something that is done to a receiver: a Hook, a Post, or an
// ActionFunc. env (NAME=value) is added to its environment where it has one.
type Action interface {
	Run(ctx context.Context, env ...string) error
}

// ActionFunc makes an Action of a function, for a receiver in this process.
type ActionFunc func(ctx context.Context, env ...string) error

// Run implements Action.
func (f ActionFunc) Run(ctx context.Context, env ...string) error { return f(ctx, env...) }

// defaultHookTimeout is for queues that take long to be worked off.
const defaultHookTimeout = time.Minute

// Hook is a command of the user's. No shell sees its arguments.
type Hook struct {
	// Name is its key in the config (drain, start, ...), for errors.
	Name string
	Argv []string
	// Dir is the working folder; empty means the process's own.
	Dir string
	// Timeout bounds a run; zero means one minute. At its end the program is
	// killed with all that it started (on Unix).
	Timeout time.Duration
}

// Run implements Action: it runs the command to its end. What the command has
// left running in the background, a server, lives on and is not waited for.
func (h Hook) Run(ctx context.Context, env ...string) error {
	p, err := h.launch(ctx, env)
	if err != nil {
		return err
	}
	<-p.done
	return p.err
}

// Start runs a command that may be a server itself: it does not wait for the
// end. The server lives until it ends, until Kill, or until the hook's Timeout
// has passed without Keep having been called, whichever comes first; the end of
// ctx counts only until Keep.
func (h Hook) Start(ctx context.Context, env ...string) (*Process, error) {
	return h.launch(ctx, env)
}

// Process is a started hook.
type Process struct {
	done    chan struct{}
	err     error // once done is closed
	cancel  context.CancelFunc
	release func() bool
}

// Done is closed once the program has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Ended reports whether the program has ended.
func (p *Process) Ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// Err tells how the program ended, as Hook.Run would; nil while it runs.
func (p *Process) Err() error {
	select {
	case <-p.done:
		return p.err
	default:
		return nil
	}
}

// Keep lets the program live for as long as it likes.
func (p *Process) Keep() { p.release() }

// Kill ends the program with all that it started, and waits for it. One that
// has ended is left alone.
func (p *Process) Kill() {
	p.cancel()
	<-p.done
}

// launch starts the command. Its output goes to files and not to pipes: a
// server that it leaves behind would hold a pipe open, and die of it once
// nobody reads any more.
func (h Hook) launch(outer context.Context, env []string) (*Process, error) {
	if err := outer.Err(); err != nil {
		return nil, err
	}
	if len(h.Argv) == 0 || h.Argv[0] == "" {
		return nil, &Error{What: h.Name, Kind: Missing, Text: lang.Textf("no hay nada que ejecutar", "there is nothing to run")}
	}
	timeout := h.Timeout
	if timeout <= 0 {
		timeout = defaultHookTimeout
	}
	out, err := newOutput()
	if err != nil {
		return nil, &Error{What: h.Name, Kind: Failed, Err: err, Text: lang.Textf("no se puede guardar su salida: %s", "its output cannot be kept: %s", shown(err.Error()))}
	}
	// inner ends with outer or the timeout until the program is to be kept;
	// running ends with inner, and with Kill.
	inner, release := allow(outer, timeout)
	running, cancel := context.WithCancelCause(context.WithoutCancel(outer))
	stop := context.AfterFunc(inner, func() { cancel(context.Cause(inner)) })
	p := &Process{done: make(chan struct{}), cancel: func() { cancel(context.Canceled) }, release: stop}

	cmd, group := command(running, h.Argv, h.Dir, env)
	cmd.Stdout, cmd.Stderr = out.stdout, out.stderr
	started := group.Start(cmd)
	end := func(err error) {
		p.err = ending(outer, running, err, h.Name, h.Argv, timeout, out.last())
		group.leave()
		out.close()
		stop()
		release()
		cancel(nil)
		close(p.done)
	}
	if started != nil {
		end(started)
		return nil, p.err
	}
	go out.bound(running)
	go func() { end(cmd.Wait()) }()
	return p, nil
}

// output is the two files that a program writes to. They have no names where
// the system allows that, so that nothing is left of them whatever ends us, and
// are kept short while the program runs.
type output struct {
	dir string

	mu             sync.Mutex // against close
	stdout, stderr *os.File
}

// A program's output is cut to its last part when it has grown beyond the limit.
const (
	outputLimit = 1 << 20
	outputTail  = 4 << 10
	outputEvery = 250 * time.Millisecond
)

func newOutput() (*output, error) {
	dir, err := os.MkdirTemp("", "kometia-sim-hook-")
	if err != nil {
		return nil, err
	}
	o := &output{dir: dir}
	for _, f := range []struct {
		to   **os.File
		name string
	}{{&o.stdout, "stdout"}, {&o.stderr, "stderr"}} {
		// Appending, so that a reader's position does not move the writer's.
		if *f.to, err = os.OpenFile(filepath.Join(dir, f.name), os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600); err != nil {
			o.close()
			return nil, err
		}
	}
	_ = os.RemoveAll(dir) // close does it where an open file has to keep its name
	return o, nil
}

// bound keeps the files short until ctx ends.
func (o *output) bound(ctx context.Context) {
	clock := retryclock.Wall{}
	for clock.WaitUntil(ctx, clock.Now().Add(outputEvery)) == nil {
		o.cut()
	}
}

// cut leaves of a file that has grown too long only its end. What is written
// meanwhile may be lost, which is none of the user's log.
func (o *output) cut() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, f := range []*os.File{o.stderr, o.stdout} {
		info, err := f.Stat()
		if err != nil || info.Size() <= outputLimit {
			continue
		}
		data := tailOf(f)
		if f.Truncate(0) == nil {
			_, _ = f.Write(data)
		}
	}
}

// tailOf is the end of a file.
func tailOf(f *os.File) []byte {
	info, err := f.Stat()
	if err != nil {
		return nil
	}
	data, _ := io.ReadAll(io.NewSectionReader(f, max(0, info.Size()-outputTail), outputTail))
	return data
}

// last is the last line of the standard error, else of the standard output.
func (o *output) last() string {
	for _, f := range []*os.File{o.stderr, o.stdout} {
		if line := lastLine(tailOf(f)); line != "" {
			return line
		}
	}
	return ""
}

// close removes the files. What still runs goes on writing to them unseen.
func (o *output) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, f := range []*os.File{o.stdout, o.stderr} {
		if f != nil {
			_ = f.Close()
		}
	}
	_ = os.RemoveAll(o.dir)
}

// Post is an Action that is an HTTP POST without a body, such as the practice
// receiver's /drain. Any 2xx is success. It has no environment.
type Post struct {
	Name string // as in Hook
	URL  string
	// Timeout bounds the exchange; zero means one minute.
	Timeout time.Duration
}

// Run implements Action.
func (p Post) Run(outer context.Context, _ ...string) error {
	timeout := p.Timeout
	if timeout <= 0 {
		timeout = defaultHookTimeout
	}
	ctx, cancel := allow(outer, timeout)
	defer cancel()
	fail := func(kind Kind, text lang.Text, err error) error {
		if outer.Err() != nil {
			return outer.Err()
		}
		if errors.Is(context.Cause(ctx), errTooLong) {
			kind, text = Slow, lang.Textf("POST %s tardó más de %s", "POST %s took longer than %s", wire.Redact(p.URL), timeout)
		}
		return &Error{What: p.Name, Kind: kind, Text: text, Err: err}
	}
	status, body, err := ask(ctx, http.MethodPost, Place{URL: p.URL})
	switch {
	case err != nil:
		return fail(Missing, lang.Textf("%s no responde: %s", "%s does not answer: %s", wire.Redact(p.URL), shown(reason(err))), err)
	case status/100 != 2:
		return fail(Failed, lang.Textf("POST %s respondió %d%s", "POST %s answered %d%s", wire.Redact(p.URL), status, because(firstLine(body))), nil)
	}
	return nil
}

// ask makes one request on a connection of its own. Whose certificate it is does
// not matter: whether somebody is there is all that is asked.
func ask(ctx context.Context, method string, at Place) (status int, body []byte, err error) {
	request, err := http.NewRequestWithContext(ctx, method, at.URL, http.NoBody)
	if err != nil {
		return 0, nil, err
	}
	client := http.Client{
		Transport: &http.Transport{
			DisableKeepAlives: true, MaxResponseHeaderBytes: 64 << 10,
			DialContext: at.Dialer.DialContext,
			Proxy: func(r *http.Request) (*url.URL, error) {
				if at.Dialer.Proxy == nil || r.URL.Scheme != "https" {
					return nil, nil
				}
				return at.Dialer.Proxy(r.URL)
			},
			TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	response, err := client.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	// The status is the answer; a body that is cut short changes nothing.
	body, _ = io.ReadAll(io.LimitReader(response.Body, 4<<10))
	return response.StatusCode, body, nil
}
