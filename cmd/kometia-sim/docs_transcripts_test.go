package main_test

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/examples/receivers"
)

// A transcript is a block of sh, and what its last command prints, in the block of
// text behind a comment that says so:
//
//	```sh
//	kometia-sim run --target practice
//	```
//
//	<!-- prints, exit 1 -->
//	```text
//	...
//	```
//
// UPDATE_GOLDEN=1 writes the blocks of text anew.
var transcript = regexp.MustCompile("(?s)```sh\n([^`]+)```\n\n<!-- prints, exit ([0-9]+) -->\n```text\n(.*?)```")

// fence is a block of code, with the comment in front of it.
var fence = regexp.MustCompile("(?s)(?:<!-- ([^>]*) -->\n)?```([a-z]+)\n(.*?)```")

// unsteady is what differs from run to run: when it was and how long something
// took, the port of a receiver of the run's own, and where a line therefore breaks.
var unsteady = []struct {
	what *regexp.Regexp
	as   string
}{
	{regexp.MustCompile(`\b[0-9.]+ (?:µs|ms|s|min)\b(?: [0-9]+ s\b)?`), "TIME"},
	{regexp.MustCompile(`(?:127\.0\.0\.1|localhost):[0-9]+`), "ADDRESS"},
	{regexp.MustCompile(`\b[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]+Z`), "START"},
	{regexp.MustCompile(`\bevn_[0-9a-z]{12,}([0-9a-z]{8})\b`), "evn_...$1"}, // the first part holds the time
	{regexp.MustCompile(`\\?\s+`), " "},
}

// sizes are how many checks the catalog has: a new one dates no page, but make
// golden brings the pages up to date.
var sizes = regexp.MustCompile(`\b(?:of|de) [0-9]+(?: checks selected|\)|\. Pruebas)|(?:The other|Las otras) [0-9]+`)

func steady(text string) string {
	for _, u := range unsteady {
		text = u.what.ReplaceAllString(text, u.as)
	}
	return text
}

// reader is somebody who follows a page step by step.
type reader struct {
	*shell
	host string // of what the page has at localhost:8000
	last result // of the last command
}

// do runs one line of a block of sh.
func (r *reader) do(ctx context.Context, line string) {
	GinkgoHelper()
	line = strings.ReplaceAll(line, "localhost:8000", r.host)
	if words := shellWords(line); words[0] == "kometia-sim" {
		r.last = r.runContext(ctx, words[1:]...)
	} else {
		cmd := exec.CommandContext(ctx, "sh", "-c", line)
		cmd.Dir = r.dir
		out, err := cmd.Output()
		Expect(err).NotTo(HaveOccurred(), line)
		r.last = result{out: string(out)}
	}
	r.last.out = strings.ReplaceAll(r.last.out, r.host, "localhost:8000")
}

// leave starts what a page has running in another terminal, until the spec ends.
func (r *reader) leave(ctx context.Context, line string) {
	GinkgoHelper()
	words := shellWords(strings.ReplaceAll(line, "localhost:8000", r.host))
	cmd := exec.CommandContext(ctx, words[0], words[1:]...)
	cmd.Dir = r.dir
	Expect(cmd.Start()).To(Succeed(), line)
	DeferCleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	Eventually(ctx, func() error {
		var dialer net.Dialer
		connection, err := dialer.DialContext(ctx, "tcp", r.host)
		if err == nil {
			_ = connection.Close()
		}
		return err
	}).WithTimeout(20 * time.Second).Should(Succeed())
}

