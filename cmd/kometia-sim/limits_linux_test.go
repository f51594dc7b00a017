package main_test

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"syscall"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/console"
	"github.com/kometia-sim/kometia-sim/report/view"
)

var _ = Describe("a limit of this computer", Label("whole"), func() {
	// The shell has few descriptors: enough to begin with, too few to go on.
	DescribeTable("is exit 5 and told with its remedy", func(args ...string) {
		// Slow enough that every worker of ours has a connection of its own.
		r := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			time.Sleep(20 * time.Millisecond)
			w.WriteHeader(http.StatusNoContent)
		}))
		DeferCleanup(r.Close)
		executable, err := os.Executable()
		Expect(err).NotTo(HaveOccurred())
		words := append([]string{"-c", `ulimit -n 12; exec "$0" "$@"`, executable}, args...)
		cmd := exec.CommandContext(GinkgoT().Context(), "sh", append(words, r.URL+"/hook")...)
		cmd.Dir, cmd.Env = GinkgoT().TempDir(), append(os.Environ(), "LANG=en_US.UTF-8")
		var said bytes.Buffer
		cmd.Stdout, cmd.Stderr = &said, &said
		_ = cmd.Run()
		Expect(cmd.ProcessState.ExitCode()).To(Equal(view.ExitHarness), said.String())
		Expect(said.String()).To(ContainSubstring("ulimit -n 4096"))
		Expect(said.String()).NotTo(Or(ContainSubstring("server running"), ContainSubstring("still-alive"), ContainSubstring("connect.refused")))
	},
		Entry("run", "run", "KOM-BRS-001", "--target"),
		Entry("fuzz", "fuzz", "order.paid", "--concurrency", "16", "--time", "20s", "--target"),
	)

	// The race detector reserves more than any limit here, and C's threads more than Go's.
	It("is told of memory before anything is done", Label("unraced"), func() {
		r := newReceiver(204)
		executable, err := os.Executable()
		Expect(err).NotTo(HaveOccurred())
		send := func(limit string) result {
			cmd := exec.CommandContext(GinkgoT().Context(), "sh", "-c", `ulimit -v "$1"; exec "$0" send order.paid --to "$2"`, executable, limit, r.URL)
			cmd.Dir, cmd.Env = GinkgoT().TempDir(), append(os.Environ(), "LANG=en_US.UTF-8")
			var out, errs bytes.Buffer
			cmd.Stdout, cmd.Stderr = &out, &errs
			_ = cmd.Run()
			return result{cmd.ProcessState.ExitCode(), out.String(), errs.String()}
		}
		Expect(send("2097151")).To(Equal(result{view.ExitHarness, "", "kometia-sim: error: this process may reserve 2047 MB and kometia-sim needs 2048, of which it uses little: raise the limit with ulimit -v 2097152\n"}))
		Expect(r.got()).To(BeEmpty())
		Expect(send("4194304").code).To(Equal(0))
	})

	It("is no mistake of the user's where a file cannot be opened for it", func() {
		err := console.Usage(&os.PathError{Op: "open", Path: "kometia-sim.yaml", Err: syscall.EMFILE})
		Expect(console.ExitCode(err)).To(Equal(view.ExitHarness))
		Expect(err.Error()).To(And(ContainSubstring("kometia-sim.yaml"), ContainSubstring("ulimit -n 4096")))
		Expect(console.ExitCode(console.Usage(errors.New("bad")))).To(Equal(console.ExitUsage))
	})

	// As many ports as a few connections take: none is left, or the run is out of them
	// while it goes on.
	DescribeTable("is told of ports as well", func(free int, args ...string) {
		n, dir := newNetwork(), GinkgoT().TempDir()
		here, port := n.receiver()
		n.sh("echo 40000 40030 > /proc/sys/net/ipv4/ip_local_port_range")
		n.inside(func() {
			for {
				conn, err := (&net.Dialer{}).DialContext(GinkgoT().Context(), "tcp", "127.0.0.1:"+port)
				if err != nil {
					Expect(err).To(MatchError(syscall.EADDRNOTAVAIL))
					break
				}
				DeferCleanup(conn.Close)
			}
		})
		n.sh(fmt.Sprintf("echo 40000 %d > /proc/sys/net/ipv4/ip_local_port_range", 40030+free))
		res := n.program(dir, append(args, "http://127.0.0.1:"+port+"/hook")...)
		Expect(res.code).To(Equal(view.ExitHarness), res.out+res.err)
		Expect(res.out + res.err).To(ContainSubstring("no free ports"))
		Expect(res.out + res.err).NotTo(Or(ContainSubstring("server running"), ContainSubstring("still-alive"), ContainSubstring("connect.refused")))
		if free == 0 {
			Expect(here.got()).To(BeEmpty())
		}
	},
		Entry("send", 0, "send", "order.paid", "--to"),
		Entry("run, at once", 0, "run", "--target"),
		Entry("run, later", 8, "run", "--target"),
		Entry("fuzz, at once", 0, "fuzz", "order.paid", "--time", "20s", "--target"),
		Entry("fuzz, later", 2, "fuzz", "order.paid", "--concurrency", "16", "--time", "20s", "--target"),
	)
})
