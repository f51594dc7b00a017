package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/terminal"
	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/diagnose"
	"github.com/kometia-sim/kometia-sim/simulator/practice"
)

// shells maps a shell to its script. All of them ask the program itself for the
// candidates, so that a completion never knows less than the program.
func shells() map[string]string {
	return map[string]string{
		"bash": `_kometia_sim() {
  local IFS=$'\n'
  COMPREPLY=($(kometia-sim __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
  [ ${#COMPREPLY[@]} -eq 0 ] && compopt -o default 2>/dev/null
}
COMP_WORDBREAKS=${COMP_WORDBREAKS//:/}
complete -F _kometia_sim kometia-sim
`,
		"zsh": `#compdef kometia-sim
_kometia_sim() {
  local -a candidates
  candidates=("${(@f)$(kometia-sim __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "$candidates" ]]; then compadd -Q -- "${candidates[@]}"; else _files; fi
}
compdef _kometia_sim kometia-sim
`,
		"fish": `function __kometia_sim_complete
    set -l words (commandline -opc) (commandline -ct)
    kometia-sim __complete $words[2..-1] 2>/dev/null
end
complete -c kometia-sim -a '(__kometia_sim_complete)'
`,
		"powershell": `Register-ArgumentCompleter -Native -CommandName kometia-sim -ScriptBlock {
    param($word, $ast, $cursor)
    $words = @($ast.CommandElements | Select-Object -Skip 1 | ForEach-Object { "$_" })
    if ($word -eq '') { $words += '' }
    kometia-sim __complete @words 2>$null | ForEach-Object {
        [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
    }
}
`,
	}
}

func shellNames() []string {
	var names []string
	for name := range shells() {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func (s *session) completionCommand() *cli.Command {
	return s.command(&cli.Command{
		Name: "completion", ArgsUsage: strings.Join(shellNames(), "|"),
		Usage: s.T("escribe el script que completa comandos y nombres en su shell", "prints the script that completes commands and names in your shell"),
		UsageText: `source <(kometia-sim completion bash)
kometia-sim completion fish > ~/.config/fish/completions/kometia-sim.fish`,
	}, func(context.Context) error {
		if s.flags.NArg() != 1 {
			return terminal.Usage(lang.Errorf("diga para qué shell: %s", "say for which shell: %s", strings.Join(shellNames(), ", ")))
		}
		name := s.flags.Args().First()
		if err := oneOf(name, shellNames(), "no hay script para %q%s: use %s", "there is no script for %q%s: use %s"); err != nil {
			return terminal.Usage(err)
		}
		_, err := fmt.Fprint(s.Stdout, shells()[name])
		return err
	})
}

// candidatesCommand is what the scripts ask: kometia-sim __complete WORD..., the
// last word being the one at the cursor.
func (s *session) candidatesCommand() *cli.Command {
	return &cli.Command{
		Name: "__complete", Hidden: true, HideHelp: true, HideHelpCommand: true, SkipFlagParsing: true,
		Action: func(c *cli.Context) error {
			words := c.Args().Slice()
			if len(words) == 0 {
				words = []string{""}
			}
			var b strings.Builder
			for _, candidate := range s.candidates(words) {
				b.WriteString(candidate + "\n")
			}
			_, err := fmt.Fprint(s.Stdout, b.String())
			return err
		},
	}
}

func (s *session) candidates(words []string) []string {
	at := words[len(words)-1]
	app := s.app()
	var all []string
	if len(words) == 1 {
		for _, c := range app.Commands {
			if !c.Hidden {
				all = append(all, c.Name)
			}
		}
		all = append(all, longFlags(app.Flags)...)
	} else if c := app.Command(words[0]); c != nil {
		if before := words[len(words)-2]; strings.HasPrefix(before, "--") && !strings.Contains(before, "=") {
			if f := flagNamed(c.Flags, before[2:]); f != nil && takesValue(f) {
				return matching(flagValues(before[2:]), at)
			}
		}
		if strings.HasPrefix(at, "-") {
			all = longFlags(c.Flags)
		} else {
			all = argumentValues(c.Name)
		}
	}
	return matching(all, at)
}

func matching(all []string, start string) []string {
	var out []string
	for _, candidate := range all {
		if strings.HasPrefix(candidate, start) {
			out = append(out, candidate)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func longFlags(flags []cli.Flag) []string {
	var out []string
	for _, f := range flags {
		if v, ok := f.(cli.VisibleFlag); ok && !v.IsVisible() {
			continue
		}
		out = append(out, "--"+f.Names()[0])
	}
	return out
}

// flagValues are the values that a flag is known to take.
func flagValues(name string) []string {
	switch name {
	case "lang":
		return []string{"es", "en"}
	case "style":
		return []string{"php", "plain", "pretty"}
	case "envelope":
		return delivery.Envelopes()
	case "report":
		var values []string
		for _, name := range formats() {
			values = append(values, name, name+"=")
		}
		return values
	case "phases":
		return phaseNames()
	case "oracles":
		return oracleNames()
	case "export":
		return []string{"curl", "http"}
	case "require":
		return []string{"effects"}
	case "allow":
		return classes()
	case "kinds":
		return kindNames()
	case "only", "skip":
		return checkNames()
	case "flaw":
		return flawNames("")
	case "to", "target":
		return append(flawNames("practice:"), "practice", "http://", "https://")
	default:
		return nil
	}
}

// argumentValues are the arguments that a command is known to take.
func argumentValues(command string) []string {
	switch command {
	case "send":
		return kindNames()
	case "run":
		return checkNames()
	case "fuzz":
		return kindNames()
	case "list":
		return lists()
	case "completion":
		return shellNames()
	case "schema":
		return append(append(kindNames(), schemas.Builtin().Objects()...), "config", "event", "scenario")
	case "explain":
		var codes []string
		for _, e := range diagnose.Builtin().Entries() {
			codes = append(codes, e.Code)
		}
		return slices.Concat(checkNames(), codes, kindNames(), oracleNames(), []string{"supuestos", "assumptions"})
	default:
		return nil
	}
}

func kindNames() []string {
	var names []string
	for _, k := range schemas.Builtin().Kinds() {
		names = append(names, k.Name)
	}
	return names
}

func checkNames() []string {
	suite, err := language.Builtin()
	if err != nil {
		return nil
	}
	var names []string
	for _, c := range suite.Checks() {
		names = append(names, c.ID)
	}
	return names
}

func flawNames(prefix string) []string {
	var names []string
	for _, f := range practice.Flaws() {
		names = append(names, prefix+f.Name)
	}
	return names
}
