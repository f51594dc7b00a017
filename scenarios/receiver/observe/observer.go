package observe

import (
	"context"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
)

// Subject is what is asked about: an event that was delivered, and its object.
type Subject = shop.Subject

// Reading is what an observer sees of one subject.
type Reading struct {
	// Effects is how many times the receiver acted, whatever it did.
	Effects int
	// Named are the same by their names ("invoice", "mail"), where the observer
	// gives any; their sum is Effects.
	Named map[string]int
	// StateOnly says that the observer tells no number of effects for this
	// subject; Effects means nothing then.
	StateOnly bool
	// Failed is how many calls about it were answered badly by sinks that were told
	// to, as long as they do so; FailedAt is when the first one came, also after
	// that, and zero when there was none.
	Failed   int
	FailedAt time.Time
	// Called are the calls to sinks among the effects, by the names of the sinks; nil
	// without any.
	Called map[string]int
	// State is what the receiver knows of the object, by the receiver's own
	// field names; nil when the observer tells none. Numbers are json.Number.
	State map[string]any
}

// Observer tells the effects of subjects: one reading for each, in their order.
// An error is an *Error, or the context's when that has ended.
type Observer interface {
	Observe(ctx context.Context, subjects []Subject) ([]Reading, error)
}

// Config says where the effects of a receiver can be seen: by one of Command,
// URL and Log, by Sinks, or by one of them and Sinks together.
type Config struct {
	// Command is a program with its arguments; no shell sees them. With
	// placeholders (see Placeholders) it runs once for each subject and prints
	// an integer or {"effects":n,"state":{...}}, where n may be a map from the
	// names of effects to numbers, and either member may be left out. Without, it runs once: the
	// event and object ids come as a JSON list on its standard input, and it
	// prints a map from id to one of the two.
	Command []string
	// URL is asked with GET, with placeholders or with ?ids=a,b; it answers as
	// a command prints.
	URL string
	// Log counts lines of a file.
	Log LogConfig
	// Sinks are where we take the place of services that the receiver calls.
	Sinks []SinkConfig
	// SinkKey is what calls that are repeats of each other have in common: a
	// header, or a member of a JSON body ("body.order.reference"). Empty means
	// Idempotency-Key.
	SinkKey string
	// StateMap names the path in the event that a field of the state comes
	// from: "precio": "data.object.price". Only its syntax is checked here.
	StateMap map[string]string
	// Dir is the working folder of commands and what a relative log file is
	// relative to; empty means the process's own.
	Dir string
	// Timeout bounds one run of a command and one GET; zero means 5 s.
	Timeout time.Duration
	// Env adds variables (NAME=value) to the environment of each command; nil
	// adds none. It is called from several goroutines.
	Env func() []string
}

// LogConfig is a log file whose lines are effects.
type LogConfig struct {
	// File is the path; it need not be there yet, its folder must be.
	File string
	// Pattern is the regular expression (RE2) that a line must match.
	Pattern string
}

// defaultTimeout is from when on an observer is too slow to be asked.
const defaultTimeout = 5 * time.Second

// Zero reports whether nothing is observed.
func (c Config) Zero() bool { return len(c.ways()) == 0 }

// Way names the way of observing as the config does: command, url, log or sink,
// or two of them as in "url+sink"; "" when there is none.
func (c Config) Way() string { return strings.Join(c.ways(), "+") }

// ShowsState reports whether a way of observing (see Config.Way) can show what is
// kept of an object. A log and a sink show only what is done.
func ShowsState(way string) bool {
	for part := range strings.SplitSeq(way, "+") {
		if part != "log" && part != "sink" {
			return true
		}
	}
	return false
}

func (c Config) ways() []string {
	var ways []string
	for _, w := range []struct {
		name  string
		given bool
	}{
		{"command", len(c.Command) > 0},
		{"url", c.URL != ""},
		{"log", c.Log != LogConfig{}},
		{"sink", len(c.Sinks) > 0},
	} {
		if w.given {
			ways = append(ways, w.name)
		}
	}
	return ways
}

