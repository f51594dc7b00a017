//go:build unix

package main_test

import (
	"crypto/sha256"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"

	"github.com/goccy/go-yaml"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/examples/receivers"
	"github.com/kometia-sim/kometia-sim/report/ndjson/ndjsontest"
)

const ciRoot = "../.."

// ciStep is a step of a workflow or of a composite action.
type ciStep struct {
	Name, Run, If, Shell, Uses string
	Env                        map[string]string
}

// ciBlocks are the fenced blocks of docs/ci.md in a language of their own, as they
// are printed.
func ciBlocks(page, language string) (blocks []string) {
	GinkgoHelper()
	text, err := os.ReadFile(filepath.Join(ciRoot, "docs", page))
	Expect(err).NotTo(HaveOccurred())
	for _, m := range regexp.MustCompile("(?ms)^```"+language+"\n(.*?)^```").FindAllStringSubmatch(string(text), -1) {
		blocks = append(blocks, m[1])
	}
	Expect(blocks).NotTo(BeEmpty(), language)
	return blocks
}

// ciStarts are the lines that start each framework's receiver.
func ciStarts() map[string]string {
	GinkgoHelper()
	text, err := os.ReadFile(filepath.Join(ciRoot, "docs", "ci.md"))
	Expect(err).NotTo(HaveOccurred())
	starts := map[string]string{}
	for _, m := range regexp.MustCompile("(?ms)^### (\\w+)\n\n```bash\n(.*?)^```").FindAllStringSubmatch(string(text), -1) {
		starts[m[1]] = m[2]
	}
	Expect(starts).To(HaveLen(5))
	return starts
}

// ciProject is a project of the user's, with what CI has on its path: the example
// of a framework, under the commands that a project of its own has.
type ciProject struct {
	dir, bin, home, port string
	env                  []string
}

func newCIProject(ctx SpecContext, framework string) *ciProject {
	GinkgoHelper()
	of := map[string]struct{ folder, entry string }{
		"Laravel": {"laravel", "laravel"}, "Rails": {"rails", "rails"}, "Django": {"django", "django"},
		"Express": {"express", "express"}, "Go": {"go-minimo", "go-minimo"},
	}[framework]
	names, err := receivers.Require(ctx, GinkgoWriter, of.entry)
	Expect(err).NotTo(HaveOccurred())
	if len(names) == 0 {
		Skip(framework + " is not installed here")
	}
	examples, err := filepath.Abs(filepath.Join(ciRoot, "examples", of.folder))
	Expect(err).NotTo(HaveOccurred())
	top := GinkgoT().TempDir()
	p := &ciProject{dir: filepath.Join(top, "project"), bin: filepath.Join(top, "bin"), home: filepath.Join(top, "home")}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	Expect(err).NotTo(HaveOccurred())
	_, p.port, err = net.SplitHostPort(listener.Addr().String())
	Expect(err).NotTo(HaveOccurred())
	Expect(listener.Close()).To(Succeed())
	copied := exec.CommandContext(ctx, "cp", "-R", examples, p.dir)
	Expect(copied.Run()).To(Succeed())
	Expect(os.RemoveAll(filepath.Join(p.dir, "node_modules"))).To(Succeed())
	_ = os.Symlink(filepath.Join(examples, "node_modules"), filepath.Join(p.dir, "node_modules"))

	executable, err := os.Executable()
	Expect(err).NotTo(HaveOccurred())
	p.program("artisan", "<?php if ($argv[1] === 'serve') { passthru(\"exec php -S localhost:$argv[3] -t public server.php\"); }\n", p.dir)
	p.program("rails", "#!/bin/sh\n[ \"$1\" != server ] || exec puma -b \"tcp://127.0.0.1:$3\" config.ru\n", filepath.Join(p.dir, "bin"))
	p.program("python3", "#!/bin/sh\nexec /usr/bin/python3 \"$@\"\n", p.bin)
	p.program("npm", "#!/bin/sh\n", p.bin)
	p.program("composer", "#!/bin/sh\n", p.bin)
	p.program(".env.example", "", p.dir)
	p.program("go.mod", "module receiver\n\ngo 1.26\n", p.dir)
	p.program("gh", "#!/bin/sh\necho \"$*\" >>\"$HOME/gh\"\nwhile [ $# -gt 0 ]; do [ \"$1\" != --body-file ] || cat \"$2\" >>\"$HOME/gh\"; shift; done\n", p.bin)
	// What a release holds: kometia-sim, which here runs one check in place of all.
	p.program("kometia-sim-linux-amd64", fmt.Sprintf("#!/bin/sh\n[ \"$1\" != run ] || { shift; set -- run KOM-ACK-001 \"$@\"; }\nexec %s \"$@\"\n", executable), filepath.Join(top, "release"))
	p.release()
	p.program("curl", "#!/bin/sh\nfor arg; do case $arg in https://github.com/kometia-sim/*) from="+top+"/release/${arg##*/} ;; esac; done\n"+
		"[ -n \"${from:-}\" ] || exec /usr/bin/curl \"$@\"\nwhile [ \"$1\" != -o ]; do shift; done\ncp \"$from\" \"$2\"\n", p.bin)
	Expect(os.MkdirAll(p.home, 0o700)).To(Succeed())
	p.env = append(os.Environ(),
		"HOME="+p.home, "GOCACHE="+strings.TrimSpace(output("go", "env", "GOCACHE")), "CI=true", "LANG=en_US.UTF-8",
		"KOMETIA_EXENTO=1", "KOMETIA_DATOS="+filepath.Join(top, "data"), "RAILS_ENV=production", "NODE_ENV=production", "PYTHONDONTWRITEBYTECODE=1")
	return p
}

