// Package settings is what a user may set: by flag, in the environment, in
// kometia-sim.yaml.
//
// Table has one row for each setting. The flags of every command, their help,
// their completion and checks, the keys of the config file and its JSON Schema
// all come from it. Given looks a setting up
// (a flag goes before the environment, the environment before the file), and
// Read turns all that has to do with sending into Values.
package settings

import (
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// Setting is one row of the table.
type Setting struct {
	Flag  string // long name; "" when there is none
	Short string // one letter
	Env   string // variable of the environment; "" when there is none
	Key   string // in kometia-sim.yaml, "api.listen" within "api"; "" when there is none
	// In names the commands that have the flag, separated by spaces; "*" is every
	// one and the program itself, Program the program alone. A row without a flag
	// belongs to every command that reads the file.
	In   string
	Form Form
	Type Type
	// Help says what the flag does; the word in backquotes names its value. About
	// is what an editor shows beside the key.
	Help  lang.Text
	About string
	// Adds is a list whose flag adds to what the file says. Repeats is a flag that
	// changes what is sent or how long is waited, so that a reproduce line has it.
	Adds, Repeats, Hidden bool
	Default               string
}

// Program stands in In for the program without a command.
const Program = "kometia-sim"

// Form is how a setting is written.
type Form int

// The forms.
const (
	// One is a single value.
	One Form = iota
	// Switch is a flag without a value.
	Switch
	// Many is a list: values with commas, the flag repeated, a list in the file.
	Many
	// Repeated is a flag whose every value stands for itself, commas and all.
	Repeated
	// Words is a command in the file: a list of words, which no shell sees.
	Words
	// Pairs is a mapping in the file with keys of the user's own.
	Pairs
	// Group is a key that holds the keys of other rows.
	Group
	// Receivers is the list of subscriptions.
	Receivers
	// Intentions is the list of what the receiver does on purpose.
	Intentions
	// Named is one value, a list of them, or a mapping from names of the user's
	// own to them.
	Named
)

// name is what Given calls the setting.
func (s *Setting) name() string {
	if s.Flag != "" {
		return s.Flag
	}
	return s.Key
}

// of reports whether a command has the setting.
func (s *Setting) of(command string) bool {
	return s.Flag == "" || s.In == "*" || slices.Contains(strings.Fields(s.In), command)
}

// flag is the setting as the library of the command line wants it.
func (s *Setting) flag(tag lang.Tag) cli.Flag {
	var aliases []string
	if s.Short != "" {
		aliases = []string{s.Short}
	}
	usage := s.Help.In(tag)
	switch s.Form {
	case Switch:
		return &cli.BoolFlag{Name: s.Flag, Aliases: aliases, Usage: usage, Hidden: s.Hidden}
	case Many, Repeated, Pairs:
		return &cli.StringSliceFlag{Name: s.Flag, Aliases: aliases, Usage: usage, Hidden: s.Hidden}
	default:
		return &cli.StringFlag{Name: s.Flag, Aliases: aliases, Usage: usage, Hidden: s.Hidden, Value: s.Default}
	}
}

// Flags are the flags of a command.
func Flags(command string, tag lang.Tag) []cli.Flag {
	var flags []cli.Flag
	for _, s := range Table() {
		if s.Flag != "" && s.of(command) {
			flags = append(flags, s.flag(tag))
		}
	}
	return flags
}

// Offers are the values that a flag of a command is known to take, and whether it
// takes several with commas between them.
func Offers(command, flag string) (values []string, list bool) {
	for _, s := range Table() {
		if s.Flag == flag && s.of(command) && s.Type.Offers != nil {
			return s.Type.Offers(), s.Form == Many
		}
	}
	return nil, false
}
