// Package outputs is where the reports of a run go: --report FORMAT[=PATH], and
// the terminal when nothing else is printed to standard output.
package outputs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/console"
	"github.com/kometia-sim/kometia-sim/report"
	"github.com/kometia-sim/kometia-sim/report/ndjson"
	"github.com/kometia-sim/kometia-sim/report/view"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/files"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/schemas/secret"
)

// Outputs are the reports of one run.
type Outputs struct {
	user *console.Host
	all  []*output
	mu   sync.Mutex // fuzz finds things on several goroutines
	// actions says that the run is told to GitHub Actions, besides.
	actions bool
	// broken ends the run; nil until EndWhenBroken.
	broken func()
}

// EndWhenBroken has the run end, as the user's wish does, once a stream cannot be
// written. A reader of it takes what has no line for not sent, so nothing may be
// sent that the stream did not announce.
func (o *Outputs) EndWhenBroken(ctx context.Context) {
	stop, wished := make(chan struct{}), o.user.Stop
	o.broken = sync.OnceFunc(func() { close(stop) })
	go func() {
		select {
		case <-wished:
			o.broken()
		case <-stop:
		case <-ctx.Done():
		}
	}()
	o.user.Stop = stop
}

// TellActions has the run told to GitHub Actions as well, where it is a step of
// it: by annotations, unless they were asked for, and in the summary of the job.
func (o *Outputs) TellActions() { o.actions = o.user.InActions() }

// output is one report: on a stream of the process or in a place of its own.
type output struct {
	user    *console.Host
	format  report.Format
	path    string      // as given; "" is standard output
	place   files.Place // where path leads
	secrets *secret.Hider
	w       io.Writer // nil until it is open
	open    *os.File  // of a place that is written bit by bit
	hiding  *secret.Writer
	stream  *ndjson.Run // for json, which is written while the run goes on
	err     error
	unread  bool // a pipe that nobody read until the user asked for an end
}

// Read reads the values of --report. Without one for standard output the terminal report
// goes there. What cannot be written is an error, before anything is sent.
func Read(user *console.Host, values []string) (*Outputs, error) {
	o := &Outputs{user: user}
	var errs []error
	for _, value := range values {
		name, path, toPath := strings.Cut(value, "=")
		format, err := report.Lookup(name)
		switch {
		case err != nil:
			errs = append(errs, lang.Errorf("--report: %s", "--report: %s", err))
		case toPath && path == "":
			errs = append(errs, lang.Errorf("--report %s: falta la ruta tras =", "--report %s: the path behind = is missing", value))
		case toPath:
			out := &output{user: user, format: format, path: path, secrets: user.Secrets}
			errs = append(errs, o.add(out, user.Path(path)))
		default:
			errs = append(errs, o.addStandard(&output{user: user, format: format, w: onStandard(user, format)}))
		}
	}
	if o.standard() == nil {
		format, err := report.Lookup("terminal")
		errs = append(errs, err)
		o.all = append(o.all, &output{user: user, format: format, w: user.Stdout})
	}
	return o, errors.Join(errs...)
}

// onStandard is standard output for a report of that format: of annotations only
// is the runner of GitHub Actions to read commands.
func onStandard(user *console.Host, format report.Format) io.Writer {
	if format.Name == "github" {
		return user.Annotations
	}
	return user.Stdout
}

// standard is the report that goes to standard output; nil when none does.
func (o *Outputs) standard() *output {
	for _, out := range o.all {
		if out.path == "" {
			return out
		}
	}
	return nil
}

func (o *Outputs) addStandard(out *output) error {
	if other := o.standard(); other != nil {
		return lang.Errorf("--report: %s y %s no caben los dos en la salida estándar; dé una ruta: %s=RUTA",
			"--report: %s and %s cannot both go to standard output; give a path: %s=PATH", other.format.Name, out.format.Name, out.format.Name)
	}
	o.all = append(o.all, out)
	return nil
}

