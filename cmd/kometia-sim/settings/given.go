package settings

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/console"
	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/schemas/secret"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// Given is what a user has set for one command. A setting is looked up by its
// flag, or by its key when it has only that and a variable of the environment.
type Given struct {
	flags *cli.Context
	user  *console.Terminal
	rows  map[string]Setting
	names []string // of the rows, in their order
	file  *File
	// headers are the lines of each -H @FILE; nil until they have been read.
	headers map[string][]string
}

// Of is what the flags and the environment say; the config file is read by Load.
func Of(command string, flags *cli.Context, user *console.Terminal) *Given {
	g := &Given{flags: flags, user: user, rows: map[string]Setting{}, file: &File{}}
	for _, s := range Table() {
		name := s.name()
		_, known := g.rows[name]
		switch {
		case s.of(command) && s.Flag+s.Env != "":
			g.rows[name] = s
			g.names = append(g.names, name)
		case s.Key != "" && s.Flag != "" && !known:
			s.Flag = "" // only the file says it to this command
			g.rows[name] = s
		}
	}
	return g
}

// Load reads --config, else ./kometia-sim.yaml when there is one. Its language
// becomes the user's, unless that was asked for otherwise.
func (g *Given) Load() error {
	name := g.Text("config")
	asked := name != ""
	if !asked {
		name = FileName
	}
	path := g.user.Path(name)
	data, err := g.user.ReadText(path, maxFile)
	if !asked && errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return console.Usage(err)
	}
	file, err := Parse(name, data, Sources{Getenv: g.user.Getenv, Read: func(beside string) ([]byte, error) {
		return g.user.ReadText((&File{path: path}).beside(beside), maxSecret)
	}})
	g.user.Secrets.Add(file.secrets...)
	if err != nil {
		return console.Usage(err)
	}
	file.path = path
	if tag := file.language(); tag != "" && g.unlessFile("lang") == "" {
		g.user.Lang = tag
	}
	g.file = file
	return nil
}

// Check finds all values of flags and environment that are not what they may be.
func (g *Given) Check() error {
	errs := []error{g.readHeaders()}
	for _, name := range g.names {
		row := g.rows[name]
		if row.Type.Check == nil {
			continue
		}
		for _, v := range g.written(row) {
			err := row.Type.Check(v.text)
			switch {
			case err == nil:
			case row.Type.Names:
				errs = append(errs, lang.Errorf("%s: %s", "%s: %s", v.place, err))
			default:
				errs = append(errs, lang.Errorf("%s %q: %s", "%s %q: %s", v.place, v.text, err))
			}
		}
	}
	return errors.Join(errs...)
}

// written are the values of a row outside the file, and how to call their place.
func (g *Given) written(row Setting) (values []struct{ place, text string }) {
	place := "--" + row.Flag
	if row.Short == "H" {
		place = "-H"
	}
	var texts []string
	switch {
	case row.Flag != "" && g.flags.IsSet(row.Flag) && row.Form == Many:
		texts = split(g.flags.StringSlice(row.Flag))
	case row.Flag != "" && g.flags.IsSet(row.Flag) && (row.Form == Repeated || row.Form == Pairs):
		texts = g.flags.StringSlice(row.Flag)
	case row.Flag != "" && (g.flags.IsSet(row.Flag) || row.Default != ""):
		texts = []string{g.flags.String(row.Flag)}
	case row.Env != "" && g.user.Getenv(row.Env) != "":
		place, texts = row.Env, []string{g.user.Getenv(row.Env)}
	}
	for _, text := range texts {
		if row.Short == "H" && strings.HasPrefix(text, "@") && g.headers[text] != nil {
			for _, line := range g.headers[text] {
				values = append(values, struct{ place, text string }{text, line})
			}
			continue
		}
		values = append(values, struct{ place, text string }{place, text})
	}
	return values
}

// readHeaders reads the files of -H @FILE, once: they may be pipes. As in curl,
// each line is a header. What they hold is secret, whatever it is called.
func (g *Given) readHeaders() error {
	if _, known := g.rows["header"]; !known || g.headers != nil {
		return nil
	}
	g.headers = map[string][]string{}
	var errs []error
	for _, value := range g.flags.StringSlice("header") {
		path, isFile := strings.CutPrefix(value, "@")
		if !isFile || g.headers[value] != nil {
			continue
		}
		data, err := g.user.ReadText(g.user.Path(path), maxSecret)
		if err != nil {
			errs = append(errs, lang.Errorf("-H %s: %s", "-H %s: %s", value, err))
			continue
		}
		g.headers[value] = []string{}
		for line := range strings.Lines(string(data)) {
			line = strings.TrimRight(line, "\r\n")
			if line == "" {
				continue
			}
			g.headers[value] = append(g.headers[value], line)
			if f, err := wire.ParseField(line); err == nil {
				g.user.Secrets.Add(append(secret.OfField(f.Name, f.Value), f.Value)...)
			}
		}
		if len(g.headers[value]) == 0 {
			errs = append(errs, lang.Errorf("-H %s: el archivo está vacío", "-H %s: the file is empty", value))
		}
	}
	return errors.Join(errs...)
}

