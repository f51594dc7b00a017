package wire_test

import (
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gleak"
)

func TestWire(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "wire")
}

// Whatever a spec did, no goroutine and no socket stays behind.
var _ = BeforeEach(func() {
	goroutines := gleak.Goroutines()
	sockets := len(openSockets())
	DeferCleanup(func() {
		Eventually(gleak.Goroutines).WithTimeout(10 * time.Second).ShouldNot(gleak.HaveLeaked(goroutines))
		Eventually(openSockets).WithTimeout(10 * time.Second).Should(WithTransform(func(names []string) int { return len(names) }, BeNumerically("<=", sockets)))
	})
})

// openSockets lists this process's sockets where the system tells. Other
// descriptors are none of ours: the runtime opens some when it pleases.
func openSockets() []string {
	if runtime.GOOS != "linux" {
		return nil
	}
	entries, err := os.ReadDir("/proc/self/fd")
	Expect(err).NotTo(HaveOccurred())
	var names []string
	for _, entry := range entries {
		name, err := os.Readlink("/proc/self/fd/" + entry.Name())
		if err == nil && strings.HasPrefix(name, "socket:") {
			names = append(names, name)
		}
	}
	return names
}
