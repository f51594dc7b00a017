//go:build unix

package main_test

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/console"
	"github.com/kometia-sim/kometia-sim/report/view"
)

var _ = Describe("--report", func() {
	var sh *shell
	BeforeEach(func() {
		sh = newShell()
		if _, err := os.Stat("/dev/full"); err != nil {
			Skip("no /dev/full here")
		}
	})

	report := func(values ...string) result {
		args := []string{"run", "KOM-ACK-001", "--target", newReceiver(204).URL, "--lang", "en"}
		for _, v := range values {
			args = append(args, "--report", v)
		}
		return sh.run(args...)
	}

	It("ends with 5 when a report cannot be written, in the last line that a person reads, too", func() {
		res := report("junit=/dev/full", "html=r.html", "json=r.json", "terminal")
		Expect(res.code).To(Equal(5))
		Expect(res.out).To(MatchRegexp(`(?s)E the report junit=/dev/full could not be written: no space left on\s+device\nReport: r\.html, +r\.json\n.*Exit code: 5\n$`), res.out)
		Expect(res.err).To(ContainSubstring("error: the report junit=/dev/full could not be written: no space left on device"))
		all := lines(sh.read("r.json"))
		Expect(all[len(all)-1]).To(And(HaveKeyWithValue("exit", 5.0), HaveKeyWithValue("unwritten", HaveLen(1))))
	})

	It("sends nothing that a stream which broke off did not announce, and tells of it", func() {
		rec := newReceiver(204)
		for _, args := range [][]string{{"run"}, {"fuzz", "--max-requests", "50"}} {
			res := sh.run(append(args, "--target", rec.URL, "--report", "json=/dev/full")...)
			Expect(res.code).To(Equal(5))
			Expect(res.out).To(MatchRegexp(`(?s)E the report json=/dev/full .*Exit code: 5\n$`))
			Expect(rec.got()).To(BeEmpty())
		}
		pipe := filepath.Join(sh.dir, "pipe")
		Expect(syscall.Mkfifo(pipe, 0o600)).To(Succeed())
		var announced []string
		read := make(chan struct{})
		go func() {
			defer close(read)
			defer GinkgoRecover()
			f, err := os.Open(pipe)
			Expect(err).NotTo(HaveOccurred())
			defer f.Close()
			for in := bufio.NewScanner(f); in.Scan() && len(announced) == 0; {
				if strings.HasPrefix(in.Text(), `{"type":"begin"`) {
					announced = append(announced, in.Text())
				}
			}
		}()
		res := sh.run("run", "KOM-ACK-*", "KOM-PAY-*", "KOM-DUP-*", "--target", rec.URL, "--report", "json=pipe", "--verbose")
		<-read
		Expect(res.code).To(Equal(5))
		Expect(res.out).To(ContainSubstring("INTERRUPTED"))
		Expect(announced).To(HaveLen(1))
		sent := len(rec.got())
		Expect(sh.run("run", "KOM-ACK-*", "KOM-PAY-*", "KOM-DUP-*", "--target", rec.URL).code).NotTo(Equal(5))
		Expect(sent).To(BeNumerically("<", (len(rec.got())-sent)/2))
	})

	It("writes to a pipe what its reader waits for", func() {
		pipe := filepath.Join(sh.dir, "pipe")
		Expect(syscall.Mkfifo(pipe, 0o600)).To(Succeed())
		got := make(chan string)
		go func() {
			defer GinkgoRecover()
			f, err := os.Open(pipe)
			Expect(err).NotTo(HaveOccurred())
			data, err := io.ReadAll(f)
			Expect(err).NotTo(HaveOccurred())
			got <- string(data)
		}()
		Expect(report("junit=pipe").code).To(Equal(0))
		Expect(<-got).To(ContainSubstring("<testsuites"))
	})

	It("waits for the reader of a pipe only as long as the user does", func() {
		Expect(syscall.Mkfifo(filepath.Join(sh.dir, "pipe"), 0o600)).To(Succeed())
		close(sh.stop)
		Expect(report("json=pipe", "html=r.html").code).To(Equal(130))
		Expect(sh.read("r.html")).To(HaveSuffix("</html>\n"))
	})

	It("writes every report of a run that is interrupted before anything was sent", func() {
		close(sh.stop)
		for _, command := range []string{"run", "fuzz"} {
			for _, name := range []string{"r.html", "r.xml", "r.md", "r.json"} {
				sh.write(name, "of the run before")
			}
			rec := newReceiver(204)
			res := sh.run(command, "--target", rec.URL, "--report", "html=r.html", "--report", "junit=r.xml", "--report", "markdown=r.md", "--report", "json=r.json")
			Expect(res.code).To(Equal(130), res.err)
			Expect(rec.got()).To(BeEmpty())
			Expect(res.out).To(ContainSubstring("INTERRUPTED"))
			for _, name := range []string{"r.html", "r.md"} {
				Expect(sh.read(name)).To(ContainSubstring("nterrupted"), name)
			}
			Expect(sh.read("r.xml")).To(ContainSubstring("<error"))
			all := lines(sh.read("r.json"))
			Expect(all[len(all)-1]).To(And(HaveKeyWithValue("type", "end"), HaveKeyWithValue("exit", BeEquivalentTo(130))))
		}
	})

	It("takes /dev/stdout for standard output", func() {
		Expect(report("markdown=/dev/stdout").out).To(HavePrefix("## "))
		Expect(report("markdown=/dev/stdout", "junit").err).To(ContainSubstring("cannot both go to standard output"))
	})

	DescribeTable("refuses, before anything is sent, what cannot be written", func(say string, values ...string) {
		sh.write("r.xml", "old")
		Expect(os.Symlink("r.xml", filepath.Join(sh.dir, "link"))).To(Succeed())
		rec := newReceiver(204)
		args := []string{"run", "KOM-ACK-001", "--target", rec.URL}
		for _, v := range values {
			args = append(args, "--report", v)
		}
		res := sh.run(args...)
		Expect(res.code).To(Equal(2))
		Expect(res.err).To(ContainSubstring(say))
		Expect(rec.got()).To(BeEmpty())
		Expect(sh.read("r.xml")).To(Equal("old"))
	},
		Entry("one file twice", "r.xml and ./r.xml are the same file", "junit=r.xml", "html=./r.xml"),
		Entry("one file by a link", "r.xml and link are the same file", "junit=r.xml", "html=link"),
		Entry("one new file twice", "are the same file", "junit=new", "html=./new"),
		Entry("a folder", "is a folder", "junit=."),
		Entry("a folder that is not there", "there is no folder", "junit=no/r.xml"),
	)

	It("gives no two subscriptions one file", func() {
		a, b := newReceiver(204), newReceiver(204)
		sh.write("kometia-sim.yaml", "subscriptions: [{url: "+a.URL+"}, {url: "+b.URL+"}]\n")
		res := sh.run("run", "KOM-ACK-001", "--report", "junit=r.xml", "--report", "html=r-2.xml", "--report", "json=r-2-1.xml")
		Expect(res.code).To(Equal(0), res.err)
		Expect(os.Symlink("x-2.xml", filepath.Join(sh.dir, "x-1.xml"))).To(Succeed())
		n := len(a.got())
		res = sh.run("run", "KOM-ACK-001", "--report", "junit=x.xml")
		Expect(res.code).To(Equal(2))
		Expect(res.err).To(ContainSubstring("are the same file"))
		Expect(a.got()).To(HaveLen(n))
	})

	It("writes what a link leads to", func() {
		sh.write("old.xml", "old")
		Expect(os.Symlink("old.xml", filepath.Join(sh.dir, "r.xml"))).To(Succeed())
		Expect(report("junit=r.xml").code).To(Equal(0))
		Expect(sh.read("old.xml")).To(ContainSubstring("<testsuites"))
	})
})

