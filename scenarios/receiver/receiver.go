package receiver

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/scenarios/consent"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/diagnose"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// Config is all that is known of a receiver before it is spoken to.
type Config struct {
	// Target is its URL; required. Name is how the user called it (for the
	// reproduce lines); empty means its redacted URL.
	Target *wire.Target
	Name   string
	// Wire is how attempts are made; a zero timeout means Kometia's. UserAgent and
	// Header are sent with every request.
	Wire      wire.Config
	UserAgent string
	Header    []wire.Field
	// Pace is the most that it takes; the zero value is as fast as it answers.
	Pace Pace
	// Safe says that it is someone else's: it gets only the classes that Allow
	// names. Here says that it is on this computer: nothing is dialled elsewhere.
	// Closed says that it is on another machine and nobody has confirmed that
	// anything may go there: nothing does.
	Safe   bool
	Here   bool
	Closed bool
	Allow  []string
	// NoProbe keeps diagnoses from asking it anything themselves; one on another
	// machine is asked only when Allow says probe. Diagnoses is what answers mean;
	// nil means the built-in table.
	NoProbe   bool
	Diagnoses *diagnose.Table
	// Clock is the wall clock; nil means the computer's.
	Clock retryclock.Clock
	// Stop, once closed, keeps new requests from being made. Nil means never.
	Stop <-chan struct{}
	// Observation is how it is seen what it does.
	Observation
	// Intended is what it does in a way of its own, on purpose.
	Intended []Intention
	// Drain works its queue off; nil means that there is no way to.
	Drain observe.Action
	// Hooks end and start its process, where they can.
	Hooks Hooks
}

// Observation is how it is seen what a receiver does; the zero one sees nothing.
type Observation struct {
	// Observer tells what it did; nil leaves effects unobserved. Observing is how
	// the config names the observer: command, url, log, sink. Covers reports
	// whether the observer can be asked about a subject (one by order number cannot
	// about a product); nil means about all.
	Observer  observe.Observer
	Observing string
	Covers    func(observe.Subject) bool
	// StateMap names the path in the event that a field of the observed state
	// comes from ("precio": "data.object.price").
	StateMap map[string]string
}

// Receiver is a receiver under test. Several goroutines may send to it and
// observe it at once; its process is for one at a time.
type Receiver struct {
	gate

	cfg     Config
	client  *wire.Client
	pacer   *pacer
	prober  *diagnose.Prober
	process *Process
	effects *Effects // nil when they are not observed
	answers answers  // to normal events
}

// New returns the receiver, or all that is wrong with its configuration.
// Nothing is sent to it. Close gives back what it holds; the observer is the
// caller's to close.
func New(cfg Config) (*Receiver, error) {
	named := cfg.Hooks.Ready != ""
	cfg.setDefaults()
	var errs []error
	if cfg.Target == nil {
		errs = append(errs, lang.Errorf("falta el destino", "no target"))
	}
	for _, class := range cfg.Allow {
		if !slices.Contains(consent.Classes(), class) {
			errs = append(errs, lang.Errorf("allow: no existe la clase %q%s", "allow: unknown class %q%s",
				class, lang.DidYouMean(schemas.Suggest(class, consent.Classes()))))
		}
	}
	if cfg.Here {
		cfg.Wire.Dialer.Permit, cfg.Wire.Dialer.Proxy = onlyHere(cfg.Name), nil
	}
	ready := cfg.Wire.Dialer
	if named {
		ready.Permit = nil // whoever names another place has consented to it
	} else if cfg.Target != nil {
		ready.Socket = cfg.Target.Socket()
	}
	client, err := wire.New(cfg.Wire)
	errs = append(errs, err)
	r := &Receiver{cfg: cfg, client: client, pacer: newPacer(cfg.Clock, cfg.Pace), process: newProcess(cfg.Hooks, ready, cfg.Clock), gate: gate{safe: cfg.Safe, allow: cfg.Allow}}
	if cfg.Closed {
		r.closed = consent.Elsewhere(cfg.Name)
	}
	if cfg.Observer != nil {
		r.effects, err = newEffects(&r.cfg, r.process)
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		if client != nil {
			client.Close()
		}
		return nil, err
	}
	var probes diagnose.Sender
	if !cfg.NoProbe && r.Allows(consent.Probe) {
		probes = r.Sender(Sending{Class: consent.Probe})
		if cfg.Pace == (Pace{}) {
			probes = now{Sender: r.Sender(Sending{Class: consent.Probe})}
		}
	}
	r.prober = diagnose.NewProber(cfg.Diagnoses, probes)
	return r, nil
}

