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

	"github.com/urfave/cli/v2"

	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/terminal"
	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/practice"
)

func (s *session) receiveCommand() *cli.Command {
	return s.command(&cli.Command{
		Name:  "receive",
		Usage: s.T("receptor de práctica: uno bueno, o con un defecto a propósito", "the practice receiver: a good one, or one with a fault on purpose"),
		UsageText: `kometia-sim receive
kometia-sim receive --flaw csrf --listen 127.0.0.1:8000`,
		Description: s.T("Los defectos: kometia-sim list flaws. Termina con Ctrl-C.", "The flaws: kometia-sim list flaws. End it with Ctrl-C."),
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "listen", Value: "127.0.0.1:8000", Usage: s.T("escucha en `DIRECCIÓN` (si no, 127.0.0.1:8000)", "listen on `ADDRESS` (default 127.0.0.1:8000)")},
			&cli.StringFlag{Name: "flaw", Usage: s.T("con el defecto `NOMBRE`", "with the flaw `NAME`")},
			&cli.StringFlag{Name: "db", Usage: s.T("guarda lo recibido en `ARCHIVO` SQLite (si no, uno temporal)", "keep what is received in the SQLite `FILE` (default: a temporary one)")},
			&cli.StringFlag{Name: "delay", Usage: s.T("trabaja `TIEMPO` en cada entrega (si no, lo que tarde)", "work for `TIME` on each delivery (default: as long as it takes)")},
			&cli.StringFlag{Name: "api", Usage: s.T("la API que lee el receptor thin está en la `URL` (llave: KOMETIA_SIM_API_KEY)", "the API that the receiver thin reads is at the `URL` (key: KOMETIA_SIM_API_KEY)")},
			// For the child that the target "practice" starts: it ends with its
			// parent, and not with the Ctrl-C that is meant for the parent.
			&cli.BoolFlag{Name: "until-eof", Hidden: true},
		},
	}, s.receive)
}

func (s *session) receive(ctx context.Context) error {
	var errs []error
	if s.flags.NArg() > 0 {
		errs = append(errs, lang.Errorf("receive no lleva argumentos, sobra %q", "receive takes no arguments, %q is one too many", s.flags.Args().First()))
	}
	listen, flaw := s.flags.String("listen"), s.flags.String("flaw")
	if err := checkListen(listen); err != nil {
		errs = append(errs, lang.Errorf("--listen: %s", "--listen: %s", err))
	}
	if flaw != "" {
		errs = append(errs, checkFlaw(flaw))
	}
	var latency time.Duration
	if value := s.given("delay", "KOMETIA_SIM_PRACTICE_DELAY", ""); value != "" {
		var err error
		if latency, err = parseDuration(value); err != nil {
			errs = append(errs, lang.Errorf("--delay %q: escriba una duración con unidad, como 20ms", "--delay %q: write a duration with its unit, such as 20ms", value))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return terminal.Usage(err)
	}
	ahead, err := observe.ParseOffset(s.Getenv(observe.OffsetName))
	if err != nil {
		return terminal.Usage(lang.Errorf("%s: %s", "%s: %s", observe.OffsetName, err))
	}
	cfg := practice.Config{Flaw: flaw, Latency: latency, Clock: retryclock.Shifted{Clock: retryclock.Wall{}, By: ahead}}
	if cfg.Catalogue, err = s.catalogueOf(&config{}); err != nil {
		return terminal.Usage(err)
	}
	cfg.API = practice.API{URL: s.flags.String("api"), Key: s.Getenv("KOMETIA_SIM_API_KEY")}
	child := s.flags.Bool("until-eof")
	if !child {
		cfg.Log = s.Stderr
	}
	if db := s.flags.String("db"); db != "" {
		cfg.DB = s.Path(db)
	}
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", listen)
	if err != nil {
		return terminal.Usage(lang.Errorf("--listen: %s", "--listen: %s", err))
	}
	receiver, err := practice.New(ctx, cfg)
	if err != nil {
		return terminal.Usage(errors.Join(err, ln.Close()))
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if err := s.announce(ln.Addr(), child); err != nil {
		return errors.Join(err, ln.Close(), receiver.Close())
	}
	served := make(chan error, 1)
	go func() { served <- receiver.Serve(ctx, ln) }()
	if child {
		go func() {
			_, _ = io.Copy(io.Discard, s.Stdin)
			cancel()
		}()
		<-ctx.Done()
		// Requests that hang on purpose are not waited for: nobody is left who
		// would read their answers.
		select {
		case err = <-served:
		case <-s.soon(ctx):
		}
		return errors.Join(err, receiver.Close(), removeDatabase(cfg.DB))
	}
	select {
	case err = <-served:
	case <-s.Stop:
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
func (s *session) soon(ctx context.Context) <-chan struct{} {
	c := make(chan struct{})
	go func() {
		defer close(c)
		_ = s.Clock.WaitUntil(context.WithoutCancel(ctx), s.Clock.Now().Add(300*time.Millisecond))
	}()
	return c
}

// The routes of the practice receiver; see its package.
const (
	practiceWebhook = "/webhook"
	practiceEffects = "/effects/{event.id}"
	practiceRows    = "/effects/{object.id}"
	practiceDrain   = "/drain"
)

// practiceState is where the fields of what the practice receiver keeps of an
// object come from: it keeps the object as the event has it.
func practiceState() map[string]string {
	paths := map[string]string{}
	for _, field := range []string{
		"name", "title", "description", "excerpt", "price", "compared_price", "is_active", "status", "financial_status",
		"fulfillment_status", "total_price", "customer_note", "first_name", "last_name", "tracking_code", "carrier",
	} {
		paths[field] = "data.object." + field
	}
	return paths
}

// announce prints the URL alone on the first line, for programs, and below it
// the config that observes this receiver, ready for kometia-sim.yaml.
func (s *session) announce(addr net.Addr, child bool) error {
	var b bytes.Buffer
	base := "http://" + addr.String()
	fmt.Fprintln(&b, base+practiceWebhook)
	if !child {
		fmt.Fprintf(&b, "\n# %s\n", configFile)
		fmt.Fprintf(&b, "target: %s\n", base+practiceWebhook)
		fmt.Fprintf(&b, "observe:\n  url: '%s'\n  state_map:\n", base+practiceEffects)
		for _, field := range slices.Sorted(maps.Keys(practiceState())) {
			fmt.Fprintf(&b, "    %s: %s\n", field, practiceState()[field])
		}
		fmt.Fprintf(&b, "drain: [curl, -fsS, -X, POST, '%s']\n", base+practiceDrain)
	}
	_, err := s.Stdout.Write(b.Bytes())
	return err
}