func output(words ...string) string {
	GinkgoHelper()
	out, err := exec.CommandContext(GinkgoT().Context(), words[0], words[1:]...).Output()
	Expect(err).NotTo(HaveOccurred())
	return string(out)
}

func (p *ciProject) program(name, text, folder string) {
	GinkgoHelper()
	Expect(os.MkdirAll(folder, 0o700)).To(Succeed())
	Expect(os.WriteFile(filepath.Join(folder, name), []byte(text), 0o700)).To(Succeed())
}

func (p *ciProject) release() {
	GinkgoHelper()
	dir := filepath.Join(filepath.Dir(p.bin), "release")
	data, err := os.ReadFile(filepath.Join(dir, "kometia-sim-linux-amd64"))
	Expect(err).NotTo(HaveOccurred())
	p.program("SHA256SUMS", fmt.Sprintf("%x  kometia-sim-linux-amd64\n", sha256.Sum256(data)), dir)
}

// sh runs a script as a CI server does. What it leaves in the background lives
// until the spec ends.
func (p *ciProject) sh(ctx SpecContext, script string, env ...string) (string, error) {
	GinkgoHelper()
	path := []string{p.bin, os.Getenv("PATH")}
	if added, err := os.ReadFile(filepath.Join(p.home, "github_path")); err == nil {
		path = append(strings.Fields(string(added)), path...)
	}
	file := filepath.Join(filepath.Dir(p.bin), "step.sh")
	Expect(os.WriteFile(file, []byte(strings.ReplaceAll(script, "8000", p.port)), 0o600)).To(Succeed())
	cmd := exec.CommandContext(ctx, "bash", "-e", file)
	cmd.Dir, cmd.Env = p.dir, append(append(p.env, "PATH="+strings.Join(path, ":")), env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := cmd.CombinedOutput()
	DeferCleanup(func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) })
	return string(out), err
}

// reported checks what a recipe leaves.
func (p *ciProject) reported(dir string) {
	GinkgoHelper()
	for _, name := range []string{"report.xml", "report.html", "report.md", "report.json"} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		Expect(err).NotTo(HaveOccurred())
		Expect(string(data)).To(ContainSubstring("KOM-ACK-001"), name)
		if name == "report.json" {
			Expect(ndjsontest.Mistakes(string(data))).To(BeEmpty())
		}
	}
}

