//go:build unix

package main_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// results are the verdicts of a run's JSON, by check.
func results(out string) map[string]string {
	got := map[string]string{}
	for _, c := range ofType(lines(out), "check") {
		got[c["id"].(string)] = c["result"].(string)
	}
	return got
}

var _ = Describe("hooks", Label("whole"), func() {
	var sh *shell
	BeforeEach(func() { sh = newShell() })

	restarts := []string{"KOM-DUP-005", "KOM-DUP-007", "KOM-DUR-001", "KOM-DEP-001"}

	It("kill the practice receiver and bring it back", func() {
		res := sh.run(append([]string{"run", "--target", "practice", "--report", "json"}, restarts...)...)
		Expect(res.code).To(Equal(0), res.out+res.err)
		got := results(res.out)
		for _, id := range restarts {
			Expect(got).To(HaveKeyWithValue(id, "pass"))
		}
	})

	It("find what says yes without its database, and nothing else", func() {
		res := sh.run(append([]string{"run", "--target", "practice:acks-when-down", "--report", "json"}, restarts...)...)
		Expect(res.code).To(Equal(1), res.out+res.err)
		Expect(results(res.out)).To(Equal(map[string]string{
			"KOM-DUP-005": "pass", "KOM-DUP-007": "pass", "KOM-DUR-001": "pass", "KOM-DEP-001": "fail",
		}))
	})

	// serve is a receiver of the user's own: a server that stays in the
	// foreground, and whose process id is in a file.
	Describe("of the config", func() {
		var address, base string
		var start []string

		pid := func() int {
			data, err := os.ReadFile(filepath.Join(sh.dir, "pid"))
			Expect(err).NotTo(HaveOccurred())
			n, err := strconv.Atoi(strings.TrimSpace(string(data)))
			Expect(err).NotTo(HaveOccurred())
			return n
		}

		BeforeEach(func(ctx SpecContext) {
			executable, err := os.Executable()
			Expect(err).NotTo(HaveOccurred())
			address = deadAddress()
			base = "http://" + address
			start = []string{"sh", "-c", `echo $$ > pid; echo "$KOMETIA_SIM_OFFSET" >> offsets; exec "$0" receive --listen "$1" --db mine.sqlite`, executable, address}
			cmd := exec.CommandContext(context.Background(), start[0], start[1:]...) // until it is killed
			cmd.Dir = sh.dir
			Expect(cmd.Start()).To(Succeed())
			go func() { _ = cmd.Wait() }()
			Eventually(ctx, func() error {
				response, err := http.Get(base + "/health")
				if err == nil {
					_ = response.Body.Close()
				}
				return err
			}).WithTimeout(10 * time.Second).Should(Succeed())
			DeferCleanup(func() { _ = syscall.Kill(pid(), syscall.SIGKILL) })
		}, NodeTimeout(20*time.Second))

		config := func(kill string) {
			quoted := make([]string, len(start))
			for i, word := range start {
				quoted[i] = "'" + strings.ReplaceAll(word, "'", "''") + "'"
			}
			sh.write("kometia-sim.yaml", fmt.Sprintf(
				"target: %s/webhook\nobserve: {url: '%s/effects/{event.id}'}\nstart: [%s]\nkill: [sh, -c, '%s']\nready: %s/health\n",
				base, base, strings.Join(quoted, ", "), kill, base))
		}

		It("are run, and leave the receiver running", func(ctx context.Context) {
			config("kill -9 $(cat pid)")
			before := pid()
			res := sh.runContext(ctx, "run", "KOM-DUP-005", "KOM-DUP-007", "KOM-DUR-001", "--report", "json")
			Expect(res.code).To(Equal(0), res.out+res.err)
			Expect(results(res.out)).To(Equal(map[string]string{"KOM-DUP-005": "pass", "KOM-DUP-007": "pass", "KOM-DUR-001": "pass"}))
			Expect(pid()).NotTo(Equal(before))
			Expect(syscall.Kill(pid(), 0)).To(Succeed())
			offsets, err := os.ReadFile(filepath.Join(sh.dir, "offsets"))
			Expect(err).NotTo(HaveOccurred())
			// What is restarted by the same clock goes first, and in the end it is as it was.
			Expect(string(offsets)).To(MatchRegexp(`^\n(\+0h\n)+\+47h\n\+0h\n$`))
		}, NodeTimeout(time.Minute))

		It("are told when they do not do what they are for", func(ctx context.Context) {
			config("true")
			res := sh.runContext(ctx, "run", "KOM-DUP-005")
			Expect(res.code).To(Equal(4), res.out+res.err)
			Expect(res.out).To(ContainSubstring("hook kill: the receiver did not end"))
			Expect(syscall.Kill(pid(), 0)).To(Succeed())
		}, NodeTimeout(time.Minute))

		It("bring the receiver back when the run is interrupted", func(ctx context.Context) {
			config("kill -9 $(cat pid); sleep 0.2; touch killed")
			go func() {
				defer GinkgoRecover()
				defer close(sh.stop)
				Eventually(ctx, func() error { _, err := os.Stat(filepath.Join(sh.dir, "killed")); return err }).
					WithTimeout(20 * time.Second).Should(Succeed())
			}()
			before := pid()
			res := sh.runContext(ctx, "run", "KOM-DUR-001", "KOM-DUP-005", "KOM-DUP-007")
			Expect(res.code).To(Equal(130), res.out+res.err)
			Expect(pid()).NotTo(Equal(before))
			Expect(syscall.Kill(pid(), 0)).To(Succeed())
			response, err := http.Get(base + "/health")
			Expect(err).NotTo(HaveOccurred())
			Expect(response.Body.Close()).To(Succeed())
		}, NodeTimeout(time.Minute))
	})
})
