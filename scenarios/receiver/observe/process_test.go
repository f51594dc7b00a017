package observe_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
)

// asRole makes the test binary a program of a receiver's, on every system alike.
const asRole = "KOMETIA_SIM_TEST_ROLE"

// play is what such a program does: "beat" writes for ever to the file that it is
// given, "server" starts one that does and stays, "starter" starts one and ends.
func play(role string) int {
	file := os.Getenv("KOMETIA_SIM_TEST_FILE")
	if role == "beat" {
		for {
			f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
			if err != nil {
				return 1
			}
			fmt.Fprint(f, ".")
			_ = f.Close()
			if _, err := os.Stat(file + ".stop"); err == nil {
				return 0
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
	executable, err := os.Executable()
	if err != nil {
		return 1
	}
	child := exec.Command(executable) //nolint:noctx // it is to outlive us
	child.Env = append(os.Environ(), asRole+"=beat")
	if child.Start() != nil {
		return 1
	}
	for { // until it beats
		if info, err := os.Stat(file); err == nil && info.Size() > 0 {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	if role == "server" {
		_ = child.Wait()
	}
	fmt.Println(3)
	return 0
}

var _ = Describe("what a program has started", func() {
	var file string
	program := func(role string) []string {
		executable, err := os.Executable()
		Expect(err).NotTo(HaveOccurred())
		GinkgoT().Setenv(asRole, role)
		GinkgoT().Setenv("KOMETIA_SIM_TEST_FILE", file)
		return []string{executable}
	}
	beats := func() int64 {
		info, err := os.Stat(file)
		if err != nil {
			return 0
		}
		return info.Size()
	}
	// still reports whether it has stopped beating.
	still := func() bool {
		before := beats()
		time.Sleep(300 * time.Millisecond) // 15 beats
		return beats() == before
	}
	BeforeEach(func() {
		dir, err := os.MkdirTemp("", "beats-")
		Expect(err).NotTo(HaveOccurred())
		file = filepath.Join(dir, "beats")
		DeferCleanup(func() {
			Expect(os.WriteFile(file+".stop", nil, 0o600)).To(Succeed())
			Eventually(still).Should(BeTrue()) // Windows removes no file that is open
			_ = os.RemoveAll(dir)              // and Wine none at all, as Go asks for it
		})
	})

	It("ends with it when it takes too long", func(ctx SpecContext) {
		h := observe.Hook{Name: "drain", Argv: program("server"), Timeout: 2 * time.Second}
		Expect(failure(h.Run(ctx)).Kind).To(Equal(observe.Slow))
		Expect(beats()).To(BeNumerically(">", 0))
		Eventually(ctx, still).Should(BeTrue())
	}, SpecTimeout(time.Minute))

	It("ends with a server that is killed", func(ctx SpecContext) {
		p, err := observe.Hook{Name: "start", Argv: program("server")}.Start(ctx)
		Expect(err).NotTo(HaveOccurred())
		p.Keep()
		Eventually(ctx, beats).Should(BeNumerically(">", 0))
		Expect(still()).To(BeFalse())
		p.Kill()
		Eventually(ctx, still).Should(BeTrue())
	}, SpecTimeout(time.Minute))

	It("ends with an observer's command", func(ctx SpecContext) {
		o := must(observe.Config{Command: program("starter")})
		_, err := o.Observe(ctx, []observe.Subject{subject(1)})
		Expect(err).To(HaveOccurred()) // 3 is no map of events
		Expect(beats()).To(BeNumerically(">", 0))
		Eventually(ctx, still).Should(BeTrue())
	}, SpecTimeout(time.Minute))

	It("lives on behind a hook that has done what it should", func(ctx SpecContext) {
		Expect(observe.Hook{Name: "start", Argv: program("starter")}.Run(ctx)).To(Succeed())
		Expect(still()).To(BeFalse())
	}, SpecTimeout(time.Minute))
})