// follow does what a page says, in its order: it saves files, leaves servers
// running, gives commands, and compares what they print.
func (r *reader) follow(ctx context.Context, file string, least int) {
	GinkgoHelper()
	text, err := os.ReadFile(file)
	Expect(err).NotTo(HaveOccurred())
	var page strings.Builder
	at, compared := 0, 0
	for _, m := range fence.FindAllStringSubmatchIndex(string(text), -1) {
		part := func(i int) string {
			if m[2*i] < 0 {
				return ""
			}
			return string(text[m[2*i]:m[2*i+1]])
		}
		note, language, block := part(1), part(2), part(3)
		page.Write(text[at:m[6]])
		name, isFile := strings.CutPrefix(note, "file ")
		exit, prints := strings.CutPrefix(note, "prints, exit ")
		switch {
		case isFile:
			r.write(name, strings.ReplaceAll(block, "localhost:8000", r.host))
		case note == "in another terminal":
			r.leave(ctx, strings.TrimSpace(block))
		case language == "sh":
			r.last = result{}
			for line := range strings.SplitSeq(strings.TrimSpace(block), "\n") {
				r.do(ctx, line)
			}
		case prints:
			compared++
			Expect(strconv.Itoa(r.last.code)).To(Equal(exit), "%s\n%s%s", file, r.last.out, r.last.err)
			if os.Getenv("UPDATE_GOLDEN") == "" {
				Expect(sizes.ReplaceAllString(steady(block), "ALL")).To(Equal(sizes.ReplaceAllString(steady(r.last.out), "ALL")),
					"%s: UPDATE_GOLDEN=1 writes it anew", file)
			} else if steady(block) != steady(r.last.out) {
				block = r.last.out
			}
		}
		page.WriteString(block)
		at = m[7]
	}
	page.Write(text[at:])
	Expect(compared).To(BeNumerically(">=", least), file)
	if page.String() != string(text) {
		Expect(os.WriteFile(file, []byte(page.String()), 0o644)).To(Succeed())
	}
}

// shellWords splits a line as a shell does; single quotes are all that the pages
// use.
func shellWords(line string) (words []string) {
	for _, m := range regexp.MustCompile(`'([^']*)'|(\S+)`).FindAllStringSubmatch(line, -1) {
		words = append(words, m[1]+m[2])
	}
	return words
}

var locales = map[string]string{".md": "en_US.UTF-8", ".es.md": "es_MX.UTF-8"}

var _ = Describe("what the pages say that commands print", Label("whole", "unraced"), func() {
	DescribeTable("is what they print",
		func(ctx SpecContext, page string, least int) {
			for suffix, locale := range locales {
				r := &reader{shell: newShell(), host: strings.TrimPrefix(newReceiver(204).URL, "http://")}
				r.env["LANG"] = locale
				r.follow(ctx, filepath.Join("../..", page+suffix), least)
			}
		},
		Entry(nil, SpecTimeout(time.Minute), "docs/reports", 3),
	)

	It("shows the same on the front page", func(ctx SpecContext) {
		for suffix, locale := range locales {
			r := &reader{shell: newShell(), host: "localhost:8000"} // nothing of the page goes there
			r.env["LANG"] = locale
			text, err := os.ReadFile("../../README" + suffix)
			Expect(err).NotTo(HaveOccurred())
			found := transcript.FindAllString(string(text), -1)
			Expect(found).NotTo(BeEmpty())
			for _, one := range found { // the other commands of the page are run elsewhere
				file := r.write("page.md", one)
				r.follow(ctx, file, 1)
				text = []byte(strings.Replace(string(text), one, r.read("page.md"), 1))
			}
			if os.Getenv("UPDATE_GOLDEN") != "" {
				Expect(os.WriteFile("../../README"+suffix, text, 0o644)).To(Succeed())
			}
		}
	}, SpecTimeout(time.Minute))

	It("leads a reader of the tutorial from red to green", func(ctx SpecContext) {
		available, err := receivers.Require(ctx, os.Stderr, "php-cuidadoso") // it needs what the tutorial needs
		Expect(err).NotTo(HaveOccurred())
		if !slices.Contains(available, "php-cuidadoso") {
			Skip("PHP with SQLite is not here")
		}
		for suffix, locale := range locales {
			r := &reader{shell: newShell(), host: strings.Replace(deadAddress(), "127.0.0.1", "localhost", 1)}
			r.env["LANG"] = locale
			r.follow(ctx, "../../docs/tutorial"+suffix, 5)
		}
	}, SpecTimeout(2*time.Minute))
})
