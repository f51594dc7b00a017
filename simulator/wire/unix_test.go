package wire_test

import (
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

var _ = Describe("a Unix socket", func() {
	It("is a receiver of this computer, with a path of its own and localhost as Host", func(ctx SpecContext) {
		dir, err := os.MkdirTemp("", "ks") // a socket's path is short
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(os.RemoveAll, dir)
		socket := filepath.Join(dir, "a.sock")
		ln, err := (&net.ListenConfig{}).Listen(ctx, "unix", socket)
		Expect(err).NotTo(HaveOccurred())
		var host, uri string
		server := &http.Server{ReadHeaderTimeout: time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			host, uri = r.Host, r.RequestURI
			w.WriteHeader(http.StatusNoContent)
		})}
		go func() { _ = server.Serve(ln) }()
		DeferCleanup(server.Close)

		t := target("unix:" + socket + ":/kometia/webhook?a=b")
		Expect(t.Loopback()).To(BeTrue())
		Expect(t.Public()).To(BeFalse())
		Expect(t.Secure()).To(BeFalse())
		Expect(wire.Dialer{}.Here(ctx, t)).To(BeTrue())
		for range 2 { // the second on the kept connection
			out := patient().Do(ctx, post(t, "{}"))
			Expect(out.Err).NotTo(HaveOccurred())
			Expect(out.Status).To(Equal(204))
			Expect(host).To(Equal("localhost"))
			Expect(uri).To(Equal("/kometia/webhook?a=b"))
		}
		other, err := t.WithRequestURI("/up")
		Expect(err).NotTo(HaveOccurred())
		Expect(other.Socket()).To(Equal(socket))
		Expect(other.RequestURI()).To(Equal("/up"))
		Expect(wire.Curl(post(t, "{}"), time.Second)).To(ContainSubstring("--unix-socket '" + socket + "'"))

		gone := target("unix:" + socket + "x:/hook")
		out := patient().Do(ctx, post(gone, "{}"))
		Expect(out.Err.Kind).To(Equal(wire.ErrConnectRefused), "%v", out.Err)
		Expect(out.Err.Error()).To(ContainSubstring("unix:" + socket + "x"))
	})

	DescribeTable("is written with its path and the URL's", func(raw string) {
		_, err := wire.ParseTarget(raw)
		Expect(err).To(MatchError(ContainSubstring("unix:/path/to.sock:/kometia/webhook")))
	},
		Entry(nil, "unix:"), Entry(nil, "unix:/run/a.sock"), Entry(nil, "unix::/hook"), Entry(nil, "unix://run/a.sock:/hook"),
	)
})