// split splits each value at its commas.
func split(values []string) (out []string) {
	for _, value := range values {
		for part := range strings.SplitSeq(value, ",") {
			if part = strings.TrimSpace(part); part != "" {
				out = append(out, part)
			}
		}
	}
	return out
}

// ByFlag reports whether the command line has the flag.
func (g *Given) ByFlag(name string) bool { return g.flags.IsSet(name) }

// On reports whether a switch is on: by its flag, else in the file.
func (g *Given) On(name string) bool {
	if !g.flags.IsSet(name) && g.file.text(g.rows[name].Key) == "true" {
		return true
	}
	return g.flags.Bool(name)
}

// Text is a single value: the flag's, else the environment's, else the file's.
func (g *Given) Text(name string) string {
	if value := g.unlessFile(name); value != "" || g.rows[name].Flag != "" && g.flags.IsSet(name) {
		return value
	}
	return g.file.text(g.rows[name].Key)
}

func (g *Given) unlessFile(name string) string {
	for _, v := range g.written(g.rows[name]) {
		return v.text
	}
	return ""
}

// List is a list: the flag's, else the file's; both where the flag adds.
func (g *Given) List(name string) []string {
	row := g.rows[name]
	var values []string
	for _, v := range g.written(row) {
		values = append(values, v.text)
	}
	if row.Adds || len(values) == 0 {
		return slices.Concat(g.file.list(row.Key), values)
	}
	return values
}

// File is a single value that names a file or a folder: the path, and how to
// call it.
func (g *Given) File(name string) (path, shown string) {
	if value := g.unlessFile(name); value != "" {
		return g.user.Path(value), value
	}
	shown = g.file.beside(g.file.text(g.rows[name].Key))
	return shown, shown
}

// Catalogue is the catalogue of event kinds, with the user's own.
func (g *Given) Catalogue() (*schemas.Catalogue, error) {
	path, shown := g.File("schemas")
	if path == "" {
		return schemas.Builtin(), nil
	}
	return schemas.Load(g.user.AsGiven(shown))
}

// Repeat are the flags that change what a command sends, or how long it waits,
// as words of a command that does the same again. Secrets are named and not told.
func (g *Given) Repeat() []string {
	var words []string
	for _, name := range g.names {
		row := g.rows[name]
		if !row.Repeats || !g.flags.IsSet(row.Flag) {
			continue
		}
		switch row.Form {
		case Pairs:
			for _, value := range g.flags.StringSlice("header") {
				if f, err := wire.ParseField(value); err == nil {
					value = f.Name + ": " + wire.RedactField(f.Name, f.Value)
				}
				words = append(words, "-H", value)
			}
		case Many:
			words = append(words, "--"+row.Flag, strings.Join(split(g.flags.StringSlice(row.Flag)), ","))
		case Switch:
			word := "--" + row.Flag
			if !g.flags.Bool(row.Flag) || row.Flag == "safe" {
				word += fmt.Sprintf("=%t", g.flags.Bool(row.Flag))
			}
			words = append(words, word)
		default:
			words = append(words, "--"+row.Flag, wire.Redact(g.flags.String(row.Flag)))
		}
	}
	return words
}

// headerFlags are the fields of -H.
func (g *Given) headerFlags() (fields []wire.Field) {
	for _, v := range g.written(g.rows["header"]) {
		if f, err := wire.ParseField(v.text); err == nil {
			fields = append(fields, f)
		}
	}
	return fields
}

// HeaderNames are the names of the fields of -H.
func (g *Given) HeaderNames() (names []string) {
	for _, f := range g.headerFlags() {
		names = append(names, f.Name)
	}
	return names
}

// Keys are the keys that the config file has, sorted, and the groups that they
// stand in: "observe", "observe.log".
func (g *Given) Keys() (keys []string) {
	if g.file == nil {
		return nil
	}
	for key, h := range g.file.held {
		if len(h.texts)+len(h.pairs) == 0 {
			continue
		}
		keys = append(keys, key)
		for i, r := range key {
			if r == '.' {
				keys = append(keys, key[:i])
			}
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}
