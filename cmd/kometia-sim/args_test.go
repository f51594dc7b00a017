package main_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	main "github.com/kometia-sim/kometia-sim/cmd/kometia-sim"
	"github.com/kometia-sim/kometia-sim/retryclock"
)

var _ = Describe("the command line", func() {
	var sh *shell
	BeforeEach(func() { sh = newShell() })

	DescribeTable("names what was probably meant", func(say string, args ...string) {
		res := sh.run(args...)
		Expect(res.code).To(Equal(2))
		Expect(res.err).To(ContainSubstring(say))
		Expect(res.out).To(BeEmpty())
	},
		Entry("command", `unknown command "sned" (did you mean send?)`, "sned"),
		Entry("a kind without the verb", "did you mean send order.created?", "order.created"),
		Entry("a later command", "not part of this version yet", "load"),
		Entry("flag", "unknown flag --tarjet (did you mean --target?)", "run", "--tarjet", "x"),
		Entry("flag of no command", "unknown flag --verzion (did you mean --version?)", "--verzion"),
		Entry("help of a command", "did you mean validate?", "help", "validat"),
		Entry("list", "did you mean events?", "list", "event"),
		Entry("id", "did you mean KOM-ACK-001?", "explain", "KOM-ACK-01"),
		Entry("schema", "did you mean order.paid?", "schema", "order.piad"),
		Entry("check", "did you mean KOM-ACK-001", "run", "KOM-ACK-0001", "--target", "practice"),
		Entry("glob", `"KOM-XYZ-*"`, "run", "KOM-XYZ-*", "--target", "practice"),
		Entry("shell", "did you mean bash?", "completion", "bsh"),
		Entry("flaw", "list flaws", "receive", "--flaw", "nope"),
	)

	It("names every unknown flag at once", func() {
		res := sh.run("send", "--foo", "--bar=1", "-x")
		Expect(res.err).To(And(ContainSubstring("--foo"), ContainSubstring("--bar"), ContainSubstring("-x")))
		Expect(res.err).To(ContainSubstring("Help: kometia-sim send --help"))
	})

	It("prints its help to stdout when asked, to stderr when it was given nothing", func() {
		asked, nothing := sh.run("--help"), sh.run()
		Expect(asked.code).To(Equal(0))
		Expect(nothing.code).To(Equal(2))
		Expect(asked.out).To(Equal(nothing.err))
		Expect(sh.run("help").out).To(Equal(asked.out))
		Expect(sh.run("help", "send").out).To(Equal(sh.run("send", "-h").out))
		Expect(sh.run("--version").out).To(Equal("kometia-sim 0.1.0\n"))
	})

	DescribeTable("says the same help as before", func(tag string) {
		var all strings.Builder
		for _, command := range []string{"", "send", "run", "receive", "list", "explain", "schema", "validate", "ids", "completion"} {
			args := []string{"--help", "--lang", tag}
			if command != "" {
				args = append([]string{command}, args...)
			}
			res := sh.run(args...)
			Expect(res.code).To(Equal(0), res.err)
			for _, line := range strings.Split(res.out, "\n") {
				Expect(len([]rune(line))).To(BeNumerically("<=", 110), line)
			}
			all.WriteString("$ kometia-sim " + strings.Join(args, " ") + "\n" + res.out + "\n")
		}
		golden(filepath.Join("testdata", "help."+tag+".golden"), all.String())
	}, Entry(nil, "es"), Entry(nil, "en"))

	It("ends quietly when its reader goes away", func() {
		var errs lockedBuffer
		code := main.Run(context.Background(), &main.Host{
			Stdin: strings.NewReader(""), Stdout: gone{}, Stderr: &errs,
			Getenv: func(string) string { return "" }, Dir: sh.dir,
			Clock: retryclock.Wall{}, Random: strings.NewReader(strings.Repeat("x", 1000)),
		}, []string{"list", "events"})
		Expect(code).To(Equal(0))
		Expect(errs.String()).To(BeEmpty())
	})

	It("fails loudly when its output cannot be written for another reason", func() {
		var errs lockedBuffer
		code := main.Run(context.Background(), &main.Host{
			Stdin: strings.NewReader(""), Stdout: full{}, Stderr: &errs,
			Getenv: func(string) string { return "" }, Dir: sh.dir,
			Clock: retryclock.Wall{}, Random: strings.NewReader(""),
		}, []string{"list", "events"})
		Expect(code).To(Equal(5))
		Expect(errs.String()).To(ContainSubstring("no space"))
	})

	It("completes commands, flags and names", func() {
		complete := func(words ...string) []string {
			return strings.Fields(sh.run(append([]string{"__complete"}, words...)...).out)
		}
		Expect(complete("sen")).To(Equal([]string{"send"}))
		Expect(complete("send", "order.p")).To(Equal([]string{"order.paid", "order.placed"}))
		Expect(complete("send", "--dr")).To(Equal([]string{"--dry-run"}))
		Expect(complete("send", "order.paid", "--style", "p")).To(Equal([]string{"php", "plain", "pretty"}))
		Expect(complete("run", "--target", "practice:")).NotTo(BeEmpty())
		Expect(complete("run", "--target=practice:no-d")).To(Equal([]string{"--target=practice:no-dedupe"}))
		Expect(complete("run", "--only=KOM-ACK-001,KOM-RTY-003")).To(Equal([]string{"--only=KOM-ACK-001,KOM-RTY-003"}))
		Expect(complete("run", "--only", "KOM-ACK-001,KOM-RTY-00")).To(ContainElement("KOM-ACK-001,KOM-RTY-003"))
		Expect(complete("run", "--report=json=")).To(BeEmpty(), "a path follows")
		Expect(complete("--lang", "e")).To(Equal([]string{"en", "es"}))
		Expect(complete("--lang=e")).To(Equal([]string{"--lang=en", "--lang=es"}))
		Expect(complete("--lang", "es", "explain", "--")).To(ContainElement("--lang"))
		Expect(complete("run", "--strict", "KOM-DUP-00")).To(ContainElement("KOM-DUP-001"))
		Expect(complete("nothing", "x")).To(BeEmpty())
		Expect(complete("explain", "KOM-ACK-001")).To(Equal([]string{"KOM-ACK-001"}))
		for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
			Expect(sh.run("completion", shell).out).To(ContainSubstring("kometia-sim __complete"))
		}
	})
})

// gone is a pipe whose reader has left; full is a disk.
type (
	gone struct{}
	full struct{}
)

func (gone) Write([]byte) (int, error) {
	return 0, &os.PathError{Op: "write", Path: "|1", Err: syscall.EPIPE}
}
func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

var _ io.Writer = gone{}

// golden compares with a file; UPDATE_GOLDEN=1 writes it.
func golden(path, got string) {
	GinkgoHelper()
	if os.Getenv("UPDATE_GOLDEN") != "" {
		Expect(os.MkdirAll(filepath.Dir(path), 0o755)).To(Succeed())
		Expect(os.WriteFile(path, []byte(got), 0o644)).To(Succeed())
	}
	want, err := os.ReadFile(path)
	Expect(err).NotTo(HaveOccurred())
	Expect(got).To(Equal(string(want)), "run UPDATE_GOLDEN=1 go test ./cmd/kometia-sim when the change is meant")
}
