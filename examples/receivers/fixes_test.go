package receivers_test

import (
	"context"
	"crypto/x509"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/examples/receivers"
	"github.com/kometia-sim/kometia-sim/simulator/diagnose"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// pasted is a small application that refuses the webhook until the fix that the diagnosis prints is pasted into it.
type pasted struct {
	name    string
	needs   []string // packages of runtimes.tsv
	program string   // a command that has to be there beside them, which only make fixes installs; "" for none
	long    bool     // run by make fixes alone
	file    string
	before  string // stands at {fix} until then
	source  string
	also    map[string]string // further files
	command []string
	env     []string
	from    string // a folder of examples that it is a copy of; "" for none
	code    string
	// framework is whose fix it is; label is how that is labelled in English, "" for the framework's first one.
	framework, label string
	// adapt are pairs: what a reader puts a port, a file or an expression of his own in place of.
	adapt   []string
	refuses int      // the status; 0 for no response
	build   []string // what makes the command out of the file; nil for nothing

	// What is sent: https, to another name or path, with further fields, with so many bytes, so many times.
	secure   bool
	as, path string
	header   []wire.Field
	size     int
	times    int
}

// pastes are all there are.
func pastes() []pasted {
	return slices.Concat(phpPastes(), pythonPastes(), nodePastes(), rubyPastes(), goPastes(), serverPastes())
}

func named(name string, p pasted) pasted {
	p.name = name
	return p
}

// lasting is one that make fixes runs: it takes seconds, or what is not installed for the rest.
func lasting(name string, p pasted) pasted {
	p.name, p.long = name, true
	return p
}

// fix is the printed fix.
func (p pasted) fix() (diagnose.Fix, bool) {
	entry, known := diagnose.Builtin().Entry(p.code)
	if !known {
		return diagnose.Fix{}, false
	}
	fixes := entry.FixesFor("http://localhost"+p.target(), p.framework)
	at := slices.IndexFunc(fixes, func(f diagnose.Fix) bool {
		return f.Framework == p.framework && f.Code != "" && strings.HasPrefix(f.For.EN, p.label)
	})
	if at < 0 {
		return diagnose.Fix{}, false
	}
	return fixes[at], true
}

func (p pasted) target() string {
	if p.path == "" {
		return "/kometia/webhook"
	}
	return p.path
}

var _ = Describe("a printed fix", Label("whole", "unraced"), func() {
	for _, p := range pastes() {
		patience := limit
		if p.long || p.build != nil {
			patience = 5 * limit // it is built first, or starts slowly
		}
		It("works when it is pasted: "+p.name, SpecTimeout(patience), func(ctx SpecContext) {
			all := os.Getenv("FIXES") == "1"
			if p.long && !all {
				Skip("make fixes runs it")
			}
			install, err := receivers.Lacks(ctx, p.needs...)
			Expect(err).NotTo(HaveOccurred())
			if install != "" {
				Skip("not installed here: " + install)
			}
			if p.program != "" {
				Expect(exec.CommandContext(ctx, "sh", "-c", p.program).Run()).To(Succeed(), "make fixes installs it: %s", p.program)
			}
			fix, known := p.fix()
			Expect(known).To(BeTrue())

			adapted := strings.NewReplacer(p.adapt...)
			refused := p.answer(ctx, adapted.Replace(p.before))
			Expect(refused.Status).To(Equal(p.refuses), string(refused.Body))
			Expect(refused.code).To(Equal(p.code))
			answer := p.answer(ctx, adapted.Replace(fix.Code))
			Expect(answer.Acknowledged()).To(BeTrue(), "%d %s %v", answer.Status, answer.Body, answer.Err)
			Expect(answer.code).To(BeEmpty())
		})
	}

	It("is pasted wherever its framework can be installed", func() {
		tried, excused := map[string]bool{}, map[string]bool{}
		for _, p := range pastes() {
			fix, known := p.fix()
			Expect(known).To(BeTrue(), p.name)
			tried[fix.Framework+" "+strings.ReplaceAll(fix.Code, strings.TrimPrefix(p.target(), "/"), "kometia/webhook")] = true
		}
		reasons := unpasted()
		seen, left := map[string]bool{}, map[string]bool{}
		for _, entry := range diagnose.Builtin().Entries() {
			for _, fix := range entry.FixesFor("") {
				if fix.Code == "" {
					continue
				}
				snippet := fix.Framework + " " + fix.Code
				seen[snippet] = true
				if tried[snippet] {
					continue
				}
				left[snippet] = true
				reason := slices.IndexFunc([]string{fix.Framework + " " + strings.TrimSuffix(fix.For.EN, ", "+fix.File), fix.Framework + " " + entry.Code, fix.Framework}, func(key string) bool {
					excused[key] = reasons[key] != ""
					return excused[key]
				})
				Expect(reason).To(BeNumerically(">=", 0), "no test pastes the fix of %s for %s:\n%s", entry.Code, fix.For.EN, fix.Code)
			}
		}
		GinkgoWriter.Printf("%d snippets, %d of them pasted, by %d applications\n", len(seen), len(seen)-len(left), len(pastes()))
		Expect(len(seen) - len(left)).To(BeNumerically(">=", 70))
		for key := range reasons {
			Expect(excused[key]).To(BeTrue(), "the reason for %q is for nothing", key)
		}
	})
})

// unpasted has the reason why a fix is not pasted, by framework, by framework and code, or by framework and label.
func unpasted() map[string]string {
	const (
		cloud    = "a service of its vendor, which no package brings"
		composer = "its packages come from Composer's registry alone"
		debian   = "newer than what Debian has"
		hides    = "shows less of an error, and keeps no event from being refused"
		shows    = "a command that shows or restarts something, and no text of a file"
	)
	return map[string]string{
		"aws": cloud, "azure": cloud, "heroku": cloud, "localtunnel": cloud, "netlify": cloud, "vercel": cloud,
		"cakephp": composer, "codeigniter": composer, "yii": composer,
		"aspnet": "needs .NET, which Debian does not have",
		"docker": "needs a Docker engine",
		"spring": "needs Spring Boot, which Debian does not have",

		"laravel Laravel 11 and 12": debian,
		"laravel Laravel 13":        debian,
		"laravel redirect.https":    debian,
		"rack host.not-allowed":     debian,
		"rails redirect.https":      debian,

		"django server.debug-page": hides, "laravel server.debug-page": hides, "slim server.debug-page": hides, "symfony server.debug-page": hides,

		"apache route.not-found": shows, "express server.debug-page": shows, "laravel maintenance": shows, "laravel route.not-found": shows,
		"laravel server.error": shows, "nginx gateway.bad": shows, "php server.error": shows, "rails server.debug-page": shows,
		"rails server.error": shows, " tls.expired": shows,
		" tls.untrusted": "a flag of this program, which the specs of send use",
	}
}

type answered struct {
	*wire.Outcome
	code string
}

// answer starts the application with text at its {fix}, delivers an event and stops it.
func (p pasted) answer(ctx context.Context, text string) answered {
	GinkgoHelper()
	examples, err := filepath.Abs("..")
	Expect(err).NotTo(HaveOccurred())
	dir := GinkgoT().TempDir()
	Expect(os.Chmod(dir, 0o755)).To(Succeed()) // servers read files as nobody
	if p.from != "" {
		copyFolder(filepath.Join(examples, p.from), dir)
	}
	cfg := wire.DefaultConfig()
	if p.secure {
		selfSigned(dir)
		Expect(os.Mkdir(filepath.Join(dir, "otro"), 0o755)).To(Succeed())
		selfSigned(filepath.Join(dir, "otro"))
		cert, err := os.ReadFile(filepath.Join(dir, "cert.pem"))
		Expect(err).NotTo(HaveOccurred())
		cfg.RootCAs = x509.NewCertPool()
		Expect(cfg.RootCAs.AppendCertsFromPEM(cert)).To(BeTrue())
	}
	host, release, err := receivers.ReservePort(ctx)
	Expect(err).NotTo(HaveOccurred())
	defer release()
	_, port, err := net.SplitHostPort(host)
	Expect(err).NotTo(HaveOccurred())
	filled := strings.NewReplacer("{host}", host, "{port}", port, "{dir}", dir, "{examples}", examples)
	write := func(file, content string) {
		GinkgoHelper()
		name := filepath.Join(dir, file)
		Expect(os.MkdirAll(filepath.Dir(name), 0o755)).To(Succeed())
		Expect(os.WriteFile(name, []byte(filled.Replace(content)), 0o755)).To(Succeed())
	}
	write(p.file, strings.ReplaceAll(p.source, "{fix}", text))
	for file, content := range p.also {
		write(file, content)
	}
	if p.build != nil {
		build := exec.CommandContext(ctx, p.build[0], p.build[1:]...)
		build.Dir = dir
		said, err := build.CombinedOutput()
		Expect(err).NotTo(HaveOccurred(), string(said))
	}
	words := make([]string, len(p.command))
	for i, w := range p.command {
		words[i] = filled.Replace(w)
	}
	command := exec.CommandContext(ctx, words[0], words[1:]...)
	command.Dir, command.Env = dir, append(append(os.Environ(), p.env...), "KOMETIA_DATOS="+filepath.Join(dir, "datos"))
	command.Env = append(command.Env, "PATH="+os.Getenv("PATH")+":/usr/sbin")
	if sbin, err := exec.LookPath(filepath.Join("/usr/sbin", words[0])); err == nil {
		command.Path, command.Err = sbin, nil
	}
	var log strings.Builder
	command.Stdout, command.Stderr = &log, &log
	Expect(command.Start()).To(Succeed())
	defer stop(command)

	name := host
	if p.as != "" {
		name = net.JoinHostPort(p.as, port)
		cfg.Dialer.Resolve = map[string]netip.Addr{p.as: netip.MustParseAddr("127.0.0.1")}
	}
	scheme := "http://"
	if p.secure {
		scheme = "https://"
	}
	client, err := wire.New(cfg)
	Expect(err).NotTo(HaveOccurred())
	defer client.Close()
	to, err := wire.ParseTarget(scheme + name + p.target())
	Expect(err).NotTo(HaveOccurred())
	body := event("evn_1", "order.created", "ord_1", 100)
	request := &wire.Request{
		Target: to, Body: []byte(body + strings.Repeat(" ", max(p.size-len(body), 0))), Fresh: true,
		Header: append([]wire.Field{{Name: "Content-Type", Value: "application/json"}}, p.header...),
	}
	starting := 30 * time.Second
	if p.long {
		starting = 2 * time.Minute
	}
	var out *wire.Outcome
	Eventually(ctx, func() bool {
		out = client.Do(ctx, request)
		return out.Err == nil || p.refuses == 0 && out.Connected
	}).WithTimeout(starting).WithPolling(50*time.Millisecond).Should(BeTrue(), "it starts: %s", &log)
	for range p.times {
		out = client.Do(ctx, request)
	}
	d, _ := diagnose.NewProber(diagnose.Builtin(), client).Diagnose(ctx, request, out)
	if d == nil {
		return answered{Outcome: out}
	}
	return answered{Outcome: out, code: d.Code}
}

// stop ends a program, and those that it started where it does so itself when it is asked to.
func stop(command *exec.Cmd) {
	_ = command.Process.Signal(os.Interrupt)
	ended := make(chan struct{})
	go func() {
		_ = command.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-time.After(3 * time.Second):
		_ = command.Process.Kill()
		<-ended
	}
}

// copyFolder copies the files of a folder.
func copyFolder(from, to string) {
	GinkgoHelper()
	Expect(os.CopyFS(to, os.DirFS(from))).To(Succeed())
}
