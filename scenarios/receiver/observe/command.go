package observe

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// maxAtOnce is how many programs or requests run at once for one question. Python's
// servers let five connections wait; one more is dropped, and tried again by the
// kernel a second later.
const maxAtOnce = 4

// commandObserver runs a program.
type commandObserver struct {
	argv         []string
	placeholders []string
	dir          string
	env          func() []string
	timeout      time.Duration
	answers      answers
}

func newCommand(cfg Config) (*commandObserver, error) {
	var errs []error
	if cfg.Command[0] == "" {
		errs = append(errs, lang.Errorf("observe: command: el programa no tiene nombre", "observe: command: the program has no name"))
	}
	if len(placeholdersIn(cfg.Command[0])) > 0 {
		errs = append(errs, lang.Errorf("observe: command: el programa no puede ser un marcador: %s",
			"observe: command: a placeholder cannot be the program: %s", cfg.Command[0]))
	}
	if len(errs) == 0 {
		errs = append(errs, checkProgram("observe: command", cfg.Command[0], cfg.Dir))
	}
	for _, arg := range cfg.Command {
		errs = append(errs, checkBraces("command", arg, false))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	env := cfg.Env
	if env == nil {
		env = func() []string { return nil }
	}
	return &commandObserver{
		argv: slices.Clone(cfg.Command), placeholders: placeholdersIn(cfg.Command...),
		dir: cfg.Dir, env: env, timeout: cfg.Timeout,
		answers: answers{what: whatCommand},
	}, nil
}

const whatCommand = "observe.command"

// Observe implements Observer.
func (c *commandObserver) Observe(ctx context.Context, subjects []Subject) ([]Reading, error) {
	if len(subjects) == 0 {
		return nil, ctx.Err()
	}
	if len(c.placeholders) == 0 {
		list, err := json.Marshal(idsOf(subjects))
		if err != nil {
			return nil, err
		}
		out, err := c.run(ctx, c.argv, list)
		if err != nil {
			return nil, err
		}
		return c.answers.all(out, subjects)
	}
	readings := make([]Reading, len(subjects))
	return readings, each(ctx, len(subjects), maxAtOnce, func(ctx context.Context, i int) error {
		s := subjects[i]
		if err := unnamed(whatCommand, s, c.placeholders); err != nil {
			return err
		}
		argv := make([]string, len(c.argv))
		for j, arg := range c.argv {
			argv[j] = fill(arg, s, func(v string) string { return v })
		}
		out, err := c.run(ctx, argv, nil)
		if err == nil {
			readings[i], err = c.answers.one(out, s)
		}
		var failure *Error
		if errors.As(err, &failure) && failure.Subject == "" {
			failure.Subject = s.EventID
		}
		return err
	})
}

func (c *commandObserver) run(outer context.Context, argv []string, stdin []byte) ([]byte, error) {
	ctx, cancel := allow(outer, c.timeout)
	defer cancel()
	cmd, group := command(ctx, argv, c.dir, c.env())
	if stdin != nil {
		cmd.Stdin = bytes.NewReader(stdin)
	}
	out, said := bounded{limit: maxAnswer}, bounded{limit: 4 << 10}
	cmd.Stdout, cmd.Stderr = &out, &said
	err := group.Start(cmd)
	if err == nil {
		err = cmd.Wait()
		group.kill() // what it has left behind has nothing to tell any more
	}
	group.leave()
	if err := ending(outer, ctx, err, whatCommand, argv, c.timeout, firstLine(said.buf.Bytes())); err != nil {
		return nil, err
	}
	if out.over {
		return nil, c.answers.unreadable("", nil, tooLarge())
	}
	return out.buf.Bytes(), nil
}

// idsOf lists the ids of events and of their objects, each once.
func idsOf(subjects []Subject) []string {
	ids := make([]string, 0, 2*len(subjects))
	seen := make(map[string]struct{}, cap(ids))
	for _, s := range subjects {
		for _, id := range []string{s.EventID, s.ObjectID} {
			if _, twice := seen[id]; id == "" || twice {
				continue
			}
			seen[id] = struct{}{}
			ids = append(ids, id)
		}
	}
	return ids
}
