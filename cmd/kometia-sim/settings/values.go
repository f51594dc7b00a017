package settings

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/console"
	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/target"
	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/schemas/secret"
	"github.com/kometia-sim/kometia-sim/simulator/api"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// Values are the settings of a command that sends, each of its type.
type Values struct {
	Catalogue *schemas.Catalogue
	// Target is where events go, and Kinds what it subscribes to; nil means not
	// declared. Several are the subscriptions of the file, each to be tried in
	// turn, when no target was named.
	Target   target.Target
	Kinds    []string
	Several  []Subscribed
	Identity Identity
	Delivery Delivery
	Limits   Limits
	API      API
	Auth     string // how the receiver knows events for Kometia's; empty when nobody says
	Effects  Effects
}

// Subscribed is a subscription as a target.
type Subscribed struct {
	Target target.Target
	Kinds  []string
}

// Identity is seed, ids and start, which together fix every byte.
type Identity struct {
	Seed  uint64
	IDs   string
	Start time.Time
	Fixed bool // the user named the start
}

// Delivery is how an event is written and sent.
type Delivery struct {
	Wire wire.Config
	// Confirmed names the assumptions that the user has confirmed; a timeout that
	// is named is one.
	Confirmed []string
	Header    []wire.Field // the user's own fields
	Policy    retryclock.Policy
	Style     jsontree.Style
	Envelope  delivery.Envelope
	// LiveOrders says that orders are not told to be tests.
	LiveOrders bool
}

// Limits are what the receiver bears and its owner allows.
type Limits struct {
	Allow   []string // classes
	Pace    receiver.Pace
	Safe    *bool // nil leaves it to where the receiver is
	NoProbe bool
}

// API is where the simulated API answers; Listen "" means nowhere.
type API struct {
	Listen, Key string
	Drawn       bool // the key is ours, so it may be shown
}

// Effects is how the file says that the receiver's effects are seen and the
// receiver itself is ended and started. What is not given stays zero.
type Effects struct {
	Observe  observe.Config
	Intended []receiver.Intention
	Drain    observe.Action
	Hooks    receiver.Hooks
}

// UserAgent is sent with every event.
const UserAgent = "Kometia-Sim/" + console.Version

// Headers are those of every event: the user's fields over those of Kometia.
func (d *Delivery) Headers() []wire.Field {
	return wire.Override([]wire.Field{
		{Name: "Content-Type", Value: "application/json"},
		{Name: "User-Agent", Value: UserAgent},
	}, d.Header)
}

// Read reads the settings of a command that sends, and joins all that is wrong
// with them. The target is that of the flag named so; needed says that there has
// to be one, several that several subscriptions may take its place.
func (g *Given) Read(flag string, needed, several bool) (*Values, error) {
	if err := g.Load(); err != nil {
		return nil, err
	}
	v := &Values{Limits: limitsOf(g), Effects: effectsOf(g), Auth: g.Text("auth")}
	errs := []error{g.Check(), readTarget(g, v, flag, needed, several)}
	if errs[0] == nil {
		v.Identity = identityOf(g)
	}
	var err error
	v.Delivery, err = deliveryOf(g)
	errs = append(errs, err)
	v.Catalogue, err = g.Catalogue()
	errs = append(errs, err)
	for i := range v.Effects.Intended {
		if err == nil {
			errs = append(errs, intendedError(i, v.Effects.Intended[i].Check(v.Catalogue)))
		}
	}
	v.API, err = apiOf(g)
	g.user.Secrets.Add(g.secrets(v)...)
	return v, console.Usage(errors.Join(append(errs, err)...))
}

// intendedError says which intention of the file is wrong; nil when none is.
func intendedError(i int, err error) error {
	if err == nil {
		return nil
	}
	return lang.Errorf("intended[%d]: %s", "intended[%d]: %s", i, err)
}

// secrets are all that the settings hold of them.
func (g *Given) secrets(v *Values) (values []string) {
	addresses := []string{g.Text("observe.url"), g.Text("ready")}
	for _, t := range append([]Subscribed{{Target: v.Target}}, v.Several...) {
		if t.Target.Wire != nil {
			addresses = append(addresses, t.Target.Wire.URL())
		}
	}
	for _, sub := range g.file.Subscriptions {
		addresses = append(addresses, sub.URL)
	}
	for _, address := range addresses {
		values = append(values, secret.OfURL(address)...)
	}
	for _, f := range v.Delivery.Header {
		values = append(values, secret.OfField(f.Name, f.Value)...)
	}
	if !v.API.Drawn {
		values = append(values, v.API.Key)
	}
	return values
}

