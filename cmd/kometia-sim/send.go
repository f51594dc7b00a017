package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/console"
	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/sending"
	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/settings"
	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/state"
	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/target"
	"github.com/kometia-sim/kometia-sim/report/ndjson"
	"github.com/kometia-sim/kometia-sim/report/terminal"
	"github.com/kometia-sim/kometia-sim/report/view"
	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/schemas/shellquote"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// maxData bounds --data.
const maxData = 16 << 20

func sendCommand() command {
	return command{
		name: "send", args: lang.Text{ES: "TIPO...", EN: "KIND..."}, offers: settings.Kinds,
		waits: lang.Text{ES: "se espera la respuesta de la petición en camino", EN: "waiting for the response to the request under way"},
		usage: lang.Text{ES: "envía un evento y dice si se recibió y, si no, por qué", EN: "sends an event and says whether it was received and, if not, why"},
		examples: same(`kometia-sim send order.created --to http://localhost:8000/kometia/webhook
kometia-sim send order.placed order.paid fulfillment.created --to URL
kometia-sim send --again --retry
kometia-sim send order.paid --set data.object.total_price=100 --dry-run`),
		about: lang.Text{
			ES: `Varios tipos cuentan una sola historia sobre los mismos objetos.
Sale con 0 si fue recibido, 1 si no, 3 si nunca hubo conexión. Tipos: kometia-sim list events`,
			EN: `Several kinds make one story about the same objects.
Exits with 0 when delivered, 1 when not, 3 when no connection was ever made. Kinds: kometia-sim list events`,
		},
		act: send,
	}
}

// send makes the events, then shows or delivers them.
func send(ctx context.Context, c *call) error {
	if err := checkSend(c); err != nil {
		return console.Usage(err)
	}
	dry, curl := c.given.On("dry-run"), c.given.On("curl")
	v, err := c.given.Read("to", !c.given.On("again") && !dry, false)
	if err != nil {
		return err
	}
	messages, err := messagesOf(c, v)
	if err != nil {
		return err
	}
	switch {
	case (dry || curl) && v.Target.Practice:
		return console.Usage(lang.Errorf("--dry-run y --curl necesitan una URL; practice no está encendido", "--dry-run and --curl need a URL; practice is not running"))
	case dry:
		return showMessages(c, v, messages)
	case curl:
		for _, m := range messages {
			if err := c.PrintExact(wire.Curl(requestOf(v, m), v.Delivery.Wire.Timeout)); err != nil {
				return err
			}
		}
		return nil
	default:
		return deliver(ctx, c, v, messages)
	}
}

// checkSend finds flags that cannot stand together.
func checkSend(c *call) error {
	var errs []error
	exclude := func(one string, others ...string) {
		for _, other := range others {
			if c.given.ByFlag(other) {
				errs = append(errs, lang.Errorf("%s y --%s no van juntos", "%s and --%s do not go together", one, other))
			}
		}
	}
	again, data := c.given.On("again"), c.given.ByFlag("data")
	switch {
	case again:
		exclude("--again", "data", "set", "unset", "count", "seed", "ids", "start", "style", "envelope")
	case data:
		exclude("--data", "set", "unset", "count", "style", "envelope")
	case len(c.args) == 0:
		errs = append(errs, lang.Errorf("falta el tipo de evento, como order.created (kometia-sim list events los muestra)", "no event kind, such as order.created (kometia-sim list events shows them)"))
	}
	if c.given.On("allow-empty") && !data {
		errs = append(errs, lang.Errorf("--allow-empty es para --data", "--allow-empty is for --data"))
	}
	if len(c.args) > 0 && (again || data) {
		errs = append(errs, lang.Errorf("%q: con --again o --data el tipo ya está dado", "%q: with --again or --data the kind is given already", c.args[0]))
	}
	if c.given.On("dry-run") {
		exclude("--dry-run", "curl", "json", "retry")
	} else if c.given.On("curl") {
		exclude("--curl", "json", "retry")
	}
	return errors.Join(errs...)
}

