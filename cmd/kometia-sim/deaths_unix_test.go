//go:build unix

package main_test

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("a run that is told to end", Label("whole"), func() {
	// The receiver is started by the run, in the foreground, and ends with it.
	DescribeTable("says at once what it waits for, reports and ends what it has started", func(ctx SpecContext, signal, after syscall.Signal) {
		nohup := after != 0
		listener, err := (&net.ListenConfig{}).Listen(GinkgoT().Context(), "tcp", "127.0.0.1:0")
		Expect(err).NotTo(HaveOccurred())
		address := listener.Addr().String()
		Expect(listener.Close()).To(Succeed())
		executable, err := os.Executable()
		Expect(err).NotTo(HaveOccurred())
		dir := GinkgoT().TempDir()
		Expect(os.WriteFile(filepath.Join(dir, "kometia-sim.yaml"), fmt.Appendf(nil, "target: http://%s/webhook\nstart: [%s, receive, --listen, %s, --delay, 100ms]\n",
			address, executable, address), 0o600)).To(Succeed())
		var said lockedBuffer
		program := []string{executable, "run", "--report", "json=report.json"}
		if nohup {
			program = append([]string{"nohup"}, program...)
		}
		cmd := exec.CommandContext(GinkgoT().Context(), program[0], program[1:]...)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "LANG=en_US.UTF-8")
		cmd.Stdout, cmd.Stderr = &said, &said
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		Expect(cmd.Start()).To(Succeed())
		defer func() { _ = cmd.Process.Kill() }()
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			_ = cmd.Wait()
		}()
		Eventually(ctx, func() string {
			data, _ := os.ReadFile(filepath.Join(dir, "report.json"))
			return said.String() + string(data)
		}).Should(ContainSubstring(`"type":"check"`))
		// As a terminal does: to all that it has started.
		Expect(syscall.Kill(-cmd.Process.Pid, signal)).To(Succeed())
		if nohup {
			Consistently(ctx, ended, "300ms").ShouldNot(BeClosed())
			Expect(syscall.Kill(-cmd.Process.Pid, after)).To(Succeed())
		}
		Eventually(ctx, said.String).Should(ContainSubstring("interrupted: waiting for what is under way"))
		Eventually(ctx, ended).Should(BeClosed())
		Expect(cmd.ProcessState.ExitCode()).To(Equal(130), said.String())
		report, err := os.ReadFile(filepath.Join(dir, "report.json"))
		Expect(err).NotTo(HaveOccurred())
		last := lines(string(report))
		Expect(last[len(last)-1]).To(And(HaveKeyWithValue("type", "end"), HaveKeyWithValue("exit", BeEquivalentTo(130))))
		_, err = (&net.Dialer{}).DialContext(GinkgoT().Context(), "tcp", address)
		Expect(err).To(MatchError(syscall.ECONNREFUSED), "the receiver lives on")
		Expect(strings.Count(said.String(), "start: has started it")).To(Equal(1))
	},
		Entry("HUP", syscall.SIGHUP, syscall.Signal(0), SpecTimeout(2*time.Minute)),
		Entry("TERM", syscall.SIGTERM, syscall.Signal(0), SpecTimeout(2*time.Minute)),
		Entry("HUP under nohup, then INT", syscall.SIGHUP, syscall.SIGINT, SpecTimeout(2*time.Minute)),
	)
})

var _ = Describe("a run that is killed", Label("whole"), func() {
	It("leaves whole lines, of which report tells what is not known", func(ctx SpecContext) {
		executable, err := os.Executable()
		Expect(err).NotTo(HaveOccurred())
		sh := newShell()
		cmd := exec.CommandContext(ctx, executable, "run", "--target", "practice", "--report", "json=report.json")
		cmd.Dir, cmd.Env = sh.dir, append(os.Environ(), "LANG=en_US.UTF-8", "KOMETIA_SIM_PRACTICE_DELAY=20ms")
		Expect(cmd.Start()).To(Succeed())
		file := filepath.Join(sh.dir, "report.json")
		Eventually(ctx, func() int {
			data, _ := os.ReadFile(file)
			return strings.Count(string(data), `"type":"begin"`)
		}).Should(BeNumerically(">=", 3))
		Expect(cmd.Process.Kill()).To(Succeed())
		Expect(cmd.Wait()).NotTo(Succeed())
		all := cutOff(file)
		Expect(ofType(all, "check")).NotTo(BeEmpty())
		Expect(ofType(all, "end")).To(BeEmpty())
		res := sh.run("report", "report.json", "--verbose", "--report", "junit=report.xml")
		Expect(res.code).To(Equal(0), res.err)
		Expect(res.out).To(And(ContainSubstring("CUT OFF"), ContainSubstring("its events may have"), ContainSubstring("none of its events was sent")))
		Expect(sh.read("report.xml")).To(ContainSubstring("<error"))
	}, SpecTimeout(time.Minute))
})
