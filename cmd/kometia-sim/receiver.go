package main

import (
	"context"

	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/console"
	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/settings"
	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/target"
	"github.com/kometia-sim/kometia-sim/scenarios/consent"
	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/api"
	"github.com/kometia-sim/kometia-sim/simulator/practice"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// opened is what has to be open before a receiver can be tested: its process if
// it is ours to run, what observes it, and the API that it reads.
type opened struct {
	api *api.Simulated // nil without one
	// receiver is the receiver under test but for its target.
	receiver  receiver.Config
	observing observe.Config
	sinks     *observe.Sinks // of a practice receiver that calls them; nil for all others
	user      *console.Terminal
	judges    bool // the command judges what the receiver does, and starts one that is not up
	closers   []func()
}

// close ends what open and at began, the last first.
func (o *opened) close() {
	for i := len(o.closers) - 1; i >= 0; i-- {
		o.closers[i]()
	}
}

// open makes the receiver of the settings ready: the API first, because the
// receiver may read it, then its process. This is the one place where settings
// become the receiver under test.
func (c *call) open(ctx context.Context, v *settings.Values) (o *opened, err error) {
	o = &opened{user: c.Terminal, observing: v.Effects.Observe, receiver: receiver.Config{
		Wire: v.Delivery.Wire, UserAgent: settings.UserAgent, Header: v.Delivery.Header,
		Pace: v.Limits.Pace, Allow: v.Limits.Allow, NoProbe: v.Limits.NoProbe,
		Clock: c.Clock, Stop: c.Stop, Drain: v.Effects.Drain, Hooks: v.Effects.Hooks, Intended: v.Effects.Intended,
	}}
	o.receiver.Hooks.Owned = &receiver.Owned{}
	if to := v.Target.Wire; to != nil && to.Fragment() != "" {
		c.Warn("de %s no se manda lo que sigue a #: ningún cliente de HTTP lo manda; si es parte de la ruta, escriba %%23", "of %s what follows # is not sent: no HTTP client sends it; if it belongs to the path, write %%23", to)
	}
	if v.Delivery.Wire.Insecure {
		c.Warn("--insecure: no se verifica ningún certificado, así que nadie sabe quién responde; Kometia no entregaría nada a uno que no sea de confianza",
			"--insecure: no certificate is verified, so that nobody knows who responds; Kometia would deliver nothing to one that is not trusted")
	}
	defer func() {
		if err != nil {
			o.close()
		}
	}()
	at, err := c.openAPI(ctx, v, o)
	if err == nil && v.Target.Practice {
		err = c.openPractice(ctx, v, o, at)
	}
	return o, err
}

// openObserved is open for a command that judges what the receiver does.
func (c *call) openObserved(ctx context.Context, v *settings.Values) (*opened, error) {
	o, err := c.open(ctx, v)
	if err != nil {
		return o, err
	}
	if o.judges = true; o.observing.Zero() {
		return o, nil
	}
	from := o.observing
	if o.receiver.Observer, err = observe.New(ctx, from); err != nil {
		o.close()
		return nil, console.Usage(err)
	}
	o.closers = append(o.closers, func() { _ = observe.Close(o.receiver.Observer) })
	for _, doubt := range from.Doubts() {
		c.Warn("%s", "%s", doubt)
	}
	if o.sinks != nil {
		o.receiver.Observer = observe.Beside(o.receiver.Observer, from.Way(), o.sinks)
	}
	o.receiver.Observing, o.receiver.Covers, o.receiver.StateMap = from.Way(), from.Covers, from.StateMap
	return o, nil
}

// at is the receiver at a target; safe says whether it is someone else's, nil
// that the address decides that it has.
func (o *opened) at(ctx context.Context, t target.Target, safe *bool) (*receiver.Receiver, error) {
	cfg := o.receiver
	looking, cancel := context.WithTimeout(ctx, wire.DefaultConfig().ConnectTimeout)
	defer cancel()
	cfg.Target, cfg.Name, cfg.Here = t.Wire, t.Word, cfg.Wire.Dialer.Here(looking, t.Wire)
	cfg.Safe = !cfg.Here
	if safe != nil {
		cfg.Safe = *safe
	}
	rec, err := receiver.New(cfg)
	if err != nil {
		return nil, console.Usage(err)
	}
	o.closers = append(o.closers, rec.Close)
	if o.judges && rec.Allows(consent.Restart) {
		err = o.begin(ctx, rec.Process())
	}
	return rec, err
}

// begin starts a receiver that is not up, and has it ended with the command.
func (o *opened) begin(ctx context.Context, p *receiver.Process) error {
	o.closers = append(o.closers, func() {
		if err := p.End(context.WithoutCancel(ctx)); err != nil {
			o.user.Warn("el receptor que se arrancó no terminó: %s", "the receiver that was started did not end: %s", err)
		}
	})
	begun, err := p.Begin(ctx)
	switch {
	case err != nil && ctx.Err() == nil:
		return console.Unreachable(lang.Errorf("el receptor no estaba en marcha y no arrancó: %s", "the receiver was not up and did not start: %s", err))
	case begun:
		o.user.Note("el receptor no estaba en marcha; se arrancó con start:", "the receiver was not up; start: has started it")
	}
	return err
}

// noteKeys tells of a receiver that asks the simulated API with another key, for
// commands whose reports do not.
func (c *call) noteKeys(o *opened) {
	if o.api == nil {
		return
	}
	for _, text := range o.api.Keys().Refused() {
		c.Note("%s", "%s", text)
	}
}

// openPractice starts the practice receiver, which brings hooks of its own.
func (c *call) openPractice(ctx context.Context, v *settings.Values, o *opened, at practice.API) error {
	schemas, _ := c.given.File("schemas")
	erp := ""
	if v.Target.Traits().CallsERP {
		made, err := observe.New(ctx, observe.Config{Sinks: []observe.SinkConfig{{Name: "erp", Address: "127.0.0.1:0"}}})
		if err != nil {
			return err
		}
		o.sinks = observe.SinksOf(made)
		o.closers = append(o.closers, func() { _ = o.sinks.Close() })
		erp = o.sinks.All()[0].URL()
	}
	p, err := target.Start(ctx, target.ProcessConfig{
		Executable: c.Executable, Lang: c.Lang, Flaw: v.Target.Traits(), API: at, ERP: erp, Schemas: schemas,
	})
	if err != nil {
		return err
	}
	o.closers = append(o.closers, p.Close)
	o.observing, o.receiver.Drain, o.receiver.Hooks = p.Observe(), p.Drain(), p.Hooks()
	v.Target.Wire, err = wire.ParseTarget(p.URL())
	return err
}

// openAPI starts the simulated API where the settings want one, and one of its
// own for a practice receiver that reads it.
func (c *call) openAPI(ctx context.Context, v *settings.Values, o *opened) (at practice.API, err error) {
	a := v.API
	traits := v.Target.Traits()
	own := a.Listen == "" && (traits.UsesAPI || traits.ClaimsAPI)
	if traits.ClaimsAPI {
		v.Auth = language.AuthAPI
	}
	if own {
		a.Listen = "127.0.0.1:0"
		if a.Key, err = api.NewKey(c.Random); err != nil {
			return at, err
		}
	}
	if a.Listen == "" {
		return at, nil
	}
	other, err := api.NewKey(c.Random)
	if err != nil {
		return at, err
	}
	o.api = api.NewSimulated(api.SimulatedConfig{Key: a.Key, OtherKey: other, Max: settings.MaxCount, Catalogue: v.Catalogue})
	// The receiver may ask until the very end of an interrupted run.
	server, err := api.Serve(context.WithoutCancel(ctx), a.Listen, o.api)
	if err != nil {
		return at, console.Usage(lang.Errorf("--api: %s", "--api: %s", err))
	}
	o.closers = append(o.closers, func() { _ = server.Close() })
	if !own {
		key := c.T("la suya", "yours")
		if a.Drawn {
			key = a.Key
		}
		c.Note("API simulada en %s/api/v1, llave %s", "simulated API at %s/api/v1, key %s", server.URL, key)
	}
	return practice.API{URL: server.URL, Key: a.Key}, nil
}