// add adds a report in a place of its own.
func (o *Outputs) add(out *output, file string) (err error) {
	if out.place, err = files.Find(file); err != nil {
		return lang.Errorf("--report: %s", "--report: %s", err)
	}
	switch out.place.Standard() {
	case 1:
		out.path, out.w = "", onStandard(o.user, out.format)
		return o.addStandard(out)
	case 2:
		out.w = o.user.Stderr
		if out.format.Name == "github" && o.user.Commands != nil {
			out.w = o.user.Commands
		}
	}
	for _, other := range o.all {
		if other.path != "" && other.place.Same(out.place) {
			return lang.Errorf("--report: %s y %s son el mismo archivo", "--report: %s and %s are the same file", other.path, out.path)
		}
	}
	if err := out.place.Try(); err != nil {
		return lang.Errorf("--report: %s", "--report: %s", err)
	}
	o.all = append(o.all, out)
	return nil
}

// Paths are the files, as they were given.
func (o *Outputs) Paths() []string {
	var paths []string
	for _, out := range o.all {
		if out.path != "" {
			paths = append(paths, out.path)
		}
	}
	return paths
}

// Begin opens what is written bit by bit: pipes and devices, and NDJSON, which is
// written while the run goes on, so that a run which was cut off shows by its
// missing end.
func (o *Outputs) Begin(run verdict.Run, opts view.Options) error {
	for _, out := range o.all {
		streams := out.format.Name == "json"
		if out.w == nil && (streams || !out.place.Whole()) {
			f, err := out.openPlace()
			if err != nil && out.place.Waits() && o.user.Stopped() {
				out.unread = true // the others are written as of any run that was interrupted
				continue
			}
			if err != nil {
				o.close()
				return console.Usage(lang.Errorf("--report: %s", "--report: %s", err))
			}
			out.open, out.hiding = f, o.user.Secrets.Writer(f)
			out.w = out.hiding
		}
		if streams {
			out.stream = ndjson.NewRun(out.w, run, opts)
		}
	}
	return nil
}

// openPlace opens a place, of a pipe when somebody reads it and as long as the user
// waits. What does not wait is opened though the user has asked for an end: a file
// that is emptied is one that is written.
func (out *output) openPlace() (*os.File, error) {
	if out.place.Waits() {
		return console.Await(out.user, out.place.Open)
	}
	return out.place.Open()
}

// close lets go of what Begin opened.
func (o *Outputs) close() {
	for _, out := range o.all {
		if out.open != nil {
			_ = out.open.Close()
		}
	}
}

// Start passes on to the streams which checks are being tested from here on.
func (o *Outputs) Start(checks []string) {
	o.stream(func(s *ndjson.Run) error { return s.Begin(checks) })
}

// Receiver passes on to the streams what was learned of the receiver.
func (o *Outputs) Receiver(p verdict.Profile) {
	o.stream(func(s *ndjson.Run) error { return s.Receiver(p) })
}

// Finding passes a finding on to the streams, which may still change.
func (o *Outputs) Finding(r verdict.Result) {
	o.stream(func(s *ndjson.Run) error { return s.Finding(r) })
}

// Result passes a result on to the streams.
func (o *Outputs) Result(r verdict.Result) {
	o.stream(func(s *ndjson.Run) error { return s.Check(r) })
}

// stream writes to the streams and keeps the first error of each.
func (o *Outputs) stream(write func(*ndjson.Run) error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, out := range o.all {
		if out.stream != nil && out.err == nil {
			out.err = write(out.stream)
			if out.hiding != nil { // no secret goes over the end of a line
				out.err = errors.Join(out.err, out.hiding.Flush())
			}
			if out.err != nil && o.broken != nil {
				o.broken()
			}
		}
	}
}