// messagesOf are the messages that the user wants: those of the last send, bytes
// of the user's own, or events that the shop makes.
func messagesOf(c *call, v *settings.Values) ([]sending.Message, error) {
	composer := &sending.Composer{
		Catalogue: v.Catalogue, Style: v.Delivery.Style, Envelope: v.Delivery.Envelope,
		Objects: v.API.Listen != "", Warn: c.Warn,
	}
	switch {
	case c.given.On("again"):
		messages, err := lastMessages(c, v)
		return messages, console.Usage(err)
	case c.given.ByFlag("data"):
		data, err := readData(c)
		if err == nil && len(data) == 0 && !c.given.On("allow-empty") {
			err = lang.Errorf("no hay nada que enviar (¿falló el comando que lo escribe?); si el cuerpo ha de ser vacío, agregue --allow-empty",
				"there is nothing to send (did the command that writes it fail?); if the body is to be empty, add --allow-empty")
		}
		if err != nil {
			return nil, console.Usage(lang.Errorf("--data: %s", "--data: %s", err))
		}
		m, err := composer.Raw(data, v.Identity.Start)
		return []sending.Message{m}, console.Usage(err)
	}
	edits, err := sending.ReadEdits(c.given.List("set"), c.given.List("unset"))
	if err != nil {
		return nil, console.Usage(err)
	}
	if !v.Identity.Fixed {
		// The last event of a story happens now, so that none is dated in the
		// receiver's future.
		v.Identity.Start = v.Identity.Start.Add(-time.Duration(len(c.args)-1) * shop.DefaultGap)
	}
	composer.Shop = shop.Config{Seed: v.Identity.Seed, IDs: v.Identity.IDs, Start: v.Identity.Start, LiveOrders: v.Delivery.LiveOrders}
	count := 1
	if c.given.ByFlag("count") {
		count, _ = strconv.Atoi(c.given.Text("count")) // its check has approved of it
	}
	messages, err := composer.Compose(c.args, count, edits)
	if ours, ok := errors.AsType[*shop.InvalidPayloadError](err); ok {
		return nil, ours
	}
	return messages, console.Usage(err)
}

func readData(c *call) ([]byte, error) {
	if name := c.given.Text("data"); name != "-" {
		return c.ReadFile(c.Path(name), maxData)
	}
	return c.ReadStdin(maxData)
}

// lastMessages takes up the last send: its bytes, its identity and, unless
// another one is named, its target.
func lastMessages(c *call, v *settings.Values) ([]sending.Message, error) {
	last, err := c.state().Recall(c.ReadFile)
	if err != nil {
		return nil, err
	}
	v.Identity = settings.Identity{Seed: last.Seed, IDs: last.IDs, Start: last.Start}
	if v.Target.Word == "" || !c.given.ByFlag("to") && last.Target != "" {
		if last.Target == "" {
			return nil, lang.Errorf("--again: el destino anterior llevaba un secreto y no se guardó; dé --to URL", "--again: the last target held a secret and was not kept; give --to URL")
		}
		if v.Target, err = target.Parse(last.Target); err != nil {
			return nil, err
		}
	}
	given := map[string]bool{}
	for _, f := range v.Delivery.Header {
		given[f.Name] = true
	}
	for _, name := range last.Headers {
		if !given[name] {
			c.Warn("el encabezado %s del envío anterior no se guardó; dé -H otra vez si hace falta", "the header %s of the last send was not kept; give -H again if it is needed", name)
		}
	}
	return sending.Recalled(last), nil
}

// requestOf is a message as it would be sent.
func requestOf(v *settings.Values, m sending.Message) *wire.Request {
	return &wire.Request{Target: v.Target.Wire, Header: v.Delivery.Headers(), Body: m.Body}
}

// showMessages prints what would be sent: the heads for the eye on stderr, the
// bodies for a pipe on stdout, several of them one a line.
func showMessages(c *call, v *settings.Values, messages []sending.Message) error {
	if v.Target.Wire == nil {
		v.Target.Wire, _ = wire.ParseTarget("http://localhost/")
	}
	for _, m := range messages {
		req := requestOf(v, m)
		if err := req.Check(); err != nil {
			return console.Usage(err)
		}
		if _, err := c.Stderr.Write(wire.AppendHead(nil, req)); err != nil {
			return err
		}
		body := m.Body
		if len(messages) > 1 || c.OutWidth > 0 {
			body = append(body, '\n')
		}
		if _, err := c.Exact.Write(body); err != nil {
			return err
		}
	}
	return nil
}

