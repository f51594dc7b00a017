package wire_test

import (
	"os"
	"runtime"
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

// Whatever a spec did, no goroutine and no file descriptor stays behind.
var _ = BeforeEach(func() {
	goroutines := gleak.Goroutines()
	files := openFiles()
	DeferCleanup(func() {
		Eventually(gleak.Goroutines).WithTimeout(5 * time.Second).ShouldNot(gleak.HaveLeaked(goroutines))
		Eventually(openFiles).WithTimeout(5 * time.Second).Should(BeNumerically("<=", files))
	})
})

// openFiles counts this process's descriptors where the system tells.
func openFiles() int {
	if runtime.GOOS != "linux" {
		return 0
	}
	entries, err := os.ReadDir("/proc/self/fd")
	Expect(err).NotTo(HaveOccurred())
	return len(entries)
}
