//go:build unix

package main_test

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/examples/receivers"
)

// tried are the configurations of docs/observers.md, by the example on which the
// page says that they are tried.
func tried(page string) map[string]string {
	GinkgoHelper()
	text, err := os.ReadFile(page)
	Expect(err).NotTo(HaveOccurred())
	configs := map[string]string{}
	for _, m := range regexp.MustCompile("(?s)<!-- tried in examples/([a-z-]+) -->\n```yaml\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		configs[m[1]] = m[2]
	}
	return configs
}

var _ = Describe("the configurations of docs/observers.md", Label("whole", "unraced"), func() {
	verdicts := map[string]string{
		"laravel": "pass", "rails": "pass", "django": "pass", "express": "pass",
		"sinatra-cuidadoso": "pass", "php-cuidadoso": "pass",
		"go-minimo": "fail", // it remembers nothing, as the page says
	}

	It("are the same in both languages, one for each framework", func() {
		english := tried("../../docs/observers.md")
		Expect(tried("../../docs/observers.es.md")).To(Equal(english))
		Expect(english).To(HaveLen(len(verdicts)))
	})

	// As a user would, in the folder of the receiver, with the command of the page;
	// all at once, because they mostly wait.
	It("work in the examples that they name", func(ctx SpecContext) {
		// Debian's Python has Django; a pyenv in front of it has not.
		GinkgoT().Setenv("PATH", "/usr/bin"+string(os.PathListSeparator)+os.Getenv("PATH"))
		available, err := receivers.Require(ctx, os.Stderr, slices.Collect(maps.Keys(verdicts))...)
		Expect(err).NotTo(HaveOccurred())
		Expect(available).NotTo(BeEmpty())
		configs := tried("../../docs/observers.md")
		var all sync.WaitGroup
		for _, name := range available {
			sh := newShell()
			source, err := filepath.Abs(filepath.Join("../../examples", name))
			Expect(err).NotTo(HaveOccurred())
			copyExample(sh.dir, source)
			switch name {
			case "laravel": // a real one has this folder from the start
				Expect(os.MkdirAll(filepath.Join(sh.dir, "datos/logs"), 0o700)).To(Succeed())
				Expect(os.Symlink("datos", filepath.Join(sh.dir, "storage"))).To(Succeed())
			case "go-minimo":
				sh.write("go.mod", "module receptor\n\ngo 1.24\n")
			}
			_, port, _ := strings.Cut(deadAddress(), ":")
			sh.write("kometia-sim.yaml", strings.ReplaceAll(configs[name], "8000", port))
			all.Go(func() {
				defer GinkgoRecover()
				res := sh.runContext(ctx, "run", "KOM-DUP-005", "--kinds", "order.placed", "--report", "json")
				Expect(results(res.out)).To(Equal(map[string]string{"KOM-DUP-005": verdicts[name]}), "%s: %s%s", name, res.out, res.err)
			})
		}
		all.Wait()
	}, SpecTimeout(3*time.Minute))
})

// The commands of docs/verify.md, with the configuration that it shows, on the
// receiver whose code it shows.
var _ = It("the commands of docs/verify.md verify and catch up", Label("whole"), func(ctx SpecContext) {
	available, err := receivers.Require(ctx, os.Stderr, "php-cuidadoso")
	Expect(err).NotTo(HaveOccurred())
	if len(available) == 0 {
		Skip("php-cuidadoso cannot be started here")
	}
	const page = "../../docs/verify.md" // the Spanish one has the same blocks, which ./docs holds
	text, err := os.ReadFile(page)
	Expect(err).NotTo(HaveOccurred())
	var config strings.Builder
	for _, m := range regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		config.WriteString(m[1])
	}
	config.WriteString("start: [env, KOMETIA_OBSERVAR=1, PHP_CLI_SERVER_WORKERS=4, php, -S, \"localhost:8000\", -t, public]\nready: http://localhost:8000/up\n")
	_, port, _ := strings.Cut(deadAddress(), ":")
	_, apiPort, _ := strings.Cut(deadAddress(), ":")
	sh := newShell()
	copyExample(sh.dir, "../../examples/php-cuidadoso")
	sh.write("kometia-sim.yaml", strings.NewReplacer("8000", port, "8091", apiPort).Replace(config.String()))
	GinkgoT().Setenv("KOMETIA_API_URL", "http://127.0.0.1:"+apiPort) // as the page says, for the receiver and for its job
	GinkgoT().Setenv("KOMETIA_API_KEY", "sk_test_1234567890")
	commands := documented(string(text))
	Expect(len(commands)).To(BeNumerically(">=", 2), page)
	for _, words := range commands {
		res := sh.runContext(ctx, words...)
		Expect(res.code).To(Equal(0), "%s: %v\n%s%s", page, words, res.out, res.err)
		Expect(res.out).To(MatchRegexp(`[1-9][0-9]* (passed|pasan|pasa)`), page)
	}
}, SpecTimeout(2*time.Minute))

// copyExample copies a receiver without its data; what npm installed is linked.
func copyExample(to, from string) {
	GinkgoHelper()
	Expect(filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		name, _ := filepath.Rel(from, path)
		into := filepath.Join(to, name)
		switch {
		case err != nil:
			return err
		case d.IsDir() && name == "datos":
			return fs.SkipDir
		case d.IsDir() && name == "node_modules":
			if err := os.Symlink(path, into); err != nil {
				return err
			}
			return fs.SkipDir
		case d.IsDir():
			return os.MkdirAll(into, 0o755)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(into, text, 0o600)
	})).To(Succeed())
}