var _ = Describe("the recipes for CI", Label("whole", "unraced"), func() {
	const limit = 90 * time.Second

	DescribeTable("work on GitHub as they are printed", func(ctx SpecContext, framework string) {
		p := newCIProject(ctx, framework)
		var workflow struct {
			Jobs map[string]struct{ Steps []ciStep }
		}
		Expect(yaml.Unmarshal([]byte(ciBlocks("ci.md", "yaml")[0]), &workflow)).To(Succeed())
		summary := filepath.Join(p.home, "summary.md")
		ran := 0
		for _, step := range workflow.Jobs["webhooks"].Steps {
			script := step.Run
			switch {
			case script == "":
				Expect(step.Uses).NotTo(BeEmpty(), step.Name)
				continue
			case step.Name == "Install" && framework != "Laravel":
				continue
			case step.Name == "Start the receiver":
				Expect(script).To(Equal(ciStarts()["Laravel"]))
				script = ciStarts()[framework]
			}
			ran++
			out, err := p.sh(ctx, script, "GITHUB_ACTIONS=true", "GITHUB_STEP_SUMMARY="+summary, "GITHUB_PATH="+filepath.Join(p.home, "github_path"), "PULL=7")
			Expect(err).NotTo(HaveOccurred(), "%s\n%s", step.Name, out)
		}
		Expect(ran).To(BeNumerically(">=", 4))
		p.reported(p.dir)
		said, err := os.ReadFile(filepath.Join(p.home, "gh"))
		Expect(err).NotTo(HaveOccurred())
		Expect(string(said)).To(And(HavePrefix("pr comment 7 --body-file report.md --edit-last"), ContainSubstring("KOM-ACK-001")))
		Expect(summary).To(BeAnExistingFile())
	},
		Entry(nil, "Laravel", SpecTimeout(limit)), Entry(nil, "Rails", SpecTimeout(limit)), Entry(nil, "Django", SpecTimeout(limit)),
		Entry(nil, "Express", SpecTimeout(limit)), Entry(nil, "Go", SpecTimeout(limit)),
	)

	DescribeTable("work on GitLab and Jenkins as they are printed", func(ctx SpecContext, server, framework string) {
		p := newCIProject(ctx, framework)
		var script string
		if server == "GitLab" {
			var file struct {
				Webhooks struct {
					BeforeScript []string `yaml:"before_script"`
					Script       []string
				}
			}
			blocks := ciBlocks("ci.md", "yaml")
			Expect(yaml.Unmarshal([]byte(blocks[len(blocks)-1]), &file)).To(Succeed())
			Expect(len(file.Webhooks.Script)).To(BeNumerically(">=", 4))
			script = strings.Join(append(file.Webhooks.BeforeScript, file.Webhooks.Script...), "\n") + "\n"
		} else {
			m := regexp.MustCompile(`(?s)sh '''\n(.*?)'''`).FindStringSubmatch(ciBlocks("ci.md", "groovy")[0])
			Expect(m).NotTo(BeNil())
			script = regexp.MustCompile(`(?m)^ {10}`).ReplaceAllString(m[1], "")
		}
		Expect(script).To(ContainSubstring(ciStarts()["Laravel"]))
		out, err := p.sh(ctx, strings.Replace(script, ciStarts()["Laravel"], ciStarts()[framework], 1))
		Expect(err).NotTo(HaveOccurred(), out)
		p.reported(p.dir)
	},
		Entry(nil, "GitLab", "Laravel", SpecTimeout(limit)), Entry(nil, "Jenkins", "Go", SpecTimeout(limit)),
	)

	It("hold the same shell in both languages", func() {
		for _, language := range []string{"yaml", "bash", "groovy", "text"} {
			Expect(ciBlocks("ci.es.md", language)).To(Equal(ciBlocks("ci.md", language)))
		}
	})

	It("hold an image of nothing but the release's program, for a user that is not root", func() {
		text, err := os.ReadFile(filepath.Join(ciRoot, "Dockerfile"))
		Expect(err).NotTo(HaveOccurred())
		_, last, found := strings.Cut(string(text), "\nFROM scratch\n")
		Expect(found).To(BeTrue())
		Expect(last).To(MatchRegexp(`(?m)^USER [1-9]\d*:[1-9]\d*$`))
		release, err := os.ReadFile(filepath.Join(ciRoot, ".ci", "release"))
		Expect(err).NotTo(HaveOccurred())
		Expect(string(release)).To(And(ContainSubstring("file=kometia-sim-$os-$arch"), ContainSubstring("linux/amd64"), ContainSubstring("linux/arm64")))
		for _, m := range regexp.MustCompile(`(?m)^COPY (.*) \S+$`).FindAllStringSubmatch(last, -1) {
			Expect(m[1]).To(Or(HavePrefix("--from=certificates "), Equal("dist/kometia-sim-linux-${TARGETARCH}")))
		}
		ignored, err := os.ReadFile(filepath.Join(ciRoot, ".dockerignore"))
		Expect(err).NotTo(HaveOccurred())
		Expect(string(ignored)).To(Equal("*\n!dist/kometia-sim-linux-*\n"))
	})

	It("work as an action, too, which takes nothing whose checksum is wrong", func(ctx SpecContext) {
		p := newCIProject(ctx, "Go")
		text, err := os.ReadFile(filepath.Join(ciRoot, "action.yml"))
		Expect(err).NotTo(HaveOccurred())
		var action struct {
			Inputs map[string]struct{ Description string }
			Runs   struct{ Steps []ciStep }
		}
		Expect(yaml.Unmarshal(text, &action)).To(Succeed())
		Expect(len(action.Inputs)).To(BeNumerically(">=", 8))
		Expect(os.WriteFile(filepath.Join(p.dir, "go.sum"), nil, 0o600)).To(Succeed())
		reports := filepath.Join(p.home, "tmp", "kometia-sim-report")
		given := []string{
			"RUNNER_TEMP=" + filepath.Join(p.home, "tmp"), "GITHUB_PATH=" + filepath.Join(p.home, "github_path"), "GITHUB_OUTPUT=" + filepath.Join(p.home, "output"),
			"GITHUB_STEP_SUMMARY=" + filepath.Join(p.home, "summary.md"), "GITHUB_REPOSITORY=shop/site", "GITHUB_ACTIONS=true",
			"VERSION=main", "RELEASES=https://github.com/kometia-sim/kometia-sim/releases",
			"START=go build -o receiver . && exec ./receiver -listen 127.0.0.1:" + p.port, "READY=http://localhost:" + p.port + "/",
			"TARGET=http://localhost:" + p.port + "/kometia/webhook", "ARGS=\n--strict\n--header\nX-Two: 'words here'\n",
			"BASELINE=" + filepath.Join(reports, "report.json"), "OUT=" + reports, "PULL=7",
		}
		ran := 0
		for _, step := range action.Runs.Steps {
			if step.Run == "" {
				continue
			}
			Expect(step.Shell).To(Equal("bash"), step.Name)
			Expect(step.Run).NotTo(ContainSubstring("${{"), "what a user gives never becomes shell")
			for name := range step.Env {
				Expect(strings.Join(append(given, "GH_TOKEN="), "\n")).To(ContainSubstring(name + "="))
			}
			if ran == 0 {
				p.program("SHA256SUMS", strings.Repeat("0", 64)+"  kometia-sim-linux-amd64\n", filepath.Join(filepath.Dir(p.bin), "release"))
				out, err := p.sh(ctx, step.Run, given...)
				Expect(err).To(HaveOccurred(), out)
				p.release()
			}
			ran++
			out, err := p.sh(ctx, step.Run, given...)
			Expect(err).NotTo(HaveOccurred(), "%s\n%s", step.Name, out)
		}
		Expect(ran).To(BeNumerically(">=", 6))
		p.reported(reports)
		said, err := os.ReadFile(filepath.Join(p.home, "gh"))
		Expect(err).NotTo(HaveOccurred())
		Expect(string(said)).To(And(HavePrefix("pr comment 7 --repo shop/site"), ContainSubstring("Nothing changed")))
	}, SpecTimeout(limit))
})
