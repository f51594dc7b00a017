package files_test

import (
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing/iotest"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/schemas/files"
)

var _ = Describe("Read", func() {
	var path string
	BeforeEach(func() { path = filepath.Join(GinkgoT().TempDir(), "f") })

	It("reads up to its limit and not a byte more", func() {
		Expect(os.WriteFile(path, []byte(strings.Repeat("a", 2048)), 0o600)).To(Succeed())
		Expect(files.Read(path, 2048)).To(HaveLen(2048))
		_, err := files.Read(path, 2047)
		Expect(err).To(MatchError(path + ": more than 1 KiB"))
	})

	It("needs little more memory than its limit, whatever there is to read", func() {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := files.ReadAll(endless{}, 16<<20)
		runtime.ReadMemStats(&after)
		Expect(err).To(MatchError("more than 16 MiB"))
		Expect(after.TotalAlloc - before.TotalAlloc).To(BeNumerically("<", 18<<20))
	})
	It("needs no more memory for a file than that holds", func() {
		Expect(os.WriteFile(path, make([]byte, 8<<20), 0o600)).To(Succeed())
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		Expect(files.Read(path, 16<<20)).To(HaveLen(8 << 20))
		runtime.ReadMemStats(&after)
		Expect(after.TotalAlloc - before.TotalAlloc).To(BeNumerically("<", 9<<20))
	})
	It("gives back what it read in many pieces, and why it could not read on", func() {
		for _, size := range []int{0, 1, 256 << 10, 256<<10 + 1, 1 << 20} {
			want := strings.Repeat("0123456789abcde\n", size/16+1)[:size]
			got, err := files.ReadAll(iotest.HalfReader(strings.NewReader(want)), 1<<20)
			Expect(err).NotTo(HaveOccurred())
			Expect(string(got)).To(Equal(want), "%d bytes", size)
		}
		_, err := files.ReadAll(io.MultiReader(strings.NewReader("a"), iotest.ErrReader(io.ErrUnexpectedEOF)), 10)
		Expect(err).To(MatchError(io.ErrUnexpectedEOF))
	})
	It("says what is missing", func() {
		_, err := files.Read(path, 1)
		Expect(err).To(MatchError(os.ErrNotExist))
	})

	It("refuses a folder", func() {
		_, err := files.Read(filepath.Dir(path), 10)
		Expect(err).To(MatchError(ContainSubstring("not a regular file")))
	})
})

var _ = DescribeTable("Text", func(in, want string) {
	Expect(string(files.Text([]byte(in)))).To(Equal(want))
},
	Entry("leaves UTF-8 alone", "año\r\n", "año\r\n"),
	Entry("leaves what is no text alone", "\x80\xff", "\x80\xff"),
	Entry("takes the mark away", "\xef\xbb\xbfaño", "año"),
	Entry("reads UTF-16, as PowerShell writes it", "\xff\xfea\x00\xf1\x00o\x00", "año"),
	Entry("reads UTF-16 of the other order", "\xfe\xff\x00a\x00\xf1\x00o", "año"),
)

// endless is a device that never ends.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }
