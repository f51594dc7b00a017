//go:build unix

package main_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// What is typed, and the words that the command line holds once Tab has been
// pressed behind it.
var typed = []struct {
	line  string
	words []string
}{
	{"kometia-sim compl", []string{"completion"}},
	{"kometia-sim --lang en vali", []string{"--lang", "en", "validate"}},
	{"kometia-sim run --target practice:no-ded", []string{"run", "--target", "practice:no-dedupe"}},
	{"kometia-sim run --target=practice:no-ded", []string{"run", "--target=practice:no-dedupe"}},
	{"kometia-sim run --only KOM-DUP-001,KOM-ACK-00", nil}, // several: see the function's own specs
	{"kometia-sim send order.plac", []string{"send", "order.placed"}},
	{"kometia-sim run --report mark", nil},
	{"kometia-sim run --report=markdown=rep", []string{"run", "--report=markdown=report file.md"}},
	{"kometia-sim run --report markdown=rep", []string{"run", "--report", "markdown=report file.md"}},
	{"kometia-sim report rep", []string{"report", "report file.md"}},
	{"kometia-sim send order.paid --to=pract", nil},
}

var _ = Describe("completion in a real shell", Label("whole", "unraced"), func() {
	var dir string
	BeforeEach(func() {
		dir = GinkgoT().TempDir()
		executable, err := os.Executable()
		Expect(err).NotTo(HaveOccurred())
		bin := filepath.Join(dir, "bin")
		Expect(os.Mkdir(bin, 0o700)).To(Succeed())
		Expect(os.Symlink(executable, filepath.Join(bin, "kometia-sim"))).To(Succeed())
		Expect(os.WriteFile(filepath.Join(dir, "report file.md"), nil, 0o600)).To(Succeed())
	})
	// shell runs a shell in a terminal of its own, types into it, and gives what it
	// printed.
	shell := func(ctx SpecContext, input string, words ...string) string {
		GinkgoHelper()
		script, err := exec.LookPath("script")
		if err != nil {
			Skip("no script(1) here, which makes the terminal")
		}
		if _, err := exec.LookPath(words[0]); err != nil {
			Skip("no " + words[0] + " here")
		}
		cmd := exec.CommandContext(ctx, script, "-qec", strings.Join(words, " "), "/dev/null")
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "PATH="+filepath.Join(dir, "bin")+":"+os.Getenv("PATH"), "HOME="+dir, "TERM=dumb", "PS1=$ ", "LANG=C.UTF-8", "HISTFILE=", "ZDOTDIR="+dir)
		cmd.Stdin = strings.NewReader(input)
		out, err := cmd.CombinedOutput()
		Expect(err).NotTo(HaveOccurred(), string(out))
		return string(out)
	}
	told := func(words []string) string { return "GOT<" + strings.Join(words, "|") + ">" }
	// The program is asked for candidates; any other call prints its words.
	const stand = `kometia-sim() { if [ "$1" = __complete ]; then command kometia-sim "$@"; else local IFS='|'; printf 'GOT<%s>\n' "$*"; fi; }` + "\n"

	DescribeTable("goes on with what was typed", func(ctx SpecContext, setUp string, words ...string) {
		input := stand + setUp
		n := 0
		for _, t := range typed {
			if t.words != nil {
				n++
				input += t.line + "\t\n"
			}
		}
		out := shell(ctx, input+"exit\n", words...)
		Expect(n).To(BeNumerically(">=", 7))
		Expect(out).NotTo(ContainSubstring(told([]string{"changed"})), "the shell's own settings")
		for _, t := range typed {
			if t.words != nil {
				Expect(out).To(ContainSubstring(told(t.words)), "%s\n%s", t.line, out)
			}
		}
	},
		Entry("bash", "breaks=$COMP_WORDBREAKS\nsource <(command kometia-sim completion bash)\n[ \"$breaks\" = \"$COMP_WORDBREAKS\" ] || kometia-sim changed\n", "bash", "--norc", "--noprofile", "-i", SpecTimeout(time.Minute)),
		Entry("bash that splits at no colon", "COMP_WORDBREAKS=${COMP_WORDBREAKS//:/}\nsource <(command kometia-sim completion bash)\n", "bash", "--norc", "--noprofile", "-i", SpecTimeout(time.Minute)),
		Entry("zsh", "autoload -Uz compinit; compinit -u -D\nsource <(command kometia-sim completion zsh)\n", "zsh", "-f", "-i", SpecTimeout(time.Minute)),
	)

	It("goes on in fish", func(ctx SpecContext) {
		var asked strings.Builder
		asked.WriteString("kometia-sim completion fish | source\n")
		for _, t := range typed {
			fmt.Fprintf(&asked, "echo '= %s'; complete -C '%s'\n", t.line, t.line)
		}
		fish, err := exec.LookPath("fish")
		if err != nil {
			Skip("no fish here")
		}
		cmd := exec.CommandContext(ctx, fish, "--no-config", "-c", asked.String())
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "PATH="+filepath.Join(dir, "bin")+":"+os.Getenv("PATH"), "HOME="+dir, "LANG=C.UTF-8")
		out, err := cmd.CombinedOutput()
		Expect(err).NotTo(HaveOccurred(), string(out))
		for _, t := range typed {
			if t.words == nil {
				continue
			}
			_, behind, found := strings.Cut(string(out), "= "+t.line+"\n")
			Expect(found).To(BeTrue(), string(out))
			first, _, _ := strings.Cut(behind, "\n")
			first, _, _ = strings.Cut(first, "\t")
			Expect(strings.ReplaceAll(first, `\ `, " ")).To(Equal(t.words[len(t.words)-1]), "%s\n%s", t.line, out)
		}
	}, SpecTimeout(time.Minute))
})
