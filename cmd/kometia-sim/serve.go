package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"syscall"

	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/console"
	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/serving"
	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/settings"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/api"
	"github.com/kometia-sim/kometia-sim/simulator/platform"
	"github.com/kometia-sim/kometia-sim/simulator/platform/control"
	webpage "github.com/kometia-sim/kometia-sim/simulator/platform/page"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
)

func serveCommand() command {
	return command{
		name:  "serve",
		usage: lang.Text{ES: "un Kometia en su computadora: webhooks, API y viaje en el tiempo", EN: "a Kometia on your computer: webhooks, API and time travel"},
		examples: same(`kometia-sim serve
kometia-sim serve --clock 60x --memory
kometia-sim serve --listen 0.0.0.0:8090 --token "$(openssl rand -hex 16)"`),
		about: lang.Text{
			ES: "Agregue un webhook en la página, haga que algo suceda en la tienda y avance el reloj 48 horas. Lo que se le dice queda en .kometia-sim/serve.db. Termina con Ctrl-C.",
			EN: "Add a webhook on the page, have something happen in the shop, and advance the clock by 48 hours. What is done there stays in .kometia-sim/serve.db. End it with Ctrl-C.",
		},
		act: serve,
	}
}

// serve is a Kometia of one's own, until it is told to end.
func serve(ctx context.Context, c *call) (err error) {
	v, err := c.given.Read("", false, false)
	if len(c.args) > 0 {
		err = errors.Join(console.Usage(lang.Errorf("serve no lleva argumentos, sobra %q", "serve takes no arguments, %q is one too many", c.args[0])), err)
	}
	if err != nil {
		return err
	}
	token := c.given.Text("token")
	c.Secrets.Add(token, c.given.Text("api.key"))
	ln, err := serving.Listen(ctx, c.given.Text("listen"), token != "")
	if err != nil {
		var hint error
		if errors.Is(err, syscall.EADDRINUSE) {
			hint = lang.Errorf("otro puerto: --listen 127.0.0.1:0 elige uno libre", "another port: --listen 127.0.0.1:0 picks a free one")
		}
		return console.UsageWithHint(lang.Errorf("--listen: %s", "--listen: %s", err), hint)
	}
	base := "http://" + api.Reachable(ln.Addr())
	ways := serving.NewWays(receiver.Config{
		Wire: v.Delivery.Wire, UserAgent: settings.UserAgent, Header: v.Delivery.Header, Allow: v.Limits.Allow, NoProbe: true, Clock: c.Clock,
	})
	defer ways.Close()
	cfg, shown, err := c.platform(v, ways)
	if err != nil {
		return errors.Join(err, ln.Close())
	}
	p, err := platform.Open(ctx, cfg)
	if err != nil {
		return errors.Join(console.Usage(err), ln.Close())
	}
	site := serving.Site{
		Platform: p, Door: control.Door{Token: token, Lang: c.Lang},
		Control: control.Config{Platform: p, Lang: c.Lang, Version: console.Version, Case: serving.Case},
	}
	site.Page, err = webpage.New(webpage.Config{
		Platform: p, Catalogue: v.Catalogue, Door: site.Door, Lang: c.Lang, Case: site.Control.Case, Version: console.Version,
	})
	if err != nil {
		return errors.Join(err, p.Close(), ln.Close())
	}
	if err := c.greet(p, base, shown, cfg.Secret == ""); err != nil {
		return errors.Join(err, p.Close(), ln.Close())
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	delivering, serves := make(chan error, 1), make(chan error, 1)
	go func() { delivering <- p.Run(ctx) }()
	go func() { serves <- serving.Serve(ctx, ln, site.Handler()) }()
	var errs []error
	select {
	case <-c.Stop:
	case <-ctx.Done():
	case err := <-delivering:
		errs = append(errs, err)
		delivering <- nil
	case err := <-serves:
		errs = append(errs, err)
		serves <- nil
	}
	counts, countErr := p.Counts(context.WithoutCancel(ctx))
	cancel()
	errs = append(errs, <-delivering, <-serves, p.Close())
	if countErr == nil {
		c.part(counts, shown)
	}
	return errors.Join(errs...)
}

// platform turns the settings into how the platform is set up, and how to call
// its file.
func (c *call) platform(v *settings.Values, ways platform.Receivers) (cfg platform.Config, shown string, err error) {
	speed, _ := settings.ParseSpeed(c.given.Text("clock")) // Check has approved of it
	cfg = platform.Config{
		Shop:   shop.Config{Seed: v.Identity.Seed, IDs: v.Identity.IDs, Catalogue: v.Catalogue, LiveOrders: v.Delivery.LiveOrders},
		Named:  c.given.ByFlag("seed") || c.given.ByFlag("ids") && c.given.Text("ids") != "new",
		Policy: v.Delivery.Policy, Speed: speed, Receivers: ways, Wall: c.Clock, Random: c.Random,
		Style: v.Delivery.Style, Envelope: v.Delivery.Envelope, Secret: c.given.Text("api.key"),
	}
	switch db := c.given.Text("db"); {
	case c.given.On("memory") && db != "":
		return cfg, "", console.Usage(lang.Errorf("--memory no guarda nada y --db sí: dé uno", "--memory keeps nothing and --db does: give one of them"))
	case c.given.On("memory"):
		return cfg, "", nil
	case db != "":
		cfg.Path, shown = c.Path(db), db
		return cfg, shown, nil
	}
	cfg.Path, shown, err = c.state().MakeServed()
	if isNotOurs(err) {
		err = console.Usage(err)
	}
	return cfg, shown, err
}

// greet says where everything is, and what to try.
func (c *call) greet(p *platform.Platform, base, shown string, drawn bool) error {
	var b bytes.Buffer
	line := func(name, text string) { fmt.Fprintf(&b, "%-10s%s\n", name, text) }
	row := func(es, en, text string) { line(c.T(es, en), text) }
	row("Página", "Page", base+"/")
	row("API", "API", base+"/api/v1")
	for _, k := range p.Keys() {
		switch {
		case k.Public:
			line("", k.Value+c.T("  (pública)", "  (public)"))
		case drawn:
			row("Llaves", "Keys", k.Value+c.T("  (secreta)", "  (secret)"))
		default:
			row("Llaves", "Keys", c.T("la de api.key  (secreta)", "that of api.key  (secret)"))
		}
	}
	clock := p.Clock()
	how := c.T("detenido; avanza cuando usted diga", "stands still; it advances when you say so")
	if clock.Speed > 0 {
		how = fmt.Sprintf(c.T("%g segundos por segundo", "%g seconds a second"), clock.Speed)
	}
	row("Reloj", "Clock", clock.Now.UTC().Format("2006-01-02 15:04:05 UTC")+"  ("+how+")")
	row("Guarda", "Keeps", c.keeps(shown))
	fmt.Fprintf(&b, "\n%s\n  curl %s/_sim/emit -d '{\"kinds\": [\"order.placed\"]}'\n", c.T("Pruebe", "Try"), base)
	return c.Print(b.String())
}

func (c *call) keeps(shown string) string {
	if shown == "" {
		return c.T("nada: --memory", "nothing: --memory")
	}
	return shown
}

// part says what stays.
func (c *call) part(counts map[string]int, shown string) {
	if shown == "" {
		c.Note("terminó; no queda nada (--memory)", "ended; nothing stays (--memory)")
		return
	}
	c.Note("terminó; en %s quedan %d entregas pendientes, %d recibidas y %d expiradas; siga con kometia-sim serve",
		"ended; %s keeps %d deliveries pending, %d delivered and %d expired; go on with kometia-sim serve",
		shown, counts["pending"], counts["delivered"], counts["expired"])
}