var _ = DescribeTable("a full disk behind standard output is a failure of ours", func(args ...string) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		Skip("no /dev/full here")
	}
	DeferCleanup(full.Close)
	sh := newShell()
	sh.stdin = sh.run("send", "order.paid", "--dry-run").out
	sh.output = full
	Expect(sh.run(args...).code).To(Equal(5))
},
	Entry("list", "list", "events"), Entry("explain", "explain", "KOM-ACK-001"), Entry("schema", "schema", "order.paid"),
	Entry("validate", "validate", "-"), Entry("dry run", "send", "order.paid", "--dry-run"), Entry("curl", "send", "order.paid", "--curl", "--to", "http://localhost/"),
	Entry("help", "--help"), Entry("help of a command", "help", "send"), Entry("version", "--version"), Entry("completion", "completion", "bash"),
)

var _ = Describe("the folder .kometia-sim", func() {
	DescribeTable("holds no link, pipe or device where we keep a file: nothing is sent, and nothing written through it", func(name string, args ...string) {
		for _, make := range map[string]func(path string) error{
			"link":                    func(path string) error { return os.Symlink(filepath.Join("..", "mine"), path) },
			"link that leads further": func(path string) error { return os.Symlink(filepath.Join("..", "..", "mine"), path) },
			"pipe":                    func(path string) error { return syscall.Mkfifo(path, 0o600) },
			"device":                  func(path string) error { return os.Symlink("/dev/null", path) },
		} {
			sh, rec := newShell(), newReceiver(204)
			sh.write("mine", "mine")
			path := filepath.Join(sh.dir, ".kometia-sim", name)
			Expect(os.MkdirAll(filepath.Dir(path), 0o700)).To(Succeed())
			Expect(make(path)).To(Succeed())
			words := slices.Clone(args)
			if last := args[len(args)-1]; last == "--to" || last == "--target" {
				words = append(words, rec.URL, "--ids", "4k2p")
			}
			res := sh.run(words...)
			Expect(res.code).To(Equal(2), res.out+res.err)
			Expect(res.err).To(ContainSubstring("is no file or folder of kometia-sim"))
			Expect(rec.got()).To(BeEmpty())
			Expect(sh.read("mine")).To(Equal("mine"))
		}
	},
		Entry("the last send", "last.json", "send", "order.paid", "--to"),
		Entry("the last send, read", "last.json", "send", "--again"),
		Entry("the record of a send", "runs/4k2p.ndjson", "send", "order.paid", "--to"),
		Entry("the record of a run", "runs/4k2p.ndjson", "run", "KOM-CSR-001", "--target"),
		Entry("the folder of the records", "runs", "run", "KOM-CSR-001", "--target"),
		Entry("what serve keeps", "serve.db", "serve", "--listen", "127.0.0.1:0"),
	)
	It("has what is sent before it is sent", func() {
		sh := newShell()
		var last, made string
		rec := newReceiver(204)
		rec.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			defer GinkgoRecover()
			last, made = sh.read(".kometia-sim/last.json"), sh.read(".kometia-sim/runs/4k2p.ndjson")
			w.WriteHeader(http.StatusNoContent)
		})
		Expect(sh.run("send", "order.paid", "--to", rec.URL, "--ids", "4k2p").code).To(Equal(0))
		Expect(last).To(And(ContainSubstring(`"events":[{`), Equal(sh.read(".kometia-sim/last.json"))))
		Expect(made).To(And(ContainSubstring(`"identities":[{`), Equal(sh.read(".kometia-sim/runs/4k2p.ndjson"))))
	})
	It("that takes no case of fuzz is a failure of ours, and the findings are reported all the same", func() {
		if _, err := os.Stat("/proc/self"); err != nil {
			Skip("no folder here that takes no file")
		}
		sh, rec := newShell(), newReceiver(204)
		rec.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if body, _ := io.ReadAll(r.Body); bytes.Contains(body, []byte(`"customer_note":"`)) {
				w.WriteHeader(http.StatusInternalServerError)
			}
		})
		Expect(os.MkdirAll(filepath.Join(sh.dir, ".kometia-sim"), 0o700)).To(Succeed())
		Expect(os.Symlink("/proc/self", filepath.Join(sh.dir, ".kometia-sim", "cases"))).To(Succeed())
		res := sh.run("fuzz", "order.paid", "--target", rec.URL, "--seed", "1", "--max-requests", "100")
		Expect(res.code).To(Equal(view.ExitHarness), res.out+res.err)
		Expect(res.out).To(And(ContainSubstring("valid-accepted"), MatchRegexp(`E the case [0-9a-f]{10} could not be kept`)))
		Expect(res.err).To(MatchRegexp(`error: the case [0-9a-f]{10} could not be kept: `))
	})
	It("that the user keeps us out of is worth a warning", func() {
		sh, rec := newShell(), newReceiver(204)
		Expect(os.Symlink("/sys/kernel", filepath.Join(sh.dir, ".kometia-sim"))).To(Succeed())
		if err := os.WriteFile(filepath.Join(sh.dir, ".kometia-sim", "x"), nil, 0o600); !errors.Is(err, fs.ErrPermission) {
			Skip("no folder here that not even root may write")
		}
		res := sh.run("send", "order.paid", "--to", rec.URL)
		Expect(res.code).To(Equal(0), res.err)
		Expect(res.err).To(ContainSubstring("warning: could not be kept for --again"))
	})
	It("on a full disk is no mistake of the user's", func() {
		Expect(console.ExitCode(console.Usage(&os.PathError{Op: "mkdir", Path: ".kometia-sim", Err: syscall.ENOSPC}))).To(Equal(view.ExitHarness))
	})
})
