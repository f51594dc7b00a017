package main

import (
	"crypto/x509"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/terminal"
	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// settings is what send and run have in common, once flags, environment and
// config have been weighed against each other, in that order.
type settings struct {
	config    *config
	catalogue *schemas.Catalogue
	target    target
	several   []subscribed // run without a target: each of the subscriptions
	kinds     []string     // declared for the target; nil means not declared
	wire      wire.Config
	// confirmed says that the user has named the timeout or confirmed ours.
	confirmed bool
	extra     []wire.Field // the user's own header fields
	seed      uint64
	ids       string
	start     time.Time
	startSet  bool // by --start
	style     jsontree.Style
	envelope  delivery.Envelope
	api       apiSettings
}

// sharedFlags are the flags of settings.
func (s *session) sharedFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "seed", Usage: s.T("`N` fija la forma de los datos (si no, al azar)", "`N` fixes the shape of the data (default: drawn)")},
		&cli.StringFlag{Name: "ids", Usage: s.T("`XXXX` fija ids, números y correos; new los sortea aun con --seed", "`XXXX` fixes ids, numbers and emails; new draws them even with --seed")},
		&cli.StringFlag{Name: "start", Usage: s.T("`FECHA` del instante cero, como 2026-01-31T10:00:00Z (si no, ahora)", "`TIME` zero, such as 2026-01-31T10:00:00Z (default: now)")},
		&cli.StringFlag{Name: "timeout", Usage: s.T("`TIEMPO` para cada entrega (si no, 10s)", "`TIME` for each delivery (default 10s)")},
		&cli.StringSliceFlag{Name: "header", Aliases: []string{"H"}, Usage: s.T("agrega el encabezado `'NOMBRE: VALOR'`; se puede repetir", "add the header `'NAME: VALUE'`; may be repeated")},
		&cli.StringFlag{Name: "style", Usage: s.T("escribe el JSON como `php|plain|pretty` (si no, php)", "write the JSON as `php|plain|pretty` (default php)")},
		&cli.StringFlag{Name: "envelope", Usage: s.T("pone el evento a secas o en {\"data\": ...}: `bare|data` (si no, bare)", "write the event bare or in {\"data\": ...}: `bare|data` (default bare)")},
		&cli.StringFlag{Name: "schemas", Usage: s.T("agrega los tipos de evento de la `CARPETA`", "add the event kinds of the folder `DIR`")},
		&cli.StringFlag{Name: "ca", Usage: s.T("confía en los certificados del `ARCHIVO` PEM", "trust the certificates of the PEM `FILE`")},
		&cli.StringSliceFlag{Name: "allow", Usage: s.T("abre `CLASES` cerradas para otras máquinas: ", "open `CLASSES` that are closed for other machines: ") + strings.Join(classes(), ", ")},
		&cli.BoolFlag{Name: "no-probe", Usage: s.T("sin peticiones adicionales para el diagnóstico", "no further requests for the diagnosis")},
		&cli.StringFlag{Name: "api", Usage: s.T("responde como la API de Kometia en `DIRECCIÓN`, p. ej. 127.0.0.1:8091", "answer as Kometia's API on `ADDRESS`, e.g. 127.0.0.1:8091")},
	}
}

// settings reads everything and joins all that is wrong. The target comes from
// the flag of that name; without need none has to be given.
func (s *session) settings(targetFlag string, need bool) (*settings, error) {
	cfg, err := s.loadConfig()
	if err != nil {
		return nil, err
	}
	set := &settings{config: cfg}
	err = errors.Join(
		s.readTarget(set, targetFlag, need),
		s.readWire(set),
		s.readHeaders(set),
		s.readIdentity(set),
		s.readStyle(set),
		s.readEnvelope(set),
		s.readCatalogue(set),
		s.readAPI(set),
	)
	return set, terminal.Usage(err)
}

// given is a setting: flag, else environment, else config.
func (s *session) given(flag, env, config string) string {
	if s.flags.IsSet(flag) {
		return s.flags.String(flag)
	}
	if env != "" {
		if value := s.Getenv(env); value != "" {
			return value
		}
	}
	return config
}

func (s *session) readWire(set *settings) error {
	set.wire = wire.DefaultConfig()
	var errs []error
	switch value := s.given("timeout", "KOMETIA_SIM_TIMEOUT", ""); {
	case value != "":
		d, err := parseDuration(value)
		if err != nil {
			errs = append(errs, lang.Errorf("--timeout %q: escriba una duración con unidad, como 10s", "--timeout %q: write a duration with its unit, such as 10s", value))
			break
		}
		set.timeout(d)
	case set.config.Timeout != 0:
		set.timeout(set.config.Timeout)
	case set.config.Assume["timeout"] == "confirmed":
		set.confirmed = true
	}
	if name := s.given("ca", "KOMETIA_SIM_CA", ""); name != "" {
		pem, err := s.ReadFile(s.Path(name), maxConfig)
		if err != nil {
			return errors.Join(append(errs, lang.Errorf("--ca: %s", "--ca: %s", err))...)
		}
		set.wire.RootCAs = x509.NewCertPool()
		if !set.wire.RootCAs.AppendCertsFromPEM(pem) {
			errs = append(errs, lang.Errorf("--ca: %s no tiene ningún certificado PEM", "--ca: %s holds no PEM certificate", name))
		}
	}
	return errors.Join(errs...)
}

