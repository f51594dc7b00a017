package observe

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/fault"
)

const whatSink = "observe.sink"

// SinkConfig is one service that we take the place of.
type SinkConfig struct {
	// Name is what the calls to it are called ("erp", "mail"); empty means that
	// they are only counted.
	Name string
	// Address is where it listens, on loopback: 127.0.0.1:9099.
	Address string
}

// Sinks are the services that we take the place of.
type Sinks struct{ all []*Sink }

func newSinks(ctx context.Context, cfg Config) (*Sinks, error) {
	s := &Sinks{}
	for _, one := range cfg.Sinks {
		sink, err := newSink(ctx, one, key(cfg.SinkKey))
		if err != nil {
			return nil, errors.Join(err, s.Close())
		}
		s.all = append(s.all, sink)
	}
	return s, nil
}

// All are the sinks in the order of the config.
func (s *Sinks) All() []*Sink { return s.all }

// Set makes one sink answer otherwise, or all when name is empty.
func (s *Sinks) Set(name string, a fault.Answer) error {
	known := name == ""
	for _, sink := range s.all {
		if name == "" || sink.name == name {
			sink.Set(a)
			known = true
		}
	}
	if !known {
		return &Error{What: whatSink, Kind: Missing, Text: lang.Textf("no hay ningún %q", "there is no %q", shown(name))}
	}
	return nil
}

// Close implements io.Closer.
func (s *Sinks) Close() error {
	var errs []error
	for _, sink := range s.all {
		errs = append(errs, sink.Close())
	}
	return errors.Join(errs...)
}

// Observe implements Observer.
func (s *Sinks) Observe(ctx context.Context, subjects []Subject) ([]Reading, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	out := make([]Reading, len(subjects))
	for _, sink := range s.all {
		readings, err := sink.readings(subjects)
		if err != nil {
			return nil, err
		}
		for i := range out {
			out[i].add(&readings[i])
		}
	}
	return out, nil
}

// add adds what another observer sees of the same subject.
func (r *Reading) add(more *Reading) {
	r.Effects += more.Effects
	r.Failed += more.Failed
	if r.FailedAt.IsZero() || !more.FailedAt.IsZero() && more.FailedAt.Before(r.FailedAt) {
		r.FailedAt = more.FailedAt
	}
	r.Named, r.Called = sum(r.Named, more.Named), sum(r.Called, more.Called)
}

// sum adds counts by name to others; nil for none.
func sum(counts, more map[string]int) map[string]int {
	for name, n := range more {
		if counts == nil {
			counts = map[string]int{}
		}
		counts[name] += n
	}
	return counts
}

// SinksOf are the sinks that an observer has; nil when it has none.
func SinksOf(o Observer) *Sinks {
	switch o := o.(type) {
	case *Sinks:
		return o
	case *both:
		return o.sinks
	}
	return nil
}

// Beside is another way of observing and sinks beside it; way names what seen
// counts, where it gives no names.
func Beside(seen Observer, way string, sinks *Sinks) Observer {
	return &both{seen: seen, way: way, sinks: sinks}
}

// both is another way of observing, and sinks beside it.
type both struct {
	seen  Observer
	way   string // names what seen counts, where it gives no names
	sinks *Sinks
}

// Observe implements Observer.
func (b *both) Observe(ctx context.Context, subjects []Subject) ([]Reading, error) {
	out, err := b.seen.Observe(ctx, subjects)
	if err != nil {
		return nil, err
	}
	calls, err := b.sinks.Observe(ctx, subjects)
	if err != nil {
		return nil, err
	}
	for i := range out {
		named := maps.Clone(out[i].Named)
		if named == nil && !out[i].StateOnly {
			named = map[string]int{b.way: out[i].Effects}
		}
		if calls[i].Named == nil {
			calls[i].Named = map[string]int{"sink": calls[i].Effects}
		}
		// The sinks count where the other way tells the state alone.
		out[i].Named, out[i].StateOnly = named, false
		out[i].add(&calls[i])
	}
	return out, nil
}

// Close implements io.Closer.
func (b *both) Close() error { return errors.Join(Close(b.seen), b.sinks.Close()) }

// key is what repeats of one call have in common: a header, or "body." and a path
// into a JSON body.
type key string

const (
	defaultKey = "Idempotency-Key"
	bodyKey    = "body."
)

// of is the key of a call, with the method and the path that it is for; "" when
// it has none.
func (k key) of(r *http.Request, body []byte) string {
	value := ""
	if path, within := strings.CutPrefix(string(k), bodyKey); within {
		value = member(body, strings.Split(path, "."))
	} else {
		name := string(k)
		if name == "" {
			name = defaultKey
		}
		value = r.Header.Get(name)
	}
	if value == "" {
		return ""
	}
	return r.Method + " " + r.URL.Path + " " + value
}

// member is a text or a number of a JSON body; "" when it has none there.
func member(body []byte, path []string) string {
	for _, name := range path {
		var m map[string]json.RawMessage
		if json.Unmarshal(body, &m) != nil {
			return ""
		}
		body = m[name]
	}
	if text := string(body); text != "null" && text != "" && text[0] != '{' && text[0] != '[' {
		return text
	}
	return ""
}

// CheckSinkKey refuses what is neither the name of a header nor a path into a
// body.
func CheckSinkKey(name string) error {
	if path, within := strings.CutPrefix(name, bodyKey); within {
		if path == "" || slices.Contains(strings.Split(path, "."), "") {
			return lang.Errorf("%q no es una ruta en el cuerpo, como body.pedido.id", "%q is no path into the body, such as body.order.id", name)
		}
		return nil
	}
	if strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune("\"(),/:;<=>?@[\\]{}", r) }) {
		return lang.Errorf("%q no es un encabezado: escriba por ejemplo Idempotency-Key, o body.id", "%q is no header: write for example Idempotency-Key, or body.id", name)
	}
	return nil
}

func checkSinks(cfg Config) error {
	var errs []error
	seen := map[string]bool{}
	for _, s := range cfg.Sinks {
		errs = append(errs, checkSink(s.Address))
		if s.Name != "" && seen[s.Name] {
			errs = append(errs, lang.Errorf("observe: sink: %q está dos veces", "observe: sink: %q stands twice", s.Name))
		}
		seen[s.Name] = true
	}
	if cfg.SinkKey != "" {
		if err := CheckSinkKey(cfg.SinkKey); err != nil {
			errs = append(errs, lang.Errorf("observe: sink_key: %s", "observe: sink_key: %s", err))
		}
	}
	return errors.Join(errs...)
}

func checkSink(address string) error {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return lang.Errorf("observe: sink: %q no es una dirección, escriba por ejemplo 127.0.0.1:9099",
			"observe: sink: %q is no address, write for example 127.0.0.1:9099", address)
	}
	ip, ipErr := netip.ParseAddr(host)
	if host != "localhost" && (ipErr != nil || !ip.IsLoopback()) {
		return lang.Errorf("observe: sink: %s no es solo de esta máquina, escriba 127.0.0.1:%s",
			"observe: sink: %s is not on this machine alone, write 127.0.0.1:%s", address, port)
	}
	// 0 is any free port; see Sink.URL.
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return lang.Errorf("observe: sink: %q no es un puerto", "observe: sink: %q is no port", port)
	}
	return nil
}
