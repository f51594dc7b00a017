package observe_test

import (
	"os"
	"path/filepath"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("the output of a hook", func() {
	It("is bounded while it runs, and has no name that could outlive us", func(ctx SpecContext) {
		dir, file := GinkgoT().TempDir(), filepath.Join(GinkgoT().TempDir(), "pid")
		GinkgoT().Setenv("TMPDIR", dir)
		p, err := hook(`echo $$ > "$1.tmp"; head -c 8000000 /dev/zero >&2; mv "$1.tmp" "$1"; exec sleep 600`, file).Start(ctx)
		Expect(err).NotTo(HaveOccurred())
		defer p.Kill()
		Expect(os.ReadDir(dir)).To(BeEmpty())
		Eventually(ctx, func() error {
			_, err := os.Stat(file)
			return err
		}).Should(Succeed())
		pid, err := os.ReadFile(file)
		Expect(err).NotTo(HaveOccurred())
		Eventually(ctx, func() (int64, error) {
			info, err := os.Stat("/proc/" + strings.TrimSpace(string(pid)) + "/fd/2")
			if err != nil {
				return 0, err
			}
			return info.Size(), nil
		}).Should(BeNumerically("<=", 1<<20))
	}, SpecTimeout(time.Minute))

	It("still tells why it ended", func(ctx SpecContext) {
		err := hook("head -c 3000000 /dev/zero >&2; echo >&2; echo sin memoria >&2; exit 3").Run(ctx)
		Expect(err).To(MatchError(ContainSubstring("sin memoria")))
	}, SpecTimeout(time.Minute))
})
