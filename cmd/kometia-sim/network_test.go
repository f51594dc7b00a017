package main_test

import (
	"crypto/tls"
	"encoding/pem"
	"net"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = It("says that what follows # in a URL is not sent", func() {
	sh := newShell()
	res := sh.run("send", "order.created", "--to", newReceiver(204).URL+"#admin")
	Expect(res.code).To(Equal(0), res.err)
	Expect(res.err).To(ContainSubstring("#"))
	Expect(res.err).NotTo(ContainSubstring("admin"))
})

var _ = Describe("the way to the receiver", func() {
	var sh *shell
	BeforeEach(func() { sh = newShell() })

	It("is where --resolve says, and that address decides about consent", func() {
		r := newReceiver(204)
		_, port, _ := net.SplitHostPort(r.Listener.Addr().String())
		res := sh.run("send", "order.paid", "--to", "http://shop.example:"+port+"/hook", "--resolve", "Shop.example:127.0.0.1", "--data", "x")
		Expect(res.code).To(Equal(2), "two ways to say what is sent")
		sh.stdin = "no JSON"
		res = sh.run("send", "--data", "-", "--to", "http://shop.example:"+port+"/hook", "--resolve", "Shop.example:127.0.0.1")
		Expect(res.code).To(Equal(0), res.err)
		Expect(r.got()).To(HaveLen(1))
		res = sh.run("send", "--data", "-", "--to", "http://shop.localhost:"+port+"/hook", "--resolve", "shop.localhost:192.0.2.1")
		Expect(res.code).To(Equal(2), res.out)
		Expect(res.err).To(ContainSubstring("--allow malformed"))
		Expect(sh.run("send", "order.paid", "--to", r.URL, "--resolve", "shop.example").code).To(Equal(2))
	})

	It("goes through HTTPS_PROXY, but to this computer, --no-proxy and NO_PROXY", func() {
		listener, err := (&net.ListenConfig{}).Listen(GinkgoT().Context(), "tcp", "127.0.0.1:0")
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(listener.Close)
		asked := make(chan string, 10)
		go func() {
			for {
				conn, err := listener.Accept()
				if err != nil {
					return
				}
				head := make([]byte, 4096)
				n, _ := conn.Read(head)
				line, _, _ := strings.Cut(string(head[:n]), "\r\n")
				asked <- line
				_, _ = conn.Write([]byte("HTTP/1.1 403 Forbidden\r\n\r\n"))
				_ = conn.Close()
			}
		}()
		sh.env["HTTPS_PROXY"] = "http://ana:hunter2@" + listener.Addr().String()
		res := sh.run("send", "order.paid", "--to", "https://255.255.255.255/hook")
		Expect(res.code).To(Equal(5), res.out+res.err)
		Expect(res.err).To(And(ContainSubstring("403"), ContainSubstring("proxy"), Not(ContainSubstring("hunter2"))))
		Expect(<-asked).To(Equal("CONNECT 255.255.255.255:443 HTTP/1.1"))

		srv, certificate := secured(60 * 24 * time.Hour)
		sh.write("ca.pem", certificate)
		Expect(sh.run("send", "order.paid", "--to", srv.URL, "--ca", "ca.pem").code).To(Equal(0))
		// No packet leaves for a broadcast address.
		away := []string{"send", "order.paid", "--to", "https://255.255.255.255/hook", "--timeout", "5s"}
		Expect(sh.run(append(away, "--no-proxy")...).code).To(BeElementOf(1, 3))
		sh.env["NO_PROXY"] = "255.255.255.255"
		Expect(sh.run(away...).code).To(BeElementOf(1, 3))
		Expect(asked).To(BeEmpty())
		sh.env["HTTPS_PROXY"] = "socks5://ana:hunter2@127.0.0.1:1"
		res = sh.run("send", "order.paid", "--to", srv.URL)
		Expect(res.code).To(Equal(2), res.err)
		Expect(res.err).To(And(ContainSubstring("HTTPS_PROXY"), Not(ContainSubstring("hunter2"))))
	})

	It("shows a client certificate, and says what is wrong with one", func() {
		srv, certificate := secured(60 * 24 * time.Hour)
		sh.write("ca.pem", certificate)
		res := sh.run("send", "order.paid", "--to", srv.URL, "--ca", "ca.pem", "--cert", "ca.pem")
		Expect(res.code).To(Equal(2))
		Expect(res.err).To(And(ContainSubstring("--cert"), ContainSubstring("key")))
		Expect(sh.run("send", "order.paid", "--to", srv.URL, "--key", "ca.pem").err).To(ContainSubstring("--key without --cert"))

		pair := srv.TLS.Certificates[0]
		asking := &receiver{status: []int{204}}
		asking.Server = unstarted(asking)
		asking.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, ClientAuth: tls.RequireAnyClientCert}
		asking.StartTLS()
		DeferCleanup(asking.Close)
		sh.write("own.pem", certificate+string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: privateKey(pair)})))
		args := []string{"send", "order.paid", "--to", asking.URL, "--ca", "ca.pem"}
		Expect(sh.run(args...).code).To(Equal(1))
		res = sh.run(append(args, "--cert", "own.pem")...)
		Expect(res.code).To(Equal(0), res.out+res.err)
	})
})
