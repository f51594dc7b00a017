//go:build unix

package main_test

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("serve", func() {
	It("is ready soon, says where everything is, ends at once and says what stays", func(ctx SpecContext) {
		dir := GinkgoT().TempDir()
		s := startServe(dir, "--seed", "7")
		greeting := strings.Join(s.greets, "\n")
		Expect(greeting).To(And(
			MatchRegexp(`Page +http://127\.0\.0\.1:\d+/\n`), MatchRegexp(`API +http://127\.0\.0\.1:\d+/api/v1\n`),
			MatchRegexp(`Keys +sk_test_\w{29}  \(secret\)\n +pk_test_\w{29}  \(public\)`), ContainSubstring("stands still"),
			ContainSubstring(".kometia-sim/serve.db"), ContainSubstring("curl ")))
		s.must(ctx, "/healthz", "", nil)
		s.must(ctx, "/api/v1/products", "", nil)
		s.must(ctx, "/_sim/emit", `{"kinds": ["order.placed"]}`, nil)
		began := time.Now()
		Expect(s.interrupt()).To(Equal(0))
		Expect(time.Since(began)).To(BeNumerically("<", 5*time.Second))
		Expect(s.errs.String()).To(And(ContainSubstring("serve.db keeps 0 deliveries pending"), ContainSubstring("go on with kometia-sim serve")))
		Expect(filepath.Join(dir, ".kometia-sim", "serve.db-wal")).NotTo(BeAnExistingFile(), "the file is whole by itself")
		// A busy machine starts nothing in 300 ms; that it takes less of a processor holds
		// everywhere (with the race detector it takes some times that).
		used := s.cmd.ProcessState.UserTime() + s.cmd.ProcessState.SystemTime()
		Expect(used).To(BeNumerically("<", 3*time.Second))
		AddReportEntry("ready", s.ready.String()+" after its start; "+used.String()+" of a processor in all")

		again := startServe(dir)
		Expect(again.greets[2]).To(Equal(s.greets[2]), "the keys stay")
		var events struct{ Data []servedEvent }
		again.must(ctx, "/_sim/events", "", &events)
		Expect(events.Data).To(HaveLen(1))
	}, SpecTimeout(60*time.Second))

	It("keeps nothing with --memory, and shares no file", func(ctx SpecContext) {
		dir := GinkgoT().TempDir()
		s := startServe(dir, "--memory")
		s.must(ctx, "/_sim/emit", `{"kinds": ["order.placed"]}`, nil)
		Expect(s.interrupt()).To(Equal(0))
		Expect(s.errs.String()).To(ContainSubstring("nothing stays"))
		Expect(filepath.Join(dir, ".kometia-sim")).NotTo(BeADirectory())

		startServe(dir)
		sh := newShell()
		sh.dir = dir
		got := sh.run("serve", "--listen", "127.0.0.1:0")
		Expect(got.code).To(Equal(2))
		Expect(got.err).To(ContainSubstring("another kometia-sim serve uses this file already"))
		file, err := os.Stat(filepath.Join(dir, ".kometia-sim", "serve.db"))
		Expect(err).NotTo(HaveOccurred())
		Expect(file.Mode().Perm()).To(Equal(os.FileMode(0o600)))
	}, SpecTimeout(60*time.Second))

	It("takes the key of the environment, and asks for its token", func(ctx SpecContext) {
		GinkgoT().Setenv("KOMETIA_SIM_API_KEY", "sk_test_of_my_own")
		s := startServe(GinkgoT().TempDir(), "--memory", "--token", "0123456789abcdef")
		Expect(strings.Join(s.greets, "\n")).NotTo(Or(ContainSubstring("of_my_own"), ContainSubstring("0123456789abcdef")))
		s.key = "sk_test_of_my_own"
		s.must(ctx, "/api/v1/events", "", nil)
		status, err := s.ask(ctx, "/_sim/keys", "", nil)
		Expect(err).NotTo(HaveOccurred())
		Expect(status).To(Equal(http.StatusUnauthorized))
	}, SpecTimeout(60*time.Second))

	DescribeTable("says what is wrong", func(want string, args ...string) {
		got := newShell().runContext(context.Background(), append([]string{"serve"}, args...)...)
		Expect(got.code).To(Equal(2))
		Expect(got.err).To(ContainSubstring(want))
	},
		Entry(nil, "one too many", "http://localhost:8000"),
		Entry(nil, "add --token VALUE", "--listen", "0.0.0.0:0"),
		Entry(nil, "give 16 at least", "--token", "short"),
		Entry(nil, "such as 60x", "--clock", "60"),
		Entry(nil, "give one of them", "--memory", "--db", "x"),
	)
})