func (c *Config) setDefaults() {
	if c.Clock == nil {
		c.Clock = retryclock.Wall{}
	}
	if c.Diagnoses == nil {
		c.Diagnoses = diagnose.Builtin()
	}
	if c.Wire.Timeout == 0 {
		c.Wire.Timeout = wire.DefaultConfig().Timeout
	}
	if c.Observer != nil {
		c.Hooks.Sinks = observe.SinksOf(c.Observer)
	}
	if c.Target == nil {
		return
	}
	if c.Name == "" {
		c.Name = c.Target.String()
	}
	if root, err := c.Target.WithRequestURI("/"); err == nil && c.Hooks.Ready == "" {
		c.Hooks.Ready = root.HTTP()
	}
	c.Drain = c.drain()
}

// Close closes the connections to the receiver.
func (r *Receiver) Close() { r.client.Close() }

// CloseIdle closes the connections that are kept and not in use.
func (r *Receiver) CloseIdle() { r.client.CloseIdle() }

// Target is where it is, Name how the user called it.
func (r *Receiver) Target() *wire.Target { return r.cfg.Target }

// Name is how the user called it.
func (r *Receiver) Name() string { return r.cfg.Name }

// Timeout is how long a whole attempt may take.
func (r *Receiver) Timeout() time.Duration { return r.cfg.Wire.Timeout }

// Clock is the wall clock.
func (r *Receiver) Clock() retryclock.Clock { return r.cfg.Clock }

// Stop is closed once no new request is to be made; nil never is.
func (r *Receiver) Stop() <-chan struct{} { return r.cfg.Stop }

// Stopped reports whether no new request is to be made.
func (r *Receiver) Stopped() bool {
	select {
	case <-r.cfg.Stop:
		return true
	default:
		return false
	}
}

// Pace is the most that it takes.
func (r *Receiver) Pace() Pace { return r.cfg.Pace }

// Waits is how often it asked us to wait, and was obeyed.
func (r *Receiver) Waits() int { return r.pacer.asked() }

// Header is that of every delivery, the user's fields included.
func (r *Receiver) Header() []wire.Field { return delivery.Header(r.cfg.UserAgent, r.cfg.Header) }

// PlainHeader is Header without the user's fields, which may be secrets.
func (r *Receiver) PlainHeader() []wire.Field { return delivery.Header(r.cfg.UserAgent, nil) }

// Request is the delivery of a body.
func (r *Receiver) Request(body []byte) *wire.Request {
	return &wire.Request{Target: r.cfg.Target, Header: r.Header(), Body: body}
}

// Diagnose explains an answer, and may ask the receiver what tells several
// explanations apart.
func (r *Receiver) Diagnose(ctx context.Context, req *wire.Request, out *wire.Outcome) (*diagnose.Diagnosis, []diagnose.Probe) {
	return r.prober.Diagnose(ctx, req, out)
}

// heard remembers a response for the diagnoses of later ones.
func (r *Receiver) heard(req *wire.Request, out *wire.Outcome) { r.prober.Hear(req, out) }

// Process is its process, for hooks.
func (r *Receiver) Process() *Process { return r.process }

// Effects is what is seen of its effects; nil when nothing is.
func (r *Receiver) Effects() *Effects { return r.effects }

// Observing is how the config names the observer; "" when there is none.
func (r *Receiver) Observing() string { return r.cfg.Observing }

// StateMap names the path in the event that a field of the state comes from.
func (r *Receiver) StateMap() map[string]string { return r.cfg.StateMap }

// Drains reports whether its queue can be worked off.
func (r *Receiver) Drains() bool { return r.cfg.Drain != nil }
