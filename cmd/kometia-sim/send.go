package main

import (
	"context"
	"errors"
	"io"
	"strconv"
	"sync"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/terminal"
	"github.com/kometia-sim/kometia-sim/report"
	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/schemas/shellquote"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// maxData bounds --data.
const maxData = 16 << 20

func (s *session) sendCommand() *cli.Command {
	return s.command(&cli.Command{
		Name: "send", ArgsUsage: s.T("TIPO...", "KIND..."),
		Usage: s.T("envía un evento y dice si fue recibido y, si no, por qué", "sends one event and says whether it was received and, if not, why"),
		UsageText: `kometia-sim send order.created --to http://localhost:8000/kometia/webhook
kometia-sim send order.placed order.paid fulfillment.created --to URL
kometia-sim send --again --retry
kometia-sim send order.paid --set data.object.total_price=100 --dry-run`,
		Description: s.T(
			`Varios tipos cuentan una sola historia sobre los mismos objetos.
Sale con 0 si fue recibido, 1 si no, 3 si nunca hubo conexión. Tipos: kometia-sim list events`,
			`Several kinds tell one story about the same objects.
Exits with 0 when delivered, 1 when not, 3 when no connection was ever made. Kinds: kometia-sim list events`),
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "to", Usage: s.T("`URL` del receptor, o practice", "`URL` of the receiver, or practice")},
			&cli.StringFlag{Name: "count", Usage: s.T("envía `N` eventos distintos de cada tipo", "send `N` different events of each kind")},
			&cli.BoolFlag{Name: "again", Usage: s.T("repite el último envío, byte por byte", "repeat the last send, byte for byte")},
			&cli.BoolFlag{Name: "retry", Usage: s.T("juega los reintentos de 48 h, en reloj virtual", "play the retries of 48 h, on a virtual clock")},
			&cli.StringSliceFlag{Name: "set", Usage: s.T("cambia un valor: `RUTA=VALOR`, p. ej. data.object.total_price=100", "change a value: `PATH=VALUE`, e.g. data.object.total_price=100")},
			&cli.StringSliceFlag{Name: "unset", Usage: s.T("quita el miembro en `RUTA`", "remove the member at `PATH`")},
			&cli.StringFlag{Name: "data", Usage: s.T("envía los bytes de `ARCHIVO` tal cual (- es la entrada estándar)", "send the bytes of `FILE` as they are (- is standard input)")},
			&cli.BoolFlag{Name: "dry-run", Usage: s.T("no envía: encabezados a stderr, cuerpo a stdout", "send nothing: head to stderr, body to stdout")},
			&cli.BoolFlag{Name: "curl", Usage: s.T("no envía: escribe el mismo envío como comando curl", "send nothing: print the same as a curl command")},
			&cli.BoolFlag{Name: "json", Usage: s.T("una línea de JSON por intento", "one line of JSON per attempt")},
		}, s.sharedFlags()...),
	}, s.send)
}

// send makes the events, then shows or delivers them.
func (s *session) send(ctx context.Context) error {
	kinds := s.flags.Args().Slice()
	count, err := s.checkSend(kinds)
	if err != nil {
		return terminal.Usage(err)
	}
	again := s.flags.Bool("again")
	show := s.flags.Bool("dry-run") || s.flags.Bool("curl")
	set, err := s.settings("to", !again && !s.flags.Bool("dry-run"))
	if err != nil {
		return err
	}
	var letters []letter
	switch {
	case again:
		letters, err = s.sendAgain(set)
	case s.flags.IsSet("data"):
		letters, err = s.sendData(set)
	default:
		letters, err = s.letters(set, kinds, count)
	}
	if err != nil {
		return err
	}
	if show && set.target.practice {
		return terminal.Usage(lang.Errorf("--dry-run y --curl necesitan una URL; practice no está encendido", "--dry-run and --curl need a URL; practice is not running"))
	}
	if s.flags.Bool("dry-run") {
		return s.show(set, letters)
	}
	if s.flags.Bool("curl") {
		for _, l := range letters {
			if _, err := io.WriteString(s.Stdout, curl(set.request(l), set.wire.Timeout)); err != nil {
				return err
			}
		}
		return nil
	}
	return s.sendNow(ctx, set, letters)
}

// checkSend finds flags that cannot stand together.
func (s *session) checkSend(kinds []string) (count int, err error) {
	var errs []error
	count = 1
	if s.flags.IsSet("count") {
		count, err = strconv.Atoi(s.flags.String("count"))
		if err != nil || count < 1 || count > maxCount {
			errs = append(errs, lang.Errorf("--count %q: escriba un número de 1 a %d", "--count %q: write a number from 1 to %d", s.flags.String("count"), maxCount))
		}
	}
	exclude := func(one string, others ...string) {
		for _, other := range others {
			if s.flags.IsSet(other) {
				errs = append(errs, lang.Errorf("%s y --%s no van juntos", "%s and --%s do not go together", one, other))
			}
		}
	}
	switch {
	case s.flags.Bool("again"):
		exclude("--again", "data", "set", "unset", "count", "seed", "ids", "start", "style", "envelope")
	case s.flags.IsSet("data"):
		exclude("--data", "set", "unset", "count", "style", "envelope")
	case len(kinds) == 0:
		errs = append(errs, lang.Errorf("falta el tipo de evento, como order.created (kometia-sim list events los muestra)", "no event kind, such as order.created (kometia-sim list events shows them)"))
	}
	if len(kinds) > 0 && (s.flags.Bool("again") || s.flags.IsSet("data")) {
		errs = append(errs, lang.Errorf("%q: con --again o --data el tipo ya está dado", "%q: with --again or --data the kind is given already", kinds[0]))
	}
	if s.flags.Bool("dry-run") {
		exclude("--dry-run", "curl", "json", "retry")
	} else if s.flags.Bool("curl") {
		exclude("--curl", "json", "retry")
	}
	return count, errors.Join(errs...)
}

