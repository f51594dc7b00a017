package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/console"
	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/settings"
	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/api"
	"github.com/kometia-sim/kometia-sim/simulator/practice"
)

func receiveCommand() command {
	return command{
		name:  "receive",
		usage: lang.Text{ES: "un receptor de práctica: uno bueno, o uno con un defecto a propósito", EN: "a practice receiver: a good one, or one with a flaw on purpose"},
		examples: same(`kometia-sim receive
kometia-sim receive --flaw csrf --listen 127.0.0.1:8000`),
		about: lang.Text{ES: "Los defectos: kometia-sim list flaws. Termina con Ctrl-C.", EN: "The flaws: kometia-sim list flaws. End it with Ctrl-C."},
		act:   receive,
	}
}

// receive is the practice receiver, until it is told to end.
func receive(ctx context.Context, c *call) error {
	err := c.given.Check()
	if len(c.args) > 0 {
		err = errors.Join(lang.Errorf("receive no lleva argumentos, sobra %q", "receive takes no arguments, %q is one too many", c.args[0]), err)
	}
	if err != nil {
		return console.Usage(err)
	}
	ahead, err := observe.ParseOffset(c.Getenv(observe.OffsetName))
	if err != nil {
		return console.Usage(lang.Errorf("%s: %s", "%s: %s", observe.OffsetName, err))
	}
	cfg := practice.Config{Flaw: c.given.Text("flaw"), Clock: retryclock.Shifted{Clock: retryclock.Wall{}, By: ahead}}
	cfg.API = practice.API{URL: c.given.Text("api"), Key: c.Getenv("KOMETIA_SIM_API_KEY")}
	cfg.ERP = c.given.Text("erp")
	if cfg.Catalogue, err = c.given.Catalogue(); err != nil {
		return console.Usage(err)
	}
	cfg.Latency, _ = time.ParseDuration(c.given.Text("delay"))
	child := c.given.On("until-eof")
	if !child {
		cfg.Log = c.Stderr
	}
	if db := c.given.Text("db"); db != "" {
		cfg.DB = c.Path(db)
	}
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", c.given.Text("listen"))
	if err != nil {
		return console.Usage(lang.Errorf("--listen: %s", "--listen: %s", err))
	}
	receiver, err := practice.New(ctx, cfg)
	if err != nil {
		return console.Usage(errors.Join(err, ln.Close()))
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if err := c.announce(ln.Addr(), child); err != nil {
		return errors.Join(err, ln.Close(), receiver.Close())
	}
	served := make(chan error, 1)
	go func() { served <- receiver.Serve(ctx, ln) }()
	if child {
		go func() {
			_, _ = io.Copy(io.Discard, c.Stdin)
			cancel()
		}()
		<-ctx.Done()
		// Requests that hang on purpose are not waited for: nobody is left who
		// would read their answers.
		select {
		case err = <-served:
		case <-soon(ctx, c.Clock):
		}
		return errors.Join(err, receiver.Close(), removeDatabase(cfg.DB))
	}
	select {
	case err = <-served:
	case <-c.Stop:
		cancel()
		err = <-served
	}
	return errors.Join(err, receiver.Close())
}

// removeDatabase removes what a child leaves behind when its parent is no more:
// the files of SQLite, and their folder when nothing else is in it.
func removeDatabase(path string) error {
	if path == "" {
		return nil
	}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	_ = os.Remove(filepath.Dir(path)) // not empty, or gone already
	return nil
}

// soon is closed in a moment, whether ctx has ended or not.
func soon(ctx context.Context, clock retryclock.Clock) <-chan struct{} {
	moment := make(chan struct{})
	go func() {
		defer close(moment)
		_ = clock.WaitUntil(context.WithoutCancel(ctx), clock.Now().Add(300*time.Millisecond))
	}()
	return moment
}

// announce prints the URL alone on the first line, for programs, and below it
// the config that observes this receiver, ready for kometia-sim.yaml.
func (c *call) announce(addr net.Addr, child bool) error {
	var b bytes.Buffer
	base := "http://" + api.Reachable(addr)
	fmt.Fprintln(&b, base+practice.WebhookRoute)
	if !child {
		fmt.Fprintf(&b, "\n# %s\n", settings.FileName)
		fmt.Fprintf(&b, "target: %s\n", base+practice.WebhookRoute)
		fmt.Fprintf(&b, "observe:\n  url: '%s'\n  state_map:\n", base+practice.EventRoute)
		for _, field := range slices.Sorted(maps.Keys(practice.StateMap())) {
			fmt.Fprintf(&b, "    %s: %s\n", field, practice.StateMap()[field])
		}
		fmt.Fprintf(&b, "drain: [curl, -fsS, -X, POST, '%s']\n", base+practice.DrainRoute)
	}
	return c.Print(b.String())
}
