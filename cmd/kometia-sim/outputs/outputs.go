// Package outputs is where the reports of a run go: --report FORMAT[=PATH], and
// the terminal when nothing else is printed to standard output.
package outputs

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/console"
	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/state"
	"github.com/kometia-sim/kometia-sim/report"
	"github.com/kometia-sim/kometia-sim/report/ndjson"
	"github.com/kometia-sim/kometia-sim/report/view"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// Outputs are the reports of one run.
type Outputs struct {
	all []*output
}

// output is one report: on standard output or in a file.
type output struct {
	format report.Format
	path   string // as given; "" is standard output
	file   string // absolute
	w      io.Writer
	open   *os.File    // of a stream that is being written
	stream *ndjson.Run // for json, which is written while the run goes on
	err    error
}

// Read reads the values of --report. Without one for standard output the terminal report
// goes there.
func Read(user *console.Host, values []string) (*Outputs, error) {
	o := &Outputs{}
	var errs []error
	stdout := ""
	files := map[string]bool{}
	for _, value := range values {
		name, path, toFile := strings.Cut(value, "=")
		format, err := report.Lookup(name)
		if err != nil {
			errs = append(errs, lang.Errorf("--report: %s", "--report: %s", err))
			continue
		}
		out := &output{format: format, path: path}
		switch {
		case toFile && path == "":
			errs = append(errs, lang.Errorf("--report %s: falta la ruta tras =", "--report %s: the path behind = is missing", value))
		case toFile:
			out.file = user.Path(path)
			if files[out.file] {
				errs = append(errs, lang.Errorf("--report: %s está dos veces", "--report: %s stands twice", path))
			}
			files[out.file] = true
			if info, err := os.Stat(filepath.Dir(out.file)); err != nil || !info.IsDir() {
				errs = append(errs, lang.Errorf("--report: la carpeta %s no existe", "--report: there is no folder %s", filepath.Dir(path)))
			} else if info, err := os.Stat(out.file); err == nil && info.IsDir() {
				errs = append(errs, lang.Errorf("--report: %s es una carpeta; dé la ruta de un archivo", "--report: %s is a folder; give the path of a file", path))
			}
		case stdout != "":
			errs = append(errs, lang.Errorf("--report: %s y %s no caben los dos en la salida estándar; dé una ruta: %s=RUTA",
				"--report: %s and %s cannot both go to standard output; give a path: %s=PATH", stdout, name, name))
		default:
			stdout, out.w = name, user.Stdout
		}
		o.all = append(o.all, out)
	}
	if stdout == "" {
		format, err := report.Lookup("terminal")
		errs = append(errs, err)
		o.all = append(o.all, &output{format: format, w: user.Stdout})
	}
	return o, errors.Join(errs...)
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

// Begin opens the streams. NDJSON is written while the run goes on, so that a
// run which was cut off shows by its missing end.
func (o *Outputs) Begin(run verdict.Run, opts view.Options) error {
	for _, out := range o.all {
		if out.format.Name != "json" {
			continue
		}
		if out.file != "" {
			f, err := os.OpenFile(out.file, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o644)
			if err != nil {
				return console.Usage(lang.Errorf("--report: %s", "--report: %s", err))
			}
			out.open, out.w = f, f
		}
		out.stream = ndjson.NewRun(out.w, run, opts)
	}
	return nil
}

// Result passes a result on to the streams.
func (o *Outputs) Result(r verdict.Result) {
	for _, out := range o.all {
		if out.stream != nil && out.err == nil {
			out.err = out.stream.Check(r)
		}
	}
}

// Finish writes every report, files first, so that what names them in the
// terminal is true when it is read.
func (o *Outputs) Finish(r *verdict.Report, opts view.Options) error {
	var errs []error
	files := slices.Clone(o.all)
	slices.SortStableFunc(files, func(a, b *output) int {
		return strings.Compare(fmt.Sprint(a.file == ""), fmt.Sprint(b.file == ""))
	})
	for _, out := range files {
		if err := out.finish(r, opts); err != nil {
			errs = append(errs, lang.Errorf("no se pudo escribir el informe %s: %s", "the report %s could not be written: %s", out.format.Name, err))
		}
	}
	return errors.Join(errs...)
}

func (out *output) finish(r *verdict.Report, opts view.Options) error {
	if out.stream != nil {
		err := out.err
		if err == nil {
			err = out.stream.End(r)
		}
		if out.open != nil {
			err = errors.Join(err, out.open.Close())
		}
		return err
	}
	if out.file == "" {
		return out.format.Write(out.w, r, opts)
	}
	opts.Width, opts.Color, opts.PlanShown = 0, false, false
	var b bytes.Buffer
	if err := out.format.Write(&b, r, opts); err != nil {
		return err
	}
	err := state.WriteWhole(out.file, b.Bytes(), 0o644)
	if errors.Is(err, fs.ErrPermission) {
		// A file that may be written in a folder that may not.
		err = os.WriteFile(out.file, b.Bytes(), 0o644)
	}
	return err
}

// Numbered are the same reports, those in files with the number of the
// subscription before the ending: report-2.html.
func (o *Outputs) Numbered(n int) *Outputs {
	c := &Outputs{}
	for _, out := range o.all {
		one := *out
		if one.file != "" {
			one.path, one.file = numberedPath(one.path, n), numberedPath(one.file, n)
		}
		c.all = append(c.all, &one)
	}
	return c
}

func numberedPath(path string, n int) string {
	ext := filepath.Ext(path)
	return fmt.Sprintf("%s-%d%s", strings.TrimSuffix(path, ext), n, ext)
}