// deliver delivers the messages and says what became of them.
func deliver(ctx context.Context, c *call, v *settings.Values, messages []sending.Message) error {
	o, err := c.open(ctx, v)
	if err != nil {
		return err
	}
	defer o.close()
	d := &sending.Deliverer{Start: v.Identity.Start, Policy: retryclock.Once()}
	if c.given.On("retry") {
		d.Policy = v.Delivery.Policy
	}
	if d.Receiver, err = o.at(ctx, v.Target, nil); err != nil {
		return err
	}
	if err := d.Refuses(messages); err != nil {
		return console.Usage(err)
	}
	// Before anything goes out: whoever kills us finds what may have arrived.
	lost := keepSend(c, v, messages)
	if isNotOurs(lost) {
		return lost
	}
	if o.api != nil {
		sending.Store(o.api, messages)
	}
	d.Unkept = lost != nil
	d.Printer = printerOf(c, v, messages[0].Event != nil)
	code, err := d.Deliver(ctx, messages)
	c.noteKeys(o)
	switch {
	case err != nil:
		return err
	case lost != nil:
		return lost
	}
	return console.Exit(code)
}

// keepSend keeps what is about to be sent, for --again, and what it makes, for
// ids. That it cannot be kept is no reason not to send it.
func keepSend(c *call, v *settings.Values, messages []sending.Message) error {
	last := state.Last{
		Seed: v.Identity.Seed, IDs: v.Identity.IDs, Start: v.Identity.Start,
		Headers: c.given.HeaderNames(), Events: sending.Kept(messages),
	}
	if v.Target.Kept() {
		last.Target = v.Target.Word
	}
	err := c.unkept(c.state().Remember(last), lang.Text{ES: "no se pudo guardar para --again", EN: "could not be kept for --again"})
	if messages[0].Event == nil {
		return err // nothing that the shop made
	}
	r := c.record(v)
	for _, m := range messages {
		r.Event(m.Event)
	}
	return errors.Join(err, c.closeRecord(r))
}

// printerOf prints for a person, or for a program with --json. The events were made
// with the run's seed, or are the user's.
func printerOf(c *call, v *settings.Values, made bool) sending.Printer {
	run := view.SendRun{Seed: v.Identity.Seed, IDs: v.Identity.IDs, Start: v.Identity.Start, Target: v.Target.Word, Made: made}
	if c.given.ByFlag("to") && !v.Target.Kept() {
		run.Again = "--to " + shellquote.Quote(v.Target.Word)
	}
	if p := v.Delivery.Policy; p != retryclock.DefaultPolicy() {
		run.Interval, run.Window = p.Interval, p.Window
	}
	if c.given.On("json") {
		return program{ndjson.NewSend(c.Stdout, run, c.ReportOptions())}
	}
	return person{terminal.NewSend(c.Text(c.Stdout), run, c.ReportOptions()), c.Draw}
}

// person is told of a delivery when it is over; until then a line says what is under way.
type person struct {
	*terminal.Send
	draw func(line string)
}

// Sending implements sending.Printer.
func (p person) Sending(e view.SendEvent, n int, _ time.Time) error {
	line := "→ " + e.Kind
	if n > 1 {
		line += fmt.Sprintf(" (%d)", n)
	}
	p.draw(line)
	return nil
}

// Delivery implements sending.Printer.
func (p person) Delivery(d *view.Send) error {
	p.draw("")
	return p.Send.Delivery(d)
}

// Attempt implements sending.Printer.
func (person) Attempt(view.SendEvent, *view.SendAttempt) error { return nil }

// program is told of every attempt as it ends.
type program struct{ *ndjson.Send }

// Delivery implements sending.Printer.
func (p program) Delivery(d *view.Send) error { return p.Result(d) }
