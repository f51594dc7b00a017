package main

import (
	"bytes"
	"errors"
	"io/fs"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/terminal"
	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/scenarios/consent"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

const (
	configFile = "kometia-sim.yaml"
	// maxConfig is far more than any config that a person writes.
	maxConfig = 1 << 20
)

// config is kometia-sim.yaml as written; a zero field was not given.
type config struct {
	file string // "" when there is none

	Target        string
	Subscriptions []subscription
	Timeout       time.Duration
	Headers       []wire.Field
	Lang          string
	API           struct{ Listen, Key string }
	Observe       observed
	Drain         []string
	Start         []string
	Kill          []string
	Restart       []string
	Down          []string
	Up            []string
	Ready         string
	Allow         []string
	KnownFailing  string
	Pace          receiver.Pace
	Schemas       string
	Assume        map[string]string
	Retry         struct{ Interval, Window time.Duration }
}

// subscription is one receiver and the event kinds that it asked for.
type subscription struct {
	URL   string
	Kinds []string // nil means not declared
}

// observed is where the effects of a receiver can be seen.
type observed struct {
	Command  []string
	URL      string
	Log      struct{ File, Pattern string }
	Sink     string
	StateMap map[string]string
}

// keys is what kometia-sim.yaml may hold. config.schema.json says the same to
// editors; a test holds the two together.
func (c *config) keys() keys {
	c.Assume = map[string]string{}
	c.Observe.StateMap = map[string]string{}
	return keys{
		"target":        checked(&c.Target, checkTarget),
		"subscriptions": c.readSubscriptions,
		"timeout":       duration(&c.Timeout),
		"headers":       c.readHeaders,
		"lang":          checked(&c.Lang, checkLang),
		"api":           object(keys{"listen": checked(&c.API.Listen, checkListen), "key": text(&c.API.Key)}),
		"observe": object(keys{
			"command":   argv(&c.Observe.Command),
			"url":       text(&c.Observe.URL),
			"log":       object(keys{"file": text(&c.Observe.Log.File), "pattern": text(&c.Observe.Log.Pattern)}),
			"sink":      checked(&c.Observe.Sink, checkListen),
			"state_map": texts(c.Observe.StateMap, nil),
		}),
		"drain":         argv(&c.Drain),
		"start":         argv(&c.Start),
		"kill":          argv(&c.Kill),
		"restart":       argv(&c.Restart),
		"down":          argv(&c.Down),
		"up":            argv(&c.Up),
		"ready":         checked(&c.Ready, checkURL),
		"allow":         list(&c.Allow, checkClass),
		"known_failing": text(&c.KnownFailing),
		"pace":          c.readPace,
		"schemas":       text(&c.Schemas),
		"assume":        texts(c.Assume, checkAssumption),
		"retry":         object(keys{"interval": duration(&c.Retry.Interval), "window": duration(&c.Retry.Window)}),
	}
}

func (c *config) readSubscriptions(r *yamlReader, n ast.Node) {
	sequence, ok := n.(*ast.SequenceNode)
	if !ok || len(sequence.Values) == 0 {
		r.fail(n, "se esperaba una lista, como [{url: http://localhost:8000/webhook, kinds: [order.placed]}], hay %s",
			"expected a list, such as [{url: http://localhost:8000/webhook, kinds: [order.placed]}], found %s", found(n))
		return
	}
	for _, item := range sequence.Values {
		before := len(r.errs)
		var sub subscription
		r.mapping(item, keys{
			"url":   checked(&sub.URL, checkURL),
			"kinds": list(&sub.Kinds, func(string) error { return nil }),
		})
		if sub.URL == "" && len(r.errs) == before {
			r.fail(item, "a esta suscripción le falta url", "this subscription has no url")
		}
		c.Subscriptions = append(c.Subscriptions, sub)
	}
}

func (c *config) readPace(r *yamlReader, n ast.Node) {
	var value string
	checked(&value, func(s string) (err error) {
		if c.Pace, err = receiver.ParsePace(s); err != nil {
			return badPace("pace", s)
		}
		return nil
	})(r, n)
}

// readHeaders keeps the order in which the headers are written.
func (c *config) readHeaders(r *yamlReader, n ast.Node) {
	for _, pair := range r.pairs(n) {
		value, ok := r.scalar(pair.Value)
		if !ok {
			r.fail(pair.Value, `se esperaba un texto entre comillas, como "1", hay %s`, `expected a quoted text, such as "1", found %s`, found(pair.Value))
			continue
		}
		field := wire.Field{Name: pair.Key.GetToken().Value, Value: value}
		if err := field.Check(); err != nil {
			r.fail(pair.Key, "%s", "%s", err)
			continue
		}
		c.Headers = append(c.Headers, field)
	}
}

// texts reads a mapping with any keys; check may refuse a pair.
func texts(to map[string]string, check func(key, value string) error) reading {
	return func(r *yamlReader, n ast.Node) {
		for _, pair := range r.pairs(n) {
			var value string
			before := len(r.errs)
			text(&value)(r, pair.Value)
			if len(r.errs) > before {
				continue
			}
			key := pair.Key.GetToken().Value
			if check != nil {
				if err := check(key, value); err != nil {
					r.fail(pair.Key, "%s", "%s", err)
					continue
				}
			}
			to[key] = value
		}
	}
}

func checkLang(tag string) error {
	if _, err := lang.Detect(tag, nil); err != nil {
		return lang.Errorf("no existe el idioma %q (use es o en)", "unknown language %q (use es or en)", tag)
	}
	return nil
}

func checkURL(raw string) error {
	_, err := wire.ParseTarget(raw)
	return err
}

func checkListen(address string) error {
	_, port, err := net.SplitHostPort(address)
	if err != nil || port == "" {
		return lang.Errorf("%q no es una dirección; escriba por ejemplo 127.0.0.1:8091", "%q is no address; write for example 127.0.0.1:8091", address)
	}
	return nil
}

func checkClass(class string) error {
	return oneOf(class, classes(), "no existe la clase %q%s: use %s", "unknown class %q%s: use %s")
}

// classes are what --allow may open for a host that is not loopback.
func classes() []string { return consent.Classes() }

func checkAssumption(id, value string) error {
	var ids []string
	for _, a := range schemas.Assumptions() {
		ids = append(ids, a.ID)
	}
	if err := oneOf(id, ids, "no existe el supuesto %q%s: use %s", "unknown assumption %q%s: use %s"); err != nil {
		return err
	}
	if value != "confirmed" {
		return lang.Errorf("%q: escriba confirmed, o quite la línea", "%q: write confirmed, or leave the line out", value)
	}
	return nil
}

// oneOf checks that a name is among those known. The formats take the name, the
// suggestion and the list.
func oneOf(name string, among []string, es, en string) error {
	if slices.Contains(among, name) {
		return nil
	}
	return lang.Errorf(es, en, name, lang.DidYouMean(schemas.Suggest(name, among)), strings.Join(among, ", "))
}

// loadConfig reads --config, else ./kometia-sim.yaml when there is one. All
// mistakes of the file come at once.
func (s *session) loadConfig() (*config, error) {
	name := s.flags.String("config")
	if name == "" {
		name = s.Getenv("KOMETIA_SIM_CONFIG")
	}
	asked := name != ""
	if !asked {
		name = configFile
	}
	path := s.Path(name)
	data, err := s.ReadFile(path, maxConfig)
	if !asked && errors.Is(err, fs.ErrNotExist) {
		return &config{}, nil
	}
	if err != nil {
		return nil, terminal.Usage(err)
	}
	c := &config{file: path}
	data = bytes.TrimPrefix(data, []byte("\ufeff")) // YAML allows it, and Windows writes it
	if err := errors.Join(readYAML(name, data, c.keys()), c.check(name)); err != nil {
		return nil, terminal.Usage(err)
	}
	c.Schemas = c.beside(c.Schemas)
	c.KnownFailing = c.beside(c.KnownFailing)
	if c.Lang != "" && s.flags.String("lang") == "" && s.Getenv("KOMETIA_SIM_LANG") == "" {
		s.Lang, _ = lang.Detect(c.Lang, nil)
	}
	return c, nil
}

// beside resolves a path of the config against the folder of the config.
func (c *config) beside(name string) string {
	if name == "" || filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(filepath.Dir(c.file), name)
}

// check finds the mistakes that lie between keys.
func (c *config) check(name string) error {
	var errs []error
	if c.Target != "" && len(c.Subscriptions) > 0 {
		errs = append(errs, lang.Errorf("%s: target y subscriptions a la vez: deje uno de los dos", "%s: both target and subscriptions: keep one of them", name))
	}
	ways := 0
	for _, given := range []bool{len(c.Observe.Command) > 0, c.Observe.URL != "", c.Observe.Log.File != "" || c.Observe.Log.Pattern != "", c.Observe.Sink != ""} {
		if given {
			ways++
		}
	}
	if ways > 1 {
		errs = append(errs, lang.Errorf("%s: observe: elija solo uno de command, url, log y sink", "%s: observe: choose one of command, url, log and sink", name))
	}
	if (c.Observe.Log.File == "") != (c.Observe.Log.Pattern == "") {
		errs = append(errs, lang.Errorf("%s: observe: log necesita file y pattern", "%s: observe: log needs file and pattern", name))
	}
	if (c.Down == nil) != (c.Up == nil) {
		errs = append(errs, lang.Errorf("%s: down y up van juntos", "%s: down and up belong together", name))
	}
	if err := c.policy().Validate(); err != nil {
		errs = append(errs, lang.Errorf("%s: retry: %s", "%s: retry: %s", name, err))
	}
	return errors.Join(errs...)
}

// policy is the retry policy: Kometia's, with what the config changes.
func (c *config) policy() retryclock.Policy {
	p := retryclock.DefaultPolicy()
	if c.Retry.Interval != 0 {
		p.Interval = c.Retry.Interval
	}
	if c.Retry.Window != 0 {
		p.Window = c.Retry.Window
	}
	return p
}
