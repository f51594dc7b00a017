package wire_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// proxyAt is the proxy of every https request.
func proxyAt(address string) func(*url.URL) (*url.URL, error) {
	return func(*url.URL) (*url.URL, error) { return url.Parse(address) }
}

var _ = Describe("a proxy", func() {
	var ca *authority
	BeforeEach(func() { ca = newAuthority() })
	secured := func() *server {
		return secure(ca.server(), func(conn net.Conn) {
			for br := bufio.NewReader(conn); readRequest(br) != nil; {
				_, _ = io.WriteString(conn, kept)
			}
		})
	}

	It("is asked for the way to an https server, and nothing of the exchange changes", func(ctx SpecContext) {
		s := secured()
		asked := make(chan string, 1)
		proxy := serve(func(conn net.Conn) {
			br := bufio.NewReader(conn)
			var head strings.Builder
			for line := "."; strings.TrimSpace(line) != ""; head.WriteString(line) {
				line, _ = br.ReadString('\n')
			}
			asked <- head.String()
			up, err := (&net.Dialer{}).DialContext(ctx, "tcp", "127.0.0.1:"+s.Port())
			if err != nil {
				return
			}
			defer up.Close()
			_, _ = io.WriteString(conn, "HTTP/1.1 200 Connection established\r\nVia: test\r\n\r\n")
			go func() {
				_, _ = io.Copy(conn, up)
				_ = conn.Close()
			}()
			_, _ = io.Copy(up, br)
		})
		c := client(wire.Config{
			RootCAs: ca.pool(), Timeout: time.Minute, ConnectTimeout: time.Minute,
			Dialer: wire.Dialer{Proxy: proxyAt("http://ana:s%40l@" + proxy.Host())},
		})
		for i := range 3 {
			out := c.Do(ctx, post(target("https://localhost:"+s.Port()+"/hook"), "{}"))
			Expect(out.Err).NotTo(HaveOccurred())
			Expect(out.Status).To(Equal(200))
			Expect(out.Reused).To(Equal(i > 0))
		}
		Expect(<-asked).To(Equal("CONNECT localhost:" + s.Port() + " HTTP/1.1\r\nHost: localhost:" + s.Port() +
			"\r\nProxy-Authorization: Basic YW5hOnNAbA==\r\n\r\n"))
		Expect(s.accepted.Load()).To(BeEquivalentTo(1))
	}, SpecTimeout(time.Minute))

	It("is not asked about plain http", func(ctx SpecContext) {
		s := answering(kept, true)
		c := client(wire.Config{Dialer: wire.Dialer{Proxy: proxyAt("http://127.0.0.1:1")}})
		Expect(c.Do(ctx, post(s.Target, "{}")).Status).To(Equal(200))
	})

	DescribeTable("that does not do so is no fault of the receiver's", func(ctx SpecContext, says, url, want string) {
		s := secured()
		if url == "" {
			url = "http://user:hunter2@" + serve(func(conn net.Conn) {
				_ = readHead(bufio.NewReader(conn))
				_, _ = io.WriteString(conn, says)
			}).Host()
		}
		c := client(wire.Config{RootCAs: ca.pool(), Timeout: time.Minute, ConnectTimeout: time.Minute, Dialer: wire.Dialer{Proxy: proxyAt(url)}})
		out := c.Do(ctx, post(target("https://localhost:"+s.Port()+"/hook"), "{}"))
		Expect(out.Err.Kind).To(Equal(wire.ErrProxy), out.Err.Error())
		Expect(out.Err.Ours()).To(BeTrue())
		Expect(out.Err.Text().EN).To(ContainSubstring(want))
		Expect(out.Err.Error()).NotTo(ContainSubstring("hunter2"))
		Expect(out.Connected).To(BeFalse())
		Expect(s.accepted.Load()).To(BeZero())
	},
		Entry("refused", "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "", "407 Proxy Authentication Required"),
		Entry("no HTTP", "SSH-2.0-OpenSSH\r\n\r\n", "", "not HTTP"),
		Entry("nothing", "", "", "without a response"),
		Entry("endless", "HTTP/1.1 200 OK\r\n"+strings.Repeat("X: y\r\n", 4<<10), "", "without end"),
		Entry("away", "", "http://127.0.0.1:1", "connection refused"),
		Entry("of another kind", "", "socks5://127.0.0.1:1080", "http://host:port"),
	)

	It("that never responds ends with the caller", func(ctx SpecContext) {
		reached := make(chan bool, 1)
		proxy := serve(func(conn net.Conn) {
			_ = readHead(bufio.NewReader(conn))
			reached <- true
			_, _ = io.Copy(io.Discard, conn)
		})
		cause := errors.New("enough")
		inner, cancel := context.WithCancelCause(ctx)
		go func() {
			<-reached
			cancel(cause)
		}()
		c := client(wire.Config{Timeout: time.Hour, ConnectTimeout: time.Hour, Dialer: wire.Dialer{Proxy: proxyAt("http://" + proxy.Host())}})
		Expect(c.Do(inner, post(target("https://localhost:1/"), "{}")).Err).To(MatchError(cause))
	}, SpecTimeout(time.Minute))
})

var _ = Describe("a name that the user resolves", func() {
	It("is dialled where the user says, with its own Host", func(ctx SpecContext) {
		heads := make(chan string, 1)
		s := serve(func(conn net.Conn) {
			br := bufio.NewReader(conn)
			_, _ = br.ReadString('\n')
			host, _ := br.ReadString('\n')
			heads <- host
			_, _ = io.WriteString(conn, "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
			finish(conn, br)
		})
		t := target("http://Shop.example.:" + s.Port() + "/hook")
		d := wire.Dialer{Resolve: map[string]netip.Addr{"shop.example": netip.MustParseAddr("127.0.0.1")}}
		Expect(d.Here(ctx, t)).To(BeTrue())
		Expect(client(wire.Config{Dialer: d}).Do(ctx, post(t, "{}")).Status).To(Equal(204))
		Expect(<-heads).To(ContainSubstring("Shop.example"))
		d.Resolve["shop.localhost"] = netip.MustParseAddr("10.0.0.5")
		Expect(d.Here(ctx, target("http://shop.localhost/"))).To(BeFalse())
	})
})

var _ = Describe("a client certificate", func() {
	DescribeTable("is shown to a server that asks for one", func(ctx SpecContext, shown bool) {
		ca := newAuthority()
		cfg := ca.server()
		cfg.ClientAuth, cfg.ClientCAs = tls.RequireAndVerifyClientCert, ca.pool()
		s := secure(cfg, func(conn net.Conn) {
			for br := bufio.NewReader(conn); readRequest(br) != nil; {
				_, _ = io.WriteString(conn, kept)
			}
		})
		config := wire.Config{RootCAs: ca.pool()}
		if shown {
			config.Certificates = ca.server().Certificates
		}
		out := client(config).Do(ctx, post(s.Target, "{}"))
		want := 0
		if shown {
			want = 200
		}
		Expect(out.Status).To(Equal(want), "%v", out.Err)
	},
		Entry("with it", true), Entry("without", false),
	)
})