func (set *settings) timeout(d time.Duration) {
	set.wire.Timeout = d
	set.wire.FirstByteTimeout = 0
	set.confirmed = true
}

// header is that of every event: the user's fields over those of Kometia.
func (set *settings) header() []wire.Field {
	return delivery.Header(userAgent, set.extra)
}

// readHeaders collects the user's fields: those of -H over those of the config.
func (s *session) readHeaders(set *settings) error {
	var errs []error
	var fields []wire.Field
	for _, value := range s.flags.StringSlice("header") {
		field, err := wire.ParseField(value)
		if err != nil {
			errs = append(errs, lang.Errorf("-H: %s", "-H: %s", err))
		}
		fields = append(fields, field)
	}
	set.extra = wire.Override(set.config.Headers, fields)
	return errors.Join(errs...)
}

// readIdentity settles seed, ids and start, which together fix every byte.
func (s *session) readIdentity(set *settings) error {
	var errs []error
	seed, ids, start := s.flags.String("seed"), s.flags.String("ids"), s.flags.String("start")
	if s.flags.IsSet("seed") {
		n, err := strconv.ParseUint(seed, 10, 64)
		if err != nil {
			errs = append(errs, lang.Errorf("--seed %q: escriba un número entero desde 0", "--seed %q: write a whole number from 0", seed))
		}
		set.seed, set.ids = n, shop.IDsFromSeed(n)
	} else {
		set.seed, set.ids = shop.DrawSeed(s.Random), shop.DrawIDs(s.Random)
	}
	switch {
	case ids == "new":
		set.ids = shop.DrawIDs(s.Random)
	case s.flags.IsSet("ids"):
		parsed, err := shop.ParseIDs(ids)
		if err != nil {
			errs = append(errs, lang.Errorf("--ids %q: escriba 4 caracteres de a-z y 0-9, o new", "--ids %q: write 4 characters of a-z and 0-9, or new", ids))
		}
		set.ids = parsed
	}
	set.start = s.Clock.Now().UTC().Truncate(time.Second)
	if s.flags.IsSet("start") {
		at, err := parseStart(start)
		if err != nil {
			errs = append(errs, lang.Errorf("--start %q: escriba una fecha como 2026-01-31 o 2026-01-31T10:00:00Z", "--start %q: write a time such as 2026-01-31 or 2026-01-31T10:00:00Z", start))
		}
		set.start, set.startSet = at, true
	}
	return errors.Join(errs...)
}

func parseStart(value string) (time.Time, error) {
	at, err := time.Parse(time.RFC3339, value)
	if err != nil {
		at, err = time.Parse(time.DateOnly, value)
	}
	return at.UTC().Truncate(time.Second), err
}

func (s *session) readStyle(set *settings) error {
	set.style = jsontree.PHP
	if !s.flags.IsSet("style") {
		return nil
	}
	set.style = jsontree.Style(s.flags.String("style"))
	if slices.Contains(jsontree.Styles(), set.style) {
		return nil
	}
	var names []string
	for _, style := range jsontree.Styles() {
		names = append(names, string(style))
	}
	return lang.Errorf("--style %q: use %s", "--style %q: use %s", string(set.style), strings.Join(names, ", "))
}

func (s *session) readEnvelope(set *settings) error {
	set.envelope = delivery.Bare
	if !s.flags.IsSet("envelope") {
		return nil
	}
	name := s.flags.String("envelope")
	set.envelope = delivery.Envelope(name)
	if slices.Contains(delivery.Envelopes(), name) {
		return nil
	}
	return lang.Errorf("--envelope %q: use %s", "--envelope %q: use %s", name, strings.Join(delivery.Envelopes(), ", "))
}

func (s *session) readCatalogue(set *settings) error {
	var err error
	set.catalogue, err = s.catalogueOf(set.config)
	return err
}

// catalogueOf is the catalogue of event kinds, with the user's own.
func (s *session) catalogueOf(cfg *config) (*schemas.Catalogue, error) {
	dir := s.given("schemas", "KOMETIA_SIM_SCHEMAS", cfg.Schemas)
	if dir == "" {
		return schemas.Builtin(), nil
	}
	return schemas.Load(s.AsGiven(dir))
}
