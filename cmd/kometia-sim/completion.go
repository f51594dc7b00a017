package main

import (
	"context"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/console"
	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/settings"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
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

func completionCommand() command {
	return command{
		name: "completion", args: same(strings.Join(shellNames(), "|")), offers: shellNames,
		usage: lang.Text{ES: "escribe el script que completa comandos y nombres en su shell", EN: "prints the script that completes commands and names in your shell"},
		examples: same(`source <(kometia-sim completion bash)
kometia-sim completion fish > ~/.config/fish/completions/kometia-sim.fish`),
		act: func(_ context.Context, c *call) error {
			if len(c.args) != 1 {
				return console.Usage(lang.Errorf("diga para qué shell: %s", "say for which shell: %s", strings.Join(shellNames(), ", ")))
			}
			if err := settings.OneOf(c.args[0], shellNames(), "no hay script para %q%s: use %s", "there is no script for %q%s: use %s"); err != nil {
				return console.Usage(err)
			}
			return c.Print(shells()[c.args[0]])
		},
	}
}

// candidatesCommand is what the scripts ask: kometia-sim __complete WORD..., the
// last word being the one at the cursor.
func candidatesCommand() command {
	return command{name: "__complete", hidden: true, words: func(t *console.Terminal, words []string) error {
		var b strings.Builder
		for _, candidate := range candidates(t.Lang, words) {
			b.WriteString(candidate + "\n")
		}
		return t.Print(b.String())
	}}
}

func candidates(tag lang.Tag, words []string) []string {
	at := ""
	if len(words) > 0 {
		at = words[len(words)-1]
	}
	var all []string
	if len(words) < 2 {
		for _, c := range commands() {
			if !c.hidden {
				all = append(all, c.name)
			}
		}
		return matching(append(all, longFlags(settings.Program, tag)...), at)
	}
	for _, c := range commands() {
		if c.name != words[0] {
			continue
		}
		before := words[len(words)-2]
		if name, ok := strings.CutPrefix(before, "--"); ok && !strings.Contains(before, "=") {
			if f := flagNamed(settings.Flags(c.name, tag), name); f != nil && takesValue(f) {
				return matching(settings.Offers(c.name, name), at)
			}
		}
		switch {
		case strings.HasPrefix(at, "-"):
			all = longFlags(c.name, tag)
		case c.offers != nil:
			all = c.offers()
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

func longFlags(command string, tag lang.Tag) []string {
	var out []string
	for _, f := range settings.Flags(command, tag) {
		if v, ok := f.(cli.VisibleFlag); !ok || v.IsVisible() {
			out = append(out, "--"+f.Names()[0])
		}
	}
	return out
}
