package main

import (
	"errors"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/console"
	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// arrange puts the flags of a command line before its arguments, because cli/v2
// takes every flag behind the first argument for an argument, without a word.
// Flags before the command (kometia-sim --lang en list events) become flags of
// the command. "--" ends the flags, and a number such as -1 is an argument.
//
// The result is command, flags as --name=value, "--", arguments. All unknown
// flags are named at once.
func arrange(app *cli.App, args []string) ([]string, error) {
	lead, rest, err := readFlags(app.Flags, args, true)
	if err != nil {
		return nil, console.UsageWithHint(err, seeHelp(""))
	}
	if len(rest) == 0 {
		return lead, nil
	}
	name, rest := rest[0], rest[1:]
	command := app.Command(name)
	if command == nil {
		return nil, console.UsageWithHint(unknownCommand(app, name), seeHelp(""))
	}
	if command.SkipFlagParsing {
		return append([]string{command.Name}, rest...), nil
	}
	flags, arguments, err := readFlags(command.Flags, rest, false)
	if err != nil {
		return nil, console.UsageWithHint(err, seeHelp(command.Name))
	}
	out := append([]string{command.Name}, lead...)
	out = append(append(out, flags...), "--")
	return append(out, arguments...), nil
}

// readFlags takes the flags out of args. With lead it ends at the first
// argument and gives back the rest as it is.
func readFlags(known []cli.Flag, args []string, lead bool) (flags, arguments []string, err error) {
	var errs []error
	given := map[string]string{} // the value of each flag that takes one only
	take := func(flag cli.Flag, name, value string) {
		flags = append(flags, "--"+name+"="+value)
		first := flag.Names()[0]
		before, twice := given[first]
		switch {
		case value == "":
			errs = append(errs, lang.Errorf("--%s está vacío: dé un valor, o quite la opción", "--%s is empty: give a value, or leave the flag out", name))
		case twice && before != value && takesOne(flag):
			errs = append(errs, lang.Errorf("--%s está dos veces con valores distintos: deje uno", "--%s stands twice with different values: keep one", name))
		}
		given[first] = value
	}
	for i := 0; i < len(args); i++ {
		arg := args[i]
		if arg == "--" && !lead {
			arguments = append(arguments, args[i+1:]...)
			break
		}
		if !isFlag(arg) {
			if lead {
				return flags, args[i:], errors.Join(errs...)
			}
			arguments = append(arguments, arg)
			continue
		}
		name, value, attached := strings.Cut(strings.TrimLeft(arg, "-"), "=")
		flag := flagNamed(known, name)
		switch {
		case flag == nil:
			errs = append(errs, unknownFlag(known, arg, name))
		case !takesValue(flag):
			if attached {
				name += "=" + value
			}
			flags = append(flags, "--"+name)
		case attached:
			take(flag, name, value)
		case i+1 == len(args):
			errs = append(errs, lang.Errorf("la opción %s necesita un valor", "the flag %s needs a value", arg))
		case inPlaceOfValue(known, args[i+1]):
			errs = append(errs, lang.Errorf("la opción %s necesita un valor y tras ella está %s (si ese es su valor: %s=%s)",
				"the flag %s needs a value and %s stands behind it (if that is its value: %s=%s)", arg, args[i+1], arg, args[i+1]))
		default:
			i++
			take(flag, name, args[i])
		}
	}
	return flags, arguments, errors.Join(errs...)
}

// inPlaceOfValue reports whether a word that stands where a value should is a
// flag, known or not: somebody forgot the value, or the shell had none.
func inPlaceOfValue(known []cli.Flag, word string) bool {
	name, _, _ := strings.Cut(strings.TrimLeft(word, "-"), "=")
	return isFlag(word) && (strings.HasPrefix(word, "--") || flagNamed(known, name) != nil)
}

// isFlag tells a flag from an argument: "-" is standard input and -1 a number.
func isFlag(arg string) bool {
	return len(arg) > 1 && arg[0] == '-' && (arg[1] < '0' || arg[1] > '9') && arg[1] != '.'
}

func flagNamed(known []cli.Flag, name string) cli.Flag {
	for _, f := range known {
		for _, n := range f.Names() {
			if n == name {
				return f
			}
		}
	}
	return nil
}

func takesValue(f cli.Flag) bool {
	d, ok := f.(cli.DocGenerationFlag)
	return ok && d.TakesValue()
}

// takesOne reports whether only the last of several values would count.
func takesOne(f cli.Flag) bool {
	_, one := f.(*cli.StringFlag)
	return one
}

func unknownFlag(known []cli.Flag, arg, name string) error {
	var names []string
	for _, f := range known {
		for _, n := range f.Names() {
			if len(n) > 1 {
				names = append(names, n)
			}
		}
	}
	suggestion := schemas.Suggest(name, names)
	if suggestion != "" {
		suggestion = "--" + suggestion
	}
	shown, _, _ := strings.Cut(arg, "=")
	return lang.Errorf("no existe la opción %s%s", "unknown flag %s%s", shown, lang.DidYouMean(suggestion))
}

func unknownCommand(app *cli.App, name string) error {
	for _, later := range []string{"load", "serve", "init"} {
		if name == later {
			return lang.Errorf("%q aún no existe en esta versión; por ahora: send, run, fuzz, replay, receive, list, explain, schema, validate, ids",
				"%q is not part of this version yet; for now: send, run, fuzz, replay, receive, list, explain, schema, validate, ids", name)
		}
	}
	var names []string
	for _, c := range app.Commands {
		if !c.Hidden {
			names = append(names, c.Name)
		}
	}
	// "kometia-sim order.created" is what someone types who forgot the verb.
	if _, err := schemas.Builtin().Kind(name); err == nil {
		return lang.Errorf("no existe el comando %q (¿quiso decir send %s?)", "unknown command %q (did you mean send %s?)", name, name)
	}
	return lang.Errorf("no existe el comando %q%s", "unknown command %q%s", name, lang.DidYouMean(schemas.Suggest(name, names)))
}

func seeHelp(command string) error {
	if command != "" {
		command = " " + command
	}
	return lang.Errorf("Ayuda: kometia-sim%s --help", "Help: kometia-sim%s --help", command)
}