// sendAgain takes up the last send: its bytes, its identity and, unless another
// one is named, its target.
func (s *session) sendAgain(set *settings) ([]letter, error) {
	l, err := s.state().Recall(s.ReadFile)
	if err != nil {
		return nil, terminal.Usage(err)
	}
	set.seed, set.ids, set.start = l.Seed, l.IDs, l.Start
	if set.target.word == "" || !s.flags.IsSet("to") && l.Target != "" {
		if l.Target == "" {
			return nil, terminal.Usage(lang.Errorf("--again: el destino anterior llevaba un secreto y no se guardó; dé --to URL", "--again: the last target held a secret and was not kept; give --to URL"))
		}
		if set.target, err = parseTarget(l.Target); err != nil {
			return nil, terminal.Usage(err)
		}
	}
	given := map[string]bool{}
	for _, f := range set.extra {
		given[f.Name] = true
	}
	for _, name := range l.Headers {
		if !given[name] {
			s.Warn("el encabezado %s del envío anterior no se guardó; dé -H otra vez si hace falta", "the header %s of the last send was not kept; give -H again if it is needed", name)
		}
	}
	return lettersOf(l), nil
}

// sendData reads --data.
func (s *session) sendData(set *settings) ([]letter, error) {
	name := s.flags.String("data")
	var data []byte
	var err error
	if name == "-" {
		data, err = s.ReadStdin(maxData)
	} else {
		data, err = s.ReadFile(s.Path(name), maxData)
	}
	if err != nil {
		return nil, terminal.Usage(lang.Errorf("--data: %s", "--data: %s", err))
	}
	l, err := s.raw(set, data)
	return []letter{l}, err
}

func (set *settings) request(l letter) *wire.Request {
	return &wire.Request{Target: set.target.wire, Header: set.header(), Body: l.body}
}

// show prints what would be sent: the heads for the eye on stderr, the bodies
// for a pipe on stdout, several of them one a line.
func (s *session) show(set *settings, letters []letter) error {
	if set.target.wire == nil {
		set.target.wire, _ = wire.ParseTarget("http://localhost/")
	}
	for _, l := range letters {
		req := set.request(l)
		if err := req.Check(); err != nil {
			return terminal.Usage(err)
		}
		if _, err := s.Stderr.Write(wire.AppendHead(nil, req)); err != nil {
			return err
		}
		body := l.body
		if len(letters) > 1 || s.OutWidth > 0 {
			body = append(body, '\n')
		}
		if _, err := s.Stdout.Write(body); err != nil {
			return err
		}
	}
	return nil
}

// sendNow delivers the letters.
func (s *session) sendNow(ctx context.Context, set *settings, letters []letter) error {
	policy := retryclock.Once()
	if s.flags.Bool("retry") {
		policy = set.config.policy()
	}
	// Beside the sending, because files take longer than a local receiver.
	var keeping sync.WaitGroup
	defer keeping.Wait()
	kept := *set
	keeping.Go(func() {
		s.remember(&kept, letters)
		s.recordSend(&kept, letters)
	})
	closeAPI, err := s.serveAPI(ctx, set, letters)
	if err != nil {
		return err
	}
	defer closeAPI()
	end, err := s.open(ctx, set)
	if err != nil {
		return err
	}
	defer end()
	if !s.flags.Bool("json") && letters[0].event != nil {
		s.Note("semilla %d  ids %s  inicio %s (con ellos, los mismos bytes)", "seed %d  ids %s  start %s (with them, the same bytes)",
			set.seed, set.ids, set.start.UTC().Format(time.RFC3339))
	}
	run := report.SendRun{Seed: set.seed, IDs: set.ids, Start: set.start, Target: set.target.word}
	if s.flags.IsSet("to") && !set.target.kept() {
		run.Again = "--to " + shellquote.Quote(set.target.word)
	}
	if p := set.config.policy(); p != retryclock.DefaultPolicy() {
		run.Interval, run.Window = p.Interval, p.Window
	}
	var to outlet
	if s.flags.Bool("json") {
		to = program{report.NewSendJSON(s.Stdout, run, s.ReportOptions())}
	} else {
		to = person{report.NewSendTerminal(s.Stdout, run, s.ReportOptions())}
	}
	return s.deliver(ctx, set, letters, policy, to)
}