// Finish writes every report: whole files first, then streams, standard output
// last, so that each says what became of those before it.
func (o *Outputs) Finish(r *verdict.Report, opts view.Options) error {
	var errs []error
	var written []string
	for stage := range stages {
		opts.Reports = written // named in the last one, on standard output
		for _, out := range o.all {
			if out.stage() != stage || out.unread {
				continue
			}
			if err := out.finish(r, opts); err != nil {
				errs = append(errs, unwritten(out, err))
				opts.Unwritten = append(opts.Unwritten, lang.Both(errs[len(errs)-1]))
			} else if out.path != "" {
				written = append(written, out.path)
			}
		}
	}
	if o.actions {
		errs = append(errs, o.tellActions(r, opts))
	}
	return errors.Join(errs...)
}

// tellActions writes the annotations and adds to the summary of the job.
func (o *Outputs) tellActions(r *verdict.Report, opts view.Options) error {
	var errs []error
	fail := func(what string, err error) {
		if err != nil {
			errs = append(errs, lang.Errorf("no se pudo escribir %s: %s", "%s could not be written: %s", what, files.PlainCause(err)))
		}
	}
	if !slices.ContainsFunc(o.all, func(out *output) bool { return out.format.Name == "github" }) && o.user.Commands != nil {
		fail("github", write("github", o.user.Commands, r, opts))
	}
	if path := o.user.Getenv("GITHUB_STEP_SUMMARY"); path != "" {
		var b bytes.Buffer
		err := write("markdown", &b, r, opts)
		if err == nil {
			err = files.Append(path, []byte(o.user.Secrets.Hide(b.String())+"\n"))
		}
		fail("GITHUB_STEP_SUMMARY", err)
	}
	return errors.Join(errs...)
}

func write(format string, w io.Writer, r *verdict.Report, opts view.Options) error {
	f, err := report.Lookup(format)
	if err != nil {
		return err
	}
	return f.Write(w, r, opts)
}

// stages are the steps in which reports are written.
const stages = 3

func (out *output) stage() int {
	switch {
	case out.path == "":
		return stages - 1
	case out.stream != nil:
		return 1
	default:
		return 0
	}
}

func unwritten(out *output, err error) error {
	if out.path == "" {
		return lang.Errorf("no se pudo escribir el informe %s: %s", "the report %s could not be written: %s", out.format.Name, err)
	}
	return lang.Errorf("no se pudo escribir el informe %s=%s: %s", "the report %s=%s could not be written: %s", out.format.Name, out.path, files.PlainCause(err))
}

func (out *output) finish(r *verdict.Report, opts view.Options) error {
	err := out.err
	if err == nil {
		err = out.write(r, opts)
	}
	if out.open != nil {
		err = errors.Join(err, out.hiding.Flush(), out.open.Close())
	}
	return err
}

func (out *output) write(r *verdict.Report, opts view.Options) error {
	if out.stream != nil {
		return out.stream.End(r, opts.Unwritten)
	}
	if out.path != "" {
		opts.Width, opts.Color, opts.PlanShown = 0, false, false
	}
	var b bytes.Buffer
	if err := out.format.Write(&b, r, opts); err != nil {
		return err
	}
	if out.w != nil { // in one piece: what is a command is told by where its line begins
		_, err := out.w.Write(b.Bytes())
		return err
	}
	return out.place.Write([]byte(out.secrets.Hide(b.String())))
}

// Several are the same reports for each of n subscriptions, those in files with
// the number of the subscription before the ending: report-2.html. What is no
// file gets all of them.
func (o *Outputs) Several(n int) ([]*Outputs, error) {
	several := make([]*Outputs, n)
	all := &Outputs{user: o.user} // of all subscriptions, none of which may take the file of another
	var errs []error
	for i := range several {
		one := &Outputs{user: o.user, actions: o.actions, broken: o.broken}
		for _, out := range o.all {
			numbered := *out
			if out.w == nil && out.place.Whole() {
				numbered.path = numberedPath(out.path, i+1)
				errs = append(errs, all.add(&numbered, o.user.Path(numbered.path)))
			}
			one.all = append(one.all, &numbered)
		}
		several[i] = one
	}
	return several, errors.Join(errs...)
}

func numberedPath(path string, n int) string {
	ext := filepath.Ext(path)
	return fmt.Sprintf("%s-%d%s", strings.TrimSuffix(path, ext), n, ext)
}
