//go:build unix

package files_test

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/schemas/files"
)

var _ = Describe("Place", func() {
	var dir string
	BeforeEach(func() { dir = GinkgoT().TempDir() })

	in := func(name string) string { return filepath.Join(dir, name) }
	put := func(name, content string) string {
		GinkgoHelper()
		Expect(os.WriteFile(in(name), []byte(content), 0o600)).To(Succeed())
		return in(name)
	}
	write := func(path, content string) error {
		GinkgoHelper()
		p, err := files.Find(path)
		Expect(err).NotTo(HaveOccurred())
		Expect(p.Try()).To(Succeed())
		return p.Write([]byte(content))
	}
	read := func(path string) string {
		GinkgoHelper()
		data, err := os.ReadFile(path)
		Expect(err).NotTo(HaveOccurred())
		return string(data)
	}
	identity := func(path string) os.FileInfo {
		GinkgoHelper()
		info, err := os.Lstat(path)
		Expect(err).NotTo(HaveOccurred())
		return info
	}

	It("replaces a file whole, and leaves nothing beside it", func() {
		path := put("r.xml", "old")
		Expect(os.Chmod(path, 0o640)).To(Succeed())
		before := identity(path)
		Expect(write(path, "new")).To(Succeed())
		Expect(read(path)).To(Equal("new"))
		Expect(os.SameFile(before, identity(path))).To(BeFalse())
		Expect(identity(path).Mode().Perm()).To(Equal(os.FileMode(0o640)))
		Expect(os.ReadDir(dir)).To(HaveLen(1))
	})

	It("honours the umask", func() {
		old := syscall.Umask(0o027)
		DeferCleanup(func() { syscall.Umask(old) })
		Expect(write(in("a"), "x")).To(Succeed())
		Expect(identity(in("a")).Mode().Perm()).To(Equal(os.FileMode(0o640)))
		p, err := files.Find(in("b"))
		Expect(err).NotTo(HaveOccurred())
		f, err := p.Open()
		Expect(err).NotTo(HaveOccurred())
		Expect(f.Close()).To(Succeed())
		Expect(identity(in("b")).Mode().Perm()).To(Equal(os.FileMode(0o640)))
		Expect(files.Keep(in("c"), nil)).To(Succeed())
		Expect(identity(in("c")).Mode().Perm()).To(Equal(os.FileMode(0o600)))
	})

	It("writes behind a link, and leaves the link", func() {
		target := put("target", "old")
		Expect(os.Symlink("target", in("link"))).To(Succeed())
		Expect(write(in("link"), "new")).To(Succeed())
		Expect(read(target)).To(Equal("new"))
		Expect(identity(in("link")).Mode() & os.ModeSymlink).NotTo(BeZero())
	})

	It("makes the file that a link promises", func() {
		Expect(os.Symlink("second", in("first"))).To(Succeed())
		Expect(os.Symlink("target", in("second"))).To(Succeed())
		Expect(write(in("first"), "new")).To(Succeed())
		Expect(read(in("target"))).To(Equal("new"))
		Expect(identity(in("second")).Mode() & os.ModeSymlink).NotTo(BeZero())
	})

	It("keeps the other names of a file", func() {
		path := put("one", "old")
		Expect(os.Link(path, in("two"))).To(Succeed())
		Expect(write(path, "new")).To(Succeed())
		Expect(read(in("two"))).To(Equal("new"))
	})

	It("writes through a pipe to its reader", func() {
		Expect(syscall.Mkfifo(in("pipe"), 0o600)).To(Succeed())
		got := make(chan string)
		go func() {
			defer GinkgoRecover()
			f, err := os.Open(in("pipe"))
			Expect(err).NotTo(HaveOccurred())
			data, err := io.ReadAll(f)
			Expect(err).NotTo(HaveOccurred())
			got <- string(data)
		}()
		Expect(write(in("pipe"), "new")).To(Succeed())
		Expect(<-got).To(Equal("new"))
		Expect(identity(in("pipe")).Mode() & os.ModeNamedPipe).NotTo(BeZero())
	})

	It("leaves a device a device", func() {
		if err := syscall.Mknod(in("null"), syscall.S_IFCHR|0o666, 1<<8|3); err != nil {
			Skip("makes no device here: " + err.Error())
		}
		Expect(write(in("null"), "new")).To(Succeed())
		Expect(identity(in("null")).Mode() & os.ModeCharDevice).NotTo(BeZero())
	})

	It("appends to a descriptor by name, which the shell may have given to others as well", func() {
		path := put("log", "before\n")
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(f.Close)
		Expect(write(fmt.Sprintf("/dev/fd/%d", f.Fd()), "new\n")).To(Succeed())
		Expect(read(path)).To(Equal("before\nnew\n"))
	})

	It("knows the standard streams by all their names", func() {
		Expect(os.Symlink("/dev/stdout", in("mine"))).To(Succeed())
		for name, want := range map[string]int{"/dev/stdout": 1, "/dev/fd/1": 1, "/dev/stderr": 2, "/dev/null": 0, in("mine"): 1, in("new"): 0} {
			p, err := files.Find(name)
			Expect(err).NotTo(HaveOccurred(), name)
			Expect(p.Standard()).To(Equal(want), name)
		}
	})

	It("knows one place by its different names", func() {
		put("file", "")
		Expect(os.Symlink("file", in("link"))).To(Succeed())
		Expect(os.Symlink(".", in("here"))).To(Succeed())
		place := func(name string) files.Place {
			GinkgoHelper()
			p, err := files.Find(in(name))
			Expect(err).NotTo(HaveOccurred())
			return p
		}
		Expect(place("file").Same(place("link"))).To(BeTrue())
		Expect(place("new").Same(place("here/new"))).To(BeTrue())
		Expect(place("new").Same(place("file"))).To(BeFalse())
		Expect(place("new").Same(place("newer"))).To(BeFalse())
	})

	It("says before anything is done that it cannot write", func() {
		_, err := files.Find(dir)
		Expect(err).To(MatchError(ContainSubstring("is a folder")))
		_, err = files.Find(in("no/where"))
		Expect(err).To(MatchError(ContainSubstring("there is no folder")))
	})

	It("tells a full disk with the path that was asked for", func() {
		full, err := files.Find("/dev/full")
		Expect(err).NotTo(HaveOccurred())
		if _, err := os.Stat("/dev/full"); err != nil {
			Skip("no /dev/full here")
		}
		err = full.Write([]byte("x"))
		Expect(err).To(MatchError(syscall.ENOSPC))
		Expect(err).To(MatchError(ContainSubstring("/dev/full")))
	})
})
