// Package receivers starts the real receivers of the examples folder (PHP, Laravel, Sinatra, Rails, Django, Flask,
// Express, nginx, Go) for the test suites that need something genuine to deliver to.
//
//	BeforeAll(func(ctx SpecContext) {
//		names, err := receivers.Require(ctx, os.Stderr, "laravel", "php-cuidadoso")
//		Expect(err).NotTo(HaveOccurred()) // an error only in CI; elsewhere names is what can be started
//		...
//		receiver, err = receivers.Start(ctx, "laravel", receivers.Options{})
//		Expect(err).NotTo(HaveOccurred())
//		DeferCleanup(receiver.Close)
//	})
//
// What there is stands in receivers.yaml, what it needs in runtimes.tsv; the installer .ci/runtimes reads the same list.
// Every receiver listens on 127.0.0.1 only, writes nowhere but in its own folder, and cannot outlive the test process,
// however that ends.
package receivers

import (
	"context"
	_ "embed" // the two tables
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"

	"github.com/kometia-sim/kometia-sim/schemas/strictyaml"
)

//go:embed receivers.yaml
var receiversYAML []byte

//go:embed runtimes.tsv
var runtimesTSV string

// spec is one entry of receivers.yaml, which explains the fields.
type spec struct {
	Like    string            `yaml:"like"`
	Needs   []string          `yaml:"needs"`
	Source  string            `yaml:"source"`
	Files   map[string]string `yaml:"files"`
	Behind  string            `yaml:"behind"`
	Build   []string          `yaml:"build"`
	Command []string          `yaml:"command"`
	Webhook string            `yaml:"webhook"`
	Ready   ready             `yaml:"ready"`
	Effects []string          `yaml:"effects"`
	Observe string            `yaml:"observe"`
	Env     map[string]string `yaml:"env"`
}

type ready struct {
	Path   string `yaml:"path"`
	Status int    `yaml:"status"`
}