// New makes the observer of a config and joins all mistakes of it. A log is
// followed from the size that it has now, a sink listens at once; so it is made
// before the first delivery. Hand it to Close at the end.
func New(ctx context.Context, cfg Config) (Observer, error) {
	var errs []error
	switch ways := cfg.ways(); {
	case len(ways) == 0:
		errs = append(errs, lang.Errorf("observe: hace falta command, url, log o sink, no hay ninguno",
			"observe: command, url, log or sink is needed, none is given"))
	case len(ways) > 2 || len(ways) == 2 && len(cfg.Sinks) == 0:
		errs = append(errs, lang.Errorf("observe: solo uno de command, url y log, hay %s",
			"observe: only one of command, url and log, %s are given", lang.Text{ES: strings.Join(ways, " y "), EN: strings.Join(ways, " and ")}))
	}
	if cfg.Timeout < 0 {
		errs = append(errs, lang.Errorf("observe: timeout %v es negativo", "observe: timeout %v is negative", cfg.Timeout))
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = defaultTimeout
	}
	if cfg.Dir != "" {
		if info, err := os.Stat(cfg.Dir); err != nil {
			errs = append(errs, lang.Errorf("observe: carpeta de trabajo: %s", "observe: working folder: %s", err))
		} else if !info.IsDir() {
			errs = append(errs, lang.Errorf("observe: la carpeta de trabajo %s no es una carpeta", "observe: working folder %s is no folder", cfg.Dir))
		}
	}
	errs = append(errs, checkStateMap(cfg.StateMap))
	if len(cfg.StateMap) > 0 && !cfg.Zero() && !ShowsState(cfg.Way()) {
		errs = append(errs, lang.Errorf("observe: state_map necesita url o command: %s no muestra lo que se guarda",
			"observe: state_map needs url or command: %s shows nothing of what is kept", cfg.Way()))
	}

	var made []Observer
	open := func(o Observer, err error) {
		if err != nil {
			errs = append(errs, err)
			return
		}
		made = append(made, o)
	}
	if len(cfg.Command) > 0 {
		open(newCommand(cfg))
	}
	if cfg.URL != "" {
		open(newURL(cfg))
	}
	if cfg.Log != (LogConfig{}) {
		open(newLog(cfg))
	}
	// A sink opens a port, which is not worth it for a config that is wrong.
	errs = append(errs, checkSinks(cfg))
	if len(cfg.Sinks) > 0 && errors.Join(errs...) == nil {
		open(newSinks(ctx, cfg))
	}
	if err := errors.Join(errs...); err != nil {
		for _, o := range made {
			err = errors.Join(err, Close(o))
		}
		return nil, err
	}
	if len(made) == 1 {
		return made[0], nil
	}
	return Beside(made[0], cfg.ways()[0], made[1].(*Sinks)), nil
}

// Close gives back what an observer holds: files, connections, a port. One that
// holds nothing needs no closing; this does nothing then.
func Close(o Observer) error {
	if c, ok := o.(io.Closer); ok {
		return c.Close()
	}
	return nil
}

func checkStateMap(m map[string]string) error {
	var errs []error
	event := jsontree.Object{Members: []jsontree.Member{{Name: "data", Value: &jsontree.Object{}}}}
	for _, field := range slices.Sorted(maps.Keys(m)) {
		// A path that can be read leads as far as data in this event.
		var wrong *jsontree.PathError
		switch _, err := jsontree.Get(&event, m[field]); {
		case field == "":
			errs = append(errs, lang.Errorf("observe: state_map: un campo sin nombre vale por %q",
				"observe: state_map: a field without a name stands for %q", m[field]))
		case !strings.HasPrefix(m[field], "data."):
			errs = append(errs, lang.Errorf("observe: state_map: %s: %q no es una ruta del evento, como data.object.price",
				"observe: state_map: %s: %q is no path into the event, such as data.object.price", field, m[field]))
		case errors.As(err, &wrong) && wrong.At == "":
			errs = append(errs, lang.Errorf("observe: state_map: %s: %s", "observe: state_map: %s: %s", field, err))
		}
	}
	return errors.Join(errs...)
}

// under resolves a path against the working folder.
func (c Config) under(name string) string {
	if filepath.IsAbs(name) {
		return filepath.Clean(name)
	}
	return filepath.Join(c.Dir, name)
}
