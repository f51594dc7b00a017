package observe

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"time"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// command makes a program ready that dies with all it started when ctx ends. It
// is started by its group.
func command(ctx context.Context, argv []string, dir string, env []string) (*exec.Cmd, *Group) {
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	// Something that it left behind may hold its output open for ever.
	cmd.WaitDelay = time.Second
	return cmd, NewGroup(cmd)
}

// Start starts the program that the group was made for.
func (g *Group) Start(cmd *exec.Cmd) error {
	if err := cmd.Start(); err != nil {
		return err
	}
	return g.adopt(cmd)
}

// allow bounds ctx by a timeout that can be told from the caller's own end.
func allow(ctx context.Context, timeout time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, timeout, errTooLong)
}

var errTooLong = lang.Errorf("demasiado largo", "too long")

// ending makes the error of a program that did not end well; nil when it did.
// outer is the caller's context, inner the one with the timeout.
func ending(outer, inner context.Context, err error, what string, argv []string, timeout time.Duration, line string) error {
	var exit *exec.ExitError
	fail := func(kind Kind, text lang.Text) error {
		return &Error{What: what, Kind: kind, Text: text, Err: err}
	}
	switch {
	case err == nil, errors.Is(err, exec.ErrWaitDelay):
		return nil
	case outer.Err() != nil:
		return outer.Err()
	case errors.Is(context.Cause(inner), errTooLong):
		return fail(Slow, lang.Textf("%s tardó más de %s%s", "%s took longer than %s%s", shown(argv[0]), timeout, because(line)))
	case errors.As(err, &exit):
		// ExitCode is -1 for a signal, which the state names.
		return fail(Failed, lang.Textf("%s terminó con %s%s", "%s ended with %s%s", shown(argv[0]), exit.ProcessState, because(line)))
	case errors.Is(err, exec.ErrNotFound):
		return fail(Missing, lang.Textf("no se encuentra el programa %s", "program %s not found", shown(argv[0])))
	}
	return fail(Missing, lang.Textf("no se puede ejecutar %s: %s", "cannot run %s: %s", shown(argv[0]), shown(fmt.Sprint(err))))
}

// bounded keeps the beginning of what is written to it.
type bounded struct {
	limit int
	buf   bytes.Buffer
	over  bool
}

func (b *bounded) Write(p []byte) (int, error) {
	if room := b.limit - b.buf.Len(); len(p) > room {
		b.over = true
		b.buf.Write(p[:room])
	} else {
		b.buf.Write(p)
	}
	return len(p), nil // the writer must not fail for what nobody keeps
}

// each does n things, at most limit of them at once, and returns the error of
// the first that failed; the others are called off then.
func each(ctx context.Context, n, limit int, do func(ctx context.Context, i int) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var (
		working sync.WaitGroup
		once    sync.Once
		first   error
		next    = make(chan int)
	)
	for range min(n, limit) {
		working.Go(func() {
			for i := range next {
				if err := do(ctx, i); err != nil {
					once.Do(func() { first = err })
					cancel()
				}
			}
		})
	}
	for i := range n {
		select {
		case next <- i:
			continue
		case <-ctx.Done():
		}
		break
	}
	close(next)
	working.Wait()
	if first == nil {
		return ctx.Err() // nil, or the caller's, whom we have not called off yet
	}
	return first
}
