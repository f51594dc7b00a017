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
// candidates, so that a completion never knows less than the program, and leave
// the shell's own settings as they are. A candidate that ends in = or : goes on; where
// there is none, files are offered.
func shells() map[string]string {
	return map[string]string{
		// Bash splits words at = and : (COMP_WORDBREAKS), and replaces what stands
		// behind the last of them. So the words are put together again, and of each
		// candidate only the end is given back.
		"bash": `_kometia_sim() {
  local IFS=$'\n' line=$COMP_LINE word blank last=0 i words=() whole head= candidate
  for ((i = 0; i <= COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    blank=${line%%[![:space:]]*}
    line=${line#"$blank"}
    line=${line#"$word"}
    if [ "$i" -gt 0 ] && [ -z "$blank" ]; then
      words[last]=${words[last]}$word
    else
      last=${#words[@]}
      words[last]=$word
    fi
  done
  whole=${words[last]}
  for word in = :; do
    if [[ $COMP_WORDBREAKS == *$word* && $whole == *$word* && ${#head} -le ${#whole} ]]; then
      candidate=${whole%$word*}$word
      [ ${#candidate} -gt ${#head} ] && head=$candidate
    fi
  done
  COMPREPLY=()
  while read -r candidate; do
    COMPREPLY+=("${candidate#"$head"}")
  done < <(kometia-sim __complete "${words[@]:1}" 2>/dev/null)
  if [ ${#COMPREPLY[@]} -eq 0 ]; then
    compopt -o default 2>/dev/null
  elif [ ${#COMPREPLY[@]} -eq 1 ]; then
    case ${COMPREPLY[0]} in *[=:,/]) compopt -o nospace 2>/dev/null ;; esac
  fi
}
complete -F _kometia_sim kometia-sim
`,
		"zsh": `#compdef kometia-sim
_kometia_sim() {
  local -a candidates open
  candidates=("${(@f)$(kometia-sim __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  candidates=("${(@)candidates:#}")
  open=("${(@M)candidates:#*[=:,/]}")
  candidates=("${(@)candidates:#*[=:,/]}")
  if (( ${#candidates} + ${#open} )); then
    (( ${#open} )) && compadd -Q -S '' -- "${open[@]}"
    (( ${#candidates} )) && compadd -Q -- "${candidates[@]}"
  else
    compset -P '*='
    _files
  fi
}
if [[ ${funcstack[1]} == _kometia-sim ]]; then
  _kometia_sim
else
  compdef _kometia_sim kometia-sim
fi
`,
		"fish": `function __kometia_sim_complete
    set -l words (commandline -opc) (commandline -ct)
    set -l found (kometia-sim __complete $words[2..-1] 2>/dev/null)
    if test (count $found) -gt 0
        printf '%s\n' $found
    else
        set -l head (string match -r '^.*=' -- $words[-1]; or echo '')
        for file in (__fish_complete_path (string replace -r '^.*=' '' -- $words[-1]))
            echo $head$file
        end
    end
end
complete -c kometia-sim -f -a '(__kometia_sim_complete)'
`,
		"powershell": `Register-ArgumentCompleter -Native -CommandName kometia-sim -ScriptBlock {
    param($word, $ast, $cursor)
    $words = @($ast.CommandElements | Select-Object -Skip 1 | Where-Object { $_.Extent.StartOffset -lt $cursor } | ForEach-Object { "$_" })
    if ($word -eq '') { $words += '""' }
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
	if len(words) == 0 {
		words = []string{""}
	}
	before, at := words[:len(words)-1], strings.Trim(words[len(words)-1], `"'`)
	d, flag := commandIn(tag, before)
	name := settings.Program
	if d != nil {
		name = d.name
	}
	if flag != "" {
		return values(name, flag, "", at)
	}
	if long, value, assigned := strings.Cut(at, "="); assigned && strings.HasPrefix(long, "--") {
		return values(name, strings.TrimPrefix(long, "--"), long+"=", value)
	}
	var all []string
	switch {
	case strings.HasPrefix(at, "-"):
		all = longFlags(name, tag)
	case d == nil:
		for _, c := range commands() {
			if !c.hidden {
				all = append(all, c.name)
			}
		}
	case d.offers != nil:
		all = d.offers()
	}
	return matching(all, at)
}

// commandIn is the command among the words before the cursor, nil while there is
// none, and the flag whose value stands at the cursor.
func commandIn(tag lang.Tag, words []string) (d *command, flag string) {
	all := commands()
	known := settings.Flags(settings.Program, tag)
	for _, word := range words {
		if flag != "" {
			flag = ""
			continue
		}
		name := strings.TrimLeft(word, "-")
		switch {
		case isFlag(word):
			if f := flagNamed(known, name); f != nil && takesValue(f) {
				flag = f.Names()[0]
			}
		case d == nil:
			at := slices.IndexFunc(all, func(c command) bool { return c.name == word })
			if at < 0 {
				return nil, ""
			}
			d = &all[at]
			known = settings.Flags(d.name, tag)
		}
	}
	return d, flag
}

// values are those that a flag is known to take, behind what the word has before
// them already: the flag itself, and the values of a list.
func values(command, flag, head, at string) []string {
	offers, list := settings.Offers(command, flag)
	if i := strings.LastIndex(at, ","); list && i >= 0 {
		head, at = head+at[:i+1], at[i+1:]
	}
	var out []string
	for _, v := range matching(offers, at) {
		if v == at && strings.HasSuffix(v, "=") {
			continue // a path follows
		}
		out = append(out, head+v)
	}
	return out
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