// readTarget finds the target: the flag, else KOMETIA_SIM_TARGET, else the file,
// where several subscriptions need a choice.
func readTarget(g *Given, v *Values, flag string, needed, several bool) error {
	raw := g.Text(flag)
	subs := g.file.Subscriptions
	switch {
	case raw == "" && len(subs) > 1 && several:
		for _, sub := range subs {
			t, err := target.Parse(sub.URL)
			if err != nil {
				return err
			}
			v.Several = append(v.Several, Subscribed{Target: t, Kinds: sub.Kinds})
		}
		return nil
	case raw == "" && len(subs) > 1:
		var urls []string
		for _, sub := range subs {
			urls = append(urls, wire.Redact(sub.URL))
		}
		return lang.Errorf("la configuración tiene %d suscripciones; elija una con --%s: %s", "the config has %d subscriptions; choose one with --%s: %s",
			len(subs), flag, strings.Join(urls, ", "))
	case raw == "" && len(subs) == 1:
		raw = subs[0].URL
	}
	for _, sub := range subs {
		if sub.URL == raw {
			v.Kinds = sub.Kinds
		}
	}
	if raw == "" {
		if !needed {
			return nil
		}
		return lang.Errorf("falta el destino: use --%s URL, KOMETIA_SIM_TARGET o target: en %s (o --%s practice para probar)",
			"no target: use --%s URL, KOMETIA_SIM_TARGET or target: in %s (or --%s practice to try it out)", flag, FileName, flag)
	}
	if t, err := target.Parse(raw); err == nil { // else Check has said so
		v.Target = t
	}
	return nil
}

// identityOf settles seed, ids and start, which Check has approved of.
func identityOf(g *Given) Identity {
	random := g.user.Random
	var i Identity
	if g.ByFlag("seed") {
		i.Seed, _ = strconv.ParseUint(g.Text("seed"), 10, 64)
		i.IDs = shop.IDsFromSeed(i.Seed)
	} else {
		i.Seed, i.IDs = shop.DrawSeed(random), shop.DrawIDs(random)
	}
	switch {
	case g.Text("ids") == "new":
		i.IDs = shop.DrawIDs(random)
	case g.ByFlag("ids"):
		i.IDs, _ = shop.ParseIDs(g.Text("ids"))
	}
	i.Start = g.user.Clock.Now().UTC().Truncate(time.Second)
	if g.ByFlag("start") {
		i.Start, _ = parseStart(g.Text("start"))
		i.Fixed = true
	}
	return i
}

// deliveryOf settles how events are written and sent.
func deliveryOf(g *Given) (Delivery, error) {
	d := Delivery{
		Wire: wire.DefaultConfig(), Confirmed: g.file.confirmed(), Policy: g.file.policy(),
		Style: jsontree.PHP, Envelope: delivery.Bare, LiveOrders: g.On("live-orders"),
	}
	if timeout, err := parseDuration(g.Text("timeout")); err == nil {
		d.Wire.Timeout, d.Wire.FirstByteTimeout = timeout, 0
		if !slices.Contains(d.Confirmed, "timeout") {
			d.Confirmed = append(d.Confirmed, "timeout")
		}
	}
	slices.Sort(d.Confirmed)
	if g.ByFlag("style") {
		d.Style = jsontree.Style(g.Text("style"))
	}
	if g.ByFlag("envelope") {
		d.Envelope = delivery.Envelope(g.Text("envelope"))
	}
	for _, p := range g.file.pairs("headers") {
		d.Header = append(d.Header, wire.Field{Name: p.Key, Value: p.Value})
	}
	d.Header = wire.Override(d.Header, g.headerFlags())
	return d, networkOf(g, &d.Wire)
}

func limitsOf(g *Given) Limits {
	l := Limits{Allow: g.List("allow"), NoProbe: g.On("no-probe")}
	l.Pace, _ = receiver.ParsePace(g.Text("pace")) // Check has approved of it
	if g.ByFlag("safe") {
		safe := g.On("safe")
		l.Safe = &safe
	}
	return l
}

// apiOf settles address and key of the simulated API. Giving the address turns it
// on.
func apiOf(g *Given) (a API, err error) {
	a.Listen = g.Text("api")
	if a.Listen == "" {
		return a, nil
	}
	if a.Key = g.Text("api.key"); a.Key == "" {
		a.Key, err = api.NewKey(g.user.Random)
		a.Drawn = true
	}
	return a, err
}

func effectsOf(g *Given) Effects {
	f := g.file
	e := Effects{
		Observe: observe.Config{
			Command: f.list("observe.command"), URL: f.text("observe.url"),
			Log:     observe.LogConfig{File: f.text("observe.log.file"), Pattern: f.text("observe.log.pattern")},
			SinkKey: f.text("observe.sink_key"), StateMap: map[string]string{}, Dir: g.user.Dir,
		},
		Intended: f.Intended,
		Hooks:    receiver.Hooks{Ready: f.text("ready")},
	}
	for _, p := range f.pairs("observe.sink") {
		e.Observe.Sinks = append(e.Observe.Sinks, observe.SinkConfig{Name: p.Key, Address: p.Value})
	}
	for _, p := range f.pairs("observe.state_map") {
		e.Observe.StateMap[p.Key] = p.Value
	}
	for key, to := range map[string]*observe.Action{
		"drain": &e.Drain, "start": &e.Hooks.Start, "kill": &e.Hooks.Kill, "restart": &e.Hooks.Restart,
		"down": &e.Hooks.Down, "up": &e.Hooks.Up, "reconcile": &e.Hooks.Reconcile,
	} {
		if argv := f.list(key); len(argv) > 0 {
			*to = observe.Hook{Name: key, Argv: argv, Dir: g.user.Dir}
		}
	}
	return e
}
