package wire_test

import (
	"net"
	"strconv"
	"syscall"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

var _ = Describe("a connect", func() {
	It("that nobody answers is a connect timeout", func(ctx SpecContext) {
		// A full queue of pending connections lets further ones hang.
		fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
		Expect(err).NotTo(HaveOccurred())
		defer func() { _ = syscall.Close(fd) }()
		Expect(syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}})).To(Succeed())
		Expect(syscall.Listen(fd, 0)).To(Succeed())
		name, err := syscall.Getsockname(fd)
		Expect(err).NotTo(HaveOccurred())
		address := "127.0.0.1:" + strconv.Itoa(name.(*syscall.SockaddrInet4).Port)
		dialer := net.Dialer{Timeout: 100 * time.Millisecond}
		for {
			conn, err := dialer.DialContext(ctx, "tcp", address)
			if err != nil {
				break
			}
			defer func() { _ = conn.Close() }()
		}

		c := client(wire.Config{ConnectTimeout: 100 * time.Millisecond})
		out := c.Do(ctx, post(target("http://"+address+"/"), "{}"))
		Expect(out.Err.Kind).To(Equal(wire.ErrConnectTimeout))
		Expect(out.Connected).To(BeFalse())
		Expect(out.Total).To(BeNumerically("<", 4*time.Second))

		c = client(wire.Config{Timeout: 100 * time.Millisecond})
		Expect(c.Do(ctx, post(target("http://"+address+"/"), "{}")).Err.Kind).To(Equal(wire.ErrConnectTimeout))
	})
})
