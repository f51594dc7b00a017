package practice_test

import (
	"bufio"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/simulator/practice"
)

// spawn starts this test binary as a receiver and waits for its address.
func spawn(ctx SpecContext, db, flaw string) (*exec.Cmd, *host) {
	GinkgoHelper()
	self, err := os.Executable()
	Expect(err).NotTo(HaveOccurred())
	cmd := exec.CommandContext(ctx, self)
	cmd.Env = append(os.Environ(), childDB+"="+db, childDB+"_FLAW="+flaw)
	cmd.Stderr = GinkgoWriter
	out, err := cmd.StdoutPipe()
	Expect(err).NotTo(HaveOccurred())
	Expect(cmd.Start()).To(Succeed())
	address, err := bufio.NewReader(out).ReadString('\n')
	Expect(err).NotTo(HaveOccurred())
	return cmd, &host{url: "http://" + strings.TrimSpace(address), client: &http.Client{Timeout: 20 * time.Second}}
}

// kill is SIGKILL: nothing in the child gets a chance to save anything.
func kill(cmd *exec.Cmd) {
	GinkgoHelper()
	Expect(cmd.Process.Kill()).To(Succeed())
	Expect(cmd.Wait()).To(MatchError(ContainSubstring("killed")))
}

var _ = Describe("a receiver that is killed", Label("whole"), func() {
	DescribeTable("keeps all that it has acknowledged", func(ctx SpecContext, flaw string, status int) {
		db := filepath.Join(GinkgoTB().TempDir(), "p.sqlite")
		for round := range 4 {
			cmd, h := spawn(ctx, db, flaw)
			for i := range 5 {
				Expect(h.post(placed(fmt.Sprintf("%d_%d", round, i)))).To(Equal(status))
			}
			kill(cmd) // in the instant of the fifth 2xx
		}
		h := serve(practice.Config{DB: db, Flaw: flaw})
		Expect(h.must(http.MethodPost, "/drain", "").status).To(Equal(http.StatusNoContent))
		for round := range 4 {
			for i := range 5 {
				id := fmt.Sprintf("%d_%d", round, i)
				Expect(h.seen("evn_"+id).Effects).To(Equal(1), id)
				Expect(h.post(placed(id))).To(Equal(status), "the same event again")
				Expect(h.must(http.MethodPost, "/drain", "").status).To(Equal(http.StatusNoContent))
				Expect(h.seen("evn_"+id).Effects).To(Equal(1), id)
			}
		}
	},
		Entry("the good one", "", http.StatusNoContent, NodeTimeout(time.Minute)),
		Entry("the one with a queue", "queue", http.StatusAccepted, NodeTimeout(time.Minute)),
	)

	It("has lost what it was to do later, when it acknowledged first", func(ctx SpecContext) {
		db := filepath.Join(GinkgoTB().TempDir(), "p.sqlite")
		cmd, h := spawn(ctx, db, "acks-first")
		Expect(h.post(placed("1"))).To(Equal(http.StatusNoContent))
		Expect(h.must(http.MethodPost, "/drain", "").status).To(Equal(http.StatusNoContent))
		Expect(h.seen("evn_1").Effects).To(Equal(1))
		Expect(h.post(placed("2"))).To(Equal(http.StatusNoContent))
		kill(cmd)
		again := serve(practice.Config{DB: db, Flaw: "acks-first"})
		Expect(again.must(http.MethodPost, "/drain", "").status).To(Equal(http.StatusNoContent))
		Expect(again.seen("evn_1").Effects).To(Equal(1))
		Expect(again.seen("evn_2").Effects).To(BeZero())
	}, NodeTimeout(time.Minute))
})
