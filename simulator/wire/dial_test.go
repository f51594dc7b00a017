package wire_test

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"syscall"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

var _ = Describe("a dialled address", func() {
	DescribeTable("is this computer's for localhost and what ends in it, whatever a resolver says",
		func(ctx SpecContext, name string) {
			s := answering(kept, true)
			t := target("http://" + name + ":" + s.Port() + "/hook")
			Expect(t.Loopback()).To(BeTrue())
			out := patient().Do(ctx, post(t, "{}"))
			Expect(out.Err).NotTo(HaveOccurred())
			Expect(out.Status).To(Equal(200))
			Expect(out.Remote).To(Equal("127.0.0.1:" + s.Port()))
		},
		Entry(nil, "localhost"), Entry(nil, "localhost."), Entry(nil, "LocalHost"),
		Entry(nil, "shop.localhost"), Entry(nil, "a.b.LOCALHOST."), Entry(nil, "a_b.localhost"),
	)

	It("is called in a message what a name stands for", func(ctx SpecContext) {
		listener, err := (&net.ListenConfig{}).Listen(GinkgoT().Context(), "tcp", "127.0.0.1:0")
		Expect(err).NotTo(HaveOccurred())
		port := listener.Addr().(*net.TCPAddr).Port
		Expect(listener.Close()).To(Succeed())
		out := patient().Do(ctx, post(target(fmt.Sprintf("http://shop.localhost:%d/", port)), "{}"))
		Expect(out.Err.Kind).To(Equal(wire.ErrConnectRefused))
		Expect(out.Err.Error()).To(ContainSubstring(fmt.Sprintf("shop.localhost:%d (127.0.0.1)", port)))
	})

	It("gets nothing that is not permitted", func(ctx SpecContext) {
		s := answering(kept, true)
		var asked []netip.AddrPort
		c := client(wire.Config{Dialer: wire.Dialer{Permit: func(a netip.AddrPort) error {
			asked = append(asked, a)
			return lang.Errorf("no", "not there")
		}}})
		out := c.Do(ctx, post(s.Target, "{}"))
		Expect(out.Err.Kind).To(Equal(wire.ErrConsent))
		Expect(out.Err.Ours()).To(BeTrue())
		Expect(out.Err.Text().EN).To(Equal("not there"))
		Expect(out.Connected).To(BeFalse())
		Expect(asked).To(ConsistOf(netip.MustParseAddrPort("127.0.0.1:" + s.Port())))
		Expect(s.accepted.Load()).To(BeZero())
	})

	DescribeTable("is here only when every address of the host is this computer's",
		func(ctx SpecContext, url string, here bool) {
			Expect(wire.Dialer{}.Here(ctx, target(url))).To(Equal(here))
		},
		Entry(nil, "http://127.9.9.9/", true), Entry(nil, "http://[::1]/", true), Entry(nil, "http://0.0.0.0/", true),
		Entry(nil, "http://[::ffff:127.0.0.1]/", true), Entry(nil, "http://shop.localhost/", true),
		Entry(nil, "http://10.0.0.1/", false), Entry(nil, "http://[::2]/", false), Entry(nil, "http://localhost.no-such-host.invalid/", false),
	)
})

var _ = Describe("a limit of this computer", func() {
	op := func(errno syscall.Errno) error {
		return &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", errno)}
	}
	DescribeTable("is never the receiver's", func(address string, err error, kind wire.ErrorKind, en string) {
		e := wire.ConnectError(address, err)
		Expect(e.Kind).To(Equal(kind))
		Expect(e.Ours()).To(Equal(kind == wire.ErrLocal))
		Expect(e.Text().EN).To(ContainSubstring(en))
		Expect(e.Text().ES).NotTo(Equal(e.Text().EN))
	},
		Entry("descriptors", "127.0.0.1:80", op(syscall.EMFILE), wire.ErrLocal, "ulimit -n 4096"),
		Entry("descriptors of all", "127.0.0.1:80", op(syscall.ENFILE), wire.ErrLocal, "ulimit -n 4096"),
		Entry("descriptors for a lookup", "shop.test:80", &net.OpError{Op: "dial", Err: &net.DNSError{Err: "dial udp: socket: too many open files", Name: "shop.test"}}, wire.ErrLocal, "ulimit"),
		Entry("ports", "127.0.0.1:80", op(syscall.EADDRNOTAVAIL), wire.ErrLocal, "no free ports"),
		Entry("ports, on the way to a name", "shop.localhost:80", op(syscall.EADDRNOTAVAIL), wire.ErrLocal, "shop.localhost:80 (127.0.0.1)"),
		Entry("memory", "127.0.0.1:80", op(syscall.ENOBUFS), wire.ErrLocal, "memory"),
		Entry("a name that is not there", "shop.test:80", &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "shop.test"}}, wire.ErrDNS, "no such host"),
		Entry("a refusal", "127.0.0.1:80", op(syscall.ECONNREFUSED), wire.ErrConnectRefused, "refused"),
		Entry("no way", "192.0.2.1:80", op(syscall.ENETUNREACH), wire.ErrConnect, "unreachable"),
		Entry("anything else", "127.0.0.1:80", errors.New("odd"), wire.ErrConnect, "odd"),
	)
})