// Names lists every receiver, sorted.
func Names() []string {
	specs, err := load()
	if err != nil {
		return nil // Start and Missing tell it
	}
	names := make([]string, 0, len(specs))
	for name := range specs {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Missing lists the packages that a receiver needs and this machine lacks, sorted; none when it can be started. They are
// Debian's names, or npm:FOLDER where the packages of examples/FOLDER/package-lock.json are not installed. An unknown
// name is an error.
func Missing(ctx context.Context, name string) ([]string, error) {
	return missing(ctx, name, map[string]bool{})
}

// Require returns those of the named receivers (all when none is named) that can be started here. The others are told
// to w together with the line that installs what they lack; where the environment has CI=true, where nothing may be
// left out silently, they are an error.
func Require(ctx context.Context, w io.Writer, names ...string) ([]string, error) {
	if len(names) == 0 {
		names = Names()
	}
	var available, left, packages []string
	probed := map[string]bool{}
	for _, name := range names {
		lacking, err := missing(ctx, name, probed)
		if err != nil {
			return nil, err
		}
		if len(lacking) == 0 {
			available = append(available, name)
			continue
		}
		left = append(left, fmt.Sprintf("%s (lacks %s)", name, strings.Join(lacking, ", ")))
		packages = append(packages, lacking...)
	}
	if len(left) == 0 {
		return available, nil
	}
	message := fmt.Sprintf("receivers left out: %s\ninstall: .ci/runtimes, or %s", strings.Join(left, ", "), installing(packages))
	if inCI() {
		return available, errors.New(message)
	}
	rule := strings.Repeat("!", 80)
	_, err := fmt.Fprintf(w, "\n%s\n%s\n%s\n", rule, message, rule)
	return available, err
}

// installing is the line that installs packages, as a person would type it at the top of the project.
func installing(packages []string) string {
	packages = slices.Compact(slices.Sorted(slices.Values(packages)))
	var debian, lines []string
	for _, name := range packages {
		if folder, ok := strings.CutPrefix(name, "npm:"); ok {
			lines = append(lines, "npm ci --prefix examples/"+folder)
		} else {
			debian = append(debian, name)
		}
	}
	if len(debian) > 0 {
		lines = slices.Insert(lines, 0, "apt-get install --no-install-recommends "+strings.Join(debian, " "))
	}
	return strings.Join(lines, " && ")
}

func inCI() bool {
	switch os.Getenv("CI") {
	case "", "0", "false":
		return false
	}
	return true
}

// missing remembers in probed what was asked before, because a probe starts a process.
func missing(ctx context.Context, name string, probed map[string]bool) ([]string, error) {
	s, err := lookup(name)
	if err != nil {
		return nil, err
	}
	var lacking []string
	if s.Behind != "" {
		if lacking, err = missing(ctx, s.Behind, probed); err != nil {
			return nil, err
		}
	}
	own, err := absent(ctx, s.Needs, probed)
	if err != nil {
		return nil, fmt.Errorf("receivers.yaml: %s: %w", name, err)
	}
	lacking = append(lacking, own...)
	slices.Sort(lacking)
	return slices.Compact(lacking), nil
}

// absent are those of the packages that are not installed; it remembers in probed what it asked.
func absent(ctx context.Context, packages []string, probed map[string]bool) ([]string, error) {
	probes, err := runtimes()
	if err != nil {
		return nil, err
	}
	examples, err := examplesDir()
	if err != nil {
		return nil, err
	}
	var lacking []string
	for _, need := range packages {
		probe, ok := probes[need]
		if !ok {
			return nil, fmt.Errorf("runtimes.tsv does not know %q", need)
		}
		present, known := probed[need]
		if !known {
			command := exec.CommandContext(ctx, "sh", "-c", probe)
			command.Dir = examples
			present = command.Run() == nil
			if err := ctx.Err(); err != nil {
				return nil, fmt.Errorf("look for %s: %w", need, err)
			}
			probed[need] = present
		}
		if !present {
			lacking = append(lacking, need)
		}
	}
	return lacking, nil
}

func lookup(name string) (spec, error) {
	specs, err := load()
	if err != nil {
		return spec{}, err
	}
	s, ok := specs[name]
	if !ok {
		return spec{}, fmt.Errorf("unknown receiver %q (there are %s)", name, strings.Join(Names(), ", "))
	}
	return s, nil
}

func load() (map[string]spec, error) {
	specs := map[string]spec{}
	if err := strictyaml.Read("receivers.yaml", receiversYAML, &specs).Err(); err != nil {
		return nil, err
	}
	for name, s := range specs {
		if s.Like != "" {
			base, ok := specs[s.Like]
			if !ok || base.Like != "" {
				return nil, fmt.Errorf("receivers.yaml: %s: like: no entry %q of its own", name, s.Like)
			}
			s = s.over(base)
		}
		if behind, ok := specs[s.Behind]; s.Behind != "" && (!ok || behind.Behind != "") {
			return nil, fmt.Errorf("receivers.yaml: %s: behind: no entry %q with nothing behind it", name, s.Behind)
		}
		if s.Ready.Status == 0 {
			s.Ready.Status = http.StatusOK
		}
		specs[name] = s
	}
	return specs, nil
}

// over is base with what a like entry may say of its own.
func (s spec) over(base spec) spec {
	base.Like = s.Like // marks the result as no base for others
	if s.Webhook != "" {
		base.Webhook = s.Webhook
	}
	if s.Behind != "" {
		base.Behind = s.Behind
	}
	env := maps.Clone(base.Env)
	if env == nil {
		env = map[string]string{}
	}
	maps.Copy(env, s.Env)
	base.Env = env
	return base
}

// runtimes maps each package to the shell command that succeeds in the examples folder where it is present.
func runtimes() (map[string]string, error) {
	probes := map[string]string{}
	for line := range strings.Lines(runtimesTSV) {
		name, probe, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		if !ok {
			return nil, fmt.Errorf("runtimes.tsv: %q has no probe", name)
		}
		probes[name] = probe
	}
	return probes, nil
}
